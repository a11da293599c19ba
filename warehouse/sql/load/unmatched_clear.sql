DELETE FROM unmatched_now WHERE seller = ?;
