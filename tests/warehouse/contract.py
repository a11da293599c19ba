"""The public tables' columns as they are promised, written out apart from the code that makes them.

A column may be added; none of these may go, or mean or hold something else.
"""

from __future__ import annotations

from typing import Final

_OFFER = "offering_id seller model_id operation canonical_id modality"
_RATE = (
    f"price_id {_OFFER} meter unit unit_price_usd quoted_price_usd quoted_per price_status "
    "conditions min_prompt_tokens max_prompt_tokens utc_from_minute utc_to_minute resolution "
    "quality width height duration_s has_audio service_tier"
)
_EVIDENCE = "source source_url capture_sha256 locator raw_text"
_COMPARED = (
    "canonical_id modality meter seller offering_id unit_price_usd cheapest_unit_price_usd "
    "ratio_to_cheapest is_cheapest"
)

COLUMNS: Final[dict[str, list[str]]] = {
    table: columns.split()
    for table, columns in {
        "sellers": "seller name url",
        "sources": "source seller url expected_interval precedence enabled last_success_at",
        "snapshot": "snapshot_id as_of created_at schema_version origin",
        "meters": (
            "meter direction content measure unit quoted_per otel_attribute description "
            "sources_words"
        ),
        "modalities": "modality hugging_face_task recommended_seller",
        "models": (
            "offering_id seller model_id operation source_type variant service_tier canonical_id "
            "name developer modality modalities input_modalities output_modalities context_length "
            "max_output_tokens aliases lifecycle listed_by first_seen_at expires_on "
            "is_recommended source_url"
        ),
        "prices": (
            f"{_RATE} is_headline valid_from {_EVIDENCE} is_disputed disputed_since disputed_value"
        ),
        "price_history": (
            f"{_RATE} is_headline valid_from valid_to changed_after {_EVIDENCE} was_disputed"
        ),
        "price_versions": (
            f"{_RATE} is_headline valid_from valid_to changed_after {_EVIDENCE} "
            "was_disputed recorded_at superseded_at superseded_because correction_reason"
        ),
        "price_changes": (
            f"change_id event_id changed_after changed_at recorded_at price_id {_OFFER} meter unit "
            "conditions kind cause old_price_status new_price_status old_unit_price_usd "
            "new_unit_price_usd ratio source capture_sha256"
        ),
        "claims": f"{_RATE} is_price lost_because {_EVIDENCE}",
        "comparison": f"{_COMPARED} is_disputed",
        "comparison_history": f"{_COMPARED} valid_from valid_to",
        "coverage": "as_of seller modality listed known free dynamic unknown held page_only",
        "unmatched": "source raw_name price suggestions first_seen_at",
        "rejections": "capture_sha256 source locator raw_text reason first_seen_at",
        "reviews": "review_id what evidence gate held_since decision decided_at",
        "disputes": ("price_id source gate disputed_from disputed_to value outcome capture_sha256"),
        "captures": "capture_sha256 source scope url fetched_at http_status bytes outcome origin",
        "runs": "run_id source started_at finished_at outcome cells new changed held drift",
    }.items()
}


_MOMENTS: Final = frozenset(
    {
        "valid_from", "valid_to", "changed_after", "disputed_since", "disputed_from", "disputed_to",
    }
)  # fmt: skip


def promised_type(column: str) -> str | None:
    """What the column's name promises of its type; None where the name says nothing."""
    if column.endswith("_usd"):
        return "DECIMAL(38,24)"
    if column.endswith("_at") or column in _MOMENTS:
        return "TIMESTAMP WITH TIME ZONE"
    if column.startswith(("is_", "has_", "was_")):
        return "BOOLEAN"
    if column.endswith("_id") or column in {"conditions", "raw_text", "locator", "meter"}:
        return "VARCHAR"
    return "VARCHAR[]" if column in {"modalities", "aliases", "suggestions", "listed_by"} else None


MACROS: Final[tuple[str, ...]] = (
    "FROM price_at('openrouter', 'openai/gpt-5', 'input_token', '2026-06-01')",
    (
        "FROM price_at('openrouter', 'openai/gpt-5', 'input_token', "
        "TIMESTAMPTZ '2026-06-01 00:00:00Z', prompt_tokens := 300000)"
    ),
    "FROM models_as_of('2026-06-01')",
    "FROM prices_as_of(TIMESTAMPTZ '2026-06-01 00:00:00+00')",
    "FROM prices_as_known('2026-06-01', '2100-01-01T00:00:00Z')",
    "FROM price_moves('2026-01-01', '2026-12-01')",
    (
        "SELECT found.unit_price_usd FROM models, price_at(models.seller, models.model_id, "
        "'output_token', '2026-06-01') AS found"
    ),
)
"""One call, at least, of every macro; every one finds something in the bundled recording."""
