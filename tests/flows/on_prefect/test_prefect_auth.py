"""The file of the auth string: for its owner alone, or refused without telling what it holds."""

from __future__ import annotations

import os
import re
import socket
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import prefect_auth
from flows.prefect_auth import AuthFileError, auth_file, ensure_auth, read_auth, renew_auth

FORM = re.compile(r"pricebook:[0-9a-f]{64}")


@given(st.integers(0, 0o777))
def test_it_is_for_its_owner_alone_whatever_the_umask(umask: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        before = os.umask(umask)
        try:
            auth = ensure_auth(Path(folder))
        finally:
            os.umask(before)
        assert [path.name for path in Path(folder).iterdir()] == ["auth"]
        assert stat.S_IMODE(auth_file(Path(folder)).stat().st_mode) == 0o600
        assert FORM.fullmatch(auth.get_secret_value())


def test_it_stays_until_it_is_changed(tmp_path: Path) -> None:
    first = ensure_auth(tmp_path)
    assert ensure_auth(tmp_path) == read_auth(tmp_path) == first
    second = renew_auth(tmp_path)
    assert second != first
    assert read_auth(tmp_path) == second
    assert [path.name for path in tmp_path.iterdir()] == ["auth"]


def test_it_is_not_shown(tmp_path: Path) -> None:
    auth = ensure_auth(tmp_path)
    assert auth.get_secret_value() not in f"{auth} {auth!r}"


@given(st.integers(0, 0o377))
def test_it_is_refused_where_anybody_else_has_a_right(bits: int) -> None:
    mode = bits | stat.S_IRUSR
    with tempfile.TemporaryDirectory() as folder:
        auth = ensure_auth(Path(folder))
        auth_file(Path(folder)).chmod(mode)
        if mode & 0o077 == 0:
            assert read_auth(Path(folder)) == auth
            return
        with pytest.raises(AuthFileError, match=f"{mode:04o}.*--new-auth.*chmod 600") as refused:
            read_auth(Path(folder))
        assert auth.get_secret_value() not in str(refused.value)
        renew_auth(Path(folder))
        assert read_auth(Path(folder)) != auth


def test_it_is_refused_where_it_belongs_to_somebody_else(tmp_path: Path) -> None:
    ensure_auth(tmp_path)
    found = auth_file(tmp_path).stat()
    prefect_auth._refuse_shared(auth_file(tmp_path), found)
    theirs = os.stat_result([*found[:4], os.geteuid() + 1, *found[5:10]])
    with pytest.raises(AuthFileError, match="belongs to another user"):
        prefect_auth._refuse_shared(auth_file(tmp_path), theirs)


def link(path: Path) -> None:
    ensure_auth(path.parent)
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def loose_link(path: Path) -> None:
    path.symlink_to("nowhere")


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


@pytest.mark.parametrize("make", [link, loose_link, bound_socket, os.mkfifo, os.mkdir])
def test_it_is_refused_where_it_is_no_regular_file(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(auth_file(tmp_path))
    with pytest.raises(AuthFileError, match=r"auth is no regular file: move it away"):
        ensure_auth(tmp_path)


def test_a_directory_in_its_place_is_not_written_over(tmp_path: Path) -> None:
    auth_file(tmp_path).mkdir()
    with pytest.raises(AuthFileError, match="is a directory: move it away"):
        renew_auth(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["auth"]


def test_whoever_borrows_a_server_needs_its_auth_string(tmp_path: Path) -> None:
    with pytest.raises(AuthFileError, match="is missing: stop what runs"):
        read_auth(tmp_path)


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_no_other_text_is_taken_for_it_or_told(content: bytes) -> None:
    form = re.compile(rb"[!-9;-~]+:[!-~]+[\r\n]*")
    with tempfile.TemporaryDirectory() as folder:
        path = auth_file(Path(folder))
        ensure_auth(Path(folder))
        path.write_bytes(content)
        if form.fullmatch(content):
            told = read_auth(Path(folder)).get_secret_value()
            assert told.encode() == content.rstrip(b"\r\n")
            return
        with pytest.raises(AuthFileError) as refused:
            read_auth(Path(folder))
        assert str(refused.value) == (
            f"{path} does not hold one line user:password in ASCII: "
            "`pricebook schedule --new-auth` writes a new one"
        )


@pytest.mark.parametrize(
    "content",
    ["", "\n", "word", ":word", "user:", "user:a b", " user:a", "user:a ", "a:b\nc:d", "a:ü"],
)
def test_what_is_not_a_user_and_a_password_is_refused(tmp_path: Path, content: str) -> None:
    ensure_auth(tmp_path)
    auth_file(tmp_path).write_text(content, encoding="utf-8")
    with pytest.raises(AuthFileError, match="user:password"):
        read_auth(tmp_path)


def test_a_auth_string_has_an_end(tmp_path: Path) -> None:
    ensure_auth(tmp_path)
    auth_file(tmp_path).write_text(f"user:{'x' * 1000}", encoding="ascii")
    with pytest.raises(AuthFileError, match="user:password"):
        read_auth(tmp_path)
