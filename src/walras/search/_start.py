"""Creates a search, resumes one, and runs it to its budget."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from walras.backtest import objective_names
from walras.core import (
    Caps,
    IntegrityError,
    InvalidFile,
    ProposerSpec,
    RefusedByPolicy,
    SearchRecord,
    SearchSpace,
    SearchSpec,
    UnknownName,
    UsageError,
)
from walras.endpoint import SCRIPTED_MODEL, PriceTable
from walras.policy import Guard
from walras.proposers import build_proposer, normalise_options, proposer_options
from walras.search._audit import audit_refusal
from walras.search._bench import Answerer, Bench, EndpointChoice
from walras.search._choice import choice_of, choice_to_meta, merged, prices_for
from walras.search._events import Listener, SearchCreated, SearchResumed, silent
from walras.search._loop import Run
from walras.search._request import (
    MAX_BUDGET,
    MAX_WORKERS,
    SearchRequest,
    check_caps,
    check_number,
    check_request,
)

if TYPE_CHECKING:
    from walras.proposers import Proposer

Asked: TypeAlias = tuple[Answerer | None, PriceTable | None]
"""What answers prompts, and the prices that a cap on money is counted with."""


def specify(bench: Bench, request: SearchRequest) -> SearchSpec:
    """Return the specification of `request`: all that can change a trajectory, and nothing else.

    Raises:
        UsageError: A budget, batch, worker count or option is out of its range, or a name is unknown.
    """
    check_request(request)
    space = request.space
    if space.objective not in objective_names():
        raise UnknownName("objective", space.objective, known=objective_names())
    options = dict(request.options)
    model = SCRIPTED_MODEL if request.endpoint.kind == "scripted" else request.endpoint.model
    if model is not None and "model" in proposer_options(request.proposer):
        options.setdefault("model", model)
    return SearchSpec(
        space=space,
        proposer=ProposerSpec(kind=request.proposer, options=normalise_options(request.proposer, options)),
        seed=request.seed,
        batch=request.batch,
        objective=space.objective,
        train=bench.scenarios(space.market, "train", request.scenarios, request.events),
        validate=bench.scenarios(space.market, "validate", None, request.events),
        holdout=bench.scenarios(space.market, "holdout", None, request.events),
        engine=bench.fingerprint_of(space.strategy, space.objective),
        strategy_schema=bench.schema_of(space.strategy).digest,
        policy=bench.policy.digest,
    )


def start(bench: Bench, request: SearchRequest, *, listen: Listener = silent) -> SearchRecord:
    """Create a search, run it to its budget, judge its best few, and return it finished.

    Raises:
        RefusedByPolicy, UsageError: The request cannot be run as it is; nothing was created.
        CapReached, Unavailable: It stopped early; what was done is stored, resume it.
    """
    guard, spec, proposer, asked = prepare(bench, request)
    record = bench.store.create(
        spec,
        budget=request.budget,
        caps=request.caps,
        name=request.name,
        note=request.note,
        tags=request.tags,
        meta={
            "workers": request.workers,
            "versions": bench.versions(),
            "proposer_fingerprint": proposer.fingerprint(),
            "endpoint": choice_to_meta(request.endpoint) if proposer.needs_endpoint else None,
        },
    )
    listen(SearchCreated(record))
    return _run(bench, record, proposer, asked, guard, workers=request.workers, listen=listen)


def prepare(bench: Bench, request: SearchRequest) -> tuple[Guard, SearchSpec, "Proposer", Asked]:
    """Return all that a search needs to start; nothing is created and no one is asked.

    Raises:
        RefusedByPolicy, UsageError: The request cannot be run as it is.
    """
    guard = _guard(bench, request.space, channel="search")
    spec = specify(bench, request)
    proposer = build_proposer(spec.proposer, seed=spec.seed, policy=bench.policy)
    return guard, spec, proposer, _asked(bench, spec, proposer, request.endpoint, request.caps)


def resume(
    bench: Bench,
    ref: str,
    *,
    budget: int | None = None,
    workers: int | None = None,
    endpoint: EndpointChoice | None = None,
    caps: Caps | None = None,
    listen: Listener = silent,
) -> SearchRecord:
    """Go on with a stored search; with a larger budget, extend it. A finished one is returned as it is.

    Args:
        caps: Those that are not None replace the search's own; the others stay in force.

    Raises:
        UsageError: The budget is smaller than the search's, or a number is out of range.
        RefusedByPolicy: Today's policy refuses its space or a stored proposal.
        IntegrityError: The engine, the schema or the proposer's libraries differ from those it was made with.
        Unavailable: Another process holds it.
    """
    record = bench.store.find(ref)
    if budget is not None:
        check_number("--budget", budget, 1, MAX_BUDGET)
        if budget < record.budget:
            raise UsageError(
                f"Search {record.id} has a budget of {record.budget}; --budget {budget} would cut it.",
                hint=f"A budget can only grow: give at least {record.budget}.",
            )
    if caps is not None:
        check_caps(caps)
        given = {name: cap for name, cap in vars(caps).items() if cap is not None}
        caps = replace(record.caps, **given)
    kept = record.meta.get("workers")
    if workers is None:
        workers = kept if type(kept) is int and "imported" not in record.meta else 1
    check_number("--workers", workers, 1, MAX_WORKERS)
    guard = _guard(bench, record.spec.space, channel="resume", subject=record.id)
    check_same_engine(bench, record)
    proposer = build_proposer(record.spec.proposer, seed=record.spec.seed, policy=bench.policy)
    _check_same_proposer(record, proposer)
    if record.headline is not None and (budget is None or budget == record.budget):
        return record
    choice = merged(choice_of(record), endpoint)
    return _run(
        bench,
        record,
        proposer,
        _asked(bench, record.spec, proposer, choice, caps or record.caps),
        guard,
        workers=workers,
        listen=listen,
        goes_on=True,
        budget=budget,
        caps=caps,
    )


def check_same_engine(bench: Bench, record: SearchRecord) -> None:
    """Raise IntegrityError where today's engine or schema is not the one the search was made with."""
    spec = record.spec
    for what, then, now in (
        ("engine", spec.engine, bench.fingerprint_of(spec.space.strategy, spec.objective)),
        ("strategy schema", spec.strategy_schema, bench.schema_of(spec.space.strategy).digest),
    ):
        if then != now:
            raise IntegrityError(
                f"Search {record.id} was made with another {what}: {then[:160]} then, {now[:160]} now.",
                hint="Scores would not be comparable. Use the version it was made with, or search anew.",
            )


def _run(
    bench: Bench,
    record: SearchRecord,
    proposer: "Proposer",
    asked: Asked,
    guard: Guard,
    *,
    workers: int,
    listen: Listener,
    goes_on: bool = False,
    budget: int | None = None,
    caps: Caps | None = None,
) -> SearchRecord:
    with bench.store.hold(record.id) as lease, bench.executor(workers) as executor:
        if goes_on:
            judge_unfinished(bench, record, guard)
            record = bench.store.extend(lease, budget or record.budget, caps=caps)
            listen(SearchResumed(record))
        return Run(
            bench=bench,
            record=record,
            lease=lease,
            proposer=proposer,
            answerer=asked[0],
            prices=asked[1],
            executor=executor,
            guard=guard,
            listen=listen,
        ).to_budget()


def _asked(bench: Bench, spec: SearchSpec, proposer: "Proposer", choice: EndpointChoice, caps: Caps) -> Asked:
    if not proposer.needs_endpoint:
        return None, None
    return bench.endpoint(choice), prices_for(spec, choice, caps)


def _guard(bench: Bench, space: SearchSpace, *, channel: str, subject: str = "") -> Guard:
    """Return the guard of a search, under today's policy; it comes before anything is made or asked.

    Raises:
        RefusedByPolicy, InvalidFile: If the space is not admitted; audited.
    """
    try:
        return Guard(bench.policy, bench.schema_of(space.strategy), space)
    except (RefusedByPolicy, InvalidFile) as refusal:
        audit_refusal(bench.store, refusal, channel=channel, subject=subject)
        raise


def judge_unfinished(bench: Bench, record: SearchRecord, guard: Guard) -> None:
    """Refuse to go on where a stored proposal that was never run is not admitted today.

    Raises:
        RefusedByPolicy, InvalidFile: Naming the iteration.
    """
    for row in bench.store.unfinished(record.id):
        if row.body is None:
            continue
        try:
            guard.admit(row.body.get("params"), label=f"search {record.id}, iteration {row.number}")
        except (RefusedByPolicy, InvalidFile) as refusal:
            audit_refusal(bench.store, refusal, channel="resume", subject=record.id)
            raise


def _check_same_proposer(record: SearchRecord, proposer: "Proposer") -> None:
    then, now = record.meta.get("proposer_fingerprint"), proposer.fingerprint()
    if not isinstance(then, dict):
        return
    changed = sorted(key for key in {*then, *now} - {"policy"} if then.get(key) != now.get(key))
    if not changed:  # a search goes on under today's policy
        return
    raise IntegrityError(
        f"Search {record.id} was made with another proposer build; these differ: {', '.join(changed)}.",
        hint="Going on would mix two proposers. Use the same library versions, or start a new search.",
    )
