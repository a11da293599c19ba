"""What a name carries beside its words: dates, revisions, precisions, packagings, pointers.

Sellers write a date in many ways: ``2025-08-07``, ``20250807``, ``250807`` (whole dates), ``0709``
and ``07-09`` (month and day), ``2507`` (year and month), ``08-2024`` and ``2024-08``. All but the
whole dates are stamps: they tell two releases apart, but not which day was meant.
"""

from __future__ import annotations

import re

from models.identity import rules

_DATE8 = re.compile(r"20[2-3]\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_DATE6 = re.compile(r"2\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_STAMP4 = re.compile(r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|2[3-9](0[1-9]|1[0-2])")
_YEAR = re.compile(r"20[2-3]\d")
_MONTH = re.compile(r"0[1-9]|1[0-2]")
_DAY = re.compile(r"0[1-9]|[12]\d|3[01]")
_REVISION = re.compile(r"00\d")


def take_marks(words: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Take dates, revisions, precisions and pointers out of the words, in a fixed order."""
    kept: list[str] = []
    marks: list[tuple[str, str]] = []
    index = 0
    while index < len(words):
        used, mark = _mark(words, index) if index else (0, None)
        if mark is None:
            kept.append(words[index])
        else:
            marks.append(mark)
        index += max(used, 1)
    marks.sort()
    return kept, marks


def _mark(words: list[str], index: int) -> tuple[int, tuple[str, str] | None]:
    word = words[index]
    if word.isdigit():
        return _date(word, words[index + 1 : index + 3])
    kind = rules.MARKS.get(word)
    return (1, (kind, word)) if kind else (0, None)


def _date(word: str, after: list[str]) -> tuple[int, tuple[str, str] | None]:
    """The date that starts at ``word``, as sellers write dates; how many words it takes."""
    second, third = (*after, "", "")[:2]
    if len(word) == 8 and _DATE8.fullmatch(word):
        return 1, ("date", f"{word[:4]}-{word[4:6]}-{word[6:]}")
    if len(word) == 6 and _DATE6.fullmatch(word):
        return 1, ("date", f"20{word[:2]}-{word[2:4]}-{word[4:]}")
    if len(word) == 4:
        return _year_first(word, second, third)
    if len(word) == 2 and _MONTH.fullmatch(word):
        if _YEAR.fullmatch(second) and not _MONTH.fullmatch(third):
            return 2, ("stamp", f"{second}-{word}")
        if word[0] == "0" and len(second) == 2 and _DAY.fullmatch(second):
            return 2, ("stamp", word + second)
    if _REVISION.fullmatch(word):
        return 1, ("revision", word)
    return 0, None


def _year_first(word: str, second: str, third: str) -> tuple[int, tuple[str, str] | None]:
    if _YEAR.fullmatch(word) and _MONTH.fullmatch(second):
        if _DAY.fullmatch(third) and len(third) == 2:
            return 3, ("date", f"{word}-{second}-{third}")
        return 2, ("stamp", f"{word}-{second}")
    return (1, ("stamp", word)) if _STAMP4.fullmatch(word) else (0, None)
