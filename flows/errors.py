"""What a person is told when something cannot be done: what happened, where, and what to do.

``PricebookError``
    ├── ``UsageError``             2  the command line asks for something that cannot be meant
    ├── ``SettingsError``          2  a setting cannot be used; names the variable or the file
    ├── ``NothingPublishedError``  1  the data directory has no snapshot to read
    ├── ``DamagedDirectoryError``  1  a file of the data directory cannot be read
    └── ``NoSuchThingError``       1  no model, meter, seller … of that name

The number is the process's exit status. What the warehouse raises gets its own (`exit_status_of`).
"""

from __future__ import annotations

from typing import ClassVar

from warehouse.errors import LockedError, MixedOriginsError, WarehouseError

OK = 0
NOT_DONE = 1
USAGE = 2
SHOULD_LOOK = 3
HELD_BY_ANOTHER_RUN = 4


class PricebookError(Exception):
    """Base of the errors whose message is all that a person needs."""

    exit_status: ClassVar[int] = NOT_DONE


class UsageError(PricebookError):
    """Raised when options contradict each other or a value cannot be meant."""

    exit_status = USAGE


class SettingsError(PricebookError):
    """Raised when a setting cannot be used; the message names the variable or the file."""

    exit_status = USAGE


class NothingPublishedError(PricebookError):
    """Raised when the data directory holds no snapshot that could be read."""


class DamagedDirectoryError(PricebookError):
    """Raised when a file of the data directory cannot be read; the message names it."""


class NoSuchThingError(PricebookError):
    """Raised when a name means nothing in the published data; the message offers near names."""


def exit_status_of(error: PricebookError | WarehouseError) -> int:
    """The exit status an error ends the process with."""
    if isinstance(error, PricebookError):
        return error.exit_status
    if isinstance(error, LockedError):
        return HELD_BY_ANOTHER_RUN
    return USAGE if isinstance(error, MixedOriginsError) else NOT_DONE
