SELECT * EXCLUDE (as_of)
FROM pricebook.main.coverage
WHERE as_of = (SELECT max(as_of) FROM pricebook.main.coverage)
ORDER BY seller, modality;
