DELETE FROM model_past
WHERE offering_id IN (SELECT offering_id FROM incoming)
    OR offering_id IN (SELECT offering_id FROM model_now);

INSERT INTO model_past
SELECT * FROM model_now WHERE offering_id NOT IN (SELECT offering_id FROM incoming);
