"""The first tables, and the triggers that keep stored rows as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_ONLY_ADDED = ("walras_exchange", "walras_line", "walras_look", "walras_audit")
_NEVER_DELETED = ("walras_search", "walras_iteration", "walras_attempt", "walras_head")
_FINAL = "OLD.state IN ('done', 'refused', 'failed')"


def upgrade() -> None:
    """Make every table, its checks and its triggers."""
    _search()
    _iteration()
    _exchange()
    _attempt()
    _line()
    _look()
    _audit()
    _triggers(op.get_bind().dialect.name)


def _serial() -> sa.Column[int]:
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null, primary_key=key)


def _int(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null, primary_key=key, autoincrement=False)


def _search_id(*, key: bool = True) -> sa.Column[str]:
    return sa.Column(
        "search_id", sa.Text(), sa.ForeignKey("walras_search.id"), nullable=False, primary_key=key
    )


def _search() -> None:
    op.create_table(
        "walras_search",
        _serial(),
        *(_text(name) for name in ("id", "spec", "spec_digest", "space_digest", "train_digest")),
        *(_text(name) for name in ("created_at", "details", "state")),
        *(_int(name) for name in ("archived", "budget", "epoch")),
        *(_text(name) for name in ("owner", "spent")),
        *(_text(name, null=True) for name in ("headline", "headline_sha256")),
        *(_int(name) for name in ("holdout_looks", "done", "refused", "failed")),
        _int("best_number", null=True),
        _text("best_score", null=True),
        *(_int(name) for name in ("exchanges", "sealed_exchanges", "sealed_iterations")),
        *(_text(name) for name in ("prev", "head")),
        sa.CheckConstraint("length(id) = 12", name="walras_search_id"),
        sa.CheckConstraint("budget > 0", name="walras_search_budget"),
        sa.CheckConstraint("state in ('open', 'finished')", name="walras_search_state"),
        sa.UniqueConstraint("id", name="walras_search_unique_id"),
    )
    op.create_index("walras_search_trials", "walras_search", ["space_digest", "train_digest"])


def _iteration() -> None:
    op.create_table(
        "walras_iteration",
        _search_id(),
        _int("number", key=True),
        _text("state"),
        *(_text(name, null=True) for name in ("proposal", "body", "body_sha256", "meta")),
        sa.CheckConstraint("number >= 0", name="walras_iteration_number"),
        sa.CheckConstraint(
            "state in ('claimed', 'proposed', 'done', 'refused', 'failed')", name="walras_iteration_state"
        ),
        sa.CheckConstraint(
            "(state in ('claimed', 'proposed')) = (body is null)", name="walras_iteration_finished"
        ),
    )


def _exchange() -> None:
    op.create_table(
        "walras_exchange",
        _search_id(),
        _text("purpose", key=True),
        _int("number", key=True),
        _int("iteration"),
        *(_text(name) for name in ("body", "body_sha256", "meta")),
        sa.CheckConstraint("number >= 0", name="walras_exchange_number"),
        sa.CheckConstraint("purpose <> ''", name="walras_exchange_purpose"),
    )


def _attempt() -> None:
    op.create_table(
        "walras_attempt", _search_id(), _int("exchange", key=True), _int("number", key=True), _text("body")
    )


def _line() -> None:
    op.create_table(
        "walras_line",
        _search_id(),
        _int("position", key=True),
        _text("kind"),
        _int("number"),
        *(_text(name) for name in ("body_sha256", "prev")),
    )


def _look() -> None:
    op.create_table(
        "walras_look",
        _serial(),
        _search_id(key=False),
        *(_text(name) for name in ("space_digest", "objective", "holdout_digest", "params_digest")),
        _int("iteration"),
        _text("score"),
        _int("ordinal"),
        _text("at"),
        sa.UniqueConstraint(
            "search_id", "objective", "holdout_digest", "params_digest", name="walras_look_once"
        ),
        sa.UniqueConstraint(
            "space_digest", "objective", "holdout_digest", "ordinal", name="walras_look_count"
        ),
    )


def _audit() -> None:
    op.create_table(
        "walras_audit",
        _int("number", key=True),
        *(_text(name) for name in ("nonce", "kind", "subject", "body", "body_sha256", "prev")),
        sa.UniqueConstraint("nonce", name="walras_audit_nonce"),
    )
    head = op.create_table(
        "walras_head",
        _text("name", key=True),
        _int("count"),
        *(_text(name) for name in ("prev", "head")),
        sa.CheckConstraint("name <> ''", name="walras_head_name"),
    )
    op.bulk_insert(head, [{"name": "audit", "count": 0, "prev": "0" * 64, "head": _EMPTY}])


def _triggers(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION walras_keep() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'stored for good'; END $$"
        )
    for table in _ONLY_ADDED:
        _trigger(dialect, table, "UPDATE")
        _trigger(dialect, table, "DELETE")
    for table in _NEVER_DELETED:
        _trigger(dialect, table, "DELETE")
    _trigger(dialect, "walras_iteration", "UPDATE", when=f"WHEN ({_FINAL})")


def _trigger(dialect: str, table: str, event: str, *, when: str = "") -> None:
    action = (
        "EXECUTE FUNCTION walras_keep()"
        if dialect == "postgresql"
        else "BEGIN SELECT RAISE(ABORT, 'stored for good'); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW {when} {action}"
    )
