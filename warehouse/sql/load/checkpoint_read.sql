SELECT seller, version, through, state FROM checkpoint_now WHERE seller = ?;
