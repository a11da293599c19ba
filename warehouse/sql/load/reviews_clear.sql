DELETE FROM review_now WHERE seller = ?;
