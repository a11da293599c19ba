SELECT * FROM model_now ORDER BY offering_id;
