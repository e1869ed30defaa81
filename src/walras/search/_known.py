"""Statistics as optional numbers, for values that go into JSON."""

from walras.statistics import Undefined


def known(value: float | Undefined) -> float | None:
    """Return the number, or None where the statistic is undefined."""
    return None if isinstance(value, Undefined) else value
