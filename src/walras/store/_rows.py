"""Between rows and values: every text in a row is canonical JSON, and is read with suspicion."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, RowMapping, bindparam, select

from walras.core import IntegrityError, SearchRecord, SearchState, UnknownName
from walras.store._files import printable
from walras.store._rebuild import caps_from_json, spec_from_body, spent_from_json
from walras.store._tables import SEARCHES
from walras.store._trajectory import headline_from_body
from walras.store._values import SearchSummary

Value = TypeVar("Value")

_BY_ID: Final = select(SEARCHES).where(SEARCHES.c.id == bindparam("search_id"))
_BY_ID_LOCKED: Final = _BY_ID.with_for_update()


def rebuilt(where: str, build: Callable[[], Value]) -> Value:
    """Return what `build` makes of stored text; text of another shape is a broken record.

    Raises:
        IntegrityError: Naming `where`, and the first thing that does not fit.
    """
    try:
        return build()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise IntegrityError(
            f"{where} cannot be read: {type(error).__name__} {printable(str(error))}.",
            hint="Run `walras verify`; restore a backup.",
        ) from error


def search_row(connection: Connection, search_id: str, *, locked: bool = False) -> RowMapping:
    """Return the row of a search; `locked` keeps other transactions of a server from it.

    Raises:
        UnknownName: If there is no such search.
    """
    query = _BY_ID_LOCKED if locked else _BY_ID
    row = connection.execute(query, {"search_id": search_id}).mappings().first()
    if row is None:
        raise UnknownName("search", search_id, hint="`walras list` shows the stored ones.")
    return row


def record_of(row: RowMapping) -> SearchRecord:
    """Return a search as a value."""
    return rebuilt(f"Search {row['id']!a}", lambda: _record(row))


def summary_of(row: RowMapping) -> SearchSummary:
    """Return a search and its counts."""
    best = row["best_score"]
    return SearchSummary(
        record=record_of(row),
        done=row["done"],
        refused=row["refused"],
        failed=row["failed"],
        best_number=row["best_number"],
        best_score=None if best is None else rebuilt(f"Search {row['id']!a}", lambda: float(best)),
    )


def finished_count(row: RowMapping) -> int:
    """Return how many iterations of a search are finished."""
    return int(row["done"] + row["refused"] + row["failed"])


def _record(row: RowMapping) -> SearchRecord:
    details: Mapping[str, Any] = json.loads(row["details"])
    return SearchRecord(
        id=row["id"],
        spec=spec_from_body(json.loads(row["spec"]), labels=details["labels"]),
        budget=row["budget"],
        state=SearchState.ARCHIVED if row["archived"] else SearchState(row["state"]),
        created_at=row["created_at"],
        name=details["name"],
        note=details["note"],
        tags=tuple(details["tags"]),
        caps=caps_from_json(details["caps"]),
        spent=spent_from_json(json.loads(row["spent"])),
        headline=headline_from_body(None if row["headline"] is None else json.loads(row["headline"])),
        holdout_looks=row["holdout_looks"],
        iterations=finished_count(row),
        meta=details["meta"],
    )
