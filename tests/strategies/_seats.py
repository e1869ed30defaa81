"""A hand-made view of a market, and what a plain step function wants to do in it."""

from dataclasses import dataclass, replace

import numpy as np

from walras.market import layout as at
from walras.strategies import load_strategy


@dataclass(frozen=True)
class Seat:
    """One strategy at one decision; prices in ticks, sizes in shares."""

    strategy: str
    params: tuple = ()
    bid: int = 48
    ask: int = 54
    held: float = 0.0
    decision: int = 5
    bought: int = 0
    sold: int = 0
    own: tuple = ()
    memory: tuple = ()

    def but(self, **changes):
        return replace(self, **changes)

    def act(self):
        """Return the wanted actions as tuples: ("place", side, price, lots, kind) or ("cancel", slot)."""
        strategy = load_strategy(self.strategy)
        view = np.zeros(at.VIEW_SIZE, np.int64)
        view[at.DECISION], view[at.ELAPSED_NS] = self.decision, 2_000_000_000 if self.decision else 0
        view[at.BEST_BID], view[at.BEST_ASK], view[at.TICKS_PER_UNIT] = self.bid, self.ask, 100
        view[at.INVENTORY_LOTS], view[at.FREE_CASH_UPUSD] = int(self.held * 100), 10_000_000_000
        view[at.BOUGHT_LOTS], view[at.SOLD_LOTS], view[at.FEE_BP] = self.bought, self.sold, 400
        for slot, (side, price) in enumerate(self.own):
            cell = at.OWN + slot * at.OWN_WIDTH
            view[cell + at.OWN_STATE], view[cell + at.OWN_SIDE] = at.LIVE, side
            view[cell + at.OWN_PRICE], view[cell + at.OWN_LOTS] = price, 1_000
        memory = np.zeros(at.MEMORY_SIZE)
        memory[: len(self.memory)] = self.memory
        actions = np.zeros((at.ACTION_ROWS, at.ACTION_WIDTH), np.int64)
        vector = strategy.vector({**strategy.schema.defaults, **dict(self.params)})
        count = strategy.function(view, vector, memory, actions)
        return [_plain(row) for row in actions[:count].tolist()]


def _plain(row):
    if row[at.ACTION] == at.CANCEL:
        return ("cancel", row[at.ACTION_SLOT])
    return (
        "place",
        row[at.ACTION_SIDE],
        row[at.ACTION_PRICE],
        row[at.ACTION_LOTS],
        row[at.ACTION_KIND],
    )
