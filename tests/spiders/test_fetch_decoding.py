"""Undoing a content encoding piece by piece gives what it stands for, within the limit."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.capture import FetchOutcome
from spiders.decoding import BodyDecoder, ungzip
from spiders.problem import FetchProblemError


def raw_deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


def packed(encoding: str, body: bytes) -> bytes:
    if encoding in {"gzip", "x-gzip", " GZIP"}:
        return gzip.compress(body)
    return body if encoding in {"", "identity"} else zlib.compress(body)


def decoded(encoding: str, data: bytes, step: int = 7, limit: int = 10_000) -> bytes:
    decoder = BodyDecoder(encoding, limit)
    for start in range(0, len(data), step):
        decoder.feed(data[start : start + step])
    return decoder.finish()


def outcome_of(encoding: str, data: bytes, limit: int = 10_000) -> FetchOutcome:
    with pytest.raises(FetchProblemError) as raised:
        decoded(encoding, data, limit=limit)
    return raised.value.problem.outcome


@given(
    st.sampled_from(["", "identity", "gzip", "x-gzip", " GZIP", "deflate"]),
    st.binary(max_size=3000),
    st.integers(1, 4000),
)
def test_what_was_packed_comes_back(encoding: str, body: bytes, step: int) -> None:
    assert decoded(encoding, packed(encoding, body), step) == body


@given(st.binary(max_size=3000), st.integers(1, 50))
def test_deflate_without_its_header_is_understood(body: bytes, step: int) -> None:
    assert decoded("deflate", raw_deflate(body), step) == body


def test_several_gzip_members_and_padding_are_one_body() -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + bytes(9)
    for step in (1, 3, 1000):
        assert decoded("gzip", data, step) == b"one two"


@given(st.sampled_from(["gzip", "deflate"]), st.binary(min_size=1, max_size=2000), st.data())
def test_a_body_that_ends_early_is_truncated(
    encoding: str, body: bytes, data: st.DataObject
) -> None:
    whole = packed(encoding, body)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert outcome_of(encoding, whole[:cut]) == FetchOutcome.TRUNCATED


def test_damaged_data_is_truncated_and_says_so() -> None:
    whole = bytearray(gzip.compress(bytes(range(256)) * 4))
    whole[30] ^= 255
    assert outcome_of("gzip", bytes(whole)) == FetchOutcome.TRUNCATED
    assert outcome_of("gzip", b"<html>not gzip</html>") == FetchOutcome.TRUNCATED
    assert outcome_of("gzip", gzip.compress(b"x") + b"trailing junk") == FetchOutcome.TRUNCATED


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(FetchProblemError, match="not asked for"):
        BodyDecoder(encoding, 10)


def test_the_limit_holds_to_the_byte() -> None:
    body = bytes(range(250)) * 40
    for encoding in ("", "gzip", "deflate"):
        data = packed(encoding, body)
        assert decoded(encoding, data, limit=len(body)) == body
        assert outcome_of(encoding, data, limit=len(body) - 1) == FetchOutcome.TOO_LARGE


def test_a_bomb_is_told_from_a_large_body() -> None:
    assert (
        outcome_of("gzip", gzip.compress(bytes(1_000_000)), 99_999)
        == FetchOutcome.DECOMPRESSION_BOMB
    )
    assert outcome_of("", bytes(1_000_000), 99_999) == FetchOutcome.TOO_LARGE


def test_a_bomb_costs_no_memory() -> None:
    script = (
        "import resource, sys\n"
        "from spiders.decoding import ungzip\n"
        "from spiders.problem import FetchProblemError\n"
        "packed = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    ungzip(packed, 1_000_000)\n"
        "except FetchProblemError:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    bomb = gzip.compress(bytes(400_000_000), 1)
    done = subprocess.run(
        [sys.executable, "-c", script], input=bomb, capture_output=True, check=True
    )
    assert int(done.stdout) < 20_000  # kilobytes


@given(
    encoding=st.sampled_from(["", "gzip", "deflate"]),
    junk=st.binary(max_size=200),
    prefix=st.booleans(),
)
def test_junk_only_ever_raises_our_own_error(encoding: str, junk: bytes, *, prefix: bool) -> None:
    data = gzip.compress(b"abc")[:10] + junk if prefix else junk
    with suppress(FetchProblemError):
        decoded(encoding, data)


def test_many_tiny_members_do_not_take_for_ever() -> None:
    assert ungzip(gzip.compress(b"") * 50_000, 10) == b""
