"""What a proposer says, what it was told, and what a guard rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from walras.core._canonical import Json, canonical_json, digest
from walras.core._fields import (
    COUNT,
    FLAG,
    LIST,
    OBJECT,
    OPTIONAL_COUNT,
    OPTIONAL_NUMBER,
    OPTIONAL_OBJECT,
    OPTIONAL_TEXT,
    TEXT,
    require_fields,
    require_items,
)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One point to try and why. `params` is raw until the guard has admitted it.

    Attributes:
        source: Which part chose it: "default", "random", "tpe", "llm", ...
        observation: Why the last result beat or missed its prediction, naming report metrics.
        hypothesis: What the proposer expects to happen, and by which mechanism.
        predicted_score: The score it expects, in the objective's unit.
        details: Computed facts behind the reasoning (sampler phase, size of the good set, ...).
    """

    params: Mapping[str, object]
    reasoning: str
    source: str
    observation: str | None = None
    hypothesis: str | None = None
    predicted_score: float | None = None
    details: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """Return every field as JSON; params without a JSON form as their escaped repr."""
        return {**vars(self), "params": printable_params(self.params), "details": dict(self.details)}

    @classmethod
    def from_json(cls, body: Json) -> "Proposal":
        """Rebuild a proposal from `to_json`.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        optional = {"observation": OPTIONAL_TEXT, "hypothesis": OPTIONAL_TEXT}
        known = {"params": OBJECT, "reasoning": TEXT, "source": TEXT, "details": OBJECT, **optional}
        return cls(**require_fields(body, {**known, "predicted_score": OPTIONAL_NUMBER}))


@dataclass(frozen=True, kw_only=True)
class NoProposal:
    """A proposer's turn that ended without a usable point: a failed iteration, never a random fallback.

    Attributes:
        code: An upper-case reason code, e.g. "PROPOSAL_INVALID", "LLM_REFUSED".
        reason: One sentence for people; free of secrets.
        params: What was proposed, where something was (kept as evidence, never evaluated).
    """

    code: str
    reason: str
    source: str
    observation: str | None = None
    hypothesis: str | None = None
    params: Mapping[str, object] | None = None
    reasoning: str = ""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Everything a model is asked, whole; equal prompts have equal digests.

    Attributes:
        schema: JSON Schema of the wanted answer, or None for free text.
        template: Digest of the prompt template it was made from.
        purpose: "propose" or "explain".
        options: Model, temperature, seed, max_tokens ... as sent.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Json] | None
    template: str
    purpose: str = "propose"
    options: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """Return every field as JSON."""
        return {
            "messages": [{"role": m.role, "content": m.content} for m in self.messages],
            "schema": self.schema,
            "template": self.template,
            "purpose": self.purpose,
            "options": dict(self.options),
        }

    @classmethod
    def from_json(cls, body: Json) -> "Prompt":
        """Rebuild a prompt from `to_json`.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        known = {"messages": LIST, "template": TEXT, "purpose": TEXT, "options": OBJECT}
        row = require_fields(body, {**known, "schema": OPTIONAL_OBJECT})
        said = [require_fields(message, {"role": TEXT, "content": TEXT}) for message in row["messages"]]
        return cls(**{**row, "messages": tuple(Message(**message) for message in said)})

    @property
    def digest(self) -> str:
        """Return the digest of the whole prompt."""
        return digest(self.to_json())


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A model's whole answer, or the reason there is none.

    Attributes:
        text: The answer's content; "" where there was none.
        reasoning: A thinking model's reasoning field, where the server sent one.
        refusal: The refusal field, where the server sent one.
        finish: The finish reason as the server said it.
        model: The model as the server named it.
        tool_calls: Whether the model tried to call a tool (none is ever offered).
        prompt_tokens, completion_tokens: As reported; None where the server said nothing.
        error: A reason code where the call failed for good ("LLM_TIMEOUT", ...), else None.
        error_text: One sentence about the failure; free of secrets.
    """

    text: str = ""
    reasoning: str | None = None
    refusal: str | None = None
    finish: str | None = None
    model: str | None = None
    tool_calls: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    error: str | None = None
    error_text: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return every field as JSON."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, body: Json) -> "Reply":
        """Rebuild a reply from `to_json`.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        optional = ("reasoning", "refusal", "finish", "model", "error", "error_text")
        counts = dict.fromkeys(("prompt_tokens", "completion_tokens"), OPTIONAL_COUNT)
        known = {"text": TEXT, "tool_calls": FLAG, **dict.fromkeys(optional, OPTIONAL_TEXT), **counts}
        return cls(**require_fields(body, known))


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One prompt and its final answer, numbered within its search.

    `iteration` is the first iteration of the batch the conversation was for, `turn` the position in
    that conversation. `meta` (latency, price, attempts, endpoint) never enters a digest.
    """

    number: int
    iteration: int
    turn: int
    prompt: Prompt
    reply: Reply
    meta: Mapping[str, Json] = field(default_factory=dict)

    def to_body(self) -> dict[str, Json]:
        """Return what enters the chain."""
        return {
            "number": self.number,
            "iteration": self.iteration,
            "turn": self.turn,
            "prompt": self.prompt.to_json(),
            "reply": self.reply.to_json(),
        }

    @classmethod
    def from_body(cls, body: Json, meta: Mapping[str, Json]) -> "Exchange":
        """Rebuild an exchange from its body and meta.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        row = require_fields(body, {"number": COUNT, "iteration": COUNT, "turn": COUNT})
        parts = {"prompt": Prompt.from_json(row["prompt"]), "reply": Reply.from_json(row["reply"])}
        return cls(**{**row, **parts}, meta=meta)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A ruling on one proposal, stored whether or not it allows the run.

    Attributes:
        code: "ADMITTED", "OPT_REFUSED_HARD_GATE", "OPT_REFUSED_NOT_TUNABLE" or "OPT_PROPOSAL_INVALID".
        gate: The pattern that matched, or "".
        names: The offending names, escaped and cut to 200 characters.
    """

    allowed: bool
    code: str
    reason: str
    gate: str = ""
    names: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Return every field as JSON."""
        return {
            "allowed": self.allowed,
            "code": self.code,
            "reason": self.reason,
            "gate": self.gate,
            "names": list(self.names),
        }

    @classmethod
    def from_json(cls, body: Json) -> "Verdict":
        """Rebuild a verdict from `to_json`.

        Raises:
            KeyError, TypeError: If `body` has another shape.
        """
        texts = dict.fromkeys(("code", "reason", "gate"), TEXT)
        row: dict[str, Any] = require_fields(body, {"allowed": FLAG, **texts})
        return cls(**{**row, "names": require_items(row["names"], TEXT, "names")})


RawParams: TypeAlias = Mapping[str, object]


def printable_params(params: RawParams) -> dict[str, Json]:
    """Return raw params as JSON for the record: values without a JSON form become their escaped repr."""
    if not isinstance(params, Mapping):  # a third party's proposer may hand over anything
        return {f"<{type(params).__name__}>": _shown(params)}
    kept: dict[str, Json] = {}
    for key, value in dict.items(params) if isinstance(params, dict) else params.items():
        name = key if type(key) is str else f"<{type(key).__name__}> {_shown(key)}"
        try:
            canonical_json(value)  # type: ignore[arg-type]
            kept[name] = value  # type: ignore[assignment]
        except (TypeError, ValueError):
            kept[name] = f"<{type(value).__name__}> {_shown(value)}"
    return dict(sorted(kept.items()))


def _shown(value: object) -> str:
    """Return an escaped repr; an object that refuses to have one is shown by that."""
    try:
        return ascii(value)[:200]
    except Exception as error:  # noqa: BLE001  # a stranger's repr may raise anything
        return f"<no repr: {type(error).__name__}>"
