-- What is open is always written anew; what ended only where everything is.
DELETE FROM dispute_now WHERE seller = $seller AND ($is_whole OR disputed_to IS NULL);
