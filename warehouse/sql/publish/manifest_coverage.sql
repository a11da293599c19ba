SELECT * EXCLUDE (as_of)
FROM read_parquet($1)
WHERE as_of = (SELECT max(as_of) FROM read_parquet($1))
ORDER BY seller, modality;
