DELETE FROM model_now;
