"""Fetching one source: the one function that flows call.

``fetch_source`` works the same on the live sites and in a replay (`sites` and `clock` differ),
never raises for anything a site did, and returns a `Fetch` that is recorded in the capture store
already. How it can end is drawn in `models.capture`. What it does raise: OSError when the disk
cannot be written, because then nothing can be promised any more.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from models.capture import DEFAULT_SCOPE, Fetch, Origin
from models.registry import SOURCES
from spiders.capture_store import CaptureStore
from spiders.conversation import Conversation, Occasion
from spiders.fetch_http import HttpTransport
from spiders.fetch_pages import CrawlTransport
from spiders.fetch_settings import Clock, FetchSettings, SystemClock
from spiders.pageplan import PageJob
from spiders.patience import Patience
from spiders.plan import PlanMaker
from spiders.sites import Sites


def fetch_source(
    source: str,
    how: PlanMaker | PageJob,
    *,
    sites: Sites,
    store: CaptureStore,
    settings: FetchSettings | None = None,
    clock: Clock | None = None,
    origin: Origin = "live",
    scope: str = DEFAULT_SCOPE,
    jitter: Callable[[], float] = random.random,
) -> Fetch:
    """Fetch `source` once, as `how` says, and record it.

    `how` is a plan for an interface, or a page to crawl. Share one `sites` between threads that
    fetch different sources at once: it is what keeps them from asking one host at the same time.
    A fetch that never asked anything (`missing_key`) is returned but not recorded.
    """
    settings = settings or FetchSettings()
    if origin == "replay":
        # A recorded answer does not get better by asking for it again.
        settings = replace(settings, attempts=1)
    clock = clock or SystemClock()
    started = clock.now()
    deadline = clock.monotonic() + settings.time_limit_s(SOURCES[source].requests)
    patience = Patience(settings, clock, jitter, deadline)
    occasion = Occasion(source, SOURCES[source].seller, scope, origin, started)
    previous = store.last_healthy(source, scope, before=started)
    transport: HttpTransport | CrawlTransport
    if isinstance(how, PageJob):
        transport, plan = CrawlTransport(how, sites, store, patience, previous), how.plan()
    else:
        transport, plan = HttpTransport(sites, patience), how()
    with transport:
        fetch = Conversation(occasion, transport, store, settings, clock, previous).run(plan)
    if not fetch.outcome.is_skip:
        store.record(fetch)
    return fetch
