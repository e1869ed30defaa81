"""The tables. Bodies and numbers are canonical text, counters 64-bit; `migrations` makes them."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, MetaData, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

METADATA: Final = MetaData()
VERSION_TABLE: Final = "walras_version"
_SERIAL: Final = BigInteger().with_variant(Integer(), "sqlite")
_INT: Final = BigInteger()


class _Row(SQLModel):
    metadata = METADATA


class SearchRow(_Row, table=True):
    """One search: what is fixed, where it stands, and the head of its chain."""

    __tablename__ = "walras_search"
    __table_args__ = (
        CheckConstraint("length(id) = 12", name="walras_search_id"),
        CheckConstraint("budget > 0", name="walras_search_budget"),
        CheckConstraint("state in ('open', 'finished')", name="walras_search_state"),
        UniqueConstraint("id", name="walras_search_unique_id"),
        Index("walras_search_trials", "space_digest", "train_digest"),
    )

    seq: int | None = Field(default=None, primary_key=True, sa_type=_SERIAL)
    id: str = Field(sa_type=Text)
    spec: str = Field(sa_type=Text)  # canonical JSON of the header's body
    spec_digest: str = Field(sa_type=Text)
    space_digest: str = Field(sa_type=Text)
    train_digest: str = Field(sa_type=Text)
    created_at: str = Field(sa_type=Text)
    details: str = Field(sa_type=Text)  # name, note, tags, caps, labels, meta
    state: str = Field(sa_type=Text)
    archived: int = Field(default=0, sa_type=_INT)
    budget: int = Field(sa_type=_INT)
    epoch: int = Field(default=0, sa_type=_INT)
    owner: str = Field(default="", sa_type=Text)
    spent: str = Field(sa_type=Text)
    headline: str | None = Field(default=None, sa_type=Text)
    headline_sha256: str | None = Field(default=None, sa_type=Text)
    holdout_looks: int = Field(default=0, sa_type=_INT)
    done: int = Field(default=0, sa_type=_INT)
    refused: int = Field(default=0, sa_type=_INT)
    failed: int = Field(default=0, sa_type=_INT)
    best_number: int | None = Field(default=None, sa_type=_INT)
    best_score: str | None = Field(default=None, sa_type=Text)
    exchanges: int = Field(default=0, sa_type=_INT)
    sealed_exchanges: int = Field(default=0, sa_type=_INT)
    sealed_iterations: int = Field(default=0, sa_type=_INT)
    prev: str = Field(sa_type=Text)  # digest of the last sealed body
    head: str = Field(sa_type=Text)  # digest of all sealed bodies


class IterationRow(_Row, table=True):
    """One iteration; never changed once its state is final."""

    __tablename__ = "walras_iteration"
    __table_args__ = (
        CheckConstraint("number >= 0", name="walras_iteration_number"),
        CheckConstraint(
            "state in ('claimed', 'proposed', 'done', 'refused', 'failed')", name="walras_iteration_state"
        ),
        CheckConstraint(
            "(state in ('claimed', 'proposed')) = (body is null)", name="walras_iteration_finished"
        ),
    )

    search_id: str = Field(primary_key=True, sa_type=Text, foreign_key="walras_search.id")
    number: int = Field(primary_key=True, sa_type=_INT, sa_column_kwargs={"autoincrement": False})
    state: str = Field(sa_type=Text)
    proposal: str | None = Field(default=None, sa_type=Text)
    body: str | None = Field(default=None, sa_type=Text)
    body_sha256: str | None = Field(default=None, sa_type=Text)
    meta: str | None = Field(default=None, sa_type=Text)


class ExchangeRow(_Row, table=True):
    """One prompt and its answer; only added."""

    __tablename__ = "walras_exchange"
    __table_args__ = (
        CheckConstraint("number >= 0", name="walras_exchange_number"),
        CheckConstraint("purpose <> ''", name="walras_exchange_purpose"),
    )

    search_id: str = Field(primary_key=True, sa_type=Text, foreign_key="walras_search.id")
    purpose: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_type=_INT, sa_column_kwargs={"autoincrement": False})
    iteration: int = Field(sa_type=_INT)
    body: str = Field(sa_type=Text)
    body_sha256: str = Field(sa_type=Text)
    meta: str = Field(sa_type=Text)


class AttemptRow(_Row, table=True):
    """One call of an endpoint."""

    __tablename__ = "walras_attempt"

    search_id: str = Field(primary_key=True, sa_type=Text, foreign_key="walras_search.id")
    exchange: int = Field(primary_key=True, sa_type=_INT, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_type=_INT, sa_column_kwargs={"autoincrement": False})
    body: str = Field(sa_type=Text)


class LineRow(_Row, table=True):
    """One link of a search's chain: which body stands at this position, and the digest before it."""

    __tablename__ = "walras_line"

    search_id: str = Field(primary_key=True, sa_type=Text, foreign_key="walras_search.id")
    position: int = Field(primary_key=True, sa_type=_INT, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(sa_type=Text)
    number: int = Field(sa_type=_INT)
    body_sha256: str = Field(sa_type=Text)
    prev: str = Field(sa_type=Text)


class LookRow(_Row, table=True):
    """One look of one parameter set at one holdout."""

    __tablename__ = "walras_look"
    __table_args__ = (
        UniqueConstraint(
            "search_id", "objective", "holdout_digest", "params_digest", name="walras_look_once"
        ),
        UniqueConstraint("space_digest", "objective", "holdout_digest", "ordinal", name="walras_look_count"),
    )

    seq: int | None = Field(default=None, primary_key=True, sa_type=_SERIAL)
    search_id: str = Field(sa_type=Text, foreign_key="walras_search.id")
    space_digest: str = Field(sa_type=Text)
    objective: str = Field(sa_type=Text)
    holdout_digest: str = Field(sa_type=Text)
    params_digest: str = Field(sa_type=Text)
    iteration: int = Field(sa_type=_INT)
    score: str = Field(sa_type=Text)
    ordinal: int = Field(sa_type=_INT)
    at: str = Field(sa_type=Text)


class AuditRow(_Row, table=True):
    """One line of the audit log; only added."""

    __tablename__ = "walras_audit"
    __table_args__ = (UniqueConstraint("nonce", name="walras_audit_nonce"),)

    number: int = Field(primary_key=True, sa_type=_INT, sa_column_kwargs={"autoincrement": False})
    nonce: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)  # canonical JSON, so that any text can be stored
    body: str = Field(sa_type=Text)
    body_sha256: str = Field(sa_type=Text)
    prev: str = Field(sa_type=Text)


class HeadRow(_Row, table=True):
    """How long a store-wide chain is and where it ends."""

    __tablename__ = "walras_head"
    __table_args__ = (CheckConstraint("name <> ''", name="walras_head_name"),)

    name: str = Field(primary_key=True, sa_type=Text)
    count: int = Field(sa_type=_INT)
    prev: str = Field(sa_type=Text)
    head: str = Field(sa_type=Text)


def _table(name: str) -> Table:
    return METADATA.tables[f"walras_{name}"]


SEARCHES: Final = _table("search")
ITERATIONS: Final = _table("iteration")
EXCHANGES: Final = _table("exchange")
ATTEMPTS: Final = _table("attempt")
LINES: Final = _table("line")
LOOKS: Final = _table("look")
AUDIT: Final = _table("audit")
HEADS: Final = _table("head")
