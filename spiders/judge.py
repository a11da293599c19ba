"""Whether a body is what it should be, before anybody reads prices from it. Pure.

Problems, most telling first:

``http_error``, ``throttled``   the status says that this is not the answer
``empty``                       no bytes
``wrong_content_type``          HTML where JSON was expected, or another kind altogether
``invalid_utf8``                bytes that are not the text they claim to be
``truncated``                   JSON or HTML that stops before its end
``invalid_json``                anything else that no JSON reader takes
``error_page``                  status 200, but the page or object speaks of an error
"""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import cast

import orjson

from models.capture import FetchOutcome
from spiders.jsonlist import ListParser
from spiders.jsontext import readable
from spiders.plan import Kind
from spiders.problem import Problem, one_line

# Declared media types that JSON really comes under. text/plain is not among them: a proxy's or a
# login's plain text is no price list.
_JSON_TYPES = re.compile(r"(application|text)/([\w.-]+\+)?json")
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
# Whole titles under which servers and content networks say "not now" with status 200. A number
# alone proves nothing ("400+ models, one API" is a title too), so it needs its phrase.
_PHRASES = (
    r"(bad request|unauthori[sz]ed|forbidden|(page )?not found|too many requests|error"
    r"|(internal )?server error|bad gateway|service (is )?(temporarily )?unavailable"
    r"|gateway time-?out|access denied|just a moment|attention required|temporarily unavailable"
    r"|(under |scheduled |down for )?maintenance)"
)
_ERROR_TITLE = re.compile(
    rf"\W*((error|http)\W*)?([45]\d\d\W+)?{_PHRASES}(\W+[45]\d\d|\W*[|:!–—-].{{0,80}}|\W*)",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?([\w-]{1,40})", re.IGNORECASE)
_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})


def media_type_of(content_type: str) -> str:
    """The media type in a Content-Type header, in lower case; "" when it states none."""
    return content_type.partition(";")[0].strip().lower()


def status_problem(status: int, body: bytes) -> Problem | None:
    """Return what the status says against the answer, if anything."""
    if status == 200:
        return None
    outcome = FetchOutcome.THROTTLED if status == 429 else FetchOutcome.HTTP_ERROR
    return Problem(outcome, f"answered {status} {_phrase(status)}{_said(body)}".strip())


def body_problem(kind: Kind, content_type: str, body: bytes) -> tuple[object, Problem | None]:
    """Check a body that came with status 200; return its parsed document (JSON) and the problem.

    `content_type` is the header as it came, "" when there was none.
    """
    if not body.strip():
        return None, Problem(FetchOutcome.EMPTY, "the body is empty")
    if kind == "html":
        return None, _html_problem(content_type, body)
    problem = _json_kind_problem(media_type_of(content_type), body)
    if problem:
        return None, problem
    try:
        document = document_of(body)
    except orjson.JSONDecodeError as error:
        return None, _json_problem(body, error)
    return document, _error_object(document)


_parsed = ListParser(lambda text: orjson.loads(readable(text)))


@lru_cache(maxsize=1)
def document_of(body: bytes) -> object:
    """The parsed JSON of a body, which nobody may change; raises ``orjson.JSONDecodeError``.

    The last one is kept, because whoever serves a recording looks into a body before it is judged.
    """
    return _parsed(body)


def _json_kind_problem(media_type: str, body: bytes) -> Problem | None:
    # Nothing in JSON starts with this character, and everything in HTML does.
    if media_type in _HTML_TYPES or body.lstrip()[:1] == b"<":
        return Problem(
            FetchOutcome.WRONG_CONTENT_TYPE, f"HTML where JSON was expected{_titled(body)}"
        )
    if media_type and not _JSON_TYPES.fullmatch(media_type):
        return Problem(
            FetchOutcome.WRONG_CONTENT_TYPE, f"{media_type[:80]} where JSON was expected"
        )
    return None


def _json_problem(body: bytes, error: orjson.JSONDecodeError) -> Problem:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as bad:
        return Problem(FetchOutcome.INVALID_UTF8, f"not UTF-8 at byte {bad.start}")
    if "unexpected end of data" in error.msg:
        return Problem(FetchOutcome.TRUNCATED, f"the JSON stops after {len(body)} bytes")
    return Problem(FetchOutcome.INVALID_JSON, f"not JSON: {one_line(str(error))}")


def _error_object(document: object) -> Problem | None:
    if not isinstance(document, dict) or "data" in document or "error" not in document:
        return None
    said = orjson.dumps(cast("dict[str, object]", document)["error"]).decode()
    return Problem(FetchOutcome.ERROR_PAGE, f"status 200, but the body is an error: {said[:200]}")


def _html_problem(content_type: str, body: bytes) -> Problem | None:
    media_type = media_type_of(content_type)
    if media_type and media_type not in _HTML_TYPES:
        return Problem(
            FetchOutcome.WRONG_CONTENT_TYPE, f"{media_type[:80]} where HTML was expected"
        )
    # Anything that reads as JSON is not a page, whatever it was sent as.
    if body.lstrip()[:1] in {b"{", b"["}:
        return Problem(FetchOutcome.WRONG_CONTENT_TYPE, "JSON where HTML was expected")
    title = _TITLE.search(body)
    if title and _ERROR_TITLE.fullmatch(title[1].decode("utf-8", "replace")):
        return Problem(FetchOutcome.ERROR_PAGE, f"status 200, but an error page{_titled(body)}")
    return _html_end_problem(body) or _charset_problem(content_type, body)


def _html_end_problem(body: bytes) -> Problem | None:
    """A page that opens <html> and never closes it was cut off; fragments close nothing."""
    lower = body.lower()
    if b"<html" in lower and b"</html" not in lower:
        return Problem(FetchOutcome.TRUNCATED, f"the HTML stops after {len(body)} bytes")
    return None


def _charset_problem(content_type: str, body: bytes) -> Problem | None:
    declared = _CHARSET.search(content_type.encode()) or _CHARSET.search(body[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name not in _UTF8:
        return None
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as bad:
        return Problem(FetchOutcome.INVALID_UTF8, f"not UTF-8 at byte {bad.start}")
    return None


def _titled(body: bytes) -> str:
    title = _TITLE.search(body)
    text = one_line(title[1].decode("utf-8", "replace")) if title else ""
    return f": {text!r}" if text else ""


def _said(body: bytes) -> str:
    """What a problem+json or error object says for itself, for the detail."""
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _titled(body)
    if not isinstance(document, dict):
        return ""
    fields = cast("dict[str, object]", document)
    said = fields.get("detail") or fields.get("title") or fields.get("error")
    return (
        f": {one_line(said if isinstance(said, str) else orjson.dumps(said).decode())}"
        if said
        else ""
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
