"""Exchanges and endpoint calls: committed before they are used, never changed."""

import json
from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, update

from walras.core import Exchange, Spent, UsageError, canonical_json, digest_text
from walras.store._iterations import spent_text
from walras.store._ledger import PROPOSE, advance, broken, fenced
from walras.store._rows import rebuilt, search_row
from walras.store._searches import change
from walras.store._tables import ATTEMPTS, EXCHANGES, LINES
from walras.store._values import Attempt, Lease


def save(connection: Connection, lease: Lease, exchange: Exchange, cost: Spent) -> None:
    """Store a prompt and its answer; the same again costs nothing, another one is refused."""
    row = fenced(connection, lease)
    text = canonical_json(exchange.to_body())
    purpose = exchange.prompt.purpose
    key = and_(
        EXCHANGES.c.search_id == lease.search_id,
        EXCHANGES.c.purpose == purpose,
        EXCHANGES.c.number == exchange.number,
    )
    known = connection.execute(select(EXCHANGES.c.body).where(key)).scalar()
    if known is not None:
        if known != text:
            raise broken(lease.search_id, f"exchange {exchange.number} is stored already and differs")
        return
    _require_turn(connection, row, exchange)
    connection.execute(
        insert(EXCHANGES).values(
            search_id=lease.search_id,
            purpose=purpose,
            number=exchange.number,
            iteration=exchange.iteration,
            body=text,
            body_sha256=digest_text(text),
            meta=canonical_json(dict(exchange.meta)),
        )
    )
    spent = {"spent": spent_text(row, cost)}
    if purpose == PROPOSE:
        spent["exchanges"] = row["exchanges"] + 1
    advance(connection, row, spent)


def read(connection: Connection, search_id: str, purpose: str) -> tuple[Exchange, ...]:
    """Return the exchanges of one purpose, each body checked against its digest in the chain."""
    search = search_row(connection, search_id)
    sealed = and_(
        LINES.c.search_id == EXCHANGES.c.search_id,
        LINES.c.number == EXCHANGES.c.number,
        LINES.c.kind == "exchange",
        EXCHANGES.c.purpose == PROPOSE,
    )
    query = (
        select(EXCHANGES, LINES.c.body_sha256.label("sealed_sha256"))
        .outerjoin_from(EXCHANGES, LINES, sealed)
        .where(EXCHANGES.c.search_id == search_id, EXCHANGES.c.purpose == purpose)
        .order_by(EXCHANGES.c.number)
    )
    rows = connection.execute(query).mappings().all()
    for row in rows:
        fault = row_fault(row)
        if fault is not None:
            raise broken(search_id, fault)
    if purpose == PROPOSE and len(rows) != search["exchanges"]:
        raise broken(search_id, f"{len(rows)} exchanges are stored, {search['exchanges']} were made")
    return tuple(_exchange(search_id, row) for row in rows)


def row_fault(row: RowMapping) -> str | None:
    """Return what is wrong with one exchange, or None."""
    if digest_text(row["body"]) != row["body_sha256"]:
        return f"exchange {row['number']} was changed after it was stored"
    if row["sealed_sha256"] not in (None, row["body_sha256"]):
        return f"exchange {row['number']} is not the one in the chain"
    return None


def save_attempt(connection: Connection, lease: Lease, attempt: Attempt, cost: Spent) -> None:
    """Store a call that was sent, or how it ended; the same again costs nothing."""
    row = fenced(connection, lease)
    text = canonical_json(asdict(attempt))
    key = and_(
        ATTEMPTS.c.search_id == lease.search_id,
        ATTEMPTS.c.exchange == attempt.exchange,
        ATTEMPTS.c.number == attempt.number,
    )
    known = connection.execute(select(ATTEMPTS.c.body).where(key)).scalar()
    if known == text:
        return
    if known is None:
        values = {"search_id": lease.search_id, "exchange": attempt.exchange, "number": attempt.number}
        connection.execute(insert(ATTEMPTS).values(**values, body=text))
    elif json.loads(known)["reason"] == Attempt.reason:
        connection.execute(update(ATTEMPTS).where(key).values(body=text))
    else:
        raise broken(
            lease.search_id, f"call {attempt.number} of exchange {attempt.exchange} has ended already"
        )
    change(connection, lease.search_id, spent=spent_text(row, cost))


def attempts(connection: Connection, search_id: str) -> tuple[Attempt, ...]:
    """Return every call of a search, by exchange and number."""
    query = select(ATTEMPTS).where(ATTEMPTS.c.search_id == search_id)
    rows = connection.execute(query.order_by(ATTEMPTS.c.exchange, ATTEMPTS.c.number)).mappings()
    return tuple(_attempt(search_id, row) for row in rows)


def _require_turn(connection: Connection, row: RowMapping, exchange: Exchange) -> None:
    """Refuse an exchange out of order, which would have no place in the trajectory."""
    purpose = exchange.prompt.purpose
    if not purpose:
        raise UsageError("A prompt has a purpose, such as 'propose'.")
    if purpose == PROPOSE:
        expected = row["exchanges"]
        if exchange.iteration < row["sealed_iterations"]:
            raise UsageError(f"Exchange {exchange.number} comes after its iteration {exchange.iteration}.")
    else:
        keys = (EXCHANGES.c.search_id == row["id"], EXCHANGES.c.purpose == purpose)
        expected = connection.execute(select(func.count()).select_from(EXCHANGES).where(*keys)).scalar()
    if exchange.number != expected:
        raise UsageError(f"Exchange {exchange.number} is out of order; the next is {expected}.")


def _exchange(search_id: str, row: RowMapping) -> Exchange:
    where = f"Search {search_id!a}, exchange {row['number']}"
    return rebuilt(where, lambda: Exchange.from_body(json.loads(row["body"]), json.loads(row["meta"])))


def _attempt(search_id: str, row: RowMapping) -> Attempt:
    where = f"Search {search_id!a}, call {row['number']} of exchange {row['exchange']}"
    return rebuilt(where, lambda: Attempt(**json.loads(row["body"])))
