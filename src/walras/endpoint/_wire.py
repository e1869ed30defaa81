"""What a prompt looks like on the wire, and what an answer's bytes mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from walras.core import Json, Prompt, Reply
from walras.endpoint._failure import (
    MALFORMED,
    RATE_LIMIT,
    REJECTED,
    UPSTREAM,
    CallFailed,
    Redactor,
    one_line,
)

_FORMATS: Final = ("json_schema", "json_object", "text")
_MOST_TOKENS: Final = 10_000_000
_EVIDENCE: Final = 20_000
_NAMED: Final = ("temperature", "seed", "max_tokens", "max_completion_tokens", "response_format")
_FORMAT_WORDS: Final = ("response_format", "json_schema", "json_object", "structured output", "grammar")


@dataclass(frozen=True)
class Capabilities:
    """What one server and model have been found to accept; starts at everything.

    Attributes:
        answer_format: "json_schema" (strict), "json_object", or "text".
        dropped: Parameters that the server rejected.
        limit_field: The name under which the server takes the token limit.
    """

    answer_format: str = "json_schema"
    dropped: tuple[str, ...] = ()
    limit_field: str = "max_tokens"

    def after_rejection(self, named: str) -> Capabilities | None:
        """Return what to try after the server rejected `named`; None if nothing is left to try."""
        if named == "response_format":
            step = _FORMATS.index(self.answer_format) + 1
            return replace(self, answer_format=_FORMATS[step]) if step < len(_FORMATS) else None
        if named == "max_tokens" and self.limit_field == "max_tokens":
            return replace(self, limit_field="max_completion_tokens")
        if named in ("max_tokens", "max_completion_tokens"):
            named = "max_tokens"
        return replace(self, dropped=(*self.dropped, named))

    def to_json(self) -> dict[str, Json]:
        """Return the capabilities as JSON."""
        return {
            "answer_format": self.answer_format,
            "dropped": list(self.dropped),
            "limit_field": self.limit_field,
        }


def request_body(prompt: Prompt, *, model: str, able: Capabilities) -> dict[str, Any]:
    """Return the arguments of `chat.completions.create` for `prompt`."""
    body: dict[str, Any] = {
        "model": prompt.options.get("model") or model,
        "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
    }
    for name in ("temperature", "seed", "max_tokens"):
        value = prompt.options.get(name)
        if value is not None and name not in able.dropped:
            body[able.limit_field if name == "max_tokens" else name] = value
    if prompt.schema is not None and able.answer_format == "json_schema":
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": dict(prompt.schema)},
        }
    elif prompt.schema is not None and able.answer_format == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


def rejected_parameter(error: Mapping[str, Any], sent: Mapping[str, Any]) -> str | None:
    """Return the parameter that a 400's error object names, if we sent it."""
    param = error.get("param")
    if isinstance(param, str) and param.split(".")[0] in _NAMED and param.split(".")[0] in sent:
        return param.split(".")[0]
    message = error.get("message")
    if not isinstance(message, str):
        return None
    lowered = message.lower()
    for name in _NAMED:
        if name in sent and re.search(rf"(?<![a-z_]){name}(?![a-z_])", lowered):
            return name
    if "response_format" in sent and any(word in lowered for word in _FORMAT_WORDS):
        return "response_format"
    return None


def error_object(body: bytes) -> dict[str, Any]:
    """Return the error object of an error answer; {} where it has another shape."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    inner = parsed.get("error", parsed) if isinstance(parsed, dict) else {}
    if isinstance(inner, str):
        return {"message": inner}
    return inner if isinstance(inner, dict) else {}


def status_failure(status: int, body: bytes, retry_after_s: float | None) -> CallFailed:
    """Return the failure that an error status means; the server's words are cut to one line."""
    said = one_line(str(error_object(body).get("message", "")))
    text = f"The server answered {status}" + (f": {said}" if said else "") + "."
    if status in (401, 403):
        text = f"The server answered {status}: the key was not accepted; check WALRAS_API_KEY."
        text += f" It said: {said}" if said else ""
    evidence = body[:_EVIDENCE].decode("utf-8", "backslashreplace")
    if status == 429:
        code, may_retry = RATE_LIMIT, True
    elif status >= 500 or status in (408, 409):
        code, may_retry = UPSTREAM, True
    else:
        code, may_retry = REJECTED, False
    return CallFailed(
        code,
        text,
        may_retry=may_retry,
        retry_after_s=retry_after_s,
        status=status,
        size=len(body),
        body=evidence,
    )


def parse_reply(body: bytes, redact: Redactor) -> Reply:
    """Return the answer in the bytes of a 200.

    Raises:
        CallFailed: If they are no chat completion (LLM_MALFORMED), or an error object in disguise.
    """
    evidence = body[:_EVIDENCE].decode("utf-8", "backslashreplace")

    def malformed(why: str) -> CallFailed:
        return CallFailed(MALFORMED, f"The answer {why}.", status=200, size=len(body), body=evidence)

    try:
        parsed = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise malformed("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise malformed("is not JSON") from None
    if not isinstance(parsed, dict):
        raise malformed("is not a JSON object")
    if isinstance(parsed.get("error"), dict | str):
        raise _disguised(parsed["error"], body)
    choices = parsed.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise malformed("has no choices")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise malformed("has no message")
    texts = {name: message.get(name) for name in ("content", "refusal", "reasoning", "reasoning_content")}
    if any(text is not None and not isinstance(text, str) for text in texts.values()):
        raise malformed("holds something else than text")
    if any(_has_surrogate(text) for text in texts.values() if text):
        raise malformed("holds half a character")
    finish, model = choices[0].get("finish_reason"), parsed.get("model")
    usage = parsed.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Reply(
        text=redact.clean(texts["content"] or ""),
        reasoning=redact.clean_or_none(texts["reasoning"] or texts["reasoning_content"] or None),
        refusal=redact.clean_or_none(texts["refusal"] or None),
        finish=one_line(redact.clean(finish), limit=40) if isinstance(finish, str) else None,
        model=one_line(redact.clean(model)) if isinstance(model, str) else None,
        tool_calls=bool(message.get("tool_calls") or message.get("function_call")),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
    )


def _disguised(error: Mapping[str, Any] | str, body: bytes) -> CallFailed:
    """Return the failure that a 200 with an error object means."""
    code = error.get("code") if isinstance(error, Mapping) else None
    status = code if type(code) is int and 400 <= code < 600 else 502
    return status_failure(status, body, None)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _count(value: object) -> int | None:
    """Return a plausible token count, or None: our own count is used instead."""
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None
