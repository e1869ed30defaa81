"""Ask a server which models it has: what `doctor --endpoint` prints."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Final

import httpx

from walras.core import Json
from walras.endpoint._address import parse_address
from walras.endpoint._failure import Redactor, one_line

_LIMIT: Final = 1_000_000
_SHOWN: Final = 50


@dataclass(frozen=True, kw_only=True)
class ServerReport:
    """What a server said about its models.

    Attributes:
        url: Scheme, host, port and path of the server.
        models: The names it lists, sorted; at most 50 are kept.
        missing: The wanted model, where the server does not list it; else None.
        problem: What went wrong, in one sentence; None where the server answered.
    """

    url: str
    models: tuple[str, ...] = ()
    missing: str | None = None
    problem: str | None = None
    latency_ms: int = 0

    @property
    def ok(self) -> bool:
        """Say whether the server answered and has the wanted model."""
        return self.problem is None and self.missing is None

    @property
    def sentence(self) -> str:
        """Return the report in one sentence."""
        if self.problem is not None:
            return f"{self.url}: {self.problem}"
        if self.missing is not None:
            listed = ", ".join(self.models[:8]) or "none"
            return f"{self.url}: the server has no model {self.missing!r}; it lists: {listed}."
        return f"{self.url}: answers, {len(self.models)} models listed."

    def to_json(self) -> dict[str, Json]:
        """Return every field as JSON."""
        return {
            "url": self.url,
            "ok": self.ok,
            "models": list(self.models),
            "missing": self.missing,
            "problem": self.problem,
            "latency_ms": self.latency_ms,
        }


def check_server(
    base_url: str,
    model: str | None = None,
    key: str | None = None,
    *,
    allow_plain_http: bool = False,
    timeout_s: float = 10.0,
) -> ServerReport:
    """Query `base_url`/models once; no retry, no redirect, no proxy, at most 1 MB and `timeout_s`.

    Raises:
        UsageError: If the address itself is not allowed.
    """
    address = parse_address(base_url, allow_plain_http=allow_plain_http)
    redact = Redactor(key)
    started = time.monotonic()
    headers = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {key}"} if key else {})
    status, body, problem = 0, b"", None
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout_s) as client,
            client.stream("GET", f"{address.url}/models", headers=headers) as answer,
        ):
            status, (body, problem) = answer.status_code, _read(answer, started + timeout_s)
    except httpx.TimeoutException:
        problem = f"no answer within {timeout_s:g} s."
    except httpx.HTTPError as error:
        problem = f"cannot be reached ({type(error).__name__})."
    took = round((time.monotonic() - started) * 1000)
    if problem is None and status != 200:
        problem = _status_problem(status)
    names = () if problem else _names(body)
    if names is None:
        return ServerReport(url=address.url, problem="its list of models is not valid.", latency_ms=took)
    clean = tuple(one_line(redact.clean(name)) for name in names)
    missing = model if problem is None and model is not None and model not in names else None
    return ServerReport(
        url=address.url, models=clean[:_SHOWN], missing=missing, problem=problem, latency_ms=took
    )


def _read(answer: httpx.Response, end: float) -> tuple[bytes, str | None]:
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > _LIMIT:
            return b"", f"its list of models is larger than {_LIMIT} bytes."
        if time.monotonic() > end:
            return b"", "its list of models did not arrive in time."
    return bytes(body), None


def _status_problem(status: int) -> str:
    if status in (401, 403):
        return f"answered {status}: the key is missing or not accepted; set WALRAS_API_KEY."
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed."
    return f"answered {status} to /models."


def _names(body: bytes) -> tuple[str, ...] | None:
    try:
        rows = json.loads(body)["data"]
        return tuple(sorted({row["id"] for row in rows if isinstance(row["id"], str)}))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
