"""The audit log: one chain for the whole store that only grows."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select, update

from walras.core import Json, canonical_json, digest_text
from walras.store._rows import rebuilt
from walras.store._tables import AUDIT, HEADS
from walras.store._trajectory import EMPTY_HEAD, FIRST_PREV, next_head
from walras.store._values import AuditRecord

_CHAIN: Final = "audit"


def append(connection: Connection, *, nonce: str, body: Mapping[str, Json]) -> AuditRecord:
    """Add a line; the same `nonce` again returns the line it made."""
    head = connection.execute(select(HEADS).where(HEADS.c.name == _CHAIN).with_for_update()).mappings().one()
    known = connection.execute(select(AUDIT).where(AUDIT.c.nonce == nonce)).mappings().first()
    if known is not None:
        return _record(known)
    text = canonical_json(dict(body))
    sha256 = digest_text(text)
    number = head["count"] + 1
    connection.execute(
        insert(AUDIT).values(
            number=number,
            nonce=nonce,
            kind=canonical_json(body["kind"]),
            subject=canonical_json(body["subject"]),
            body=text,
            body_sha256=sha256,
            prev=head["prev"],
        )
    )
    connection.execute(
        update(HEADS)
        .where(HEADS.c.name == _CHAIN)
        .values(count=number, prev=sha256, head=next_head(head["head"], sha256))
    )
    return AuditRecord(number=number, **_fields(text))


def records(
    connection: Connection, *, kind: str | None, subject: str | None, limit: int | None
) -> tuple[AuditRecord, ...]:
    """Return lines, newest first."""
    query = select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit)
    if kind is not None:
        query = query.where(AUDIT.c.kind == canonical_json(kind))
    if subject is not None:
        query = query.where(AUDIT.c.subject == canonical_json(subject))
    return tuple(_record(row) for row in connection.execute(query).mappings())


def audit_faults(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return where the log was changed, as (where, problem)."""
    found: list[tuple[str, str]] = []
    head, prev, number = EMPTY_HEAD, FIRST_PREV, 0
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.number)).mappings():
        number += 1
        where = f"audit {row['number']}"
        if row["number"] != number or row["prev"] != prev:
            found.append((where, "it does not follow the line before"))
        if digest_text(row["body"]) != row["body_sha256"]:
            found.append((where, "its text was changed"))
        elif _keys(row["body"]) != (row["kind"], row["subject"]):
            found.append((where, "its kind or subject was changed"))
        prev, number = row["body_sha256"], row["number"]
        head = next_head(head, prev)
    end = connection.execute(select(HEADS).where(HEADS.c.name == _CHAIN)).mappings().first()
    if end is None or (end["count"], end["prev"], end["head"]) != (number, prev, head):
        found.append(("audit", "the log does not end in its head"))
    return tuple(found)


def _record(row: RowMapping) -> AuditRecord:
    return rebuilt(
        f"Audit line {row['number']}", lambda: AuditRecord(number=row["number"], **_fields(row["body"]))
    )


def _fields(text: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(text)
    return body


def _keys(text: str) -> tuple[str, str]:
    body = _fields(text)
    return canonical_json(body["kind"]), canonical_json(body["subject"])
