"""The auth string of our own Prefect server: a file per data directory, for its owner alone.

Whoever can send requests to a Prefect server can have it run shell commands as the user who
started it. The loopback interface keeps other machines out. It does not keep out other users of
this machine, nor pages in the user's browser. The server therefore answers only requests that
carry the auth string. It has Prefect's form, `user:password`, and reaches other processes by
environment, never by a command line, which everybody on the machine can read.
"""

from __future__ import annotations

import base64
import errno
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from flows.errors import PricebookError

AUTH_FILE: Final = "auth"
"""The name of the file of the auth string inside Prefect's home."""

_USER: Final = "pricebook"
_MAX_BYTES: Final = 1000
_FORM: Final = re.compile(r"[!-9;-~]+:[!-~]+")
_NO_FILE_ERRNOS: Final = frozenset({errno.ELOOP, errno.ENXIO})
_RENEW: Final = "`pricebook schedule --new-auth` writes a new one"


class AuthFileError(PricebookError):
    """Raised when the file of the auth string cannot be trusted or read; the message names it."""


def auth_file(home: Path) -> Path:
    """Where the auth string of the server in `home` is kept."""
    return home / AUTH_FILE


def ensure_auth(home: Path) -> SecretStr:
    """The auth string of the server in `home`, an existing directory; made when there is none.

    For whoever holds the server's lock, so that only one is made. Raises AuthFileError.
    """
    return read_auth(home) if os.path.lexists(auth_file(home)) else renew_auth(home)


def renew_auth(home: Path) -> SecretStr:
    """Write a new auth string into `home`, in place of any that is there. Raises AuthFileError."""
    path, auth = auth_file(home), f"{_USER}:{secrets.token_hex(32)}"
    # Made with mode 0600, and under a name that nobody could have taken before.
    handle, name = tempfile.mkstemp(prefix=f".{AUTH_FILE}.", dir=home)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            # A strict umask takes rights from the owner too.
            os.fchmod(file.fileno(), 0o600)
            file.write(f"{auth}\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except IsADirectoryError as error:
        raise AuthFileError(f"{path} is a directory: move it away, then start again") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return SecretStr(auth)


def read_auth(home: Path) -> SecretStr:
    """The auth string of the server in `home`.

    Raises AuthFileError when there is none, when it is no regular file, when anybody but this user
    may read it, and when it has not the form `user:password`.
    """
    path = auth_file(home)
    descriptor = _open(path)
    try:
        _refuse_shared(path, os.fstat(descriptor))
        text = os.read(descriptor, _MAX_BYTES + 1).decode("ascii", errors="replace")
    finally:
        os.close(descriptor)
    text = text.rstrip("\r\n")
    if len(text) > _MAX_BYTES or not _FORM.fullmatch(text):
        raise AuthFileError(f"{path} does not hold one line user:password in ASCII: {_RENEW}")
    return SecretStr(text)


def basic_header(auth: SecretStr) -> dict[str, str]:
    """The HTTP header that carries the auth string."""
    token = base64.b64encode(auth.get_secret_value().encode("ascii")).decode("ascii")
    return {"Authorization": f"Basic {token}"}


def _open(path: Path) -> int:
    """A descriptor of the file itself: no link is followed, no pipe is waited for."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise AuthFileError(
            f"{path} is missing: stop what runs on this data directory, then start it again"
        ) from error
    except OSError as error:
        if error.errno in _NO_FILE_ERRNOS:
            raise _not_regular(path) from error
        raise


def _refuse_shared(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _not_regular(path)
    if found.st_uid != os.geteuid():
        raise AuthFileError(
            f"{path} belongs to another user (id {found.st_uid}), who can read it: run pricebook "
            "as that user, or use another data directory"
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise AuthFileError(
            f"others can read or change {path} (mode {mode:04o}): {_RENEW}, or `chmod 600` if "
            "nobody has read it; on a file system without modes, use another data directory"
        )


def _not_regular(path: Path) -> AuthFileError:
    return AuthFileError(f"{path} is no regular file: move it away, and a new one is made")
