"""What the SDK sends and what becomes of each answer, on a mocked wire."""

import json
import logging
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import httpcore2
import httpx
import pytest
from tests.endpoint._prompts import KEY, PROMPT, Clock, completion, live

from walras.core import Message, Prompt
from walras.endpoint import LiveEndpoint, Price, PriceTable

URL = "https://llm.example/v1"
CHAT = f"{URL}/chat/completions"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def endpoint(clock: Clock) -> Iterator[LiveEndpoint]:
    made = live(URL, clock)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _name_resolves_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def response(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(completion() if body is None else body).encode()
    return httpx.Response(status, content=content, headers=headers)


def route(mock: Any, *responses: Any) -> Any:
    return mock.post(CHAT).mock(side_effect=list(responses))


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def test_sends_the_whole_prompt_and_few_headers(
    httpx2_mock: Any, endpoint: LiveEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages, model, options and strict schema are on the wire; the environment adds nothing."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-leak: 1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    sent = route(httpx2_mock, response(body=completion('{"a":1}')))
    reply, meta = endpoint.answer(PROMPT, key=(3, 0))
    assert (reply.text, reply.finish, reply.model, reply.error) == ('{"a":1}', "stop", "m", None)
    assert (reply.prompt_tokens, reply.completion_tokens) == (11, 3)
    request = sent.calls.last.request
    body = json.loads(request.content)
    assert body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Tune."}, {"role": "user", "content": "Propose."}],
        "temperature": 0.0,
        "seed": 5,
        "max_tokens": 100,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": dict(PROMPT.schema or {})},
        },
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"
    assert not [name for name in request.headers if name.startswith(("x-", "openai"))]
    assert meta["calls"] == 1
    assert meta["key"] == [3, 0]
    assert meta["endpoint"] == URL
    assert meta["usd"] is None
    assert meta["tokens"] == {"prompt": 11, "completion": 3, "estimated": False}
    assert KEY not in json.dumps(meta)
    assert KEY not in repr(endpoint)


def test_an_explain_prompt_wants_no_format(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """A prompt without a schema sends no response format."""
    sent = route(httpx2_mock, response())
    endpoint.answer(
        Prompt(messages=(Message(role="user", content="x"),), schema=None, template=""), key=(0, 0)
    )
    assert json.loads(sent.calls.last.request.content) == {
        "model": "m",
        "messages": [{"role": "user", "content": "x"}],
    }


# L1, L2: waits


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("1", 1.0),
        ("2.5", 2.5),
        (formatdate(1_800_000_030), 30.0),
        ("0", 0.5),
        ("-5", 0.5),
        ("abc", 0.5),
        ("nan", 0.5),
    ],
)
def test_a_rate_limit_is_waited_out(
    httpx2_mock: Any, endpoint: LiveEndpoint, clock: Clock, header: str, wait: float
) -> None:
    """Retry-After counts in seconds or as a date; nonsense means our own back-off."""
    route(httpx2_mock, response(429, error("slow down"), **{"retry-after": header}), response())
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error is None
    assert meta["calls"] == 2
    assert wait <= clock.waits[0] <= wait * 1.25 + 0.01


def test_a_long_wait_stops_at_once(httpx2_mock: Any, endpoint: LiveEndpoint, clock: Clock) -> None:
    """Asked to wait an hour, the call fails and says so."""
    route(httpx2_mock, response(429, error("come back"), **{"retry-after": "3600"}))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error == "LLM_RATE_LIMIT"
    assert "3600 s" in (reply.error_text or "")
    assert (meta["calls"], clock.waits) == (1, [])


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 529])
def test_a_passing_fault_is_retried(
    httpx2_mock: Any, endpoint: LiveEndpoint, clock: Clock, status: int
) -> None:
    """One fault of the server costs one more call."""
    route(httpx2_mock, response(status, b"oops"), response())
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error is None
    attempts: Any = meta["attempts"]
    assert [(row["number"], row["status"], row["reason"]) for row in attempts] == [
        (1, status, "LLM_UPSTREAM"),
        (2, 200, None),
    ]
    assert len(clock.waits) == 1


def test_a_lasting_fault_ends_after_four_attempts(
    httpx2_mock: Any, endpoint: LiveEndpoint, clock: Clock
) -> None:
    """Four attempts, doubling waits, then the code of the last one."""
    sent = route(httpx2_mock, *[response(503, b"down")] * 9)
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error == "LLM_UPSTREAM"
    assert sent.call_count == meta["calls"] == 4
    assert [round(wait / 0.5) for wait in clock.waits] == [1, 2, 4]
    again = Clock()
    other = live(URL, again)
    route(httpx2_mock, *[response(503, b"down")] * 4)
    other.answer(PROMPT, key=(0, 0))
    assert again.waits == clock.waits
    other.close()


def test_the_waits_of_one_prompt_have_a_limit(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """A wait that would pass 300 s in all is not begun."""
    import walras.endpoint._live as module

    real = module.TOTAL_LIMIT_S
    try:
        module.TOTAL_LIMIT_S = 10.0  # type: ignore[misc]
        route(httpx2_mock, response(429, error("x"), **{"retry-after": "60"}))
        reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    finally:
        module.TOTAL_LIMIT_S = real  # type: ignore[misc]
    assert (reply.error, meta["calls"]) == ("LLM_RATE_LIMIT", 1)


# L3: rejections and the ladder


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_rejection_is_final_and_hides_the_key(
    httpx2_mock: Any, endpoint: LiveEndpoint, status: int
) -> None:
    """A rejected call is not repeated, and an echoed key is redacted."""
    route(httpx2_mock, response(status, error(f"Bad key {KEY}\nfor you")))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error == "LLM_REJECTED"
    said = f"answered {status}: Bad key [redacted] for you."
    if status in (401, 403):
        said = f"answered {status}: the key was not accepted; check WALRAS_API_KEY. It said: Bad key "
    assert (reply.error_text or "").startswith(f"https://llm.example/v1: The server {said}")
    assert meta["calls"] == 1
    assert KEY not in json.dumps(reply.to_json())


def test_a_rejected_parameter_is_dropped_and_remembered(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """What a 400 names is dropped or renamed once, for this and every later prompt."""
    sent = route(
        httpx2_mock,
        response(
            400,
            error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", param="max_tokens"),
        ),
        response(400, error("Unsupported value: 'temperature' does not support 0.", param="temperature")),
        response(422, error("`seed` is not permitted")),
        response(),
        response(),
    )
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error is None
    assert meta["calls"] == 4
    assert meta["capabilities"] == {
        "answer_format": "json_schema",
        "dropped": ["temperature", "seed"],
        "limit_field": "max_completion_tokens",
    }
    _, second = endpoint.answer(PROMPT, key=(1, 0))
    body = json.loads(sent.calls.last.request.content)
    assert second["calls"] == 1
    assert body["max_completion_tokens"] == 100
    assert not {"temperature", "seed", "max_tokens"} & set(body)


def test_the_format_falls_back_step_by_step(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """Strict schema, then JSON mode, then plain text."""
    sent = route(
        httpx2_mock,
        response(400, error("Invalid schema for json_schema: grammar failed")),
        response(400, {"error": "response_format is not supported"}),
        response(),
    )
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error is None
    formats = [json.loads(call.request.content).get("response_format", {}).get("type") for call in sent.calls]
    assert formats == ["json_schema", "json_object", None]
    assert meta["capabilities"]["answer_format"] == "text"  # type: ignore[index,call-overload]


def test_a_parameter_is_dropped_only_once(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """A server that keeps naming what was not sent is a rejection."""
    sent = route(httpx2_mock, *[response(400, error("bad seed", param="seed"))] * 4)
    reply, _ = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error == "LLM_REJECTED"
    assert sent.call_count == 2


def test_both_names_of_the_token_limit_can_go(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """A server that takes neither name gets none."""
    sent = route(
        httpx2_mock,
        response(400, error("no", param="max_tokens")),
        response(400, error("no", param="max_completion_tokens")),
        response(),
    )
    assert endpoint.answer(PROMPT, key=(0, 0))[0].error is None
    assert not {"max_tokens", "max_completion_tokens"} & set(json.loads(sent.calls.last.request.content))


def test_a_rejection_without_words_is_final(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """A 400 that names nothing, or something that was not sent, is not repeated."""
    for body in ({"error": {"code": 7}}, {"error": {"param": 3, "message": "top_p is wrong"}}, [], b"<html>"):
        route(httpx2_mock, response(400, body))
        reply, meta = endpoint.answer(PROMPT, key=(0, 0))
        assert (reply.error, meta["calls"]) == ("LLM_REJECTED", 1)


# Network faults (L4).


@pytest.mark.parametrize("fault", [httpcore2.ConnectError, httpcore2.ReadError, httpcore2.WriteError])
def test_a_network_fault_is_retried(httpx2_mock: Any, endpoint: LiveEndpoint, fault: type[Exception]) -> None:
    """A broken connection costs one more call."""
    route(httpx2_mock, fault("no route"), response())
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error is None
    assert meta["calls"] == 2


def test_a_timeout_is_final(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """The deadline is the deadline: it is not spent four times."""
    route(httpx2_mock, httpcore2.ReadTimeout("slow"))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert (reply.error, meta["calls"]) == ("LLM_TIMEOUT", 1)


# L7, L8: malformed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"\xef\xbb\xbf{}",
        b'{"choices": "\xff"}',
        b'{"a": "\x00"}',
        b"[" * 60_000,
        b"[]",
        b'"text"',
        b"3",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [3]}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": {"content": [{"type": "text"}]}}]}',
        b'{"choices": [{"message": {"content": "\\ud800"}}]}',
        b'{"choices": [{"message": {"content": "x"',
    ],
)
def test_a_malformed_answer_is_kept_as_evidence(
    httpx2_mock: Any, endpoint: LiveEndpoint, body: bytes
) -> None:
    """Whatever is no chat completion is LLM_MALFORMED, without a traceback, with its text stored."""
    route(httpx2_mock, response(200, body))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error == "LLM_MALFORMED"
    assert meta["calls"] == 1
    assert reply.text == body[:20_000].decode("utf-8", "backslashreplace")
    json.dumps(reply.to_json()).encode("utf-8")


def test_an_empty_204_is_malformed(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """A success without a body is no answer."""
    route(httpx2_mock, response(204, b""))
    assert endpoint.answer(PROMPT, key=(0, 0))[0].error == "LLM_MALFORMED"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [(429, "LLM_RATE_LIMIT"), (402, "LLM_REJECTED"), ("x", "LLM_UPSTREAM"), (None, "LLM_UPSTREAM")],
)
def test_an_error_with_status_200_is_an_error(
    httpx2_mock: Any, endpoint: LiveEndpoint, code: object, wanted: str
) -> None:
    """Some routers put an upstream's error into a 200."""
    route(httpx2_mock, *[response(200, error("provider is down", code=code))] * 4)
    reply, _ = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.error == wanted
    assert "provider is down" in (reply.error_text or "")


# L9, L15, L17, L18: fields


def test_refusal_tool_call_and_reasoning_are_told(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """The fields that a proposer judges arrive, each cleaned of the key."""
    message = {
        "refusal": f"no {KEY}",
        "reasoning_content": "hm",
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    route(httpx2_mock, response(200, completion(None, message=message, finish="tool_calls", model="other")))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert reply.refusal == "no [redacted]"
    assert reply.reasoning == "hm"
    assert reply.tool_calls
    assert reply.finish == "tool_calls"
    assert reply.model == "other"
    assert meta["model_mismatch"] is True


@pytest.mark.parametrize(
    "usage",
    [
        None,
        3,
        {},
        {"prompt_tokens": -5, "completion_tokens": 10**18},
        {"prompt_tokens": True, "completion_tokens": "7"},
    ],
)
def test_a_useless_usage_is_counted_by_us(httpx2_mock: Any, clock: Clock, usage: object) -> None:
    """Missing, negative and huge counts become null, and our own estimate is billed."""
    prices = PriceTable({"m": Price(2.0, 8.0)})
    endpoint = live(URL, clock, prices=prices)
    route(httpx2_mock, response(200, completion("word" * 10, usage=usage)))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert (reply.prompt_tokens, reply.completion_tokens) == (None, None)
    tokens: Any = meta["tokens"]
    assert tokens["estimated"] is True
    assert tokens["completion"] == 10
    assert meta["usd"] == pytest.approx((tokens["prompt"] * 2 + 80) / 1e6)
    endpoint.close()


@pytest.mark.parametrize(
    "form", [KEY, "sk-canary-0123456789abcdef%2F%2B%3D", "c2stY2FuYXJ5LTAxMjM0NTY3ODlhYmNkZWYvKz0"]
)
def test_an_echoed_key_never_comes_back(httpx2_mock: Any, endpoint: LiveEndpoint, form: str) -> None:
    """Plain, URL-encoded and base64, the key is redacted before anything is stored."""
    message = {"reasoning": f"r {form}", "refusal": f"f {form}"}
    route(
        httpx2_mock,
        response(200, completion(f"t {form}", message=message, finish=f"s {form}", model=f"m {form}")),
        response(200, f"<html>{form}</html>".encode()),
    )
    for place in range(2):
        reply, meta = endpoint.answer(PROMPT, key=(place, 0))
        assert form not in json.dumps([reply.to_json(), meta])


def test_the_libraries_do_not_log_prompts(
    httpx2_mock: Any, endpoint: LiveEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """With debug logging on, neither key nor prompt is logged."""
    with caplog.at_level(logging.DEBUG):
        route(httpx2_mock, response())
        endpoint.answer(PROMPT, key=(0, 0))
    assert KEY not in caplog.text
    assert "Propose." not in caplog.text


# L14


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place",
    ["https://llm.example/v2", "https://other.example/", "file:///etc/passwd", "http://169.254.169.254/"],
)
def test_no_redirect_is_followed(httpx2_mock: Any, endpoint: LiveEndpoint, status: int, place: str) -> None:
    """A redirect is an answer of its own, and nobody else is asked."""
    sent = route(httpx2_mock, response(status, b"", location=place))
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    assert (reply.error, meta["calls"], sent.call_count) == ("LLM_REDIRECT", 1, 1)
    assert len(httpx2_mock.calls) == 1


def test_a_closed_endpoint_can_be_asked_again(httpx2_mock: Any, endpoint: LiveEndpoint) -> None:
    """Closing frees the client; the next prompt makes a new one."""
    route(httpx2_mock, response(), response())
    endpoint.answer(PROMPT, key=(0, 0))
    endpoint.close()
    endpoint.close()
    assert endpoint.answer(PROMPT, key=(1, 0))[0].error is None
