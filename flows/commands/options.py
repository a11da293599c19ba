"""The options that several verbs share, declared once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.errors import UsageError
from flows.render import Format
from flows.times import parse_time


def _time(text: str) -> datetime:
    try:
        return parse_time(text)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from error


_NARROW = "Narrow down (each may be given several times)"
_SHOW = "Show"

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Data directory, instead of the one that is set.",
        show_default=False,
    ),
]
Form = Annotated[
    Format,
    typer.Option("--format", "-f", help="How to write the result.", rich_help_panel=_SHOW),
]
At = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        parser=_time,
        metavar="TIME",
        help="As it was then: a date, an ISO time (UTC unless it says otherwise) or now.",
        rich_help_panel=_SHOW,
    ),
]
AsKnown = Annotated[
    datetime | None,
    typer.Option(
        "--as-known",
        parser=_time,
        metavar="TIME",
        help="As it was believed then, before later evidence and corrections.",
        rich_help_panel=_SHOW,
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        parser=_time,
        metavar="TIME",
        help="From this time on.",
        rich_help_panel=_SHOW,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=0,
        metavar="N",
        help="At most so many rows; 0 is all.",
        show_default=False,
        rich_help_panel=_SHOW,
    ),
]
Sellers = Annotated[
    list[str] | None,
    typer.Option("--seller", metavar="SELLER", help="Who charges.", rich_help_panel=_NARROW),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="An id, canonical id, name, alias or seller/id.",
        rich_help_panel=_NARROW,
    ),
]
Operations = Annotated[
    list[str] | None,
    typer.Option(
        "--operation",
        metavar="OPERATION",
        help="What it is called for: chat, image, video …",
        rich_help_panel=_NARROW,
    ),
]
Modalities = Annotated[
    list[str] | None,
    typer.Option(
        "--modality",
        metavar="MODALITY",
        help="Kind of work: text-to-text, text-to-image …",
        rich_help_panel=_NARROW,
    ),
]
Meters = Annotated[
    list[str] | None,
    typer.Option(
        "--meter",
        metavar="METER",
        help="What is counted: input_token, output_image …",
        rich_help_panel=_NARROW,
    ),
]
Statuses = Annotated[
    list[str] | None,
    typer.Option("--status", metavar="STATUS", help="Status.", rich_help_panel=_NARROW),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source", metavar="SOURCE", help="Place that publishes.", rich_help_panel=_NARROW
    ),
]
