"""Scenarios and named, frozen lists of them. The market turns one into a market session."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from walras.core._canonical import Json, digest

Role: TypeAlias = Literal["train", "validate", "holdout", "custom"]


@dataclass(frozen=True, order=True)
class Scenario:
    """One seeded market session: `events` background events of the market profile `market`."""

    market: str
    seed: int
    events: int


@dataclass(frozen=True, kw_only=True)
class ScenarioSet:
    """A named, frozen list of scenarios; all of one market and one length."""

    name: str
    role: Role
    scenarios: tuple[Scenario, ...]

    @cached_property
    def digest(self) -> str:
        """Return the digest of the scenarios; the name is not part of it."""
        return digest([[s.market, s.seed, s.events] for s in self.scenarios])

    def to_json(self) -> dict[str, Json]:
        """Return the set as JSON."""
        return {
            "name": self.name,
            "role": self.role,
            "scenarios": [[s.market, s.seed, s.events] for s in self.scenarios],
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, body: Json) -> "ScenarioSet":
        """Rebuild a set from `to_json`.

        Raises:
            KeyError, TypeError, ValueError: If `body` has another shape.
        """
        if not isinstance(body, dict):
            raise TypeError("a scenario set is a JSON object")
        rows = tuple(Scenario(str(m), int(s), int(e)) for m, s, e in body["scenarios"])
        return cls(name=str(body["name"]), role=body["role"], scenarios=rows)
