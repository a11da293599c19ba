"""How a run that published nothing ends: with the reason, and without a traceback of ours."""

from __future__ import annotations

import logging

from flows.errors import PricebookError
from flows.report import RunReport
from warehouse.errors import WarehouseError


class NothingLoadedError(PricebookError):
    """Raised when no source that was due could be read; says how each of them ended."""

    def __init__(self, report: RunReport) -> None:
        ends = "; ".join(
            f"{row['source']} {row['outcome']} {row['detail']}".rstrip()
            for row in report.as_table_rows()
        )
        super().__init__(f"nothing could be loaded: {ends}")
        self.report = report


def spare_traceback(record: logging.LogRecord) -> bool:
    """A log filter: an error that says all in its message is logged once, without its traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, PricebookError | WarehouseError):
        record.exc_info = None
        return "Engine execution exited" not in record.getMessage()
    return True
