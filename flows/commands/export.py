"""`export`: one drop-in file in another catalogue's format."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands.options import DataDir
from flows.errors import NoSuchThingError, UsageError
from flows.opening import newest
from flows.places import data_dir as find_data_dir
from flows.render import note
from warehouse.errors import SnapshotError

RUN = "Run"

app = typer.Typer()


@app.command(rich_help_panel=RUN)
def export(
    name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="litellm, genai-prices, llm-prices …")
    ],
    *,
    merge_into: Annotated[
        Path | None,
        typer.Option(
            "--merge-into",
            metavar="FILE",
            help="A full map, over which ours is laid. The file is only read.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the newest prices in the format of another catalogue.

    What the format cannot hold is counted on stderr, and told in formats/loss-report.json.

    [bold]Examples[/bold]

        pricebook export genai-prices --output data.json

        pricebook export litellm --merge-into model_prices_and_context_window.json --output map.json
    """
    from warehouse.formats import formats  # noqa: PLC0415 # Arrow, which other verbs do without
    from warehouse.snapshots import json_bytes  # noqa: PLC0415

    chosen = formats().get(name)
    if chosen is None:
        raise NoSuchThingError(f"no format {name!r}; there are: {', '.join(formats())}")
    if merge_into is not None and chosen.merge is None:
        raise UsageError(f"{name} has no full map to lay ours over: leave out --merge-into")
    directory = newest(find_data_dir(data_dir)).directory
    main: dict[str, Any] = _read(directory / "formats" / chosen.folder / chosen.main_file)
    if merge_into is not None and chosen.merge is not None:
        content = json_bytes(chosen.merge(_full(merge_into), main))
    else:
        content = json_bytes(main)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        temporary = output.with_name(f".{output.name}.part")
        temporary.write_bytes(content)
        temporary.replace(output)
        note(f"written to {output.absolute()}")
    told = _read(directory / "formats" / "loss-report.json")["formats"][name]
    note(f"{directory.name}: holds {told['held']:,} of {told['prices']:,} prices")
    for each in told["reasons"]:
        note(f"  {each['count']:,} left out: {each['meaning']}")


def _read(path: Path) -> Any:  # noqa: ANN401 # whatever the format is
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be read ({error}): run `pricebook publish`") from error


def _full(path: Path) -> dict[str, Any]:
    try:
        full: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(full, dict):
        raise UsageError(f"{path} holds no JSON object, as the full map is")
    return full  # pyright: ignore[reportUnknownVariableType] # JSON: keys are text
