"""What can go wrong with the warehouse, by cause. Every message says what to do.

``WarehouseError``
    ├── ``LockedError``        another run holds the data directory
    ├── ``NewerDatabaseError`` the database was written by newer code
    ├── ``MigrationError``     an applied migration's text differs from the code's
    ├── ``CheckFailedError``   rows that must not exist: nothing was loaded or published
    ├── ``MixedOriginsError``  live and recorded data must not share a warehouse
    └── ``SnapshotError``      a published snapshot is missing or not what its manifest says
"""

from __future__ import annotations


class WarehouseError(Exception):
    """Raised when the warehouse cannot do what was asked; the base of all others here."""


class LockedError(WarehouseError):
    """Raised when another process is writing to the same data directory."""


class NewerDatabaseError(WarehouseError):
    """Raised when the database has migrations that this version of the code does not know."""


class MigrationError(WarehouseError):
    """Raised when a migration that was applied has since been edited."""


class CheckFailedError(WarehouseError):
    """Raised when a check finds rows that must not exist; names the check and the first rows."""


class MixedOriginsError(WarehouseError):
    """Raised when a live run meets a warehouse of recorded captures, or the reverse."""


class SnapshotError(WarehouseError):
    """Raised when a published snapshot is missing, incomplete or altered."""
