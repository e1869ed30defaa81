"""`AdmittedParams`: the only parameters an engine takes, and only the guard can make them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn, final

from walras.core import Json, Params, RefusedByPolicy, SearchSpace, Value

_KEY: Final = object()
"""Whoever holds it may construct; the guard in this package does."""


@final
class AdmittedParams:
    """Parameters that the guard has judged under one policy, one schema and one space. Immutable.

    It does not copy or pickle: what travels is `to_wire()`, and the other side calls the guard again
    (`readmit`).

    Attributes:
        params: The judged point, sorted by name, floats as float.
        effective: Every declared parameter: defaults, then the fixed values, then the point.
        space: The space it lies in, or None where it was admitted directly.
    """

    __slots__ = (
        "_effective",
        "_key",
        "_params",
        "_policy_digest",
        "_schema_digest",
        "_space",
        "_strategy",
    )
    _params: Mapping[str, Value]
    _effective: Mapping[str, Value]
    _strategy: str
    _policy_digest: str
    _schema_digest: str
    _space: SearchSpace | None

    def __init__(
        self,
        *,
        key: object,
        params: Params,
        effective: Params,
        strategy: str,
        policy_digest: str,
        schema_digest: str,
        space: SearchSpace | None,
    ) -> None:
        if key is not _KEY:
            raise TypeError("AdmittedParams are made by Guard.judge alone.")
        set_once = object.__setattr__
        set_once(self, "_params", MappingProxyType(dict(sorted(params.items()))))
        set_once(self, "_effective", MappingProxyType(dict(sorted(effective.items()))))
        set_once(self, "_strategy", strategy)
        set_once(self, "_policy_digest", policy_digest)
        set_once(self, "_schema_digest", schema_digest)
        set_once(self, "_space", space)
        set_once(self, "_key", key)

    @property
    def params(self) -> Mapping[str, Value]:
        """Return the judged point."""
        return self._params

    @property
    def effective(self) -> Mapping[str, Value]:
        """Return every declared parameter with the value that the engine uses."""
        return self._effective

    @property
    def strategy(self) -> str:
        """Return the strategy's name."""
        return self._strategy

    @property
    def space(self) -> SearchSpace | None:
        """Return the space, or None where the point was admitted directly."""
        return self._space

    @property
    def policy_digest(self) -> str:
        """Return the digest of the policy that admitted it."""
        return self._policy_digest

    @property
    def schema_digest(self) -> str:
        """Return the digest of the strategy's schema."""
        return self._schema_digest

    @property
    def space_digest(self) -> str:
        """Return the digest of the space, "" where the point was admitted directly."""
        return "" if self._space is None else self._space.digest

    def to_wire(self) -> dict[str, Json]:
        """Return what may travel to another process, to be judged again there."""
        return {
            "strategy": self._strategy,
            "params": dict(self._params),
            "space": None if self._space is None else self._space.to_json(),
            "policy_digest": self._policy_digest,
            "schema_digest": self._schema_digest,
        }

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("AdmittedParams are immutable.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("AdmittedParams are immutable.")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("AdmittedParams neither copy nor pickle; send to_wire() and readmit it.")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("AdmittedParams is final.")

    def __repr__(self) -> str:
        return f"AdmittedParams({self._strategy!r}, {dict(self._params)!r})"


def require_admitted(value: object) -> AdmittedParams:
    """Return `value` if the guard made it; called at the engine's door.

    Raises:
        RefusedByPolicy: If it is anything else.
    """
    if type(value) is AdmittedParams and getattr(value, "_key", None) is _KEY:
        return value
    raise RefusedByPolicy(
        f"The engine takes AdmittedParams, not {type(value).__name__}.",
        gate="engine-door",
        hint="Let walras.policy.Guard judge the parameters first.",
    )


def seal() -> object:
    """Return the key that constructs; for the guard of this package alone."""
    return _KEY
