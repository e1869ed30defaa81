"""Writes what a search does and what it costs, in one process, under one lease."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from walras.core import Exchange, Iteration, Json, Prompt, SearchRecord, Spent
from walras.store import Attempt

if TYPE_CHECKING:
    from walras.store import Lease, TrajectoryStore


class Ledger:
    """Commits iterations, exchanges and calls of one search and keeps count of their cost.

    The first call for an answer is counted when it is sent; the endpoint's own retries, tokens and money
    when it has answered. A kill between the two can lose those, never the first call.
    """

    def __init__(
        self,
        store: "TrajectoryStore",
        lease: "Lease",
        record: SearchRecord,
        *,
        seconds: Callable[[], float],
    ) -> None:
        self._store = store
        self._lease = lease
        self._seconds = seconds
        self._lap_started = seconds()
        self._spent = record.spent
        self._sent = Counter(attempt.exchange for attempt in store.attempts(record.id))

    @property
    def spent(self) -> Spent:
        """Return what the search has cost so far, this moment included."""
        return replace(self._spent, seconds=self._spent.seconds + self._seconds() - self._lap_started)

    def finish(
        self,
        iteration: Iteration,
        *,
        then_claim: Sequence[int] = (),
        then_propose: Mapping[int, Mapping[str, Json]] | None = None,
    ) -> None:
        """Commit an iteration, the wall time since the last commit, and the start of the next batch."""
        now = self._seconds()
        cost = Spent(seconds=now - self._lap_started)
        self._lap_started = now
        self._store.finish(
            self._lease,
            iteration,
            cost=self._count(cost),
            then_claim=then_claim,
            then_propose=then_propose,
        )

    def sending(self, number: int, prompt: Prompt) -> None:
        """Commit that a call for exchange `number` is about to be sent."""
        attempt = Attempt(exchange=number, number=self._sent[number], sent=prompt.digest)
        self._store.save_attempt(self._lease, attempt, cost=self._count(Spent(calls=1)))

    def answered(self, exchange: Exchange) -> None:
        """Commit a prompt with its answer, before the answer is used."""
        self.unanswered(exchange.number, exchange.prompt, exchange.meta)
        self._store.save_exchange(self._lease, exchange, cost=self._count(cost_of(exchange.meta)))

    def explained(self, exchange: Exchange) -> None:
        """Commit an explanation's prompt and answer, and every call it took; it made no proposal."""
        sent: Any = exchange.meta.get("calls")
        calls = Spent(calls=int(sent or 1))
        self._store.save_exchange(
            self._lease, exchange, cost=self._count(added(calls, cost_of(exchange.meta)))
        )

    def unanswered(self, number: int, prompt: Prompt, meta: Mapping[str, Json]) -> None:
        """Commit how the calls for exchange `number` ended, without an answer of their own."""
        rows: Any = meta.get("attempts") or ({},)
        first = self._sent[number]
        for place, row in enumerate(rows):
            attempt = Attempt(
                exchange=number,
                number=first + place,
                sent=str(row.get("sent") or prompt.digest),
                status=row.get("status"),
                size=int(row.get("bytes") or 0),
                elapsed_ms=round(row.get("ms") or 0),
                reason=str(row.get("reason") or ""),
            )
            cost = self._count(Spent(calls=1)) if place else None
            self._store.save_attempt(self._lease, attempt, cost=cost)
        self._sent[number] += len(rows)

    def _count(self, cost: Spent) -> Spent:
        self._spent = added(self._spent, cost)
        return cost


def added(left: Spent, right: Spent) -> Spent:
    """Return the sum of two costs."""
    return Spent(**{name: value + getattr(right, name) for name, value in vars(left).items()})


def cost_of(meta: Mapping[str, Json]) -> Spent:
    """Return the tokens and the money of an answer; calls are counted when they are sent."""
    tokens: Any = meta.get("tokens") or {}
    usd: Any = meta.get("usd")
    return Spent(
        prompt_tokens=int(tokens.get("prompt") or 0),
        completion_tokens=int(tokens.get("completion") or 0),
        usd=float(usd or 0.0),
    )
