"""Sources that ask many small questions: in order, politely, and with enough time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models.capture import Fetch, FetchOutcome
from models.registry import ASKED
from spiders.fetch_settings import FetchSettings
from spiders.pageplan import PageJob
from spiders.recording import scan
from spiders.replay import open_replay
from spiders.sites import Sites
from spiders.sources import Recorded, how_to_fetch
from spiders.sources.endpoint_bodies import address, endpoints_of
from tests.spiders.loopback import Bench, Said, TestClock

FIXTURES = Path(__file__).parents[2] / "fixtures"
IMAGES = "/api/v1/images/models"
CHATS = "/api/v1/models"
JSON_TYPE = {"Content-Type": "application/json"}


def said(document: object, status: int = 200) -> Said:
    return Said(json.dumps(document).encode(), status, JSON_TYPE)


def listed(*ids: str) -> Said:
    return said({"data": [{"id": each} for each in ids]})


def endpoints(model_id: str) -> Said:
    return said({"id": model_id, "endpoints": []})


def fetch(bench: Bench, source: str) -> Fetch:
    return bench.fetch(source, how_to_fetch(source))


def serve_images(bench: Bench, ids: list[str], answers: Mapping[str, Said] | None = None) -> None:
    bench.site.says(IMAGES, listed(*ids))
    for each in ids:
        answer = (answers or {}).get(each, endpoints(each))
        bench.site.says(f"{IMAGES}/{each}/endpoints", answer)


def test_every_model_of_the_list_is_asked_about_one_after_the_other(bench: Bench) -> None:
    serve_images(bench, ["a/one", "b/two:free", "a/one"])
    done = fetch(bench, "openrouter_images")
    assert (done.outcome, len(done.captures)) == (FetchOutcome.OK, 3)
    assert bench.site.paths == [
        IMAGES,
        f"{IMAGES}/a/one/endpoints",
        f"{IMAGES}/b/two:free/endpoints",
    ]
    assert bench.clock.slept == [bench.settings.pause_s] * 2


def test_what_stood_still_is_confirmed(bench: Bench) -> None:
    serve_images(bench, ["a/one"])
    assert fetch(bench, "openrouter_images").outcome == FetchOutcome.OK
    assert fetch(bench, "openrouter_images").outcome == FetchOutcome.UNCHANGED


def test_a_model_that_is_gone_by_then_is_left_out(bench: Bench) -> None:
    serve_images(bench, ["a/one", "a/two"], {"a/one": said({}, 404)})
    done = fetch(bench, "openrouter_images")
    assert (done.outcome, len(done.captures)) == (FetchOutcome.OK, 2)


def test_many_that_are_gone_mean_that_the_address_is_wrong(bench: Bench) -> None:
    ids = [f"a/{number}" for number in range(5)]
    serve_images(bench, ids, dict.fromkeys(ids, said({}, 404)))
    done = fetch(bench, "openrouter_images")
    assert done.outcome == FetchOutcome.INCOMPLETE
    assert "2 models not found" in done.detail
    assert len(bench.site.paths) == 3


@pytest.mark.parametrize("status", [403, 500, 429])
def test_one_that_fails_makes_the_whole_incomplete(bench: Bench, status: int) -> None:
    serve_images(bench, ["a/one", "a/two", "a/three"], {"a/two": said({}, status)})
    done = fetch(bench, "openrouter_images")
    assert done.outcome == FetchOutcome.INCOMPLETE
    assert "1 answered, then" in done.detail
    assert f"{IMAGES}/a/three/endpoints" not in bench.site.paths


@pytest.mark.parametrize("source", [s for s in ASKED if not s.startswith("aiml_pricing")])
def test_a_source_whose_address_is_gone_fails_by_its_name(bench: Bench, source: str) -> None:
    assert fetch(bench, source).outcome == FetchOutcome.HTTP_ERROR


def test_only_the_answers_about_endpoints_are_read_where_the_list_is_anothers(bench: Bench) -> None:
    bench.site.says(f"{CHATS}?output_modalities=all", listed("a/one", "~b/latest"))
    for each in ("a/one", "~b/latest"):
        bench.site.says(f"{CHATS}/{each}/endpoints", endpoints(each))
    done = fetch(bench, "openrouter_endpoints")
    assert (done.outcome, len(done.captures), len(done.asides)) == (FetchOutcome.OK, 2, 1)


def test_an_id_is_no_path_of_its_own() -> None:
    base = "https://openrouter.ai/api/v1/models"
    assert address(base, "a/b?c#d e") == f"{base}/a/b%3Fc%23d%20e/endpoints"


def test_the_time_grows_with_the_requests() -> None:
    settings = FetchSettings(source_timeout_s=100, pause_s=1, request_allowance_s=3)
    assert settings.time_limit_s(1) == 100
    assert settings.time_limit_s(201) == 900


def test_sources_that_share_a_host_keep_apart() -> None:
    sites, clock = Sites(), TestClock()
    for url in ("https://a.example/1", "https://b.example/1", "https://a.example/2"):
        with sites.turn(url, 1.5, clock):
            pass
    assert clock.slept == [1.5]
    clock.sleep(1.0)
    with sites.turn("https://a.example/3", 1.5, clock):
        pass
    assert clock.slept == [1.5, 1.0, 0.5]


def test_a_recording_of_many_bodies_is_served_as_it_was_asked(bench: Bench, tmp_path: Path) -> None:
    source = "openrouter_images"
    (folder,) = (FIXTURES / source).iterdir()
    (tmp_path / source).mkdir()
    for page in folder.glob("page*.json"):
        name = page.name.replace("page", folder.name)
        (tmp_path / source / name).write_bytes(page.read_bytes())
    with open_replay(tmp_path) as replay:
        assert replay.go(replay.steps[0]) == (source,)
        bench.sites = replay.sites
        done = bench.fetch(source, Recorded()[source])
    # The seventh model of the list has no recorded answer: it was gone.
    assert (done.outcome, len(done.captures)) == (FetchOutcome.OK, 7)
    assert len(scan(tmp_path, ASKED).fetches) == 1


@pytest.mark.parametrize("document", [None, [], {}, {"data": []}, {"data": {"endpoints": {}}}])
def test_a_body_without_endpoints_is_of_another_kind(document: Any) -> None:
    assert endpoints_of(document) is None


def test_every_source_says_how_it_is_asked() -> None:
    for how in Recorded().values():
        assert callable(how) or isinstance(how, PageJob)
