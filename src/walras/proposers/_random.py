"""Uniform draws: the baseline that every other proposer must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, final

from walras.core import Json, Proposal, SearchSpace
from walras.proposers._base import Conversation, Option, Proposer
from walras.proposers._numpy import numpy_fingerprint

if TYPE_CHECKING:
    from walras.core import Iteration


@final
class RandomProposer(Proposer):
    """Draws each dimension uniformly over its range, log-uniformly on a log axis; learns nothing."""

    OPTIONS: ClassVar[Mapping[str, Option]] = {}

    def __init__(self, *, seed: int) -> None:
        self._seed = seed

    def converse(self, space: SearchSpace, history: Sequence[Iteration], *, count: int) -> Conversation:
        """Return `count` independent draws; entry i uses the generator of (seed, len(history), i)."""
        import numpy as np

        yield from ()
        return tuple(
            self._proposal(space, np.random.default_rng([self._seed, len(history), i]), len(history), i)
            for i in range(count)
        )

    def fingerprint(self) -> dict[str, Json]:
        """Return the versions that a draw depends on."""
        return {"kind": "random", "generator": "numpy PCG64", **numpy_fingerprint()}

    def _proposal(self, space: SearchSpace, rng: object, finished: int, place: int) -> Proposal:
        params = space.snap(space.sample(rng))  # type: ignore[arg-type]
        return Proposal(
            params=params,
            reasoning=(
                f"Uniform draw over the {len(params)} active dimensions from seed {self._seed}, "
                f"after {finished} finished iterations, place {place} of its batch; no result was used."
            ),
            source="random",
            details={"phase": "draw", "dimensions": len(params)},
        )
