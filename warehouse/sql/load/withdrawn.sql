SELECT fetch_id FROM fetch_as_read WHERE outcome = 'withdrawn';
