"""`doctor --endpoint` asks a server for its models."""

import json
from typing import Any

import httpx
import pytest
import respx
from tests.endpoint._prompts import KEY

from walras.core import UsageError
from walras.endpoint import check_server

URL = "https://llm.example/v1"
MODELS = {"object": "list", "data": [{"id": "b"}, {"id": "a"}, {"id": "b"}]}


def test_names_the_models(respx_mock: respx.MockRouter) -> None:
    """A server that has the model is fine."""
    route = respx_mock.get(f"{URL}/models").respond(json=MODELS)
    report = check_server(URL, "a", KEY)
    assert report.ok
    assert report.models == ("a", "b")
    assert "2 models listed" in report.sentence
    assert report.to_json()["ok"] is True
    assert route.calls.last.request.headers["authorization"] == f"Bearer {KEY}"


def test_names_a_missing_model(respx_mock: respx.MockRouter) -> None:
    """A model that the server lacks is named, with what it has."""
    respx_mock.get(f"{URL}/models").respond(json=MODELS)
    report = check_server(URL, "c")
    assert not report.ok
    assert report.missing == "c"
    assert "no model 'c'; it lists: a, b." in report.sentence
    empty = check_server_with(respx_mock, {"data": []}, "c")
    assert "it lists: none." in empty.sentence


def check_server_with(mock: respx.MockRouter, body: Any, model: str | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    mock.get(f"{URL}/models").respond(content=content)
    return check_server(URL, model)


@pytest.mark.parametrize("status", [401, 403, 404, 500, 302])
def test_a_status_is_explained(respx_mock: respx.MockRouter, status: int) -> None:
    """Each error status says what to look at; a redirect is not followed."""
    route = respx_mock.get(f"{URL}/models").respond(status, headers={"location": "https://other.example"})
    report = check_server(URL, "a", KEY)
    assert not report.ok
    assert str(status) in report.sentence
    assert route.call_count == 1


@pytest.mark.parametrize("fault", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_an_unreachable_server_is_reported(respx_mock: respx.MockRouter, fault: type[Exception]) -> None:
    """No traceback, one sentence."""
    respx_mock.get(f"{URL}/models").mock(side_effect=fault("down"))
    report = check_server(URL, "a", KEY)
    assert report.problem is not None
    assert report.missing is None


@pytest.mark.parametrize(
    "body", [b"<html>", {"models": []}, [], {"data": [3]}, {"data": [{}]}, b"[" * 50_000]
)
def test_a_strange_list_is_reported(respx_mock: respx.MockRouter, body: Any) -> None:
    """A list of another shape is a problem, not a crash."""
    assert check_server_with(respx_mock, body).problem == "its list of models is not valid."


def test_a_huge_list_is_cut(respx_mock: respx.MockRouter) -> None:
    """Reading stops at 1 MB."""
    assert "larger than" in check_server_with(respx_mock, b" " * 1_100_000).problem


def test_a_slow_list_is_cut(respx_mock: respx.MockRouter) -> None:
    """Reading stops at the deadline."""
    respx_mock.get(f"{URL}/models").respond(json=MODELS)
    assert "in time" in (check_server(URL, timeout_s=-1.0).problem or "")


def test_an_echoed_key_is_redacted(respx_mock: respx.MockRouter) -> None:
    """A server that lists the key does not get it printed."""
    respx_mock.get(f"{URL}/models").respond(json={"data": [{"id": f"m {KEY}"}]})
    assert KEY not in json.dumps(check_server(URL, None, KEY).to_json())


def test_a_forbidden_address_is_a_usage_error() -> None:
    """The same rules hold as for asking a model."""
    with pytest.raises(UsageError):
        check_server("http://169.254.169.254/")
