"""What a run has to say to the person who started it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from flows.errors import NOT_DONE, OK, SHOULD_LOOK
from flows.oddities import oddity_lines
from flows.render import text_table
from flows.report import UNREADABLE, PublishSummary, RunReport
from flows.running import BackfillReport, RebuildReport
from flows.tables import Column, printable
from flows.words import moved, number_of
from models.capture import FetchOutcome
from spiders.recording import Skipped
from warehouse.findings import findings
from warehouse.read import open_book

MADE_UP = "NOTICE.txt"
"""A recording that is not what sites really answered says so in a file of this name."""

_RAN = {
    OK: "every source loaded",
    SHOULD_LOOK: "published, and someone should look",
    NOT_DONE: "nothing was published",
}


def line_of(report: RunReport) -> str:
    """One line on one run, for watching several go by."""
    loaded = {fetch.source: fetch.outcome for fetch in report.load.fetches}
    said = [f"{r.source} {loaded.get(r.source, str(r.outcome))}" for r in report.results]
    return f"{report.started_at:%Y-%m-%d %H:%M}  {moved(report.load.changes)}  {', '.join(said)}"


def status_of(reports: Sequence[RunReport], skipped: Sequence[Skipped]) -> int:
    """The exit status of several runs: the last word on publishing, any word on looking."""
    if not reports or all(report.exit_status == NOT_DONE for report in reports):
        return NOT_DONE
    return SHOULD_LOOK if skipped or any(report.exit_status for report in reports) else OK


def of_run(report: RunReport, data_dir: Path) -> str:
    """The summary of a live run."""
    rows = [
        (
            str(row["source"]),
            str(row["outcome"]),
            *(str(row[name]) for name in _COUNTS),
            str(row["detail"]),
        )
        for row in report.as_table_rows()
    ]
    columns = [Column("source"), Column("outcome"), *(Column(name, "right") for name in _COUNTS)]
    parts = [text_table([*columns, Column("what happened")], rows).rstrip()]
    parts += [f"someone should look: {printable(kind)}" for kind in report.load.new_kinds]
    parts += [f"someone should look: {printable(each)}" for each in report.load.ahead]
    parts += [f"derived again: {reason}" for reason in report.load.rederived]
    if report.exit_status == NOT_DONE:
        parts.append(
            "Nothing was published: no source could be read. What stood before still does."
        )
    elif report.snapshot is not None:
        parts.append(_where(report.snapshot, data_dir))
    parts.append(f"exit {report.exit_status}: {_RAN[report.exit_status]}")
    return "\n".join(parts)


_COUNTS = ("cells", "rejected", "new", "changed", "held", "drift")


def of_replay(
    reports: Sequence[RunReport], skipped: Sequence[Skipped], data_dir: Path, recording: Path
) -> str:
    """The summary of a replayed recording: loaded, changed, refused and why, where, what next."""
    parts = [_notice(recording), _sources(reports)]
    last = next((r.snapshot for r in reversed(reports) if r.snapshot is not None), None)
    if last is not None:
        parts += [_published(last), _where(last, data_dir), _next(data_dir)]
    parts += [f"skipped {each.path}: {each.reason}" for each in skipped]
    status = status_of(reports, skipped)
    parts.append(f"exit {status}: {_RAN[status]}{_reasons(reports, skipped)}")
    return "\n\n".join(part for part in parts if part)


def _reasons(reports: Sequence[RunReport], skipped: Sequence[Skipped]) -> str:
    """What made a run worth looking at, in short; what there is to see stands above."""
    failed = sum(
        not (result.outcome.is_healthy or result.outcome.is_skip)
        for report in reports
        for result in report.results
    )
    unread = sum(each.outcome == UNREADABLE for r in reports for each in r.load.fetches)
    counts = {
        ("failed fetch", "failed fetches"): failed + unread,
        ("price held", "prices held"): sum(report.load.held for report in reports),
        (
            "kind of refusal or drift never seen before",
            "kinds of refusal or drift never seen before",
        ): (sum(len(r.load.new_kinds) for r in reports)),
        ("file skipped", "files skipped"): len(skipped),
    }
    said = ", ".join(number_of(count, *words) for words, count in counts.items() if count)
    return f": {said}" if said else ""


def _notice(recording: Path) -> str:
    path = recording.absolute() / MADE_UP
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _sources(reports: Sequence[RunReport]) -> str:
    fetched: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for row in report.as_table_rows():
            source = str(row["source"])
            good = row["outcome"] in (FetchOutcome.OK, FetchOutcome.UNCHANGED)
            fetched[source] += good
            failed[source] += not good
            totals.update({(source, name): int(row[name]) for name in _COUNTS})
    rows = [
        (source, str(fetched[source]), str(failed[source]),
         *(str(totals[source, name]) for name in _COUNTS))
        for source in sorted({*fetched, *failed})
    ]  # fmt: skip
    names = ("read", "failed", "price cells", "refused", "new models", "prices moved", "held",
             "drift")  # fmt: skip
    return text_table([Column("source"), *(Column(name, "right") for name in names)], rows).rstrip()


def _published(snapshot: PublishSummary) -> str:
    with open_book(snapshot.path) as book:
        found = {name: book.records(f"summary_{name}") for name in ("counts", "kinds", "refusals")}
        odd = oddity_lines(findings(book.connection))
    counts = found["counts"][0]
    stock = f"{number_of(counts['models'], 'model')} of {number_of(counts['sellers'], 'seller')}"
    now = f"{number_of(counts['prices'], 'price')} ({counts['numbers']:,} with a number)"
    since = counts["since"]
    past = f"{number_of(counts['history'], 'row')} of price history"
    past += "" if since is None else f" since {since:%Y-%m-%d}"
    moves = ", ".join(f"{row['moves']} {row['kind']}" for row in found["kinds"])
    refused = [
        f"Refused {row['cells']} ({row['source']}, {row['reason']}): {printable(row['detail'])}"
        for row in found["refusals"]
    ]
    there = f"{stock}, {now} now, {past}."
    return "\n".join([there, f"Changes: {moves or 'none'}.", *refused, *odd])


def _where(snapshot: PublishSummary, data_dir: Path) -> str:
    return (
        f"{snapshot.told()}\n"
        f"  tables, Parquet, JSON  {data_dir / 'published' / 'latest'}\n"
        f"  for programs           {data_dir / 'published' / 'latest.json'}"
    )


def _next(data_dir: Path) -> str:
    where = f"--data-dir {shlex.quote(str(data_dir))}"
    tries = (
        ("prices", "what everything costs now"),
        ("prices --at 2025-12-01", "what it cost then"),
        ("history openai/gpt-5", "how one model's price moved"),
        ("changes", "what moved, and why we think so"),
        ("explain openai/gpt-5", "on which bytes a price rests"),
    )
    lines = [f"  .venv/bin/pricebook {verb} {where}  # {why}" for verb, why in tries]
    return "Try next:\n" + "\n".join(lines)


def of_backfill(report: BackfillReport, data_dir: Path) -> str:
    """The summary of a backfill."""
    fetches = number_of(report.fetches, "recorded fetch", "recorded fetches")
    changes = number_of(report.changes, "price change")
    parts = [f"{fetches}, {report.loaded:,} of them new here, {changes}."]
    parts += [f"failed: {printable(each)}" for each in report.failed]
    parts += [f"skipped {each.path}: {each.reason}" for each in report.skipped]
    parts += [f"someone should look: {printable(kind)}" for kind in report.new_kinds]
    if report.held:
        waits = number_of(report.held, "price or fetch is", "prices or fetches are")
        parts.append(f"someone should look: {waits} held, see `pricebook review list`")
    if report.snapshot is None:
        parts.append(f"Nothing was published: {_NOTHING_READ[bool(report.fetches)]}.")
    else:
        parts += [_published(report.snapshot), _where(report.snapshot, data_dir)]
    return "\n".join(parts)


_NOTHING_READ = {
    True: "no recorded capture could be read",
    False: "the folder holds no recorded capture (<source>/<time>.json) that can be loaded",
}


def of_rebuild(report: RebuildReport, data_dir: Path) -> str:
    """The summary of a rebuild: every difference, row by row, and what it could not go by."""
    rebuilt = report.rebuilt
    if not rebuilt.loaded:
        told = _NOT_LOADED if rebuilt.waiting else f"{data_dir} holds no captures"
        return f"Nothing was derived: {told}."
    parts: list[str] = []
    if report.loaded.fetches:
        fetches = number_of(len(report.loaded.fetches), "stored fetch", "stored fetches")
        parts.append(f"loaded first: {fetches}, {moved(report.loaded.changes)}")
    parts += [f"someone should look: {each}" for each in report.loaded.ahead]
    parts += [each.line for each in rebuilt.corrections]
    parts += [f"cannot be read: {printable(each)}" for each in rebuilt.unread]
    parts.append(_corrected(report))
    if rebuilt.waiting:
        parts.append(f"{number_of(rebuilt.waiting, 'stored fetch is', 'stored fetches are')} not "
                     f"counted in: {_NOT_LOADED}.")  # fmt: skip
    if report.snapshot is not None:
        parts.append(_where(report.snapshot, data_dir))
    return "\n".join(parts)


_NOT_LOADED = "what is stored is not loaded yet; `pricebook rebuild` loads it"


def _corrected(report: RebuildReport) -> str:
    found = report.rebuilt.corrections
    if not found:
        return "0 corrections: today's code derives from the captures exactly what is believed."
    verb = "would be corrected" if report.only_check else "corrected"
    return (
        f"{number_of(len(found), 'row')} of history {verb}; what was believed until now stays "
        "answerable (--as-known)."
    )
