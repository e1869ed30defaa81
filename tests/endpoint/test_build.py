"""Endpoints are picked by kind; keys go where they belong; prices are the user's."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.endpoint._prompts import PROMPT

from walras.core import Message, Prompt, UnknownName, UsageError
from walras.endpoint import (
    SCRIPTED_MODEL,
    LiveEndpoint,
    Price,
    PriceTable,
    ScriptedEndpoint,
    build_endpoint,
    endpoint_kinds,
    estimate_tokens,
    load_prices,
    price_usd,
)


def key_of(url: str, **environ: str) -> str | None:
    endpoint = build_endpoint("live", base_url=url, model="m", environ=environ)
    assert isinstance(endpoint, LiveEndpoint)
    return endpoint._key


def test_builds_what_is_asked_for() -> None:
    """Scripted needs nothing; live knows its model."""
    assert endpoint_kinds() == ("live", "scripted")
    assert isinstance(build_endpoint("scripted"), ScriptedEndpoint)
    assert build_endpoint("scripted").model == SCRIPTED_MODEL
    build_endpoint("scripted").close()
    assert build_endpoint("live", model="m", api_key="k", environ={}).model == "m"
    with pytest.raises(UnknownName, match="endpoint 'magic'"):
        build_endpoint("magic")


def test_without_a_key_one_line_says_what_to_set() -> None:
    """No key for a remote server: which variable to set."""
    with pytest.raises(UsageError) as caught:
        build_endpoint("live", model="m", environ={})
    assert str(caught.value) == (
        "No API key for api.openai.com: set WALRAS_API_KEY or OPENAI_API_KEY, or use --endpoint scripted."
    )
    with pytest.raises(UsageError, match=r"for llm\.example: set WALRAS_API_KEY, or use"):
        key_of("https://llm.example/v1")


def test_without_a_model_it_says_so() -> None:
    """A live endpoint asks one model."""
    with pytest.raises(UsageError, match="--model NAME"):
        build_endpoint("live", api_key="k", environ={})


def test_a_local_server_needs_no_key() -> None:
    """Loopback works without any key."""
    assert key_of("http://127.0.0.1:8080/v1") is None


def test_an_openai_key_goes_to_openai_alone() -> None:
    """OPENAI_API_KEY is bound to its origin; WALRAS_API_KEY goes where the operator points."""
    assert key_of("https://api.openai.com/v1", OPENAI_API_KEY="o") == "o"
    assert key_of("http://127.0.0.1:1/v1", OPENAI_API_KEY="o") is None
    with pytest.raises(UsageError):
        key_of("https://llm.example/v1", OPENAI_API_KEY="o")
    assert (
        key_of("https://llm.example/v1", OPENAI_API_KEY="o", OPENAI_BASE_URL="https://llm.example/x") == "o"
    )
    assert key_of("https://llm.example/v1", OPENAI_API_KEY="o", WALRAS_API_KEY="w") == "w"


def test_the_base_url_comes_from_the_environment() -> None:
    """WALRAS_BASE_URL, then OPENAI_BASE_URL, then OpenAI."""
    environ = {"WALRAS_BASE_URL": "http://127.0.0.1:7/v1", "OPENAI_BASE_URL": "http://127.0.0.1:8/v1"}
    assert "127.0.0.1:7" in repr(build_endpoint("live", model="m", environ=environ))
    del environ["WALRAS_BASE_URL"]
    assert "127.0.0.1:8" in repr(build_endpoint("live", model="m", environ=environ))


def test_prices_come_from_a_file_or_two_flags(tmp_path: Path) -> None:
    """The table is the user's; flags hold for every model and win."""
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"m": {"in": 1, "out": 2.5}}))
    table = load_prices(path)
    assert table.usd("m", prompt_tokens=1_000_000, completion_tokens=2_000_000) == 6.0
    assert table.usd("other", prompt_tokens=1, completion_tokens=1) is None
    assert table.to_json() == {"m": {"in": 1.0, "out": 2.5}}
    table.require("m")
    with pytest.raises(UsageError, match="--max-usd needs a price for model 'other'"):
        table.require("other")
    flags = load_prices(path, price_in=3, price_out=4)
    assert flags == PriceTable({"*": Price(3, 4)})
    flags.require("anything")
    assert load_prices() == PriceTable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "not a JSON object"),
        ('{"m": 3}', "exactly 'in' and 'out'"),
        ('{"m": {"in": 1}}', "exactly 'in' and 'out'"),
        ('{"m": {"in": -1, "out": 1}}', "at least 0"),
        ('{"m": {"in": true, "out": 1}}', "at least 0"),
        ('{"m": {"in": 1e999, "out": 1}}', "at least 0"),
    ],
)
def test_a_bad_price_table_is_named(tmp_path: Path, text: str, said: str) -> None:
    """A table of another shape is a usage error."""
    path = tmp_path / "prices.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        load_prices(path)


def test_a_missing_table_and_half_a_pair_are_named(tmp_path: Path) -> None:
    """No file, or one flag of two, is a usage error."""
    with pytest.raises(UsageError, match="cannot be read"):
        load_prices(tmp_path / "none.json")
    with pytest.raises(UsageError, match="belong together"):
        load_prices(price_in=1.0)


def test_tokens_are_estimated() -> None:
    """Four characters a token, four tokens a message, the schema included."""
    bare = Prompt(messages=(Message(role="user", content="x" * 400),), schema=None, template="")
    assert estimate_tokens(bare) == 104
    assert estimate_tokens(PROMPT) > 10


@pytest.mark.parametrize(("usd", "wanted"), [(0.5, 0.5), (0, 0.0), (None, None), (True, None)])
def test_the_price_of_an_exchange(usd: Any, wanted: float | None) -> None:
    """A price that is not known is None, not zero."""
    assert price_usd({"usd": usd}) == wanted
    assert price_usd({}) is None


def test_unknown_names_are_attribute_errors() -> None:
    """The front door holds what it lists, and nothing else."""
    import walras.endpoint

    for name in walras.endpoint.__all__:
        assert getattr(walras.endpoint, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        walras.endpoint.nothing  # noqa: B018
