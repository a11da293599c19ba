-- Coverage at the end of the last day that is known by a moment.
SELECT c.*
FROM coverage AS c
WHERE
    c.as_of = (
        SELECT max(d.as_of)
        FROM coverage AS d
        WHERE $at::TIMESTAMPTZ IS NULL OR d.as_of <= $at::TIMESTAMPTZ::DATE
    )
    AND ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, c.seller))
    AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, c.modality))
ORDER BY c.modality, c.seller;
