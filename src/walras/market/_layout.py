"""What a strategy sees and says: named positions in its four arrays.

A strategy is `step(view, params, memory, actions) -> int`, called once a decision:

* `view`, int64: the indices below. Prices are ticks, sizes lots, money micro-pUSD.
* `params`, float64: its parameters in schema order.
* `memory`, float64, shape (64,): its own notes, zero at the start of a scenario.
* `actions`, int64, shape (16, 8): rows it fills in from zero; it returns how many.

Belief and regime are not in the view. The engine bakes these numbers into compiled code, so a change
here must be repeated as `LAYOUT_SHA256` in `_engine.py`; a test holds us to it.
"""

from typing import Final

# The view. "Others" is everybody but the strategy.
NOW_NS: Final = 0
DECISION: Final = 1  # 0 at the first call
ELAPSED_NS: Final = 2  # since the previous call; 0 at the first
BEST_BID: Final = 3  # of others; 0 if there is none
BEST_ASK: Final = 4  # of others; TICKS_PER_UNIT if there is none
BID_LOTS: Final = 5  # of others at BEST_BID
ASK_LOTS: Final = 6
BID_DEPTH_LOTS: Final = 7  # of others within five ticks from BEST_BID
ASK_DEPTH_LOTS: Final = 8
INVENTORY_LOTS: Final = 9  # YES minus NO held
FREE_CASH_UPUSD: Final = 10  # after what open orders reserve
BOUGHT_LOTS: Final = 11  # taker purchases in the market since the previous call
SOLD_LOTS: Final = 12  # taker sales likewise
LAST_PRICE: Final = 13  # of the last trade; 0 before the first
VARIANCE_Q16: Final = 14  # average of (change of mid per decision)^2 in ticks^2, over about 64, times 65,536
REMAINING_EVENTS: Final = 15  # until the scenario ends
OWN_BOUGHT_LOTS: Final = 16  # own purchases since the previous call
OWN_SOLD_LOTS: Final = 17
TICKS_PER_UNIT: Final = 18  # ticks in one pUSD
MINIMUM_LOTS: Final = 19
FEE_BP: Final = 20  # taker fee rate
FREE_SLOTS: Final = 21  # own orders that may still be placed
OWN: Final = 32  # first own order; order s starts at OWN + s * OWN_WIDTH

# One own order in the view.
OWN_ORDERS: Final = 16
OWN_WIDTH: Final = 6
OWN_STATE: Final = 0  # EMPTY, PENDING or LIVE
OWN_SIDE: Final = 1  # BUY or SELL
OWN_PRICE: Final = 2
OWN_LOTS: Final = 3  # not yet filled
OWN_AHEAD_LOTS: Final = 4  # lots before it in its queue; 0 while pending
OWN_CANCELLING: Final = 5  # 1 if a cancel is under way

EMPTY: Final = 0
PENDING: Final = 1
LIVE: Final = 2
BUY: Final = 0
SELL: Final = 1

VIEW_SIZE: Final = 128  # OWN + OWN_ORDERS * OWN_WIDTH
MEMORY_SIZE: Final = 64

# One action.
ACTION_ROWS: Final = 16
ACTION_WIDTH: Final = 8
ACTION: Final = 0  # PLACE or CANCEL
ACTION_SIDE: Final = 1
ACTION_PRICE: Final = 2
ACTION_LOTS: Final = 3
ACTION_KIND: Final = 4  # GTC, POST_ONLY, FAK or FOK
ACTION_TTL_MS: Final = 5  # removed by the exchange after this long; 0 for never
ACTION_SLOT: Final = 6  # of the own order to CANCEL

PLACE: Final = 1
CANCEL: Final = 2
GTC: Final = 0
POST_ONLY: Final = 1
FAK: Final = 2
FOK: Final = 3
