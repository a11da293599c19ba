"""OpenRouter's answers about the endpoints of one model: which provider serves it at what price.

The body is ``{"data": {"id": …, "endpoints": […]}}``, or for image models the inner object alone.
An endpoint is told by its provider tag; its locator also names the model, because hundreds of these
bodies make one fetch: ``$.endpoints[?$.id=='openai/gpt-5'&&@.tag=='azure'].pricing.prompt``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote

from models.reading import ExtractError
from spiders.bounds import MOST_ENDPOINTS, displayable, is_name, refuse_too_many
from spiders.listplan import field, rows_of
from spiders.plan import Answer, Request, Verdict, failed, incomplete
from spiders.sources import catalogue, values
from spiders.sources.faults import stated_twice
from spiders.sources.values import JsonObject

# The tag tells two endpoints of one provider apart ("deepinfra/fp8"); the name is for people.
_NAMES: Final = ("tag", "provider_tag", "provider_slug", "provider_name")
# A model may vanish between the list and the question after it; many never do at once.
_MOST_MISSING: Final = 0.1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint with its locator, and the provider in the source's own word ("" if not said)."""

    locator: str
    provider: str
    fields: JsonObject


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What one body says of one model. ``model_id`` is None where the body does not say it."""

    model_id: str | None
    model: JsonObject
    endpoints: tuple[Endpoint, ...]


def endpoints_of(document: object) -> Endpoints | None:
    """The endpoints that a body lists; None when it is a body of another kind."""
    outer = values.as_object(document) or {}
    inner = values.as_object(outer.get("data"))
    root, model = ("$", outer) if inner is None else ("$.data", inner)
    listed = values.as_list(model.get("endpoints"))
    if listed is None:
        return None
    _refuse_doubled(document)
    refuse_too_many(listed, f"{root}.endpoints", what="endpoints", most=MOST_ENDPOINTS)
    stated = model.get("id")
    model_id = stated if values.is_text(stated) and stated and is_name(stated) else None
    return Endpoints(model_id, model, tuple(_endpoints(root, model_id, listed)))


def _refuse_doubled(document: object) -> None:
    """Raise ExtractError for a body that states a key twice: it says no price for sure."""
    for key, stated in values.doubled_in(document):
        raise ExtractError(f"$.{displayable(key)}", stated_twice(key, stated))


def _endpoints(root: str, model_id: str | None, listed: Sequence[object]) -> Iterable[Endpoint]:
    seen: dict[str, int] = {}
    for value in listed:
        fields = values.as_object(value) or {}
        name = next((key for key in _NAMES if _is_told(fields, key)), "")
        tests = [] if model_id is None else [f"{root}.id=={catalogue.quoted(model_id)}"]
        if name:
            tests.append(f"@.{name}=={catalogue.quoted(str(fields[name]))}")
        selector = f"[?{'&&'.join(tests)}]" if tests else "[*]"
        again = seen.get(selector, 0)
        seen[selector] = again + 1
        locator = f"{root}.endpoints{selector}" + (f"[{again}]" if again else "")
        yield Endpoint(locator, values.text_at(fields, name), fields)


def _is_told(fields: JsonObject, key: str) -> bool:
    text = fields.get(key)
    return bool(values.text_at(fields, key)) and is_name(str(text))


def ids_of(answers: Iterable[Answer]) -> list[str]:
    """The ids that lists of models name, each once, in their order; not those that are refused."""
    rows = [row for answer in answers for row in rows_of(answer.document) or ()]
    found = [identity for row in rows if isinstance(identity := field(row, "id"), str) and identity]
    found = [identity for identity in found if is_name(identity)]
    return list(dict.fromkeys(found))


def address(base: str, model_id: str) -> str:
    """The address of a model's endpoints below that of its list."""
    return f"{base}/{quote(model_id, safe='/:~')}/endpoints"


Asked: TypeAlias = Generator[Request, Answer, tuple[list[Answer], Verdict | None]]


def ask_each(urls: Iterable[str]) -> Asked:
    """Ask one address after another; the verdict is None where all that exists has answered.

    A model that is gone by now (404) is left out, unless so many are that the address is wrong.
    """
    answers: list[Answer] = []
    missing = 0
    asked = list(urls)
    for url in asked:
        answer = yield Request(url)
        if answer.status == 404:
            missing += 1
            if missing > max(1, _MOST_MISSING * len(asked)):
                return answers, incomplete(answers, f"{missing} models not found, the last: {url}")
        elif answer.problem:
            verdict = failed(answer)
            said = f"{verdict.outcome}: {verdict.detail}"
            return answers, incomplete([*answers, answer], f"{len(answers)} answered, then {said}")
        else:
            answers.append(answer)
    return answers, None
