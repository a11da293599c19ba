INSERT INTO decision_log (review_id, decision, decided_at) VALUES (?, ?, ?);
