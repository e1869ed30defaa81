"""Which engine, and which markets, a score came from."""

from functools import cache
from hashlib import sha256
from typing import Final

from walras.market._profile import market_profile, market_profile_names

ENGINE_VERSION: Final = "1"
"""Raised by hand whenever any integer of any outcome changes; the golden test forces it."""

TABLES_SHA256: Final = "afcdf21d3682319136264aa7ed1f8baca23158396940c9857d2a4f9f4ef88a1e"
"""Checksum of the shipped tables; loading refuses any others."""


@cache
def engine_fingerprint() -> str:
    """Return what must be equal for two backtests to be comparable: version, tables, market profiles."""
    profiles = "".join(market_profile(name).digest for name in market_profile_names())
    markets = sha256(profiles.encode()).hexdigest()
    return f"walras-engine/{ENGINE_VERSION}+tables.{TABLES_SHA256[:12]}+markets.{markets[:12]}"
