"""What a search is: everything that is fixed when it is created, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from walras.core._canonical import Json, digest
from walras.core._fields import (
    COUNT,
    LIST,
    OPTIONAL_COUNT,
    OPTIONAL_NUMBER,
    OPTIONAL_TEXT,
    require_fields,
)
from walras.core._scenario import ScenarioSet
from walras.core._space import SearchSpace

SCHEMA_VERSION = 1


class SearchState(StrEnum):
    """Where a search stands. Open: resumable. Finished: its budget is used up. Archived: hidden, kept."""

    OPEN = "open"
    FINISHED = "finished"
    ARCHIVED = "archived"


@dataclass(frozen=True, kw_only=True)
class ProposerSpec:
    """Everything needed to build a proposer again from a stored row. Options hold no secret, no address."""

    kind: str
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SearchSpec:
    """What enters the header of a trajectory. Two searches with equal specs have equal trajectories.

    The budget is not here: a search of 60 that is extended to 120 is the search of 120.
    Worker count, caps, names, tags and addresses are not here either: they cannot change a proposal.
    """

    space: SearchSpace
    proposer: ProposerSpec
    seed: int
    batch: int
    objective: str
    train: ScenarioSet
    validate: ScenarioSet
    holdout: ScenarioSet
    engine: str
    strategy_schema: str
    policy: str

    def to_body(self) -> dict[str, Json]:
        """Return the header body: the whole specification and its digests."""
        return {
            "schema_version": SCHEMA_VERSION,
            "space": self.space.to_json(),
            "space_digest": self.space.digest,
            "proposer": {"kind": self.proposer.kind, "options": dict(self.proposer.options)},
            "seed": self.seed,
            "batch": self.batch,
            "objective": self.objective,
            "scenarios": {
                "train": self.train.to_json(),
                "validate": self.validate.to_json(),
                "holdout": self.holdout.to_json(),
            },
            "engine": self.engine,
            "strategy_schema": self.strategy_schema,
            "policy": self.policy,
        }

    @cached_property
    def digest(self) -> str:
        """Return the digest of the whole specification."""
        return digest(self.to_body())

    @property
    def common_digest(self) -> str:
        """Return the digest of all but proposer and seed: equal for searches that may be compared."""
        body = self.to_body()
        return digest({key: value for key, value in body.items() if key not in ("proposer", "seed")})


@dataclass(frozen=True, kw_only=True)
class Caps:
    """Limits on what an LLM may cost and a search may take; None is no limit."""

    max_usd: float | None = None
    max_calls: int | None = None
    max_tokens: int | None = None
    max_minutes: float | None = None


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a search has cost so far: calls count every attempt, also failed ones."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One of the best few: its search score and the fresh score on `validate`."""

    number: int
    search_score: float
    validate_score: float | None
    validate_se: float | None
    reason: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> "Candidate":
        """Rebuild a candidate from its stored JSON.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        fresh = dict.fromkeys(("validate_score", "validate_se"), OPTIONAL_NUMBER)
        known = {"number": COUNT, "search_score": (float, int), "reason": OPTIONAL_TEXT}
        return cls(**require_fields(body, {**known, **fresh}))


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What a finished search found, each number with the scenarios it was made on.

    `best` is the iteration that won on `validate`; `holdout_looks` counts how often this holdout has
    been looked at for this space and objective, this look included. `best` is None with a `reason`
    where no iteration was scored.
    """

    best: int | None
    reason: str | None = None
    search_score: float | None = None
    search_se: float | None = None
    validate_score: float | None = None
    validate_se: float | None = None
    holdout_score: float | None = None
    holdout_se: float | None = None
    holdout_reason: str | None = None
    candidates: tuple[Candidate, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> "Headline":
        """Rebuild a headline from its stored JSON.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        scores = [f"{on}_{what}" for on in ("search", "validate", "holdout") for what in ("score", "se")]
        reasons = dict.fromkeys(("reason", "holdout_reason"), OPTIONAL_TEXT)
        known = {"best": OPTIONAL_COUNT, **dict.fromkeys(scores, OPTIONAL_NUMBER), **reasons}
        row = require_fields(body, {**known, "candidates": LIST})
        candidates = tuple(Candidate.from_json(candidate) for candidate in row["candidates"])
        return cls(**{**row, "candidates": candidates})


@dataclass(frozen=True, kw_only=True)
class SearchRecord:
    """A stored search: its id and specification, and what may change after creation."""

    id: str
    spec: SearchSpec
    budget: int
    state: SearchState
    created_at: str
    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    caps: Caps = field(default_factory=Caps)
    spent: Spent = field(default_factory=Spent)
    headline: Headline | None = None
    holdout_looks: int = 0
    iterations: int = 0
    meta: Mapping[str, Json] = field(default_factory=dict)
