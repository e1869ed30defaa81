"""The chain of a search: fencing, sealing finished bodies in trajectory order, checking what is sealed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from walras.core import IntegrityError, Unavailable
from walras.store._rows import search_row
from walras.store._tables import EXCHANGES, ITERATIONS, LINES, SEARCHES
from walras.store._trajectory import EMPTY_HEAD, FIRST_PREV, next_head
from walras.store._values import Lease

PROPOSE: Final = "propose"
"""The purpose of exchanges that are part of the trajectory."""

# Statements of the hot path are built once: building one costs as much as running it.
_CHANGING: Final = (
    *("spent", "done", "refused", "failed", "best_number", "best_score", "exchanges"),
    *("sealed_exchanges", "sealed_iterations", "prev", "head"),
)
_ADD_LINES: Final = insert(LINES)
_UPDATE: Final = (
    update(SEARCHES)
    .where(SEARCHES.c.id == bindparam("search_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_NEXT_EXCHANGE: Final = select(EXCHANGES.c.iteration, EXCHANGES.c.body_sha256).where(
    EXCHANGES.c.search_id == bindparam("search_id"),
    EXCHANGES.c.purpose == PROPOSE,
    EXCHANGES.c.number == bindparam("number"),
)
_NEXT_ITERATION: Final = select(ITERATIONS.c.body_sha256).where(
    ITERATIONS.c.search_id == bindparam("search_id"), ITERATIONS.c.number == bindparam("number")
)


def fenced(connection: Connection, lease: Lease) -> RowMapping:
    """Return the row of a held search, locked; called first in every write of a lease.

    Raises:
        Unavailable: If another process has taken the search since; nothing is written.
    """
    row = search_row(connection, lease.search_id, locked=True)
    if row["epoch"] != lease.epoch:
        raise Unavailable(
            f"Search {lease.search_id} was taken over by another process ({row['owner'] or 'unknown'}).",
            hint="This process has written nothing since; `walras watch` follows the other one.",
        )
    return row


def advance(connection: Connection, row: RowMapping, changes: Mapping[str, Any]) -> None:
    """Update a search with `changes`, and seal every body whose turn in the trajectory has come."""
    state = {**row, **changes}
    lines: list[dict[str, Any]] = []
    while (found := _next(connection, state)) is not None:
        kind, number, body_sha256 = found
        lines.append(
            {
                "search_id": row["id"],
                "position": 1 + state["sealed_exchanges"] + state["sealed_iterations"],
                "kind": kind,
                "number": number,
                "body_sha256": body_sha256,
                "prev": state["prev"],
            }
        )
        state[f"sealed_{kind}s"] += 1
        state["prev"] = body_sha256
        state["head"] = next_head(state["head"], body_sha256)
    if lines:
        connection.execute(_ADD_LINES, lines)
    new = {f"new_{name}": state[name] for name in _CHANGING}
    connection.execute(_UPDATE, {"search_id": row["id"], **new})


def first_line(search_id: str, body_sha256: str) -> dict[str, Any]:
    """Return the chain's link to the header of a new search."""
    return {
        "search_id": search_id,
        "position": 0,
        "kind": "header",
        "number": 0,
        "body_sha256": body_sha256,
        "prev": FIRST_PREV,
    }


def lines_of(connection: Connection, search_id: str) -> Sequence[RowMapping]:
    """Return the links of a chain in order."""
    query = select(LINES).where(LINES.c.search_id == search_id).order_by(LINES.c.position)
    return connection.execute(query).mappings().all()


def chain_fault(row: RowMapping, lines: Sequence[RowMapping]) -> str | None:
    """Return what is wrong with the links of a chain and its head, or None."""
    head, prev = EMPTY_HEAD, FIRST_PREV
    for position, line in enumerate(lines):
        if line["position"] != position:
            return f"line {position} of the chain is missing"
        if line["prev"] != prev:
            return f"line {position} of the chain does not follow the one before"
        prev = line["body_sha256"]
        head = next_head(head, prev)
    if len(lines) != 1 + row["sealed_exchanges"] + row["sealed_iterations"]:
        return "the chain is shorter or longer than its head says"
    if head != row["head"] or prev != row["prev"]:
        return "the chain does not end in its head"
    return None


def require_chain(row: RowMapping, lines: Sequence[RowMapping]) -> None:
    """Refuse a broken chain.

    Raises:
        IntegrityError: Saying where it breaks.
    """
    fault = chain_fault(row, lines)
    if fault is not None:
        raise broken(row["id"], fault)


def broken(search_id: str, fault: str) -> IntegrityError:
    """Return the error for a record that was changed after it was written."""
    return IntegrityError(f"Search {search_id!a}: {fault}.", hint="Run `walras verify`; restore a backup.")


def _next(connection: Connection, state: Mapping[str, Any]) -> tuple[str, int, str] | None:
    """Return kind, number and digest of the next body in trajectory order, if it is final."""
    exchange, iteration = state["sealed_exchanges"], state["sealed_iterations"]
    if exchange < state["exchanges"]:
        found = connection.execute(_NEXT_EXCHANGE, {"search_id": state["id"], "number": exchange}).one()
        if found.iteration <= iteration:
            return "exchange", exchange, found.body_sha256
    if iteration < state["done"] + state["refused"] + state["failed"]:
        key = {"search_id": state["id"], "number": iteration}
        body_sha256 = connection.execute(_NEXT_ITERATION, key).scalar()
        if body_sha256 is not None:
            return "iteration", iteration, body_sha256
    return None
