"""A statistic that has no value says why, instead of returning 0, infinity or NaN."""

from dataclasses import dataclass
from typing import TypeAlias, final


@final
@dataclass(frozen=True)
class Undefined:
    """The data do not determine this statistic; `reason` is one clause for a person.

    It is a value to store and show, and a gate treats it as a failure. It has no order and no
    arithmetic, so using it as a number raises `TypeError` rather than passing for a small one.
    """

    reason: str

    def __str__(self) -> str:
        return f"undefined: {self.reason}"


Statistic: TypeAlias = float | Undefined
"""A finite number, or the reason why there is none."""
