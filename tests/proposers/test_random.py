"""Random draws are uniform, independent of what was found, and honest about it."""

import numpy as np
from tests.proposers._histories import SPACE, history

from walras.core import Proposal, ProposerSpec
from walras.proposers import build_proposer, drive

RANDOM = ProposerSpec(kind="random")


def test_draws_from_seed_length_and_place() -> None:
    """The i-th point of a batch is the draw of the generator of (seed, len(history), i)."""
    entries = drive(build_proposer(RANDOM, seed=9).converse(SPACE, history(12), count=3))
    for place, entry in enumerate(entries):
        wanted = SPACE.snap(SPACE.sample(np.random.default_rng([9, 12, place])))
        assert isinstance(entry, Proposal)
        assert entry.params == wanted
        assert "no result was used" in entry.reasoning


def test_ignores_what_was_found() -> None:
    """Two records of equal length give equal draws."""
    proposer = build_proposer(RANDOM, seed=9)
    one = drive(proposer.converse(SPACE, history(12), count=2))
    two = drive(proposer.converse(SPACE, history(12, clean=True), count=2))
    assert one == two


def test_covers_the_space() -> None:
    """Every choice and both halves of every range are drawn."""
    proposer = build_proposer(RANDOM, seed=9)
    drawn = drive(proposer.converse(SPACE, (), count=200))
    for axis in SPACE.dimensions:
        units = [axis.to_unit(e.params[axis.name]) for e in drawn if e.params and axis.name in e.params]  # type: ignore[arg-type]
        if axis.low != axis.high or axis.low is None:
            assert min(units) < 0.3
            assert max(units) > 0.7
