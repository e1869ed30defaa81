"""Stored searches as JSON: what `list`, `show` and `import` print with `--json`."""

from typing import Any

from walras.cli._output import document
from walras.core import Exchange, Headline, Iteration, Json, SearchRecord
from walras.store import SearchSummary


def record_json(record: SearchRecord, kind: str = "search") -> dict[str, Json]:
    """Return a search as one JSON object; `id` is what every command takes."""
    spec = record.spec
    return document(
        kind,
        id=record.id,
        name=record.name,
        state=str(record.state),
        created_at=record.created_at,
        space=spec.space.name,
        strategy=spec.space.strategy,
        market=spec.space.market,
        proposer=spec.proposer.kind,
        options=dict(spec.proposer.options),
        seed=spec.seed,
        batch=spec.batch,
        objective=spec.objective,
        budget=record.budget,
        iterations=record.iterations,
        note=record.note,
        tags=list(record.tags),
        caps=dict(vars(record.caps)),
        spent=dict(vars(record.spent)),
        headline=headline_json(record.headline),
        holdout_looks=record.holdout_looks,
    )


def summary_json(row: SearchSummary) -> dict[str, Json]:
    """Return a line of a list as one JSON object."""
    counts: dict[str, Json] = {"done": row.done, "refused": row.refused, "failed": row.failed}
    best: dict[str, Json] = {"best_number": row.best_number, "best_score": row.best_score}
    return {**record_json(row.record), **counts, **best}


def headline_json(headline: Headline | None) -> Json:
    """Return a headline as JSON, null while there is none."""
    if headline is None:
        return None
    body: dict[str, Any] = dict(vars(headline))
    return {**body, "candidates": [dict(vars(row)) for row in headline.candidates]}


def iteration_json(search: str, row: Iteration, exchanges: tuple[Exchange, ...]) -> dict[str, Json]:
    """Return an iteration whole, with the exchanges that made it."""
    talk: list[Json] = [{**exchange.to_body(), "meta": dict(exchange.meta)} for exchange in exchanges]
    return document("iteration", search=search, **row.to_body(), meta=dict(row.meta), talk=talk)
