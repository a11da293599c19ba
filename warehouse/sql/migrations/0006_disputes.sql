-- For how long which price was in dispute. Derived from captures and decisions like history itself: a load
-- adds what ended and writes anew what is open, and a derivation of all captures writes everything anew.
CREATE TABLE dispute_now (
    price_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    gate VARCHAR NOT NULL,
    review_id VARCHAR NOT NULL,
    disputed_from TIMESTAMPTZ NOT NULL,
    disputed_to TIMESTAMPTZ,
    value DECIMAL(38, 24),
    outcome VARCHAR,
    capture_sha256 VARCHAR NOT NULL
);
-- The source's own words for what a price buys.
ALTER TABLE claim_now ADD COLUMN unit_words VARCHAR;
