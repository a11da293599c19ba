DELETE FROM checkpoint_now WHERE seller = ?;
