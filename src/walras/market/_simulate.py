"""Runs one strategy step through one scenario, and the book through given operations."""

from __future__ import annotations

from dataclasses import astuple
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from walras.core import DomainError, Scenario
from walras.market import _engine as kernel
from walras.market import _layout as at
from walras.market._outcome import BLOCKS, REJECTIONS, ScenarioOutcome
from walras.market._profile import MarketProfile, market_profile
from walras.market._scenarios import check_events
from walras.market._tables import Tables, load_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from walras.market._step import Step


class Tape(NamedTuple):
    """What a scenario fixes before anybody trades, one entry a belief step (16 events).

    Attributes:
        belief_q20: Probability of YES times 2^20, int32.
        regime: Index into `REGIMES`, int32.
        clock_ns: Time since the first event, int64.
        resolved_yes: 1 if the market resolves YES.
    """

    belief_q20: NDArray[np.int32]
    regime: NDArray[np.int32]
    clock_ns: NDArray[np.int64]
    resolved_yes: int


class BookReplay(NamedTuple):
    """What `replay_book` saw.

    Attributes:
        trail: Shape (operations, 12), int64: best bid, best ask (0 and `ticks_per_unit` if none), lots at
            each, lots traded so far, own ledger, own net lots, own fees, own rebates, own rejections,
            own free cash, counterparty cash; after each operation.
        resting: Shape (orders, 4), int64: side, mirrored price, lots, tag, in priority order.
    """

    trail: NDArray[np.int64]
    resting: NDArray[np.int64]


class _State(NamedTuple):
    pool: NDArray[np.int32]
    live: NDArray[np.int32]
    fills: NDArray[np.int64]
    book: NDArray[np.int64]
    own: NDArray[np.int64]
    acct: NDArray[np.int64]


def simulate(
    scenario: Scenario,
    step: Step,
    params: NDArray[np.float64],
    *,
    profile: MarketProfile | None = None,
) -> ScenarioOutcome:
    """Run one strategy through one scenario.

    Pure and deterministic: equal arguments give equal integers on every CPU. It reads no clock and no
    file but the shipped tables, and takes about 2 ms per 100,000 events.

    Args:
        scenario: Market, seed and length.
        step: A compiled step function; see `compile_step`.
        params: The strategy's parameters as floats, shape (parameters,).
        profile: A market to use in place of the one the scenario names, for studies of the market.

    Raises:
        UnknownName: If the scenario names an unknown market.
        DomainError: If the scenario's length or the profile is out of range.
        Exception: Whatever the step raised, as it was raised.
    """
    check_events(scenario.events)
    market = market_profile(scenario.market) if profile is None else profile
    cfg = _integers(market)
    tables = _tables()
    tape = _blank_tape(scenario.events)
    state = _blank_state()
    blocks = np.zeros(BLOCKS, np.int64)
    kernel.run_scenario(
        step, np.ascontiguousarray(params, np.float64), scenario.seed, scenario.events, cfg,
        *tables, *tape, *state, blocks,
        np.zeros(at.VIEW_SIZE, np.int64), np.zeros(at.MEMORY_SIZE, np.float64),
        np.zeros((at.ACTION_ROWS, at.ACTION_WIDTH), np.int64),
    )  # fmt: skip
    return _outcome(scenario, market, state.acct, state.book, blocks)


def read_tape(scenario: Scenario, *, profile: MarketProfile | None = None) -> Tape:
    """Return a scenario's tape: what no strategy sees and no order changes.

    Raises:
        UnknownName: If the scenario names an unknown market.
        DomainError: If the scenario's length is out of range.
    """
    check_events(scenario.events)
    market = market_profile(scenario.market) if profile is None else profile
    tables = _tables()
    belief, regime, clock = _blank_tape(scenario.events)
    resolved = kernel.make_tape(
        scenario.seed, _integers(market), tables.sigmoid, tables.normal, tables.exponential, tables.jump,
        belief, regime, clock,
    )  # fmt: skip
    return Tape(belief, regime, clock, int(resolved))


def replay_book(operations: NDArray[np.int64], *, profile: MarketProfile) -> BookReplay:
    """Run operations through the engine's matching, with no flow and no latency, for cross-checks.

    Args:
        operations: Shape (n, 6), int64: what (0 add, 1 cancel, 2 take, 3 own order, 4 own cancel), side,
            price, lots, reference (operation number, or own slot), kind.
        profile: Ticks, minimum sizes, fees and cash.

    Raises:
        DomainError: If the operations have another shape.
    """
    if operations.ndim != 2 or operations.shape[1] != 6:
        raise DomainError(f"Operations have shape (n, 6), got {operations.shape}.")
    rows = np.ascontiguousarray(operations, np.int64)
    trail = np.zeros((len(rows), kernel.TRAIL_WIDTH), np.int64)
    resting = np.zeros((len(rows) + 1, 4), np.int64)
    tape = _blank_tape(kernel.STRIDE)
    count = kernel.replay_operations(rows, _integers(profile), *tape, *_blank_state(), trail, resting)
    return BookReplay(trail, resting[:count])


@cache
def _tables() -> Tables:
    return load_tables()


def _integers(profile: MarketProfile) -> NDArray[np.int64]:
    """Return the profile's numbers in declared order, pairs laid flat, as the kernel's `C_` indices say."""
    flat: list[int] = []
    for value in astuple(profile)[1:]:
        flat.extend(value if isinstance(value, tuple) else (value,))
    if not 10 <= profile.ticks_per_unit <= 1_000 or kernel.LOT_UPUSD % profile.ticks_per_unit:
        raise DomainError(f"{profile.name}: ticks_per_unit must divide 10,000 and lie in 10 .. 1,000.")
    cfg = np.zeros(kernel.CFG_SIZE, np.int64)
    cfg[: len(flat)] = flat
    return cfg


def _blank_tape(events: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    steps = (events >> kernel.STRIDE_BITS) + 2
    return np.zeros(steps, np.int32), np.zeros(steps, np.int32), np.zeros(steps, np.int64)


def _blank_state() -> _State:
    return _State(
        pool=np.zeros(kernel.POOL_SIZE, np.int32),
        live=np.zeros(kernel.CAPACITY, np.int32),
        fills=np.empty((kernel.CAPACITY + at.OWN_ORDERS, 4), np.int64),
        book=np.zeros(kernel.BOOK_SIZE, np.int64),
        own=np.zeros((at.OWN_ORDERS, kernel.O_SIZE), np.int64),
        acct=np.zeros(kernel.ACCT_SIZE, np.int64),
    )


def _outcome(
    scenario: Scenario,
    market: MarketProfile,
    acct: NDArray[np.int64],
    book: NDArray[np.int64],
    blocks: NDArray[np.int64],
) -> ScenarioOutcome:
    def part(first: int, size: int) -> NDArray[np.int64]:
        cut = acct[first : first + size].copy()
        cut.flags.writeable = False
        return cut

    blocks.flags.writeable = False
    one = {name: int(acct[index]) for name, index in _SCALARS.items()}
    net = int(acct[kernel.NET])
    fees, rebates = one["taker_fee_upusd"], one["maker_rebate_upusd"]
    tokens_upusd = max(0, -net) * kernel.LOT_UPUSD
    return ScenarioOutcome(
        block_pnl_upusd=blocks,
        rejections=part(kernel.REJECTED, len(REJECTIONS)),
        maker_markout_upusd=part(kernel.MAKER_MARKOUT, 3),
        maker_markout_lots=part(kernel.MAKER_MARKED, 3),
        taker_markout_upusd=part(kernel.TAKER_MARKOUT, 3),
        taker_markout_lots=part(kernel.TAKER_MARKED, 3),
        regime_pnl_upusd=part(kernel.REGIME_PNL, 2),
        regime_fills=part(kernel.REGIME_FILLS, 2),
        regime_events=part(kernel.REGIME_EVENTS, 2),
        events=scenario.events,
        duration_ms=int(acct[kernel.DURATION_NS]) // 1_000_000,
        initial_cash_upusd=market.initial_cash_upusd,
        final_cash_upusd=market.initial_cash_upusd + int(acct[kernel.LEDGER]) - fees + rebates - tokens_upusd,
        final_yes_lots=max(0, net),
        final_no_lots=max(0, -net),
        exchange_income_upusd=fees - rebates,
        book_added_lots=int(book[kernel.ADDED]),
        book_cancelled_lots=int(book[kernel.CANCELLED]),
        book_traded_lots=int(book[kernel.TRADED]),
        **one,
    )


_SCALARS = {
    "resolution_pnl_upusd": kernel.RESOLUTION,
    "taker_fee_upusd": kernel.FEES,
    "maker_rebate_upusd": kernel.REBATES,
    "maker_fills": kernel.MAKER_FILLS,
    "taker_fills": kernel.TAKER_FILLS,
    "maker_filled_lots": kernel.MAKER_LOTS,
    "taker_filled_lots": kernel.TAKER_LOTS,
    "orders_placed": kernel.PLACED,
    "orders_filled": kernel.FILLED_ORDERS,
    "orders_cancelled": kernel.CANCELS,
    "orders_expired": kernel.EXPIRIES,
    "placed_lots": kernel.PLACED_LOTS,
    "adverse_selection_upusd": kernel.ADVERSE,
    "max_abs_inventory_lots": kernel.MAX_NET,
    "sum_abs_inventory_lots": kernel.SUM_NET,
    "final_inventory_lots": kernel.NET,
    "belief_steps": kernel.STEPS,
    "quadratic_variation": kernel.VARIATION,
    "resolution_quadratic_variation": kernel.END_VARIATION,
    "max_drawdown_upusd": kernel.DRAWDOWN,
    "decisions": kernel.DECISIONS,
    "counterparty_cash_upusd": kernel.COUNTERPARTY,
    "book_resting_lots": kernel.RESTING,
    "book_checksum": kernel.CHECKSUM,
    "tape_checksum": kernel.TAPE_CHECKSUM,
    "resolved_yes": kernel.RESOLVED,
}
