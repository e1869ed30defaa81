"""Replays a trajectory: every proposal from the record, every backtest from its params."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from walras.core import (
    NOTICE,
    IntegrityError,
    Iteration,
    Json,
    NoProposal,
    Prompt,
    Proposal,
    RefusedByPolicy,
    Reply,
    SearchSpec,
    UsageError,
    Verdict,
    canonical_json,
)
from walras.endpoint import RecordedEndpoint
from walras.execution import BACKTEST_CRASHED, BACKTEST_TIMEOUT, Job
from walras.policy import Guard
from walras.proposers import build_proposer
from walras.search import (
    Bench,
    audit_refusal,
    failed_turn,
    finalists,
    judge_finalists,
    measured,
    refused_turn,
    waiting_turn,
)

if TYPE_CHECKING:
    from walras.execution import Executor, JobResult
    from walras.store import Trajectory

UNREPEATABLE = frozenset({BACKTEST_TIMEOUT, BACKTEST_CRASHED})
"""Failures that depend on the machine: then or now, they say nothing about the record."""


class ReplayStatus(StrEnum):
    """OK: every byte again. Mismatch: something differs.

    Not comparable: nothing differs, but not everything could be compared.
    """

    OK = "ok"
    MISMATCH = "mismatch"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first field that differs. `iteration` is None for the header and the result."""

    iteration: int | None
    field: str
    recorded: str
    now: str

    def __str__(self) -> str:
        where = "search" if self.iteration is None else f"iteration {self.iteration}"
        return f"{where}: {self.field}: recorded {self.recorded}, now {self.now}"


@dataclass(frozen=True, kw_only=True)
class ReplayResult:
    """What a replay found.

    Attributes:
        iterations: How many iterations were replayed before it ended.
        backtests: How many backtests were run again.
        why: Why something was not comparable, in sentences.
        digest: Body digest of the record; the replay's own where status is ok.
    """

    status: ReplayStatus
    iterations: int
    backtests: int
    digest: str
    difference: Difference | None = None
    why: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Say whether every byte came out again."""
        return self.status is ReplayStatus.OK

    def to_json(self) -> dict[str, Json]:
        """Return the result as JSON."""
        gap = self.difference
        return {
            "type": "replay",
            "notice": NOTICE,
            "status": str(self.status),
            "iterations": self.iterations,
            "backtests": self.backtests,
            "digest": self.digest,
            "difference": None if gap is None else dict(vars(gap)),
            "why": list(self.why),
        }


def replay(
    bench: Bench,
    trajectory: "Trajectory",
    *,
    workers: int = 1,
    listen: Callable[[int], None] | None = None,
) -> ReplayResult:
    """Run a verified trajectory again and compare it field by field with the record.

    Args:
        listen: Called with the number of each iteration that came out the same.

    Raises:
        RefusedByPolicy: If today's policy refuses its space; audited.
        UnknownName: If its strategy, market or proposer is not installed.
    """
    spec = trajectory.spec
    gap = _other_engine(bench, spec)
    if gap is not None:
        return _result(trajectory, ReplayStatus.MISMATCH, difference=gap)
    try:
        replayer = _Replayer(bench, trajectory)
    except (RefusedByPolicy, UsageError) as refusal:
        audit_refusal(bench.store, refusal, channel="replay")
        raise
    with bench.executor(workers) as executor:
        try:
            replayer.iterate(executor, listen or (lambda _: None))
            replayer.headline(executor)
        except _Diverged as found:
            return _result(
                trajectory,
                ReplayStatus.MISMATCH,
                replayer.done,
                replayer.backtests,
                difference=found.difference,
            )
    status = ReplayStatus.NOT_COMPARABLE if replayer.why else ReplayStatus.OK
    return _result(trajectory, status, replayer.done, replayer.backtests, why=tuple(replayer.why))


def first_difference(
    recorded: Json, now: Json, *, iteration: int | None = None, field: str = ""
) -> Difference | None:
    """Return the first place, in the order of the record, where two JSON values differ; None if nowhere."""
    if isinstance(recorded, Mapping) and isinstance(now, Mapping):
        for key in [*recorded, *(key for key in now if key not in recorded)]:
            path = f"{field}.{key}" if field else key
            if key not in recorded or key not in now:
                left, right = (_shown(side[key]) if key in side else "absent" for side in (recorded, now))
                return Difference(iteration=iteration, field=path, recorded=left, now=right)
            found = first_difference(recorded[key], now[key], iteration=iteration, field=path)
            if found is not None:
                return found
        return None
    if isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for place, (left_item, right_item) in enumerate(zip(recorded, now, strict=True)):
            found = first_difference(left_item, right_item, iteration=iteration, field=f"{field}[{place}]")
            if found is not None:
                return found
        return None
    if canonical_json(recorded) == canonical_json(now):
        return None
    return Difference(iteration=iteration, field=field, recorded=_shown(recorded), now=_shown(now))


def _other_engine(bench: Bench, spec: SearchSpec) -> Difference | None:
    for field, then, now in (
        ("engine", spec.engine, bench.fingerprint_of(spec.space.strategy, spec.objective)),
        ("strategy_schema", spec.strategy_schema, bench.schema_of(spec.space.strategy).digest),
    ):
        if then != now:
            return Difference(iteration=None, field=field, recorded=then[:160], now=now)
    return None


class _Diverged(Exception):  # it carries news inside this file, it is no error
    def __init__(self, difference: Difference) -> None:
        self.difference = difference
        super().__init__(str(difference))


class _Replayer:
    """The work of one replay; `done`, `backtests` and `why` say how far it came."""

    def __init__(self, bench: Bench, trajectory: "Trajectory") -> None:
        self._record = trajectory
        self._spec: SearchSpec = bench.judged_spec(trajectory.header, trajectory.header_meta)
        self._guard = Guard(bench.policy, bench.schema_of(self._spec.space.strategy), self._spec.space)
        self._proposer = build_proposer(self._spec.proposer, seed=self._spec.seed, policy=bench.policy)
        self._answers = RecordedEndpoint(trajectory.exchanges)
        self._used: set[int] = set()
        self.done = 0
        self.backtests = 0
        self.why: list[str] = []
        made = trajectory.header_meta.get("meta")
        then = made.get("proposer_fingerprint") if isinstance(made, Mapping) else None
        now = self._proposer.fingerprint()
        self._compares_proposals = then == now
        if not self._compares_proposals:
            self.why.append(f"Proposals were not compared: {_what_differs(then, now)}.")

    def iterate(self, executor: "Executor", listen: Callable[[int], None]) -> None:
        """Replay batch after batch.

        Raises:
            _Diverged: At the first field that differs.
        """
        rows, size = self._record.iterations, self._spec.batch
        first = 0
        while first < len(rows):
            count = 1 if first == 0 else size
            batch = rows[first : first + count]
            chosen, used = self._choose(first, count, rows[:first], batch)
            self._used |= set(used)
            tickets: dict[int, int] = {}
            made = [
                self._begin(row, one, used, executor, tickets)
                for row, one in zip(batch, chosen, strict=False)  # the last batch may be a part of one
            ]
            for _ in range(len(tickets)):
                ticket, result = executor.next_done()
                place = tickets[ticket] - first
                made[place] = self._measured(batch[place], made[place], result)
            for row, again in zip(batch, made, strict=True):
                self._same(row.to_body(), again.to_body(), row.number)
                self.done += 1
                listen(row.number)
            first += count
        self._check_unused()

    def headline(self, executor: "Executor") -> None:
        """Judge the finalists again and compare the result line.

        Raises:
            _Diverged: At the first field that differs.
        """
        if self._record.headline is None:
            return
        again = judge_finalists(
            self._spec, finalists(self._record.iterations), guard=self._guard, executor=executor
        )
        for headline in (self._record.headline, again):
            ended = {headline.holdout_reason, *(row.reason for row in headline.candidates)}
            cut_short = ended & {f"failed: {code}" for code in UNREPEATABLE}
            if cut_short:
                self.why.append(f"The headline was not compared: a backtest {min(map(str, cut_short))}.")
                return
        recorded = {**vars(self._record.headline), "candidates": _rows(self._record.headline.candidates)}
        now = {**vars(again), "candidates": _rows(again.candidates)}
        self._same(recorded, now, None)

    def _choose(
        self, first: int, count: int, history: Sequence[Iteration], batch: Sequence[Iteration]
    ) -> tuple[tuple[Proposal | NoProposal, ...], tuple[int, ...]]:
        if first == 0:
            default = Proposal(
                params=self._spec.space.defaults, reasoning="The strategy's defaults.", source="default"
            )
            return (default,), ()
        if not self._compares_proposals:
            return tuple(_as_recorded(row) for row in batch), batch[0].exchanges
        turns = self._proposer.converse(self._spec.space, history, count=count)
        chosen, used = self._drive(turns, first)
        if len(chosen) != count:
            gap = Difference(iteration=first, field="proposals", recorded=str(count), now=str(len(chosen)))
            raise _Diverged(gap)
        return chosen, used

    def _drive(
        self, turns: Generator[Prompt, Reply, tuple[Proposal | NoProposal, ...]], first: int
    ) -> tuple[tuple[Proposal | NoProposal, ...], tuple[int, ...]]:
        used: list[int] = []
        try:
            prompt, turn = next(turns), 0
            while True:
                reply, number = self._recorded(prompt, first, turn)
                used.append(number)
                prompt, turn = turns.send(reply), turn + 1
        except StopIteration as end:
            return end.value, tuple(used)

    def _recorded(self, prompt: Prompt, first: int, turn: int) -> tuple[Reply, int]:
        try:
            reply, meta = self._answers.answer(prompt, key=(first, turn))
        except IntegrityError as error:
            gap = Difference(iteration=first, field=f"prompt of turn {turn}", recorded="", now=error.message)
            raise _Diverged(gap) from None
        return reply, int(str(meta["recorded_number"]))

    def _begin(
        self,
        row: Iteration,
        chosen: Proposal | NoProposal,
        used: tuple[int, ...],
        executor: "Executor",
        tickets: dict[int, int],
    ) -> Iteration:
        """Return the iteration as far as it is known before its backtest, which is submitted."""
        if isinstance(chosen, NoProposal):
            return failed_turn(row.number, chosen, used)
        ruling = self._guard.judge(dict(chosen.params))
        if isinstance(ruling, Verdict):
            return refused_turn(row.number, chosen, ruling, used)
        made = waiting_turn(row.number, replace(chosen, params=dict(ruling.params)), used)
        if row.failure is not None and row.failure.code in UNREPEATABLE:
            self.why.append(
                f"Iteration {row.number} ended in {row.failure.code}, which depends on the machine."
            )
            return replace(made, failure=row.failure, score=row.score)
        job = Job(strategy=self._spec.space.strategy, wire=ruling.to_wire(), scenarios=self._spec.train)
        tickets[executor.submit(job)] = row.number
        self.backtests += 1
        return made

    def _measured(self, row: Iteration, made: Iteration, result: "JobResult") -> Iteration:
        """Return the iteration with what was measured now, or where this machine gave up, what was then."""
        if result.failure is not None and result.failure.code in UNREPEATABLE:
            self.why.append(f"Iteration {row.number} ended here in {result.failure.code}.")
            return replace(row, proposal=made.proposal, verdict=made.verdict, exchanges=made.exchanges)
        return measured(made, result, objective=self._spec.objective, engine=self._spec.engine)

    def _check_unused(self) -> None:
        """Refuse an answer that stands before a replayed iteration and that no proposal came of."""
        for exchange in self._record.exchanges if self._compares_proposals else ():
            if exchange.iteration < self.done and exchange.number not in self._used:
                where = f"exchanges[{exchange.number}]"
                gap = Difference(
                    iteration=exchange.iteration, field=where, recorded="an answer", now="not asked for"
                )
                raise _Diverged(gap)

    def _same(self, recorded: Json, now: Json, iteration: int | None) -> None:
        found = first_difference(recorded, now, iteration=iteration)
        if found is not None:
            raise _Diverged(found)


def _as_recorded(row: Iteration) -> Proposal | NoProposal:
    if row.proposal is not None:
        return row.proposal
    failure = row.failure
    return NoProposal(
        code=failure.code if failure else "UNKNOWN", reason=failure.text if failure else "", source=""
    )


def _rows(values: Sequence[object]) -> list[Json]:
    return [dict(vars(value)) for value in values]


def _what_differs(then: object, now: Mapping[str, Json]) -> str:
    if not isinstance(then, Mapping):
        return "the record does not say which libraries proposed"
    keys = sorted(key for key in {*then, *now} if then.get(key) != now.get(key))
    return "; ".join(f"{key} was {_shown(then.get(key))}, is {_shown(now.get(key))}" for key in keys)


def _shown(value: Json) -> str:
    return canonical_json(value)[:120]


def _result(
    trajectory: "Trajectory",
    status: ReplayStatus,
    iterations: int = 0,
    backtests: int = 0,
    *,
    difference: Difference | None = None,
    why: tuple[str, ...] = (),
) -> ReplayResult:
    return ReplayResult(
        status=status,
        iterations=iterations,
        backtests=backtests,
        digest=trajectory.digest,
        difference=difference,
        why=why,
    )
