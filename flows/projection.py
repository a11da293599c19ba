"""What is so now: the projections of a seller's book, as the warehouse stores them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from models.catalogue import Catalogue, PageName
from models.history.absence import last_stated
from models.history.disagreement import disagreements
from models.history.disputes import Dispute, open_disputes
from models.history.engine import Book
from models.history.notes import Note, notes_on
from models.history.reviews import Review
from models.history.state import Offering, Presence, Track
from models.identity import Alias, Canonical, CatalogueEntry, canonicalise, page_model_id, suggest
from models.ids import offering_id
from models.modality import modalities_of
from models.reading import Listing
from models.registry import SOURCES
from warehouse.now import ClaimNow, ModelNow, UnmatchedNow


def models_now(book: Book, catalogue: Catalogue) -> list[ModelNow]:
    """One row per offering ever seen; what all sellers share is filled in by :func:`identified`."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for key, known_as in book.ids.items():
        names[known_as].add(key.partition(":")[2])
    return [
        _model(book, offering, catalogue, names[offering.offering_id])
        for offering in book.offerings.values()
    ]


def _model(book: Book, offering: Offering, catalogue: Catalogue, names: set[str]) -> ModelNow:
    listing = _describing(offering)
    pairs = modalities_of(
        offering.operation, offering.model_id, listing.input_modalities, listing.output_modalities
    )
    also = catalogue.also_named(offering.model_id, offering.operation)
    declared = names.union(listing.aliases, also)
    noted = [note.listing.expires_on for _, note in notes_on(book, offering)]
    expires_on = listing.expires_on or next(filter(None, noted), None)
    standing = [source for source, p in sorted(offering.presences.items()) if p.ended_at is None]
    return ModelNow(
        offering.offering_id,
        book.seller,
        offering.model_id,
        offering.operation,
        listing.source_type,
        None,
        None,
        None,
        listing.name,
        listing.developer,
        pairs[0],
        pairs,
        listing.input_modalities,
        listing.output_modalities,
        listing.context_length,
        listing.max_output_tokens,
        tuple(sorted(declared - {offering.model_id})),
        "missing" if offering.is_missing or offering.life is None else offering.life.lifecycle,
        tuple(standing),
        offering.first_seen_at,
        None if expires_on is None else date.fromisoformat(expires_on),
        is_recommended=False,
        source_url=listing.source_url,
    )


# What one list says of a model and another leaves out: the list of videos names no modalities.
_LEFT_OPEN: Final = (
    "context_length",
    "max_output_tokens",
    "input_modalities",
    "output_modalities",
    "expires_on",
)


def _describing(offering: Offering) -> Listing:
    """The description that stands: of a source that still lists it, the most trusted one.

    What that one leaves open is taken from the next that still lists it and says so.
    """

    def rank(item: tuple[str, Presence]) -> tuple[bool, int, str]:
        source, presence = item
        return presence.ended_at is not None, SOURCES[source].precedence, source

    first, *others = [each for _, each in sorted(offering.presences.items(), key=rank)]
    return _filled(first.listing, [each.listing for each in others if each.ended_at is None])


def _filled(listing: Listing, others: Sequence[Listing]) -> Listing:
    found: dict[str, Any] = {}
    for name in _LEFT_OPEN:
        said = next((said for each in (listing, *others) if (said := getattr(each, name))), None)
        if said and said != getattr(listing, name):
            found[name] = said
    return replace(listing, **found) if found else listing


def identified(rows: Sequence[ModelNow], aliases: Sequence[Alias]) -> list[ModelNow]:
    """Fill in what only the offerings of all sellers together tell: the model behind each."""
    entries = [
        CatalogueEntry(r.seller, r.model_id, r.operation, r.name, r.developer, r.aliases)
        for r in rows
    ]
    found = canonicalise(entries, aliases)
    return [_identified(row, found.get((row.seller, row.model_id, row.operation))) for row in rows]


def _identified(row: ModelNow, found: Canonical | None) -> ModelNow:
    if found is None:
        return row
    return replace(
        row, canonical_id=found.key, variant=found.variant, service_tier=found.service_tier
    )


def claims_now(book: Book) -> list[ClaimNow]:
    """What every source states now, one row per rate; what is only noted is never a price."""
    at_odds = {
        (each.review.offering_id, each.review.meter, each.review.source, locator): each.review
        for each in disagreements(book)
        for locator in each.locators
    }
    stated = [
        _marked(row, at_odds)
        for offering in book.offerings.values()
        for meter, tracks in offering.tracks.items()
        for track in tracks.values()
        for row in _claims(book, offering, meter, track)
    ]
    return stated + [
        _marked(row, at_odds)
        for offering in book.offerings.values()
        for source, note in notes_on(book, offering)
        for row in _noted(offering.offering_id, book.seller, source, note)
    ]


def _marked(row: ClaimNow, at_odds: Mapping[tuple[str, str, str, str], Review]) -> ClaimNow:
    review = at_odds.get((row.offering_id, row.meter, row.source, row.locator))
    return row if review is None else replace(row, disagreement=review.review_id)


def reviews_now(book: Book) -> list[Review]:
    """Every doubt that arose, and where sources disagree now."""
    return [*book.reviews.values(), *(each.review for each in disagreements(book))]


def disputes_now(book: Book, ended: Sequence[Dispute]) -> list[Dispute]:
    """The disputes that ended, and those that are open."""
    return [*ended, *open_disputes(book)]


def _noted(offering_id: str, seller: str, source: str, note: Note) -> Iterable[ClaimNow]:
    for meter, rate in note.rates:
        yield ClaimNow(
            offering_id,
            seller,
            meter,
            rate.conditions.to_json(),
            str(rate.status),
            rate.unit_price,
            rate.max_prompt_tokens,
            source,
            SOURCES[source].precedence,
            note.since,
            note.last_seen,
            note.capture,
            rate.locator,
            rate.raw_text,
            rate.rule,
        )


def _claims(book: Book, offering: Offering, meter: str, track: Track) -> Iterable[ClaimNow]:
    if track.statement is None:
        return
    segment = track.segments[-1]
    confirmed = last_stated(book, offering, segment.source, track)
    for rate in track.statement.rates:
        yield ClaimNow(
            offering.offering_id,
            book.seller,
            meter,
            rate.conditions.to_json(),
            str(rate.status),
            rate.unit_price,
            rate.max_prompt_tokens,
            segment.source,
            track.precedence,
            segment.valid_from,
            confirmed,
            segment.capture,
            rate.locator,
            rate.raw_text,
            rate.rule,
            unit_words=rate.unit_words or None,
        )


def unmatched_now(book: Book, catalogue: Catalogue) -> list[UnmatchedNow]:
    """Printed names that resolve to no id and are still printed, each with what it may mean."""
    entries = catalogue.entries()
    rows = [_unmatched(book, page, entries) for page in catalogue.unmatched()]
    return [row for row in rows if _is_printed(book, row)]


def _unmatched(book: Book, page: PageName, entries: Sequence[CatalogueEntry]) -> UnmatchedNow:
    likely = suggest(book.seller, page.developer, page.name, page.operation, entries)
    name = f"{page.developer} / {page.name}" if page.developer else page.name
    model_id = page_model_id(page.developer, page.name)
    return UnmatchedNow(
        book.seller,
        page.source,
        name,
        offering_id(book.seller, model_id, page.operation),
        tuple(suggestion.model_id for suggestion in likely),
        page.first_seen_at,
    )


def _is_printed(book: Book, row: UnmatchedNow) -> bool:
    offering = book.offerings.get(row.offering_id)
    return offering is not None and offering.is_listed
