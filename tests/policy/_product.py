"""The product as the catalogue sees it: one door that starts a run, and counts what it did.

`start_run` is the only place that the adapters of space files, environments and the Python door go
through. It drives `read_space`, `Guard` and the engine's door with an in-memory audit list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from walras.core import (
    ParameterSpec,
    RefusedByPolicy,
    SearchSpace,
    StrategySchema,
    UnknownName,
    Value,
    Verdict,
    WalrasError,
)
from walras.policy import (
    FLOOR_POLICY,
    AdmittedParams,
    Guard,
    Policy,
    check_environment,
    check_gated_config,
    gated_digest_ok,
    read_space,
    refusal_code,
    require_admitted,
)

DEFAULTS: Mapping[str, Value] = {
    "strategy.mm.half_spread_ticks": 2,
    "strategy.mm.order_size": 50.0,
    "strategy.mm.mode": "improve",
    "strategy.mm.inventory_skew": 0.5,
    "strategy.mm.quote_ttl_ms": 10_000,
    "risk.exposureguard.rebalanceHalfLifeS": 30.0,
}
"""Defaults of the shipped market_maker, and one for a look-alike; the fixtures state bounds only."""


@dataclass
class Session:
    """One attempt to run: what was counted, and how it ended."""

    engine_inputs: list[dict[str, object]] = field(default_factory=list)
    llm_calls: int = 0
    iteration_rows: list[object] = field(default_factory=list)
    audit: list[dict[str, object]] = field(default_factory=list)
    error: WalrasError | None = None
    verdict: Verdict | None = None
    space: SearchSpace | None = None
    gated_ok: bool = True

    @property
    def code(self) -> str | None:
        """Return the reason code of the refusal, if there was one."""
        if self.error is not None:
            return refusal_code(self.error)
        return None if self.verdict is None else self.verdict.code

    def refuse(self, error: WalrasError) -> None:
        """Keep the error and write the one audit record."""
        names = list(error.names) if isinstance(error, RefusedByPolicy) else []
        self.error = error
        self.audit.append({"code": refusal_code(error), "names": names})

    def run_engine(self, admitted: AdmittedParams) -> None:
        """Stand in for the engine: take admitted parameters alone, under the reviewed gated config."""
        require_admitted(admitted)
        check_gated_config()
        self.gated_ok = self.gated_ok and gated_digest_ok()
        self.engine_inputs.append(dict(admitted.effective))
        self.iteration_rows.append(dict(admitted.params))


def fixture_schema(tunable: Mapping[str, list[Any]], strategy: str = "market_maker") -> StrategySchema:
    """Return the schema that a fixture of the catalogue describes."""
    return StrategySchema(strategy, "A fixture.", tuple(_spec(name, row) for name, row in tunable.items()))


def _spec(name: str, row: list[Any]) -> ParameterSpec:
    kind, *rest = row
    common: dict[str, Any] = {"name": name, "kind": kind, "description": "From the fixture."}
    if kind == "categorical":
        return ParameterSpec(**common, choices=tuple(rest[0]), default=DEFAULTS.get(name, rest[0][0]))
    low, high = rest
    return ParameterSpec(**common, low=low, high=high, default=DEFAULTS.get(name, low))


def schema_lookup(schema: StrategySchema) -> Callable[[str], StrategySchema]:
    """Return a registry that knows one strategy."""

    def schema_of(name: str) -> StrategySchema:
        if name != schema.strategy:
            raise UnknownName("strategy", name, known=(schema.strategy,))
        return schema

    return schema_of


def start_run(
    source: object,
    *,
    schema: StrategySchema,
    policy: Policy | Callable[[], Policy] = FLOOR_POLICY,
    environ: Mapping[str, str] | None = None,
    candidate: object = None,
    after: Callable[[object], None] | None = None,
) -> Session:
    """Start a search of `source` and evaluate one candidate, the defaults if none is given."""
    session = Session()
    try:
        rules = policy if isinstance(policy, Policy) else policy()
        check_environment(environ or {}, rules)
        session.space = read_space(source, schema_of=schema_lookup(schema), policy=rules)  # type: ignore[arg-type]
        guard = Guard(rules, schema, session.space)
    except WalrasError as error:
        session.refuse(error)
        return session
    ruling = guard.judge(session.space.defaults if candidate is None else candidate)
    if after is not None:
        after(candidate)
    if isinstance(ruling, Verdict):
        session.verdict = ruling
        session.iteration_rows.append(ruling)
    else:
        session.run_engine(ruling)
    return session


def space_file(folder: Path, data: bytes, *, suffix: str) -> Path:
    """Write a space file and return its path."""
    path = folder / f"space{suffix}"
    path.write_bytes(data)
    return path
