"""Keeps two quotes where they are wanted: shared by the makers."""

from typing import Any

from walras.market import layout as at


def requote(view: Any, actions: Any, bid: int, ask: int, lots: int, ttl_ms: int) -> int:
    """Cancel every own order that is not at `bid` or `ask` and place what is missing, post-only.

    Args:
        view: The strategy's view.
        actions: The strategy's actions; rows from 0 are filled in.
        bid: Wanted bid in ticks; below 1 for none.
        ask: Wanted ask in ticks; at or above the ticks per unit for none.
        lots: Size of a new quote.
        ttl_ms: Age at which the exchange withdraws a new quote.

    Returns: The number of rows filled in.
    """
    lacks_bid = bid >= 1
    lacks_ask = ask < view[at.TICKS_PER_UNIT]
    count = 0
    for slot in range(at.OWN_ORDERS):
        cell = at.OWN + slot * at.OWN_WIDTH
        if view[cell + at.OWN_STATE] == at.EMPTY or view[cell + at.OWN_CANCELLING] == 1:
            continue
        buys = view[cell + at.OWN_SIDE] == at.BUY
        price = view[cell + at.OWN_PRICE]
        if lacks_bid and buys and price == bid:
            lacks_bid = False
        elif lacks_ask and not buys and price == ask:
            lacks_ask = False
        else:
            actions[count, at.ACTION] = at.CANCEL
            actions[count, at.ACTION_SLOT] = slot
            count += 1
    for side in range(2):
        if (lacks_ask if side else lacks_bid) and count < at.ACTION_ROWS:
            actions[count, at.ACTION] = at.PLACE
            actions[count, at.ACTION_SIDE] = side
            actions[count, at.ACTION_PRICE] = ask if side else bid
            actions[count, at.ACTION_LOTS] = lots
            actions[count, at.ACTION_KIND] = at.POST_ONLY
            actions[count, at.ACTION_TTL_MS] = ttl_ms
            count += 1
    return count
