"""Tables, migrations, claims and trajectory files: the only source of truth of a search.

The store takes and gives values of `walras.core`; sessions and rows never leave it. SQLAlchemy loads
when a store is opened, Alembic when one is made or migrated, PyArrow when a Parquet file is written.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from walras.store._values import (
    MAX_LINE_BYTES,
    MAX_TRAJECTORY_BYTES,
    Attempt,
    AuditRecord,
    Finding,
    IterationState,
    Lease,
    SearchSummary,
    Unfinished,
)

if TYPE_CHECKING:
    from walras.store._open import open_store
    from walras.store._rebuild import search_space_from_json, spec_from_body
    from walras.store._store import TrajectoryStore
    from walras.store._table_file import TableFormat, write_table
    from walras.store._trajectory import Trajectory, body_digest
    from walras.store._trajectory_file import read_trajectory, write_trajectory

__all__ = [
    "MAX_LINE_BYTES",
    "MAX_TRAJECTORY_BYTES",
    "Attempt",
    "AuditRecord",
    "Finding",
    "IterationState",
    "Lease",
    "SearchSummary",
    "TableFormat",
    "Trajectory",
    "TrajectoryStore",
    "Unfinished",
    "body_digest",
    "open_store",
    "read_trajectory",
    "search_space_from_json",
    "spec_from_body",
    "write_table",
    "write_trajectory",
]

_LAZY = {
    "TableFormat": "_table_file",
    "Trajectory": "_trajectory",
    "TrajectoryStore": "_store",
    "body_digest": "_trajectory",
    "open_store": "_open",
    "read_trajectory": "_trajectory_file",
    "search_space_from_json": "_rebuild",
    "spec_from_body": "_rebuild",
    "write_table": "_table_file",
    "write_trajectory": "_trajectory_file",
}


def __getattr__(name: str) -> object:
    """Load a part of the store on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
