"""Find proposers by kind, check their options, build them from a stored specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Final

from walras.core import Json, ProposerSpec, UnknownName, UsageError
from walras.proposers._base import Option, Proposer

if TYPE_CHECKING:
    from walras.policy import Policy

ENTRY_POINT_GROUP: Final = "walras.proposers"
"""Where third parties register a `Proposer` subclass under its kind; loaded only when named."""

_BUILT_IN: Final[Mapping[str, tuple[str, str]]] = {
    "random": ("walras.proposers._random", "RandomProposer"),
    "tpe": ("walras.proposers._tpe", "TpeProposer"),
    "llm": ("walras.proposers._llm", "LlmProposer"),
}


def proposer_kinds() -> tuple[str, ...]:
    """Return every kind that can be named, ours first; no plug-in is loaded."""
    plugged = sorted(entry.name for entry in _plugged() if entry.name not in _BUILT_IN)
    return (*_BUILT_IN, *dict.fromkeys(plugged))


def proposer_options(kind: str) -> Mapping[str, Option]:
    """Return what the proposer `kind` can be told.

    Raises:
        UnknownName: If no proposer has this kind.
        UsageError: If a plug-in cannot be loaded, or is no `Proposer`.
    """
    return _load(kind).OPTIONS


def normalise_options(kind: str, options: Mapping[str, Json]) -> dict[str, Json]:
    """Return all options of `kind` explicitly, sorted: what the header of a search records.

    Raises:
        UnknownName: If no proposer has this kind.
        UsageError: If an option is unknown, missing, of another type, or out of bounds.
    """
    known = proposer_options(kind)
    strangers = sorted(set(options) - set(known))
    if strangers:
        listed = ", ".join(sorted(known)) or "none"
        raise UsageError(
            f"Proposer {kind!r} has no option {strangers[0]!r:.80}.", hint=f"It takes: {listed}."
        )
    return {
        name: option.check(f"Option {name!r} of proposer {kind!r}", options.get(name, option.default))
        for name, option in sorted(known.items())
    }


def build_proposer(spec: ProposerSpec, *, seed: int, policy: Policy | None = None) -> Proposer:
    """Build the proposer that `spec` names; options it leaves out take their defaults.

    `policy` is the policy in force; without it a proposer that reads one knows the floor alone.

    Raises:
        UnknownName: If no proposer has this kind.
        UsageError: If an option is wrong, or `seed` is negative.
    """
    if type(seed) is not int or seed < 0:
        raise UsageError(f"A seed is a whole number of at least 0, got {seed!r:.80}.")
    options: dict[str, Any] = dict(normalise_options(spec.kind, spec.options))
    found = _load(spec.kind)
    if found.reads_policy and policy is not None:
        options["policy"] = policy
    make: Callable[..., Proposer] = found
    return make(seed=seed, **options)


def _load(kind: str) -> type[Proposer]:
    if kind in _BUILT_IN:
        module, name = _BUILT_IN[kind]
        found: object = getattr(import_module(module), name)
    else:
        found = _load_plugin(kind)
    if not (isinstance(found, type) and issubclass(found, Proposer)):
        raise UsageError(f"Plug-in proposer {kind!r} is not a subclass of walras.proposers.Proposer.")
    return found


def _load_plugin(kind: str) -> object:
    matches = [entry for entry in _plugged() if entry.name == kind]
    if not matches:
        raise UnknownName("proposer", kind, known=proposer_kinds())
    if len({entry.value for entry in matches}) > 1:
        places = ", ".join(sorted(entry.value for entry in matches))
        raise UsageError(f"Proposer {kind!r} is registered more than once: {places}.")
    try:
        return matches[0].load()
    except Exception as error:  # a stranger's import may raise anything
        raise UsageError(
            f"Plug-in proposer {kind!r} ({matches[0].value}) cannot be loaded: {type(error).__name__}."
        ) from error


def _plugged() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINT_GROUP))
