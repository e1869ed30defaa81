"""The gated part of the engine's configuration, as reviewed, and the check at the engine's door.

These values change here, in a reviewed commit that also changes `GATED_DIGEST`; nothing else can.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from walras.core import Json, RefusedByPolicy, digest
from walras.policy._policy import FLOOR_POLICY

GATED_DIGEST: Final = "3feac318a9a129b2ea8884600e4efac47ef13b6d2a1fe67a70dc803c8e7d3509"

_BASELINE: Final[Mapping[str, Json]] = MappingProxyType(
    {
        "risk.killswitch.tripThreshold": 5,
        "risk.killswitch.cooldownS": 300,
        "risk.killswitch.forceTrip": False,
        "risk.exposureguard.maxNotionalPusd": 500.0,
        "risk.exposureguard.perMarketCaps": MappingProxyType({}),
        "risk.compliancegate.jurisdictionAllowlist": ("XX",),
        "risk.compliancegate.builderAllowlist": (),
        "risk.markethaltguard.sources": ("book",),
        "risk.markethaltguard.haltOnStaleMs": 2000,
        "sec.signer.policy": "strict",
        "sec.signer.eip712.domainVersion": "2",
    }
)


def gated_config() -> Mapping[str, Json]:
    """Return the reviewed values of every gated key, read-only."""
    return _BASELINE


def gated_digest_ok(config: Mapping[str, object] | None = None) -> bool:
    """Say whether the gated keys of `config` are exactly the reviewed ones; None is the engine's own."""
    try:
        return digest(_gated(_BASELINE if config is None else config)) == GATED_DIGEST
    except (TypeError, ValueError):
        return False


def check_gated_config(config: Mapping[str, object] | None = None) -> None:
    """Let the engine start only with the reviewed gated configuration; called before every backtest.

    Raises:
        RefusedByPolicy: If a gated key was changed, added or removed.
    """
    if not gated_digest_ok(config):
        raise RefusedByPolicy(
            "The gated part of the engine's configuration differs from the reviewed baseline.",
            gate="engine-baseline",
            hint="Restore it; a gated value changes in config, with a code review and an envelope.",
        )


def _gated(config: Mapping[str, object]) -> dict[str, Json]:
    return {name: _frozen(value) for name, value in config.items() if FLOOR_POLICY.match(name) is not None}


def _frozen(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _frozen(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_frozen(part) for part in value]
    return value  # type: ignore[return-value]  # digest() refuses what has no JSON form
