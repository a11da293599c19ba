"""The qualifying words in the titles, notes and labels around a price.

A closed vocabulary of words and signs is looked for. Each one found becomes a condition, or it is
unread and refuses the price. Other words are taken for prose: the wording of the page's titles is
not known, so a text is not required to be understood as a whole here (labels are:
``page_labels``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from models.conditions import HAS_AUDIO, SERVICE_TIER, VIDEO_INPUT, Stated
from models.price_meters import NOT_ESTABLISHED
from models.price_qualifiers import RESOLUTION, read_qualifiers
from models.reading import CellError
from spiders.sources.page_words import (
    BARE_TERMS,
    MAX_LABEL,
    TERMS,
    are_terms,
    is_title,
    squeezed,
)

CURRENCY: Final = "currency"
CONDITION: Final = "condition_unreadable"
MAX_NOTE: Final = 600
"""Of longer texts only the beginning is looked at."""

_UNDERSTOOD: Final = re.compile(
    r"(?P<out>\bwithout|\bno) (?:audio|sound)\b|(?P<in>\bwith) (?:audio|sound)\b"
    r"|(?P<novideo>\bwithout video input\b)|(?P<video>\bwith video input\b)"
    r"|\b(?P<tier>batch|flex|priority)\b|\b(?P<lines>[0-9]{3,4}p)\b"
    r"|\b(?P<width>[0-9]{2,5}) ?x ?(?P<height>[0-9]{2,5})\b"
)
_CODES: Final = (
    r"eur|euros?|gbp|cny|jpy|rmb|yuan|yen|rub|inr|krw|cad|aud|brl|chf|hkd|twd|nzd|sgd|mxn|sek|nok"
    r"|dkk|pln|rubles?|roubles?|rupees?|cents?|credits?"
)
_CURRENCIES: Final = re.compile(
    rf"\b(?:{_CODES})\b|[€£¥₽₹₩¢元]|\b(?!us\$)[a-z]{{1,3}}\$|^(?:ca|hk|au|nt|nz|sg|mx)$"
)
_WORDS: Final = re.compile(
    r"\boff[- ]?peak\b|\bpeak\b|\bdiscount\w*|%|\bpercent\b|\bsale\b|\bwas\b|\bpromo\w*|\bspecial\b"
    r"|\btrial\b|\btrain(?:ing|ed)?\b|\bfine[- ]?tun\w*|\blora\b|\bstor(?:age|ed|ing)\b|\bsteps?\b"
    r"|\bchannels?\b|\b(?:per|/) ?(?:seat|month|mo|user|year|day|week|account|gpu|node)\b"
    r"|\b(?:monthly|yearly|annual(?:ly)?|weekly|daily|seats?)\b|\bcach(?:ed?|ing)\b"
    r"|\bvariable\b|\bdynamic\b|\bapprox\w*|[~≈<>≥≤] ?[0-9]|\bprovisioned\b|\breserved\b"
    r"|\bdedicated\b|\buntil\b|\bttl\b|\blong[- ]context\b|\bsurcharges?\b"
    r"|\b[0-9]+ ?(?:h|hrs?|hours?|mins?|minutes?)\b|\b[0-9][0-9.,]* ?(?:[km]|thousand|million)\b"
)
_BOUND: Final = r"\b(?:from|above|over|under|below|beyond|up to|(?:more|less) than|exceeding)\b"
_BOUNDS: Final = re.compile(
    rf"{_BOUND}(?! [a-z])|\b(?:above|under|below|beyond|up to|exceeding|minimum|maximum|starting"
    r"|starts|at least|at most)\b"
)
_PRAISE: Final = re.compile(r"\b[0-9]+ ?%(?! ?(?:off|discount|less|cheaper))")
# "over 300 AI models" counts models and bounds no price.
_COUNTED: Final = re.compile(
    r"(?:\b(?:over|above|more than|up to|from) )?\b[0-9][0-9,]*\+? (?:[a-z/]+ ){0,3}"
    r"(?:models|apis|providers|developers)\b"
)
_OF_PRICES: Final = re.compile(r"\b(?:pric\w+|rates?|costs?|charge[ds]?|bill(?:ed|ing)|fees?)\b")
_PROSE: Final = re.compile(
    r"[.!?]$|[.!?] |\b(?:we|our|you|your|us)\b"
    r"|\b(?:explore|discover|access|build|get|try|save|sign|contact)\b"
)
_MAX_WORDS: Final = 12
_MAX_SHOWN: Final = 5
"""So many unread texts are named: a thousand notes refuse a price no more than one does."""
_REMARK: Final = re.compile(r"\(([^()]+)\)")
# Words that may follow what a price buys, and say nothing of it: "per image, USD", "per page for".
_AFTER: Final = (
    "and or in for of on at by to with without unless when usd us dollars is are as used generated"
    " processed model models price prices pricing cost costs rate input output text"
)
_AFTER_TERMS: Final = frozenset(_AFTER.split())
_NEXT_WORD: Final = re.compile(r" ?\(?([a-z][\w-]*)")


@dataclass(frozen=True, slots=True)
class Said:
    """What texts around a price say of it: its conditions, and the words that are not understood
    with the reason they refuse it for."""

    when: tuple[tuple[str, Stated], ...] = ()
    unread: str = ""
    reason: str = NOT_ESTABLISHED

    def add_to(self, stated: dict[str, Stated]) -> None:
        """Add the conditions to those that a price states itself.

        Raises CellError where a word is not understood, or where the two contradict each other.
        """
        if self.unread:
            raise CellError(self.reason, f"nothing is known of {self.unread!r} beside this price")
        for key, value in self.when:
            if stated.setdefault(key, value) != value:
                raise CellError(CONDITION, f"{key}: {stated[key]!r} and {value!r} beside it")


NOTHING: Final = Said()


def together(parts: Iterable[Said]) -> Said:
    """What several texts say together; two values of one condition are unread."""
    when: dict[str, Stated] = {}
    unread: list[str] = []
    reasons: list[str] = []
    for part in parts:
        for key, value in part.when:
            if when.setdefault(key, value) != value:
                unread.append(f"{key} {when[key]} and {value}")
        if part.unread:
            unread.append(part.unread)
            reasons.append(part.reason)
    reason = CURRENCY if CURRENCY in reasons else NOT_ESTABLISHED
    shown = list(dict.fromkeys(unread))[:_MAX_SHOWN]
    return Said(tuple(sorted(when.items())), ", ".join(shown), reason)


@lru_cache(maxsize=4096)
def said_of(text: str, *, is_apart: bool = False) -> Said:
    """What the qualifying words of a text say.

    Prose counts only where it speaks of prices; so does every text that stands ``is_apart``, under
    no title.
    """
    plain = _plain(text)
    if (is_apart or is_prose(plain)) and not _OF_PRICES.search(plain):
        return NOTHING
    when: dict[str, Stated] = {}
    unread = [*_misplaced(plain)]
    for match in _UNDERSTOOD.finditer(plain):
        for key, value in _conditions(match):
            if when.setdefault(key, value) != value:
                unread.append(match.group())
    rest = TERMS.sub(" ", BARE_TERMS.sub(" ", _UNDERSTOOD.sub(" ", plain)))
    rest = _COUNTED.sub(" ", rest)
    foreign = [found.group() for found in _CURRENCIES.finditer(rest.strip())]
    if is_prose(plain):  # "Save up to 80%", "from top developers": what sentences praise
        rest = _PRAISE.sub(" ", rest)
    else:
        unread += [found.group() for found in _BOUNDS.finditer(rest)]
    unread += [found.group() for found in _WORDS.finditer(rest)]
    reason = CURRENCY if foreign else NOT_ESTABLISHED
    return Said(tuple(sorted(when.items())), ", ".join([*foreign, *unread]), reason)


@lru_cache(maxsize=4096)
def title_said(title: str) -> Said:
    """What a title says: what stands in parentheses in it is read whole, or it is unread."""
    text = squeezed(title)[:MAX_LABEL]
    parts: list[Said] = []
    for remark in _REMARK.findall(text):
        said = read_qualifiers(remark)
        if not said.unread and not said.is_vague:
            parts.append(Said(tuple(sorted(said.when.items()))))
            text = text.replace(f"({remark})", " ")
        elif not (is_title(remark) or are_terms(f"per {remark}") or are_terms(remark)):
            found = said_of(remark)
            parts.append(Said((), remark, found.reason))
    return together([*parts, said_of(text)])


def _plain(text: str) -> str:
    """The text in lower case, with one kind of hyphen and of space."""
    plain = unicodedata.normalize("NFKC", squeezed(text)[:MAX_NOTE]).lower()
    return squeezed(re.sub(r"[\u2010-\u2012\u2212]", "-", plain).replace("×", "x"))


def is_prose(text: str) -> bool:
    """Whether a text is a sentence, or speaks to the reader, unlike a title or a label."""
    plain = _plain(text)
    return len(plain.split()) > _MAX_WORDS or bool(_PROSE.search(plain))


def _misplaced(plain: str) -> Iterator[str]:
    """What follows the unit in a phrase such as "per image step", where it changes the unit."""
    for match in TERMS.finditer(plain):
        after = _NEXT_WORD.match(plain, match.end())
        if after and after.group(1) not in _AFTER_TERMS and not _is_understood(plain, after):
            yield f"{match.group()} {after.group(1)}"


def _is_understood(plain: str, word: re.Match[str]) -> bool:
    return _UNDERSTOOD.match(plain, word.start(1)) is not None


def _conditions(match: re.Match[str]) -> Iterator[tuple[str, Stated]]:
    found = match.groupdict()
    if found["out"] or found["in"]:
        yield HAS_AUDIO, bool(found["in"])
    if found["video"] or found["novideo"]:
        yield VIDEO_INPUT, bool(found["video"])
    if found["tier"]:
        yield SERVICE_TIER, found["tier"]
    if found["lines"]:
        yield RESOLUTION, found["lines"]
    if found["width"]:
        yield "width", int(found["width"])
        yield "height", int(found["height"])
