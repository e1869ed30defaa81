"""Runs a stored trajectory again, without a key and without a network, and names the first divergence."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from walras.replay._replay import Difference, ReplayResult, ReplayStatus, first_difference, replay

__all__ = ["Difference", "ReplayResult", "ReplayStatus", "first_difference", "replay"]


def __getattr__(name: str) -> object:
    """Load the replayer on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from walras.replay import _replay

    return getattr(_replay, name)
