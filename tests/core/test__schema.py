"""What a strategy declares, and which values it admits."""

from typing import Any

import pytest

from walras.core import DomainError, Kind, ParameterSpec, StrategySchema, is_of_kind


def spec(**changes: Any) -> ParameterSpec:
    """Return an int parameter from 1 to 10."""
    fields = {"name": "s.x", "kind": "int", "default": 2, "description": "X.", "low": 1, "high": 10}
    return ParameterSpec(**{**fields, **changes})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("bool", [True, False], [1, 0, "true", None]),
        ("int", [1, -5, 10**30], [True, 1.0, "1"]),
        ("float", [1, 1.5, -0.0], [True, float("nan"), float("inf"), "1"]),
        ("categorical", ["a", ""], [1, None, b"a"]),
    ],
)
def test_kinds_are_exact_types(kind: Kind, good: list[object], bad: list[object]) -> None:
    """Nothing is coerced, but for an int where a float is declared."""
    assert all(is_of_kind(value, kind) for value in good)
    assert not any(is_of_kind(value, kind) for value in bad)


def test_bounds_are_inclusive() -> None:
    """Both ends are admitted, and a value of another type never is."""
    assert [spec().admits(value) for value in (0, 1, 10, 11, True, 2.0)] == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]


def test_choices_and_flags_admit_their_own() -> None:
    """A categorical has its choices, a bool both values."""
    mode = spec(kind="categorical", default="join", low=None, high=None, choices=("join", "improve"))
    assert mode.admits("improve")
    assert not mode.admits("other")
    assert spec(kind="bool", default=True, low=None, high=None).admits(False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"low": None}, "needs low <= high"),
        ({"high": None}, "needs low <= high"),
        ({"low": 11}, "needs low <= high"),
        ({"kind": "categorical", "default": "a"}, "at least one choice"),
        ({"default": 11}, "outside its own bounds"),
        ({"default": 2.5}, "outside its own bounds"),
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    """Where it is declared, not where it is used."""
    with pytest.raises(DomainError, match=said):
        spec(**changes)


def test_names_are_unique() -> None:
    """Two parameters of one name are a mistake."""
    with pytest.raises(DomainError, match="not unique"):
        StrategySchema("s", "S.", (spec(), spec()))


def test_a_schema_knows_its_parameters_and_defaults() -> None:
    """By name, in declared order."""
    schema = StrategySchema("s", "S.", (spec(name="s.b"), spec(name="s.a", default=5)))
    assert list(schema.by_name) == ["s.b", "s.a"]
    assert schema.defaults == {"s.b": 2, "s.a": 5}


def test_the_digest_is_of_what_is_declared_and_not_of_what_is_told() -> None:
    """Another description is the same schema; another bound, unit or order is not."""
    one = StrategySchema("s", "S.", (spec(), spec(name="s.y"))).digest
    assert StrategySchema("s", "T.", (spec(description="Y.", risk="all"), spec(name="s.y"))).digest == one
    others = [
        (spec(high=11), spec(name="s.y")),
        (spec(unit="s"), spec(name="s.y")),
        (spec(name="s.y"), spec()),
    ]
    assert one not in {StrategySchema("s", "S.", rows).digest for rows in others}
