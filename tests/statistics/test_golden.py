"""Every golden case, and the list of methods that later issues build."""

import pytest
from tests.statistics.golden import METHODS, NOT_BUILT, NotBuilt, answer
from tests.statistics.match import Case, load_cases, mismatch, outcome

CASES = load_cases()
BUILT = [case for case in CASES if case.method not in NOT_BUILT]


@pytest.mark.parametrize("case", BUILT, ids=lambda case: case.id)
def test_agrees_with_the_golden_value(case: Case) -> None:
    """Two independent routes gave the expected value."""
    assert mismatch(case, outcome(answer, case)) is None


def test_every_method_answers_or_names_the_issue_that_builds_it() -> None:
    """No golden method is forgotten, and none is listed as missing once it answers."""
    methods = {case.method for case in CASES}
    assert len(CASES) == 128
    assert set(METHODS) == methods - set(NOT_BUILT)
    assert set(NOT_BUILT) <= methods


@pytest.mark.parametrize("method", NOT_BUILT)
def test_a_method_not_built_raises(method: str) -> None:
    """Nothing answers for it by accident."""
    case = next(case for case in CASES if case.method == method)
    with pytest.raises(NotBuilt, match=method):
        answer(method, case.inputs)


class TestMatcher:
    def case(self, expected: object) -> Case:
        return Case("x", "m", {}, expected, 1e-6, 0.0)

    def test_reports_where_a_nested_value_differs(self) -> None:
        """The path leads to the first difference."""
        assert mismatch(self.case({"a": [1.0, 2.0]}), {"a": [1.0, 2.1]}) == "$.a[1]: 2.1 instead of 2.0"

    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            ("undefined", {"n": 3, "p": None}),
            ("undefined_or_error", ValueError()),
            ("error", ValueError()),
            ("inf", float("inf")),
            ({"any_of": ["inf", "undefined"]}, float("nan")),
            ({"range": [0.0, 1.0]}, 0.5),
            ([True, "x", 3], [True, "x", 3]),
            (2.0, 2.000001),
        ],
    )
    def test_accepts(self, expected: object, got: object) -> None:
        """Each convention of the golden file."""
        assert mismatch(self.case(expected), got) is None

    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            ("undefined", 0.0),
            ("undefined", {"n": 3}),
            ("error", 1.0),
            ("inf", 1e300),
            ({"any_of": ["inf", "undefined"]}, 1.0),
            ({"range": [0.0, 1.0]}, 2.0),
            ([1], [1, 2]),
            ({"a": 1}, {}),
            (2.0, None),
            (2, 3),
            (True, False),
            (1.0, ValueError()),
        ],
    )
    def test_refuses(self, expected: object, got: object) -> None:
        """A number is never taken for undefined, nor the reverse."""
        assert mismatch(self.case(expected), got) is not None
