"""The shipped tables are the ones the generator makes, and are what they say."""

import numpy as np
import pytest

from walras.core import IntegrityError
from walras.market import _tables
from walras.market._tables import load_tables, make_tables, tables_digest
from walras.market._version import TABLES_SHA256


def test_shipped_tables_can_be_made_again():
    """The generator still gives the shipped integers."""
    assert tables_digest(make_tables()) == TABLES_SHA256


def test_tables_have_their_moments():
    """Normal: mean 0 and variance 1; exponential: mean 1; logistic: symmetric about one half."""
    tables = load_tables()
    assert abs(tables.normal.mean() / 2**16) < 1e-4
    assert abs((tables.normal / 2**16).var() - 1) < 1e-3
    assert abs(tables.exponential.mean() / 2**16 - 1) < 1e-3
    assert tables.sigmoid[2_560] == 2**19
    assert (np.diff(tables.sigmoid) >= 0).all()
    assert tables.distance.min() == 0
    assert min(tables.maker_lots.min(), tables.taker_lots.min(), tables.jump.min()) > 0


def test_altered_tables_are_refused(monkeypatch):
    """A table that is not the reviewed one never reaches a backtest."""
    monkeypatch.setattr(_tables, "TABLES_SHA256", "0" * 64)
    with pytest.raises(IntegrityError, match="checksum"):
        load_tables()
