"""The plans of the two interfaces, as generators: no network, just answers in and verdicts out."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.capture import FetchOutcome
from spiders.conversation import answer_with
from spiders.judge import body_problem, status_problem
from spiders.listplan import rows_of
from spiders.plan import Answer, Plan, Received, Request, Verdict, failed
from spiders.sources.aiml_models import AIML_PLAIN_URL, AIML_URL, aiml_models_plan
from spiders.sources.openrouter_models import OPENROUTER_URL, openrouter_models_plan

SITE = "https://openrouter.ai/api/v1/models"


def carry_out(plan: Plan, said: Mapping[str, object]) -> tuple[Verdict, list[str]]:
    """Answer by address: a number is an error status, bytes a body, anything else JSON."""
    asked: list[str] = []
    try:
        request = next(plan)
        while True:
            asked.append(request.url)
            what = said[request.url]
            status = what if isinstance(what, int) else 200
            body = what if isinstance(what, bytes) else json.dumps(what).encode()
            received = Received(request.url, status, {}, body)
            request = plan.send(answer_with(request, len(asked) - 1, received))
    except StopIteration as end:
        return end.value, asked


def rows(*numbers: int) -> list[object]:
    return [{"id": f"a/{n}", "pricing": {"prompt": "0"}} for n in numbers]


def test_one_page_without_an_envelope_is_complete() -> None:
    verdict, asked = carry_out(openrouter_models_plan(), {OPENROUTER_URL: rows(1, 2)})
    assert verdict.outcome == FetchOutcome.OK
    assert asked == [OPENROUTER_URL]
    assert asked[0].endswith("?output_modalities=all")


@pytest.mark.parametrize(
    "links", [{"next": None}, {"next": ""}, {}, None, [], "x", {"next": False}]
)
def test_a_list_that_names_no_next_page_is_complete(links: object) -> None:
    said = {OPENROUTER_URL: {"data": rows(1, 2), "total_count": 2, "links": links}}
    assert carry_out(openrouter_models_plan(), said)[0].outcome == FetchOutcome.OK


@pytest.mark.parametrize("link", ["/api/v1/models?offset=2", "?offset=2", f"{SITE}?offset=2"])
def test_next_pages_are_followed_and_counted_together(link: str) -> None:
    said = {
        OPENROUTER_URL: {"data": rows(1, 2), "total_count": 3, "links": {"next": link}},
        f"{SITE}?offset=2": {"data": rows(3), "total_count": 3, "links": {"next": None}},
    }
    verdict, asked = carry_out(openrouter_models_plan(), said)
    assert (verdict.outcome, len(verdict.pages)) == (FetchOutcome.OK, 2)
    assert asked == [OPENROUTER_URL, f"{SITE}?offset=2"]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"data": rows(3), "total_count": 4}, "total_count is 4, but 3 rows were read"),
        ({"data": rows(2), "total_count": 3}, "1 rows on two pages"),
        ({"data": rows(3), "links": {"next": OPENROUTER_URL}}, "leads back"),
        ({"data": rows(3), "links": {"next": "https://evil.example/"}}, "another host"),
        ({"data": rows(3), "links": {"next": "http://openrouter.ai/x"}}, "another host"),
        (404, "page 2: http_error: answered 404"),
        (b'{"data": [', "page 2: truncated"),
        ({"no": "list"}, "page 2: error_page"),
    ],
)
def test_a_part_that_is_missing_makes_the_fetch_incomplete(second: object, words: str) -> None:
    said = {
        OPENROUTER_URL: {"data": rows(1, 2), "links": {"next": "?offset=2"}},
        f"{SITE}?offset=2": second,
    }
    verdict, _ = carry_out(openrouter_models_plan(), said)
    assert verdict.outcome == FetchOutcome.INCOMPLETE
    assert words in verdict.detail


NO_LINKS = ["http://[::1", "https://[", "http://\u2100.example/", 3, {"href": "?p=2"}, "x" * 9_000]


@pytest.mark.parametrize("link", NO_LINKS)
def test_a_next_page_that_is_no_address_makes_the_fetch_incomplete(link: object) -> None:
    said = {OPENROUTER_URL: {"data": rows(1, 2), "links": {"next": link}}}
    verdict, asked = carry_out(openrouter_models_plan(), said)
    assert verdict.outcome == FetchOutcome.INCOMPLETE
    assert asked == [OPENROUTER_URL]
    assert verdict.detail.startswith("links.next ")
    assert len(verdict.detail) < 400


@given(st.text() | st.from_regex(r"https?://\[?[\w:%@.\[\]]{0,20}(/.*)?", fullmatch=True))
def test_no_link_to_a_next_page_raises(link: str) -> None:
    class Site(dict[str, object]):
        def __missing__(self, url: str) -> object:
            return 404

    first = {"data": rows(1), "links": {"next": link}}
    verdict, _ = carry_out(openrouter_models_plan(), Site({OPENROUTER_URL: first}))
    leads_nowhere = link in {"", OPENROUTER_URL}
    assert verdict.outcome in {FetchOutcome.INCOMPLETE, FetchOutcome.OK}
    assert (verdict.outcome == FetchOutcome.OK) <= leads_nowhere


def test_a_total_that_differs_on_the_only_page_is_incomplete() -> None:
    said = {OPENROUTER_URL: {"data": rows(1), "total_count": 2}}
    assert carry_out(openrouter_models_plan(), said)[0].outcome == FetchOutcome.INCOMPLETE


def test_pages_without_end_are_given_up() -> None:
    class Endless(dict[str, object]):
        def __missing__(self, url: str) -> object:
            return {"data": rows(len(url)), "links": {"next": f"{url}x"}}

    verdict, asked = carry_out(openrouter_models_plan(), Endless())
    assert (verdict.outcome, len(asked)) == (FetchOutcome.INCOMPLETE, 20)


def test_no_rows_are_never_no_prices() -> None:
    bodies: list[object] = [[], {"data": []}]
    for empty in bodies:
        verdict, _ = carry_out(openrouter_models_plan(), {OPENROUTER_URL: empty})
        assert verdict.outcome == FetchOutcome.EMPTY


OLD = {"object": "list", "data": [{"id": "x", "type": "chat-completion", "endpoints": []}]}
NEW = {"data": [{"id": "x", "type": "openai/chat-completions", "pricing": {"kind": "fixed"}}]}
BARE = {"data": [{"id": "x", "type": "openai/chat-completions"}]}


def aiml(full: object, plain: object = None) -> tuple[FetchOutcome, list[str], list[str]]:
    said = {AIML_URL: full} | ({} if plain is None else {AIML_PLAIN_URL: plain})
    verdict, asked = carry_out(aiml_models_plan(), said)
    return verdict.outcome, asked, [page.request.url for page in verdict.pages]


def test_the_catalogue_with_its_sections_is_asked_for_once() -> None:
    assert aiml(NEW) == (FetchOutcome.OK, [AIML_URL], [AIML_URL])
    assert aiml(NEW["data"]) == (FetchOutcome.OK, [AIML_URL], [AIML_URL])
    assert "include=pricing,modalities,capabilities" in AIML_URL


@pytest.mark.parametrize("full", [404, 410, OLD])
def test_the_older_catalogue_is_taken_from_its_own_address(full: object) -> None:
    assert aiml(full, OLD) == (FetchOutcome.OK, [AIML_URL, AIML_PLAIN_URL], [AIML_PLAIN_URL])


@pytest.mark.parametrize(
    ("full", "plain"),
    [(404, BARE), (BARE, BARE), (BARE, OLD), (BARE, 404), (OLD, BARE)],
)
def test_the_newer_catalogue_without_prices_is_incomplete(full: object, plain: object) -> None:
    assert aiml(full, plain)[0] == FetchOutcome.SECTIONS_MISSING


@pytest.mark.parametrize(
    "row",
    [
        {"type": "openai/chat-completions"},
        {"type": "chat-completion", "aliases": None},
        {"info": {"docsUrl": ""}},
    ],
)
def test_each_mark_of_the_newer_shape_counts(row: object) -> None:
    assert (
        aiml(404, {"data": [{"id": "x", "type": "tts"}, row]})[0] == FetchOutcome.SECTIONS_MISSING
    )


@pytest.mark.parametrize("full", [404, BARE])
def test_prices_at_the_plain_address_are_prices(full: object) -> None:
    assert aiml(full, NEW) == (FetchOutcome.OK, [AIML_URL, AIML_PLAIN_URL], [AIML_PLAIN_URL])


@pytest.mark.parametrize(
    ("full", "plain", "outcome"),
    [
        (503, None, FetchOutcome.HTTP_ERROR),
        (429, None, FetchOutcome.THROTTLED),
        (b"{", None, FetchOutcome.TRUNCATED),
        ({"models": 1}, None, FetchOutcome.ERROR_PAGE),
        ({"data": []}, None, FetchOutcome.EMPTY),
        (404, 404, FetchOutcome.HTTP_ERROR),
        (404, {"data": []}, FetchOutcome.EMPTY),
        (404, {"models": 1}, FetchOutcome.ERROR_PAGE),
        (404, b"[1", FetchOutcome.TRUNCATED),
    ],
)
def test_what_else_can_go_wrong_keeps_its_name(
    full: object, plain: object, outcome: FetchOutcome
) -> None:
    assert aiml(full, plain)[0] == outcome


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "links", "next", "total_count", "id", "type", "info", "pricing"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, min_size=25, max_size=25))
def test_no_document_breaks_a_plan(documents: list[object]) -> None:
    for plan in (openrouter_models_plan(), aiml_models_plan()):
        verdict, asked = carry_out(plan, InTurn(documents))
        assert isinstance(verdict, Verdict)
        assert len(asked) <= 20


class InTurn(dict[str, object]):
    """Answers each request with the next document, whatever is asked."""

    def __init__(self, documents: list[object]) -> None:
        super().__init__()
        self.left = list(documents)

    def __missing__(self, url: str) -> object:
        return json.dumps(self.left.pop()).encode()


def test_rows_are_found_in_a_list_or_an_envelope() -> None:
    assert rows_of([1]) == [1]
    assert rows_of({"data": [2]}) == [2]
    nowhere: list[object] = [None, {}, {"data": {}}, "x", 3]
    for nothing in nowhere:
        assert rows_of(nothing) is None


PAGE = b"<html><head><title>%s</title></head><body>prices</body></html>"


@pytest.mark.parametrize(
    "title",
    [
        b"Just a moment...",
        b"Attention Required! | Cloudflare",
        b"503 Service Temporarily Unavailable",
        b"502 Bad Gateway",
        b"Error 404 (Not Found)!!",
        b"Page not found",
        b"Access denied",
        b"Under maintenance",
    ],
)
def test_an_error_page_with_status_200_is_told_by_its_title(title: bytes) -> None:
    problem = body_problem("html", "text/html", PAGE % title)[1]
    assert problem is not None
    assert problem.outcome == FetchOutcome.ERROR_PAGE


@pytest.mark.parametrize(
    "title",
    [
        b"AI API pricing",
        b"400+ AI models, one API",
        b"500 models and counting",
        b"Pricing",
        b"",
        b"Error correction models | pricing",
    ],
)
def test_an_ordinary_title_is_no_error(title: bytes) -> None:
    assert body_problem("html", "text/html; charset=utf-8", PAGE % title)[1] is None


@pytest.mark.parametrize(
    ("content_type", "body", "outcome"),
    [
        ("application/json", b"<html></html>", FetchOutcome.WRONG_CONTENT_TYPE),
        ("text/html", b'{"a": 1}', FetchOutcome.WRONG_CONTENT_TYPE),
        ("text/html", b"  ", FetchOutcome.EMPTY),
        ("text/html", b"<html><body>prices", FetchOutcome.TRUNCATED),
        ("text/html", b"<p>caf\xe9</p>", FetchOutcome.INVALID_UTF8),
        ("text/html; charset=utf-8", b"<p>caf\xe9</p>", FetchOutcome.INVALID_UTF8),
        ("text/html; charset=iso-8859-1", b"<p>caf\xe9</p>", None),
        ("text/html", b"<meta charset='windows-1252'><p>caf\xe9</p>", None),
        ("TEXT/HTML", b"<p>a fragment</p>", None),
        ("", b"<!doctype html><p>no type, no html element", None),
        ("application/xhtml+xml", b"<html></HTML>", None),
    ],
)
def test_a_page_is_judged_by_its_kind_its_end_and_its_text(
    content_type: str, body: bytes, outcome: FetchOutcome | None
) -> None:
    problem = body_problem("html", content_type, body)[1]
    assert (problem.outcome if problem else None) == outcome


@given(st.sampled_from(["json", "html"]), st.text(max_size=40), st.binary(max_size=300))
def test_no_body_breaks_the_judge(kind: str, content_type: str, body: bytes) -> None:
    body_problem("json" if kind == "json" else "html", content_type, body)
    status_problem(500, body)


def test_a_good_answer_has_nothing_to_fail_with() -> None:
    with pytest.raises(ValueError, match="without a problem"):
        failed(Answer(Request("https://x"), 0, 200))
