"""One file per source: how it is asked, and what its bodies say.

A source is complete when it is in ``models/sources.toml``, here, and in :mod:`spiders.read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spiders.pageplan import PageJob
from spiders.plan import PlanMaker
from spiders.plans import aiml_models_plan, openrouter_models_plan

HOW: Mapping[str, PlanMaker | PageJob] = MappingProxyType(
    {
        "openrouter_models": openrouter_models_plan,
        "aiml_models": aiml_models_plan,
        "aiml_pricing_page": PageJob("https://aimlapi.com/ai-ml-api-pricing"),
    }
)


def how_to_fetch(source: str) -> PlanMaker | PageJob:
    """How a source is asked: a plan of requests, or a page to crawl."""
    return HOW[source]
