SELECT review_id, arg_max(decision, decided_at) FROM decision_log GROUP BY review_id;
