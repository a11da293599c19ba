-- One price over another, to 12 decimals. Null where the column cannot hold it: where it is too large,
-- or so small that it would read 0. The two prices stand beside it.
CREATE OR REPLACE TEMP MACRO ratio_of(price, other) AS (
    CASE
        WHEN price = 0 THEN 0
        ELSE nullif(TRY_CAST(CAST(price AS DOUBLE) / CAST(other AS DOUBLE) AS DECIMAL(38, 12)), 0)
    END
);
