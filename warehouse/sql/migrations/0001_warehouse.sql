-- The writer's database. Logs are only ever added to; `*_now` tables are projections of the newest
-- state, written anew by each load, and hold nothing that the logs and captures do not.

CREATE TABLE fetch_log (
    fetch_key INTEGER PRIMARY KEY,
    fetch_id VARCHAR NOT NULL UNIQUE,
    run_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL,
    is_healthy BOOLEAN NOT NULL,
    detail VARCHAR NOT NULL,
    origin VARCHAR NOT NULL
);

CREATE TABLE capture_log (
    fetch_key INTEGER NOT NULL,
    page INTEGER NOT NULL,
    capture_sha256 VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    http_status INTEGER NOT NULL,
    bytes BIGINT NOT NULL
);

-- What became of the price cells of each fetch. `cells` was counted apart from the readers.
CREATE TABLE reading_log (
    fetch_key INTEGER PRIMARY KEY,
    cells BIGINT NOT NULL,
    claim BIGINT NOT NULL,
    merged BIGINT NOT NULL,
    no_price BIGINT NOT NULL,
    superseded_by_window BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    new BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    held BIGINT NOT NULL,
    drift VARCHAR NOT NULL
);

-- A refusal is recorded when it is first seen; the same refusal later adds nothing.
CREATE TABLE rejection_log (
    source VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    capture_sha256 VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source, locator, raw_text, reason)
);

CREATE TABLE offering_key (
    offering_key INTEGER PRIMARY KEY,
    offering_id VARCHAR NOT NULL UNIQUE,
    seller VARCHAR NOT NULL
);

CREATE TABLE lifecycle_log (
    log_id BIGINT PRIMARY KEY,
    offering_key INTEGER NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    changed_after TIMESTAMPTZ,
    recorded_at TIMESTAMPTZ NOT NULL,
    lifecycle VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    listed_by VARCHAR[] NOT NULL,
    capture_sha256 VARCHAR NOT NULL,
    kind VARCHAR
);

CREATE TABLE price_key (
    price_key INTEGER PRIMARY KEY,
    price_id VARCHAR NOT NULL UNIQUE,
    offering_key INTEGER NOT NULL,
    meter VARCHAR,
    conditions VARCHAR NOT NULL,
    min_prompt_tokens BIGINT NOT NULL,
    utc_from_minute INTEGER,
    utc_to_minute INTEGER,
    resolution VARCHAR,
    quality VARCHAR,
    width BIGINT,
    height BIGINT,
    duration_s BIGINT,
    has_audio BOOLEAN,
    service_tier VARCHAR
);

-- One row per change of what is believed of a price. When it ends is the next row's beginning.
CREATE TABLE price_log (
    log_id BIGINT PRIMARY KEY,
    price_key INTEGER NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    changed_after TIMESTAMPTZ,
    recorded_at TIMESTAMPTZ NOT NULL,
    price_status VARCHAR NOT NULL,
    unit_price_usd DECIMAL(38, 24),
    max_prompt_tokens BIGINT,
    is_headline BOOLEAN NOT NULL,
    source VARCHAR NOT NULL,
    capture_sha256 VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    kind VARCHAR,
    cause VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL
);

-- A belief is taken back by a row here, never by touching it. `log` names which log.
CREATE TABLE retraction_log (
    log VARCHAR NOT NULL,
    log_id BIGINT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    because VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    PRIMARY KEY (log, log_id)
);

CREATE TABLE decision_log (
    review_id VARCHAR NOT NULL,
    decision VARCHAR NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE model_now (
    offering_id VARCHAR PRIMARY KEY,
    seller VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    source_type VARCHAR NOT NULL,
    variant VARCHAR,
    service_tier VARCHAR,
    canonical_id VARCHAR,
    name VARCHAR NOT NULL,
    developer VARCHAR NOT NULL,
    modality VARCHAR NOT NULL,
    modalities VARCHAR[] NOT NULL,
    input_modalities VARCHAR[] NOT NULL,
    output_modalities VARCHAR[] NOT NULL,
    context_length BIGINT,
    max_output_tokens BIGINT,
    aliases VARCHAR[] NOT NULL,
    lifecycle VARCHAR NOT NULL,
    listed_by VARCHAR[] NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    expires_on DATE,
    is_recommended BOOLEAN NOT NULL,
    source_url VARCHAR
);

CREATE TABLE claim_now (
    price_id VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    conditions VARCHAR NOT NULL,
    price_status VARCHAR NOT NULL,
    unit_price_usd DECIMAL(38, 24),
    max_prompt_tokens BIGINT,
    source VARCHAR NOT NULL,
    precedence INTEGER NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    last_confirmed_at TIMESTAMPTZ NOT NULL,
    capture_sha256 VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    rule VARCHAR NOT NULL
);

CREATE TABLE review_now (
    review_id VARCHAR PRIMARY KEY,
    seller VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    gate VARCHAR NOT NULL,
    held_since TIMESTAMPTZ NOT NULL,
    offering_id VARCHAR NOT NULL,
    decision VARCHAR,
    decided_at TIMESTAMPTZ
);

CREATE TABLE unmatched_now (
    seller VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    raw_name VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    suggestions VARCHAR[] NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);

-- What the change rules remember between runs, so that a run reads only what is new.
CREATE TABLE checkpoint_now (
    seller VARCHAR PRIMARY KEY,
    version VARCHAR NOT NULL,
    through TIMESTAMPTZ NOT NULL,
    state BLOB NOT NULL
);

CREATE VIEW price_belief AS
SELECT
    log.*,
    lead(log.valid_from) OVER (PARTITION BY log.price_key ORDER BY log.valid_from) AS valid_to,
    lag(log.price_status) OVER (PARTITION BY log.price_key ORDER BY log.valid_from) AS old_price_status,
    lag(log.unit_price_usd) OVER (PARTITION BY log.price_key ORDER BY log.valid_from) AS old_unit_price_usd
FROM price_log AS log
ANTI JOIN (SELECT log_id FROM retraction_log WHERE log = 'price') AS retracted USING (log_id);

CREATE VIEW lifecycle_belief AS
SELECT
    log.*,
    lead(log.valid_from) OVER (PARTITION BY log.offering_key ORDER BY log.valid_from) AS valid_to
FROM lifecycle_log AS log
ANTI JOIN (SELECT log_id FROM retraction_log WHERE log = 'lifecycle') AS retracted USING (log_id);
