"""The contract of a proposer, and the options it declares."""

from __future__ import annotations

import abc
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from walras.core import Json, NoProposal, Prompt, Proposal, Reply, SearchSpace, UsageError

if TYPE_CHECKING:
    from walras.core import Iteration

Conversation: TypeAlias = Generator[Prompt, Reply, tuple[Proposal | NoProposal, ...]]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a proposer: its default, its type, its bounds, and one line for people.

    `optional` lets the value be None; a `required` option has no default at all.
    """

    kind: type[bool] | type[int] | type[float] | type[str]
    default: Json = None
    low: float | None = None
    high: float | None = None
    optional: bool = False
    required: bool = False
    help: str = ""

    def check(self, where: str, value: Json) -> Json:
        """Return `value` in the option's type; an int is taken where a float is declared.

        Raises:
            UsageError: If the type is another one, or the value lies outside the bounds.
        """
        if value is None:
            if self.optional:
                return None
            raise UsageError(f"{where} needs a value.", hint=self.help)
        if self.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not self.kind:
            raise UsageError(f"{where} must be {self.kind.__name__}, got {value!r:.80}.", hint=self.help)
        if isinstance(value, int | float):
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
            if not low <= value <= high or not math.isfinite(value):
                raise UsageError(f"{where} must lie in [{low:g}, {high:g}], got {value!r:.80}.")
        if value == "" and self.required:
            raise UsageError(f"{where} needs a value.", hint=self.help)
        return value


class Proposer(abc.ABC):
    """Chooses what to try next from what was tried before.

    A proposer runs no backtest, reads no store, applies no policy and does no I/O. All its
    randomness comes from its seed and `len(history)`, so the same history gives the same proposal,
    and a search can stop and resume at any batch. Subclasses take `(*, seed, **OPTIONS)`.

    Attributes:
        OPTIONS: Every option it takes, by name; what is recorded in the header.
        needs_endpoint: Whether `converse` may yield prompts.
        reads_policy: Whether it takes `policy` as well, to leave locked names to the guard.
    """

    OPTIONS: ClassVar[Mapping[str, Option]] = {}
    needs_endpoint: ClassVar[bool] = False
    reads_policy: ClassVar[bool] = False

    @abc.abstractmethod
    def converse(self, space: SearchSpace, history: Sequence[Iteration], *, count: int) -> Conversation:
        """Return exactly `count` entries, after yielding prompts and receiving replies where it needs to.

        `history` is the finished iterations of finished batches in order, refused and failed ones
        included; iteration 0, the strategy's defaults, was made by the loop. Never changes `history`.
        """

    @abc.abstractmethod
    def fingerprint(self) -> dict[str, Json]:
        """Return everything a proposal depends on besides space, history, seed and options."""


def no_proposal_everywhere(refusal: NoProposal, *, count: int) -> tuple[NoProposal, ...]:
    """Return `refusal` once for each of `count` wanted proposals."""
    return (refusal,) * count
