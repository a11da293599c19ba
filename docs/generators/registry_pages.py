"""The registries' reference: meters, operations, modalities, sellers, sources."""

from __future__ import annotations

from typing import Final

from docs.generators.markdown import code, page, table
from models.money import plain
from models.registry import (
    MEDIA_PROMPTS,
    METERS,
    MODALITIES,
    OPERATIONS,
    SELLERS,
    SOURCES,
    MediaPrompt,
)

_METERS: Final = """
What can be counted. Meters of one request are disjoint: `input_token` counts neither cache reads
nor cache writes. `unit_price_usd` is the price of one unit, `quoted_price_usd` that of as many
units as stand under *quoted per*. A code is part of a price's identity, so it is never renamed.
"""
_OPERATIONS: Final = """
What a model is called for. A source's word that is missing here is counted as drift, and its
offering is `unspecified`.
"""
_MODALITIES: Final = """
What goes in and what comes out, with the Hugging Face hub's task for the same work. The seller is
the one that `models.is_recommended` marks for this work.
"""
_MEDIA_PROMPTS: Final = """
What OpenRouter's `prompt` and `completion` count for models that put out neither text nor
embeddings, where somebody established it. All others are refused. A price is read within the factor
under *band*.
"""
_SOURCES: Final = """
The lower precedence wins where two sources of one seller state the same meter of one offering.
"""


def meters_page() -> str:
    """The page of all registries."""
    return page(
        "Vocabularies",
        "Each comes from one file: `models/meters.toml`, `operations.toml`, `modalities.toml`, "
        "`sellers.toml`, `sources.toml`, "
        "`media_prompts.toml`.",
        "## Meters",
        _METERS,
        table(
            ["meter", "direction", "unit", "quoted per", "what is counted", "OpenTelemetry"],
            [
                (
                    code(meter.code),
                    meter.direction,
                    meter.unit,
                    f"{meter.quoted_per:,}",
                    meter.description,
                    code(meter.otel_attribute),
                )
                for meter in METERS.values()
            ],
        ),
        "### The sources' own words for meters",
        table(["meter", *SOURCES], _words(METERS)),
        "## Operations",
        _OPERATIONS,
        table(
            ["operation", "meaning", "comes out"],
            [(code(o.code), o.description, ", ".join(o.output)) for o in OPERATIONS.values()],
        ),
        "### The sources' own words for operations",
        table(["operation", *SOURCES], _words(OPERATIONS)),
        "## Modalities",
        _MODALITIES,
        table(
            ["modality", "Hugging Face task", "recommended seller"],
            [
                (code(m.code), code(m.hugging_face_task), code(m.recommended_seller))
                for m in MODALITIES.values()
            ],
        ),
        "## Sellers",
        table(
            ["seller", "name", "home page", "key, if an interface asks for one"],
            [
                (code(s.code), s.name, s.url, code(f"PRICEBOOK_{s.code.upper()}_KEY"))
                for s in SELLERS.values()
            ],
        ),
        "## Sources",
        _SOURCES,
        table(
            ["source", "seller", "address", "read every", "precedence", "why", "on by default"],
            [
                (
                    code(s.code),
                    code(s.seller),
                    s.url,
                    f"{s.expected_interval_hours} h",
                    str(s.precedence),
                    s.precedence_reason,
                    "yes" if s.enabled else "no",
                )
                for s in SOURCES.values()
            ],
        ),
        "## Units that a list leaves out",
        _MEDIA_PROMPTS,
        table(
            ["model", "comes out", "key", "price seen", "pays for", "band", "who says so", "seen"],
            [row for entry in MEDIA_PROMPTS.values() for row in _units(entry)],
        ),
    )


def _units(entry: MediaPrompt) -> list[list[str]]:
    keys = ((key, entry.unit_of(key)) for key in ("prompt", "completion"))
    return [
        [
            code(entry.code),
            entry.output,
            code(key),
            plain(unit.price),
            f"{unit.per:,} × {code(unit.meter)}",
            str(entry.band),
            entry.source,
            entry.seen,
        ]
        for key, unit in keys
        if unit is not None
    ]


def _words(registry: object) -> list[list[str]]:
    assert registry is METERS or registry is OPERATIONS
    entries = METERS.values() if registry is METERS else OPERATIONS.values()
    return [
        [
            code(entry.code),
            *(", ".join(map(code, entry.sources_words.get(source, ()))) for source in SOURCES),
        ]
        for entry in entries
        if entry.sources_words
    ]
