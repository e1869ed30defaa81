"""What numpy's floating point depends on: its version and the SIMD level it chose."""

from __future__ import annotations

import platform
from typing import Any, Final

from walras.core import Json

_LEVELS: Final = ("X86_V4", "AVX512_SKX", "X86_V3", "AVX2", "SVE", "ASIMD", "NEON_VFPV4", "VSX4", "VXE2")
"""Feature groups whose kernels compute exp, log and sums; later ones only sort and convert."""


def numpy_fingerprint() -> dict[str, Json]:
    """Return numpy's version, the machine type, and the widest SIMD level that numpy found here.

    Measured: the same TPE history gives proposals that differ by an ulp between AVX-512 and AVX2.
    """
    import numpy as np

    shown: dict[str, Any] = dict(np.show_config(mode="dicts") or {})
    simd = shown.get("SIMD Extensions", {})
    found = {*simd.get("found", ()), *simd.get("baseline", ())}
    level = next((name for name in _LEVELS if name in found), "baseline")
    return {"numpy": np.__version__, "machine": platform.machine(), "simd": level}
