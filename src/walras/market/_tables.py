"""The shipped distribution tables: integers, so that no platform's libm enters a result.

`make_tables` says where they came from; a run never calls it.
"""

from __future__ import annotations

import math
from hashlib import sha256
from importlib import resources
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from walras.core import IntegrityError
from walras.market._version import TABLES_SHA256

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LENGTHS: Final = (5_122, 4_096, 4_096, 4_096, 1_024, 1_024, 1_024)


class Tables(NamedTuple):
    """Inverse distribution functions on equal steps of probability, int32.

    Attributes:
        sigmoid: Shape (5122,). Logistic function of -10, -10 + 1/256, ..., times 2^20.
        normal: Shape (4096,). Standard normal times 2^16, rescaled to variance 1.
        exponential: Shape (4096,). Mean 1, times 2^16.
        distance: Shape (4096,). Ticks behind the maker's best price, 0 or more: geometric.
        maker_lots: Shape (1024,). Size of a background limit order: Pareto, exponent 1.6, whole shares.
        taker_lots: Shape (1024,). Size of a background taking order: Pareto, exponent 1.5.
        jump: Shape (1024,). Absolute news jump of the log-odds times 2^24: Pareto, exponent 3.
    """

    sigmoid: NDArray[np.int32]
    normal: NDArray[np.int32]
    exponential: NDArray[np.int32]
    distance: NDArray[np.int32]
    maker_lots: NDArray[np.int32]
    taker_lots: NDArray[np.int32]
    jump: NDArray[np.int32]


def load_tables() -> Tables:
    """Return the shipped tables.

    Raises:
        IntegrityError: If they are not the ones this engine version was built with.
    """
    path = resources.files("walras.market").joinpath("tables.npy")
    with path.open("rb") as stream:
        flat = np.load(stream, allow_pickle=False)
    found = tables_digest(flat)
    if found != TABLES_SHA256:
        raise IntegrityError(
            f"The market's distribution tables have checksum {found[:16]}, not {TABLES_SHA256[:16]}.",
            hint="Reinstall walras; results made with other tables are not comparable.",
        )
    parts = np.split(flat, np.cumsum(_LENGTHS)[:-1])
    return Tables(*(np.ascontiguousarray(part) for part in parts))


def tables_digest(flat: NDArray[np.int32]) -> str:
    """Return the SHA-256 of the little-endian bytes of all tables in order."""
    return sha256(flat.astype("<i4").tobytes()).hexdigest()


def make_tables() -> NDArray[np.int32]:
    """Return all tables in order as one int32 array, computed afresh."""
    normal = [NormalDist().inv_cdf((i + 0.5) / 4_096) for i in range(4_096)]
    spread = math.sqrt(math.fsum(z * z for z in normal) / 4_096)
    rows: list[int] = [round(2**20 / (1 + math.exp(10 - i / 256))) for i in range(5_122)]
    rows += [round(65_536 * z / spread) for z in normal]
    waits = [-math.log((i + 0.5) / 4_096) for i in range(4_096)]
    rows += [round(65_536 * w * 4_096 / math.fsum(waits)) for w in waits]
    rows += [int(w / -math.log(1 - 0.18)) for w in waits]
    rows += [_pareto_lots(i, exponent=1.6, least=12, most=500) for i in range(1_024)]
    rows += [_pareto_lots(i, exponent=1.5, least=10, most=600) for i in range(1_024)]
    rows += [round(2**24 * min(0.12 * ((i + 0.5) / 1_024) ** (-1 / 3), 2.5)) for i in range(1_024)]
    return np.array(rows, dtype=np.int32)


def _pareto_lots(index: int, *, exponent: float, least: int, most: int) -> int:
    shares: int = min(most, round(least * ((index + 0.5) / 1_024) ** (-1 / exponent)))
    return 100 * shares
