"""Reason codes state facts that hold for a report."""

import pytest
from tests.backtest._outcomes import SCENARIO, outcome

from walras.backtest import ReasonCode, report_schema
from walras.backtest._fill import scenario_report
from walras.backtest._reasons import REJECTION_CODES, reason_codes
from walras.core import Params
from walras.market import REJECTIONS, ScenarioOutcome

BUSY = outcome(orders_placed=9, maker_fills=40)


def codes(*outcomes: ScenarioOutcome, params: Params | None = None) -> set[str]:
    """Return the codes of a report over `outcomes`."""
    return set(reason_codes([scenario_report(SCENARIO, one) for one in outcomes], params or {}))


def test_every_rejection_of_the_exchange_has_a_code() -> None:
    """A new reason in the market needs a new code here."""
    assert set(REJECTION_CODES) == set(REJECTIONS)


@pytest.mark.parametrize("number", range(len(REJECTIONS)))
def test_a_rejection_is_named(number: int) -> None:
    """Each reason of the exchange becomes its own code."""
    counts = [0] * len(REJECTIONS)
    counts[number] = 1
    rejected = outcome(orders_placed=1, maker_fills=99, rejections=counts)
    assert codes(rejected, BUSY) == {str(REJECTION_CODES[REJECTIONS[number]])}


def test_a_quiet_report_has_no_codes() -> None:
    """Two busy scenarios, flat at the end."""
    assert codes(BUSY, BUSY) == set()


def test_inactivity_is_named_by_its_first_cause() -> None:
    """No decisions, then no orders, then no fills, then few."""
    assert codes(outcome(decisions=0), outcome(decisions=0)) == {"NO_DECISIONS"}
    assert codes(outcome(), outcome()) == {"NO_ORDERS"}
    assert codes(outcome(orders_placed=1), outcome()) == {"NO_FILLS"}
    assert codes(outcome(orders_placed=1, maker_fills=5), BUSY) == set()
    few = outcome(orders_placed=1, taker_fills=1)
    assert codes(few, outcome()) == {"FEW_FILLS", "NO_FILLS_IN_SOME_SCENARIOS"}


def test_inventory_is_judged_by_the_strategys_own_limit() -> None:
    """5 shares are 500 lots."""
    full = outcome(orders_placed=1, maker_fills=99, max_abs_inventory_lots=500)
    assert codes(full, BUSY, params={"strategy.mm.max_inventory": 5.0}) == {
        str(ReasonCode.INVENTORY_AT_LIMIT)
    }
    assert codes(full, BUSY, params={"strategy.mm.max_inventory": 6}) == set()
    assert codes(full, BUSY, params={"strategy.mm.max_inventory": "none", "x": 1}) == set()


def test_an_open_position_and_a_single_scenario_are_named() -> None:
    """What is left for resolution, and what cannot have a standard error."""
    held = outcome(orders_placed=1, maker_fills=99, final_inventory_lots=-1)
    assert codes(held) == {"NO_STANDARD_ERROR", "POSITION_OPEN_AT_END"}


def test_every_code_has_a_meaning_of_its_own() -> None:
    """One sentence each, also in the published schema."""
    meanings = [code.meaning for code in ReasonCode]
    assert all(meaning.endswith(".") for meaning in meanings)
    assert len(set(meanings)) == len(meanings)
    listed = report_schema()["properties"]["reason_codes"]["items"]["oneOf"]
    assert [(row["const"], row["description"]) for row in listed] == [
        (c.value, c.meaning) for c in ReasonCode
    ]
