"""Turns what was typed into what a search is asked for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from walras.cli._options import assignments
from walras.core import Caps, Json, SearchSpace, UsageError
from walras.search import ComparisonRequest, EndpointChoice, SearchRequest


def request_of(space: SearchSpace, asked: Mapping[str, Any]) -> SearchRequest:
    """Return the request that the options of `walras search` make.

    Raises:
        UsageError: If an option of the proposer is no assignment.
    """
    return SearchRequest(
        space=space,
        proposer=asked["proposer"],
        options=proposer_options(asked["options"]),
        budget=asked["budget"],
        seed=asked["seed"],
        batch=asked["batch"],
        scenarios=asked["scenarios"],
        events=asked["events"],
        workers=asked["workers"],
        endpoint=endpoint_of(asked) or EndpointChoice(),
        caps=caps_of(asked) or Caps(),
        name=asked["name"],
        note=asked["note"],
        tags=tuple(asked["tags"]),
    )


def proposer_options(given: tuple[str, ...]) -> dict[str, Json]:
    """Return `NAME=VALUE` options with each value read as a JSON scalar, else as text."""
    return {name: _scalar(name, text) for name, text in assignments(given, flag="--option").items()}


def _scalar(name: str, text: str) -> Json:
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text
    if isinstance(value, list | dict):
        raise UsageError(f"--option {name[:80]}: a list or an object is no option.", hint="Give one value.")
    return value


def _refuse(word: str) -> Json:
    raise ValueError(word)


def endpoint_of(asked: Mapping[str, Any]) -> EndpointChoice | None:
    """Return which endpoint was asked for; None where nothing was said of it."""
    names = {"kind": "endpoint_kind", "base_url": "base_url", "model": "model"}
    names |= {"price_in": "price_in", "price_out": "price_out", "prices": "prices"}
    said = {field: asked[option] for field, option in names.items() if asked.get(option) is not None}
    return replace(EndpointChoice(), **said) if said else None


def caps_of(asked: Mapping[str, Any]) -> Caps | None:
    """Return the caps that were given; None where none was."""
    names = ("max_usd", "max_calls", "max_tokens", "max_minutes")
    said = {name: asked[name] for name in names if asked.get(name) is not None}
    return Caps(**said) if said else None


def comparison_of(space: SearchSpace, asked: Mapping[str, Any]) -> ComparisonRequest:
    """Return the request that the options of `walras compare` make.

    Raises:
        UsageError: If an option does not say whose it is.
    """
    kinds = tuple(kind.strip() for kind in asked["proposers"].split(",") if kind.strip())
    options: dict[str, dict[str, Json]] = {}
    for name, value in proposer_options(asked["options"]).items():
        kind, dot, option = name.partition(".")
        if not dot or kind not in kinds:
            raise UsageError(
                f"--option {name[:80]} does not say whose option it is.",
                hint=f"Write --option KIND.NAME=VALUE with KIND one of {', '.join(kinds)}.",
            )
        options.setdefault(kind, {})[option] = value
    shared = request_of(space, {**asked, "proposer": kinds[0] if kinds else "", "options": ()})
    return ComparisonRequest(search=shared, proposers=kinds, repeats=asked["repeats"], options=options)
