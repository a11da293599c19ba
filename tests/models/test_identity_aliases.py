"""The file of checked names: what it must say, and how it refuses."""

from __future__ import annotations

import pytest

from models.identity import Alias, AliasError, alias_text, load_aliases, parse_aliases

GOOD = Alias(
    seller="aimlapi",
    name='OpenAI / "Sora" 2\u2011Pro \\ é',
    targets=("openai/sora-2-pro-t2v", "openai/sora-2-pro-*"),
    operation="video",
    covers="text and image",
    reason="One model.",
    evidence="https://example.org/sora",
    date="2026-11-23",
)
FIELDS = {
    "seller": '"aimlapi"',
    "name": '"A / B"',
    "targets": '["a/b"]',
    "reason": '"same"',
    "evidence": '"https://example.org"',
    "date": '"2026-11-23"',
}


def text(**changed: str | None) -> str:
    fields = {name: value for name, value in {**FIELDS, **changed}.items() if value is not None}
    return "\n".join(["[[alias]]", *(f"{name} = {value}" for name, value in fields.items())])


def test_every_shipped_alias_says_why_where_and_when() -> None:
    for alias in load_aliases():
        assert alias.reason.endswith(".")
        assert alias.evidence.startswith("https://")
        assert alias.date >= "2026-01-01"


def test_an_alias_survives_its_text() -> None:
    assert parse_aliases(alias_text(GOOD)) == (GOOD,)
    assert parse_aliases(text() + "\n\n" + alias_text(GOOD))[1] == GOOD


def test_no_aliases_are_no_error() -> None:
    assert parse_aliases("# nothing checked yet\n") == ()


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("alias = 3", "more than"),
        ("[[alias", "not TOML"),
        ("alias = [3]", "not a table"),
        (text() + "\n[other]\n", "more than"),
        (text(seller='"nobody"'), "no seller 'nobody'"),
        (text(name=None), "has no name"),
        (text(reason='" "'), "has no reason"),
        (text(evidence='"a friend"'), "evidence"),
        (text(date='"today"'), "date"),
        (text(date="2026-11-23"), "date is not text"),
        (text(targets=None), "either targets or canonical"),
        (text(canonical='"openai/gpt-5"'), "either targets or canonical"),
        (text(targets='"a/b"'), "not a list"),
        (text(targets='["a/b", 3]'), "not a list"),
        (text(targets='["a/b", "a/b"]', covers='"two"'), "twice"),
        (text(targets='["a/b", "a/c"]'), "covers"),
        (text(targets='["a/*"]'), "covers"),
        (text(covers='"all"'), "covers"),
        (text(operation='"dance"'), "no operation 'dance'"),
        (text(seller='"*"'), "belong to one seller"),
        (text(targets=None, canonical='"OpenAI/GPT 5"'), "write 'openai/gpt-5'"),
        (text(note='"x"'), "unknown fields note"),
        (text() + "\n" + text(), "stands twice"),
    ],
)
def test_a_broken_alias_is_refused_by_name_and_remedy(broken: str, named: str) -> None:
    with pytest.raises(AliasError, match=named) as caught:
        parse_aliases(broken)
    assert ";" in str(caught.value)


def test_a_canonical_alias_may_not_lead_to_another() -> None:
    first = text(seller='"*"', name='"openai/a"', targets=None, canonical='"openai/b"')
    second = text(seller='"*"', name='"openai/b"', targets=None, canonical='"openai/c"')
    with pytest.raises(AliasError, match="an alias itself"):
        parse_aliases(first + "\n" + second)
