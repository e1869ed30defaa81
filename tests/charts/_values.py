"""Small, whole values to draw: a space, a record, iterations and reports."""

import math
from collections.abc import Mapping
from typing import Any

from walras.charts import Explanation, LockedGate, ReportView
from walras.core import (
    AggregateReport,
    Candidate,
    Dimension,
    Failure,
    Headline,
    Iteration,
    MarkoutReport,
    Proposal,
    ProposerSpec,
    RegimeReport,
    ReportEnvelope,
    Scenario,
    ScenarioReport,
    ScenarioSet,
    Score,
    SearchRecord,
    SearchSpace,
    SearchSpec,
    SearchState,
    Spent,
    Status,
    Undefined,
    Verdict,
)

PREFIX = "strategy.mm."

GATES = (
    LockedGate(
        pattern="risk.killswitch.*",
        why="Trip thresholds and cooldown are the last thing between a bug and a loss.",
        change="In config, with a code review and an envelope.",
    ),
    LockedGate(
        pattern="sec.signer.*",
        why="Signer policy decides what may be signed at all.",
        change="In config, with a code review and an envelope.",
    ),
)


def space(**changes: Any) -> SearchSpace:
    """Return a market maker's space with every kind of axis."""
    axes = (
        Dimension(
            name=PREFIX + "half_spread_ticks",
            kind="int",
            low=1,
            high=10,
            default=3,
            unit="ticks",
            description="Distance from the fair price to each quote.",
        ),
        Dimension(
            name=PREFIX + "order_size",
            kind="float",
            low=5.0,
            high=500.0,
            log=True,
            default=50.0,
            unit="shares",
        ),
        Dimension(name=PREFIX + "mode", kind="categorical", choices=("join", "improve"), default="join"),
        Dimension(name=PREFIX + "both_sides", kind="bool", default=True),
    )
    fields: dict[str, Any] = {
        "name": "market-maker",
        "strategy": "market_maker",
        "dimensions": axes,
        "fixed": {PREFIX + "max_inventory": 500},
    }
    return SearchSpace(**(fields | changes))


def scenario_set(role: Any, first: int, count: int = 8) -> ScenarioSet:
    """Return a set of `count` scenarios with seeds from `first`."""
    rows = tuple(Scenario("liquid_politics", first + k, 20_000) for k in range(count))
    return ScenarioSet(name=role, role=role, scenarios=rows)


def aggregate(**changes: Any) -> AggregateReport:
    """Return an aggregate with every field the model declares, whatever it declares now."""
    fields: dict[str, Any] = {name: 1.25 + k for k, name in enumerate(AggregateReport.model_fields)}
    fields |= {
        "scenarios": 4,
        "profit_factor_per_block": Undefined(undefined="no block lost"),
        "markouts": (
            MarkoutReport.model_construct(
                side="maker", horizon_events=10, pusd_per_share=0.0031, lots=12_000
            ),
            MarkoutReport.model_construct(
                side="taker", horizon_events=10, pusd_per_share=Undefined(undefined="no fills"), lots=0
            ),
        ),
        "regimes": (
            RegimeReport.model_construct(regime="calm", events=15_000, pnl_pusd=3.2, fills=210),
            RegimeReport.model_construct(regime="news", events=5_000, pnl_pusd=-1.4, fills=95),
        ),
        "rejections": {"below_minimum_size": 7},
        "worst_scenario_seed": 102,
    }
    return AggregateReport.model_construct(**(fields | changes))


def report(*, scenarios: int = 4, drift: float = 1.0, **changes: Any) -> ReportEnvelope:
    """Return a report whose blocks wander upwards by `drift`."""
    rows = []
    for k in range(scenarios):
        blocks = tuple(int(1e5 * (drift + 3 * math.sin(7.3 * k + 1.7 * b))) for b in range(64))
        rows.append(
            ScenarioReport.model_construct(
                market="liquid_politics", seed=100 + k, pnl_upusd=sum(blocks), block_pnl_upusd=blocks
            )
        )
    fields: dict[str, Any] = {
        "engine_fingerprint": "e" * 64,
        "strategy": "market_maker",
        "params": {},
        "scenarios": tuple(rows),
        "aggregate": aggregate(),
        "reason_codes": (),
    }
    return ReportEnvelope.model_construct(**(fields | changes))


def point(number: int) -> dict[str, Any]:
    """Return the params of iteration `number`; 0 is the default point."""
    if number == 0:
        return space().defaults
    return {
        PREFIX + "both_sides": number % 3 != 0,
        PREFIX + "half_spread_ticks": 1 + number * 7 % 10,
        PREFIX + "mode": ("join", "improve")[number % 2],
        PREFIX + "order_size": round(5 * 100 ** ((number * 37 % 101) / 101), 6),
    }


def iteration(number: int, *, score: float | None = None, **words: Any) -> Iteration:
    """Return a scored iteration whose score rises and wavers."""
    value = 1.6 - 2.4 * math.exp(-number / 18) + 0.5 * math.sin(number * 2.1) if score is None else score
    told = {"reasoning": f"Widen by one tick after iteration {number}: markouts were negative."} | words
    return Iteration(
        number=number,
        status=Status.DONE,
        proposal=Proposal(params=point(number), source="tpe", **told),
        verdict=Verdict(allowed=True, code="ADMITTED", reason="inside the space"),
        score=Score(value=value, standard_error=0.18 + 0.02 * (number % 5), per_scenario=(value,)),
        report=report(drift=value),
        engine="e" * 64,
    )


def refused(number: int, reason: str = "sec.signer.* is a hard gate.") -> Iteration:
    """Return an iteration that the guard refused."""
    return Iteration(
        number=number,
        status=Status.REFUSED,
        proposal=Proposal(params={"sec.signer.policy": 1}, reasoning="Loosen the signer.", source="llm"),
        verdict=Verdict(allowed=False, code="OPT_REFUSED_HARD_GATE", reason=reason, gate="sec.signer.*"),
        score=Score(value=None, value_reason="refused"),
    )


def failed(number: int, text: str = "The backtest was ended after 30 s.", *, said: bool = True) -> Iteration:
    """Return an iteration that measured nothing."""
    proposal = Proposal(params=point(number), reasoning="Quote faster.", source="llm") if said else None
    return Iteration(
        number=number,
        status=Status.FAILED,
        proposal=proposal,
        verdict=None,
        score=Score(value=None, value_reason="failed"),
        failure=Failure(code="BACKTEST_TIMEOUT", text=text),
    )


def record(**changes: Any) -> SearchRecord:
    """Return a stored search; `space`, `proposer` and `meta` may be changed with the rest."""
    spec = SearchSpec(
        space=changes.pop("space", space()),
        proposer=changes.pop("proposer", ProposerSpec(kind="tpe", options={"startup": 10})),
        seed=7,
        batch=1,
        objective="belief_pnl",
        train=changes.pop("train", scenario_set("train", 100)),
        validate=scenario_set("validate", 1000),
        holdout=scenario_set("holdout", 2000),
        engine="e" * 64,
        strategy_schema="5" * 64,
        policy="9" * 64,
    )
    fields: dict[str, Any] = {
        "id": "s-7f3a9c21",
        "spec": spec,
        "budget": 60,
        "state": SearchState.OPEN,
        "created_at": "2026-11-20T10:00:00Z",
    }
    return SearchRecord(**(fields | changes))


def headline(best: int = 40) -> Headline:
    """Return a headline with three numbers."""
    return Headline(
        best=best,
        search_score=1.94,
        search_se=0.18,
        validate_score=1.41,
        validate_se=0.2,
        holdout_score=1.22,
        holdout_se=0.21,
        candidates=(Candidate(number=best, search_score=1.94, validate_score=1.41, validate_se=0.2),),
    )


def finished(count: int = 60, **changes: Any) -> ReportView:
    """Return the view of a finished LLM-like search with predictions, refusals and failures."""
    rows = []
    for k in range(count):
        if k % 17 == 9:
            rows.append(refused(k))
        elif k % 13 == 7:
            rows.append(failed(k, said=k % 2 == 0))
        else:
            words: Mapping[str, Any] = {}
            if k % 4 == 1:
                words = {
                    "observation": "Fill ratio rose to 0.31; the markout after 10 events stayed positive.",
                    "hypothesis": "One tick wider keeps half of the fills and loses most of the toxic ones.",
                    "predicted_score": 1.1 + 0.01 * k,
                }
            rows.append(iteration(k, **words))
    fields: dict[str, Any] = {
        "name": "Weekend market maker",
        "note": "First look at wide quotes\nwith the new fee schedule.",
        "tags": ("week-47", "wide"),
        "state": SearchState.FINISHED,
        "spent": Spent(calls=66, prompt_tokens=81_200, completion_tokens=9_800, usd=0.41, seconds=192.4),
        "headline": headline(),
        "holdout_looks": 3,
        "iterations": count,
        "budget": count,
        "meta": {"versions": {"optuna": "5.0.0", "numpy": "2.4.6"}, "simd": "AVX2"},
    }
    view: dict[str, Any] = {
        "locked": GATES,
        "trials": 187,
        "explanation": Explanation(
            facts=("Half spread 4 ticks against the default 3: fills fell 18 %, markout rose 0.002 pUSD.",),
            words="The wider quote let informed flow pass by.",
            model="scripted-1",
        ),
        "score_unit": "pUSD",
    }
    view |= {key: changes.pop(key) for key in tuple(changes) if key in view}
    return ReportView(record=record(**(fields | changes)), iterations=tuple(rows), **view)


def fresh() -> ReportView:
    """Return the view of a search that has not begun."""
    return ReportView(record=record(), iterations=(), locked=GATES)
