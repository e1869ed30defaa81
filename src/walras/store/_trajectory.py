"""A trajectory: the whole record of a search as lines, and the digest that says two are the same."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Final, Literal, TypeAlias

from walras.core import (
    NOTICE,
    Exchange,
    Headline,
    Iteration,
    Json,
    SearchSpec,
    canonical_json,
    digest,
    digest_text,
)
from walras.store._rebuild import spec_from_body

LineKind: TypeAlias = Literal["header", "exchange", "iteration", "result"]

FIRST_PREV: Final = "0" * 64
"""`prev` of the first line."""

EMPTY_HEAD: Final = hashlib.sha256(b"").hexdigest()
"""The head of a chain without lines."""


def next_head(head: str, body_sha256: str) -> str:
    """Return the head of a chain after one more body: SHA-256 of the old head and the body's digest."""
    return digest_text(head + body_sha256)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a trajectory: only `body` enters the chain."""

    kind: LineKind
    body: Mapping[str, Json]
    meta: Mapping[str, Json] = field(default_factory=dict)

    @cached_property
    def body_sha256(self) -> str:
        """Return the digest of the body's canonical JSON."""
        return digest(dict(self.body))

    def to_text(self, prev: str) -> str:
        """Return the line as it stands in a file, without its newline."""
        meta = {**self.meta, "body_sha256": self.body_sha256}
        meta["sha256"] = digest(meta)
        return canonical_json({"kind": self.kind, "body": dict(self.body), "meta": meta, "prev": prev})


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """Everything a search did, in order; what replay runs again and a file holds.

    Attributes:
        header: Body of the first line: notice, schema version, the whole specification, its digests.
        exchanges: Prompts and answers that made proposals, in order of number, each with its meta.
        iterations: Finished iterations, without a gap from 0, each with its meta.
        headline: What the search found; None while it is open.
        header_meta: Search id, created_at, name, note, tags, caps, budget: never compared.
        result_meta: What the search cost, holdout looks: never compared.
    """

    header: Mapping[str, Json]
    exchanges: tuple[Exchange, ...] = ()
    iterations: tuple[Iteration, ...] = ()
    headline: Headline | None = None
    header_meta: Mapping[str, Json] = field(default_factory=dict)
    result_meta: Mapping[str, Json] = field(default_factory=dict)

    @property
    def notice(self) -> str:
        """Return the words every trajectory carries."""
        return NOTICE

    @property
    def is_finished(self) -> bool:
        """Say whether the search had come to its headline."""
        return self.headline is not None

    @cached_property
    def spec(self) -> SearchSpec:
        """Return the specification as values; nothing has judged its space yet."""
        return spec_from_body(self.header, labels=self.header_meta.get("labels"))

    @cached_property
    def digest(self) -> str:
        """Return the body digest: equal for the same trajectory, whoever ran it and when."""
        return body_digest(self)

    def lines(self) -> Iterator[Line]:
        """Return header, exchanges before the iteration that used them, iterations, result."""
        yield from self.ledger
        yield Line(kind="result", body=result_body(self), meta=self.result_meta)

    @cached_property
    def ledger(self) -> tuple[Line, ...]:
        """Return every line but the result: what never changes once it is written."""
        return tuple(self._ledger_lines())

    @cached_property
    def ledger_head(self) -> str:
        """Return the head of the chain without the result; the store keeps the same."""
        return head_of(line.body_sha256 for line in self.ledger)

    def _ledger_lines(self) -> Iterator[Line]:
        yield Line(kind="header", body=self.header, meta=self.header_meta)
        pending = list(reversed(self.exchanges))
        for iteration in self.iterations:
            while pending and pending[-1].iteration <= iteration.number:
                yield exchange_line(pending.pop())
            yield Line(kind="iteration", body=iteration.to_body(), meta=iteration.meta)
        for exchange in reversed(pending):
            yield exchange_line(exchange)


def body_digest(trajectory: Trajectory) -> str:
    """Return the digest of all bodies in order; *the same trajectory* means the same body digest."""
    return head_of(line.body_sha256 for line in trajectory.lines())


def head_of(digests: Iterable[str]) -> str:
    """Return the head of a chain of body digests."""
    head = EMPTY_HEAD
    for body_sha256 in digests:
        head = next_head(head, body_sha256)
    return head


def header_body(spec: SearchSpec) -> dict[str, Json]:
    """Return the body of the header line."""
    return {"notice": NOTICE, **spec.to_body(), "spec_digest": spec.digest}


def exchange_line(exchange: Exchange) -> Line:
    """Return an exchange as a line."""
    return Line(kind="exchange", body=exchange.to_body(), meta=exchange.meta)


def result_body(trajectory: Trajectory) -> dict[str, Json]:
    """Return the body of the last line: the headline, the counts, and the head of all lines before."""
    statuses = [str(iteration.status) for iteration in trajectory.iterations]
    return {
        "state": "finished" if trajectory.is_finished else "open",
        "headline": headline_body(trajectory.headline),
        "iterations": len(statuses),
        "exchanges": len(trajectory.exchanges),
        "counts": {status: statuses.count(status) for status in ("done", "refused", "failed")},
        "head": trajectory.ledger_head,
        "notice": NOTICE,
    }


def headline_body(headline: Headline | None) -> dict[str, Json] | None:
    """Return a headline as JSON."""
    if headline is None:
        return None
    body: dict[str, Json] = {part.name: getattr(headline, part.name) for part in fields(headline)}
    return {**body, "candidates": [dict(vars(candidate)) for candidate in headline.candidates]}


def headline_from_body(body: Json) -> Headline | None:
    """Rebuild a headline.

    Raises:
        KeyError, TypeError, ValueError: If `body` has another shape.
    """
    return None if body is None else Headline.from_json(body)
