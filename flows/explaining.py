"""Why a price says what it says: the claim that stands, those that lost, the bytes behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flows.tables import printable
from flows.times import readable
from flows.words import counted, dispute, factor, price, quoted, when
from warehouse.read import Book

Row = Mapping[str, Any]

_LABEL: Final = 10
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Explanation:
    """One price and everything it rests on, as rows of the public tables."""

    price: Row
    model: Row
    claims: tuple[Row, ...]
    captures: tuple[Row, ...]
    history: tuple[Row, ...]
    source: Row
    body: Path

    @property
    def standing(self) -> Row | None:
        """The claim that stands now; None where the price is of the past."""
        return next((claim for claim in self.claims if claim["is_price"]), None)

    @property
    def losers(self) -> tuple[Row, ...]:
        """The claims that do not stand."""
        return tuple(claim for claim in self.claims if not claim["is_price"])

    def as_object(self) -> dict[str, Any]:
        """For JSON: the price's own columns, and the rest beside them."""
        return {
            **self.price,
            "name": self.model["name"],
            "body": str(self.body),
            "precedence_reason": self.source["precedence_reason"],
            "claims": list(self.claims),
            "captures": list(self.captures),
            "history": list(self.history),
        }


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else is known of the same models: refused cells, and doubts open or settled."""

    rejections: tuple[Row, ...]
    reviews: tuple[Row, ...]


def explain(
    book: Book, data_dir: Path, prices: Sequence[Row], history: Sequence[Row]
) -> list[Explanation]:
    """Gather what each of the prices rests on; `history` holds the intervals of all of them."""
    offerings = sorted({row["offering_id"] for row in prices})
    given = {"offerings": offerings, "meters": None, "sellers": None, "operations": None}
    more = {"modalities": None, "statuses": None}
    models = {row["offering_id"]: row for row in book.records("models_current", {**given, **more})}
    claims = book.records("explain_claims", given)
    shas = sorted({row["capture_sha256"] for row in prices})
    captures = book.records("explain_captures", {"shas": shas})
    sources = {row["source"]: row for row in book.records("sources")}
    claimed = _shared_out(prices, claims)
    return [
        Explanation(
            price=row,
            model=models[row["offering_id"]],
            # The table of claims is about now: it says nothing of a price that has ended.
            claims=() if row.get("valid_to") else tuple(claimed[row["price_id"]]),
            captures=_with(captures, "capture_sha256", row),
            history=_with(history, "price_id", row),
            source=sources[row["source"]],
            body=body_path(data_dir, row["capture_sha256"]),
        )
        for row in prices
    ]


def body_path(data_dir: Path, sha256: str) -> Path:
    """Where the body of that name is kept, compressed with zstandard."""
    return data_dir / "captures" / "blobs" / sha256[:2] / f"{sha256}.zst"


def explanation_text(found: Sequence[Explanation], around: Surroundings) -> str:
    """All of it for people, offering by offering."""
    lines: list[str] = []
    offering = ""
    for each in found:
        if each.price["offering_id"] != offering:
            offering = each.price["offering_id"]
            lines += ["", _title(each)] if lines else [_title(each)]
        lines += ["", *_told(each)]
    lines += _section("Refused near it", [_rejection(row) for row in around.rejections])
    lines += _section("Doubts about it", [_review(row) for row in around.reviews])
    return "\n".join(printable(line) for line in lines)


def _shared_out(prices: Sequence[Row], claims: Sequence[Row]) -> dict[str, list[Row]]:
    """The claims of each price.

    A claim under conditions for which no price stands (a page's one price beside a price for each
    resolution) is told with the first price of its meter.
    """
    shared: dict[str, list[Row]] = {row["price_id"]: [] for row in prices}
    first: dict[tuple[str, str | None], str] = {}
    for row in prices:
        first.setdefault((row["offering_id"], row["meter"]), row["price_id"])
    for claim in claims:
        own = claim["price_id"]
        there = own if own in shared else first.get((claim["offering_id"], claim["meter"]))
        if there is not None:
            shared[there].append(claim)
    return shared


def _with(rows: Sequence[Row], column: str, row: Row) -> tuple[Row, ...]:
    return tuple(each for each in rows if each[column] == row[column])


def _title(each: Explanation) -> str:
    row, model = each.price, each.model
    same = f", the model {row['canonical_id']}" if row["canonical_id"] else ""
    return f"{row['model_id']} at {row['seller']}, for {row['operation']}: {model['name']}{same}"


def _told(each: Explanation) -> list[str]:
    row = each.price
    condition = when(row)
    heading = f"  {counted(row)}{f', {condition}' if condition else ''}: {quoted(row)}"
    return [
        f"{heading}, since {readable(row['valid_from'])} UTC",
        *(_line(label, text) for label, text in _facts(each) if text),
        *(_line("also said", _loser(loser)) for loser in each.losers),
        *(_line("before", _interval(past)) for past in _past(each)),
    ]


def _facts(each: Explanation) -> list[tuple[str, str]]:
    row, standing = each.price, each.standing
    words = "" if standing is None else standing["unit_words"]
    if standing is None:
        rule = ""
    elif standing["rule"]:
        rule = f"rule “{standing['rule']}”"
    else:
        rule = "the number as it stands there"
    return [
        ("in doubt", dispute(row)),
        ("said by", f"{row['source']}: “{row['raw_text']}”"),
        ("at", row["locator"]),
        ("unit", f"“{words}”" if words else ""),
        ("read by", rule),
        ("in", _capture(each)),
        ("body", str(each.body)),
        ("stands", f"precedence {each.source['precedence']}: {each.source['precedence_reason']}"),
    ]


def _capture(each: Explanation) -> str:
    if not each.captures:
        return str(each.price["source_url"] or "")
    first = each.captures[0]
    times = [readable(capture["fetched_at"]) for capture in each.captures]
    often = "once" if len(times) == 2 else f"{len(times) - 1} times"
    again = f", the same {often} more until {times[-1]}" if len(times) > 1 else ""
    return f"{first['url']}, fetched {times[0]} UTC ({first['origin']}){again}"


def _loser(claim: Row) -> str:
    ratio = claim["ratio_to_price"]
    by = f" ({factor(ratio)})" if ratio is not None and ratio != 1 else ""
    return (
        f"{claim['source']}: “{claim['raw_text']}”, that is {quoted(claim)}{by}; "
        f"lost: {claim['lost_because'] or 'not said'}; at {claim['locator']}"
    )


def _past(each: Explanation) -> list[Row]:
    start = each.price["valid_from"]
    return [row for row in reversed(each.history) if row["valid_from"] < start][:_MOST]


def _interval(row: Row) -> str:
    doubt = f", {dispute(row)}" if dispute(row) else ""
    until = readable(row["valid_to"])
    return f"{price(row)} from {readable(row['valid_from'])} until {until}{doubt}"


def _rejection(row: Row) -> str:
    return (
        f"{row['source']}, first {readable(row['first_seen_at'])}: “{row['raw_text']}” "
        f"({row['reason']}) {row['detail']}; at {row['locator']}"
    )


def _review(row: Row) -> str:
    state = f"{row['decision']} {readable(row['decided_at'])}" if row["decision"] else "open"
    return (
        f"{row['review_id']}, {row['gate']}, since {readable(row['held_since'])}, {state}: "
        f"{row['what']}; {row['evidence']}"
    )


def _section(title: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    more = [f"  … and {len(entries) - _MOST} more"] if len(entries) > _MOST else []
    return ["", title, *(f"  {entry}" for entry in entries[:_MOST]), *more]


def _line(label: str, text: str) -> str:
    return f"    {label:<{_LABEL}} {text}"
