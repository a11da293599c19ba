-- Conditions state true and false as truth values, no more as text. A price keeps its id, which is still
-- made of the text, so that no price becomes another one.
UPDATE price_key
SET conditions = regexp_replace(conditions, '":"(true|false)"([,}])', '":\1\2', 'g')
WHERE contains(conditions, '":"true"') OR contains(conditions, '":"false"');
UPDATE claim_now
SET conditions = regexp_replace(conditions, '":"(true|false)"([,}])', '":\1\2', 'g')
WHERE contains(conditions, '":"true"') OR contains(conditions, '":"false"');
