"""Loading a history of recorded captures straight from disk, without any network.

Each recorded fetch goes through the same plan as a live one, so it is judged by the same rules; it
only gets its answers from files. A fetch is named by its content, so what was loaded before is
recognised, and a run that was interrupted goes on where it stopped.

Errors: `RecordingError` when there is no such folder.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from models.capture import Fetch
from models.registry import SOURCES
from spiders.capture_store import CaptureStore
from spiders.conversation import Conversation, Occasion
from spiders.fetch_settings import FetchSettings, RecordingClock
from spiders.pageplan import PageJob
from spiders.plan import PlanMaker, Received, Request
from spiders.problem import FetchProblemError
from spiders.recorded_site import NOT_FOUND, Pages, recorded_pages, reply
from spiders.recording import RecordedFetch, Recording


class RecordedTransport:
    """Answers requests from the pages of one recorded fetch."""

    def __init__(self, source: str, pages: Pages) -> None:
        self._source = source
        self._pages = pages

    def get(self, request: Request, conditions: Mapping[str, str]) -> Received:
        """Answer from the recording, which confirms nothing: it has every body."""
        del conditions
        found = reply(self._source, self._pages, request.url) or NOT_FOUND
        if found.problem:
            raise FetchProblemError(found.problem.outcome, found.problem.detail)
        headers = {"content-type": found.content_type, **found.link}
        return Received(request.url, found.status, headers, found.body)


def recorded_fetches(
    recording: Recording,
    how: Mapping[str, PlanMaker | PageJob],
    store: CaptureStore,
    *,
    settings: FetchSettings | None = None,
    batch: int = 100,
) -> Generator[tuple[Fetch, bool]]:
    """Record each fetch of `recording`, oldest first; yield it, and whether it is new here.

    `how` says for each source how it is asked, as in `fetch_source`. A store that is not durable is
    flushed every `batch` fetches and at the end.
    """
    settings = settings or FetchSettings()
    try:
        for count, recorded in enumerate(recording.fetches, 1):
            fetch = load_recorded(recorded, how[recorded.source], store, settings)
            yield fetch, store.record(fetch)
            if count % batch == 0:
                store.sync()
    finally:
        store.sync()


def load_recorded(
    recorded: RecordedFetch, how: PlanMaker | PageJob, store: CaptureStore, settings: FetchSettings
) -> Fetch:
    """Store the bodies of one recorded fetch and judge it; it is not recorded as a fetch yet."""
    source = recorded.source
    occasion = Occasion(source, SOURCES[source].seller, recorded.scope, "backfill", recorded.at)
    pages = recorded_pages(recorded, max_bytes=settings.max_body_bytes)
    transport = RecordedTransport(source, pages)
    previous = store.last_healthy(source, recorded.scope, before=recorded.at)
    clock = RecordingClock(recorded.at)
    plan = how.plan() if isinstance(how, PageJob) else how()
    return Conversation(occasion, transport, store, settings, clock, previous).run(plan)
