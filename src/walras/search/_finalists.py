"""Judges the best few on fresh scenarios, so that the headline is not the luckiest of many."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from walras.backtest import score
from walras.core import Candidate, Headline, Iteration, Score, SearchSpec
from walras.execution import Job
from walras.policy import AdmittedParams, Guard

if TYPE_CHECKING:
    from walras.execution import Executor, JobResult


def judge_finalists(
    spec: SearchSpec, rows: Sequence[Iteration], *, guard: Guard, executor: "Executor"
) -> Headline:
    """Score `rows` on `validate`, pick the best there, and score that one once on `holdout`.

    Args:
        rows: The finalists, best search score first.

    Returns: The headline; its `best` is None with a reason where nothing could be scored.
    """
    if not rows:
        return Headline(best=None, reason="No iteration has a score.")
    jobs = [
        Job(strategy=spec.space.strategy, wire=_admit(guard, row).to_wire(), scenarios=spec.validate)
        for row in rows
    ]
    fresh = [_scored(result, spec.objective) for result in executor.run(jobs)]
    candidates = tuple(
        Candidate(
            number=row.number,
            search_score=row.score.value if row.score.value is not None else 0.0,
            validate_score=value.value,
            validate_se=value.standard_error,
            reason=value.value_reason,
        )
        for row, value in zip(rows, fresh, strict=True)
    )
    ranked = [
        (value.value, -place, row, value)
        for place, (row, value) in enumerate(zip(rows, fresh, strict=True))
        if value.value is not None
    ]
    if not ranked:
        return Headline(best=None, reason="No finalist has a score on validate.", candidates=candidates)
    _, _, best, best_fresh = max(ranked, key=lambda entry: entry[:2])
    job = Job(strategy=spec.space.strategy, wire=_admit(guard, best).to_wire(), scenarios=spec.holdout)
    (result,) = executor.run([job])
    held = _scored(result, spec.objective)
    return Headline(
        best=best.number,
        search_score=best.score.value,
        search_se=best.score.standard_error,
        validate_score=best_fresh.value,
        validate_se=best_fresh.standard_error,
        holdout_score=held.value,
        holdout_se=held.standard_error,
        holdout_reason=held.value_reason,
        candidates=candidates,
    )


def _admit(guard: Guard, row: Iteration) -> AdmittedParams:
    assert row.proposal is not None  # noqa: S101  # finalists have proposals
    return guard.admit(dict(row.proposal.params), label=f"iteration {row.number}")


def _scored(result: "JobResult", objective: str) -> Score:
    if result.report is None:
        code = result.failure.code if result.failure else "BACKTEST_FAILED"
        return Score(value=None, value_reason=f"failed: {code}")
    return score(objective, result.report)
