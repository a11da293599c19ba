"""`serve`: the published directory over loopback HTTP."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.commands.options import DataDir
from flows.commands.snapshots import RUN
from flows.places import data_dir as find_data_dir
from flows.render import note, out

DEFAULT_PORT = 8377

app = typer.Typer()


@app.command(rich_help_panel=RUN)
def serve(
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="PORT", help="0 takes a free one.")
    ] = DEFAULT_PORT,
    data_dir: DataDir = None,
) -> None:
    """Serve the published directory to programs on this machine, read-only, until stopped.

    [bold]Examples[/bold]

        pricebook serve

        pricebook serve --port 0 --data-dir demo

    http://127.0.0.1:8377/ lists what there is; latest.json names the newest snapshot. Every answer
    has an ETag. A snapshot published meanwhile is served at once.
    """
    from flows.serving import HOST, make_server, serve_until_stopped  # noqa: PLC0415 # 40 ms

    published = find_data_dir(data_dir) / "published"
    server = make_server(published, port)
    if not published.is_dir():
        note(f"Nothing is published in {published} yet; it will be served once it is.")

    def ready() -> None:
        note(f"Serving {published}; stop with Ctrl-C.")
        out(f"http://{HOST}:{server.server_address[1]}/")
        sys.stdout.flush()

    serve_until_stopped(server, ready)
