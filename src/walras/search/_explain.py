"""Why the best run is the best: computed facts first, then a model's words, marked as such."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from walras.backtest import score
from walras.core import (
    NOTICE,
    Exchange,
    Iteration,
    Json,
    NoProposal,
    ReportEnvelope,
    SearchRecord,
    Unavailable,
    Undefined,
    UnknownName,
    Value,
)
from walras.endpoint import SCRIPTED_MODEL
from walras.execution import Job
from walras.policy import Guard
from walras.search._bench import Bench, EndpointChoice
from walras.search._known import known
from walras.search._ledger import Ledger
from walras.search._locate import best_number, iteration_of, locate
from walras.search._start import check_same_engine
from walras.statistics import mean_and_standard_error, paired_differences

if TYPE_CHECKING:
    from walras.core import Score, SearchSpec

METRICS = (
    ("pnl_pusd", "belief-marked P&L, pUSD a scenario"),
    ("resolution_pnl_pusd", "P&L at resolution, pUSD a scenario"),
    ("fills", "fills a scenario"),
    ("fill_ratio", "fill ratio"),
    ("adverse_selection_pusd", "adverse-selection cost, pUSD a scenario"),
    ("maker_rebate_pusd", "maker rebate, pUSD a scenario"),
    ("taker_fee_pusd", "taker fees, pUSD a scenario"),
    ("max_drawdown_pusd", "worst drawdown, pUSD"),
    ("inventory_mean_abs_shares", "mean absolute inventory, shares"),
    ("quadratic_variation_pusd2", "quadratic variation of inventory, pUSD^2"),
)


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one parameter is worth: the best point minus the same point with this one at its default.

    Parameters that exist only under its best or its default value go and come with it. Paired over the
    validate scenarios; `gain` and `standard_error` are in the objective's unit.
    """

    parameter: str
    best: Value
    default: Value
    gain: float | None
    standard_error: float | None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class MetricChange:
    """One report metric of the best point against the defaults, on validate."""

    metric: str
    meaning: str
    best: float | None
    default: float | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Computed facts about the best iteration, and what a model said about them, if one was asked."""

    search: str
    iteration: int
    objective: str
    gain: float | None
    gain_se: float | None
    pairs: int
    contributions: tuple[Contribution, ...]
    metrics: tuple[MetricChange, ...]
    facts: tuple[str, ...]
    words: str | None = None
    model: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the explanation as JSON."""
        body: dict[str, Json] = {"type": "explanation", "notice": NOTICE, **vars(self)}
        body["contributions"] = [dict(vars(row)) for row in self.contributions]
        body["metrics"] = [dict(vars(row)) for row in self.metrics]
        body["facts"] = list(self.facts)
        return body


def explain(bench: Bench, ref: str, *, endpoint: EndpointChoice | None = None) -> Explanation:
    """Return why the best iteration of a search (or the one `ref` names) scores as it does.

    Runs the point, the defaults, and the point with each changed parameter put back to its default on
    the validate scenarios; with an endpoint, a model then puts the facts into words, and the exchange
    is stored.

    Raises:
        UnknownName: If there is no such search, or nothing in it has a score.
        IntegrityError: If the engine is not the one the search was made with.
        Unavailable: If the endpoint gives no answer.
    """
    record, number = locate(bench, ref)
    check_same_engine(bench, record)
    chosen = iteration_of(bench, record, best_number(bench, record) if number is None else number)
    facts = _computed(bench, record, chosen)
    return facts if endpoint is None else _with_words(bench, record, facts, endpoint)


def _computed(bench: Bench, record: SearchRecord, chosen: Iteration) -> Explanation:
    if chosen.proposal is None or chosen.report is None:
        raise UnknownName("scored iteration", f"{record.id}:{chosen.number}", hint="This one was not scored.")
    spec = record.spec
    guard = Guard(bench.policy, bench.schema_of(spec.space.strategy), spec.space)
    best: dict[str, Value] = dict(chosen.proposal.params)  # type: ignore[arg-type]
    usual = {axis.name: axis.default for axis in spec.space.dimensions}
    changed = [name for name in best if best[name] != usual[name]]
    reverted = [{**usual, **best, name: usual[name]} for name in changed]
    points = [spec.space.active(point) for point in (best, usual, *reverted)]
    reports = _run(bench, spec, guard, points)
    scores = [None if report is None else score(spec.objective, report) for report in reports]
    gain, gain_se, _ = _paired(scores[0], scores[1])
    contributions = []
    for name, value in zip(changed, scores[2:], strict=True):
        worth, error, reason = _paired(scores[0], value)
        contributions.append(
            Contribution(
                parameter=name,
                best=best[name],
                default=usual[name],
                gain=worth,
                standard_error=error,
                reason=reason,
            )
        )
    contributions.sort(key=lambda row: -(row.gain if row.gain is not None else float("-inf")))
    explanation = Explanation(
        search=record.id,
        iteration=chosen.number,
        objective=spec.objective,
        gain=gain,
        gain_se=gain_se,
        pairs=len(spec.validate.scenarios),
        contributions=tuple(contributions),
        metrics=_metric_changes(reports[0], reports[1]),
        facts=(),
    )
    return replace(explanation, facts=_sentences(explanation, spec))


def _run(
    bench: Bench, spec: "SearchSpec", guard: Guard, points: Sequence[Mapping[str, Value]]
) -> list[ReportEnvelope | None]:
    jobs = []
    for point in points:
        wire = guard.admit(dict(point)).to_wire()
        jobs.append(Job(strategy=spec.space.strategy, wire=wire, scenarios=spec.validate))
    with bench.executor(1) as executor:
        return [result.report for result in executor.run(jobs)]


def _paired(left: "Score | None", right: "Score | None") -> tuple[float | None, float | None, str | None]:
    """Return mean and standard error of left - right over scenarios, or why there is none."""
    if left is None or right is None or left.value is None or right.value is None:
        return None, None, "one side has no score"
    estimate = mean_and_standard_error(paired_differences(left.per_scenario, right.per_scenario))
    return known(estimate.mean), known(estimate.standard_error), None


def _metric_changes(best: ReportEnvelope | None, default: ReportEnvelope | None) -> tuple[MetricChange, ...]:
    if best is None or default is None:
        return ()
    return tuple(
        MetricChange(
            metric=name,
            meaning=meaning,
            best=_value(getattr(best.aggregate, name)),
            default=_value(getattr(default.aggregate, name)),
        )
        for name, meaning in METRICS
    )


def _value(metric: float | Undefined) -> float | None:
    return None if isinstance(metric, Undefined) else metric


def _sentences(found: Explanation, spec: "SearchSpec") -> tuple[str, ...]:
    lines = [] if found.gain is None else [_gain_sentence(found, found.gain)]
    if not found.contributions:
        lines.append("Its parameters are the strategy's defaults.")
    for row in found.contributions:
        unit = spec.space.by_name[row.parameter].unit
        change = f"{row.parameter} {_shown(row.default)} -> {_shown(row.best)}{f' {unit}' if unit else ''}"
        if row.gain is None:
            lines.append(f"{change}: worth unknown ({row.reason}).")
        elif row.gain == 0:
            lines.append(f"{change}: back at its default, the score does not change.")
        else:
            error = "" if row.standard_error is None else f" ± {row.standard_error:.3g}"
            lines.append(f"{change}: back at its default, the score changes by {-row.gain:+.3g}{error}.")
    lines += [
        f"{row.meaning}: {row.default:.4g} at the defaults, {row.best:.4g} here."
        for row in found.metrics
        if row.best is not None and row.default is not None and row.best != row.default
    ]
    return tuple(lines)


def _gain_sentence(found: Explanation, gain: float) -> str:
    spread = "" if found.gain_se is None else f" ± {found.gain_se:.3g} (s.e.)"
    clear = found.gain_se is not None and abs(gain) > 2 * found.gain_se
    verdict = "more than two standard errors." if clear else "within two standard errors: not clear."
    return (
        f"Paired over the {found.pairs} validate scenarios, which helped to choose the winner and so flatter "
        f"it a little, iteration {found.iteration} scores {gain:+.3g}{spread} "
        f"against the defaults in {found.objective}; that is {verdict}"
    )


def _shown(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _with_words(
    bench: Bench, record: SearchRecord, found: Explanation, choice: EndpointChoice
) -> Explanation:
    from walras.proposers import explain_prompt, parse_explanation

    answerer = bench.endpoint(choice)
    options = {"model": SCRIPTED_MODEL if choice.kind == "scripted" else choice.model, "temperature": 0.0}
    prompt = explain_prompt(record.spec.space, found.facts, options=options)
    with bench.store.hold(record.id) as lease:
        earlier = bench.store.exchanges(record.id, purpose="explain")
        stored = next((row for row in earlier if row.prompt.digest == prompt.digest), None)
        if stored is None:
            number = len(earlier)
            ledger = Ledger(bench.store, lease, bench.store.find(record.id), seconds=bench.seconds)
            reply, meta = answerer.answer(prompt, key=(found.iteration, number))
            if reply.error is not None:
                raise Unavailable(
                    f"The endpoint gave no explanation: {reply.error}: {reply.error_text or 'no detail'}",
                    hint="The computed facts need no endpoint: leave --endpoint out.",
                )
            stored = Exchange(
                number=number, iteration=found.iteration, turn=0, prompt=prompt, reply=reply, meta=meta
            )
            ledger.explained(stored)
    words = parse_explanation(stored.reply)
    if isinstance(words, NoProposal):
        raise Unavailable(
            f"The model gave no usable explanation: {words.code}: {words.reason}",
            hint="The computed facts need no endpoint: leave --endpoint out.",
        )
    return replace(found, words=words, model=stored.reply.model)
