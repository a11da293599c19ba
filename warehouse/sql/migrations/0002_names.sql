-- Offerings that were believed in and are not derived any more, because their name turned out to
-- mean another one: what was believed of them stays answerable.
CREATE TABLE model_past AS FROM model_now LIMIT 0;

-- Where a losing claim disagrees with the price beyond rounding: the id by which a person accepts it.
ALTER TABLE claim_now ADD COLUMN disagreement VARCHAR;
