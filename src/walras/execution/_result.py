"""What comes back from a worker: a report, or the reason there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from walras.core import Failure, Json, ReportEnvelope


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """A job's fate; exactly one of `report` and `failure` is set.

    Only `report` and `failure` are the same wherever the job ran; the rest is for `meta`.

    Attributes:
        worker: Who ran it, e.g. "local-2"; process ids stay out of the record.
        seconds: Wall time of the backtest itself, without waiting and compiling.
        worker_peak_rss_kb: Peak resident memory of the process that ran it, so far; 0 if it is gone.
    """

    report: ReportEnvelope | None = None
    failure: Failure | None = None
    worker: str = ""
    seconds: float = 0.0
    worker_peak_rss_kb: int = 0

    def to_json(self) -> dict[str, Json]:
        """Return the result as JSON; the report as its own text, which pydantic writes and reads fastest."""
        return {
            "report": None if self.report is None else self.report.model_dump_json(),
            "failure": None
            if self.failure is None
            else {"code": self.failure.code, "text": self.failure.text},
            "worker": self.worker,
            "seconds": self.seconds,
            "worker_peak_rss_kb": self.worker_peak_rss_kb,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "JobResult":
        """Rebuild a result from `to_json`."""
        report, failure = body["report"], body["failure"]
        return cls(
            report=None if report is None else ReportEnvelope.model_validate_json(report),
            failure=None if failure is None else Failure(**failure),
            worker=body["worker"],
            seconds=body["seconds"],
            worker_peak_rss_kb=body["worker_peak_rss_kb"],
        )
