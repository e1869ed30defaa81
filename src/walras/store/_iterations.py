"""Iterations: claimed, proposed, finished; read back with every body checked against the chain."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, and_, bindparam, insert, or_, select, update

from walras.core import (
    IntegrityError,
    Iteration,
    Json,
    Spent,
    Status,
    UsageError,
    canonical_json,
    digest_text,
)
from walras.store._ledger import advance, broken, fenced
from walras.store._rebuild import add_spent, spent_from_json
from walras.store._rows import finished_count, rebuilt, search_row
from walras.store._tables import ITERATIONS, LINES
from walras.store._values import IterationState, Lease, Unfinished

_CLAIMED: Final = str(IterationState.CLAIMED)
_PROPOSED: Final = str(IterationState.PROPOSED)
_OPEN: Final = (_CLAIMED, _PROPOSED)

# Statements of the hot path are built once: building one costs as much as running it.
_KEY: Final = and_(
    ITERATIONS.c.search_id == bindparam("of_search"), ITERATIONS.c.number == bindparam("of_number")
)
_ROW: Final = select(ITERATIONS).where(_KEY)
_ADD: Final = insert(ITERATIONS)
_RANGE: Final = select(ITERATIONS.c.number, ITERATIONS.c.state).where(
    ITERATIONS.c.search_id == bindparam("of_search"),
    ITERATIONS.c.number.between(bindparam("first"), bindparam("last")),
)
_PROPOSE: Final = (
    update(ITERATIONS)
    .where(_KEY, ITERATIONS.c.state == _CLAIMED)
    .values(state=_PROPOSED, proposal=bindparam("new_proposal"))
)
_FINISH: Final = (
    update(ITERATIONS)
    .where(_KEY, or_(ITERATIONS.c.state == _CLAIMED, ITERATIONS.c.state == _PROPOSED))
    .values({name: bindparam(f"new_{name}") for name in ("state", "body", "body_sha256", "meta")})
)


def claim(connection: Connection, lease: Lease, numbers: Sequence[int]) -> None:
    """Make the rows of a batch; rows that are open already stay as they are."""
    _claim(connection, fenced(connection, lease), numbers)


def propose(connection: Connection, lease: Lease, bodies: Mapping[int, Mapping[str, Json]]) -> None:
    """Store what was proposed; the same again is fine, another one is not."""
    fenced(connection, lease)
    _propose(connection, lease, bodies)


def _propose(connection: Connection, lease: Lease, bodies: Mapping[int, Mapping[str, Json]]) -> None:
    for number, body in bodies.items():
        text = canonical_json(dict(body))
        key = {"of_search": lease.search_id, "of_number": number}
        if connection.execute(_PROPOSE, {**key, "new_proposal": text}).rowcount == 1:
            continue
        if _row(connection, lease.search_id, number)["proposal"] != text:
            raise broken(lease.search_id, f"iteration {number} has another proposal stored already")


def finish(
    connection: Connection,
    lease: Lease,
    iteration: Iteration,
    cost: Spent,
    then_claim: Sequence[int] = (),
    then_propose: Mapping[int, Mapping[str, Json]] | None = None,
) -> None:
    """Store the fate of an iteration and seal what can be sealed; the same again is fine."""
    row = fenced(connection, lease)
    body = iteration.to_body()
    text = canonical_json(body)
    stored = _row(connection, lease.search_id, iteration.number)
    if stored["state"] in _OPEN:
        _require_same_params(lease.search_id, stored, body)
        _finish(connection, row, iteration, text)
        status = str(iteration.status)
        spent = {status: row[status] + 1, "spent": spent_text(row, cost)}
        advance(connection, row, {**spent, **_best_changes(row, iteration)})
    elif stored["body"] != text:
        raise broken(lease.search_id, f"iteration {iteration.number} is finished already and differs")
    if then_claim:
        _claim(connection, row, then_claim)
    _propose(connection, lease, then_propose or {})


def insert_finished(connection: Connection, row: RowMapping, iteration: Iteration) -> None:
    """Store an iteration that another store finished."""
    _claim(connection, row, [iteration.number])
    finish(connection, Lease(search_id=row["id"], epoch=row["epoch"], owner=""), iteration, Spent())


def unfinished(connection: Connection, search_id: str) -> tuple[Unfinished, ...]:
    """Return the open rows of a search."""
    query = (
        select(ITERATIONS.c.number, ITERATIONS.c.state, ITERATIONS.c.proposal)
        .where(ITERATIONS.c.search_id == search_id, ITERATIONS.c.state.in_(_OPEN))
        .order_by(ITERATIONS.c.number)
    )
    return tuple(_unfinished(search_id, row) for row in connection.execute(query).mappings())


def read(connection: Connection, search_id: str, start: int, stop: int | None) -> tuple[Iteration, ...]:
    """Return finished iterations of a range, each body checked against its digest in the chain."""
    search = search_row(connection, search_id)
    rows = _finished_rows(connection, search_id, start, stop)
    for row in rows:
        fault = row_fault(row)
        if fault is not None:
            raise broken(search_id, fault)
    if stop is None and start == 0 and len(rows) != finished_count(search):
        raise broken(search_id, f"{len(rows)} iterations are stored, {finished_count(search)} were finished")
    return tuple(_iteration(search_id, row) for row in rows)


def row_fault(row: RowMapping) -> str | None:
    """Return what is wrong with one finished row, or None."""
    if digest_text(row["body"]) != row["body_sha256"]:
        return f"iteration {row['number']} was changed after it was finished"
    if row["sealed_sha256"] not in (None, row["body_sha256"]):
        return f"iteration {row['number']} is not the one in the chain"
    return None


def spent_text(row: RowMapping, cost: Spent) -> str:
    """Return the spent column after one more cost."""
    spent = spent_from_json(json.loads(row["spent"]))
    return canonical_json(dict(vars(add_spent(spent, cost))))


def _claim(connection: Connection, row: RowMapping, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    outside = [number for number in numbers if not 0 <= number < row["budget"]]
    if outside:
        raise UsageError(f"Iteration {outside[0]} is outside the budget of {row['budget']}.")
    key = {"of_search": row["id"], "first": min(numbers), "last": max(numbers)}
    known = {found.number: found.state for found in connection.execute(_RANGE, key)}
    finished = sorted(number for number in numbers if known.get(number, _CLAIMED) not in _OPEN)
    if finished:
        raise IntegrityError(f"Iteration {finished[0]} of search {row['id']} is finished already.")
    fresh = sorted(set(numbers) - set(known))
    if fresh:
        rows = [{"search_id": row["id"], "number": number, "state": _CLAIMED} for number in fresh]
        connection.execute(_ADD, rows)


def _finish(connection: Connection, row: RowMapping, iteration: Iteration, text: str) -> None:
    values = {
        "of_search": row["id"],
        "of_number": iteration.number,
        "new_state": str(iteration.status),
        "new_body": text,
        "new_body_sha256": digest_text(text),
        "new_meta": canonical_json(dict(iteration.meta)),
    }
    connection.execute(_FINISH, values)


def _best_changes(row: RowMapping, iteration: Iteration) -> dict[str, Any]:
    """Return the new best, if it is one; of equal scores the lowest number, in whatever order they end."""
    score = iteration.score.value
    if iteration.status is not Status.DONE or score is None:
        return {}
    best = row["best_score"]
    if best is not None and (score, -iteration.number) <= (float(best), -row["best_number"]):
        return {}
    return {"best_number": iteration.number, "best_score": canonical_json(score)}


def _require_same_params(search_id: str, stored: RowMapping, body: Mapping[str, Any]) -> None:
    """Refuse an iteration that ran other params than those that were proposed for it."""
    proposed = None if stored["proposal"] is None else json.loads(stored["proposal"])
    if proposed is None or "params" not in proposed or body["proposal"] is None:
        return
    if canonical_json(proposed["params"]) != canonical_json(body["proposal"]["params"]):
        raise broken(search_id, f"iteration {body['number']} ran other params than were proposed")


def _finished_rows(
    connection: Connection, search_id: str, start: int, stop: int | None
) -> Sequence[RowMapping]:
    sealed = and_(
        LINES.c.search_id == ITERATIONS.c.search_id,
        LINES.c.number == ITERATIONS.c.number,
        LINES.c.kind == "iteration",
    )
    query = (
        select(ITERATIONS, LINES.c.body_sha256.label("sealed_sha256"))
        .outerjoin_from(ITERATIONS, LINES, sealed)
        .where(
            ITERATIONS.c.search_id == search_id,
            ITERATIONS.c.state.not_in(_OPEN),
            ITERATIONS.c.number >= start,
        )
        .order_by(ITERATIONS.c.number)
    )
    if stop is not None:
        query = query.where(ITERATIONS.c.number < stop)
    return connection.execute(query).mappings().all()


def _iteration(search_id: str, row: RowMapping) -> Iteration:
    where = f"Search {search_id!a}, iteration {row['number']}"
    return rebuilt(where, lambda: Iteration.from_body(json.loads(row["body"]), json.loads(row["meta"])))


def _unfinished(search_id: str, row: RowMapping) -> Unfinished:
    where = f"Search {search_id!a}, iteration {row['number']}"
    text = row["proposal"]
    body = None if text is None else rebuilt(where, lambda: dict(json.loads(text)))
    return Unfinished(number=row["number"], state=IterationState(row["state"]), body=body)


def _row(connection: Connection, search_id: str, number: int) -> RowMapping:
    key = {"of_search": search_id, "of_number": number}
    found = connection.execute(_ROW, key).mappings().first()
    if found is None:
        raise UsageError(f"Iteration {number} of search {search_id} was not claimed.")
    return found
