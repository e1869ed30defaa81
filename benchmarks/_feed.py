"""A seeded tape of order flow, as the market-data rows that hftbacktest replays.

One event is one of: add a limit order (52 %), cancel one (38 %), a marketable order (10 %). Adds must equal
cancels plus fills, or the book grows. About `live` orders rest on a ladder of ticks 1 .. 999; distances
from the opposite best and sizes are geometric; the fair value wanders.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

ADD, CANCEL, FILL, MODIFY, DEPTH, TRADE = range(6)
TICKS = 1_000
WIDTH = 6


class Feed(NamedTuple):
    """Rows (kind, side, price, lots, order id, event number), int64; side 0 buys.

    `trade` rows carry the aggressor's side; `depth` rows the level's new total.
    """

    level3: NDArray[np.int64]
    level2: NDArray[np.int64]
    adds: int
    cancels: int
    takes: int


def make_feed(events: int, *, seed: int, live: int) -> Feed:
    """Return the tape of `events` events in both formats."""
    capacity = 8 * live + 8_192
    level3 = np.zeros((4 * events, WIDTH), np.int64)
    level2 = np.zeros((4 * events, WIDTH), np.int64)
    counts = np.zeros(5, np.int64)
    _generate(
        events, seed, live, level3, level2, counts,
        np.full((capacity, 7), -1, np.int64), np.zeros(capacity, np.int64), np.zeros(capacity, np.int64),
        np.full((2, TICKS + 1, 2), -1, np.int64), np.zeros((2, TICKS + 1), np.int64),
    )  # fmt: skip
    three, two, adds, cancels, takes = (int(count) for count in counts)
    return Feed(level3[:three].copy(), level2[:two].copy(), adds, cancels, takes)


# Columns of an order: next, previous in its queue; lots, price, side, id, position in `alive`.
NXT, PRV, QTY, PRICE, SIDE, NUMBER, PLACE = range(7)


@njit(cache=True)
def _row(rows, at, kind, side, price, lots, number, event):
    rows[at, 0] = kind
    rows[at, 1] = side
    rows[at, 2] = price
    rows[at, 3] = lots
    rows[at, 4] = number
    rows[at, 5] = event
    return at + 1


@njit(cache=True)
def _unlink(order, k, ends, alive, free, alive_count, free_count):
    """Take order k out of its queue and of the list of live orders."""
    side, price = order[k, SIDE], order[k, PRICE]
    before, after = order[k, PRV], order[k, NXT]
    if before >= 0:
        order[before, NXT] = after
    else:
        ends[side, price, 0] = after
    if after >= 0:
        order[after, PRV] = before
    else:
        ends[side, price, 1] = before
    last = alive[alive_count - 1]
    alive[order[k, PLACE]] = last
    order[last, PLACE] = order[k, PLACE]
    free[free_count] = k


@njit(cache=True)
def _settle(best, total):
    """Move both bests to the nearest level that holds orders; 0 and TICKS mean none."""
    while best[0] > 0 and total[0, best[0]] == 0:
        best[0] -= 1
    while best[1] < TICKS and total[1, best[1]] == 0:
        best[1] += 1


@njit(cache=True)
def _generate(events, seed, live, l3, l2, counts, order, alive, free, ends, total):
    np.random.seed(seed)
    for k in range(free.size):
        free[k] = k
    free_count, alive_count = free.size, 0
    best = np.array([0, TICKS])
    fair = TICKS / 2
    n3 = n2 = event = 0
    while event < events:
        if event % 64 == 0:
            fair = min(max(fair + 0.35 * np.random.normal(), 120.0), TICKS - 120.0)
        middle = 0.5 * (best[0] + best[1]) if best[0] > 0 and best[1] < TICKS else fair
        buys = min(max(0.5 + 0.02 * (fair - middle), 0.15), 0.85)
        want_add = 0.80 if alive_count < live // 2 else (0.55 if alive_count < live else 0.40)
        choice = np.random.random()
        if choice < want_add:
            side = 0 if np.random.random() < 0.25 + 0.5 * buys else 1
            distance = np.random.geometric(0.08)
            if side == 0:
                price = (best[1] if best[1] < TICKS else int(fair) + 1) - distance
            else:
                price = (best[0] if best[0] > 0 else int(fair) - 1) + distance
            price = min(max(price, 1), TICKS - 1)
            if (side == 0 and price >= best[1]) or (side == 1 and price <= best[0]):
                continue
            lots = np.random.geometric(0.08)
            free_count -= 1
            k = free[free_count]
            tail = ends[side, price, 1]
            order[k, NXT], order[k, PRV], order[k, QTY] = -1, tail, lots
            order[k, PRICE], order[k, SIDE], order[k, NUMBER] = price, side, counts[2]
            order[k, PLACE] = alive_count
            alive[alive_count] = k
            alive_count += 1
            if tail >= 0:
                order[tail, NXT] = k
            else:
                ends[side, price, 0] = k
            ends[side, price, 1] = k
            total[side, price] += lots
            best[0] = max(best[0], price) if side == 0 else best[0]
            best[1] = min(best[1], price) if side == 1 else best[1]
            n3 = _row(l3, n3, ADD, side, price, lots, counts[2], event)
            n2 = _row(l2, n2, DEPTH, side, price, total[side, price], 0, event)
            counts[2] += 1
        elif choice < 0.90:
            if alive_count < 8:
                continue
            k = alive[np.random.randint(alive_count)]
            side, price = order[k, SIDE], order[k, PRICE]
            total[side, price] -= order[k, QTY]
            n3 = _row(l3, n3, CANCEL, side, price, order[k, QTY], order[k, NUMBER], event)
            n2 = _row(l2, n2, DEPTH, side, price, total[side, price], 0, event)
            _unlink(order, k, ends, alive, free, alive_count, free_count)
            alive_count -= 1
            free_count += 1
            _settle(best, total)
            counts[3] += 1
        else:
            aggressor = 0 if np.random.random() < buys else 1
            side = 1 - aggressor
            lots = np.random.geometric(0.06)
            while lots > 0 and 0 < best[side] < TICKS:
                price = best[side]
                traded = 0
                while lots > 0 and ends[side, price, 0] >= 0:
                    k = ends[side, price, 0]
                    fill = min(lots, order[k, QTY])
                    lots -= fill
                    traded += fill
                    order[k, QTY] -= fill
                    n3 = _row(l3, n3, FILL, side, price, fill, order[k, NUMBER], event)
                    if order[k, QTY] == 0:
                        n3 = _row(l3, n3, CANCEL, side, price, 0, order[k, NUMBER], event)
                        _unlink(order, k, ends, alive, free, alive_count, free_count)
                        alive_count -= 1
                        free_count += 1
                    else:
                        n3 = _row(l3, n3, MODIFY, side, price, order[k, QTY], order[k, NUMBER], event)
                total[side, price] -= traded
                n2 = _row(l2, n2, TRADE, aggressor, price, traded, 0, event)
                n2 = _row(l2, n2, DEPTH, side, price, total[side, price], 0, event)
                _settle(best, total)
            counts[4] += 1
        event += 1
    counts[0], counts[1] = n3, n2
