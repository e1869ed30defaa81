"""Which engine, and which report arithmetic, a score came from."""

from typing import Final

from walras import market

REPORT_VERSION: Final = "1"
"""Raised by hand whenever the same outcomes would fill the report with other numbers."""


def engine_fingerprint() -> str:
    """Return what must be equal for two reports to be comparable: market engine and report arithmetic.

    Costs no numba import.

    Raises:
        IntegrityError: If the shipped tables were altered.
    """
    return f"{market.engine_fingerprint()}+report.{REPORT_VERSION}"
