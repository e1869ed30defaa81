"""One iteration: a proposal and its fate. Its body is what enters the chain and never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from walras.core._canonical import Json
from walras.core._fields import (
    COUNT,
    OPTIONAL_NUMBER,
    OPTIONAL_TEXT,
    TEXT,
    require_fields,
    require_items,
)
from walras.core._proposal import Proposal, Verdict
from walras.core._report import ReportEnvelope


class Status(StrEnum):
    """How an iteration ended. Refused: the guard said no. Failed: nothing was measured."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Score:
    """An objective's value and its standard error over scenarios; higher is better.

    A part that has no value is None, and its `_reason` says why.
    """

    value: float | None
    value_reason: str | None = None
    standard_error: float | None = None
    standard_error_reason: str | None = None
    per_scenario: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why nothing was measured: a reason code and one sentence, free of secrets and of addresses."""

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Iteration:
    """One finished iteration.

    Attributes:
        number: Position in the search, from 0.
        proposal: What was proposed; None where the proposer had nothing usable.
        verdict: The guard's ruling; None where there was nothing to rule on.
        score: The objective of the report; `Score(value=None, ...)` unless status is done.
        exchanges: Numbers of the exchanges whose conversation made the proposal.
        engine: Fingerprint of market, strategy and backtest that measured it; "" if nothing was.
        meta: Times, worker, attempts: never part of the body.
    """

    number: int
    status: Status
    proposal: Proposal | None
    verdict: Verdict | None
    score: Score
    report: ReportEnvelope | None = None
    failure: Failure | None = None
    exchanges: tuple[int, ...] = ()
    engine: str = ""
    meta: Mapping[str, Json] = field(default_factory=dict)

    def to_body(self) -> dict[str, Json]:
        """Return what enters the chain, the digest and replay's comparison."""
        return {
            "number": self.number,
            "status": str(self.status),
            "proposal": None if self.proposal is None else self.proposal.to_json(),
            "verdict": None if self.verdict is None else self.verdict.to_json(),
            "score": self.score.value,
            "score_reason": self.score.value_reason,
            "score_se": self.score.standard_error,
            "score_se_reason": self.score.standard_error_reason,
            "scenario_scores": list(self.score.per_scenario),
            "report": None if self.report is None else self.report.model_dump(mode="json"),
            "failure": None
            if self.failure is None
            else {"code": self.failure.code, "text": self.failure.text},
            "exchanges": list(self.exchanges),
            "engine": self.engine,
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Json], meta: Mapping[str, Json] | None = None) -> "Iteration":
        """Rebuild an iteration from its body.

        Raises:
            KeyError, TypeError, ValueError: If `body` has another shape.
        """
        numbers = dict.fromkeys(("score", "score_se"), OPTIONAL_NUMBER)
        reasons = dict.fromkeys(("score_reason", "score_se_reason"), OPTIONAL_TEXT)
        row = require_fields(body, {"number": COUNT, "engine": TEXT, **numbers, **reasons})
        failure = row["failure"]
        return cls(
            number=row["number"],
            status=Status(row["status"]),
            proposal=None if row["proposal"] is None else Proposal.from_json(row["proposal"]),
            verdict=None if row["verdict"] is None else Verdict.from_json(row["verdict"]),
            score=Score(
                value=row["score"],
                value_reason=row["score_reason"],
                standard_error=row["score_se"],
                standard_error_reason=row["score_se_reason"],
                per_scenario=require_items(row["scenario_scores"], (float, int), "scenario_scores"),
            ),
            report=None if row["report"] is None else ReportEnvelope.model_validate(row["report"]),
            failure=None
            if failure is None
            else Failure(**require_fields(failure, {"code": TEXT, "text": TEXT})),
            exchanges=require_items(row["exchanges"], COUNT, "exchanges"),
            engine=row["engine"],
            meta=meta or {},
        )
