"""The words of a pricing page that are no prices: headings, unit phrases, column titles, labels.

All tables here are closed: a heading that names no kind of work, or two of them, names none, and
terms that could be read in two ways are no terms. What is left open that way is refused later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from models.pricetext import PriceTextError, parse_unit_phrase

# Longer than any name, price or column title; beyond it a text is prose and is not looked at.
MAX_LABEL: Final = 160
MAX_NAME: Final = 90

# What a section's title says its models are for, in the registry's words for this page. The first
# pattern that fits is taken out of the title before the next one is tried, so that "Speech to text"
# is transcription and not text.
_WORK: Final = tuple(
    (word, re.compile(pattern, re.IGNORECASE))
    for word, pattern in (
        ("embedding", r"\b(?:text |image )?embeddings?\b"),
        ("rerank", r"\bre-?rank(?:ing|ers?)?\b"),
        ("search", r"\b(?:web )?search\b"),
        ("transcription", r"\b(?:speech|voice|audio)[ -](?:to|2)[ -]text\b|\bstt\b|\basr\b"),
        ("transcription", r"\btranscri\w*|\bspeech recognition\b"),
        ("speech", r"\btext[ -](?:to|2)[ -](?:speech|voice)\b|\btts\b"),
        ("speech", r"\b(?:speech|voice) (?:synthesis|generation)\b"),
        ("video", r"\b(?:(?:text|image|video|audio)s?[ -](?:to|2)[ -])?videos?\b"),
        ("image", r"\b(?:(?:text|image)s?[ -](?:to|2)[ -])?images?\b"),
        ("audio", r"\b(?:text[ -](?:to|2)[ -])?(?:music|songs?)\b|\btext[ -](?:to|2)[ -]audio\b"),
        ("audio", r"\b(?:audio|sound) generation\b|\bsound effects?\b"),
        ("document", r"\bocr\b|\boptical character recognition\b|\bdocuments?\b"),
        ("text", r"\b(?:chat|llms?|language|reasoning|coding|text generation)\b"),
        ("text", r"\btext(?: models?)?\b"),
        ("sound", r"\b(?:audio|sounds?|speech|voices?)\b"),
    )
)
# A broad word beside a narrow one takes nothing away from it: "Music and audio" is music.
_WITH: Final = {"audio": "sound", "speech": "sound", "transcription": "sound", "document": "text"}
_SOUND: Final = frozenset({"audio", "speech", "transcription"})

_UNITS: Final = (
    r"tokens?|tok|characters?|chars?|images?|megapixels?|mp|seconds?|secs?|s|minutes?|mins?|hours?"
    r"|songs?|tracks?|pages?|web search(?:es)?|search(?:es)?|quer(?:y|ies)|requests?|videos?"
)
_COUNT: Final = r"(?:[0-9]{1,3}(?:[,\s][0-9]{3}){0,3}|[0-9]{1,9})?\s?(?:[km]|million|thousand)?"
_KIND: Final = r"(?:(?:input|output|cached(?: input)?|text|image|video|audio|[0-9]+x[0-9]+)\s)?"
_BUYS: Final = (
    rf"({_COUNT}\s?{_KIND}(?:{_UNITS}))\b(?!\s?(?:to|2)\b)"
    r"(?P<direction>(?:\s\(?(?:input|output|cache read|cache write)\)?)?)"
)
# A slash counts after a price only: "Text / image models" says nothing of what is paid for.
TERMS: Final = re.compile(
    rf"(?:\bper\s|(?:\$|\busd|\bprices?|\bcosts?|[0-9])\s?/\s?){_BUYS}", re.IGNORECASE
)
BARE_TERMS: Final = re.compile(rf"(?:per\s|/\s?){_BUYS}", re.IGNORECASE)
_COLUMNS: Final = tuple(
    (column, re.compile(pattern, re.IGNORECASE))
    for column, pattern in (
        ("context", r"\bcontext\b|\bwindow\b"),
        ("cache_write", r"\bcache[ -]?(?:d )?writ\w*|\bcache creation\b"),
        ("cache_read", r"\bcache|\bcached\b"),
        ("input", r"\b(?:input|prompt)s?\b"),
        ("output", r"\b(?:output|completion|generated)s?\b"),
        ("price", r"\b(?:prices?|pricing|costs?|rates?|amount)\b|\$"),
        ("unit", r"\b(?:units?|billing|measured?|billed|charged)\b"),
        ("work", r"\b(?:type|category|modality|task|kind)\b"),
        ("qualifier", r"\b(?:resolution|quality|currency|tier|notes?|remarks?|comments?)\b"),
        ("qualifier", r"\b(?:conditions?|mode|audio|sound|duration|discount|plan)\b"),
        ("developer", r"\b(?:provider|developer|vendor|company|author|brand)\b"),
        ("name", r"\b(?:models?|name|product)\b"),
    )
)
PRICE_COLUMNS: Final = frozenset({"input", "output", "cache_read", "cache_write", "price"})
_LABEL: Final = re.compile(
    r"(?:(?:input|output|prompt|completion|cached?|cache (?:read|write)|price|pricing|cost|context"
    r"|model|models|usd|tokens?|free|new|hot|popular|beta|unit|from|per|and|or|window|length"
    r"|try|it|now|get|started|api|key|learn|more|view|all|details|docs|read|see|buy|contact|us)"
    r"[\s:/,.]*)+",
    re.IGNORECASE,
)
# Words of labels that say when a price applies, or of what it is: no model is called by them alone.
_OF_LABELS: Final = (
    "batch flex priority training trained train fine tuning finetuning tuned storage stored step"
    " steps channel channels discount discounted sale was promo promotion off peak special cache"
    " cached caching write writes read reads with without audio sound video image text input output"
    " variable above over under up to minimum starting from at per hour hours minute minutes second"
    " seconds month monthly year yearly seat user in all credits credit provisioned reserved only"
    " dedicated price prices tokens token prompt completion ca hk nt us au nz sg mx eur euro gbp"
    " cny jpy rmb rub inr cad aud brl chf krw usd long context"
)
_LABEL_WORDS: Final = frozenset(_OF_LABELS.split())
_LABEL_NUMBER: Final = re.compile(r"[0-9]+(?:p|h|m|k|min|x[0-9]+)?")
_LABEL_WORD: Final = re.compile(r"[^\s:/,.()\-\u2010-\u2015|\u00b7\u2022%$\u20ac\u00a3+]+")
_HAS_LETTER: Final = re.compile(r"[^\W\d_]")
CONTEXT: Final = re.compile(r"[0-9][0-9.,]*\s?[kmKM\u041a\u041c\u043a\u043c]?(?:\s?tokens)?")
_CONTEXT_LABEL: Final = re.compile(
    rf"(?:(?:max )?context(?: window| length| size)?:? ?)?{CONTEXT.pattern}"
    r"(?: (?:max )?context(?: window| length| size)?)?",
    re.IGNORECASE,
)
BOUNDED: Final = re.compile(r"\b(?:above|over|under|below|beyond)\b|[<>≥≤]", re.IGNORECASE)
"""A length of a context that bounds the prices beside it: "above 200K"."""
_SPACE: Final = re.compile(r"\s+")


def squeezed(text: str) -> str:
    """The text with every run of space (also of the non-breaking kind) as one space."""
    return _SPACE.sub(" ", text).strip()


def work_of(title: str) -> str | None:
    """What kind of work a title names: "" where it names none, None where it names several.

    ``sound`` is a title like "Audio models", which may stand over speech, music and transcription
    alike.
    """
    found: list[str] = []
    rest = squeezed(title)[:MAX_LABEL].replace("_", " ")
    rest = rest if " " in rest else rest.replace("-", " ")  # "text-embedding-models"
    for word, pattern in _WORK:
        rest, count = pattern.subn(" ", rest)
        if count and word not in found:
            found.append(word)
    for word in [*found]:
        if (weaker := _WITH.get(word)) in found:
            found.remove(weaker or "")
    if len(found) > 1:
        return "sound" if _SOUND.issuperset(found) else None
    return found[0] if found else ""


def terms_in(texts: Iterable[str]) -> set[str]:
    """Every phrase in the texts that says what a price buys ("per 1M tokens", "/ image")."""
    found: set[str] = set()
    for text in texts:
        for match in TERMS.finditer(squeezed(text)[:MAX_LABEL]):
            phrase = f"per {squeezed(match.group(1))}{match.group('direction')}"
            if are_terms(phrase):
                found.add(phrase.lower())
    return found


def are_terms(phrase: str) -> bool:
    """Whether a phrase says what a price buys and nothing else."""
    try:
        parse_unit_phrase(phrase)
    except PriceTextError:
        return False
    return True


def column_of(title: str) -> str:
    """What a column holds by its title: a price column's word, name, developer, context, unit,
    work, qualifier (of the prices beside it), or "" for anything else."""
    text = squeezed(title)[:MAX_LABEL]
    return next((column for column, pattern in _COLUMNS if pattern.search(text)), "")


def is_name(text: str) -> bool:
    """Whether a text could be a model's name: short, with a letter, no label and no terms."""
    text = squeezed(text)
    if (
        not 0 < len(text) <= MAX_NAME
        or not _HAS_LETTER.search(text)
        or text.endswith((".", "!", "?"))
    ):
        return False
    if _LABEL.fullmatch(text) or CONTEXT.fullmatch(text) or BARE_TERMS.match(text):
        return False
    return not all(map(_is_label_word, _LABEL_WORD.findall(text.lower())))


def _is_label_word(word: str) -> bool:
    return word in _LABEL_WORDS or _LABEL_NUMBER.fullmatch(word) is not None


def is_context(text: str) -> bool:
    """Whether a text states the length of a context and nothing else."""
    return _CONTEXT_LABEL.fullmatch(squeezed(text)) is not None


def is_terms_only(text: str) -> bool:
    """Whether a text says what a price buys, without the price: "/ 1M tokens"."""
    return BARE_TERMS.match(squeezed(text)) is not None


def developer_and_name(printed: str) -> tuple[str, str]:
    """The two halves of "Developer / Model"; the developer is empty where only one is printed."""
    developer, slash, name = squeezed(printed).partition(" / ")
    return (developer.strip(), name.strip()) if slash and name.strip() else ("", squeezed(printed))


_FILLERS: Final = re.compile(
    r"\b(?:models?|apis?|ai|ml|pricing|prices?|generation|generative|our|all|and|the|list|large|llms?"
    r"|ocr|stt|tts|other|more|popular|new)\b|[&/,()+:|-]",
    re.IGNORECASE,
)


def is_title(text: str) -> bool:
    """Whether a text names a kind of work and nothing else, as titles of sections do."""
    rest = squeezed(text)
    if work_of(rest) == "":
        return False
    for _, pattern in _WORK:
        rest = pattern.sub(" ", rest)
    return not _FILLERS.sub(" ", rest).strip()
