"""The contract of an endpoint, and how tokens and money are counted."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from walras.core import Json, Prompt, Reply

Answer: TypeAlias = tuple[Reply, dict[str, Json]]

_CHARACTERS_PER_TOKEN: Final = 4
_TOKENS_PER_MESSAGE: Final = 4


class ExchangeKey(NamedTuple):
    """Where a prompt stands: the first iteration of its batch, and its turn in that conversation."""

    iteration: int
    turn: int


class Endpoint(abc.ABC):
    """Answers prompts. A call that fails for good is a `Reply` with `error`, never an exception.

    Attributes:
        kind: "live", "scripted" or "recorded".
        model: The model it was built for; what the header of a search records.
    """

    kind: str
    model: str

    @abc.abstractmethod
    def answer(self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None) -> Answer:
        """Return the final answer to `prompt` and what is known about getting it.

        The second part holds `latency_ms`, `attempts` (one object each), `calls` (how many were
        sent), `endpoint` (scheme, host, port and path only), `request` (digest of what was sent),
        `tokens` (`prompt`, `completion`, `estimated`: the count that caps use) and `usd` (None
        where no price is known). It never enters a digest, and holds no key and no header.

        Args:
            prompt: The whole prompt.
            key: `ExchangeKey`, or the same two numbers.
            most_calls: How many calls may still be sent, where a cap counts them; at least 1.
        """

    def close(self) -> None:  # noqa: B027  # most endpoints hold nothing
        """Free what the endpoint holds; it answers no more."""


def estimate_tokens(prompt: Prompt) -> int:
    """Return about how many tokens `prompt` takes: 4 characters each, 4 more a message, and the schema.

    Used where a server reports no usage and before sending, when caps are checked. English prose is
    over-counted by some 5 %, tables of digits under-counted by up to 40 %.
    """
    text = sum(len(message.content) for message in prompt.messages)
    schema = len(str(prompt.schema)) if prompt.schema is not None else 0
    return math.ceil((text + schema) / _CHARACTERS_PER_TOKEN) + _TOKENS_PER_MESSAGE * len(prompt.messages)


def estimate_text_tokens(text: str) -> int:
    """Return about how many tokens `text` takes, at 4 characters each."""
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


def price_usd(meta: Mapping[str, Json]) -> float | None:
    """Return what an exchange cost, in US dollars, from its meta; None where no price was known."""
    usd = meta.get("usd")
    return float(usd) if isinstance(usd, int | float) and not isinstance(usd, bool) else None
