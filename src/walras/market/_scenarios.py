"""The shipped scenario sets: disjoint seeds for search, choice and the final score."""

from dataclasses import dataclass
from typing import Final

from walras.core import DomainError, Role, Scenario, ScenarioSet, UnknownName
from walras.market._profile import market_profile

RESERVED_SEED: Final = 900_000
"""Seeds from here on belong to tests and experiments; no shipped set uses them."""

MAX_EVENTS: Final = 10_000_000
"""Longest scenario: 64-bit sums are proven for it, and it takes about a second."""


@dataclass(frozen=True)
class _Namespace:
    first_seed: int
    default_count: int
    capacity: int = 100_000


_NAMESPACES: Final = {
    "train": _Namespace(first_seed=100_000, default_count=16),
    "validate": _Namespace(first_seed=200_000, default_count=32),
    "holdout": _Namespace(first_seed=300_000, default_count=64),
}

DEFAULT_EVENTS: Final = 100_000


def scenario_set(
    market: str, role: Role, *, count: int | None = None, events: int = DEFAULT_EVENTS
) -> ScenarioSet:
    """Return the shipped scenario set of one role.

    A larger set of the same role begins with the smaller one; sets of different roles never share a
    seed.

    Args:
        market: A market profile.
        role: `train`, `validate` or `holdout`.
        count: Scenarios; by default 16, 32 and 64.
        events: Background events a scenario, 6,400 to 10,000,000.

    Raises:
        UnknownName: If the market or the role is unknown.
        DomainError: If `count` or `events` is out of range.
    """
    market_profile(market)
    if role not in _NAMESPACES:
        raise UnknownName("scenario role", role, known=_NAMESPACES)
    space = _NAMESPACES[role]
    size = space.default_count if count is None else count
    if not 1 <= size <= space.capacity:
        raise DomainError(f"A {role} set holds 1 to {space.capacity} scenarios, got {size}.")
    check_events(events)
    scenarios = tuple(Scenario(market, space.first_seed + i, events) for i in range(size))
    return ScenarioSet(name=f"{market}/{role}/{size}x{events}", role=role, scenarios=scenarios)


def check_events(events: int) -> None:
    """Refuse a scenario length that the 64 blocks or the 64-bit sums cannot hold.

    Raises:
        DomainError: If `events` is not in 6,400 .. 10,000,000.
    """
    if not 6_400 <= events <= MAX_EVENTS:
        raise DomainError(f"A scenario has 6,400 to {MAX_EVENTS:,} events, got {events}.")
