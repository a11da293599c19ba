UPDATE price_key
SET width = incoming.width, height = incoming.height
FROM incoming
WHERE
    price_key.price_key = incoming.price_key
    AND (
        price_key.width IS DISTINCT FROM incoming.width
        OR price_key.height IS DISTINCT FROM incoming.height
    );
