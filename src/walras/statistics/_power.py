"""Power of a paired t test: how many pairs, how much power, what effect is detectable.

Effects are in standard deviations of the difference (dz), not of the arms. These plan a study;
power at the observed effect only restates the p-value.
"""

import math

from walras.core import DomainError
from walras.statistics._domain import require_one_of, require_share
from walras.statistics._paired import ALTERNATIVES, Alternative
from walras.statistics._special import find_root, noncentral_t_survival, t_quantile
from walras.statistics._undefined import Statistic, Undefined

_LEAST_PAIRS = 2.0
_MOST_PAIRS = 1e12


def paired_power(
    effect_dz: float, n: float, *, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Statistic:
    """Return the power to detect an effect with n pairs; both tails count when two-sided.

    Args:
        effect_dz: True mean difference over the standard deviation of the differences.
        n: Number of pairs, not necessarily whole.
        alpha: Level of the test.
        alternative: Direction of the test.
    Returns: A probability; undefined below 2 pairs.

    Raises:
        DomainError: If an argument is NaN or out of range.

    Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2.
    """
    _require(alpha, alternative)
    if not (math.isfinite(effect_dz) and math.isfinite(n)):
        raise DomainError(f"effect_dz is {effect_dz!r} and n is {n!r}; both must be finite.")
    if n < _LEAST_PAIRS:
        return Undefined(f"{n:g} pairs; at least 2 needed")
    return _power(_directed(effect_dz, alternative), n, alpha, two_sided=alternative == "two-sided")


def pairs_needed(
    effect_dz: float, *, alpha: float = 0.05, power: float = 0.8, alternative: Alternative = "two-sided"
) -> Statistic:
    """Return the number of pairs that reaches `power`, not rounded and at least 2; plan its ceiling.

    Undefined where no number suffices: an effect of 0, or one against the alternative.

    Raises:
        DomainError: If an argument is NaN or out of range, or `power` is not above `alpha`.
    """
    _require(alpha, alternative)
    _require_power(power, alpha)
    if not math.isfinite(effect_dz):
        raise DomainError(f"effect_dz is {effect_dz!r}; it must be finite.")
    effect, two_sided = _directed(effect_dz, alternative), alternative == "two-sided"
    if effect <= 0.0:
        return Undefined("no number of pairs suffices for this effect")
    if _power(effect, _LEAST_PAIRS, alpha, two_sided=two_sided) >= power:
        return _LEAST_PAIRS
    high = 2.0 * _LEAST_PAIRS
    while _power(effect, high, alpha, two_sided=two_sided) < power:
        high *= 2.0
        if high > _MOST_PAIRS:
            return Undefined(f"more than {_MOST_PAIRS:g} pairs would be needed")
    return find_root(lambda n: _power(effect, n, alpha, two_sided=two_sided) - power, high / 2.0, high)


def detectable_effect(
    n: float,
    *,
    sd: float = 1.0,
    alpha: float = 0.05,
    power: float = 0.8,
    alternative: Alternative = "two-sided",
) -> Statistic:
    """Return the smallest effect, as a positive number, that n pairs detect with `power`.

    Args:
        n: Number of pairs.
        sd: Standard deviation of the differences, to get the effect in their unit; 1 gives dz.
        alpha: Level of the test.
        power: Power wanted.
        alternative: One-sided or two-sided.
    Returns: The effect; undefined below 2 pairs or for an `sd` of 0.

    Raises:
        DomainError: If an argument is NaN or out of range, or `power` is not above `alpha`.
    """
    _require(alpha, alternative)
    _require_power(power, alpha)
    if not (math.isfinite(n) and math.isfinite(sd) and sd >= 0.0):
        raise DomainError(f"n is {n!r} and sd is {sd!r}; both must be finite, and sd at least 0.")
    if n < _LEAST_PAIRS:
        return Undefined(f"{n:g} pairs; at least 2 needed")
    if sd == 0.0:
        return Undefined("the differences do not vary")
    two_sided = alternative == "two-sided"
    high = 1.0
    while _power(high, n, alpha, two_sided=two_sided) < power:
        high *= 2.0
    return sd * find_root(lambda dz: _power(dz, n, alpha, two_sided=two_sided) - power, 0.0, high)


def _power(effect: float, n: float, alpha: float, *, two_sided: bool) -> float:
    df, shift = n - 1.0, effect * math.sqrt(n)
    critical = -t_quantile(alpha / 2.0 if two_sided else alpha, df)
    power = noncentral_t_survival(critical, df, shift)
    return power + noncentral_t_survival(critical, df, -shift) if two_sided else power


def _directed(effect: float, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return abs(effect)
    return effect if alternative == "greater" else -effect


def _require(alpha: float, alternative: Alternative) -> None:
    require_share("alpha", alpha)
    require_one_of("alternative", alternative, ALTERNATIVES)


def _require_power(power: float, alpha: float) -> None:
    require_share("power", power)
    if power <= alpha:
        raise DomainError(f"power is {power:g}; it must be above alpha, which is {alpha:g}.")
