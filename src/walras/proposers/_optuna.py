"""The only file that knows Optuna: dimensions to distributions, history to trials, one sampler.

An in-memory study is Optuna's whole world here; no storage, no journal, no value that the guard did
not admit. Optuna's warnings about experimental and deprecated arguments are ours to know: the version
is pinned to 5, and every argument, also those that will go in 6, is recorded in the fingerprint.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from walras.core import Dimension, Json, SearchSpace, Value, canonical_json, digest_text
from walras.proposers._history import admitted_params, as_scored

if TYPE_CHECKING:
    from walras.core import Iteration


class TpeStudy:
    """One study that holds a growing history.

    Points that were suggested are closed as failed before the next call: the sampler reads complete
    and running trials only, so a kept study and a rebuilt one suggest the same.
    """

    def __init__(self, space: SearchSpace, arguments: Mapping[str, int | bool]) -> None:
        self._space = space
        self._arguments = dict(arguments)
        self._told: list[str] = []
        with _quiet():
            self._axes = {axis.name: distribution(axis) for axis in space.dimensions}
            self._study = optuna.create_study(
                storage=optuna.storages.InMemoryStorage(), direction="maximize", sampler=self._sampler(0)
            )

    def extends_to(self, space: SearchSpace, history: Sequence[Iteration]) -> bool:
        """Say whether what this study was told is the start of `history` in the same space."""
        if space.digest != self._space.digest or len(self._told) > len(history):
            return False
        return all(told == _mark(space, row) for told, row in zip(self._told, history, strict=False))

    def suggest(
        self, history: Sequence[Iteration], *, seed: tuple[int, int], count: int
    ) -> tuple[dict[str, Value], ...]:
        """Tell what is new in `history`, re-seed, and return `count` snapped points of one batch."""
        with _quiet():
            for iteration in history[len(self._told) :]:
                self._tell(iteration)
            self._study.sampler = self._sampler(sampler_seed(seed))
            trials: list[optuna.Trial] = []
            try:
                points = []
                for _ in range(count):
                    trials.append(self._study.ask())
                    points.append(self._point(trials[-1]))
            finally:
                for trial in trials:
                    self._study.tell(trial, state=TrialState.FAIL)
        return tuple(points)

    def _tell(self, iteration: Iteration) -> None:
        row = as_scored(self._space, iteration)
        params = admitted_params(self._space, iteration)
        self._told.append(_mark(self._space, iteration))
        if params is None:
            return
        known = {name: optuna_value(self._axes[name], value) for name, value in sorted(params.items())}
        self._study.add_trial(
            optuna.trial.create_trial(
                state=TrialState.COMPLETE if row is not None else TrialState.FAIL,
                value=None if row is None else row.score,
                params=known,
                distributions={name: self._axes[name] for name in known},
            )
        )

    def _point(self, trial: optuna.Trial) -> dict[str, Value]:
        chosen: dict[str, Value] = {}
        rest = list(self._space.dimensions)
        while rest:
            known = {**self._space.fixed, **chosen}
            ready = [axis for axis in rest if axis.when is None or axis.when.holds(known)]
            if not ready:
                break
            for axis in ready:
                chosen[axis.name] = space_value(axis, _suggested(trial, axis.name, self._axes[axis.name]))
            rest = [axis for axis in rest if axis.name not in chosen]
        return self._space.snap(chosen)

    def _sampler(self, seed: int) -> optuna.samplers.TPESampler:
        arguments: dict[str, Any] = {**self._arguments, **_FIXED_ARGUMENTS}
        return optuna.samplers.TPESampler(**arguments, seed=seed)


_FIXED_ARGUMENTS: dict[str, Any] = {
    "consider_prior": None,
    "prior_weight": None,
    "consider_magic_clip": None,
    "consider_endpoints": None,
    "gamma": None,
    "weights": None,
    "warn_independent_sampling": None,
    "constraints_func": None,
}
"""Arguments that are not ours to change; None is the library's own default, said explicitly."""


def sampler_seed(parts: tuple[int, int]) -> int:
    """Return the 32-bit seed of the sampler for (search seed, finished iterations)."""
    return int(np.random.SeedSequence(list(parts)).generate_state(1)[0])


def optuna_fingerprint(arguments: Mapping[str, int | bool]) -> dict[str, Json]:
    """Return Optuna's version and every argument of the sampler, defaults spelled out."""
    return {
        "optuna": optuna.__version__,
        "sampler": "TPESampler",
        "arguments": {
            **arguments,
            "seed": "SeedSequence([seed, len(history)])",
            "consider_prior": True,
            "prior_weight": 1.0,
            "consider_magic_clip": True,
            "consider_endpoints": False,
            "gamma": "default_gamma: min(ceil(0.1 n), 25)",
            "weights": "default_weights",
            "warn_independent_sampling": False,
            "constraints_func": None,
        },
        "direction": "maximize",
    }


def good_count(scored: int) -> int:
    """Return the size of the good set after `scored` results: Optuna's default gamma."""
    return min(math.ceil(0.1 * scored), 25)


def distribution(axis: Dimension) -> BaseDistribution:
    """Return the Optuna distribution of `axis`; a log axis with a step is sampled without its step."""
    if axis.kind == "bool":
        return CategoricalDistribution((False, True))
    if axis.kind == "categorical":
        return CategoricalDistribution(axis.choices)
    assert axis.low is not None  # noqa: S101  # an int or float axis always has bounds
    assert axis.high is not None  # noqa: S101
    if axis.kind == "int":
        low, high, step = int(axis.low), int(axis.high), int(axis.step or 1)
        if axis.log:
            return IntDistribution(low, high, log=True)
        return IntDistribution(low, low + (high - low) // step * step, step=step)
    if axis.step is None or axis.log:
        return FloatDistribution(float(axis.low), float(axis.high), log=axis.log)
    return FloatDistribution(float(axis.low), float(axis.high), step=float(axis.step))


def optuna_value(axis: BaseDistribution, value: Value) -> Value:
    """Return `value` as the distribution holds it: a snapped value goes back onto its exact grid."""
    if isinstance(axis, FloatDistribution):
        number = float(value)
        if axis.step is not None:
            number = axis.low + round((number - axis.low) / axis.step) * axis.step
        return min(max(number, axis.low), axis.high)
    return value


def space_value(axis: Dimension, value: Any) -> Value:
    """Return an Optuna value in the type of `axis`, on its grid."""
    if axis.kind == "int":
        assert axis.low is not None  # noqa: S101
        assert axis.high is not None  # noqa: S101
        step = int(axis.step or 1)
        last = (int(axis.high) - int(axis.low)) // step
        return int(axis.low) + min(round((int(value) - int(axis.low)) / step), last) * step
    if axis.kind == "float":
        return float(value)
    return bool(value) if axis.kind == "bool" else str(value)


def _suggested(trial: optuna.Trial, name: str, axis: BaseDistribution) -> Any:
    if isinstance(axis, CategoricalDistribution):
        return trial.suggest_categorical(name, axis.choices)
    if isinstance(axis, IntDistribution):
        return trial.suggest_int(name, axis.low, axis.high, step=axis.step, log=axis.log)
    assert isinstance(axis, FloatDistribution)  # noqa: S101  # distribution() makes no other
    return trial.suggest_float(name, axis.low, axis.high, step=axis.step, log=axis.log)


def _mark(space: SearchSpace, iteration: Iteration) -> str:
    """Return what the study knows of `iteration`, as a digest."""
    row = as_scored(space, iteration)
    params = admitted_params(space, iteration)
    return digest_text(canonical_json([None if row is None else row.score, params]))


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back Optuna's log lines and its experimental and deprecation warnings."""
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.simplefilter("ignore", FutureWarning)
            warnings.filterwarnings(
                "ignore", message="The distribution is specified by", category=UserWarning
            )
            yield
    finally:
        logger.setLevel(level)
