"""Findings: prices that look odd and stand all the same, because the source says them.

Each file under ``sql/findings`` is a query on a published database. Nothing is held for them: they
are shown, so that a person can look.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from warehouse.statements import names, sql

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Finding:
    """One odd price. ``beside`` is the price it is odd beside; both are USD per unit."""

    name: str
    seller: str
    model: str
    meter: str
    unit_price_usd: Decimal
    beside: Decimal


def findings(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Every odd price of a published database, by kind."""
    return [
        Finding(name, *row)
        for name in names("findings")
        for row in connection.execute(sql(f"findings/{name}")).fetchall()
    ]
