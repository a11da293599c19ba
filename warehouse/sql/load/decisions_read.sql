SELECT review_id, arg_max(decision, decided_at) AS decision
FROM decision_log
-- A word on a disagreement (dis_…) moves no price.
WHERE NOT starts_with(review_id, 'dis_')
GROUP BY review_id;
