"""The loop: propose, guard, backtest, record. One loop, no back doors."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from walras.backtest import score
from walras.core import (
    CapReached,
    Failure,
    Iteration,
    Json,
    NoProposal,
    Proposal,
    Score,
    SearchRecord,
    Status,
    Unavailable,
    Verdict,
    WalrasError,
    digest,
    printable_params,
)
from walras.endpoint import PriceTable, RecordedEndpoint
from walras.execution import Job
from walras.policy import Guard
from walras.search._bench import Answerer, Bench
from walras.search._conversation import Conversation
from walras.search._events import IterationEnded, Judging, Listener, SearchFinished
from walras.search._finalists import judge_finalists
from walras.search._ledger import Ledger
from walras.search._ranking import best_of, better, finalists

if TYPE_CHECKING:
    from walras.execution import Executor, JobResult
    from walras.proposers import Proposer
    from walras.store import Lease

LEAST_FREE_BYTES = 64 * 2**20
"""With less free space than this no model is asked."""

DEGRADED_AFTER = 5
"""Batches without a usable proposal, in a row, after which a search stops as degraded."""


@dataclass
class Run:
    """One process's work on one search, from where it stands to its budget."""

    bench: Bench
    record: SearchRecord
    lease: "Lease"
    proposer: "Proposer"
    answerer: Answerer | None
    prices: PriceTable | None
    executor: "Executor"
    guard: Guard
    listen: Listener

    def __post_init__(self) -> None:
        store = self.bench.store
        self._ledger = Ledger(store, self.lease, self.record, seconds=self.bench.seconds)
        self._tail: Iteration | None = None
        self._history: list[Iteration] = list(store.iterations(self.record.id))
        self._best = best_of(self._history)
        exchanges = store.exchanges(self.record.id)
        self._talk = Conversation(
            answerer=self.answerer,
            record=RecordedEndpoint(exchanges),
            ledger=self._ledger,
            caps=self.record.caps,
            next_number=len(exchanges),
            prices=self.prices,
        )

    def to_budget(self) -> SearchRecord:
        """Run every missing iteration, then judge the best few; return the finished search.

        Raises:
            CapReached: A cap stopped it; resumable.
            Unavailable: Endpoint, store or workers failed, or the proposer is degraded; resumable.
        """
        try:
            self._iterate()
        except BaseException:
            with suppress(WalrasError):
                self._settle()
            raise
        return self._conclude()

    def _iterate(self) -> None:
        barren = 0
        while len(self._history) < self.record.budget:
            if barren >= DEGRADED_AFTER:
                failure = self._history[-1].failure
                raise Unavailable(
                    f"Degraded: the last {barren} turns of proposer {self.record.spec.proposer.kind!r} "
                    f"brought no usable proposal (last: {failure.code if failure else 'unknown'}).",
                    hint="See `walras show` for the answers; resume to go on.",
                )
            made = self._batch()
            barren = barren + 1 if all(row.proposal is None for row in made) else 0
        self._settle()

    def _batch(self) -> Sequence[Iteration]:
        """Make and run the batch that holds the next iteration; return it, all but its last row committed.

        A proposer that asks a model has its rows claimed before it is asked, and its proposals committed
        before they run. For any other, what a kill loses is made again, the same: its proposals are
        committed with the last row of the batch before, while the workers are busy already.
        """
        done = len(self._history)
        size = self.record.spec.batch
        first = 0 if done == 0 else 1 + (done - 1) // size * size
        count = 1 if first == 0 else size
        numbers = range(done, min(first + count, self.record.budget))
        self._check_minutes()
        asks = self.proposer.needs_endpoint
        if asks:
            self._check_space()
            self._settle(claim=numbers)
        made = self._judged(first, count, numbers)
        bodies = {
            number: row.proposal.to_json() for number, (row, wire) in made.items() if wire and row.proposal
        }
        if asks:
            self.bench.store.propose_batch(self.lease, bodies)
        tickets = {
            self.executor.submit(self._job(wire)): number
            for number, (_, wire) in made.items()
            if wire is not None
        }
        if not asks:
            self._settle(claim=numbers, propose=bodies)
        return self._collect(tickets, {number: row for number, (row, _) in made.items()})

    def _judged(
        self, first: int, count: int, numbers: Sequence[int]
    ) -> dict[int, tuple[Iteration, Mapping[str, Json] | None]]:
        """Return each iteration before its backtest, and what travels to a worker, if anything."""
        chosen = self._choose(first, count)
        exchanges = tuple(self._talk.used)
        return {number: self._judge(number, chosen[number - first], exchanges) for number in numbers}

    def _choose(self, first: int, count: int) -> tuple[Proposal | NoProposal, ...]:
        space = self.record.spec.space
        if first == 0:
            self._talk.used = []
            return (Proposal(params=space.defaults, reasoning="The strategy's defaults.", source="default"),)
        history = tuple(self._history[:first])
        turns = self.proposer.converse(space, history, count=count)
        chosen = self._talk.drive(turns, iteration=first)
        if len(chosen) != count:
            raise Unavailable(
                f"Proposer {self.record.spec.proposer.kind!r} gave {len(chosen)} of {count} proposals."
            )
        return chosen

    def _judge(
        self, number: int, chosen: Proposal | NoProposal, exchanges: tuple[int, ...]
    ) -> tuple[Iteration, Mapping[str, Json] | None]:
        if isinstance(chosen, NoProposal):
            return failed_turn(number, chosen, exchanges), None
        ruling = self.guard.judge(chosen.params)
        if isinstance(ruling, Verdict):
            self.bench.store.audit(
                "refusal",
                ruling.code,
                {"iteration": number, "names": list(ruling.names), "gate": ruling.gate},
                subject=self.record.id,
            )
            return refused_turn(number, chosen, ruling, exchanges), None
        admitted = replace(chosen, params=dict(ruling.params))
        return waiting_turn(number, admitted, exchanges), ruling.to_wire()

    def _collect(self, tickets: Mapping[int, int], rows: dict[int, Iteration]) -> Sequence[Iteration]:
        """Commit the batch in order of number as results come in; the last row waits for the next commit."""
        running = set(tickets.values())
        ended: list[Iteration] = []
        for number in sorted(rows):
            while number in running:
                ticket, result = self.executor.next_done()
                which = tickets[ticket]
                rows[which] = measured(
                    rows[which], result, objective=self.record.spec.objective, engine=self.record.spec.engine
                )
                running.discard(which)
            self._settle()
            self._tail = rows[number]
            self._history.append(rows[number])
            ended.append(rows[number])
        return ended

    def _settle(
        self, *, claim: Sequence[int] = (), propose: Mapping[int, Mapping[str, Json]] | None = None
    ) -> None:
        """Commit the row that waits, and open the next batch, in one transaction; then tell."""
        row = self._tail
        if row is None:
            if claim:
                self.bench.store.claim(self.lease, claim)
            if propose:
                self.bench.store.propose_batch(self.lease, propose)
            return
        self._ledger.finish(row, then_claim=claim, then_propose=propose)
        self._tail = None
        self._best = best = better(self._best, row)
        self.listen(
            IterationEnded(
                search=self.record.id,
                iteration=row,
                best=None if best is None else best.score.value,
                best_number=None if best is None else best.number,
                spent=self._ledger.spent,
            )
        )

    def _conclude(self) -> SearchRecord:
        store, spec = self.bench.store, self.record.spec
        chosen = finalists(self._history)
        self.listen(Judging(self.record.id, tuple(row.number for row in chosen)))
        headline = judge_finalists(spec, chosen, guard=self.guard, executor=self.executor)
        best = next((row for row in chosen if row.number == headline.best), None)
        params = None if best is None or best.proposal is None else printable_params(best.proposal.params)
        looks = 0
        if headline.best is not None:
            looks = store.holdout_look(
                self.lease,
                space_digest=spec.space.digest,
                objective=spec.objective,
                holdout_digest=spec.holdout.digest,
                params_digest=digest(params),
                iteration=headline.best,
                score=headline.holdout_score,
                standard_error=headline.holdout_se,
            )
        record = store.conclude(self.lease, headline, holdout_looks=looks)
        self.listen(SearchFinished(record, headline, params))
        return record

    def _job(self, wire: Mapping[str, Json]) -> Job:
        spec = self.record.spec
        return Job(strategy=spec.space.strategy, wire=wire, scenarios=spec.train)

    def _check_space(self) -> None:
        """Refuse to pay for an answer that might not fit on the disk."""
        free = self.bench.store.free_bytes()
        if free is not None and free < LEAST_FREE_BYTES:
            raise Unavailable(
                f"Only {free // 2**20} MB are free at {self.bench.store.place}: the disk is as good as full.",
                hint="Make room and resume; no answer was asked for.",
            )

    def _check_minutes(self) -> None:
        cap = self.record.caps.max_minutes
        if cap is not None and self._ledger.spent.seconds > cap * 60:
            raise CapReached(
                f"--max-minutes {cap:g} is reached after {len(self._history)} iterations.",
                hint="Resume with a larger --max-minutes.",
            )


_ADMITTED = Verdict(allowed=True, code="ADMITTED", reason="Every name is tunable and every value in bounds.")


def waiting_turn(number: int, proposal: Proposal, exchanges: tuple[int, ...]) -> Iteration:
    """Return the iteration of an admitted proposal, as it stands before its backtest ended."""
    return Iteration(
        number=number,
        status=Status.FAILED,
        proposal=proposal,
        verdict=_ADMITTED,
        score=Score(value=None, value_reason="not run"),
        exchanges=exchanges,
    )


def failed_turn(number: int, chosen: NoProposal, exchanges: tuple[int, ...]) -> Iteration:
    """Return the failed iteration of a turn that brought no usable proposal."""
    return Iteration(
        number=number,
        status=Status.FAILED,
        proposal=None,
        verdict=None,
        score=Score(value=None, value_reason=f"failed: {chosen.code}"),
        failure=Failure(code=chosen.code, text=chosen.reason),
        exchanges=exchanges,
    )


def refused_turn(number: int, chosen: Proposal, ruling: Verdict, exchanges: tuple[int, ...]) -> Iteration:
    """Return the refused iteration of a proposal that the guard did not admit."""
    return Iteration(
        number=number,
        status=Status.REFUSED,
        proposal=replace(chosen, params=printable_params(chosen.params)),
        verdict=ruling,
        score=Score(value=None, value_reason=f"refused: {ruling.code}"),
        failure=Failure(code=ruling.code, text=ruling.reason),
        exchanges=exchanges,
    )


def measured(row: Iteration, result: "JobResult", *, objective: str, engine: str) -> Iteration:
    """Return `row` with what its backtest measured, or with the reason that it measured nothing."""
    meta: dict[str, Json] = {"worker": result.worker, "seconds": round(result.seconds, 6)}
    if result.report is None:
        failure = result.failure or Failure(code="BACKTEST_FAILED", text="The worker gave no reason.")
        reason = f"failed: {failure.code}"
        return replace(row, failure=failure, score=Score(value=None, value_reason=reason), meta=meta)
    return replace(
        row,
        status=Status.DONE,
        score=score(objective, result.report),
        report=result.report,
        engine=engine,
        meta=meta,
    )
