"""Creates a search, resumes one, and runs it to its budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from walras.backtest import objective_names
from walras.core import (
    Caps,
    IntegrityError,
    InvalidFile,
    Json,
    ProposerSpec,
    RefusedByPolicy,
    SearchRecord,
    SearchSpace,
    SearchSpec,
    UnknownName,
    UsageError,
)
from walras.endpoint import SCRIPTED_MODEL
from walras.policy import Guard
from walras.proposers import build_proposer, normalise_options, proposer_options
from walras.search._audit import audit_refusal
from walras.search._bench import Answerer, Bench, EndpointChoice
from walras.search._events import Listener, SearchCreated, SearchResumed, silent
from walras.search._loop import Run

if TYPE_CHECKING:
    from walras.proposers import Proposer

MAX_BATCH = 256
MAX_BUDGET = 1_000_000


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """What a researcher asks for; everything of it is recorded.

    Attributes:
        space: A space that the guard has read; `market` and `objective` are taken from it.
        options: Options of the proposer, e.g. {"n_startup_trials": 5}.
        scenarios, events: How many train scenarios and how long; None takes the market's defaults.
    """

    space: SearchSpace
    proposer: str = "tpe"
    options: Mapping[str, Json] = field(default_factory=dict)
    budget: int = 60
    seed: int = 0
    batch: int = 1
    scenarios: int | None = None
    events: int | None = None
    workers: int = 1
    endpoint: EndpointChoice = field(default_factory=EndpointChoice)
    caps: Caps = field(default_factory=Caps)
    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


def specify(bench: Bench, request: SearchRequest) -> SearchSpec:
    """Return the specification of `request`: all that can change a trajectory, and nothing else.

    Raises:
        UsageError: A budget, batch, worker count or option is out of its range, or a name is unknown.
    """
    _check_numbers(request)
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
    guard = _guard(bench, request.space, channel="search")
    spec = specify(bench, request)
    proposer = build_proposer(spec.proposer, seed=spec.seed, policy=bench.policy)
    answerer = _answerer(bench, proposer, request.endpoint)
    _check_price(request.caps, request.endpoint, proposer)
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
            "endpoint": _endpoint_meta(request.endpoint) if proposer.needs_endpoint else None,
        },
    )
    listen(SearchCreated(record))
    return _run(bench, record, proposer, answerer, guard, workers=request.workers, listen=listen)


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

    Raises:
        UsageError: The budget is smaller than what is done.
        RefusedByPolicy: Today's policy refuses its space or a stored proposal.
        IntegrityError: The engine, the schema or the proposer's libraries differ from those it was made with.
        Unavailable: Another process holds it.
    """
    record = bench.store.find(ref)
    if budget is not None and budget < record.iterations:
        raise UsageError(
            f"Search {record.id} has {record.iterations} iterations; --budget {budget} would cut it.",
            hint=f"Give at least {record.iterations}.",
        )
    guard = _guard(bench, record.spec.space, channel="resume", subject=record.id)
    check_same_engine(bench, record)
    proposer = build_proposer(record.spec.proposer, seed=record.spec.seed, policy=bench.policy)
    _check_same_proposer(record, proposer)
    if record.headline is not None and (budget is None or budget == record.budget):
        return record
    answerer = _answerer(bench, proposer, _merge(_endpoint_of(record), endpoint))
    kept = record.meta.get("workers")
    return _run(
        bench,
        record,
        proposer,
        answerer,
        guard,
        workers=workers if workers is not None else kept if isinstance(kept, int) else 1,
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
    answerer: Answerer | None,
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
            answerer=answerer,
            executor=executor,
            guard=guard,
            listen=listen,
        ).to_budget()


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


def _check_numbers(request: SearchRequest) -> None:
    for name, value, low, high in (
        ("--budget", request.budget, 1, MAX_BUDGET),
        ("--batch", request.batch, 1, MAX_BATCH),
        ("--workers", request.workers, 1, 256),
        ("--seed", request.seed, 0, 2**63 - 1),
    ):
        if not low <= value <= high:
            raise UsageError(
                f"{name} {value} is out of range.", hint=f"Give a whole number from {low} to {high}."
            )
    caps = request.caps
    for name, cap in (
        ("--max-usd", caps.max_usd),
        ("--max-calls", caps.max_calls),
        ("--max-tokens", caps.max_tokens),
        ("--max-minutes", caps.max_minutes),
    ):
        if cap is not None and not 0 < cap < float("inf"):
            raise UsageError(f"{name} {cap} is not a positive number.", hint="Leave it out for no cap.")


def _check_price(caps: Caps, choice: EndpointChoice, proposer: "Proposer") -> None:
    if caps.max_usd is None or not proposer.needs_endpoint or choice.kind == "scripted":
        return
    if choice.prices is None and (choice.price_in is None or choice.price_out is None):
        raise UsageError(
            "--max-usd needs the model's price to count money.",
            hint="Give --price-in and --price-out in USD per million tokens, or cap with --max-tokens.",
        )


def _answerer(bench: Bench, proposer: "Proposer", choice: EndpointChoice) -> Answerer | None:
    return bench.endpoint(choice) if proposer.needs_endpoint else None


def _endpoint_meta(choice: EndpointChoice) -> dict[str, Json]:
    return {
        "kind": choice.kind,
        "base_url": choice.base_url,
        "model": choice.model,
        "price_in": choice.price_in,
        "price_out": choice.price_out,
        "prices": None if choice.prices is None else str(choice.prices),
    }


def _endpoint_of(record: SearchRecord) -> EndpointChoice:
    """Return the endpoint of a search; an imported file does not say where prompts and keys are sent."""
    kept = record.meta.get("endpoint")
    if not isinstance(kept, dict):
        return EndpointChoice()
    if "imported" in record.meta:
        kept = {name: kept[name] for name in ("kind", "model") if isinstance(kept.get(name), str)}
    return EndpointChoice(**kept)


def _merge(kept: EndpointChoice, given: EndpointChoice | None) -> EndpointChoice:
    if given is None:
        return kept
    changes = {name: value for name, value in vars(given).items() if value is not None}
    return replace(kept, **changes)


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
