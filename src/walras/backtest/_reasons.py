"""Reason codes: what a reader of a report should look at first. Facts with thresholds, no opinions."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from walras.core import Params, ScenarioReport

FEW_FILLS_BELOW: Final = 30
"""Fewer fills than this in all scenarios together say little about a maker's edge."""


class ReasonCode(StrEnum):
    """Why a report may not say what it seems to say; each code has a `meaning`.

    `ORDERS_REJECTED_...` is given where the exchange refused any order for that reason.
    """

    meaning: str

    def __new__(cls, code: str, meaning: str) -> "ReasonCode":
        """Make a code that carries its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    NO_DECISIONS = "NO_DECISIONS", "The strategy was never called."
    NO_ORDERS = "NO_ORDERS", "No order reached the book in any scenario."
    NO_FILLS = "NO_FILLS", "Orders reached the book, none was filled in any scenario."
    NO_FILLS_IN_SOME_SCENARIOS = (
        "NO_FILLS_IN_SOME_SCENARIOS",
        "At least one scenario had no fill, at least one had some.",
    )
    FEW_FILLS = "FEW_FILLS", "Fewer than 30 fills in all scenarios together."
    INVENTORY_AT_LIMIT = (
        "INVENTORY_AT_LIMIT",
        "The position reached the strategy's own `max_inventory` in at least one scenario.",
    )
    POSITION_OPEN_AT_END = (
        "POSITION_OPEN_AT_END",
        "A position was left for resolution in at least one scenario.",
    )
    NO_STANDARD_ERROR = "NO_STANDARD_ERROR", "One scenario alone: no score can carry a standard error."
    ORDERS_REJECTED_POST_ONLY = (
        "ORDERS_REJECTED_POST_ONLY",
        "A post-only order would have crossed the book.",
    )
    ORDERS_REJECTED_MIN_SIZE = (
        "ORDERS_REJECTED_MIN_SIZE",
        "An order was smaller than the market's minimum.",
    )
    ORDERS_REJECTED_PRICE = "ORDERS_REJECTED_PRICE", "A price lay outside the valid ticks."
    ORDERS_REJECTED_BALANCE = "ORDERS_REJECTED_BALANCE", "The balance could not cover an order."
    ORDERS_REJECTED_FOK = "ORDERS_REJECTED_FOK", "A fill-or-kill order could not be filled whole."
    ORDERS_REJECTED_FAK = "ORDERS_REJECTED_FAK", "A fill-and-kill order found nothing to take."
    ORDERS_REJECTED_MIN_NOTIONAL = (
        "ORDERS_REJECTED_MIN_NOTIONAL",
        "An order that takes cost less than the market's minimum.",
    )
    ORDERS_REJECTED_TOO_MANY = "ORDERS_REJECTED_TOO_MANY", "The strategy had too many orders open."
    ORDERS_REJECTED_UNKNOWN_ORDER = (
        "ORDERS_REJECTED_UNKNOWN_ORDER",
        "A cancel named an order that was not open.",
    )
    ORDERS_REJECTED_MALFORMED = "ORDERS_REJECTED_MALFORMED", "An action was not one the exchange knows."


REJECTION_CODES: Final = {
    "post_only_would_cross": ReasonCode.ORDERS_REJECTED_POST_ONLY,
    "below_minimum_size": ReasonCode.ORDERS_REJECTED_MIN_SIZE,
    "price_out_of_range": ReasonCode.ORDERS_REJECTED_PRICE,
    "insufficient_balance": ReasonCode.ORDERS_REJECTED_BALANCE,
    "fok_unfilled": ReasonCode.ORDERS_REJECTED_FOK,
    "fak_unfilled": ReasonCode.ORDERS_REJECTED_FAK,
    "below_minimum_notional": ReasonCode.ORDERS_REJECTED_MIN_NOTIONAL,
    "too_many_orders": ReasonCode.ORDERS_REJECTED_TOO_MANY,
    "unknown_order": ReasonCode.ORDERS_REJECTED_UNKNOWN_ORDER,
    "malformed_action": ReasonCode.ORDERS_REJECTED_MALFORMED,
}


def reason_codes(scenarios: Sequence[ScenarioReport], params: Params) -> tuple[str, ...]:
    """Return the codes that hold for a report, sorted."""
    found = _activity_codes(scenarios) | {
        REJECTION_CODES[reason] for one in scenarios for reason in one.rejections
    }
    limit = _inventory_limit_lots(params)
    if limit is not None and any(one.inventory_max_lots >= limit for one in scenarios):
        found.add(ReasonCode.INVENTORY_AT_LIMIT)
    if any(one.inventory_final_lots for one in scenarios):
        found.add(ReasonCode.POSITION_OPEN_AT_END)
    if len(scenarios) == 1:
        found.add(ReasonCode.NO_STANDARD_ERROR)
    return tuple(sorted(str(code) for code in found))


def _activity_codes(scenarios: Sequence[ScenarioReport]) -> set[ReasonCode]:
    fills = [one.maker_fills + one.taker_fills for one in scenarios]
    if not any(one.decisions for one in scenarios):
        return {ReasonCode.NO_DECISIONS}
    if not any(one.orders_placed for one in scenarios) and not any(fills):
        return {ReasonCode.NO_ORDERS}
    if not any(fills):
        return {ReasonCode.NO_FILLS}
    codes = {ReasonCode.FEW_FILLS} if sum(fills) < FEW_FILLS_BELOW else set()
    return codes | ({ReasonCode.NO_FILLS_IN_SOME_SCENARIOS} if not all(fills) else set())


def _inventory_limit_lots(params: Params) -> float | None:
    """Return the limit a strategy set itself: its parameter named `max_inventory`, in shares."""
    for name, value in params.items():
        if name.rsplit(".", 1)[-1] == "max_inventory" and isinstance(value, int | float):
            return 100.0 * value
    return None
