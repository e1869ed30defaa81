"""What one simulated scenario measured: integers only, no opinions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

BLOCKS: Final = 64
"""Equal blocks of events into which a scenario's profit is cut."""

REGIMES: Final = ("calm", "news")
"""Names of the regimes, in the order of every per-regime array."""

MARKOUT_HORIZONS: Final = ("short", "medium", "long")
"""Names of the markout horizons, in the order of every markout array; lengths stand in the profile."""

REJECTIONS: Final = (
    "post_only_would_cross",
    "below_minimum_size",
    "price_out_of_range",
    "insufficient_balance",
    "fok_unfilled",
    "fak_unfilled",
    "below_minimum_notional",
    "too_many_orders",
    "unknown_order",
    "malformed_action",
)
"""Why the exchange refused an order, in the order of `ScenarioOutcome.rejections`."""


@dataclass(frozen=True, eq=False)
class ScenarioOutcome:
    """Everything measured while one strategy met one scenario.

    All figures are exact integers, so two outcomes can be compared bit for bit. Money is in
    micro-pUSD (`_upusd`), sizes in hundredths of a share (`_lots`). `side` is +1 for a purchase of
    YES and -1 for a sale. Arrays are int64 and read-only.

    Attributes:
        block_pnl_upusd: Shape (64,). Change of belief-marked equity, net of fees and rebates, in each
            equal block of events; the sum is the belief-marked profit of the scenario.
        resolution_pnl_upusd: Profit if every position is held to resolution and paid 0 or 1.
        taker_fee_upusd: Fees paid on own taker fills.
        maker_rebate_upusd: Rebates earned on own maker fills.
        maker_fills: Number of own maker fills (one per match).
        taker_fills: Number of own taker fills (one per match).
        maker_filled_lots: Lots filled as maker.
        taker_filled_lots: Lots filled as taker.
        orders_placed: Orders that reached the exchange and were accepted.
        orders_filled: Accepted orders with at least one fill.
        orders_cancelled: Own orders removed by a cancel before they were filled.
        orders_expired: Own orders removed because their time to live had passed.
        placed_lots: Lots of all accepted orders.
        rejections: Shape (10,). Refused orders and actions, by `REJECTIONS`.
        maker_markout_upusd: Shape (3,). Sum over maker fills of side * lots * (belief after the
            horizon - fill price), by `MARKOUT_HORIZONS`, before fees.
        maker_markout_lots: Shape (3,). Lots those sums cover; fills too near the end are left out.
        taker_markout_upusd: Shape (3,). The same for taker fills.
        taker_markout_lots: Shape (3,). The same for taker fills.
        adverse_selection_upusd: Loss of maker fills because belief moved against them within the
            medium horizon; positive is a loss.
        max_abs_inventory_lots: Largest absolute net position (YES minus NO) at any belief step.
        sum_abs_inventory_lots: Sum of the absolute net position over belief steps.
        final_inventory_lots: Net position at the end.
        belief_steps: Number of belief steps; `sum_abs_inventory_lots / belief_steps` is the mean.
        quadratic_variation: Sum over belief steps of (net position * change of belief)^2, in units of
            1e-8 pUSD^2. One step's value change saturates at 1,677 pUSD, so the sum fits in 64 bits.
        resolution_quadratic_variation: The same for the final jump of belief to 0 or 1.
        max_drawdown_upusd: Largest fall of belief-marked equity from its peak, at belief steps.
        regime_pnl_upusd: Shape (2,). Belief-marked profit by `REGIMES`; sums to the total.
        regime_fills: Shape (2,). Own fills by regime.
        regime_events: Shape (2,). Events by regime.
        decisions: Times the strategy was called.
        events: Background events processed.
        duration_ms: Simulated time from first to last event.
        initial_cash_upusd: Cash at the start.
        final_cash_upusd: Cash at the end, fees and rebates included, positions excluded.
        final_yes_lots: YES tokens held at the end (complete sets are merged at once).
        final_no_lots: NO tokens held at the end.
        counterparty_cash_upusd: Cash that passed to everyone we traded with; with our own trading
            cash and the collateral in open positions it sums to zero.
        exchange_income_upusd: Own taker fees kept by the exchange less own rebates paid.
        book_added_lots: Lots that ever rested on the book, all parties.
        book_cancelled_lots: Lots that left it by cancel or expiry, all parties.
        book_traded_lots: Resting lots that were executed, all parties.
        book_resting_lots: Lots on the book at the end, counted order by order.
        book_checksum: Checksum of every resting order's side, price, size and priority at the end.
        tape_checksum: Checksum of belief, regime and clock; depends on market and seed alone.
        resolved_yes: 1 if the market resolved YES, else 0.
    """

    block_pnl_upusd: IntArray
    resolution_pnl_upusd: int
    taker_fee_upusd: int
    maker_rebate_upusd: int
    maker_fills: int
    taker_fills: int
    maker_filled_lots: int
    taker_filled_lots: int
    orders_placed: int
    orders_filled: int
    orders_cancelled: int
    orders_expired: int
    placed_lots: int
    rejections: IntArray
    maker_markout_upusd: IntArray
    maker_markout_lots: IntArray
    taker_markout_upusd: IntArray
    taker_markout_lots: IntArray
    adverse_selection_upusd: int
    max_abs_inventory_lots: int
    sum_abs_inventory_lots: int
    final_inventory_lots: int
    belief_steps: int
    quadratic_variation: int
    resolution_quadratic_variation: int
    max_drawdown_upusd: int
    regime_pnl_upusd: IntArray
    regime_fills: IntArray
    regime_events: IntArray
    decisions: int
    events: int
    duration_ms: int
    initial_cash_upusd: int
    final_cash_upusd: int
    final_yes_lots: int
    final_no_lots: int
    counterparty_cash_upusd: int
    exchange_income_upusd: int
    book_added_lots: int
    book_cancelled_lots: int
    book_traded_lots: int
    book_resting_lots: int
    book_checksum: int
    tape_checksum: int
    resolved_yes: int

    @property
    def belief_pnl_upusd(self) -> int:
        """Return the belief-marked profit of the whole scenario, net of fees and rebates."""
        return int(self.block_pnl_upusd.sum())

    def as_integers(self) -> dict[str, int | list[int]]:
        """Return every field as a plain integer or list of integers, in declared order."""
        plain: dict[str, int | list[int]] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            plain[item.name] = int(value) if isinstance(value, int) else [int(x) for x in value]
        return plain

    def digest(self) -> str:
        """Return the SHA-256 of all fields; equal outcomes have equal digests."""
        text = ";".join(f"{name}={value}" for name, value in self.as_integers().items())
        return sha256(text.encode()).hexdigest()
