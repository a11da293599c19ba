DELETE FROM claim_now WHERE seller = ?;
