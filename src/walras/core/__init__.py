"""Values only: spaces, params, proposals, reports, iterations, verdicts, errors. No I/O, no choices.

Reports and iterations are pydantic models; they load when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from walras.core._canonical import NOTICE, Json, JsonScalar, canonical_json, digest, digest_text
from walras.core._errors import (
    INTERRUPTED,
    TERMINATED,
    AmbiguousName,
    CapReached,
    DomainError,
    Fault,
    GateFailed,
    IntegrityError,
    InvalidFile,
    NotEnoughEvidence,
    RefusedByPolicy,
    Unavailable,
    UnknownName,
    UsageError,
    WalrasError,
)
from walras.core._proposal import (
    Exchange,
    Message,
    NoProposal,
    Prompt,
    Proposal,
    RawParams,
    Reply,
    Verdict,
    printable_params,
)
from walras.core._scenario import Role, Scenario, ScenarioSet
from walras.core._schema import Kind, ParameterSpec, Params, StrategySchema, Value, is_of_kind
from walras.core._search import (
    SCHEMA_VERSION,
    Candidate,
    Caps,
    Headline,
    ProposerSpec,
    SearchRecord,
    SearchSpec,
    SearchState,
    Spent,
)
from walras.core._space import Condition, Dimension, SearchSpace

if TYPE_CHECKING:
    from walras.core._iteration import Failure, Iteration, Score, Status
    from walras.core._report import (
        AggregateReport,
        MarkoutReport,
        Metric,
        RegimeReport,
        ReportEnvelope,
        ScenarioReport,
        Undefined,
    )

__all__ = [
    "INTERRUPTED",
    "NOTICE",
    "SCHEMA_VERSION",
    "TERMINATED",
    "AggregateReport",
    "AmbiguousName",
    "Candidate",
    "CapReached",
    "Caps",
    "Condition",
    "Dimension",
    "DomainError",
    "Exchange",
    "Failure",
    "Fault",
    "GateFailed",
    "Headline",
    "IntegrityError",
    "InvalidFile",
    "Iteration",
    "Json",
    "JsonScalar",
    "Kind",
    "MarkoutReport",
    "Message",
    "Metric",
    "NoProposal",
    "NotEnoughEvidence",
    "ParameterSpec",
    "Params",
    "Prompt",
    "Proposal",
    "ProposerSpec",
    "RawParams",
    "RefusedByPolicy",
    "RegimeReport",
    "Reply",
    "ReportEnvelope",
    "Role",
    "Scenario",
    "ScenarioReport",
    "ScenarioSet",
    "Score",
    "SearchRecord",
    "SearchSpace",
    "SearchSpec",
    "SearchState",
    "Spent",
    "Status",
    "StrategySchema",
    "Unavailable",
    "Undefined",
    "UnknownName",
    "UsageError",
    "Value",
    "Verdict",
    "WalrasError",
    "canonical_json",
    "digest",
    "digest_text",
    "is_of_kind",
    "printable_params",
]

_LAZY = {
    **dict.fromkeys(("Failure", "Iteration", "Score", "Status"), "walras.core._iteration"),
    **dict.fromkeys(
        (
            "AggregateReport",
            "MarkoutReport",
            "Metric",
            "RegimeReport",
            "ReportEnvelope",
            "ScenarioReport",
            "Undefined",
        ),
        "walras.core._report",
    ),
}


def __getattr__(name: str) -> object:
    """Load a report or iteration type on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
