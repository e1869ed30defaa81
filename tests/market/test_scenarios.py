"""Scenario sets: disjoint roles, stable prefixes, clear errors."""

import pytest

from walras.core import DomainError, UnknownName
from walras.market import RESERVED_SEED, scenario_set

MARKET = "liquid_politics"


def test_roles_have_their_documented_sizes():
    """The shipped sets hold 16, 32 and 64 scenarios of 100,000 events."""
    sizes = {role: len(scenario_set(MARKET, role).scenarios) for role in ("train", "validate", "holdout")}
    assert sizes == {"train": 16, "validate": 32, "holdout": 64}
    assert {s.events for s in scenario_set(MARKET, "train").scenarios} == {100_000}


def test_roles_never_share_a_seed():
    """Even the largest sets of different roles are disjoint and leave the reserved seeds alone."""
    seeds = [
        {s.seed for s in scenario_set(MARKET, role, count=100_000).scenarios}
        for role in ("train", "validate", "holdout")
    ]
    assert len(set.union(*seeds)) == 300_000
    assert max(set.union(*seeds)) < RESERVED_SEED


def test_a_larger_set_begins_with_the_smaller():
    """Asking for more scenarios keeps the first ones."""
    assert (
        scenario_set(MARKET, "train", count=5).scenarios[:3]
        == scenario_set(MARKET, "train", count=3).scenarios
    )


@pytest.mark.parametrize("count", [0, -1, 100_001])
def test_silly_counts_are_refused(count):
    """No scenario, or more than a role has seeds for, is an error."""
    with pytest.raises(DomainError, match="holds 1 to 100000"):
        scenario_set(MARKET, "train", count=count)


@pytest.mark.parametrize("events", [0, 63, 6_399, 10_000_001])
def test_silly_lengths_are_refused(events):
    """A scenario too short for 64 blocks or too long for 64 bits is an error."""
    with pytest.raises(DomainError, match="6,400 to 10,000,000"):
        scenario_set(MARKET, "train", events=events)


def test_unknown_names_are_refused():
    """A wrong market or role says what exists."""
    with pytest.raises(UnknownName, match="market"):
        scenario_set("nowhere", "train")
    with pytest.raises(UnknownName, match="holdout"):
        scenario_set(MARKET, "custom")
