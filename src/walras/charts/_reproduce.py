"""How to get the same search again: commands, seeds, digests, fingerprints, options, versions."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from walras.charts._format import plain
from walras.charts._view import ReportView


@dataclass(frozen=True)
class Fact:
    """One thing that fixes the search, by name; `exact` values are set in a fixed-width face."""

    label: str
    value: str
    exact: bool = True


@dataclass(frozen=True)
class ScenarioRow:
    """One scenario set: its role, market, length, seeds and digest."""

    role: str
    name: str
    market: str
    count: int
    seeds: str
    digest: str


def commands(view: ReportView) -> tuple[str, ...]:
    """Return the command lines that check this page from the store and from an exported file."""
    name = shlex.quote(plain(view.record.id, 80))
    return (
        f"walras replay {name}",
        f"walras export {name} -o {name}.jsonl",
        f"walras replay {name}.jsonl",
    )


def facts(view: ReportView) -> tuple[Fact, ...]:
    """Return what fixes the search, in the order a reader would check it."""
    record, spec = view.record, view.record.spec
    engines = {item.engine: None for item in view.iterations if item.engine} or {spec.engine: None}
    rows = [
        Fact("Search", record.id),
        Fact("Created", record.created_at, exact=False),
        Fact("Strategy", spec.space.strategy),
        Fact("Proposer", spec.proposer.kind),
        Fact("Proposer options", _json(dict(spec.proposer.options))),
        Fact("Seed", str(spec.seed)),
        Fact("Batch", str(spec.batch)),
        Fact("Budget", f"{record.budget} iterations", exact=False),
        Fact("Objective", spec.objective),
        Fact("Whole specification", spec.digest),
        Fact("Search space", spec.space.digest),
        Fact("Strategy schema", spec.strategy_schema),
        Fact("Policy", spec.policy),
        *(Fact("Engine fingerprint", engine) for engine in engines),
        *(Fact(label, value) for label, value in _flat(record.meta)),
    ]
    return tuple(Fact(plain(row.label, 80), plain(row.value, 1000), row.exact) for row in rows)


def scenario_rows(view: ReportView) -> tuple[ScenarioRow, ...]:
    """Return the train, validate and holdout sets."""
    spec = view.record.spec
    rows = []
    for group in (spec.train, spec.validate, spec.holdout):
        seeds = [scenario.seed for scenario in group.scenarios]
        first = group.scenarios[0] if group.scenarios else None
        market = f"{first.market}, {first.events:,} events" if first is not None else "empty"
        rows.append(
            ScenarioRow(
                role=group.role,
                name=plain(group.name, 60),
                market=plain(market, 80),
                count=len(seeds),
                seeds=_seeds(seeds),
                digest=group.digest,
            )
        )
    return tuple(rows)


def _seeds(seeds: list[int]) -> str:
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    shown = ", ".join(map(str, seeds[:64]))
    return f"{shown} and {len(seeds) - 64} more" if len(seeds) > 64 else shown


def _flat(body: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in sorted(body.items()):
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key} ")
        else:
            rows.append((f"{prefix}{key}", value if isinstance(value, str) else _json(value)))
    return rows


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
