"""What the store gives besides the values of `core`: leases, unfinished iterations, summaries, findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from walras.core import Json, SearchRecord

MAX_LINE_BYTES: Final = 8 * 1024 * 1024
"""The longest line of a trajectory file that is read."""

MAX_TRAJECTORY_BYTES: Final = 256 * 1024 * 1024
"""The largest trajectory file that is read."""


class IterationState(StrEnum):
    """Where an iteration stands; done, refused and failed are final and never change."""

    CLAIMED = "claimed"
    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to write to one search, held by one process at a time.

    Attributes:
        epoch: The fence: a write is refused once another process has taken the search since.
        owner: "host:pid" of the holder, for messages.
    """

    search_id: str
    epoch: int
    owner: str


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """An iteration that was claimed, and perhaps proposed, but not finished before its process ended.

    Attributes:
        body: What `propose` stored, as it was given; None while only claimed.
    """

    number: int
    state: IterationState
    body: Mapping[str, Json] | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call of an endpoint; saved before it is sent (`status=None, reason="SENT"`) and once after.

    Attributes:
        exchange: Number of the exchange it belongs to (stored or to be stored).
        number: Position among the calls for that exchange, from 0.
        sent: SHA-256 of the bytes sent, without headers.
        status: HTTP status; None where there was no answer.
        size: Decoded bytes received.
        elapsed_ms: Wall time of the call.
        reason: "" where it worked, else a reason code, free of secrets.
    """

    exchange: int
    number: int
    sent: str
    status: int | None = None
    size: int = 0
    elapsed_ms: int = 0
    reason: str = "SENT"


@dataclass(frozen=True, kw_only=True)
class SearchSummary:
    """A line of a list of searches: the record and its counts, without reading any iteration.

    `best_score` is the highest search score (on `train`), not the headline.
    """

    record: SearchRecord
    done: int
    refused: int
    failed: int
    best_number: int | None
    best_score: float | None


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """One line of the audit log; the log only grows, and each line carries the digest of the one before."""

    number: int
    at: str
    kind: str
    code: str
    subject: str
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong in the store: where it is and what it is.

    `where` names a search and its row ("search 4k2... iteration 3"), or "store", or "audit 7".
    """

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"
