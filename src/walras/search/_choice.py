"""Which endpoint a search asks: what is kept of it, what a resume changes, and what it costs."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from walras.core import Caps, Json, SearchRecord, SearchSpec
from walras.endpoint import PriceTable, load_prices
from walras.search._bench import EndpointChoice

_SCRIPTED = "scripted"


def choice_to_meta(choice: EndpointChoice) -> dict[str, Json]:
    """Return what a record keeps of a choice: of an address scheme, host, port and path only.

    An endpoint was built of `choice` already, so its address is one that may be kept; a scripted one has
    none.
    """
    if choice.kind == _SCRIPTED:
        return {"kind": choice.kind}
    return {**vars(choice), "prices": None if choice.prices is None else str(choice.prices)}


def choice_of(record: SearchRecord) -> EndpointChoice:
    """Return the endpoint of a search; an imported file does not say where prompts and keys are sent."""
    kept: Any = record.meta.get("endpoint")
    if not isinstance(kept, Mapping):
        return EndpointChoice()
    if "imported" in record.meta:
        kept = {name: kept[name] for name in ("kind", "model") if isinstance(kept.get(name), str)}
    prices = kept.get("prices")
    return EndpointChoice(**{**kept, "prices": None if prices is None else Path(prices)})


def merged(kept: EndpointChoice, given: EndpointChoice | None) -> EndpointChoice:
    """Return `kept` with whatever `given` says."""
    if given is None:
        return kept
    return replace(kept, **{name: value for name, value in vars(given).items() if value is not None})


def prices_for(spec: SearchSpec, choice: EndpointChoice, caps: Caps) -> PriceTable | None:
    """Return the prices that a cap on money is counted with; None where money is not capped or not spent.

    Raises:
        UsageError: If money is capped and the model has no price.
    """
    if caps.max_usd is None or choice.kind == _SCRIPTED:
        return None
    prices = load_prices(choice.prices, price_in=choice.price_in, price_out=choice.price_out)
    prices.require(str(spec.proposer.options.get("model") or choice.model))
    return prices
