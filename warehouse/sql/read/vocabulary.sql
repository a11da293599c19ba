-- The values that filters can take.
SELECT 'seller' AS word, s.seller AS value FROM sellers AS s
UNION SELECT 'source', s.source FROM sources AS s
UNION SELECT 'meter', m.meter FROM meters AS m
UNION SELECT 'operation', o.operation FROM models AS o
UNION SELECT 'modality', o.modality FROM models AS o
UNION SELECT 'reason', r.reason FROM rejections AS r
ORDER BY word, value;
