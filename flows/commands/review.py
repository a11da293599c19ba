"""`review`: what is held until a person or further data decides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from flows.commands.match import PERSON
from flows.commands.options import At, DataDir, Form, Limit, Sources
from flows.evidence import reviews_text
from flows.opening import known, opened, tell
from flows.render import Format, note, out, show
from flows.tables import printable
from flows.words import moved

_NOTHING: Final = {
    (False, False): "Nothing is held.",
    (False, True): "Nothing was ever held.",
    (True, False): "Sources agree, but for what was accepted.",
    (True, True): "Sources agree.",
}

app = typer.Typer()
review = typer.Typer(no_args_is_help=True)
app.add_typer(review, name="review", rich_help_panel=PERSON)


@review.callback()
def review_doubts() -> None:
    """Decide on what is held because it is hard to believe."""


@review.command("list")
def list_reviews(
    *,
    settled: Annotated[
        bool, typer.Option("--all", help="Also those that were decided or settled themselves.")
    ] = False,
    disagreements: Annotated[
        bool,
        typer.Option(
            "--disagreements", help="Instead, where two sources of a seller state other prices."
        ),
    ] = False,
    form: Form = Format.TABLE,
    at: At = None,
    limit: Limit = None,
    source: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """List what is held, the oldest first: what stands, what would, and why it is doubted.

    [bold]Examples[/bold]

        pricebook review list

        pricebook review list --all --format json

        pricebook review list --disagreements

    Until it is decided, the old price stands: `review accept` and `review reject` decide. A
    disagreement holds nothing; accepting it says that it is known, until either side changes.
    """
    with opened(data_dir) as book:
        asked = {
            "at": at,
            "settled": settled,
            "disagreements": disagreements,
            "sources": known(book.book, "source", source or ()),
        }
        found = book.book.table("reviews", asked)
        empty = _NOTHING[disagreements, settled]
        show(found, form, reviews_text, empty=empty, limit=limit)
        tell(book, form)


Review = Annotated[str, typer.Argument(metavar="REVIEW", help="Its id, as `review list` shows it.")]


@review.command("accept")
def accept(review_id: Review, *, data_dir: DataDir = None) -> None:
    """Believe what is held, from when it was first seen, and publish.

    [bold]Example[/bold]

        pricebook review accept rev_0123456789abcdef

    A later `reject` takes it back.
    """
    _decide(review_id, "accept", data_dir)


@review.command("reject")
def reject(review_id: Review, *, data_dir: DataDir = None) -> None:
    """Keep the old price, and stay quiet about this difference until either side changes.

    [bold]Example[/bold]

        pricebook review reject rev_0123456789abcdef

    A later `accept` takes it back.
    """
    _decide(review_id, "reject", data_dir)


def _decide(review_id: str, word: str, data_dir: Path | None) -> None:
    from flows.deciding import decide  # noqa: PLC0415 # listing must not pay for deriving
    from flows.settings import load  # noqa: PLC0415
    from models.history.reviews import Decision  # noqa: PLC0415

    settings = load(data_dir)
    note(f"data directory: {settings.data_dir}")
    decided = decide(settings, review_id, Decision(word))
    doubt = decided.doubt
    out(f"{decided.decision}ed: {printable(doubt.what)}, {printable(doubt.evidence)}")
    snapshot = f", snapshot {decided.snapshot.snapshot_id}" if decided.snapshot else ""
    out(f"{moved(decided.changes)}{snapshot}")
