"""The bundled recording as a published price book, and what queries and verbs answer from it.

The recording is loaded straight from disk, one time after the other with that time as the clock, so
that what is believed was learned when `make run` would have learned it; serving it over HTTP first
would take five times as long and give the same tables.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from itertools import groupby
from pathlib import Path
from typing import Final

from flows import settings as settings_module
from flows.asking import answer_text, ask
from flows.cli import run
from flows.load import load
from flows.pipeline import publish
from flows.workspace import open_workspace
from models.capture import Fetch
from models.registry import SOURCES
from spiders.backfill import load_recorded
from spiders.capture_store import CaptureStore
from spiders.fetch_settings import FetchSettings, RecordingClock
from spiders.recording import scan
from spiders.sources import Recorded
from warehouse.read import open_book

RECORDING: Final = Path(__file__).resolve().parents[2] / "fixtures" / "captures"
_DATA_DIR: Final = "PRICEBOOK_DATA_DIR"
_SNAPSHOT: Final = re.compile(r"\b(\d{8}T\d{6}Z)-[0-9a-f]{8}\b")
_ANSWERED: Final = re.compile(
    r"^```(?P<language>sql|console)\n(?P<asked>(?:(?!```).)*?)\n```\n\n```text\n(?:(?!```).)*```$",
    re.MULTILINE | re.DOTALL,
)


class Examples:
    """A price book of the recording in a directory of its own, made when it is first asked for."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._data_dir: Path | None = None
        self._answers: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Examples:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def data_dir(self) -> Path:
        """The data directory; its name is `demo`."""
        if self._data_dir is None:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory())
            data_dir = Path(folder) / "demo"
            make_book(data_dir)
            self._data_dir = data_dir
        return self._data_dir

    def answer(self, language: str, asked: str) -> str:
        """What a query (``sql``) or a command line (``console``) answers."""
        key = language, asked
        if key not in self._answers:
            made = self._query(asked) if language == "sql" else self._command(asked)
            self._answers[key] = "\n".join(line.rstrip() for line in made.rstrip().splitlines())
        return self._answers[key]

    def _query(self, query: str) -> str:
        with open_book(self.data_dir / "published" / "latest") as book:
            found, types, _ = ask(book, query, 0)
            return answer_text(found, types) if found.rows else "No rows."

    def _command(self, line: str) -> str:
        program, *arguments = shlex.split(line)
        assert program == "pricebook", line
        os.environ[_DATA_DIR] = str(self.data_dir)
        said = io.StringIO()
        try:
            with redirect_stdout(said), redirect_stderr(io.StringIO()):
                run(arguments)
        finally:
            del os.environ[_DATA_DIR]
        text = said.getvalue().replace(f"{self.data_dir.parent}/", "")
        # The end of a snapshot's id is a digest of all it holds, which any new column changes.
        return _SNAPSHOT.sub(r"\1-0a1b2c3d", text)


def make_book(data_dir: Path) -> None:
    """Load and publish the bundled recording."""
    settings = settings_module.load(data_dir)
    workspace = open_workspace(settings, origin="replay")
    for at, group in groupby(_replayed(data_dir), key=lambda fetch: fetch.fetched_at):
        workspace = open_workspace(
            settings,
            origin="replay",
            clock=RecordingClock(at),
            readings=workspace.readings,
        )
        with workspace.lock():
            load(workspace, list(group))
    with workspace.lock():
        publish(workspace)


def _replayed(data_dir: Path) -> Iterator[Fetch]:
    """Every fetch of the recording, recorded as `make run` would have recorded it."""
    store, how, manners = CaptureStore(data_dir, durable=False), Recorded(), FetchSettings()
    for recorded in scan(RECORDING, SOURCES).fetches:
        fetch = load_recorded(recorded, how[recorded.source], store, manners)
        said = fetch.model_dump(exclude={"fetch_id"})
        for capture in (*said["captures"], *said["asides"]):
            capture["origin"] = "replay"
        replayed = Fetch.model_validate({**said, "origin": "replay"})
        store.record(replayed)
        yield replayed


def with_results(text: str, examples: Examples) -> str:
    """A guide with the results below its queries and commands as they are now."""

    def replaced(found: re.Match[str]) -> str:
        answer = examples.answer(found["language"], found["asked"])
        return f"```{found['language']}\n{found['asked']}\n```\n\n```text\n{answer}\n```"

    return _ANSWERED.sub(replaced, text)
