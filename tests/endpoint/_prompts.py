"""Prompts and answers that the endpoint tests share."""

import json
from typing import Any

from walras.core import Message, Prompt
from walras.endpoint import LiveEndpoint, PriceTable
from walras.endpoint._address import parse_address

KEY = "sk-canary-0123456789abcdef/+="

PROMPT = Prompt(
    messages=(Message(role="system", content="Tune."), Message(role="user", content="Propose.")),
    schema={"type": "object", "additionalProperties": False, "required": [], "properties": {}},
    template="t" * 64,
    options={"model": "m", "temperature": 0.0, "seed": 5, "max_tokens": 100},
)


def completion(text: str | None = "{}", **changes: Any) -> dict[str, Any]:
    """Return a chat completion as a server would say it."""
    message = {"role": "assistant", "content": text} | changes.pop("message", {})
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": changes.pop("finish", "stop")}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
    }
    return body | changes


def completion_bytes(text: str | None = "{}", **changes: Any) -> bytes:
    """Return a chat completion as bytes."""
    return json.dumps(completion(text, **changes)).encode()


class Clock:
    """Counts the waits instead of waiting."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def live(
    url: str,
    clock: Clock,
    *,
    key: str | None = KEY,
    deadline_s: float = 5.0,
    prices: PriceTable | None = None,
) -> LiveEndpoint:
    """Return a live endpoint that never really waits."""
    return LiveEndpoint(
        parse_address(url),
        model="m",
        api_key=key,
        prices=prices or PriceTable(),
        deadline_s=deadline_s,
        sleep=clock.sleep,
        wall=lambda: 1_800_000_000.0,
    )
