"""What a search runs on: the concrete parts, picked by `wiring`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from walras.core import IntegrityError, Json, Prompt, Reply, Role, ScenarioSet, SearchSpec, StrategySchema
from walras.policy import Policy, space_from_record
from walras.store import TrajectoryStore, spec_from_body

if TYPE_CHECKING:
    from walras.execution import Executor


MAX_BATCH = 256
MAX_SEED = 2**63 - 1


class Answerer(Protocol):
    """Answers prompts: a live model, a script, or a record; see `walras.endpoint.Endpoint`."""

    def answer(
        self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None
    ) -> tuple[Reply, dict[str, Json]]:
        """Return the whole reply and its meta (latency, price, attempts)."""
        ...


@dataclass(frozen=True, kw_only=True)
class EndpointChoice:
    """Which endpoint answers prompts; never holds a key.

    `kind` is "live" or "scripted"; None is live, or on a resume what the search was made with.
    """

    kind: str | None = None
    base_url: str | None = None
    model: str | None = None
    price_in: float | None = None
    price_out: float | None = None
    prices: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything a search needs besides its request.

    Attributes:
        schema_of: Strategy name to schema; raises UnknownName.
        fingerprint_of: Strategy and objective to the fingerprint of all that turns params into a score.
        scenarios: (market, role, count or None, events or None) to a scenario set.
        executor: Worker count to an executor; the caller closes it.
        endpoint: Choice to an endpoint; raises UsageError where a key or a model is missing.
        seconds: A monotonic clock, in seconds.
        versions: Library versions for `meta`.
    """

    store: TrajectoryStore
    policy: Policy
    schema_of: Callable[[str], StrategySchema]
    fingerprint_of: Callable[[str, str], str]
    scenarios: Callable[[str, Role, int | None, int | None], ScenarioSet]
    executor: Callable[[int], "Executor"]
    endpoint: Callable[[EndpointChoice], Answerer]
    seconds: Callable[[], float]
    versions: Callable[[], dict[str, Json]]

    def judged_spec(self, header: Mapping[str, Json], meta: Mapping[str, Json]) -> SearchSpec:
        """Return the specification in a header, its space judged again under today's policy.

        Raises:
            RefusedByPolicy: If a hard gate locks a name in it; nothing ran.
            InvalidFile: If the strategy no longer takes it.
            IntegrityError: If it is no specification that a search can have.
        """
        spec = spec_from_body(header, labels=meta.get("labels"))
        space = space_from_record(header["space"], schema_of=self.schema_of, policy=self.policy)
        if space.digest != spec.space.digest:
            raise IntegrityError("The space in the record is not the one its digest was made of.")
        if not (1 <= spec.batch <= MAX_BATCH and 0 <= spec.seed <= MAX_SEED):
            raise IntegrityError(f"No search has batch {spec.batch} and seed {spec.seed}.")
        return spec
