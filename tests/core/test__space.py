"""Properties of search spaces: what is sampled lies inside, and the order of the file never matters."""

import math
import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walras.core import Condition, Dimension, SearchSpace, Value

NAMES = tuple(f"s.x.p{index}" for index in range(5))


@st.composite
def numeric_axes(draw: st.DrawFn, name: str) -> Dimension:
    """Draw an int or float axis, with log or step or neither."""
    form = draw(st.sampled_from(["plain", "log", "step"]))
    if draw(st.booleans()):
        low = draw(st.integers(1 if form == "log" else -1000, 1000))
        step = draw(st.integers(1, 9)) if form == "step" else None
        high = low + draw(st.integers(0, 200)) * (step or 1)
        return Dimension(name=name, kind="int", low=low, high=high, log=form == "log", step=step, default=low)
    if form == "step":
        step_f = draw(st.sampled_from([0.01, 0.05, 0.25, 0.5, 2.0]))
        start = draw(st.integers(-400, 400))
        low_f, high_f = (
            round(start * step_f, 2),
            round((start + draw(st.integers(0, 400))) * step_f, 2),
        )
        return Dimension(name=name, kind="float", low=low_f, high=high_f, step=step_f, default=low_f)
    low_f = draw(st.floats(1e-6, 1e3) if form == "log" else st.floats(-1e6, 1e6))
    high_f = low_f + draw(st.floats(0, 1e6))
    return Dimension(name=name, kind="float", low=low_f, high=high_f, log=form == "log", default=low_f)


@st.composite
def axes(draw: st.DrawFn, name: str = NAMES[0]) -> Dimension:
    """Draw an axis of any kind."""
    kind = draw(st.sampled_from(["number", "number", "categorical", "bool"]))
    if kind == "number":
        return draw(numeric_axes(name))
    if kind == "bool":
        return Dimension(name=name, kind="bool", default=True)
    choices = tuple("abcdefgh"[: draw(st.integers(1, 8))])
    return Dimension(name=name, kind="categorical", choices=choices, default=choices[0])


@st.composite
def spaces(draw: st.DrawFn) -> SearchSpace:
    """Draw a space whose dimensions may depend on earlier ones and on a fixed value."""
    drawn: list[Dimension] = []
    for name in NAMES[: draw(st.integers(1, 5))]:
        axis = draw(axes(name))
        parent = draw(st.sampled_from([None, "s.x.held", *(one.name for one in drawn)]))
        values: tuple[Value, ...] = (True,)
        if parent not in (None, "s.x.held"):
            values = (next(one for one in drawn if one.name == parent).default,)
        when = None if parent is None else Condition(parameter=parent, values=values)
        drawn.append(replace(axis, when=when))
    return SearchSpace(
        name="t", strategy="s", dimensions=tuple(drawn), fixed={"s.x.held": draw(st.booleans())}
    )


@given(spaces(), st.integers(0, 2**32))
def test_samples_lie_inside(space: SearchSpace, seed: int) -> None:
    """Every sample is exactly the active dimensions, each inside its bounds, already snapped."""
    point = space.sample(np.random.default_rng(seed))
    assert space.contains(point)
    assert space.snap(point) == point
    assert space.missing(point) == ()
    assert list(point) == sorted(point)


@given(spaces(), st.integers(0, 2**32))
def test_order_of_dimensions_never_matters(space: SearchSpace, seed: int) -> None:
    """A shuffled file is the same space: equal digest, equal samples."""
    shuffled = list(space.dimensions)
    random.Random(seed).shuffle(shuffled)
    other = replace(space, name="u", market="m", dimensions=tuple(shuffled))
    assert other.digest == space.digest
    assert other.sample(np.random.default_rng(seed)) == space.sample(np.random.default_rng(seed))


@given(spaces())
def test_the_default_point_lies_inside(space: SearchSpace) -> None:
    """Iteration 0 is always legal."""
    assert space.contains(space.defaults)


@given(spaces(), st.integers(0, 2**32))
def test_active_keeps_what_exists_and_nothing_else(space: SearchSpace, seed: int) -> None:
    """Dropping inactive dimensions is idempotent; adding one back makes the point illegal."""
    rng = np.random.default_rng(seed)
    everything = {axis.name: axis.from_unit(float(rng.random())) for axis in space.dimensions}
    kept = space.active(everything)
    assert space.active(kept) == kept
    assert space.contains(kept)
    for name in everything.keys() - kept.keys():
        assert not space.contains({**kept, name: everything[name]})
    for name in kept:
        assert not space.contains({other: value for other, value in kept.items() if other != name})
    assert not space.contains({**kept, "s.x.unknown": 1})


@given(axes(), st.floats(0, 1, exclude_max=True))
def test_from_unit_covers_the_axis(axis: Dimension, unit: float) -> None:
    """Any position along the axis is a legal, snapped value, and its position lies in [0, 1]."""
    value = axis.from_unit(unit)
    assert axis.contains(value)
    assert axis.snap(value) == value
    assert -1e-9 <= axis.to_unit(value) <= 1 + 1e-9


@given(axes(), st.floats(0, 1, exclude_max=True))
def test_unit_position_and_value_agree(axis: Dimension, unit: float) -> None:
    """Going along the axis and back gives the value again; log integers and steps to their grid."""
    value = axis.from_unit(unit)
    back = axis.from_unit(min(axis.to_unit(value), math.nextafter(1, 0)))
    if axis.kind == "float" and axis.step is None:
        scale = max(abs(float(axis.low or 0)), abs(float(axis.high or 0)))
        assert float(back) == pytest.approx(float(value), rel=1e-6, abs=1e-8 * scale)
    elif not axis.log and axis.step is None:
        assert back == value


@given(numeric_axes(NAMES[0]))
def test_from_unit_never_falls(axis: Dimension) -> None:
    """A larger position never gives a smaller value, and both ends are reached."""
    values = [axis.from_unit(index / 64) for index in range(64)]
    assert all(float(a) <= float(b) for a, b in pairwise(values))
    assert values[0] == pytest.approx(axis.low, rel=1e-8, abs=1e-12)
    assert axis.from_unit(math.nextafter(1, 0)) == pytest.approx(axis.high, rel=1e-8, abs=1e-12)


@given(axes(), st.one_of(st.floats(), st.integers(), st.text(max_size=2), st.booleans(), st.none()))
def test_contains_demands_the_exact_type(axis: Dimension, value: object) -> None:
    """No bool passes for a number, no number for a text, no NaN for anything."""
    if axis.contains(value):
        kinds: dict[str, tuple[type, ...]] = {
            "int": (int,),
            "float": (int, float),
            "categorical": (str,),
            "bool": (bool,),
        }
        assert type(value) in kinds[axis.kind]
        assert not (isinstance(value, float) and not math.isfinite(value))


@settings(max_examples=200)
@given(numeric_axes(NAMES[0]), st.floats())
def test_snap_keeps_inside_what_was_inside(axis: Dimension, number: float) -> None:
    """Snapping moves a value by rounding alone and never across a bound; what is outside stays outside."""
    snapped = axis.snap(number)
    if axis.kind == "int" or not math.isfinite(number):
        assert snapped is number or math.isnan(number) or snapped == number
        return
    assert axis.low is not None
    assert axis.high is not None
    assert (axis.low <= float(snapped) <= axis.high) or not axis.low <= number <= axis.high
    assert axis.snap(snapped) == snapped


def test_numbers_beyond_floats_lie_outside() -> None:
    """An integer that no float can hold is outside, not an overflow."""
    axis = Dimension(name="s.x.a", kind="int", low=1, high=9, default=1)
    assert not axis.contains(10**400)
    assert not replace(axis, kind="float").contains(-(10**400))


def test_steps_are_held() -> None:
    """Off the grid is outside; a value inside is moved onto it by snap."""
    axis = Dimension(name="s.x.a", kind="float", low=0.0, high=1.0, step=0.25, default=0.5)
    assert axis.contains(0.75)
    assert not axis.contains(0.7)
    assert axis.snap(0.7) == 0.75
    assert math.isnan(float(axis.snap(math.nan)))


def test_conditions_compare_type_and_value() -> None:
    """True is not 1, and an absent parameter meets no condition."""
    condition = Condition(parameter="s.x.a", values=(1, "join"))
    assert condition.holds({"s.x.a": 1})
    assert condition.holds({"s.x.a": "join"})
    assert not condition.holds({"s.x.a": True})
    assert not condition.holds({})


def test_dimensions_in_a_circle_are_never_active() -> None:
    """The guard refuses such a file; made by hand, nothing on the circle exists."""
    first = Dimension(name="a.a", kind="bool", default=True, when=Condition(parameter="a.b", values=(True,)))
    second = Dimension(name="a.b", kind="bool", default=True, when=Condition(parameter="a.a", values=(True,)))
    space = SearchSpace(name="t", strategy="s", dimensions=(second, first))
    assert space.defaults == {}
    assert space.active({"a.a": True, "a.b": True}) == {}


def test_the_digest_is_of_what_makes_scores_comparable() -> None:
    """Texts do not enter it; bounds, defaults and fixed values do."""
    axis = Dimension(name="s.x.a", kind="int", low=1, high=9, default=1)
    space = SearchSpace(name="t", strategy="s", dimensions=(axis,))
    same = replace(space, name="u", dimensions=(replace(axis, unit="n", description="d"),))
    assert same.digest == space.digest
    for other in (
        replace(space, fixed={"s.x.b": 1}),
        replace(space, strategy="r"),
        replace(space, dimensions=(replace(axis, default=2),)),
        replace(space, dimensions=(replace(axis, log=True),)),
    ):
        assert other.digest != space.digest


def test_snap_leaves_unknown_names_alone() -> None:
    """The guard is the one that refuses them."""
    axis = Dimension(name="s.x.a", kind="float", low=0.0, high=1.0, default=0.5)
    space = SearchSpace(name="t", strategy="s", dimensions=(axis,))
    assert space.snap({"z": 0.12345678912345, "s.x.a": 0.12345678912345}) == {
        "s.x.a": 0.123456789,
        "z": 0.12345678912345,
    }
