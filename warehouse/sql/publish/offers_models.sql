-- Offerings that are not withdrawn.
SELECT
    offering_id, seller, model_id, operation, service_tier, variant, canonical_id, name, developer,
    modality, input_modalities, output_modalities, context_length, max_output_tokens, lifecycle,
    first_seen_at, expires_on, is_recommended, source_url
FROM pricebook.stored.models
WHERE lifecycle <> 'withdrawn'
ORDER BY seller, model_id, operation;
