"""Market profiles: what kind of market a scenario is, as data in integers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from walras.core import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class MarketProfile:
    """One kind of market. Every number is an integer; changing one changes the digest.

    Pairs and quadruples are ordered (calm, news) and (first lag, ..., last lag). `_bp` is 1/10,000,
    `_q8` ticks times 256, `_q24` a number times 2^24, `_per_64k` a probability times 65,536, `_events`
    background events.

    Attributes:
        name: What a search space's `market` says.
        ticks_per_unit: Ticks in one pUSD; valid prices are 1 .. ticks_per_unit - 1.
        minimum_lots: Smallest order, in hundredths of a share.
        minimum_notional_upusd: Smallest cost of an order that takes.
        taker_fee_bp: Fee rate r of `r * shares * p * (1 - p)`.
        rebate_share_bp: Share of the taker's fee that is paid to the maker.
        initial_cash_upusd: Cash a strategy starts with.
        decision_interval_events: Events between two calls of the strategy.
        place_latency_ns: Time from decision until an order reaches the book.
        cancel_latency_ns: Time from decision until a cancel reaches the book.
        event_interval_ns: Mean time between events, by regime.
        belief_sd_q24: Standard deviation of the log-odds per belief step (16 events), by regime.
        switch_per_1m: Chance per belief step to leave the regime, by regime, times 1,048,576.
        jump_per_64k: Chance of a news jump per belief step, by regime.
        start_log_odds_q24: Initial log-odds are uniform on plus or minus this.
        live_orders: Background orders the book reverts to.
        maker_per_64k: Share of slots in which a background maker adds or cancels an order.
        informed_per_64k: Share of slots in which an informed trader looks at the book.
        add_per_64k: Share of slots that add while the book is (below, at or above) its usual size.
        maker_lag_events: Age of the belief that background makers quote from.
        maker_half_spread_q8: Least distance of a background quote from the maker's fair price.
        informed_edge_q8: Belief minus price that an informed trader needs; it does not weigh the fee.
        noise_reach_ticks: How far beyond the touch an uninformed taker pays.
        markout_events: Horizons short, medium, long.
    """

    name: str
    ticks_per_unit: int
    minimum_lots: int
    minimum_notional_upusd: int
    taker_fee_bp: int
    rebate_share_bp: int
    initial_cash_upusd: int
    decision_interval_events: int
    place_latency_ns: int
    cancel_latency_ns: int
    event_interval_ns: tuple[int, int]
    belief_sd_q24: tuple[int, int]
    switch_per_1m: tuple[int, int]
    jump_per_64k: tuple[int, int]
    start_log_odds_q24: int
    live_orders: int
    maker_per_64k: int
    informed_per_64k: int
    add_per_64k: tuple[int, int]
    maker_lag_events: tuple[int, int, int, int]
    maker_half_spread_q8: int
    informed_edge_q8: int
    noise_reach_ticks: int
    markout_events: tuple[int, int, int]

    @property
    def digest(self) -> str:
        """Return the SHA-256 of every field, so that a changed market is never mistaken for the old one."""
        text = ";".join(f"{name}={value}" for name, value in sorted(asdict(self).items()))
        return sha256(text.encode()).hexdigest()


# Calibrated on seeds 100000-100047 so that a two-sided quoter has an interior optimum (around three
# ticks): tighter loses to the informed, wider is not filled. Not fitted to any real book.
LIQUID_POLITICS: Final = MarketProfile(
    name="liquid_politics",
    ticks_per_unit=100,
    minimum_lots=500,
    minimum_notional_upusd=1_000_000,
    taker_fee_bp=400,
    rebate_share_bp=2_500,
    initial_cash_upusd=10_000_000_000,
    decision_interval_events=100,
    place_latency_ns=60_000_000,
    cancel_latency_ns=40_000_000,
    event_interval_ns=(20_000_000, 8_000_000),
    belief_sd_q24=(390_000, 780_000),
    switch_per_1m=(1_280, 10_240),
    jump_per_64k=(40, 600),
    start_log_odds_q24=12_000_000,
    live_orders=300,
    maker_per_64k=55_000,
    informed_per_64k=10_300,
    add_per_64k=(36_045, 26_214),
    maker_lag_events=(150, 300, 600, 1_200),
    maker_half_spread_q8=1_472,
    informed_edge_q8=32,
    noise_reach_ticks=4,
    markout_events=(40, 400, 4_000),
)


def _profiles() -> Mapping[str, MarketProfile]:
    return {profile.name: profile for profile in (LIQUID_POLITICS,)}


def market_profile_names() -> tuple[str, ...]:
    """Return the names of the known markets, sorted."""
    return tuple(sorted(_profiles()))


def market_profile(name: str) -> MarketProfile:
    """Return the profile called `name`.

    Raises:
        UnknownName: If there is none.
    """
    try:
        return _profiles()[name]
    except KeyError:
        raise UnknownName("market", name, known=market_profile_names()) from None
