"""The trajectory store: the one class through which searches are written and read."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar, final

from sqlalchemy import Connection

from walras.core import (
    Caps,
    Exchange,
    Headline,
    IntegrityError,
    Iteration,
    Json,
    SearchRecord,
    SearchSpec,
    SearchState,
    Spent,
    Unavailable,
    UsageError,
)
from walras.store import _audit, _exchanges, _iterations, _records, _searches, _verify
from walras.store._backup import copy_store
from walras.store._database import Database, this_process
from walras.store._ledger import fenced
from walras.store._looks import look
from walras.store._rows import record_of, search_row
from walras.store._trajectory import Trajectory
from walras.store._values import Attempt, AuditRecord, Finding, Lease, SearchSummary, Unfinished

Answer = TypeVar("Answer")


@final
class TrajectoryStore:
    """Appends and reads searches. Made by `open_store`; safe to share between threads.

    The promise: exactly one row an iteration, at least one call an answer. Every method that writes
    returns after COMMIT, so what it acknowledged survives `kill -9` and power loss.
    Every method may raise `Unavailable` (full, locked, read-only, gone) and `IntegrityError` (corrupt).
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._live: set[Lease] = set()

    @property
    def place(self) -> str:
        """Return where the store is, for people: a path, or a URL without its password."""
        return self._database.place

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def free_bytes(self) -> int | None:
        """Return the free space where the store is, or None for a server."""
        return self._database.free_bytes

    # Searches

    def create(
        self,
        spec: SearchSpec,
        *,
        budget: int,
        id: str | None = None,  # noqa: A002  # the word of the design
        caps: Caps | None = None,
        name: str = "",
        note: str = "",
        tags: Sequence[str] = (),
        meta: Mapping[str, Json] | None = None,
    ) -> SearchRecord:
        """Store a new search without iterations."""
        if budget < 1:
            raise UsageError(f"A budget of {budget} is no budget.", hint="Give at least 1.")
        if id is not None and not _searches.is_id(id):
            raise UsageError(f"{ascii(id)[:40]} is not a search id.", hint="Leave the id out to get one.")
        search_id = id or _searches.new_id()
        details = _searches.details_of(
            spec, caps=caps or Caps(), name=name, note=note, tags=tags, meta=meta or {}
        )
        at = self._at()
        row = self._database.write(
            lambda rows: _searches.insert_search(rows, search_id, spec, budget=budget, details=details, at=at)
        )
        return record_of(row)

    def find(self, ref: str) -> SearchRecord:
        """Return the search with this id, unique id prefix, or `@last` (the newest not archived)."""
        return self._database.read(lambda rows: _searches.find(rows, ref))

    def list(
        self,
        *,
        state: SearchState | None = None,
        archived: bool = False,
        proposer: str | None = None,
        strategy: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
    ) -> tuple[SearchSummary, ...]:
        """Return searches, newest first."""
        found = self._database.read(
            lambda rows: _searches.summaries(rows, archived=archived or state is SearchState.ARCHIVED)
        )
        kept = (
            summary
            for summary in found
            if _searches.admits(
                summary, state=state, proposer=proposer, strategy=strategy, name=name, tag=tag
            )
        )
        return tuple(islice(kept, limit))

    def count_trials(self, space_digest: str, scenario_digest: str) -> int:
        """Return how many different iterations were ever finished for this space on these train scenarios."""
        return self._database.read(lambda rows: _searches.count_trials(rows, space_digest, scenario_digest))

    def extend(self, lease: Lease, budget: int, *, caps: Caps | None = None) -> SearchRecord:
        """Raise the budget of a search and reopen it; its headline is dropped, its iterations stay.

        `caps`, where given, replace its caps, whatever the budget.
        """
        return self._write(lease, lambda rows: _searches.extend(rows, lease, budget, caps))

    def archive(self, ref: str, *, archived: bool = True) -> SearchRecord:
        """Hide a search from lists, or show it again (`archived=False`); nothing is deleted."""
        search_id = self.find(ref).id
        with self.hold(search_id):
            self._database.write(lambda rows: _searches.change(rows, search_id, archived=int(archived)))
        return self.find(search_id)

    # Claims

    @contextmanager
    def hold(self, search_id: str) -> Iterator[Lease]:
        """Hold a search for writing until the block ends.

        Raises:
            Unavailable: At once, if another process holds it; the message names the process.
            IntegrityError: If the chain of the search is broken.
        """
        row = self._database.read(lambda rows: search_row(rows, search_id))
        with self._database.lock(search_id) as taken:
            if not taken:
                owner = f" ({row['owner']})" if row["owner"] else ""
                raise Unavailable(
                    f"Search {search_id} is held by another process{owner}.",
                    hint=f"`walras watch {search_id}` follows it; or stop that process and run again.",
                )
            lease = self._database.write(lambda rows: _searches.take(rows, search_id, this_process()))
            self._live.add(lease)
            try:
                yield lease
            finally:
                self._live.discard(lease)

    def claim(self, lease: Lease, numbers: Sequence[int]) -> None:
        """Claim the rows of a batch before any model is called; claiming an unfinished row again is fine."""
        self._write(lease, lambda rows: _iterations.claim(rows, lease, numbers))

    def propose(self, lease: Lease, number: int, body: Mapping[str, Json]) -> None:
        """Commit what was proposed for a claimed iteration, before anything runs it."""
        self._write(lease, lambda rows: _iterations.propose(rows, lease, {number: body}))

    def propose_batch(self, lease: Lease, bodies: Mapping[int, Mapping[str, Json]]) -> None:
        """Commit the proposals of a whole batch at once."""
        self._write(lease, lambda rows: _iterations.propose(rows, lease, bodies))

    def finish(
        self,
        lease: Lease,
        iteration: Iteration,
        *,
        cost: Spent | None = None,
        then_claim: Sequence[int] = (),
        then_propose: Mapping[int, Mapping[str, Json]] | None = None,
    ) -> None:
        """Commit the fate of a claimed or proposed iteration; a finished one never changes.

        `then_claim` and `then_propose` open the next batch in the same transaction, which saves the wait
        for the disk.
        """
        self._write(
            lease,
            lambda rows: _iterations.finish(
                rows, lease, iteration, cost or Spent(), then_claim, then_propose
            ),
        )

    def unfinished(self, search_id: str) -> tuple[Unfinished, ...]:
        """Return claimed and proposed iterations in order of number."""
        return self._database.read(lambda rows: _iterations.unfinished(rows, search_id))

    def iterations(self, search_id: str, *, start: int = 0, stop: int | None = None) -> tuple[Iteration, ...]:
        """Return finished iterations with `start <= number < stop`, in order, each checked by digest."""
        return self._database.read(lambda rows: _iterations.read(rows, search_id, start, stop))

    # Exchanges

    def save_exchange(self, lease: Lease, exchange: Exchange, *, cost: Spent | None = None) -> None:
        """Commit a prompt and its answer before the answer is used."""
        self._write(lease, lambda rows: _exchanges.save(rows, lease, exchange, cost or Spent()))

    def save_attempt(self, lease: Lease, attempt: Attempt, *, cost: Spent | None = None) -> None:
        """Commit one endpoint call: when it is sent, and once more when it ended."""
        self._write(lease, lambda rows: _exchanges.save_attempt(rows, lease, attempt, cost or Spent()))

    def exchanges(self, search_id: str, *, purpose: str = "propose") -> tuple[Exchange, ...]:
        """Return the exchanges made for one purpose, in order of number."""
        return self._database.read(lambda rows: _exchanges.read(rows, search_id, purpose))

    def attempts(self, search_id: str) -> tuple[Attempt, ...]:
        """Return every endpoint call of a search."""
        return self._database.read(lambda rows: _exchanges.attempts(rows, search_id))

    # The end of a search

    def holdout_look(
        self,
        lease: Lease,
        *,
        space_digest: str,
        objective: str,
        holdout_digest: str,
        params_digest: str,
        iteration: int,
        score: float | None,
        standard_error: float | None = None,
    ) -> int:
        """Record one look at a holdout; return its ordinal among all looks at it. Again, it counts once."""
        at = self._at()

        def work(rows: Connection) -> int:
            fenced(rows, lease)
            return look(
                rows,
                lease.search_id,
                space_digest=space_digest,
                objective=objective,
                holdout_digest=holdout_digest,
                params_digest=params_digest,
                iteration=iteration,
                score={"score": score, "score_se": standard_error},
                at=at,
            )

        return self._write(lease, work)

    def conclude(self, lease: Lease, headline: Headline, *, holdout_looks: int) -> SearchRecord:
        """Store the headline and mark the search finished."""
        return self._write(
            lease, lambda rows: _searches.conclude(rows, lease, headline, holdout_looks=holdout_looks)
        )

    # Trajectories

    def trajectory(self, search_id: str) -> Trajectory:
        """Return the whole record of a search, its chain verified."""
        return self._database.read(lambda rows: _records.trajectory(rows, search_id))

    def known_trajectory(self, trajectory: Trajectory) -> SearchRecord | None:
        """Return the stored search that has exactly this trajectory, if there is one."""
        return self._database.read(lambda rows: _records.known(rows, trajectory))

    def import_trajectory(self, trajectory: Trajectory) -> SearchRecord:
        """Store a trajectory in one transaction; one that is stored, whole or continued, is not doubled."""
        fresh, at = _searches.new_id(), self._at()
        return self._database.write(
            lambda rows: _records.insert_trajectory(rows, trajectory, fresh_id=fresh, at=at)
        )

    # Audit, verification, backup

    def audit(
        self, kind: str, code: str, detail: Mapping[str, Json] | None = None, *, subject: str = ""
    ) -> AuditRecord:
        """Append one line to the audit log; needs no search and no lease."""
        nonce = secrets.token_hex(16)
        body: dict[str, Json] = {
            "at": self._at(),
            "kind": kind,
            "code": code,
            "subject": subject,
            "detail": dict(detail or {}),
        }
        return self._database.write(lambda rows: _audit.append(rows, nonce=nonce, body=body))

    def audit_records(
        self, *, kind: str | None = None, subject: str | None = None, limit: int | None = None
    ) -> tuple[AuditRecord, ...]:
        """Return audit lines, newest first."""
        return self._database.read(lambda rows: _audit.records(rows, kind=kind, subject=subject, limit=limit))

    def verify(self, search_id: str | None = None) -> tuple[Finding, ...]:
        """Check one search, or the whole store with its audit log; an empty answer means sound."""
        return _findings(self._database, search_id)

    def backup(self, path: Path) -> Path:
        """Copy the store while it is in use into a SQLite file, and verify the copy."""
        return copy_store(self._database, path, _require_sound)

    def _write(self, lease: Lease, work: Callable[[Connection], Answer]) -> Answer:
        if lease not in self._live:
            raise Unavailable(
                f"Search {lease.search_id} is not held any more; nothing was written.",
                hint=f"`walras resume {lease.search_id}` takes it again.",
            )
        return self._database.write(work)

    def _at(self) -> str:
        return self._now().isoformat(timespec="milliseconds")


def _findings(database: Database, search_id: str | None) -> tuple[Finding, ...]:
    """Check one search, or everything; what cannot be read is a finding too."""
    found: list[Finding] = []
    if search_id is not None:
        database.read(lambda rows: search_row(rows, search_id))
        wanted: tuple[str, ...] = (search_id,)
    else:
        try:
            found += [Finding(where="store", problem=fault) for fault in database.integrity_faults()]
            found += database.read(_verify.store_findings)
            wanted = database.read(_verify.search_ids)
        except IntegrityError as error:
            return (*found, Finding(where="store", problem=error.message))
    for one in wanted:
        try:
            found += database.read(lambda rows, one=one: _verify.search_findings(rows, one))  # type: ignore[misc]
        except IntegrityError as error:
            found.append(Finding(where=f"search {one}", problem=error.message))
    return tuple(found)


def _require_sound(copy: Database) -> None:
    """Refuse a copy that does not verify."""
    found = _findings(copy, None)
    if found:
        raise IntegrityError(
            f"The backup does not verify: {found[0]}"
            + (f" (and {len(found) - 1} more)." if found[1:] else "."),
            hint="Run `walras verify`: the store itself is not sound.",
        )
