"""Small searches to store: values only, no engine."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from walras.core import (
    Condition,
    Dimension,
    Exchange,
    Failure,
    Headline,
    Iteration,
    Message,
    Prompt,
    Proposal,
    ProposerSpec,
    Reply,
    ReportEnvelope,
    Scenario,
    ScenarioSet,
    Score,
    SearchRecord,
    SearchSpace,
    SearchSpec,
    Status,
    Verdict,
    digest,
)
from walras.store import Lease, TrajectoryStore

ADMITTED = Verdict(allowed=True, code="ADMITTED", reason="Every name is tunable.")


def scenarios(role: Any, seed: int) -> ScenarioSet:
    return ScenarioSet(
        name=role, role=role, scenarios=tuple(Scenario("liquid_politics", seed + k, 1000) for k in range(2))
    )


def spec(*, seed: int = 7, high: int = 10, kind: str = "random") -> SearchSpec:
    space = SearchSpace(
        name="market-maker",
        strategy="market_maker",
        dimensions=(
            Dimension(name="strategy.mm.half_spread_ticks", kind="int", low=1, high=high, default=2),
            Dimension(
                name="strategy.mm.order_size",
                kind="float",
                low=5.0,
                high=500.0,
                log=True,
                unit="shares",
                description="Shares a quote.",
                default=50.0,
                when=Condition(parameter="strategy.mm.mode", values=("join",)),
            ),
            Dimension(
                name="strategy.mm.mode", kind="categorical", choices=("join", "improve"), default="join"
            ),
        ),
        fixed={"strategy.mm.quote_ttl_ms": 500},
    )
    return SearchSpec(
        space=space,
        proposer=ProposerSpec(kind=kind, options={"snap": 9}),
        seed=seed,
        batch=1,
        objective="belief_pnl",
        train=scenarios("train", 0),
        validate=scenarios("validate", 100),
        holdout=scenarios("holdout", 200),
        engine="engine-1",
        strategy_schema="schema-1",
        policy="policy-1",
    )


def params(number: int) -> dict[str, object]:
    return {
        "strategy.mm.half_spread_ticks": 1 + number % 10,
        "strategy.mm.mode": "join",
        "strategy.mm.order_size": 5.0 + number / 3,
    }


def proposal(number: int, **changes: Any) -> Proposal:
    return Proposal(
        **{"params": params(number), "reasoning": f"draw {number}", "source": "random", **changes}
    )


def done(number: int, **changes: Any) -> Iteration:
    score = Score(value=float(number % 5) - 1.5, standard_error=0.1 + number, per_scenario=(1.0, -0.0))
    fields: dict[str, Any] = {
        "number": number,
        "status": Status.DONE,
        "proposal": proposal(number),
        "verdict": ADMITTED,
        "score": score,
        "engine": "engine-1",
        "meta": {"worker": "w1", "elapsed_ms": 12},
    }
    return Iteration(**{**fields, **changes})


def failed(number: int) -> Iteration:
    return Iteration(
        number=number,
        status=Status.FAILED,
        proposal=None,
        verdict=None,
        score=Score(value=None, value_reason="Nothing ran."),
        failure=Failure(code="PROPOSAL_INVALID", text="The answer was no JSON."),
    )


def refused(number: int) -> Iteration:
    verdict = Verdict(
        allowed=False,
        code="OPT_REFUSED_HARD_GATE",
        reason="Locked.",
        gate="sec.signer.*",
        names=("sec.signer.k",),
    )
    return Iteration(
        number=number,
        status=Status.REFUSED,
        proposal=proposal(number, params={"sec.signer.k": 1}),
        verdict=verdict,
        score=Score(value=None, value_reason="Refused."),
    )


def report() -> ReportEnvelope:
    """Return an envelope whose every field has some value of its kind."""
    made = _filled(ReportEnvelope)
    assert isinstance(made, ReportEnvelope)
    return made


def _filled(model: type[BaseModel]) -> BaseModel:
    wanted = {name: field for name, field in model.model_fields.items() if field.is_required()}
    return model(**{name: _some(field.annotation) for name, field in wanted.items()})


def _some(kind: Any) -> Any:
    plain: dict[Any, Any] = {int: 2**62, str: "x", float: 0.1, bool: True}
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _filled(kind)
    if get_origin(kind) in (tuple, dict):
        return get_origin(kind)()
    return _some(get_args(kind)[0])


def exchange(number: int, iteration: int, **changes: Any) -> Exchange:
    prompt = Prompt(
        messages=(Message(role="system", content="Propose."), Message(role="user", content=f"Turn {number}")),
        schema={"type": "object"},
        template="t1",
        purpose=changes.pop("purpose", "propose"),
        options={"model": "m", "temperature": 0},
    )
    reply = changes.pop("reply", Reply(text='{"params": {}}', finish="stop", model="m", prompt_tokens=11))
    meta: Mapping[str, Any] = changes.pop("meta", {"latency_ms": 40})
    return Exchange(number=number, iteration=iteration, turn=0, prompt=prompt, reply=reply, meta=meta)


def body_of(iteration: Iteration) -> dict[str, Any]:
    proposed = iteration.to_body()["proposal"]
    assert isinstance(proposed, dict)
    return proposed


def run_one(store: TrajectoryStore, lease: Lease, iteration: Iteration) -> None:
    """Claim, propose and finish one iteration as the loop does."""
    store.claim(lease, [iteration.number])
    if iteration.proposal is not None:
        store.propose(lease, iteration.number, body_of(iteration))
    store.finish(lease, iteration)


def headline(number: int, iterations: tuple[Iteration, ...]) -> Headline:
    score = iterations[number].score
    return Headline(
        best=number,
        search_score=score.value,
        search_se=score.standard_error,
        validate_score=0.5,
        holdout_score=0.25,
        holdout_se=0.1,
    )


def finished(store: TrajectoryStore, *, budget: int = 6, seed: int = 7, **words: Any) -> SearchRecord:
    """Store a finished LLM-like search with every kind of row, and return it."""
    record = store.create(spec(seed=seed, kind="llm"), budget=budget, **words)
    with store.hold(record.id) as lease:
        for number in range(budget):
            store.save_exchange(lease, exchange(number, number))
            if number == budget - 2:
                run_one(store, lease, failed(number))
            elif number == budget - 3:
                run_one(store, lease, refused(number))
            else:
                run_one(store, lease, done(number, exchanges=(number,), report=report()))
        best = max(number for number in range(budget) if number not in (budget - 2, budget - 3))
        top = headline(best, store.iterations(record.id))
        looks = store.holdout_look(
            lease,
            space_digest=record.spec.space.digest,
            objective=record.spec.objective,
            holdout_digest=record.spec.holdout.digest,
            params_digest=digest(body_of(done(best))["params"]),
            iteration=best,
            score=top.holdout_score,
        )
        return store.conclude(lease, top, holdout_looks=looks)
