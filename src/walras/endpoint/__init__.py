"""What answers prompts: a live server, a recorded trajectory, or fixed rules.

The OpenAI client loads when a live endpoint sends its first prompt.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from walras.endpoint._base import (
    Answer,
    Endpoint,
    ExchangeKey,
    estimate_tokens,
    price_usd,
)
from walras.endpoint._build import build_endpoint, endpoint_kinds
from walras.endpoint._prices import Price, PriceTable, load_prices
from walras.endpoint._recorded import RecordedEndpoint
from walras.endpoint._scripted import SCRIPTED_MODEL, ScriptedEndpoint

if TYPE_CHECKING:
    from walras.endpoint._check import ServerReport, check_server
    from walras.endpoint._live import LiveEndpoint

__all__ = [
    "SCRIPTED_MODEL",
    "Answer",
    "Endpoint",
    "ExchangeKey",
    "LiveEndpoint",
    "Price",
    "PriceTable",
    "RecordedEndpoint",
    "ScriptedEndpoint",
    "ServerReport",
    "build_endpoint",
    "check_server",
    "endpoint_kinds",
    "estimate_tokens",
    "load_prices",
    "price_usd",
]

_LAZY = {
    "LiveEndpoint": "walras.endpoint._live",
    "ServerReport": "walras.endpoint._check",
    "check_server": "walras.endpoint._check",
}


def __getattr__(name: str) -> object:
    """Load what needs an HTTP client on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
