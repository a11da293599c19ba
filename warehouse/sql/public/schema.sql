-- The public tables: declared here once; Parquet, JSON Schemas and docs/tables.md come from this.
-- `models` and `prices` are stored in the schema `stored`; in `main` they are views that add freshness.

CREATE SCHEMA stored;

CREATE TABLE sellers (
    seller VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    litellm_name VARCHAR,
    genai_prices_name VARCHAR,
    models_dev_name VARCHAR,
    llm_prices_name VARCHAR
);
COMMENT ON TABLE sellers IS 'Who charges.';
COMMENT ON COLUMN sellers.seller IS 'Code of the seller.';
COMMENT ON COLUMN sellers.name IS 'Name as the seller writes it.';
COMMENT ON COLUMN sellers.url IS 'Home page.';
COMMENT ON COLUMN sellers.litellm_name IS 'The seller''s name in LiteLLM''s map.';
COMMENT ON COLUMN sellers.genai_prices_name IS 'The seller''s name in genai-prices.';
COMMENT ON COLUMN sellers.models_dev_name IS 'The seller''s name in models.dev.';
COMMENT ON COLUMN sellers.llm_prices_name IS 'The seller''s name in llm-prices.';

CREATE TABLE sources (
    source VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    expected_interval VARCHAR NOT NULL,
    precedence INTEGER NOT NULL,
    precedence_reason VARCHAR NOT NULL,
    enabled BOOLEAN NOT NULL,
    last_success_at TIMESTAMPTZ
);
COMMENT ON TABLE sources IS 'Places that publish prices.';
COMMENT ON COLUMN sources.source IS 'Code of the source.';
COMMENT ON COLUMN sources.seller IS 'Whose prices it publishes.';
COMMENT ON COLUMN sources.url IS 'Address that is read.';
COMMENT ON COLUMN sources.expected_interval IS 'How often it should be read, castable to INTERVAL.';
COMMENT ON COLUMN sources.precedence IS 'Lower wins where two sources of a seller price the same meter.';
COMMENT ON COLUMN sources.precedence_reason IS 'Why it has that place.';
COMMENT ON COLUMN sources.enabled IS 'Whether a run reads it.';
COMMENT ON COLUMN sources.last_success_at IS 'Newest healthy fetch when the snapshot was made.';

CREATE TABLE snapshot (
    snapshot_id VARCHAR NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    schema_version VARCHAR NOT NULL,
    origin VARCHAR NOT NULL
);
COMMENT ON TABLE snapshot IS 'One row: what this snapshot is.';
COMMENT ON COLUMN snapshot.snapshot_id IS 'Id; sorts by time.';
COMMENT ON COLUMN snapshot.as_of IS 'Newest fetch the snapshot rests on.';
COMMENT ON COLUMN snapshot.created_at IS 'When it was made, by the run''s clock.';
COMMENT ON COLUMN snapshot.schema_version IS 'Version of these tables.';
COMMENT ON COLUMN snapshot.origin IS 'live, replay or backfill: where the newest captures came from. Replays show recorded or made-up data.';

CREATE TABLE meters (
    meter VARCHAR NOT NULL,
    direction VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    quoted_per BIGINT NOT NULL,
    otel_attribute VARCHAR,
    description VARCHAR NOT NULL,
    sources_words VARCHAR NOT NULL
);
COMMENT ON TABLE meters IS 'What can be counted.';
COMMENT ON COLUMN meters.meter IS 'Code.';
COMMENT ON COLUMN meters.direction IS 'input, output, cache_read, cache_write, request, tool, storage or compute.';
COMMENT ON COLUMN meters.content IS 'Kind of thing counted; empty where the unit says it.';
COMMENT ON COLUMN meters.measure IS 'How it is measured.';
COMMENT ON COLUMN meters.unit IS 'One of what a unit price buys.';
COMMENT ON COLUMN meters.quoted_per IS 'How many units people quote the price of.';
COMMENT ON COLUMN meters.otel_attribute IS 'OpenTelemetry attribute that counts the same thing.';
COMMENT ON COLUMN meters.description IS 'What is counted, in words.';
COMMENT ON COLUMN meters.sources_words IS 'JSON: each source''s own words for it.';

CREATE TABLE modalities (
    modality VARCHAR NOT NULL,
    hugging_face_task VARCHAR,
    recommended_seller VARCHAR
);
COMMENT ON TABLE modalities IS 'Kinds of work: what goes in and what comes out.';
COMMENT ON COLUMN modalities.modality IS 'Code, input-to-output.';
COMMENT ON COLUMN modalities.hugging_face_task IS 'The Hugging Face hub''s word for the same work; null where it has none.';
COMMENT ON COLUMN modalities.recommended_seller IS 'The seller to default to for this work, as declared or set; cheapest: whoever asks the least for a model; null: none.';

CREATE TABLE stored.models (
    offering_id VARCHAR NOT NULL,
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
COMMENT ON TABLE stored.models IS 'Offerings: models as one seller sells them.';
COMMENT ON COLUMN stored.models.offering_id IS 'Stable id; survives renames and changes of a source''s shape.';
COMMENT ON COLUMN stored.models.seller IS 'Who charges.';
COMMENT ON COLUMN stored.models.model_id IS 'The id the seller gives it now.';
COMMENT ON COLUMN stored.models.operation IS 'What it is called for.';
COMMENT ON COLUMN stored.models.source_type IS 'The source''s own word for that.';
COMMENT ON COLUMN stored.models.variant IS 'Suffix of the id after its colon (free, batch, thinking, ...).';
COMMENT ON COLUMN stored.models.service_tier IS 'Tier of service the id stands for; null = standard.';
COMMENT ON COLUMN stored.models.canonical_id IS 'The model behind it, shared by sellers; null where not established.';
COMMENT ON COLUMN stored.models.name IS 'Name as printed.';
COMMENT ON COLUMN stored.models.developer IS 'Developer as printed; empty where not stated.';
COMMENT ON COLUMN stored.models.modality IS 'Primary work, input-to-output.';
COMMENT ON COLUMN stored.models.modalities IS 'Every input-to-output pair it sells.';
COMMENT ON COLUMN stored.models.input_modalities IS 'What goes in, in the source''s words.';
COMMENT ON COLUMN stored.models.output_modalities IS 'What comes out, in the source''s words.';
COMMENT ON COLUMN stored.models.context_length IS 'Tokens of context, as stated.';
COMMENT ON COLUMN stored.models.max_output_tokens IS 'Most tokens of one answer, as stated.';
COMMENT ON COLUMN stored.models.aliases IS 'Other ids under which it was or is listed.';
COMMENT ON COLUMN stored.models.lifecycle IS 'listed, missing (absent, not yet long enough to be gone), withdrawn or deprecated.';
COMMENT ON COLUMN stored.models.listed_by IS 'Sources that list it.';
COMMENT ON COLUMN stored.models.first_seen_at IS 'First observation.';
COMMENT ON COLUMN stored.models.expires_on IS 'Stated last day; null = none.';
COMMENT ON COLUMN stored.models.is_recommended IS 'Whether this seller is the one to default to for the model: the one recommended for its modality, or another where that one does not sell it.';
COMMENT ON COLUMN stored.models.source_url IS 'The seller''s page on it.';

CREATE TABLE stored.prices (
    price_id VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    canonical_id VARCHAR,
    modality VARCHAR NOT NULL,
    meter VARCHAR,
    unit VARCHAR,
    unit_price_usd DECIMAL(38,24),
    quoted_price_usd DECIMAL(38,24),
    quoted_per BIGINT,
    price_status VARCHAR NOT NULL,
    conditions VARCHAR NOT NULL,
    min_prompt_tokens BIGINT NOT NULL,
    max_prompt_tokens BIGINT,
    utc_from_minute INTEGER,
    utc_to_minute INTEGER,
    resolution VARCHAR,
    quality VARCHAR,
    width BIGINT,
    height BIGINT,
    duration_s BIGINT,
    has_audio BOOLEAN,
    service_tier VARCHAR,
    is_headline BOOLEAN NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    source VARCHAR NOT NULL,
    source_url VARCHAR,
    capture_sha256 VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    is_disputed BOOLEAN NOT NULL,
    disputed_since TIMESTAMPTZ,
    disputed_value DECIMAL(38,24)
);
COMMENT ON TABLE stored.prices IS 'Current prices: one row per price that is offered, unknown or dynamic now.';
COMMENT ON COLUMN stored.prices.price_id IS 'Stable hash of offering, meter and conditions.';
COMMENT ON COLUMN stored.prices.offering_id IS 'The offering; see models.';
COMMENT ON COLUMN stored.prices.seller IS 'Who charges; see sellers.';
COMMENT ON COLUMN stored.prices.model_id IS 'The id the seller gives the model; starts with page: where only a page names it.';
COMMENT ON COLUMN stored.prices.operation IS 'What the model is called for, from a closed vocabulary.';
COMMENT ON COLUMN stored.prices.canonical_id IS 'The model behind the offering, shared by sellers (developer/model); null where not established.';
COMMENT ON COLUMN stored.prices.modality IS 'Primary work of the offering, input-to-output.';
COMMENT ON COLUMN stored.prices.meter IS 'What is counted; see meters. Null: the offering is listed without any price.';
COMMENT ON COLUMN stored.prices.unit IS 'One of what unit_price_usd buys; null with meter.';
COMMENT ON COLUMN stored.prices.unit_price_usd IS 'US dollars per one unit, 12 significant digits; null unless the status is known or free.';
COMMENT ON COLUMN stored.prices.quoted_price_usd IS 'US dollars per quoted_per units, the way people quote it.';
COMMENT ON COLUMN stored.prices.quoted_per IS 'How many units quoted_price_usd buys.';
COMMENT ON COLUMN stored.prices.price_status IS 'known, free, unknown (listed, no readable price), dynamic (set per request) or not_offered (history only).';
COMMENT ON COLUMN stored.prices.conditions IS 'Canonical JSON of the stated conditions, in one spelling; {} when none.';
COMMENT ON COLUMN stored.prices.min_prompt_tokens IS 'Applies to prompts of strictly more tokens than this; 0 = from the start.';
COMMENT ON COLUMN stored.prices.max_prompt_tokens IS 'Applies to prompts of at most this many tokens; null = no upper end. Derived from the sibling rates.';
COMMENT ON COLUMN stored.prices.utc_from_minute IS 'First minute of the UTC day in which the rate applies; null = all day.';
COMMENT ON COLUMN stored.prices.utc_to_minute IS 'First minute in which it no longer applies; over 1440 where the window wraps midnight.';
COMMENT ON COLUMN stored.prices.resolution IS 'Stated resolution, such as 720p or 1024x1024.';
COMMENT ON COLUMN stored.prices.quality IS 'Stated quality word.';
COMMENT ON COLUMN stored.prices.width IS 'Stated width in pixels.';
COMMENT ON COLUMN stored.prices.height IS 'Stated height in pixels.';
COMMENT ON COLUMN stored.prices.duration_s IS 'Stated length in seconds.';
COMMENT ON COLUMN stored.prices.has_audio IS 'Whether the rate is for output with sound; null = not stated.';
COMMENT ON COLUMN stored.prices.service_tier IS 'Stated tier of service (batch, flex, priority); null = standard.';
COMMENT ON COLUMN stored.prices.is_headline IS 'At most one row per offering and meter: the rate that stands for the meter where only one number fits. None where the price that would be it is not known.';
COMMENT ON COLUMN stored.prices.valid_from IS 'Since when, as far as observed.';
COMMENT ON COLUMN stored.prices.source IS 'The source whose claim stands.';
COMMENT ON COLUMN stored.prices.source_url IS 'Where that source was read.';
COMMENT ON COLUMN stored.prices.capture_sha256 IS 'SHA-256 of the body in which this was first seen; see captures.';
COMMENT ON COLUMN stored.prices.locator IS 'Where in that body: JSONPath or XPath.';
COMMENT ON COLUMN stored.prices.raw_text IS 'The price as printed there.';
COMMENT ON COLUMN stored.prices.is_disputed IS 'Whether a source states another price that is held for review: this one is in doubt; see disputes.';
COMMENT ON COLUMN stored.prices.disputed_since IS 'Since when it is in dispute; null where it is not.';
COMMENT ON COLUMN stored.prices.disputed_value IS 'US dollars per one unit that is stated instead and held; null where it is not in dispute, or nothing is stated for these conditions.';

CREATE TABLE price_history (
    price_id VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    canonical_id VARCHAR,
    modality VARCHAR NOT NULL,
    meter VARCHAR,
    unit VARCHAR,
    unit_price_usd DECIMAL(38,24),
    quoted_price_usd DECIMAL(38,24),
    quoted_per BIGINT,
    price_status VARCHAR NOT NULL,
    conditions VARCHAR NOT NULL,
    min_prompt_tokens BIGINT NOT NULL,
    max_prompt_tokens BIGINT,
    utc_from_minute INTEGER,
    utc_to_minute INTEGER,
    resolution VARCHAR,
    quality VARCHAR,
    width BIGINT,
    height BIGINT,
    duration_s BIGINT,
    has_audio BOOLEAN,
    service_tier VARCHAR,
    is_headline BOOLEAN NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_to TIMESTAMPTZ,
    changed_after TIMESTAMPTZ,
    source VARCHAR NOT NULL,
    source_url VARCHAR,
    capture_sha256 VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    was_disputed BOOLEAN NOT NULL
);
COMMENT ON TABLE price_history IS 'Present belief about all times: exactly one row per price at any instant since it was first seen.';
COMMENT ON COLUMN price_history.price_id IS 'Stable hash of offering, meter and conditions.';
COMMENT ON COLUMN price_history.offering_id IS 'The offering; see models.';
COMMENT ON COLUMN price_history.seller IS 'Who charges; see sellers.';
COMMENT ON COLUMN price_history.model_id IS 'The id the seller gives the model; starts with page: where only a page names it.';
COMMENT ON COLUMN price_history.operation IS 'What the model is called for, from a closed vocabulary.';
COMMENT ON COLUMN price_history.canonical_id IS 'The model behind the offering, shared by sellers (developer/model); null where not established.';
COMMENT ON COLUMN price_history.modality IS 'Primary work of the offering, input-to-output.';
COMMENT ON COLUMN price_history.meter IS 'What is counted; see meters. Null: the offering is listed without any price.';
COMMENT ON COLUMN price_history.unit IS 'One of what unit_price_usd buys; null with meter.';
COMMENT ON COLUMN price_history.unit_price_usd IS 'US dollars per one unit, 12 significant digits; null unless the status is known or free.';
COMMENT ON COLUMN price_history.quoted_price_usd IS 'US dollars per quoted_per units, the way people quote it.';
COMMENT ON COLUMN price_history.quoted_per IS 'How many units quoted_price_usd buys.';
COMMENT ON COLUMN price_history.price_status IS 'known, free, unknown (listed, no readable price), dynamic (set per request) or not_offered (history only).';
COMMENT ON COLUMN price_history.conditions IS 'Canonical JSON of the stated conditions, in one spelling; {} when none.';
COMMENT ON COLUMN price_history.min_prompt_tokens IS 'Applies to prompts of strictly more tokens than this; 0 = from the start.';
COMMENT ON COLUMN price_history.max_prompt_tokens IS 'Applies to prompts of at most this many tokens; null = no upper end. Derived from the sibling rates.';
COMMENT ON COLUMN price_history.utc_from_minute IS 'First minute of the UTC day in which the rate applies; null = all day.';
COMMENT ON COLUMN price_history.utc_to_minute IS 'First minute in which it no longer applies; over 1440 where the window wraps midnight.';
COMMENT ON COLUMN price_history.resolution IS 'Stated resolution, such as 720p or 1024x1024.';
COMMENT ON COLUMN price_history.quality IS 'Stated quality word.';
COMMENT ON COLUMN price_history.width IS 'Stated width in pixels.';
COMMENT ON COLUMN price_history.height IS 'Stated height in pixels.';
COMMENT ON COLUMN price_history.duration_s IS 'Stated length in seconds.';
COMMENT ON COLUMN price_history.has_audio IS 'Whether the rate is for output with sound; null = not stated.';
COMMENT ON COLUMN price_history.service_tier IS 'Stated tier of service (batch, flex, priority); null = standard.';
COMMENT ON COLUMN price_history.is_headline IS 'At most one row per offering and meter: the rate that stands for the meter where only one number fits. None where the price that would be it is not known.';
COMMENT ON COLUMN price_history.valid_from IS 'First observation of this state; the seller moved at this time or earlier, after changed_after.';
COMMENT ON COLUMN price_history.valid_to IS 'First observation of the next state (exclusive); null = still so.';
COMMENT ON COLUMN price_history.changed_after IS 'When the earlier state was last seen; null at first sight.';
COMMENT ON COLUMN price_history.source IS 'The source whose claim stands.';
COMMENT ON COLUMN price_history.source_url IS 'Where that source was read.';
COMMENT ON COLUMN price_history.capture_sha256 IS 'SHA-256 of the body in which this was first seen; see captures.';
COMMENT ON COLUMN price_history.locator IS 'Where in that body: JSONPath or XPath.';
COMMENT ON COLUMN price_history.raw_text IS 'The price as printed there.';
COMMENT ON COLUMN price_history.was_disputed IS 'Whether it was in dispute at some time between valid_from and valid_to, as known now; see disputes.';

CREATE TABLE price_versions (
    price_id VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    canonical_id VARCHAR,
    modality VARCHAR NOT NULL,
    meter VARCHAR,
    unit VARCHAR,
    unit_price_usd DECIMAL(38,24),
    quoted_price_usd DECIMAL(38,24),
    quoted_per BIGINT,
    price_status VARCHAR NOT NULL,
    conditions VARCHAR NOT NULL,
    min_prompt_tokens BIGINT NOT NULL,
    max_prompt_tokens BIGINT,
    utc_from_minute INTEGER,
    utc_to_minute INTEGER,
    resolution VARCHAR,
    quality VARCHAR,
    width BIGINT,
    height BIGINT,
    duration_s BIGINT,
    has_audio BOOLEAN,
    service_tier VARCHAR,
    is_headline BOOLEAN NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_to TIMESTAMPTZ,
    changed_after TIMESTAMPTZ,
    source VARCHAR NOT NULL,
    source_url VARCHAR,
    capture_sha256 VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    was_disputed BOOLEAN NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    superseded_at TIMESTAMPTZ,
    superseded_because VARCHAR,
    correction_reason VARCHAR
);
COMMENT ON TABLE price_versions IS 'Every belief ever held, with when it was held.';
COMMENT ON COLUMN price_versions.price_id IS 'Stable hash of offering, meter and conditions.';
COMMENT ON COLUMN price_versions.offering_id IS 'The offering; see models.';
COMMENT ON COLUMN price_versions.seller IS 'Who charges; see sellers.';
COMMENT ON COLUMN price_versions.model_id IS 'The id the seller gives the model; starts with page: where only a page names it.';
COMMENT ON COLUMN price_versions.operation IS 'What the model is called for, from a closed vocabulary.';
COMMENT ON COLUMN price_versions.canonical_id IS 'The model behind the offering, shared by sellers (developer/model); null where not established.';
COMMENT ON COLUMN price_versions.modality IS 'Primary work of the offering, input-to-output.';
COMMENT ON COLUMN price_versions.meter IS 'What is counted; see meters. Null: the offering is listed without any price.';
COMMENT ON COLUMN price_versions.unit IS 'One of what unit_price_usd buys; null with meter.';
COMMENT ON COLUMN price_versions.unit_price_usd IS 'US dollars per one unit, 12 significant digits; null unless the status is known or free.';
COMMENT ON COLUMN price_versions.quoted_price_usd IS 'US dollars per quoted_per units, the way people quote it.';
COMMENT ON COLUMN price_versions.quoted_per IS 'How many units quoted_price_usd buys.';
COMMENT ON COLUMN price_versions.price_status IS 'known, free, unknown (listed, no readable price), dynamic (set per request) or not_offered (history only).';
COMMENT ON COLUMN price_versions.conditions IS 'Canonical JSON of the stated conditions, in one spelling; {} when none.';
COMMENT ON COLUMN price_versions.min_prompt_tokens IS 'Applies to prompts of strictly more tokens than this; 0 = from the start.';
COMMENT ON COLUMN price_versions.max_prompt_tokens IS 'Applies to prompts of at most this many tokens; null = no upper end. Derived from the sibling rates.';
COMMENT ON COLUMN price_versions.utc_from_minute IS 'First minute of the UTC day in which the rate applies; null = all day.';
COMMENT ON COLUMN price_versions.utc_to_minute IS 'First minute in which it no longer applies; over 1440 where the window wraps midnight.';
COMMENT ON COLUMN price_versions.resolution IS 'Stated resolution, such as 720p or 1024x1024.';
COMMENT ON COLUMN price_versions.quality IS 'Stated quality word.';
COMMENT ON COLUMN price_versions.width IS 'Stated width in pixels.';
COMMENT ON COLUMN price_versions.height IS 'Stated height in pixels.';
COMMENT ON COLUMN price_versions.duration_s IS 'Stated length in seconds.';
COMMENT ON COLUMN price_versions.has_audio IS 'Whether the rate is for output with sound; null = not stated.';
COMMENT ON COLUMN price_versions.service_tier IS 'Stated tier of service (batch, flex, priority); null = standard.';
COMMENT ON COLUMN price_versions.is_headline IS 'At most one row per offering and meter: the rate that stands for the meter where only one number fits. None where the price that would be it is not known.';
COMMENT ON COLUMN price_versions.valid_from IS 'First observation of this state; the seller moved at this time or earlier, after changed_after.';
COMMENT ON COLUMN price_versions.valid_to IS 'First observation of the next state (exclusive); null = still so.';
COMMENT ON COLUMN price_versions.changed_after IS 'When the earlier state was last seen; null at first sight.';
COMMENT ON COLUMN price_versions.source IS 'The source whose claim stands.';
COMMENT ON COLUMN price_versions.source_url IS 'Where that source was read.';
COMMENT ON COLUMN price_versions.capture_sha256 IS 'SHA-256 of the body in which this was first seen; see captures.';
COMMENT ON COLUMN price_versions.locator IS 'Where in that body: JSONPath or XPath.';
COMMENT ON COLUMN price_versions.raw_text IS 'The price as printed there.';
COMMENT ON COLUMN price_versions.was_disputed IS 'Whether it was in dispute at some time between valid_from and valid_to, as known now; see disputes.';
COMMENT ON COLUMN price_versions.recorded_at IS 'Since when this was believed.';
COMMENT ON COLUMN price_versions.superseded_at IS 'Until when (exclusive); null = still believed.';
COMMENT ON COLUMN price_versions.superseded_because IS 'change (the seller moved), evidence (an older capture arrived) or correction (the same captures read differently).';
COMMENT ON COLUMN price_versions.correction_reason IS 'What was corrected, in words.';

CREATE TABLE price_changes (
    change_id VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    changed_after TIMESTAMPTZ,
    changed_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    price_id VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    canonical_id VARCHAR,
    modality VARCHAR NOT NULL,
    meter VARCHAR,
    unit VARCHAR,
    conditions VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    old_price_status VARCHAR,
    new_price_status VARCHAR NOT NULL,
    old_unit_price_usd DECIMAL(38,24),
    new_unit_price_usd DECIMAL(38,24),
    ratio DECIMAL(38,12),
    source VARCHAR NOT NULL,
    capture_sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE price_changes IS 'Every move of a price.';
COMMENT ON COLUMN price_changes.change_id IS 'Stable id of the move.';
COMMENT ON COLUMN price_changes.event_id IS 'Moves that belong together share it: one per uniform repricing, one per correction.';
COMMENT ON COLUMN price_changes.changed_after IS 'When the old state was last seen.';
COMMENT ON COLUMN price_changes.changed_at IS 'When the new state was first seen.';
COMMENT ON COLUMN price_changes.recorded_at IS 'When this was learned.';
COMMENT ON COLUMN price_changes.price_id IS 'The price that moved.';
COMMENT ON COLUMN price_changes.offering_id IS 'Its offering.';
COMMENT ON COLUMN price_changes.seller IS 'Who charges.';
COMMENT ON COLUMN price_changes.model_id IS 'The id the seller gives the model.';
COMMENT ON COLUMN price_changes.operation IS 'What it is called for.';
COMMENT ON COLUMN price_changes.canonical_id IS 'The model behind it.';
COMMENT ON COLUMN price_changes.modality IS 'Primary work.';
COMMENT ON COLUMN price_changes.meter IS 'What is counted.';
COMMENT ON COLUMN price_changes.unit IS 'One of what the price buys.';
COMMENT ON COLUMN price_changes.conditions IS 'When the rate applies.';
COMMENT ON COLUMN price_changes.kind IS 'new, increase, decrease, withdrawn, returned, status, conditions or meter.';
COMMENT ON COLUMN price_changes.cause IS 'change, uniform_repricing, evidence, correction or rename.';
COMMENT ON COLUMN price_changes.old_price_status IS 'Before; null at first sight. Of a correction: what was believed until then.';
COMMENT ON COLUMN price_changes.new_price_status IS 'After.';
COMMENT ON COLUMN price_changes.old_unit_price_usd IS 'US dollars per unit before.';
COMMENT ON COLUMN price_changes.new_unit_price_usd IS 'US dollars per unit after.';
COMMENT ON COLUMN price_changes.ratio IS 'New over old, 12 decimals; null unless both are numbers and the old one is not 0, and where the column cannot hold it.';
COMMENT ON COLUMN price_changes.source IS 'Who said so.';
COMMENT ON COLUMN price_changes.capture_sha256 IS 'The body that shows it.';

CREATE TABLE claims (
    price_id VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    canonical_id VARCHAR,
    modality VARCHAR NOT NULL,
    meter VARCHAR,
    unit VARCHAR,
    unit_price_usd DECIMAL(38,24),
    quoted_price_usd DECIMAL(38,24),
    quoted_per BIGINT,
    price_status VARCHAR NOT NULL,
    conditions VARCHAR NOT NULL,
    min_prompt_tokens BIGINT NOT NULL,
    max_prompt_tokens BIGINT,
    utc_from_minute INTEGER,
    utc_to_minute INTEGER,
    resolution VARCHAR,
    quality VARCHAR,
    width BIGINT,
    height BIGINT,
    duration_s BIGINT,
    has_audio BOOLEAN,
    service_tier VARCHAR,
    source VARCHAR NOT NULL,
    is_price BOOLEAN NOT NULL,
    lost_because VARCHAR,
    ratio_to_price DECIMAL(38,12),
    is_disagreement BOOLEAN NOT NULL,
    review_id VARCHAR,
    valid_from TIMESTAMPTZ NOT NULL,
    source_url VARCHAR,
    capture_sha256 VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    unit_words VARCHAR,
    rule VARCHAR NOT NULL
);
COMMENT ON TABLE claims IS 'What every source states now, and which statement stands.';
COMMENT ON COLUMN claims.price_id IS 'Stable hash of offering, meter and conditions.';
COMMENT ON COLUMN claims.offering_id IS 'The offering; see models.';
COMMENT ON COLUMN claims.seller IS 'Who charges; see sellers.';
COMMENT ON COLUMN claims.model_id IS 'The id the seller gives the model; starts with page: where only a page names it.';
COMMENT ON COLUMN claims.operation IS 'What the model is called for, from a closed vocabulary.';
COMMENT ON COLUMN claims.canonical_id IS 'The model behind the offering, shared by sellers (developer/model); null where not established.';
COMMENT ON COLUMN claims.modality IS 'Primary work of the offering, input-to-output.';
COMMENT ON COLUMN claims.meter IS 'What is counted; see meters. Null: the offering is listed without any price.';
COMMENT ON COLUMN claims.unit IS 'One of what unit_price_usd buys; null with meter.';
COMMENT ON COLUMN claims.unit_price_usd IS 'US dollars per one unit, 12 significant digits; null unless the status is known or free.';
COMMENT ON COLUMN claims.quoted_price_usd IS 'US dollars per quoted_per units, the way people quote it.';
COMMENT ON COLUMN claims.quoted_per IS 'How many units quoted_price_usd buys.';
COMMENT ON COLUMN claims.price_status IS 'known, free, unknown (listed, no readable price), dynamic (set per request) or not_offered (history only).';
COMMENT ON COLUMN claims.conditions IS 'Canonical JSON of the stated conditions, in one spelling; {} when none.';
COMMENT ON COLUMN claims.min_prompt_tokens IS 'Applies to prompts of strictly more tokens than this; 0 = from the start.';
COMMENT ON COLUMN claims.max_prompt_tokens IS 'Applies to prompts of at most this many tokens; null = no upper end. Derived from the sibling rates.';
COMMENT ON COLUMN claims.utc_from_minute IS 'First minute of the UTC day in which the rate applies; null = all day.';
COMMENT ON COLUMN claims.utc_to_minute IS 'First minute in which it no longer applies; over 1440 where the window wraps midnight.';
COMMENT ON COLUMN claims.resolution IS 'Stated resolution, such as 720p or 1024x1024.';
COMMENT ON COLUMN claims.quality IS 'Stated quality word.';
COMMENT ON COLUMN claims.width IS 'Stated width in pixels.';
COMMENT ON COLUMN claims.height IS 'Stated height in pixels.';
COMMENT ON COLUMN claims.duration_s IS 'Stated length in seconds.';
COMMENT ON COLUMN claims.has_audio IS 'Whether the rate is for output with sound; null = not stated.';
COMMENT ON COLUMN claims.service_tier IS 'Stated tier of service (batch, flex, priority); null = standard.';
COMMENT ON COLUMN claims.source IS 'Whose statement it is.';
COMMENT ON COLUMN claims.is_price IS 'Whether this claim stands for the offering.';
COMMENT ON COLUMN claims.lost_because IS 'Why not, in words; null where it stands.';
COMMENT ON COLUMN claims.ratio_to_price IS 'This claim over the price that stands; null where the column cannot hold it.';
COMMENT ON COLUMN claims.is_disagreement IS 'Whether it differs from the price that stands by more than the digits it is printed with explain.';
COMMENT ON COLUMN claims.review_id IS 'The disagreement in reviews, where there is one.';
COMMENT ON COLUMN claims.valid_from IS 'Since when the source states it.';
COMMENT ON COLUMN claims.source_url IS 'Where it was read.';
COMMENT ON COLUMN claims.capture_sha256 IS 'The body it was first read from.';
COMMENT ON COLUMN claims.locator IS 'Where in that body.';
COMMENT ON COLUMN claims.raw_text IS 'As printed.';
COMMENT ON COLUMN claims.unit_words IS 'The source''s own words for what the price buys, where they stand apart from the number.';
COMMENT ON COLUMN claims.rule IS 'Reading rule applied; empty where the number was copied.';

CREATE TABLE comparison (
    canonical_id VARCHAR NOT NULL,
    modality VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    unit_price_usd DECIMAL(38,24) NOT NULL,
    cheapest_unit_price_usd DECIMAL(38,24) NOT NULL,
    ratio_to_cheapest DECIMAL(38,12),
    is_cheapest BOOLEAN NOT NULL,
    is_disputed BOOLEAN NOT NULL
);
COMMENT ON TABLE comparison IS 'Headline prices of sellers side by side, for canonical models with a price.';
COMMENT ON COLUMN comparison.canonical_id IS 'The model.';
COMMENT ON COLUMN comparison.modality IS 'Its work.';
COMMENT ON COLUMN comparison.meter IS 'What is counted.';
COMMENT ON COLUMN comparison.seller IS 'Who charges.';
COMMENT ON COLUMN comparison.offering_id IS 'The offering.';
COMMENT ON COLUMN comparison.unit_price_usd IS 'US dollars per unit.';
COMMENT ON COLUMN comparison.cheapest_unit_price_usd IS 'Lowest price of any seller for the same.';
COMMENT ON COLUMN comparison.ratio_to_cheapest IS '1 = cheapest; null where the cheapest is free and this is not, and where the column cannot hold it.';
COMMENT ON COLUMN comparison.is_cheapest IS 'Whether no seller asks less.';
COMMENT ON COLUMN comparison.is_disputed IS 'Whether the seller''s price is in doubt; see prices.';

CREATE TABLE comparison_history (
    canonical_id VARCHAR NOT NULL,
    modality VARCHAR NOT NULL,
    meter VARCHAR NOT NULL,
    seller VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    unit_price_usd DECIMAL(38,24) NOT NULL,
    cheapest_unit_price_usd DECIMAL(38,24) NOT NULL,
    ratio_to_cheapest DECIMAL(38,12),
    is_cheapest BOOLEAN NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_to TIMESTAMPTZ
);
COMMENT ON TABLE comparison_history IS 'The comparison over time.';
COMMENT ON COLUMN comparison_history.canonical_id IS 'The model.';
COMMENT ON COLUMN comparison_history.modality IS 'Its work.';
COMMENT ON COLUMN comparison_history.meter IS 'What is counted.';
COMMENT ON COLUMN comparison_history.seller IS 'Who charges.';
COMMENT ON COLUMN comparison_history.offering_id IS 'The offering.';
COMMENT ON COLUMN comparison_history.unit_price_usd IS 'US dollars per unit.';
COMMENT ON COLUMN comparison_history.cheapest_unit_price_usd IS 'Lowest price of any seller then.';
COMMENT ON COLUMN comparison_history.ratio_to_cheapest IS '1 = cheapest; null where the cheapest is free and this is not, and where the column cannot hold it.';
COMMENT ON COLUMN comparison_history.is_cheapest IS 'Whether no seller asked less.';
COMMENT ON COLUMN comparison_history.valid_from IS 'From when this comparison held.';
COMMENT ON COLUMN comparison_history.valid_to IS 'Until when (exclusive); null = still.';

CREATE TABLE coverage (
    as_of DATE NOT NULL,
    seller VARCHAR NOT NULL,
    modality VARCHAR NOT NULL,
    listed BIGINT NOT NULL,
    known BIGINT NOT NULL,
    free BIGINT NOT NULL,
    dynamic BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    held BIGINT NOT NULL,
    page_only BIGINT NOT NULL
);
COMMENT ON TABLE coverage IS 'How much of what is listed has a price, by day.';
COMMENT ON COLUMN coverage.as_of IS 'The day (UTC), at its end.';
COMMENT ON COLUMN coverage.seller IS 'Who charges.';
COMMENT ON COLUMN coverage.modality IS 'Kind of work.';
COMMENT ON COLUMN coverage.listed IS 'Offerings listed.';
COMMENT ON COLUMN coverage.known IS 'With at least one known price.';
COMMENT ON COLUMN coverage.free IS 'With free prices only.';
COMMENT ON COLUMN coverage.dynamic IS 'Priced per request.';
COMMENT ON COLUMN coverage.unknown IS 'Listed without a readable price.';
COMMENT ON COLUMN coverage.held IS 'With something held for review.';
COMMENT ON COLUMN coverage.page_only IS 'Named only on a page.';

CREATE TABLE unmatched (
    source VARCHAR NOT NULL,
    raw_name VARCHAR NOT NULL,
    offering_id VARCHAR NOT NULL,
    price VARCHAR NOT NULL,
    suggestions VARCHAR[] NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE unmatched IS 'Names that resolve to no id of the seller.';
COMMENT ON COLUMN unmatched.source IS 'Who prints the name.';
COMMENT ON COLUMN unmatched.raw_name IS 'As printed.';
COMMENT ON COLUMN unmatched.offering_id IS 'The offering it stands as meanwhile.';
COMMENT ON COLUMN unmatched.price IS 'Its headline prices, in words.';
COMMENT ON COLUMN unmatched.suggestions IS 'Ids it may stand for, best first; never applied by themselves.';
COMMENT ON COLUMN unmatched.first_seen_at IS 'First observation.';

CREATE TABLE rejections (
    capture_sha256 VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE rejections IS 'Price cells that were not believed, and why.';
COMMENT ON COLUMN rejections.capture_sha256 IS 'The body, as first seen.';
COMMENT ON COLUMN rejections.source IS 'Whose.';
COMMENT ON COLUMN rejections.locator IS 'Where in the body.';
COMMENT ON COLUMN rejections.raw_text IS 'As printed.';
COMMENT ON COLUMN rejections.reason IS 'Stable code.';
COMMENT ON COLUMN rejections.detail IS 'What is wrong and what would help.';
COMMENT ON COLUMN rejections.first_seen_at IS 'First observation.';

CREATE TABLE reviews (
    review_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    gate VARCHAR NOT NULL,
    held_since TIMESTAMPTZ NOT NULL,
    decision VARCHAR,
    decided_at TIMESTAMPTZ
);
COMMENT ON TABLE reviews IS 'Doubts: what is or was held, where sources disagree, and what became of it.';
COMMENT ON COLUMN reviews.review_id IS 'Id to accept or reject by.';
COMMENT ON COLUMN reviews.source IS 'Whose statement is doubted.';
COMMENT ON COLUMN reviews.what IS 'What is held.';
COMMENT ON COLUMN reviews.evidence IS 'What stands, and what would.';
COMMENT ON COLUMN reviews.gate IS 'Why it is held (few_rows, became_free, power_of_ten, large_factor, cache_above_input, list_slip, first_sight); disagreement: nothing is held, but another source states another price.';
COMMENT ON COLUMN reviews.held_since IS 'First observation.';
COMMENT ON COLUMN reviews.decision IS 'accept, reject (a person), agreed, confirmed, lapsed (the data); null = open.';
COMMENT ON COLUMN reviews.decided_at IS 'When that was.';

CREATE TABLE disputes (
    price_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    gate VARCHAR NOT NULL,
    disputed_from TIMESTAMPTZ NOT NULL,
    disputed_to TIMESTAMPTZ,
    value DECIMAL(38,24),
    outcome VARCHAR,
    capture_sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE disputes IS 'For how long a price was in doubt, because a source stated another one that was held. It marks the price only where that source counts at least as much as the one whose price stands.';
COMMENT ON COLUMN disputes.price_id IS 'The price in doubt: it stood meanwhile, or was unknown where the held one is the first.';
COMMENT ON COLUMN disputes.source IS 'The source whose statement was held.';
COMMENT ON COLUMN disputes.gate IS 'Why it was held, see reviews; refused: nothing was held, but the price could not be read.';
COMMENT ON COLUMN disputes.disputed_from IS 'When the held statement was first seen.';
COMMENT ON COLUMN disputes.disputed_to IS 'When it was released, rejected, replaced or taken back (exclusive); null = still held.';
COMMENT ON COLUMN disputes.value IS 'US dollars per one unit that were stated; null where the held statement has no number for this price.';
COMMENT ON COLUMN disputes.outcome IS 'agreed (said again), confirmed (by another source), accepted or rejected (by a person), superseded (by another statement) or lapsed (taken back, or read again); null = open.';
COMMENT ON COLUMN disputes.capture_sha256 IS 'SHA-256 of the body in which it was first seen; see captures.';

CREATE TABLE captures (
    capture_sha256 VARCHAR,
    source VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    url VARCHAR,
    fetched_at TIMESTAMPTZ NOT NULL,
    http_status INTEGER,
    bytes BIGINT,
    outcome VARCHAR NOT NULL,
    origin VARCHAR NOT NULL
);
COMMENT ON TABLE captures IS 'Bodies received, and fetches that failed.';
COMMENT ON COLUMN captures.capture_sha256 IS 'SHA-256 of the decoded body; null where none was received.';
COMMENT ON COLUMN captures.source IS 'Whose.';
COMMENT ON COLUMN captures.scope IS 'The query that was asked.';
COMMENT ON COLUMN captures.url IS 'Where.';
COMMENT ON COLUMN captures.fetched_at IS 'When.';
COMMENT ON COLUMN captures.http_status IS 'Status of the answer; null where there was none.';
COMMENT ON COLUMN captures.bytes IS 'Size of the decoded body.';
COMMENT ON COLUMN captures.outcome IS 'How the fetch ended; ok and unchanged are healthy.';
COMMENT ON COLUMN captures.origin IS 'live, replay or backfill.';

CREATE TABLE runs (
    run_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
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
COMMENT ON TABLE runs IS 'What each run did with each source.';
COMMENT ON COLUMN runs.run_id IS 'The run.';
COMMENT ON COLUMN runs.source IS 'The source.';
COMMENT ON COLUMN runs.started_at IS 'Start of the fetch.';
COMMENT ON COLUMN runs.finished_at IS 'End of the fetch.';
COMMENT ON COLUMN runs.outcome IS 'How it ended.';
COMMENT ON COLUMN runs.detail IS 'What happened, in words; empty when all went well.';
COMMENT ON COLUMN runs.cells IS 'Price cells in the body, counted apart from the readers.';
COMMENT ON COLUMN runs.claim IS 'Cells that became claims.';
COMMENT ON COLUMN runs.merged IS 'Cells equal to a twin.';
COMMENT ON COLUMN runs.no_price IS 'Zeros that mean "no such charge".';
COMMENT ON COLUMN runs.superseded_by_window IS 'Prices of the moment that windows replace.';
COMMENT ON COLUMN runs.rejected IS 'Cells refused; see rejections.';
COMMENT ON COLUMN runs.new IS 'Offerings first seen.';
COMMENT ON COLUMN runs.changed IS 'Prices that moved.';
COMMENT ON COLUMN runs.held IS 'Doubts newly held.';
COMMENT ON COLUMN runs.drift IS 'JSON list of what the source showed that its reader did not expect.';
-- When each current price was last stated by its source: kept apart because it moves with every fetch.
CREATE TABLE stored.confirmations (
    price_id VARCHAR NOT NULL,
    last_confirmed_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE stored.confirmations IS 'When each current price was last stated by its source.';
COMMENT ON COLUMN stored.confirmations.price_id IS 'The price.';
COMMENT ON COLUMN stored.confirmations.last_confirmed_at IS 'Newest healthy fetch, or 304, that states it.';
