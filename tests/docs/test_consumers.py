"""The pages for those who read the files: every program on them runs, each with its own reader."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.generators.examples import Examples
from flows import cli
from tests.docs.pages import ROOT, RUN_ELSEWHERE, blocks, text_of
from tests.warehouse.elsewhere import node, python_of, run_python, typescript
from warehouse.formats import formats

CONSUMERS = ROOT / "docs" / "consumers"
OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
WRITTEN = "http://127.0.0.1:8377"
PROXY_KEY = "sk-of-a-proxy-that-lives-for-a-test-only"


@pytest.fixture(scope="session")
def full_map(examples: Examples) -> Path:
    """The full map, where the page for LiteLLM has it written."""
    where = python_of("formats").parent.parent.glob("lib/*/site-packages/litellm")
    own = next(where) / "model_prices_and_context_window_backup.json"
    target = examples.data_dir / "published" / "litellm.json"
    words = ["export", "litellm", "--merge-into", str(own), "--output", str(target)]
    assert cli.run([*words, "--data-dir", str(examples.data_dir)]) == 0
    return target


def programs(language: str) -> list[tuple[str, str]]:
    return [(page, body) for page, body in blocks(language) if page.startswith("docs/consumers/")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "program"), [each for each in programs("python") if each[0] in RUN_ELSEWHERE]
)
def test_programs_run_with_their_own_libraries(
    page: str, program: str, examples: Examples, address: str, full_map: Path
) -> None:
    assert full_map.is_file()
    said = run_python(
        RUN_ELSEWHERE[page],
        program.replace(WRITTEN, address),
        cwd=examples.data_dir.parent,
        variables=OFFLINE,
    )
    assert said.strip(), f"{page}: says nothing"


@pytest.mark.parametrize(("page", "program"), programs("js"))
def test_scripts_run_in_node(page: str, program: str, address: str) -> None:
    ended = subprocess.run(
        [node(), "--input-type=module", "-e", program.replace(WRITTEN, address)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, f"{page}: {ended.stderr}"
    assert "for 8 of output_video_second" in ended.stdout


@pytest.mark.parametrize(("page", "program"), programs("ts"))
def test_typed_scripts_compile_and_run(
    page: str, program: str, examples: Examples, address: str, tmp_path: Path
) -> None:
    types = examples.data_dir / "published" / "latest" / "schema" / "simulator.d.ts"
    (tmp_path / "simulator.d.ts").write_bytes(types.read_bytes())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "page.ts").write_text(
        "export {};\n" + program.replace(WRITTEN, address), encoding="utf-8"
    )

    def compiled() -> str:
        ended = subprocess.run(
            [*typescript(), "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target",
             "es2022", "--module", "esnext", "--moduleResolution", "bundler",
             "--lib", "es2022,dom", "--types", "", "page.ts"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return ended.stdout

    assert compiled() == "", page
    ended = subprocess.run(
        [node(), "--no-warnings", "--experimental-strip-types", "page.ts"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, f"{page}: {ended.stderr}"
    key, dollars = ended.stdout.split()
    assert "#" in key
    assert float(dollars) > 0
    careless = (tmp_path / "page.ts").read_text().replace("=== null", "=== 0")
    (tmp_path / "page.ts").write_text(careless)
    assert "is possibly 'null'" in compiled()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def proxy(full_map: Path, address: str, tmp_path: Path) -> Iterator[str]:
    """The proxy as the page starts it, with the page's configuration; its address."""
    ((_, configuration),) = programs("yaml")
    ((_, start),) = programs("sh")
    assert full_map.is_file()
    (tmp_path / "config.yaml").write_text(configuration, encoding="utf-8")
    port = free_port()
    own = {"PATH": f"{python_of('formats').parent}:{os.environ['PATH']}", "HOME": str(tmp_path),
           "LITELLM_MASTER_KEY": PROXY_KEY, "AIML_API_KEY": "none"}  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-ec", start.replace(WRITTEN, address).replace("4000", str(port))],
            cwd=tmp_path, env=own, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answered(address: str) -> Any:
    """What the proxy tells of its models, once it is up."""
    request = urllib.request.Request(  # noqa: S310 # on this machine
        f"{address}/model/info", headers={"Authorization": f"Bearer {PROXY_KEY}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        try:
            with opener.open(request, timeout=10) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    raise AssertionError("the proxy did not come up")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_litellm_proxy_starts_with_our_map(proxy: str, examples: Examples) -> None:
    overlay = examples.data_dir / "published/latest/formats/litellm/overlay.json"
    ours = json.loads(overlay.read_bytes())["aiml/openai/gpt-5"]

    (told,) = answered(proxy)["data"]

    assert told["litellm_params"]["model"] == "aiml/openai/gpt-5"
    for name in ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"):
        assert told["model_info"][name] == ours[name]


def test_every_format_and_every_reader_is_named() -> None:
    index = text_of("docs/consumers/README.md")
    pages = {path.name for path in CONSUMERS.glob("*.md")} - {"README.md"}

    assert {"duckdb.md", "polars.md", "pandas.md", "javascript.md", "litellm.md",
            "genai-prices.md"} == pages  # fmt: skip
    assert all(f"]({page})" in index for page in pages)
    for each in formats().values():
        assert each.main_file in index
