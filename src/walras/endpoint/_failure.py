"""How a call can fail, in the reason codes that are stored."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import quote

RATE_LIMIT: Final = "LLM_RATE_LIMIT"
UPSTREAM: Final = "LLM_UPSTREAM"
REJECTED: Final = "LLM_REJECTED"
NETWORK: Final = "LLM_NETWORK"
TIMEOUT: Final = "LLM_TIMEOUT"
TOO_LARGE: Final = "LLM_TOO_LARGE"
MALFORMED: Final = "LLM_MALFORMED"
REDIRECT: Final = "LLM_REDIRECT"

NO_ANSWER: Final = frozenset({RATE_LIMIT, UPSTREAM, REJECTED, NETWORK, TIMEOUT, REDIRECT})
"""Failures that are never stored as an answer: only their text may name the server."""

_SHORTEST_SECRET: Final = 6


class CallFailed(Exception):
    """One attempt failed.

    Attributes:
        code: Reason code.
        text: One sentence.
        may_retry: Whether another attempt may help.
        retry_after_s: What the server asked to wait; None where it said nothing usable.
        status: HTTP status, where there was one.
        size: Bytes received.
        body: What was received, as text, kept as evidence.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        may_retry: bool = False,
        retry_after_s: float | None = None,
        status: int | None = None,
        size: int = 0,
        body: str = "",
    ) -> None:
        self.code = code
        self.text = text
        self.may_retry = may_retry
        self.retry_after_s = retry_after_s
        self.status = status
        self.size = size
        self.body = body
        super().__init__(f"{code}: {text}")


class Redactor:
    """Replaces a secret, plain or encoded, by `[redacted]`; holds it out of every repr."""

    def __init__(self, secret: str | None) -> None:
        forms: list[str] = []
        if secret and len(secret) >= _SHORTEST_SECRET:
            forms = [secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")]
        unique = sorted(dict.fromkeys(forms), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, unique))) if unique else None

    def clean(self, text: str) -> str:
        """Return `text` without the secret."""
        return self._pattern.sub("[redacted]", text) if self._pattern else text

    def clean_or_none(self, text: str | None) -> str | None:
        """Return `text` without the secret; None stays None."""
        return None if text is None else self.clean(text)


def one_line(text: str, *, limit: int = 200) -> str:
    """Return the printable part of outside text, on one line, cut to `limit` characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."
