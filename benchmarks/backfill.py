"""What loading recorded files costs, against only reading, decompressing and parsing them.

``BENCH_CAPTURES`` may name a folder of recorded files; without it one is made up: five months of
lists of 400 models, six hours apart, with three prices moved in each, which is what OpenRouter's
lists do.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.report import Measured
from flows import running, settings

VARIABLE = "BENCH_CAPTURES"
FILES, MODELS, MOVES = 600, 400, 3
REPEATS = 3
START = datetime(2026, 8, 1, tzinfo=UTC)
PROSE = "A model for long documents and careful answers, with a temper of its own. " * 14


def measure() -> Iterator[Measured]:
    """A whole `pricebook backfill`, publishing included, against the floor under it."""
    with tempfile.TemporaryDirectory() as folder:
        named = os.environ.get(VARIABLE)
        recording = Path(named) if named else _made_up(Path(folder) / "recording")
        data_dir = Path(folder) / "data"
        _backfill(recording, data_dir / "warm")  # what is imported on the way is no part of it
        turns = [
            (
                _processor_time(partial(_backfill, recording, data_dir / str(turn))),
                _processor_time(partial(_read, recording)),
            )
            for turn in range(REPEATS)
        ]
        # The least of each: other work on the machine only adds.
        ours, floor = (min(times) for times in zip(*turns, strict=True))
        files = sum(1 for _ in recording.glob("*/*.json*"))
    what = f"backfill of {files} files"
    yield Measured(what, ours, "reading, decompressing, json.loads", floor, "at most 5")


def _made_up(recording: Path) -> Path:
    chance = random.Random(7)
    prices = [chance.randrange(100, 9000) for _ in range(MODELS)]
    (recording / "openrouter_models").mkdir(parents=True)
    for n in range(FILES):
        for model in chance.sample(range(MODELS), MOVES):
            prices[model] += chance.choice((-7, 9, 13))
        at = START + timedelta(hours=6 * n)
        path = recording / "openrouter_models" / f"{at:%Y-%m-%dT%H%M}Z.json.gz"
        data = [_model(model, price) for model, price in enumerate(prices)]
        path.write_bytes(gzip.compress(json.dumps({"data": data}).encode(), 6))
    return recording


def _model(number: int, price: int) -> dict[str, object]:
    return {
        "id": f"acme/m-{number}",
        "canonical_slug": f"acme/m-{number}",
        "name": f"Acme: M {number}",
        "created": 1786579200 + number,
        "description": PROSE,
        "context_length": 131072,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": {
            "prompt": f"0.{price:09d}",
            "completion": f"0.{price * 4:09d}",
            "input_cache_read": f"0.{price // 4:09d}",
            "web_search": "0.01",
        },
        "top_provider": {
            "context_length": 131072,
            "max_completion_tokens": 8192,
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "temperature", "top_p", "tools", "seed", "stop"],
        "expiration_date": None,
    }


def _backfill(recording: Path, data_dir: Path) -> None:
    running.run_backfill(settings.load(data_dir), recording, lambda _done, _total: None)


def _read(recording: Path) -> None:
    for file in sorted(recording.glob("*/*.json*")):
        body = file.read_bytes()
        json.loads(gzip.decompress(body) if file.suffix == ".gz" else body)


def _processor_time(work: Callable[[], None]) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began
