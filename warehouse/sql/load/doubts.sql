SELECT review_id, seller, what, evidence, gate, coalesce(said.decision, review_now.decision)
FROM review_now
LEFT JOIN (
    SELECT review_id, arg_max(decision, decided_at) AS decision
    FROM decision_log
    GROUP BY review_id
) AS said USING (review_id)
ORDER BY held_since, review_id;
