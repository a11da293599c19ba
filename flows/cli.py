"""The command line: which verb is where, and how it ends.

Verbs live in `flows.commands`, one module for each group of them, and are imported when they are
used: `pricebook prices` has to answer in a fraction of a second, and Prefect alone takes longer
than that to import. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group
from typing_extensions import override

from flows.errors import NOT_DONE, OK, PricebookError, exit_status_of
from flows.tables import harmless
from warehouse.errors import WarehouseError

DEBUG: Final = "--debug"

# Verb → the module whose `app` has it, in the order of the help.
VERBS: Final[dict[str, str]] = {
    "models": "flows.commands.looking",
    "prices": "flows.commands.looking",
    "history": "flows.commands.history",
    "changes": "flows.commands.history",
    "explain": "flows.commands.explain",
    "compare": "flows.commands.comparing",
    "coverage": "flows.commands.comparing",
    "captures": "flows.commands.evidence",
    "rejections": "flows.commands.evidence",
    "sql": "flows.commands.sql",
    "unmatched": "flows.commands.match",
    "match": "flows.commands.match",
    "review": "flows.commands.review",
    "refresh": "flows.commands.run",
    "backfill": "flows.commands.run",
    "rebuild": "flows.commands.run",
    "schedule": "flows.commands.schedule",
    "publish": "flows.commands.run",
    "snapshots": "flows.commands.snapshots",
    "export": "flows.commands.export",
    "serve": "flows.commands.serve",
    "status": "flows.commands.health",
    "doctor": "flows.commands.health",
}


class Verbs(TyperGroup):
    """The root group, which imports a verb's module when the verb is asked for."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return [verb for verb in VERBS if self.get_command(ctx, verb) is not None]

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        module = VERBS.get(cmd_name)
        if module is None or find_spec(module) is None:
            return None
        if cmd_name not in self.commands:
            self.commands.update(get_group(import_module(module).app).commands)
        return self.commands.get(cmd_name)

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in VERBS:
            # What the verb may have been meant to be is looked for among the verbs that are loaded.
            self.list_commands(ctx)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=Verbs,
    name="pricebook",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 # 20 ms that only this needs

        typer.echo(f"pricebook {version('pricebook')}")
        raise typer.Exit


@app.callback(
    epilog="Reading verbs print a table, or with --format json or csv the rows behind it. "
    "Each verb has its own --help with examples."
)
def pricebook(
    *,
    version: Annotated[  # acted on by its callback
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    debug: Annotated[  # acted on by `run`, wherever it stands
        bool, typer.Option(DEBUG, help="Show the traceback of an error; allowed after a verb too.")
    ] = False,
) -> None:
    """What a model cost, for this kind of work, at this moment, and how we know it."""


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; no exception leaves this function."""
    debug = DEBUG in arguments
    given = [argument for argument in arguments if argument != DEBUG]
    try:
        get_command(app).main(given, prog_name="pricebook")
    except SystemExit as end:
        # Typer ends a command with 1 when its reader has gone while it still wrote.
        if isinstance(end.__context__, BrokenPipeError):
            _drop_output()
            return OK
        return _flushed(_status(end.code))
    except (PricebookError, WarehouseError) as error:
        _show(error, str(error), debug=debug)
        return exit_status_of(error)
    except Exception as error:  # noqa: BLE001 # a fault of ours or the machine's: said in a sentence
        _show(error, _unexpected(error, debug=debug), debug=debug)
        return NOT_DONE
    return _flushed(OK)


def _status(code: str | int | None) -> int:
    return code if isinstance(code, int) else OK if code is None else NOT_DONE


def _flushed(status: int) -> int:
    """Write out what is buffered; a reader that has gone (`| head`) has what it wanted."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    return status


def _drop_output() -> None:
    """Let what is still buffered go nowhere, instead of failing once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show(error: Exception, message: str, *, debug: bool) -> None:
    from traceback import clear_frames, print_exception  # noqa: PLC0415 # 10 ms

    if debug:
        print_exception(error, file=sys.stderr)
    sys.stderr.write(f"pricebook: {harmless(message)}\n")
    # Prefect keeps the errors of a run for good. What their frames hold, a connection to DuckDB for
    # one, would outlive the interpreter, which DuckDB 2.0 says in thirty lines.
    at: BaseException | None = error
    while at is not None:
        clear_frames(at.__traceback__)
        at = at.__cause__ or at.__context__


def _unexpected(error: Exception, *, debug: bool) -> str:
    from traceback import extract_tb  # noqa: PLC0415

    from flows.machine import refusal_of  # noqa: PLC0415

    if (refusal := refusal_of(error)) is not None:
        return refusal
    frames = extract_tb(error.__traceback__)
    where = f" in {frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    more = "" if debug else f"; {DEBUG} shows how it came to that"
    return f"this should not happen: {type(error).__name__}: {error}{where}{more}"
