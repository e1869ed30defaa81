"""The report envelope: what one backtest measured. Numbers with their units, and no opinions.

`*_upusd` are exact integer micro-pUSD, `*_lots` exact integer hundredths of a share, `*_pusd` floats in
pUSD. A number that has no value here is `Undefined` with its reason, never 0 and never NaN.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from walras.core._canonical import NOTICE, canonical_json, digest


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Undefined(_Model):
    """A metric that has no value here, and why. It fails every gate."""

    undefined: str = Field(description="Why there is no value.")


Metric = float | Undefined


class RegimeReport(_Model):
    """What happened while the market was in one regime."""

    regime: str
    events: int
    pnl_pusd: float = Field(description="Belief-marked P&L net of fees made in this regime.")
    fills: int


class MarkoutReport(_Model):
    """Gain per filled share from the belief's move after the fill, positive in our favour, before fees."""

    side: Literal["maker", "taker"] = Field(description="Whether our order rested or took.")
    horizon: str = Field(description="short, medium or long.")
    horizon_events: int
    gain_upusd: int = Field(description="Sum over fills of side * size * (belief then - fill price).")
    lots: int = Field(description="Lots the sum covers; fills too near the end are left out.")
    pusd_per_share: Metric


class ScenarioReport(_Model):
    """What one scenario measured."""

    market: str
    seed: int
    events: int
    duration_ms: int = Field(description="Simulated time from the first to the last event.")
    resolved_yes: bool
    pnl_upusd: int = Field(description="Belief-marked P&L net of taker fees, with maker rebates.")
    block_pnl_upusd: tuple[int, ...] = Field(description="P&L in 64 equal blocks; sums to pnl_upusd.")
    resolution_pnl_upusd: int = Field(description="P&L net of fees with the position paid at resolution.")
    taker_fee_upusd: int
    maker_rebate_upusd: int
    quadratic_variation_pusd2: float = Field(description="Sum of (position * belief change)^2, pUSD^2.")
    resolution_quadratic_variation_pusd2: float = Field(
        description="The same for the last jump of belief to 0 or 1."
    )
    max_drawdown_upusd: int
    adverse_selection_upusd: int = Field(
        description="Loss of maker fills to belief's move within the medium horizon; positive is a loss."
    )
    sharpe_per_block: Metric = Field(description="Mean over standard deviation of block P&L; not annualised.")
    sortino_per_block: Metric = Field(description="Mean over downside deviation (target 0) of block P&L.")
    profit_factor_per_block: Metric = Field(description="Sum of winning blocks over sum of losing blocks.")
    win_rate_per_block: Metric = Field(description="Winning blocks over blocks that won or lost.")
    maker_fills: int
    taker_fills: int
    maker_filled_lots: int
    taker_filled_lots: int
    orders_placed: int
    orders_filled: int = Field(description="Orders with at least one fill.")
    orders_cancelled: int
    orders_expired: int
    fill_ratio: Metric = Field(description="Orders with a fill over orders placed.")
    rejections: dict[str, int] = Field(description="Refused orders and actions by reason; zeros left out.")
    markouts: tuple[MarkoutReport, ...]
    inventory_max_lots: int
    inventory_mean_abs_lots: Metric
    inventory_final_lots: int
    decisions: int
    regimes: tuple[RegimeReport, ...]


class AggregateReport(_Model):
    """The scenarios together. Means are over scenarios unless a name says per block or per share."""

    scenarios: int
    events: int = Field(description="Background events of all scenarios together.")
    pnl_pusd: Metric
    pnl_standard_error_pusd: Metric = Field(description="Standard error of pnl_pusd over scenarios.")
    resolution_pnl_pusd: Metric
    resolution_pnl_standard_error_pusd: Metric
    taker_fee_pusd: Metric
    maker_rebate_pusd: Metric
    sharpe_per_block: Metric = Field(description="Over the blocks of all scenarios; not annualised.")
    sortino_per_block: Metric
    max_drawdown_pusd: Metric = Field(description="Worst drawdown of any scenario.")
    mean_drawdown_pusd: Metric = Field(description="Mean over scenarios of each one's worst drawdown.")
    profit_factor_per_block: Metric
    win_rate_per_block: Metric
    win_rate_per_scenario: Metric
    fills: Metric = Field(description="Fills a scenario.")
    fill_ratio: Metric = Field(description="Orders with a fill over orders placed, all scenarios together.")
    filled_shares: Metric = Field(description="Shares filled a scenario, maker and taker.")
    adverse_selection_pusd: Metric
    inventory_max_shares: Metric = Field(description="Largest absolute position in any scenario.")
    inventory_mean_abs_shares: Metric
    quadratic_variation_pusd2: Metric = Field(description="Resolution included.")
    markouts: tuple[MarkoutReport, ...]
    regimes: tuple[RegimeReport, ...] = Field(description="Sums over scenarios.")
    rejections: dict[str, int] = Field(description="Sums over scenarios; zeros left out.")
    worst_scenario_seed: int
    worst_scenario_pnl_pusd: Metric


class ReportEnvelope(_Model):
    """(strategy, params, scenarios) in, measurements out; the same bytes for the same inputs."""

    schema_version: Literal[1] = 1
    notice: Literal["Synthetic replay only. Not a forecast."] = NOTICE
    envelope_id: str = Field(description="SHA-256 of the canonical JSON of everything else here.")
    engine_fingerprint: str = Field(description="Market engine, its tables, and the report's arithmetic.")
    strategy: str
    strategy_fingerprint: str
    params: dict[str, bool | int | float | str] = Field(description="Every parameter the strategy ran with.")
    scenario_set: str
    scenario_set_digest: str
    scenarios: tuple[ScenarioReport, ...]
    aggregate: AggregateReport
    reason_codes: tuple[str, ...] = Field(default=(), description="What to look at, sorted; see ReasonCode.")

    @classmethod
    def seal(cls, **fields: Any) -> "ReportEnvelope":
        """Build an envelope from every field but `envelope_id`, which is computed."""
        open_envelope = cls(envelope_id="", **fields)
        return open_envelope.model_copy(update={"envelope_id": open_envelope.computed_id()})

    def computed_id(self) -> str:
        """Return the id this content should have; it differs from `envelope_id` after tampering."""
        return digest(self.model_dump(mode="json", exclude={"envelope_id"}))

    def to_canonical_json(self) -> str:
        """Return the one text of this envelope: equal envelopes have equal texts."""
        return canonical_json(self.model_dump(mode="json"))
