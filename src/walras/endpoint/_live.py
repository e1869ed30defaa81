"""Ask a real OpenAI-compatible server: attempts, waits, fallbacks, and what they cost."""

from __future__ import annotations

import email.utils
import hashlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import tenacity

from walras.core import Json, Prompt, Reply, digest
from walras.endpoint._address import Address
from walras.endpoint._base import Answer, Endpoint, estimate_text_tokens, estimate_tokens
from walras.endpoint._failure import NO_ANSWER, CallFailed, Redactor, one_line
from walras.endpoint._prices import PriceTable
from walras.endpoint._wire import (
    Capabilities,
    error_object,
    parse_reply,
    rejected_parameter,
    request_body,
    status_failure,
)

if TYPE_CHECKING:
    from openai import OpenAI

    from walras.endpoint._transport import GuardedTransport

MAX_ATTEMPTS: Final = 4
TOTAL_LIMIT_S: Final = 300.0
LONGEST_WAIT_S: Final = 120.0
_FIRST_WAIT_S: Final = 0.5


class _TryAgain(Exception):
    """This attempt failed and the next one may not; carries how long to wait."""

    def __init__(self, failure: CallFailed, wait_s: float) -> None:
        self.failure = failure
        self.wait_s = wait_s
        super().__init__(failure.text)


class LiveEndpoint(Endpoint):
    """One model on one server, through the OpenAI SDK without its own retries.

    At most 4 attempts and 300 s a prompt, 60 s an attempt; a rejected parameter is dropped once and
    remembered for the life of the object; the answer's schema falls back from strict JSON Schema to
    JSON mode to plain text in the same way.
    """

    kind = "live"

    def __init__(
        self,
        address: Address,
        *,
        model: str,
        api_key: str | None,
        prices: PriceTable,
        deadline_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self._address = address
        self._key = api_key
        self._redact = Redactor(api_key)
        self._prices = prices
        self._deadline_s = deadline_s
        self._sleep = sleep
        self._wall = wall
        self._able = Capabilities()
        self._client: tuple[OpenAI, GuardedTransport] | None = None

    def __repr__(self) -> str:
        return f"LiveEndpoint({self._address.url!r}, model={self.model!r})"

    def answer(self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None) -> Answer:
        """Return the answer, or a `Reply` whose `error` says why there is none."""
        started = time.monotonic()
        attempts: list[dict[str, Json]] = []
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TryAgain),
            wait=lambda state: _wait_of(state),
            stop=lambda state: (
                state.attempt_number >= min(MAX_ATTEMPTS, most_calls or MAX_ATTEMPTS)
                or time.monotonic() - started + state.upcoming_sleep >= TOTAL_LIMIT_S
            ),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            reply = retrying(self._attempt, prompt, attempts, started)
        except _TryAgain as spent:
            reply = self._failed(spent.failure)
        except CallFailed as failure:
            reply = self._failed(failure)
        return reply, self._meta(prompt, reply, attempts, started, key)

    def close(self) -> None:
        """Close the SDK's client."""
        if self._client is not None:
            self._client[0].close()
            self._client = None

    def _attempt(self, prompt: Prompt, attempts: list[dict[str, Json]], started: float) -> Reply:
        """Send once; record the attempt; decide what its failure means."""
        body = request_body(prompt, model=self.model, able=self._able)
        row: dict[str, Json] = {"number": len(attempts) + 1, "request": digest(body)}
        attempts.append(row)
        begun = time.monotonic()
        try:
            left = TOTAL_LIMIT_S - (begun - started)
            raw = self._send(body, deadline_s=min(self._deadline_s, max(left, 0.001)))
            row |= {"status": 200, "bytes": len(raw), "reason": None}
            return parse_reply(raw, self._redact)
        except CallFailed as failure:
            row |= {"status": failure.status, "bytes": failure.size, "reason": failure.code}
            named = (
                rejected_parameter(error_object(failure.body.encode()), body)
                if failure.status in (400, 422)
                else None
            )
            able = self._able.after_rejection(named) if named else None
            if able is not None:
                self._able = able
                row["dropped"] = named
                raise _TryAgain(failure, 0.0) from None
            if not failure.may_retry:
                raise
            raise _TryAgain(failure, self._wait(failure, row)) from None
        finally:
            row["ms"] = round((time.monotonic() - begun) * 1000)

    def _wait(self, failure: CallFailed, row: dict[str, Json]) -> float:
        """Return how long to wait: what the server asked, or a doubling back-off with a fixed jitter."""
        asked = failure.retry_after_s
        if asked is not None and asked > LONGEST_WAIT_S:
            failure.text += f" It asked to wait {asked:.0f} s, longer than the {LONGEST_WAIT_S:.0f} s limit."
            raise failure
        if asked is not None and asked > 0:
            return asked
        number = row["number"]
        assert isinstance(number, int)  # noqa: S101  # set by _attempt
        seed = hashlib.sha256(f"{row['request']}:{number}".encode()).digest()[0] / 255
        return _FIRST_WAIT_S * 2.0 ** (number - 1) * (1 + 0.25 * seed)

    def _send(self, body: dict[str, Any], *, deadline_s: float) -> bytes:
        """Return the bytes of a 200.

        Raises:
            CallFailed: For everything else.
        """
        import openai

        client, transport = self._connected()
        transport.deadline_s = deadline_s
        try:
            raw = client.chat.completions.with_raw_response.create(**body)
        except openai.APIStatusError as error:
            content = error.response.content
            after = _retry_after(error.response.headers.get("retry-after"), self._wall())
            raise status_failure(error.status_code, content, after) from None
        return raw.http_response.content

    def _connected(self) -> tuple[OpenAI, GuardedTransport]:
        if self._client is None:
            import httpx2
            import openai

            from walras.endpoint._transport import GuardedTransport

            for name in ("openai", "httpx2", "httpcore2"):
                logging.getLogger(name).setLevel(logging.WARNING)  # their debug logs hold whole prompts
            transport = GuardedTransport(self._address, api_key=self._key)
            http = httpx2.Client(transport=transport, trust_env=False, follow_redirects=False)
            client = openai.OpenAI(
                api_key="held-by-the-transport",
                base_url=self._address.url,
                max_retries=0,
                timeout=TOTAL_LIMIT_S,
                http_client=http,
            )
            self._client = (client, transport)
        return self._client

    def _failed(self, failure: CallFailed) -> Reply:
        where = f"{self._address.url}: " if failure.code in NO_ANSWER else ""
        return Reply(
            text=self._redact.clean(failure.body),
            error=failure.code,
            error_text=one_line(self._redact.clean(where + failure.text), limit=400),
        )

    def _meta(
        self,
        prompt: Prompt,
        reply: Reply,
        attempts: list[dict[str, Json]],
        started: float,
        key: tuple[int, int],
    ) -> dict[str, Json]:
        asked = str(prompt.options.get("model") or self.model)
        counted = (reply.prompt_tokens, reply.completion_tokens)
        sent = counted[0] if counted[0] is not None else estimate_tokens(prompt)
        got = counted[1] if counted[1] is not None else estimate_text_tokens(reply.text)
        if reply.error is not None:
            got = 0
        return {
            "kind": self.kind,
            "key": list(key),
            "endpoint": self._address.url,
            "model": asked,
            "model_mismatch": reply.model is not None and reply.model != asked,
            "request": attempts[-1]["request"],
            "attempts": [dict(row) for row in attempts],
            "calls": len(attempts),
            "latency_ms": round((time.monotonic() - started) * 1000),
            "tokens": {"prompt": sent, "completion": got, "estimated": None in counted},
            "usd": self._prices.usd(asked, prompt_tokens=sent, completion_tokens=got),
            "capabilities": self._able.to_json(),
        }


def _wait_of(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.wait_s if isinstance(error, _TryAgain) else 0.0


def _retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for; None where it makes no sense."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if seconds == seconds and abs(seconds) != float("inf") else None
