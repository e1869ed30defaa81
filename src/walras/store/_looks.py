"""Looks at a holdout: each counted once, however often it is recorded again after a crash."""

from sqlalchemy import Connection, and_, func, insert, select

from walras.core import Json, canonical_json
from walras.store._tables import HEADS, LOOKS


def look(
    connection: Connection,
    search_id: str,
    *,
    space_digest: str,
    objective: str,
    holdout_digest: str,
    params_digest: str,
    iteration: int,
    score: Json,
    at: str,
) -> int:
    """Record a look and return its ordinal among all looks at this holdout for this space and objective."""
    once = and_(
        LOOKS.c.search_id == search_id,
        LOOKS.c.objective == objective,
        LOOKS.c.holdout_digest == holdout_digest,
        LOOKS.c.params_digest == params_digest,
    )
    connection.execute(select(HEADS.c.name).with_for_update())  # one look at a time on a server
    known = connection.execute(select(LOOKS.c.ordinal).where(once)).scalar()
    if known is not None:
        return int(known)
    same = and_(
        LOOKS.c.space_digest == space_digest,
        LOOKS.c.objective == objective,
        LOOKS.c.holdout_digest == holdout_digest,
    )
    ordinal = 1 + int(connection.execute(select(func.count()).select_from(LOOKS).where(same)).scalar() or 0)
    connection.execute(
        insert(LOOKS).values(
            search_id=search_id,
            space_digest=space_digest,
            objective=objective,
            holdout_digest=holdout_digest,
            params_digest=params_digest,
            iteration=iteration,
            score=canonical_json(score),
            ordinal=ordinal,
            at=at,
        )
    )
    return ordinal


def look_faults(connection: Connection) -> tuple[str, ...]:
    """Return where the ordinals of a holdout have a gap: a look was deleted."""
    keys = (LOOKS.c.space_digest, LOOKS.c.objective, LOOKS.c.holdout_digest)
    query = select(*keys, func.count().label("looks"), func.max(LOOKS.c.ordinal).label("last")).group_by(
        *keys
    )
    return tuple(
        f"holdout {row.holdout_digest[:12]}: {row.looks} looks are stored, the last is number {row.last}"
        for row in connection.execute(query)
        if row.looks != row.last
    )
