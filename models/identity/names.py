"""Reading a name: from any seller's id or printed name to one normal form, by spelling alone.

``Claude 4.5 Haiku By Anthropic``, ``claude-haiku-4-5-20251001`` and ``anthropic/claude-haiku-4.5``
come out with the same developer and the same words; what tells them apart (the date) is kept beside
them as a mark. Nothing is compared by likeness, and no catalogue is looked at: the same text always
reads the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from models.identity import rules
from models.identity.marks import take_marks

if TYPE_CHECKING:
    from collections.abc import Collection

#: Hyphens and dashes of every width, and marks without any: soft hyphen, zero-width, byte order.
_DASHES = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), "")
_PLUS = re.compile(r"(?<=\w)\+")
_WORD = re.compile(r"\d+(?:\.\d+)+[^\W_]*|[^\W_]+(?:(?<=\d)\.\d+[^\W_]*)*")
_WORD_WITH_VERSION = re.compile(r"([a-z]{2,})(\d+(?:\.\d+)*[a-z]?)")
_V_VERSION = re.compile(r"v(\d+(?:\.\d+)*[a-z]?)")
_VERSION = re.compile(r"\d+(?:\.\d+)*[anov]?")
_TRAILING_ZERO = re.compile(r"^([a-z]?\d+)(?:\.0)+$")
_MAJOR = re.compile(r"[a-z]?(?:0|[1-9]\d?)")
_MINOR = re.compile(r"\dv?|[1-9]\d")
#: How often a text of many dates is read before the reading stands.
_REREADINGS = 4
_SIZE = re.compile(r"[ae]?\d+(?:\.\d+)?[bmt]|\d+x\d+b")


@dataclass(frozen=True, slots=True)
class Designation:
    """What a text calls a model: its developer's code, its words in normal order, and its marks.

    A mark ``(kind, value)`` may or may not set a model apart from its namesake without it: ``date``
    (a whole date), ``stamp`` (month and day, year and month), ``revision``, ``quantisation``,
    ``packaging``, ``pointer``. ``base`` is the key without any mark, ``key`` is
    ``developer/model`` with every mark; reading it gives this designation again.
    """

    developer: str
    words: tuple[str, ...]
    marks: tuple[tuple[str, str], ...] = ()
    base: str = field(init=False, compare=False)
    key: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        base = f"{self.developer}/{_spell(self.developer, self.words)}"
        object.__setattr__(self, "base", base)
        object.__setattr__(self, "key", "-".join((base, *(value for _, value in self.marks))))

    def less(self, lost: Collection[tuple[str, str]]) -> Designation:
        """The same designation without these marks."""
        kept = tuple(mark for mark in self.marks if mark not in lost)
        return Designation(self.developer, self.words, kept)

    def with_short_date(self) -> Designation:
        """The same designation with a whole date written as month and day only."""
        short = tuple(
            ("stamp", value[5:7] + value[8:]) if kind == "date" else (kind, value)
            for kind, value in self.marks
        )
        return Designation(self.developer, self.words, tuple(sorted(short)))


def fold(text: str) -> str:
    """Lower case, compatible forms and dashes made equal, no invisible marks or double spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES | _INVISIBLE)
    return " ".join(text.lower().split())


def page_model_id(developer: str, name: str) -> str:
    """The id of an offering that is known by its printed name only."""
    return f"page:{fold(developer).replace(' ', '-')}/{fold(name).replace(' ', '-')}"


@lru_cache(maxsize=4096)
def developer_code(text: str) -> str:
    """The developer's code; of one that is not listed its spelling less "AI", "Inc" and such."""
    squeezed = rules.squeeze(fold(text))
    code = rules.SPELLINGS.get(squeezed) or rules.FAMILIES.get(squeezed)
    if code is not None:
        return code
    words = _split(fold(text))
    while len(words) > 1 and words[-1] in rules.CORPORATE:
        words.pop()
    return rules.SPELLINGS.get("".join(words), "-".join(words))


@lru_cache(maxsize=16384)
def read_name(developer: str, name: str) -> Designation:
    """What a printed name says. ``developer`` may be empty where the name says it, or nothing."""
    text = fold(name)
    head, colon, rest = text.partition(": ")
    if colon and (not developer or developer_code(head) == developer_code(developer)):
        developer, text = developer or head, rest
    return _read(developer_code(developer) if developer else _developer_in(text), text)


@lru_cache(maxsize=16384)
def read_id(developer: str, model_id: str) -> Designation:
    """What an id says; ``developer`` is what the seller states beside it, possibly nothing.

    The part before the first slash is the developer when it is spelled like one; some sellers put a
    product family there instead ("kling-video/v1/pro"), which then belongs to the model's name.
    """
    text, _ = split_variant(fold(model_id).removeprefix("~"))
    for prefix in rules.ROUTES.values():
        text = text.removeprefix(prefix)
    head, slash, rest = text.partition("/")
    stated = developer_code(developer) if developer else ""
    if not slash:
        return _read(stated, text)
    written = rules.SPELLINGS.get(rules.squeeze(head))
    if written is not None:
        return _read(written, rest)
    if stated in rules.DEVELOPERS:
        return _read(stated, rest if rest.startswith(head) else text)
    return _read(developer_code(head), rest)


def split_variant(model_id: str) -> tuple[str, str | None]:
    """An id and the suffix after its colon (``:free``), None when it has none."""
    text, _, variant = model_id.partition(":")
    return text, variant or None


def route_of(model_id: str) -> str | None:
    """The seller's own route that an id opens with (``fallback``), None for a plain id."""
    folded = fold(model_id)
    return next((name for name, head in rules.ROUTES.items() if folded.startswith(head)), None)


@lru_cache(maxsize=8192)
def is_size(word: str) -> bool:
    """Whether a word counts parameters: ``70b``, ``a22b``, ``e4b``, ``8x7b``."""
    return _SIZE.fullmatch(word) is not None


def _developer_in(text: str) -> str:
    """The listed developer that a name tells by itself ("… by Anthropic", "ElevenLabs …")."""
    _, by, tail = text.rpartition(" by ")
    if by and (code := rules.SPELLINGS.get(rules.squeeze(tail))):
        return code
    words = _split(text)
    heads = ("".join(words[:count]) for count in range(min(len(words) - 1, 3), 0, -1))
    return next((rules.SPELLINGS[head] for head in heads if head in rules.SPELLINGS), "")


@lru_cache(maxsize=8192)
def _is_version(word: str) -> bool:
    return _VERSION.fullmatch(word) is not None and not is_size(word)


def _read(developer: str, text: str) -> Designation:
    """Read a text, and what was read again where numbers left beside marks might read otherwise."""
    reading = _read_once(developer, text)
    for _ in range(_REREADINGS if _may_read_otherwise(reading) else 0):
        again = _read_once(developer, reading.key.partition("/")[2])
        if again == reading:
            break
        reading = again
    return reading


def _may_read_otherwise(reading: Designation) -> bool:
    if not reading.marks:
        return False
    return len(reading.marks) > 1 or any(word.isdigit() for word in reading.words)


def _read_once(developer: str, text: str) -> Designation:
    for noise in rules.NOISE:
        text = text.removeprefix(noise)
    words, marks = take_marks([plain for word in _split(text) for plain in _plain(word)])
    words = _without_tail(developer, words)
    words = _branded(developer, _without_prefix(developer, words))
    return Designation(developer, tuple(_ordered(_phrases(_versions(words)))), tuple(marks))


def _split(text: str) -> list[str]:
    return _WORD.findall(_PLUS.sub(" plus", text))


@lru_cache(maxsize=8192)
def _plain(word: str) -> tuple[str, ...]:
    """Split "qwen3" into word and version, drop the v of "v2.5", write synonyms one way."""
    if word in rules.SAME:
        return rules.SAME[word]
    if word in rules.MARKS or word.isalpha():
        return (word,)
    if match := _V_VERSION.fullmatch(word):
        return (match[1],)
    if match := _WORD_WITH_VERSION.fullmatch(word):
        return (*rules.SAME.get(match[1], (match[1],)), match[2])
    return (word,)


def _without_tail(developer: str, words: list[str]) -> list[str]:
    """Drop "by Anthropic" where it names the developer."""
    if "by" not in words[1:]:
        return words
    at = len(words) - 1 - words[::-1].index("by")
    named = rules.SPELLINGS.get("".join(words[at + 1 :]))
    known = named is not None and named == developer
    return words[:at] if known or "-".join(words[at + 1 :]) == developer else words


def _without_prefix(developer: str, words: list[str]) -> list[str]:
    """Drop the developer's name from the front of the model's, unless nothing would remain."""
    entry = rules.DEVELOPERS.get(developer)
    for prefix in entry.prefixes if entry else ():
        while len(words) > len(prefix) and tuple(words[: len(prefix)]) == prefix:
            words = words[len(prefix) :]
    return words


def _branded(developer: str, words: list[str]) -> list[str]:
    entry = rules.DEVELOPERS.get(developer)
    if not entry or not entry.brand or not words or words[0] == entry.brand:
        return words
    return [entry.brand, *words] if entry.branded.fullmatch(words[0]) else words


def _versions(words: list[str]) -> list[str]:
    """Write "3.0" as "3" and join "4 5" to "4.5", until nothing is left to do."""
    while True:
        plain = [_TRAILING_ZERO.sub(r"\1", word) if ".0" in word else word for word in words]
        words = []
        for word in plain:
            if (
                word[0].isdigit()
                and words
                and _MINOR.fullmatch(word)
                and _MAJOR.fullmatch(words[-1])
            ):
                words[-1] = f"{words[-1]}.{word}"
            else:
                words.append(word)
        if len(words) == len(plain):
            return words


def _phrases(words: list[str]) -> list[str]:
    if "to" not in words:
        return words
    folded: list[str] = []
    index = 0
    while index < len(words):
        phrase = rules.PHRASES.get(tuple(words[index : index + 3]))
        folded.append(phrase or words[index])
        index += 3 if phrase else 1
    return folded


def _ordered(words: list[str]) -> list[str]:
    """Put a family's version before its rung, whichever way it was written."""
    rungs = rules.ORDER.get(words[0]) if words else None
    if rungs is None:
        return words
    last = next((i for i, word in enumerate(words[1:], 1) if word not in rungs.words), 0)
    if last > 1 and _is_version(words[last]):
        return [words[0], words[last], *words[1:last], *words[last + 1 :]]
    return words


def _spell(developer: str, words: tuple[str, ...]) -> str:
    """The words as a key writes them; each difference from the words is undone by reading."""
    spelled = list(words)
    after_v = rules.V_AFTER.get(developer, frozenset())
    for index in range(1, len(words)):
        before = words[index - 1]
        if _is_version(words[index]):
            if before in after_v or before == "instruct" or is_size(before):
                spelled[index] = "v" + words[index]
            elif index == 1 and (before, words[index]) in rules.ZERO:
                spelled[index] += ".0"
    rungs = rules.ORDER.get(words[0]) if words else None
    if rungs and len(words) > 2 and words[2] in rungs.words and _after_rung(rungs, words[1]):
        spelled[1:3] = [spelled[2], spelled[1]]
    if len(words) > 1 and words[0] in rules.JOINED and _is_version(words[1]):
        spelled[:2] = [spelled[0] + spelled[1]]
    return "-".join(spelled)


def _after_rung(rungs: rules.Rungs, version: str) -> bool:
    """Whether a family's version is written after the rung ("claude-opus-4.5")."""
    major = version.partition(".")[0]
    return bool(rungs.after_from) and major.isdigit() and int(major) >= rungs.after_from
