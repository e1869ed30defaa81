"""Refuse a run whose environment tries to reach a gate; no variable is ever read for its value."""

from collections.abc import Mapping
from typing import Final

from walras.core import RefusedByPolicy
from walras.policy._names import printable
from walras.policy._policy import HOW_TO_CHANGE, Policy
from walras.policy._refusal import guard_failed

NAMESPACES: Final = ("WALRAS_", "OPT_")
"""Prefixes of variables that are ours, or that a settings library of ours would read."""


def check_environment(environ: Mapping[str, str], policy: Policy) -> None:
    """Refuse the run if a variable in our namespaces names what a gate locks.

    Settings libraries read `OPT_ENGINE__RISK__KILLSWITCH__X` as a nested key. Ours does not; the run is
    refused all the same, so that nobody believes it worked.

    Raises:
        RefusedByPolicy: Naming the first such variable, never its value.
    """
    for name in sorted(environ):
        prefix = next((prefix for prefix in NAMESPACES if name.upper().startswith(prefix)), None)
        if prefix is None:
            continue
        try:
            gate = policy.match(name[len(prefix) :])
        except Exception as error:
            raise guard_failed(error) from error
        if gate is not None:
            raise RefusedByPolicy(
                f"Environment variable {printable(name)} names what the hard gate {gate.pattern} locks. "
                f"{gate.why}",
                names=[printable(name)],
                gate=gate.pattern,
                hint=f"Unset it. {HOW_TO_CHANGE}",
            )
