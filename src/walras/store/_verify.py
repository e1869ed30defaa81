"""Does the store say what was written to it? Every chain, head, reference and count, checked."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select

from walras.core import IntegrityError, digest_text
from walras.store import _exchanges, _iterations
from walras.store._audit import audit_faults
from walras.store._ledger import PROPOSE, chain_fault, lines_of
from walras.store._looks import look_faults
from walras.store._rows import finished_count, rebuilt, record_of
from walras.store._tables import EXCHANGES, ITERATIONS, LINES, SEARCHES
from walras.store._values import Finding

_FINAL = ("done", "refused", "failed")


def search_ids(connection: Connection) -> tuple[str, ...]:
    """Return every id, oldest first."""
    return tuple(connection.execute(select(SEARCHES.c.id).order_by(SEARCHES.c.seq)).scalars())


def search_findings(connection: Connection, search_id: str) -> tuple[Finding, ...]:
    """Return what is wrong with one search."""
    row = connection.execute(select(SEARCHES).where(SEARCHES.c.id == search_id)).mappings().one()
    lines = lines_of(connection, search_id)
    iterations = _joined(connection, ITERATIONS, search_id, "iteration")
    exchanges = _joined(connection, EXCHANGES, search_id, "exchange")
    where = f"search {ascii(search_id)[1:-1]}"
    faults = rebuilt(
        f"Search {search_id!a}",
        lambda: (
            *_chain(row, lines, iterations, exchanges),
            *_head(row, lines),
            *_bodies(row, iterations, exchanges),
            *_counts(row, iterations, exchanges),
        ),
    )
    return tuple(Finding(where=where, problem=fault) for fault in faults)


def store_findings(connection: Connection) -> tuple[Finding, ...]:
    """Return what is wrong with the parts that belong to no search."""
    return (
        *(Finding(where="store", problem=fault) for fault in look_faults(connection)),
        *(Finding(where=where, problem=fault) for where, fault in audit_faults(connection)),
    )


def _chain(row: RowMapping, lines: Sequence[RowMapping], *stored: Sequence[RowMapping]) -> Iterator[str]:
    fault = chain_fault(row, lines)
    if fault is not None:
        yield fault
    kept = {
        (kind, found["number"])
        for kind, rows in zip(("iteration", "exchange"), stored, strict=True)
        for found in rows
    }
    for line in lines[1:]:
        if (line["kind"], line["number"]) not in kept:
            yield f"{line['kind']} {line['number']} was deleted"


def _head(row: RowMapping, lines: Sequence[RowMapping]) -> Iterator[str]:
    """Check what stands in the row of the search itself."""
    if not lines or digest_text(row["spec"]) != lines[0]["body_sha256"]:
        yield "its specification was changed"
        return
    try:
        record = record_of(row)
    except IntegrityError as error:
        yield error.message
        return
    spec = record.spec
    digests = (spec.digest, spec.space.digest, spec.train.digest)
    if digests != (row["spec_digest"], row["space_digest"], row["train_digest"]):
        yield "its digests are not those of its specification"
    finished = row["state"] == "finished"
    if finished != (row["headline"] is not None):
        yield "its state and its headline contradict each other"
    if row["headline"] is not None and digest_text(row["headline"]) != row["headline_sha256"]:
        yield "its headline was changed"
    if finished_count(row) > row["budget"] or (finished and finished_count(row) < row["budget"]):
        yield f"it has {finished_count(row)} iterations for a budget of {row['budget']}"


def _bodies(
    row: RowMapping, iterations: Sequence[RowMapping], exchanges: Sequence[RowMapping]
) -> Iterator[str]:
    made = {found["number"] for found in exchanges}
    for found in exchanges:
        yield from filter(None, [_exchanges.row_fault(found)])
        if found["number"] < row["sealed_exchanges"] and found["sealed_sha256"] is None:
            yield f"exchange {found['number']} is not in the chain"
    for found in iterations:
        fault = _iterations.row_fault(found)
        if fault is not None:
            yield fault
            continue
        body: Mapping[str, Any] = json.loads(found["body"])
        if (body["number"], body["status"]) != (found["number"], found["state"]):
            yield f"iteration {found['number']} has another number or status than its body"
        if not set(body["exchanges"]) <= made:
            yield f"iteration {found['number']} used an exchange that is not stored"


def _counts(
    row: RowMapping, iterations: Sequence[RowMapping], exchanges: Sequence[RowMapping]
) -> Iterator[str]:
    states = Counter(found["state"] for found in iterations)
    if {name: states[name] for name in _FINAL} != {name: row[name] for name in _FINAL}:
        yield "its counts are not those of its iterations"
    if len(exchanges) != row["exchanges"]:
        yield "its count of exchanges is not that of its exchanges"
    sealed = sum(found["sealed_sha256"] is not None for found in iterations)
    numbers = [found["number"] for found in iterations][: row["sealed_iterations"]]
    if sealed != row["sealed_iterations"] or numbers != list(range(sealed)):
        yield "its iterations have a gap"
    if _best(iterations) != (row["best_number"], row["best_score"]):
        yield "its best score is not that of its iterations"


def _best(iterations: Sequence[RowMapping]) -> tuple[int | None, str | None]:
    """Return number and score text of the first highest score."""
    best: tuple[int | None, str | None] = (None, None)
    for found in iterations:
        if found["state"] != "done" or _iterations.row_fault(found) is not None:
            continue
        score = json.loads(found["body"])["score"]
        if score is not None and (best[1] is None or score > float(best[1])):
            best = (found["number"], json.dumps(score))
    return best


def _joined(connection: Connection, table: Any, search_id: str, kind: str) -> Sequence[RowMapping]:
    """Return final rows of a search, each with the digest that the chain has for it."""
    link = and_(
        LINES.c.search_id == table.c.search_id, LINES.c.number == table.c.number, LINES.c.kind == kind
    )
    own = table.c.state.in_(_FINAL) if kind == "iteration" else table.c.purpose == PROPOSE
    query = (
        select(table, LINES.c.body_sha256.label("sealed_sha256"))
        .outerjoin_from(table, LINES, link)
        .where(table.c.search_id == search_id, own)
        .order_by(table.c.number)
    )
    return connection.execute(query).mappings().all()
