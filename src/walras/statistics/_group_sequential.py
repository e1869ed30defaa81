"""Group-sequential boundaries for a few planned looks: classical and alpha-spending designs."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import Floats, finite_floats, require_one_of, require_share
from walras.statistics._special import (
    find_root,
    normal_cdf,
    normal_cdfs,
    normal_density,
    normal_quantile,
    quadrature,
)

Design = Literal["pocock", "obrien_fleming", "lan_demets_pocock", "lan_demets_obrien_fleming"]
DESIGNS = ("pocock", "obrien_fleming", "lan_demets_pocock", "lan_demets_obrien_fleming")

_NODES = 400
_FAR = 10.0  # standard deviations beyond which a normal density is nothing


@dataclass(frozen=True, kw_only=True)
class StoppingPlan:
    """Critical values of |z| (of z, one-sided) at each look, and the alpha spent by then.

    Attributes:
        z_bounds: Critical value at each look; inf where no alpha is spent.
        cumulative_alpha: Probability under the null of having stopped by each look.
    """

    z_bounds: tuple[float, ...]
    cumulative_alpha: tuple[float, ...]


@dataclass(frozen=True)
class _Surviving:
    """Density of the score S = z sqrt(t) among paths that have not stopped, on quadrature nodes."""

    time: float
    score: Floats
    mass: Floats  # density times weight

    def crossing(self, time: float, z: float, sides: int) -> float:
        """Return the probability of surviving so far and crossing z at `time`."""
        step, bound = math.sqrt(time - self.time), z * math.sqrt(time)
        tail = normal_cdfs((self.score - bound) / step)
        if sides == 2:
            tail = tail + normal_cdfs((-bound - self.score) / step)
        return float(np.dot(self.mass, tail))

    def advance(self, time: float, z: float, sides: int) -> "_Surviving":
        """Return the density at `time` among paths that also survive there."""
        step, reach = math.sqrt(time - self.time), _FAR * math.sqrt(time)
        high = min(z * math.sqrt(time), reach)
        score, weights = quadrature(-high if sides == 2 else -reach, high, _NODES)
        kernel = normal_density((score[:, None] - self.score[None, :]) / step) / step
        return _Surviving(time, score, weights * (kernel @ self.mass))


_START = _Surviving(0.0, np.zeros(1), np.ones(1))


def group_sequential(
    information_fractions: npt.ArrayLike, *, design: Design, alpha: float = 0.05, sides: int = 2
) -> StoppingPlan:
    """Return the stopping bounds of a group-sequential test, by recursive integration.

    Two-sided designs are symmetric, and spend alpha / 2 on each side. Spending designs allow
    looks at unplanned times, not unplanned extra data.

    Args:
        information_fractions: Share of the planned information at each look, rising, in (0, 1].
        design: A classical design ("pocock", "obrien_fleming") or a Lan-DeMets spending function.
        alpha: Total false-positive probability.
        sides: 1 or 2.

    Raises:
        DomainError: If the fractions do not rise strictly within (0, 1], or an option is unknown.

    Source: Pocock (1977) and O'Brien and Fleming (1979); Lan and DeMets (1983); Armitage,
    McPherson and Rowe (1969) for the integration.
    """
    times = finite_floats(information_fractions, "information_fractions")
    require_one_of("design", design, DESIGNS)
    require_share("alpha", alpha)
    require_one_of("sides", sides, (1, 2))
    if times.size == 0 or times[0] <= 0.0 or times[-1] > 1.0 or (np.diff(times) <= 0.0).any():
        raise DomainError(f"information_fractions are {times.tolist()}; they must rise within (0, 1].")
    if design in ("pocock", "obrien_fleming"):
        return _classical(times, design, alpha, sides)
    return _spending(times, _SPENDING[design], alpha, sides)


def _classical(times: Floats, design: Design, alpha: float, sides: int) -> StoppingPlan:
    shape = np.ones(times.size) if design == "pocock" else np.sqrt(times[-1] / times)

    def spent(constant: float) -> list[float]:
        state, total = _START, []
        for time, z in zip(times, constant * shape, strict=True):
            total.append(state.crossing(float(time), float(z), sides))
            state = state.advance(float(time), float(z), sides)
        return list(np.cumsum(total))

    least = normal_quantile(1.0 - alpha / sides)
    most = max(normal_quantile(1.0 - alpha / (sides * times.size)), least) + 1e-6  # Bonferroni
    high = most if design == "pocock" else most + 1.0
    constant = find_root(lambda c: spent(c)[-1] - alpha, max(least - 1e-6, 1e-6), high)
    return StoppingPlan(
        z_bounds=tuple(map(float, constant * shape)), cumulative_alpha=tuple(map(float, spent(constant)))
    )


def _spending(
    times: Floats, spend: Callable[[float, float], float], alpha: float, sides: int
) -> StoppingPlan:
    state, bounds, spent = _START, [], [sides * spend(float(t), alpha / sides) for t in times]
    before = 0.0
    for time, total in zip(map(float, times), spent, strict=True):
        z = _bound(state, time, total - before, sides)
        bounds.append(z)
        state, before = state.advance(time, z, sides), total
    return StoppingPlan(z_bounds=tuple(bounds), cumulative_alpha=tuple(spent))


def _bound(state: _Surviving, time: float, increment: float, sides: int) -> float:
    low, high = -_FAR if sides == 1 else 0.0, 3.0 * _FAR
    if state.crossing(time, high, sides) >= increment:
        return math.inf
    return find_root(lambda z: state.crossing(time, z, sides) / increment - 1.0, low, high)


def _spend_obrien_fleming(time: float, alpha: float) -> float:
    return 2.0 * normal_cdf(normal_quantile(alpha / 2.0) / math.sqrt(time))


def _spend_pocock(time: float, alpha: float) -> float:
    return alpha * math.log1p((math.e - 1.0) * time)


_SPENDING: dict[Design, Callable[[float, float], float]] = {
    "lan_demets_obrien_fleming": _spend_obrien_fleming,
    "lan_demets_pocock": _spend_pocock,
}
