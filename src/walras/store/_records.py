"""Whole trajectories out of the tables and into them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from walras.core import (
    Caps,
    Exchange,
    Headline,
    Iteration,
    Json,
    SearchRecord,
    Spent,
    canonical_json,
    digest,
    digest_text,
)
from walras.store import _exchanges, _iterations
from walras.store._ledger import PROPOSE, broken, lines_of, require_chain
from walras.store._looks import look
from walras.store._rebuild import spent_from_json
from walras.store._rows import rebuilt, record_of, search_row
from walras.store._searches import change, conclude, details_of, insert_search, is_id
from walras.store._tables import LINES, SEARCHES
from walras.store._trajectory import Trajectory
from walras.store._values import Lease

_LONGEST_NAME: Final = 200
_LONGEST_NOTE: Final = 20_000
_MOST_TAGS: Final = 64


def trajectory(connection: Connection, search_id: str) -> Trajectory:
    """Return the sealed record of a search, its chain, bodies and headline verified."""
    row = search_row(connection, search_id)
    lines = lines_of(connection, search_id)
    require_chain(row, lines)
    if digest_text(row["spec"]) != lines[0]["body_sha256"]:
        raise broken(search_id, "its specification was changed")
    if row["headline"] is not None and digest_text(row["headline"]) != row["headline_sha256"]:
        raise broken(search_id, "its headline was changed")
    record = record_of(row)
    exchanges = _exchanges.read(connection, search_id, PROPOSE)[: row["sealed_exchanges"]]
    made = Trajectory(
        header=json.loads(row["spec"]),
        exchanges=_with_attempts(connection, search_id, exchanges),
        iterations=_iterations.read(connection, search_id, 0, None)[: row["sealed_iterations"]],
        headline=record.headline,
        header_meta=_header_meta(row, record),
        result_meta={"holdout_looks": record.holdout_looks, "spent": dict(vars(record.spent))},
    )
    if made.ledger_head != row["head"]:
        raise broken(search_id, "its iterations and exchanges are not those of the chain")
    return made


def known(connection: Connection, wanted: Trajectory) -> SearchRecord | None:
    """Return the oldest stored search with exactly these bodies and this state."""
    keys = (SEARCHES.c.spec_digest == wanted.spec.digest, SEARCHES.c.head == wanted.ledger_head)
    rows = connection.execute(select(SEARCHES).where(*keys).order_by(SEARCHES.c.seq)).mappings()
    records = (record_of(row) for row in rows)
    return next((record for record in records if record.headline == wanted.headline), None)


def _continued(connection: Connection, wanted: Trajectory) -> SearchRecord | None:
    """Return the stored search whose chain begins with all of `wanted`: the one it names, else the oldest.

    A chain that holds no more than `wanted` is a continuation only if it misses no headline: `wanted` has
    none, or the search was extended since.
    """
    digests = [line.body_sha256 for line in wanted.ledger]
    query = (
        select(SEARCHES)
        .join_from(SEARCHES, LINES, LINES.c.search_id == SEARCHES.c.id)
        .where(SEARCHES.c.spec_digest == wanted.spec.digest)
        .where(LINES.c.position == len(digests) - 1, LINES.c.body_sha256 == digests[-1])
        .order_by(SEARCHES.c.seq)
    )
    rows = sorted(
        connection.execute(query).mappings(),
        key=lambda row: row["id"] != wanted.header_meta.get("search_id"),
    )
    for row in rows:
        lines = lines_of(connection, row["id"])
        is_longer = len(lines) > len(digests) or row["budget"] > len(wanted.iterations)
        if [line["body_sha256"] for line in lines[: len(digests)]] == digests and (
            is_longer or wanted.headline is None
        ):
            return record_of(row)
    return None


def insert_trajectory(connection: Connection, wanted: Trajectory, *, fresh_id: str, at: str) -> SearchRecord:
    """Store a verified trajectory, or return the search that has it already."""
    found = known(connection, wanted) or _continued(connection, wanted)
    if found is not None:
        return found
    search_id = _free_id(connection, wanted.header_meta.get("search_id"), fresh_id)
    spec = wanted.spec
    details = _details(wanted, at=at)
    row = insert_search(connection, search_id, spec, budget=_budget(wanted), details=details, at=at)
    lease = Lease(search_id=search_id, epoch=row["epoch"], owner="")
    for line in wanted.ledger[1:]:
        if line.kind == "exchange":
            _exchanges.save(connection, lease, Exchange.from_body(line.body, line.meta), Spent())
        else:
            row = search_row(connection, search_id)
            _iterations.insert_finished(connection, row, Iteration.from_body(line.body, line.meta))
    change(connection, search_id, spent=canonical_json(dict(vars(_spent(wanted)))))
    if wanted.headline is None:
        return record_of(search_row(connection, search_id))
    return conclude(
        connection, lease, wanted.headline, holdout_looks=_look(connection, search_id, wanted, at)
    )


def _look(connection: Connection, search_id: str, wanted: Trajectory, at: str) -> int:
    """Count the look at the holdout that came with an imported headline."""
    headline: Headline | None = wanted.headline
    if headline is None or headline.best is None or headline.holdout_score is None:
        return 0
    body: Any = wanted.iterations[headline.best].to_body()
    return look(
        connection,
        search_id,
        space_digest=wanted.spec.space.digest,
        objective=wanted.spec.objective,
        holdout_digest=wanted.spec.holdout.digest,
        params_digest=digest(body["proposal"]["params"]),
        iteration=headline.best,
        score={"score": headline.holdout_score, "score_se": headline.holdout_se},
        at=at,
    )


def _header_meta(row: RowMapping, record: SearchRecord) -> dict[str, Json]:
    details = json.loads(row["details"])
    return {
        "search_id": record.id,
        "created_at": record.created_at,
        "budget": record.budget,
        **{name: details[name] for name in ("name", "note", "tags", "labels", "meta")},
    }


def _with_attempts(
    connection: Connection, search_id: str, exchanges: tuple[Exchange, ...]
) -> tuple[Exchange, ...]:
    """Add to each exchange's meta the calls that it took."""
    calls: dict[int, list[Json]] = {}
    for attempt in _exchanges.attempts(connection, search_id):
        calls.setdefault(attempt.exchange, []).append(dict(vars(attempt)))
    return tuple(
        replace(exchange, meta={"attempts": calls[exchange.number], **exchange.meta})
        if exchange.number in calls
        else exchange
        for exchange in exchanges
    )


def _free_id(connection: Connection, wanted: Json, fresh: str) -> str:
    """Return the id that the file names, or a fresh one where that is taken or no id."""
    if not isinstance(wanted, str) or not is_id(wanted):
        return fresh
    taken = connection.execute(select(SEARCHES.c.id).where(SEARCHES.c.id == wanted)).scalar()
    return wanted if taken is None else fresh


def _details(wanted: Trajectory, *, at: str) -> dict[str, Json]:
    """Return a file's words on its search, cut to a size; they are text of a stranger."""
    meta = wanted.header_meta
    tags = meta.get("tags")
    inner = meta.get("meta")
    origin: dict[str, Json] = {
        "search_id": _text(meta, "search_id"),
        "created_at": _text(meta, "created_at"),
        "digest": wanted.digest,
        "at": at,
    }
    return details_of(
        wanted.spec,
        caps=Caps(),
        name=_text(meta, "name"),
        note=_text(meta, "note", longest=_LONGEST_NOTE),
        tags=[str(tag)[:_LONGEST_NAME] for tag in tags][:_MOST_TAGS] if isinstance(tags, list) else [],
        meta={**(inner if isinstance(inner, dict) else {}), "imported": origin},
    )


def _text(meta: Mapping[str, Json], name: str, *, longest: int = _LONGEST_NAME) -> str:
    value = meta.get(name)
    return value[:longest] if isinstance(value, str) else ""


def _budget(wanted: Trajectory) -> int:
    """Return the file's budget; a finished search has used its up."""
    done = len(wanted.iterations)
    said = wanted.header_meta.get("budget")
    if wanted.is_finished or type(said) is not int:
        return max(done, 1)
    return max(said, done, 1)


def _spent(wanted: Trajectory) -> Spent:
    """Return what the file says was spent, checked to be numbers."""
    said = wanted.result_meta.get("spent", {})
    spent = rebuilt("The cost in the file", lambda: spent_from_json(said))
    rebuilt("The cost in the file", lambda: [float(value) for value in vars(spent).values()])
    return spent
