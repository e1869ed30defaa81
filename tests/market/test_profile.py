"""Market profiles are data: frozen, named, digested."""

import dataclasses

import pytest

from walras.core import UnknownName
from walras.market import market_profile, market_profile_names


def test_every_named_profile_can_be_had():
    """Each listed name gives the profile of that name."""
    assert [market_profile(name).name for name in market_profile_names()] == list(market_profile_names())


def test_unknown_market_names_the_known_ones():
    """A misspelt market says which ones exist."""
    with pytest.raises(UnknownName, match="liquid_politics"):
        market_profile("liquid_politic")


def test_any_changed_number_changes_the_digest():
    """No two different markets share a digest."""
    profile = market_profile("liquid_politics")
    for field in dataclasses.fields(profile):
        value = getattr(profile, field.name)
        other = (value[0] + 1, *value[1:]) if isinstance(value, tuple) else value * 2
        assert dataclasses.replace(profile, **{field.name: other}).digest != profile.digest
