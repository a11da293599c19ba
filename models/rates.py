"""The rates of one offering and meter taken together: tiers, disjointness, the headline.

A rate states only where its tier starts; where it ends follows from its siblings. All functions
take the rates of one offering and meter, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from itertools import combinations, groupby, product
from typing import Final, NamedTuple, Protocol, TypeAlias

from models.conditions import (
    HAS_AUDIO,
    MEGAPIXELS,
    MIN_PROMPT_TOKENS,
    MINUTES_PER_DAY,
    MODE,
    POSITION,
    SERVICE_TIER,
    TRUE,
    UTC_FROM,
    UTC_TO,
    VIDEO_INPUT,
    ConditionError,
    Conditions,
    Stated,
    Value,
    open_minutes,
)
from models.reading import DOUBTFUL_RULES, RULE_GAP, PriceStatus

PROMPT_TOKENS: Final = "prompt_tokens"
UTC_MINUTE: Final = "utc_minute"
FIRST: Final = "first"
ADDITIONAL: Final = "additional"
RULE_NOT_SUPPORTED: Final = "resolution_not_supported"
"""The rule of a price for a resolution that the model's own list does not name."""
RULE_BESIDE_REFUSED: Final = "beside_refused_base"
"""The rule of a price whose more general sibling is refused: it stands for no more than it says."""
RULE_NOT_DEFAULT: Final = "not_by_default"
"""The rule of a price for what the model does only when it is asked to: with or without sound."""
_NO_HEADLINE: Final = frozenset({RULE_NOT_SUPPORTED, RULE_BESIDE_REFUSED, RULE_NOT_DEFAULT})
_KNOWN_KEYS: Final = frozenset(
    {
        *("resolution", "quality", "width", "height", "size", "aspect_ratio", "duration_s"),
        *(HAS_AUDIO, VIDEO_INPUT, POSITION, MEGAPIXELS, SERVICE_TIER, MODE, "provider"),
        *(MIN_PROMPT_TOKENS, UTC_FROM, UTC_TO),
    }
)
"""The conditions of which it is known what a buyer gets without asking."""


def max_prompt_tokens(rates: Sequence[Conditions]) -> list[int | None]:
    """For each rate the most prompt tokens it applies to, inclusive; None is no end.

    A tier ends where siblings of the same dimensions start that are, together, open during the
    whole of its window. Siblings open for a part of it only end nothing: that is an overlap, for
    `overlaps` to report, and better than minutes without any rate.
    """
    ends: list[int | None] = [None] * len(rates)
    alike: dict[_Stated, list[int]] = {}
    for position, rate in enumerate(rates):
        alike.setdefault(_stated(rate), []).append(position)
    for positions in alike.values():
        if len(positions) > 1:
            levels = _levels([rates[position] for position in positions])
            for position in positions:
                ends[position] = _tier_end(rates[position], levels)
    return ends


_Stated: TypeAlias = tuple[tuple[str, Value | None], ...]
_Level: TypeAlias = tuple[int, list[int]]


def _stated(rate: Conditions) -> _Stated:
    """The dimensions of a rate; one that names no service tier is of the standard one, None."""
    return tuple({SERVICE_TIER: None, **rate.dimensions}.items())


def _levels(siblings: Sequence[Conditions]) -> list[_Level]:
    """Where tiers start, ascending; with each the minutes of the day that are open in at least one
    sibling that starts there, those open in at least two, and so on."""
    starting: dict[int, list[int]] = {}
    for sibling in siblings:
        layers = starting.setdefault(sibling.min_prompt_tokens, [])
        more = open_minutes(sibling)
        for depth, layer in enumerate(layers):
            layers[depth], more = layer | more, layer & more
        if more:
            layers.append(more)
    return sorted(starting.items())


def _tier_end(rate: Conditions, levels: Sequence[_Level]) -> int | None:
    window, minutes = open_minutes(rate), rate.minutes
    for start, layers in levels:
        if start > rate.min_prompt_tokens:
            shared = sum((window & layer).bit_count() for layer in layers)
            if shared >= minutes:
                return start
    return None


def overlaps(rates: Sequence[Conditions]) -> list[tuple[int, int]]:
    """Pairs of rates, by position, that one request could match at once.

    At least one for every rate that has such a rival; of hundreds that all overlap not every pair.
    """
    ends = max_prompt_tokens(rates)
    spans: dict[_Stated, list[_Span]] = {}
    for position, rate in enumerate(rates):
        span = _Span(position, rate.min_prompt_tokens, ends[position], open_minutes(rate))
        spans.setdefault(_stated(rate), []).append(span)
    doubtful: set[int] = set()
    found: list[tuple[int, int]] = []
    for left, right in (*_within(spans.values()), *_between(spans)):
        pair = sorted((left.position, right.position))
        if not doubtful.issuperset(pair):
            doubtful.update(pair)
            found.append((pair[0], pair[1]))
    return sorted(found)


def disjoint(rates: Sequence[Conditions]) -> bool:
    """Whether a fully specified request matches at most one of the rates."""
    return not overlaps(rates)


class _Span(NamedTuple):
    """When a rate applies, but for its dimensions: above `start` tokens up to `end`, at `minutes`
    of the day, which are the bits of a number."""

    position: int
    start: int
    end: int | None
    minutes: int

    def meets(self, other: _Span) -> bool:
        """Whether some number of tokens at some minute is of both."""
        lower, upper = (self, other) if self.start <= other.start else (other, self)
        return bool(self.minutes & other.minutes) and (lower.end is None or upper.start < lower.end)


def _within(groups: Iterable[Sequence[_Span]]) -> Iterator[tuple[_Span, _Span]]:
    """Pairs that meet among spans of the same dimensions. Tier by tier, what is open is kept as one
    number, so that spans which meet no other cost one look each."""
    for group in groups:
        reaching: list[_Span] = []
        for start, level in groupby(sorted(group, key=_start), key=_start):
            reaching = [span for span in reaching if span.end is None or span.end > start]
            taken = 0
            for span in reaching:
                taken |= span.minutes
            for span in level:
                if taken & span.minutes:
                    yield from ((other, span) for other in reaching if other.meets(span))
                reaching.append(span)
                taken |= span.minutes


def _start(span: _Span) -> int:
    return span.start


def _between(spans: Mapping[_Stated, Sequence[_Span]]) -> Iterator[tuple[_Span, _Span]]:
    """Pairs that meet among spans of different dimensions: no dimension that both state differs,
    and one that is not stated holds for any value."""
    by_names: dict[tuple[str, ...], list[_Stated]] = {}
    for stated in spans:
        by_names.setdefault(tuple(name for name, _ in stated), []).append(stated)
    for ours, theirs in combinations(by_names, 2):
        both = set(ours).intersection(theirs)
        agreeing: dict[_Stated, list[_Stated]] = {}
        for stated in by_names[theirs]:
            agreeing.setdefault(_only(both, stated), []).append(stated)
        for stated in by_names[ours]:
            for other in agreeing.get(_only(both, stated), ()):
                pairs = product(spans[stated], spans[other])
                yield from (pair for pair in pairs if pair[0].meets(pair[1]))


def _only(names: Set[str], stated: _Stated) -> _Stated:
    return tuple((name, value) for name, value in sorted(stated) if name in names)


def matches(conditions: Conditions, max_tokens: int | None, request: Mapping[str, Stated]) -> bool:
    """Whether a request is charged at this rate.

    `request` gives `prompt_tokens` (0 when left out), `utc_minute` (0..1439) and any dimension by
    its name. What the rate asks for and the request leaves out is no match. Raises ConditionError
    for values that no request can have.
    """
    tokens = _whole(request, PROMPT_TOKENS) or 0
    start = conditions.min_prompt_tokens
    if (start and tokens <= start) or (max_tokens is not None and tokens > max_tokens):
        return False
    minute = _whole(request, UTC_MINUTE)
    if conditions.window is not None and (minute is None or not conditions.holds_at(minute)):
        return False
    wanted = conditions.dimensions
    given = {key: value for key, value in request.items() if key in wanted}
    return Conditions.of(given).dimensions == wanted


def _whole(request: Mapping[str, Stated], key: str) -> int | None:
    value = request.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConditionError(key, f"{value!r} is not a count")
    if key == UTC_MINUTE and value >= MINUTES_PER_DAY:
        raise ConditionError(key, f"{value} is no minute of a day")
    return value


_PLAIN_MODES: Final = frozenset({None, "text-to-video"})


class Priced(Protocol):
    """What a headline is chosen by: a rate as it is claimed, or as it stands in a statement."""

    @property
    def conditions(self) -> Conditions:
        """When it applies."""
        ...

    @property
    def status(self) -> PriceStatus:
        """What is known of its price."""
        ...

    @property
    def unit_price(self) -> Decimal | None:
        """USD per unit, where there is a number."""
        ...

    @property
    def rule(self) -> str:
        """The reading rule by which it was found."""
        ...


def headline(rates: Sequence[Priced]) -> int | None:
    """The position of the rate that stands for the meter where one number has to; None for none.

    The declared rule, each step deciding what the one before leaves open: no condition; the lowest
    token tier; a price before none; the price that holds for most minutes of the day; the lowest
    price; the first in canonical JSON. What a buyer does not get by default is no headline: another
    service tier, an additional piece, a resolution that the model does not support.

    Where the price of the rate that comes first is not known, there is no headline: none of its
    siblings stands in for it. Nor is there one where a refused price might come first.
    """
    eligible = [position for position, rate in enumerate(rates) if _is_default(rate)]
    plain = [place for place in eligible if rates[place].conditions.get(MODE) in _PLAIN_MODES]
    eligible = plain or eligible
    if not eligible:
        return None
    held = _minutes_by_price(rates)

    def rank(position: int) -> tuple[bool, int, bool, int, Decimal, str]:
        conditions, price = rates[position].conditions, rates[position].unit_price
        return (
            bool(conditions.items),
            conditions.min_prompt_tokens,
            price is None,
            -held[_group(conditions, price)],
            Decimal(0) if price is None else price,
            conditions.to_json(),
        )

    first = min(eligible, key=rank)
    rivals = [rates[place] for place in eligible if rank(place)[:2] == rank(first)[:2]]
    unseen = sum(r.conditions.minutes for r in rivals if r.rule == RULE_GAP)
    is_unsure = any(rate.rule in DOUBTFUL_RULES for rate in rivals) or (
        unseen > held[_group(rates[first].conditions, rates[first].unit_price)]
    )
    if is_unsure or rates[first].status is PriceStatus.UNKNOWN:
        return None
    # What holds above some tokens only says nothing of what is below them.
    return None if rates[first].conditions.min_prompt_tokens else first


def _is_default(rate: Priced) -> bool:
    """Whether a buyer who asks for nothing in particular may be charged at this rate."""
    stated = rate.conditions.get
    return (
        rate.rule not in _NO_HEADLINE
        and stated(SERVICE_TIER) is None
        and stated(POSITION) != ADDITIONAL
        and stated(VIDEO_INPUT) != TRUE
        and not str(stated(MEGAPIXELS)).startswith("above")
        and all(key in _KNOWN_KEYS for key, _ in rate.conditions.items)
    )


_Group = tuple[int, tuple[tuple[str, Value], ...], Decimal | None]


def _group(conditions: Conditions, price: Decimal | None) -> _Group:
    """What the windows of one tier and variant have in common when they cost the same."""
    return conditions.min_prompt_tokens, tuple(conditions.dimensions.items()), price


def _minutes_by_price(rates: Sequence[Priced]) -> dict[_Group, int]:
    minutes: dict[_Group, int] = {}
    for rate in rates:
        group = _group(rate.conditions, rate.unit_price)
        minutes[group] = minutes.get(group, 0) + rate.conditions.minutes
    return minutes
