-- The sources, in the order in which they win.
SELECT s.* FROM sources AS s ORDER BY s.seller, s.precedence, s.source;
