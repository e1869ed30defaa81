"""Pick an endpoint by kind, and find the key that belongs to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from walras.core import UnknownName, UsageError
from walras.endpoint._address import Address, parse_address
from walras.endpoint._base import Endpoint
from walras.endpoint._prices import PriceTable
from walras.endpoint._scripted import ScriptedEndpoint

DEFAULT_BASE_URL: Final = "https://api.openai.com/v1"
_KINDS: Final = ("live", "scripted")


def endpoint_kinds() -> tuple[str, ...]:
    """Return the kinds that `build_endpoint` takes."""
    return _KINDS


def build_endpoint(
    kind: str,
    *,
    base_url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
    prices: PriceTable | None = None,
    allow_plain_http: bool = False,
    deadline_s: float = 60.0,
    environ: Mapping[str, str] | None = None,
) -> Endpoint:
    """Build the endpoint `kind`.

    The key is `api_key`, or WALRAS_API_KEY, which goes to whatever server was configured, or
    OPENAI_API_KEY, which goes to api.openai.com and to the server of OPENAI_BASE_URL alone. A
    server on this machine needs none. Neither client nor network is touched before the first prompt.

    Args:
        kind: "live" or "scripted".
        base_url: Any OpenAI-compatible server; WALRAS_BASE_URL, OPENAI_BASE_URL, then OpenAI's own.
        model: The model to ask; required for "live".
        api_key: A key that the operator gave for this very server.
        prices: What tokens cost; without it money is not counted.
        allow_plain_http: Let http:// leave this machine.
        deadline_s: Limit of one attempt, from connecting to the last byte.
        environ: Stands in for the process environment in tests.

    Raises:
        UnknownName: If there is no such kind.
        UsageError: If the address is not allowed, or model or key is missing; says what to set.
    """
    if kind == "scripted":
        return ScriptedEndpoint()
    if kind != "live":
        raise UnknownName("endpoint", kind, known=_KINDS)
    env = os.environ if environ is None else environ
    url = base_url or env.get("WALRAS_BASE_URL") or env.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL
    address = parse_address(url, allow_plain_http=allow_plain_http)
    key = api_key or find_key(address, env)
    if key is None and not address.is_loopback:
        raise UsageError(
            f"No API key for {address.host}: set WALRAS_API_KEY"
            f"{' or OPENAI_API_KEY' if _is_openai(address) else ''}, or use --endpoint scripted."
        )
    if not model:
        raise UsageError("No model named: give --model NAME.")
    from walras.endpoint._live import LiveEndpoint

    return LiveEndpoint(
        address, model=model, api_key=key, prices=prices or PriceTable(), deadline_s=deadline_s
    )


def find_key(address: Address, environ: Mapping[str, str]) -> str | None:
    """Return the key that may be sent to `address`, or None."""
    if environ.get("WALRAS_API_KEY"):
        return environ["WALRAS_API_KEY"]
    named = environ.get("OPENAI_BASE_URL")
    if _is_openai(address) or (named and parse_address(named, allow_plain_http=True).same_origin(address)):
        return environ.get("OPENAI_API_KEY") or None
    return None


def _is_openai(address: Address) -> bool:
    return (address.scheme, address.host, address.port) == ("https", "api.openai.com", 443)
