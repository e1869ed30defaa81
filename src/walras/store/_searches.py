"""Searches: made, found, listed, extended, archived, held and concluded."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from walras.core import (
    AmbiguousName,
    Caps,
    Headline,
    IntegrityError,
    Json,
    SearchRecord,
    SearchSpec,
    SearchState,
    Spent,
    UnknownName,
    UsageError,
    canonical_json,
    digest_text,
)
from walras.store._ledger import broken, fenced, first_line, lines_of, require_chain
from walras.store._rebuild import space_labels
from walras.store._rows import finished_count, record_of, search_row, summary_of
from walras.store._tables import ITERATIONS, LINES, SEARCHES
from walras.store._trajectory import EMPTY_HEAD, header_body, headline_body, next_head
from walras.store._values import Lease, SearchSummary

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 12
_MATCHES_SHOWN: Final = 9
_ZEROES: Final = (
    "archived",
    "epoch",
    "holdout_looks",
    "done",
    "refused",
    "failed",
    "exchanges",
    "sealed_exchanges",
    "sealed_iterations",
)


def new_id() -> str:
    """Return a random search id: 12 characters of Crockford's base 32."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def is_id(text: str) -> bool:
    """Say whether `text` has the form of a search id."""
    return len(text) == _LENGTH and set(text) <= set(_ALPHABET)


def details_of(
    spec: SearchSpec, *, caps: Caps, name: str, note: str, tags: Sequence[str], meta: Mapping[str, Json]
) -> dict[str, Json]:
    """Return what people say about a search, as JSON."""
    return {
        "name": name,
        "note": note,
        "tags": list(tags),
        "caps": dict(vars(caps)),
        "labels": space_labels(spec.space),
        "meta": dict(meta),
    }


def insert_search(
    connection: Connection, search_id: str, spec: SearchSpec, *, budget: int, details: Json, at: str
) -> RowMapping:
    """Store a new search and the first link of its chain; done twice, it is there once.

    Raises:
        UsageError: If the id is taken by another search.
    """
    body = canonical_json(header_body(spec))
    sha256 = digest_text(body)
    known = connection.execute(select(SEARCHES.c.spec).where(SEARCHES.c.id == search_id)).scalar()
    if known == body:
        return search_row(connection, search_id)
    if known is not None:
        raise UsageError(f"There is another search {search_id}.", hint="Leave the id out to get a new one.")
    connection.execute(
        insert(SEARCHES).values(
            id=search_id,
            spec=body,
            spec_digest=spec.digest,
            space_digest=spec.space.digest,
            train_digest=spec.train.digest,
            created_at=at,
            details=canonical_json(details),
            state=str(SearchState.OPEN),
            budget=budget,
            spent=canonical_json(dict(vars(Spent()))),
            prev=sha256,
            head=next_head(EMPTY_HEAD, sha256),
            **dict.fromkeys(_ZEROES, 0),
            owner="",
        )
    )
    connection.execute(insert(LINES), [first_line(search_id, sha256)])
    return search_row(connection, search_id)


def find(connection: Connection, ref: str) -> SearchRecord:
    """Return the search that `ref` means."""
    if ref == "@last":
        query = select(SEARCHES).where(SEARCHES.c.archived == 0).order_by(SEARCHES.c.seq.desc()).limit(1)
        newest = connection.execute(query).mappings().first()
        if newest is None:
            raise UnknownName("search", ref, hint="There is none yet; `walras search` makes one.")
        return record_of(newest)
    prefix = ref.lower()
    if not prefix or not set(prefix) <= set(_ALPHABET) or len(prefix) > _LENGTH:
        raise UnknownName("search", ref, hint="An id is 12 of 0-9 a-z; `walras list` shows the stored ones.")
    query = select(SEARCHES).where(func.substr(SEARCHES.c.id, 1, len(prefix)) == prefix)
    rows = connection.execute(query.limit(_MATCHES_SHOWN)).mappings().all()
    if not rows:
        raise UnknownName("search", ref, hint="`walras list` shows the stored ones.")
    if len(rows) > 1:
        raise AmbiguousName("search", ref, matches=(row["id"] for row in rows))
    return record_of(rows[0])


def summaries(connection: Connection, *, archived: bool) -> tuple[SearchSummary, ...]:
    """Return every search, newest first."""
    query = select(SEARCHES).order_by(SEARCHES.c.seq.desc())
    if not archived:
        query = query.where(SEARCHES.c.archived == 0)
    return tuple(summary_of(row) for row in connection.execute(query).mappings())


def count_trials(connection: Connection, space_digest: str, scenario_digest: str) -> int:
    """Return how many different iterations were finished for one space and one train set.

    The same iteration of the same specification counts once, however many copies of its search there are.
    """
    tried = (
        select(SEARCHES.c.spec_digest, ITERATIONS.c.number, ITERATIONS.c.body_sha256)
        .join_from(SEARCHES, ITERATIONS, ITERATIONS.c.search_id == SEARCHES.c.id)
        .where(SEARCHES.c.space_digest == space_digest, SEARCHES.c.train_digest == scenario_digest)
        .where(ITERATIONS.c.body_sha256.is_not(None))
        .distinct()
    )
    return int(connection.execute(select(func.count()).select_from(tried.subquery())).scalar_one())


def take(connection: Connection, search_id: str, owner: str) -> Lease:
    """Raise the fence of a search whose lock is held, after checking its chain."""
    row = search_row(connection, search_id, locked=True)
    require_chain(row, lines_of(connection, search_id))
    epoch = row["epoch"] + 1
    change(connection, search_id, epoch=epoch, owner=owner)
    return Lease(search_id=search_id, epoch=epoch, owner=owner)


def change(connection: Connection, search_id: str, **values: Any) -> None:
    """Update what may change of a search."""
    connection.execute(update(SEARCHES).where(SEARCHES.c.id == search_id).values(values))


def extend(connection: Connection, lease: Lease, budget: int, caps: Caps | None = None) -> SearchRecord:
    """Raise a budget; the headline goes, since more iterations may beat it."""
    row = fenced(connection, lease)
    if budget < row["budget"]:
        raise UsageError(
            f"Search {lease.search_id} has a budget of {row['budget']}; {budget} would cut it.",
            hint="A budget can only grow.",
        )
    if budget > row["budget"]:
        reopened = {"headline": None, "headline_sha256": None, "holdout_looks": 0, "state": "open"}
        change(connection, lease.search_id, budget=budget, **reopened)
    if caps is not None:
        details = {**json.loads(row["details"]), "caps": dict(vars(caps))}
        change(connection, lease.search_id, details=canonical_json(details))
    return record_of(search_row(connection, lease.search_id))


def conclude(connection: Connection, lease: Lease, headline: Headline, *, holdout_looks: int) -> SearchRecord:
    """Store what a search found; doing it again with the same headline changes nothing."""
    row = fenced(connection, lease)
    if finished_count(row) != row["budget"]:
        raise IntegrityError(
            f"Search {lease.search_id} has {finished_count(row)} of {row['budget']} iterations.",
            hint=f"`walras resume {lease.search_id}` runs the others.",
        )
    text = canonical_json(headline_body(headline))
    if row["headline"] not in (None, text):
        raise broken(lease.search_id, "its headline is stored already and differs")
    change(
        connection,
        lease.search_id,
        headline=text,
        headline_sha256=digest_text(text),
        holdout_looks=holdout_looks,
        state=str(SearchState.FINISHED),
    )
    return record_of(search_row(connection, lease.search_id))


def admits(
    summary: SearchSummary,
    *,
    state: SearchState | None,
    proposer: str | None,
    strategy: str | None,
    name: str | None,
    tag: str | None,
) -> bool:
    """Say whether a search passes a list's filters; `name` is a part of the name, case ignored."""
    record = summary.record
    return (
        (state is None or record.state is state)
        and (proposer is None or record.spec.proposer.kind == proposer)
        and (strategy is None or record.spec.space.strategy == strategy)
        and (name is None or name.lower() in record.name.lower())
        and (tag is None or tag in record.tags)
    )
