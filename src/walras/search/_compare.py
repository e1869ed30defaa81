"""Compares proposers apples-to-apples: same backtest, objective, scenarios and budget, paired by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from typing import Any

from walras.core import NOTICE, IntegrityError, Iteration, Json, SearchRecord, UsageError
from walras.execution import Lent
from walras.search._bench import Bench
from walras.search._events import Listener, silent
from walras.search._known import known
from walras.search._ranking import better
from walras.search._request import SearchRequest
from walras.search._start import prepare, start
from walras.statistics import (
    Undefined,
    adjust_holm,
    detectable_effect,
    least_pairs,
    mean_and_standard_error,
    paired_t,
    sign_flip_permutation,
)

ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class ComparisonRequest:
    """Several proposers, several seeds, everything else the same.

    `search` is the request that they share; its proposer and seed are replaced. Repeat r of every
    proposer runs with seed `search.seed + r`.
    """

    search: SearchRequest
    proposers: tuple[str, ...]
    repeats: int = 5
    options: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One proposer over all repeats. Scores are of each search's winner.

    `holdout` is on scenarios no proposer saw; `search_scores` are the maxima of noisy scores and
    flatter whoever scatters more, so they never decide.
    """

    proposer: str
    searches: tuple[str, ...]
    holdout: tuple[float, ...]
    search_scores: tuple[float, ...]
    mean: float | None
    standard_error: float | None
    failures: int
    refusals: int
    usd: float
    calls: int
    seconds: float
    traces: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """`variant` minus `control`, paired by seed, on holdout scores, in the objective's unit.

    `decided` is true only if the Holm-adjusted p of the sign-flip test is at most 0.05. It speaks of new
    seeds on the same holdout scenarios. `low` and `high` are the 95 % t interval of this pair alone;
    `detectable` is at the level of Holm's first step.
    """

    variant: str
    control: str
    pairs: int
    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    detectable: float | None
    decided: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a comparison found: the arms, their paired differences, and one true sentence."""

    space: str
    objective: str
    budget: int
    repeats: int
    arms: tuple[Arm, ...]
    differences: tuple[PairedDifference, ...]
    verdict: str
    enough_evidence: bool

    def to_json(self) -> dict[str, Json]:
        """Return the comparison as JSON."""
        body: dict[str, Any] = {"type": "comparison", "notice": NOTICE, **vars(self)}
        body["arms"] = [{**vars(arm), "traces": [list(t) for t in arm.traces]} for arm in self.arms]
        body["differences"] = [dict(vars(row)) for row in self.differences]
        return body


def compare(bench: Bench, request: ComparisonRequest, *, listen: Listener = silent) -> Comparison:
    """Run every proposer with every seed and compare their winners on holdout.

    Raises:
        RefusedByPolicy, UsageError: If one of the searches cannot be run as it is, or there are fewer than
            two proposers, a proposer twice, or no repeat; nothing was run.
        CapReached, Unavailable: A search stopped early; the finished ones are stored under the tag.
    """
    if len(set(request.proposers)) != len(request.proposers) or len(request.proposers) < 2:
        raise UsageError(
            "A comparison needs at least two different proposers.", hint="E.g. --proposers random,tpe."
        )
    if not 1 <= request.repeats <= 1000:
        raise UsageError(f"--repeats {request.repeats} is out of range.", hint="Give 1 to 1000.")
    for kind in request.proposers:
        prepare(bench, _wanted(request, kind, request.repeats - 1))
    done: dict[str, list[SearchRecord]] = {kind: [] for kind in request.proposers}
    with bench.executor(request.search.workers) as workers:
        sharing = replace(bench, executor=lambda _: Lent(workers))
        for repeat in range(request.repeats):
            for kind in request.proposers:
                done[kind].append(start(sharing, _wanted(request, kind, repeat), listen=listen))
    return _judge(bench, done)


def _wanted(request: ComparisonRequest, kind: str, repeat: int) -> SearchRequest:
    return replace(
        request.search,
        proposer=kind,
        options=request.options.get(kind, {}),
        seed=request.search.seed + repeat,
        tags=(*request.search.tags, "compare"),
    )


def compare_stored(bench: Bench, refs: Sequence[str]) -> Comparison:
    """Compare finished searches; they are grouped by proposer and paired by seed.

    Raises:
        IntegrityError: If they were made with different engines.
        UsageError: If they differ in anything else but proposer and seed, one is not finished, one
            proposer has several sets of options, or no two proposers share a seed.
    """
    records = [bench.store.find(ref) for ref in dict.fromkeys(refs)]
    if len(records) < 2:
        raise UsageError("A comparison needs at least two searches.")
    _check_comparable(records)
    groups: dict[str, dict[int, SearchRecord]] = {}
    for record in records:
        if record.headline is None:
            raise UsageError(f"Search {record.id} is not finished.", hint=f"Run: walras resume {record.id}")
        group = groups.setdefault(record.spec.proposer.kind, {})
        if any(other.spec.proposer != record.spec.proposer for other in group.values()):
            raise UsageError(
                f"Search {record.id} has other options of proposer {record.spec.proposer.kind!r} than the "
                "ones before it: together they are no one proposer."
            )
        if record.spec.seed in group:
            raise UsageError(
                f"Two searches of proposer {record.spec.proposer.kind!r} have seed {record.spec.seed}."
            )
        group[record.spec.seed] = record
    seeds = sorted(set.intersection(*(set(group) for group in groups.values())))
    if len(groups) < 2 or not seeds:
        raise UsageError(
            "These searches make no pairs.", hint="Give at least two proposers that share at least one seed."
        )
    return _judge(bench, {kind: [group[seed] for seed in seeds] for kind, group in groups.items()})


def _check_comparable(records: Sequence[SearchRecord]) -> None:
    first = records[0]
    left = first.spec.to_body()
    for other in records[1:]:
        right = other.spec.to_body()
        unequal = [key for key in left if key not in ("proposer", "seed") and left[key] != right[key]]
        if first.budget != other.budget:
            unequal.append(f"budget ({first.budget} against {other.budget})")
        if "engine" in unequal:
            raise IntegrityError(
                f"Searches {first.id} and {other.id} were made with different engines.",
                hint="Their scores do not compare; run one of them again.",
            )
        if unequal:
            raise UsageError(
                f"Searches {first.id} and {other.id} are not comparable: "
                f"they differ in {', '.join(unequal)}.",
                hint="Scores compare only under equal engine, objective, scenarios, space and budget.",
            )


def _judge(bench: Bench, done: Mapping[str, Sequence[SearchRecord]]) -> Comparison:
    kinds = list(done)
    kept = [
        place
        for place in range(len(done[kinds[0]]))
        if all(_holdout(done[kind][place]) is not None for kind in kinds)
    ]
    arms = tuple(_arm(bench, kind, done[kind], kept) for kind in kinds)
    control = "random" if "random" in kinds else kinds[0]
    base = next(arm for arm in arms if arm.proposer == control)
    others = [arm for arm in arms if arm is not base]
    rows = _holm([_difference(arm, base, level=ALPHA / len(others)) for arm in others])
    first = done[kinds[0]][0]
    decided = [row for row in rows if row.decided]
    verdict = " ".join(row.sentence for row in rows)
    return Comparison(
        space=first.spec.space.name,
        objective=first.spec.objective,
        budget=first.budget,
        repeats=len(done[kinds[0]]),
        arms=arms,
        differences=tuple(rows),
        verdict=verdict,
        enough_evidence=bool(decided),
    )


def _holdout(record: SearchRecord) -> float | None:
    return None if record.headline is None else record.headline.holdout_score


def _arm(bench: Bench, kind: str, records: Sequence[SearchRecord], kept: Sequence[int]) -> Arm:
    held = tuple(score for place in kept if (score := _holdout(records[place])) is not None)
    estimate = mean_and_standard_error(held)
    histories = [bench.store.iterations(record.id) for record in records]
    statuses = [str(row.status) for rows in histories for row in rows]
    heads = [record.headline for record in records if record.headline is not None]
    return Arm(
        proposer=kind,
        searches=tuple(record.id for record in records),
        holdout=held,
        search_scores=tuple(head.search_score for head in heads if head.search_score is not None),
        mean=known(estimate.mean),
        standard_error=known(estimate.standard_error),
        failures=statuses.count("failed"),
        refusals=statuses.count("refused"),
        usd=sum(record.spent.usd for record in records),
        calls=sum(record.spent.calls for record in records),
        seconds=sum(record.spent.seconds for record in records),
        traces=tuple(_trace(rows) for rows in histories),
    )


def _trace(rows: Sequence[Iteration]) -> tuple[float | None, ...]:
    bests = accumulate(rows, better, initial=None)
    return tuple(None if best is None else best.score.value for best in islice(bests, 1, None))


def _difference(arm: Arm, base: Arm, *, level: float) -> PairedDifference:
    gaps = [a - b for a, b in zip(arm.holdout, base.holdout, strict=True)]
    t = paired_t(gaps) if len(gaps) > 1 else Undefined("fewer than 2 pairs")
    flip = sign_flip_permutation(gaps) if gaps else Undefined("no pairs")
    detectable: float | None = None
    if not isinstance(t, Undefined):
        detectable = known(detectable_effect(len(gaps), sd=t.se * len(gaps) ** 0.5, alpha=level))
    return PairedDifference(
        variant=arm.proposer,
        control=base.proposer,
        pairs=len(gaps),
        mean=sum(gaps) / len(gaps) if gaps else None,
        low=None if isinstance(t, Undefined) else t.ci_low,
        high=None if isinstance(t, Undefined) else t.ci_high,
        p=None if isinstance(flip, Undefined) else flip.p,
        p_adjusted=None,
        detectable=detectable,
        decided=False,
        sentence="",
    )


def _holm(rows: Sequence[PairedDifference]) -> list[PairedDifference]:
    raw = [row.p for row in rows if row.p is not None]
    least = least_pairs(ALPHA / len(rows))  # with fewer, Holm's first step refuses every p there can be
    adjusted = iter(adjust_holm(raw).tolist() if raw else ())
    judged = []
    for row in rows:
        p = None if row.p is None else float(next(adjusted))
        decided = p is not None and p <= ALPHA and row.mean != 0.0
        judged.append(_spoken(replace(row, p_adjusted=p, decided=decided), least=least))
    return judged


def _spoken(row: PairedDifference, *, least: int) -> PairedDifference:
    pair = f"{row.variant} against {row.control}"
    if row.mean is None:
        text = f"{pair}: no pair has a holdout score on both sides; nothing can be said."
    elif row.decided:
        better = row.variant if row.mean > 0 else row.control
        text = (
            f"{pair}: {better} is better by {abs(row.mean):.3g} on this holdout over {row.pairs} pairs of "
            f"seeds (Holm-adjusted p {row.p_adjusted:.3g})."
        )
    elif row.pairs < least:
        text = (
            f"{pair}: not enough evidence. {row.pairs} pair{'s' if row.pairs != 1 else ''} can never reach "
            f"p <= {ALPHA}; it takes at least {least}."
        )
    else:
        could = (
            ""
            if row.detectable is None
            else f" {row.pairs} pairs detect a difference of {row.detectable:.3g} four times in five."
        )
        text = f"{pair}: not enough evidence to tell them apart.{could}"
    return replace(row, sentence=text)
