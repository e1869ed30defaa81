"""The compiled engine in one long file: numba keys its cache on the file of a function, not on what it calls.

Three arrays make the book. `pool` holds nodes of eight int32: first the level sentinels (both sides of
a mirrored ladder), then our own orders, then everybody else's; a node is named by its offset. A price
is mirrored as `m`: the price for a bid, `ticks - price` for an ask, so that on both sides the best is
the largest m and an order meets the other side where `m + other best >= ticks`. `book` holds counters,
`live` the background nodes, those in use first.

All arithmetic is on integers. Random bits are `mix(key + k * GOLDEN)`: a function of seed, stream and
index alone, so that our own orders never shift anybody's dice.

Invariants: a level's lots equal the sum of its nodes'; best is the largest occupied m or 0; best bid
plus mirrored best ask stay below `ticks` between events; ledger + counterparty = 0.
"""

# The compiled functions carry no annotations: their types are the signatures below.
# mypy: disable-error-code="no-untyped-def, untyped-decorator"

from __future__ import annotations

from typing import Any, Final

from numba import njit, types

from walras.market import _layout as at

LAYOUT_SHA256: Final = "b76016680ebd37e8cf8cd3a35191bfdebb6290c4f45cf3bc95e3eb03cb678af5"

STEP_SIGNATURE: Final = types.int64(
    types.int64[::1], types.float64[::1], types.float64[::1], types.int64[:, ::1]
)
STEP_TYPE: Final = types.FunctionType(STEP_SIGNATURE)


def _compiled(*signature: Any, called_from_python: bool = False) -> Any:
    """Return numba's decorator with the options that every function here shares.

    Without `_nrt` numba would count references, atomically, at every call that passes an array: a third
    of the run time. No function here allocates or keeps an array. Wrappers for calls from Python and C
    are left out where nobody uses them: they are half of the compile time.
    """
    return njit(  # type: ignore[call-overload]
        *signature,
        cache=True,
        nogil=True,
        error_model="numpy",
        _nrt=False,
        no_cpython_wrapper=not (signature or called_from_python),
        no_cfunc_wrapper=True,
    )


int64: Any = types.int64
uint32: Any = types.uint32
uint64: Any = types.uint64

# ---------------------------------------------------------------------------------------------- layout
LEVELS: Final = 1_024
NEXT: Final = 0
PREV: Final = 1
LOTS: Final = 2
LEVEL: Final = 3
OWNER: Final = 4  # own slot, or -1; in a level sentinel, how many of its lots are our own
INDEX: Final = 5  # position in `live`
TAG: Final = 6  # what `replay` calls the order
FIRST_OWN: Final = 2 * LEVELS * 8
FIRST_OTHER: Final = FIRST_OWN + at.OWN_ORDERS * 8
CAPACITY: Final = 4_096
POOL_SIZE: Final = FIRST_OTHER + CAPACITY * 8

# book
BEST: Final = 0  # and 1: mirrored best of bids, asks
LIVE_COUNT: Final = 2
ADDED: Final = 4
CANCELLED: Final = 5
TRADED: Final = 6
TAKEN: Final = 7  # and 8: lots bought, sold by takers since the last decision
LAST_PRICE: Final = 9
FILL_COUNT: Final = 10
BOOK_SIZE: Final = 16

# cfg: the profile as the kernel reads it
C_TICKS: Final = 0
C_MIN_LOTS: Final = 1
C_MIN_NOTIONAL: Final = 2
C_FEE_BP: Final = 3
C_REBATE_BP: Final = 4
C_CASH: Final = 5
C_INTERVAL: Final = 6
C_PLACE_NS: Final = 7
C_CANCEL_NS: Final = 8
C_EVENT_NS: Final = 9  # and 10
C_SD: Final = 11  # and 12
C_SWITCH: Final = 13  # and 14
C_JUMP: Final = 15  # and 16
C_START: Final = 17
C_LIVE: Final = 18
C_MAKER: Final = 19
C_INFORMED: Final = 20
C_ADD: Final = 21  # and 22
C_LAG: Final = 23  # .. 26
C_HALF: Final = 27
C_EDGE: Final = 28
C_REACH: Final = 29
C_MARKOUT: Final = 30  # .. 32
CFG_SIZE: Final = 40

# acct: one strategy's figures
LEDGER: Final = 0  # cash from trading, before fees, as if NO were a negative YES
NET: Final = 1
FEES: Final = 2
REBATES: Final = 3
MAKER_FILLS: Final = 4
TAKER_FILLS: Final = 5
MAKER_LOTS: Final = 6
TAKER_LOTS: Final = 7
PLACED: Final = 8
PLACED_LOTS: Final = 9
FILLED_ORDERS: Final = 10
CANCELS: Final = 11
EXPIRIES: Final = 12
ADVERSE: Final = 13
MAX_NET: Final = 14
SUM_NET: Final = 15
STEPS: Final = 16
VARIATION: Final = 17
DRAWDOWN: Final = 18
PEAK: Final = 19
EQUITY: Final = 20
DECISIONS: Final = 21
COUNTERPARTY: Final = 22
OWN_TAKEN: Final = 23  # and 24: own lots bought, sold since the last decision
MID_X2: Final = 25
VARIANCE: Final = 26
LAST_NS: Final = 27
END_VARIATION: Final = 28
RESOLUTION: Final = 29
DURATION_NS: Final = 30
CHECKSUM: Final = 31
RESTING: Final = 32
TAPE_CHECKSUM: Final = 33
RESOLVED: Final = 34
REJECTED: Final = 40  # .. 49
MAKER_MARKOUT: Final = 52  # .. 54
MAKER_MARKED: Final = 55
TAKER_MARKOUT: Final = 58
TAKER_MARKED: Final = 61
REGIME_PNL: Final = 64
REGIME_FILLS: Final = 66
REGIME_EVENTS: Final = 68
SLOTS_USED: Final = 70  # own slots from here on were never used
ACCT_SIZE: Final = 72

# own: one row an own order
O_STATE: Final = 0
O_SIDE: Final = 1
O_PRICE: Final = 2
O_LOTS: Final = 3
O_KIND: Final = 4
O_ARRIVE: Final = 5  # event before which it reaches the book
O_CANCEL: Final = 6  # event before which its cancel does
O_EXPIRE: Final = 7
O_TTL: Final = 8
O_TOUCHED: Final = 9  # 1 once partly filled
O_SIZE: Final = 10

NEVER: Final = 1 << 60
LOT_UPUSD: Final = 10_000
ONE: Final = 1 << 20  # certainty on the belief scale
STRIDE_BITS: Final = 4
STRIDE: Final = 1 << STRIDE_BITS  # events a belief step
VARIATION_UNIT: Final = 100  # upusd
VARIATION_LIMIT: Final = 1 << 24

R_CROSS: Final = 0
R_SIZE: Final = 1
R_PRICE: Final = 2
R_BALANCE: Final = 3
R_FOK: Final = 4
R_FAK: Final = 5
R_NOTIONAL: Final = 6
R_SLOTS: Final = 7
R_UNKNOWN: Final = 8
R_MALFORMED: Final = 9

GOLDEN: Final = 0x9E3779B97F4A7C15
STREAM_TAPE: Final = 1
STREAM_JUMPS: Final = 2
STREAM_SLOTS: Final = 3
STREAM_OPENING: Final = 4
STREAM_START: Final = 5


# ---------------------------------------------------------------------------------------- random bits
@_compiled()
def _mix(z):
    """Return SplitMix64's finaliser of `z`. Source: Steele, Lea and Flood (2014), OOPSLA."""
    z = uint64(z)
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@_compiled()
def _key(seed, stream):
    """Return the key of one stream of one scenario."""
    return _mix(_mix(uint64(seed) + uint64(GOLDEN)) + uint64(stream) * uint64(GOLDEN))


@_compiled()
def _bits(key, k):
    """Return the 64 random bits of index `k`."""
    return _mix(key + uint64(k) * uint64(GOLDEN))


@_compiled()
def _field(bits, shift, width):
    """Return `width` bits of `bits` from bit `shift` up, as int64."""
    return int64((bits >> uint64(shift)) & ((uint64(1) << uint64(width)) - uint64(1)))


# ----------------------------------------------------------------------------------------------- tape
@_compiled()
def _sigmoid(x, sigmoid):
    """Return the logistic function of log-odds `x` (times 2^24), times 2^20, between table points."""
    limit = 10 << 24
    shifted = min(max(x, -limit), limit - 1) + limit
    i = shifted >> 16
    low = int64(sigmoid[i])
    return low + (((int64(sigmoid[i + 1]) - low) * (shifted & 0xFFFF)) >> 16)


@_compiled(called_from_python=True)
def make_tape(seed, cfg, sigmoid, normal, exponential, jump, belief, regime, clock):
    """Fill in belief, regime and clock at each belief step; return 1 if the market resolves YES.

    The log-odds follow dX = (Y - 1/2) dI + sqrt(dI) N with the information clock I, so that the
    belief is the exact posterior of Y: a martingale. A jump of size J has the sign of the truth with
    probability sigmoid(J). The regime sets the clock's speed and nothing else.
    """
    key = _key(seed, STREAM_TAPE)
    jumps = _key(seed, STREAM_JUMPS)
    start = _bits(_key(seed, STREAM_START), 0)
    x = ((_field(start, 0, 24) - (1 << 23)) * cfg[C_START]) >> 23
    truth = 1 if _field(start, 24, 20) < _sigmoid(x, sigmoid) else 0
    now = int64(0)
    state = 0
    for j in range(belief.shape[0]):
        belief[j] = _sigmoid(x, sigmoid)
        regime[j] = state
        clock[j] = now
        bits = _bits(key, j)
        now += (STRIDE * cfg[C_EVENT_NS + state] * int64(exponential[_field(bits, 0, 12)])) >> 16
        sd = cfg[C_SD + state]
        half_information = (sd * sd) >> 25
        x += half_information if truth else -half_information
        x += (sd * int64(normal[_field(bits, 12, 12)])) >> 16
        if _field(bits, 24, 16) < cfg[C_JUMP + state]:
            more = _bits(jumps, j)
            size = int64(jump[_field(more, 0, 10)])
            honest = _field(more, 10, 20) < _sigmoid(size, sigmoid)
            x += size if honest == (truth == 1) else -size
        if _field(bits, 40, 20) < cfg[C_SWITCH + state]:
            state = 1 - state
    return truth


@_compiled()
def _event_at(clock, ns, event):
    """Return the first event after `event` at or after time `ns`, or NEVER if the tape ends before it."""
    last = clock.shape[0] - 1
    if ns > clock[last]:
        return NEVER
    low = event >> STRIDE_BITS
    reach = int64(4)
    while low + reach < last and clock[low + reach] < ns:
        low += reach
        reach <<= 1
    high = min(low + reach, last)
    while high - low > 1:
        middle = (low + high) >> 1
        if clock[middle] < ns:
            low = middle
        else:
            high = middle
    wait = clock[low + 1] - clock[low]
    inside = int64(0)
    while inside < STRIDE and clock[low] + ((wait * inside) >> STRIDE_BITS) < ns:
        inside += 1
    return max((low << STRIDE_BITS) + inside, event + 1)


@_compiled()
def _time_of(clock, event):
    """Return the time of an event, between belief steps by straight line."""
    j = event >> STRIDE_BITS
    return clock[j] + (((clock[j + 1] - clock[j]) * (event & (STRIDE - 1))) >> STRIDE_BITS)


# ----------------------------------------------------------------------------------------------- book
@_compiled()
def clear_book(pool, book, live):
    """Empty the book."""
    for node in range(0, FIRST_OWN, 8):
        pool[node + NEXT] = node
        pool[node + PREV] = node
        pool[node + LOTS] = 0
        pool[node + LEVEL] = node
        pool[node + OWNER] = 0
    for i in range(live.shape[0]):
        node = FIRST_OTHER + i * 8
        live[i] = node
        pool[node + OWNER] = -1
        pool[node + INDEX] = i
    book[:] = 0


@_compiled()
def _append(pool, book, side, m, node, lots):
    """Put a node at the end of the queue at `m`."""
    level = (side * LEVELS + m) << 3
    tail = pool[uint32(level + PREV)]
    pool[uint32(node + LOTS)] = lots
    pool[uint32(node + LEVEL)] = level
    pool[uint32(node + PREV)] = tail
    pool[uint32(node + NEXT)] = level
    pool[uint32(tail + NEXT)] = node
    pool[uint32(level + PREV)] = node
    pool[uint32(level + LOTS)] += lots
    book[ADDED] += lots
    if m > book[BEST + side]:
        book[BEST + side] = m


@_compiled()
def _lower_best(pool, book, side):
    """Move the best price of a side down to the next occupied level, or to 0."""
    m = book[BEST + side]
    base = side * LEVELS
    while m > 0 and pool[uint32(((base + m) << 3) + LOTS)] == 0:
        m -= 1
    book[BEST + side] = m


@_compiled()
def _unlink(pool, book, node):
    """Take a resting node out of its queue, whatever it still holds."""
    before = pool[uint32(node + PREV)]
    after = pool[uint32(node + NEXT)]
    lots = int64(pool[uint32(node + LOTS)])
    level = int64(pool[uint32(node + LEVEL)])
    pool[uint32(before + NEXT)] = after
    pool[uint32(after + PREV)] = before
    rest = pool[uint32(level + LOTS)] - lots
    pool[uint32(level + LOTS)] = rest
    book[CANCELLED] += lots
    if rest == 0:
        side = level >> 13
        if ((level >> 3) & (LEVELS - 1)) == book[BEST + side]:
            _lower_best(pool, book, side)


@_compiled()
def _forget(pool, book, live, node):
    """Count a background node, already out of its queue, as unused."""
    count = book[LIVE_COUNT] - 1
    book[LIVE_COUNT] = count
    index = pool[uint32(node + INDEX)]
    last = live[uint32(count)]
    live[uint32(index)] = last
    live[uint32(count)] = node
    pool[uint32(last + INDEX)] = index
    pool[uint32(node + INDEX)] = count


@_compiled()
def _rest(pool, book, live, side, m, lots, tag):
    """Rest a background order; with the pool exhausted it is dropped."""
    count = book[LIVE_COUNT]
    if count < live.shape[0]:
        book[LIVE_COUNT] = count + 1
        node = int64(live[uint32(count)])
        pool[uint32(node + TAG)] = tag
        _append(pool, book, side, m, node, lots)


@_compiled()
def _match(pool, book, live, fills, side, m, lots, taker, ticks):
    """Trade an incoming order against the other side, best price first, oldest first; return the rest.

    Fills that concern us are noted in `fills` for `_settle`.

    Args:
        side: 0 buys, 1 sells.
        m: Its mirrored limit.
        taker: Own slot, or -1 for the background.
    """
    other = 1 - side
    best = book[BEST + other]
    while lots > 0 and best > 0 and m + best >= ticks:
        level = (other * LEVELS + best) << 3
        node = int64(pool[uint32(level + NEXT)])
        there = int64(pool[uint32(node + LOTS)])
        traded = min(lots, there)
        lots -= traded
        price = best if side else ticks - best
        rest = int64(pool[uint32(level + LOTS)]) - traded
        pool[uint32(level + LOTS)] = rest
        book[TRADED] += traded
        book[TAKEN + side] += traded
        book[LAST_PRICE] = price
        owner = int64(pool[uint32(node + OWNER)])
        if owner >= 0:
            pool[uint32(level + OWNER)] -= traded
        if owner >= 0 or taker >= 0:
            i = book[FILL_COUNT]
            book[FILL_COUNT] = i + 1
            fills[i, 0], fills[i, 1], fills[i, 2], fills[i, 3] = owner, taker, traded, price
        if traded == there:
            after = pool[uint32(node + NEXT)]
            pool[uint32(level + NEXT)] = after
            pool[uint32(after + PREV)] = level
            if owner < 0:
                _forget(pool, book, live, node)
            if rest == 0:
                _lower_best(pool, book, other)
                best = book[BEST + other]
        else:
            pool[uint32(node + LOTS)] = there - traded
    return lots


# -------------------------------------------------------------------------------------------- account
@_compiled()
def _fee(cfg, lots, price):
    """Return the taker fee rate * shares * p * (1 - p) in upusd, down to five decimals of a pUSD."""
    ticks = cfg[C_TICKS]
    return (cfg[C_FEE_BP] * lots * price * (ticks - price)) // (ticks * ticks * 10) * 10


@_compiled()
def _book_fill(acct, cfg, belief, regime, events, event, sign, lots, price, maker):
    """Enter one own fill: money, position, markouts. `sign` is +1 for a purchase of YES."""
    tick_upusd = LOT_UPUSD // cfg[C_TICKS]
    value = sign * lots * price * tick_upusd
    acct[LEDGER] -= value
    acct[COUNTERPARTY] += value
    acct[NET] += sign * lots
    acct[OWN_TAKEN + (0 if sign > 0 else 1)] += lots
    fee = _fee(cfg, lots, price)
    now = event >> STRIDE_BITS
    acct[REGIME_FILLS + regime[now]] += 1
    if maker:
        acct[REBATES] += fee * cfg[C_REBATE_BP] // 10_000
        acct[MAKER_FILLS] += 1
        acct[MAKER_LOTS] += lots
    else:
        acct[FEES] += fee
        acct[TAKER_FILLS] += 1
        acct[TAKER_LOTS] += lots
    sums = MAKER_MARKOUT if maker else TAKER_MARKOUT
    for h in range(3):
        then = event + cfg[C_MARKOUT + h]
        if then < events:
            later = int64(belief[then >> STRIDE_BITS])
            acct[sums + h] += sign * lots * ((later * LOT_UPUSD >> 20) - price * tick_upusd)
            acct[sums + 3 + h] += lots
            if maker and h == 1:
                acct[ADVERSE] -= sign * lots * ((later - belief[now]) * LOT_UPUSD >> 20)


@_compiled()
def _fill_own(own, acct, cfg, belief, regime, events, event, slot, lots, price, maker):
    """Fill part of one own order, and retire it once it is done."""
    sign = 1 if own[slot, O_SIDE] == at.BUY else -1
    _book_fill(acct, cfg, belief, regime, events, event, sign, lots, price, maker)
    if own[slot, O_TOUCHED] == 0:
        own[slot, O_TOUCHED] = 1
        acct[FILLED_ORDERS] += 1
    own[slot, O_LOTS] -= lots
    if own[slot, O_LOTS] == 0:
        own[slot, O_STATE] = at.EMPTY


@_compiled()
def _settle(book, fills, own, acct, cfg, belief, regime, events, event):
    """Enter the own fills that `_match` noted, and forget them."""
    for i in range(book[FILL_COUNT]):
        maker, taker, lots, price = fills[i, 0], fills[i, 1], fills[i, 2], fills[i, 3]
        if maker >= 0:
            _fill_own(own, acct, cfg, belief, regime, events, event, maker, lots, price, True)
        if taker >= 0:
            _fill_own(own, acct, cfg, belief, regime, events, event, taker, lots, price, False)
    book[FILL_COUNT] = 0


# ----------------------------------------------------------------------------------------- own orders
@_compiled()
def _cash(acct, cfg, ledger, net):
    """Return the cash behind a ledger and a net position: NO tokens were paid for in full."""
    return cfg[C_CASH] + ledger - acct[FEES] + acct[REBATES] - max(0, -net) * LOT_UPUSD


@_compiled()
def free_cash(own, acct, cfg, side, price, lots):
    """Return the cash left after what open orders and one more order reserve; negative if short.

    Each side reserves the cash it would use up if all of it were filled: closing orders are covered by
    tokens, opening ones by cash. Cash stays at or above zero whatever fills, because a joint fill of
    both sides never costs more than the two reserves together.
    """
    tick_upusd = LOT_UPUSD // cfg[C_TICKS]
    lots_of = (lots if side == 0 else 0, lots if side == 1 else 0)
    bought = lots_of[0]
    sold = lots_of[1]
    cost = bought * price
    proceeds = sold * price
    for slot in range(acct[SLOTS_USED]):
        if own[slot, O_STATE] == at.LIVE:
            if own[slot, O_SIDE] == at.BUY:
                bought += own[slot, O_LOTS]
                cost += own[slot, O_LOTS] * own[slot, O_PRICE]
            else:
                sold += own[slot, O_LOTS]
                proceeds += own[slot, O_LOTS] * own[slot, O_PRICE]
    net = acct[NET]
    ledger = acct[LEDGER]
    cash = _cash(acct, cfg, ledger, net)
    after_bids = _cash(acct, cfg, ledger - cost * tick_upusd, net + bought)
    after_asks = _cash(acct, cfg, ledger + proceeds * tick_upusd, net - sold)
    return cash - max(0, cash - after_bids) - max(0, cash - after_asks)


@_compiled()
def _available(pool, book, side, m, ticks, enough):
    """Say whether `enough` lots can be had on the other side at the mirrored limit `m`."""
    other = 1 - side
    best = book[BEST + other]
    found = int64(0)
    while best > 0 and m + best >= ticks and found < enough:
        found += pool[uint32(((other * LEVELS + best) << 3) + LOTS)]
        best -= 1
    return found >= enough


@_compiled()
def _refusal(pool, book, own, acct, cfg, slot, m):
    """Return why the exchange refuses an own order that has just arrived, or -1."""
    ticks = cfg[C_TICKS]
    side = own[slot, O_SIDE]
    lots = own[slot, O_LOTS]
    kind = own[slot, O_KIND]
    best = book[BEST + 1 - side]
    crosses = best > 0 and m + best >= ticks
    takes = crosses or kind in (at.FAK, at.FOK)
    fee_bound = (cfg[C_FEE_BP] * lots + 3) // 4 if takes else 0
    if m < 1 or m >= ticks:
        code = R_PRICE
    elif lots < cfg[C_MIN_LOTS]:
        code = R_SIZE
    elif kind == at.POST_ONLY and crosses:
        code = R_CROSS
    elif takes and lots * m * (LOT_UPUSD // ticks) < cfg[C_MIN_NOTIONAL]:
        code = R_NOTIONAL
    elif kind == at.FOK and not _available(pool, book, side, m, ticks, lots):
        code = R_FOK
    elif kind == at.FAK and not crosses:
        code = R_FAK
    elif free_cash(own, acct, cfg, side, own[slot, O_PRICE], lots) < fee_bound:
        code = R_BALANCE
    else:
        code = -1
    return code


@_compiled()
def _arrive(pool, book, live, fills, own, acct, cfg, belief, regime, clock, events, event, slot):
    """Let a pending own order reach the exchange: refuse it, trade it, rest what remains."""
    ticks = cfg[C_TICKS]
    side = own[slot, O_SIDE]
    m = own[slot, O_PRICE] if side == at.BUY else ticks - own[slot, O_PRICE]
    own[slot, O_ARRIVE] = NEVER
    code = _refusal(pool, book, own, acct, cfg, slot, m)
    if code >= 0:
        acct[REJECTED + code] += 1
        own[slot, O_STATE] = at.EMPTY
        return
    acct[PLACED] += 1
    acct[PLACED_LOTS] += own[slot, O_LOTS]
    lots = _match(pool, book, live, fills, side, m, own[slot, O_LOTS], slot, ticks)
    _settle(book, fills, own, acct, cfg, belief, regime, events, event)
    if lots == 0:
        return
    kind = own[slot, O_KIND]
    if kind in (at.FAK, at.FOK):
        acct[CANCELS] += 1
        own[slot, O_STATE] = at.EMPTY
        return
    node = FIRST_OWN + slot * 8
    pool[node + OWNER] = slot
    pool[node + TAG] = -1 - slot
    _append(pool, book, side, m, node, lots)
    pool[pool[node + LEVEL] + OWNER] += lots
    own[slot, O_STATE] = at.LIVE
    if own[slot, O_TTL] > 0:
        expires_ns = _time_of(clock, event) + own[slot, O_TTL] * 1_000_000
        own[slot, O_EXPIRE] = _event_at(clock, expires_ns, event)


@_compiled()
def _withdraw(pool, book, own, slot):
    """Take a live own order off the book."""
    node = FIRST_OWN + slot * 8
    pool[pool[node + LEVEL] + OWNER] -= pool[node + LOTS]
    _unlink(pool, book, node)
    own[slot, O_STATE] = at.EMPTY


@_compiled()
def _act(pool, book, live, fills, own, acct, cfg, belief, regime, clock, events, event):
    """Do what falls due before `event`: expiries and cancels first, then arrivals; return the next."""
    for slot in range(acct[SLOTS_USED]):
        if own[slot, O_STATE] == at.LIVE:
            if own[slot, O_CANCEL] <= event:
                _withdraw(pool, book, own, slot)
                acct[CANCELS] += 1
            elif own[slot, O_EXPIRE] <= event:
                _withdraw(pool, book, own, slot)
                acct[EXPIRIES] += 1
    for slot in range(acct[SLOTS_USED]):
        if own[slot, O_STATE] == at.PENDING and own[slot, O_ARRIVE] <= event:
            _arrive(pool, book, live, fills, own, acct, cfg, belief, regime, clock, events, event, slot)
    return _next_due(own, acct, event)


@_compiled()
def _next_due(own, acct, event):
    """Return the event before which the next own order arrives, leaves or expires."""
    due = int64(NEVER)
    for slot in range(acct[SLOTS_USED]):
        if own[slot, O_STATE] == at.LIVE:
            due = min(due, own[slot, O_CANCEL], own[slot, O_EXPIRE])
        elif own[slot, O_STATE] == at.PENDING:
            due = min(due, own[slot, O_ARRIVE])
    return max(due, event + 1)


# -------------------------------------------------------------------------------------------- decision
@_compiled()
def _look_at_side(pool, book, view, side, ticks):
    """Write best price and depth of others on one side; our own lots are taken out."""
    m = book[BEST + side]
    base = side * LEVELS
    top = int64(0)
    while m > 0 and top == 0:
        level = (base + m) << 3
        top = int64(pool[uint32(level + LOTS)] - pool[uint32(level + OWNER)])
        m -= 1
    first = m + 1 if top > 0 else 0
    depth = top
    for below in range(m, max(m - 4, 0), -1):
        level = (base + below) << 3
        depth += pool[uint32(level + LOTS)] - pool[uint32(level + OWNER)]
    view[at.BEST_BID + side] = ticks - first if side else first
    view[at.BID_LOTS + side] = top
    view[at.BID_DEPTH_LOTS + side] = depth


@_compiled()
def _look_at_own(pool, own, acct, view):
    """Write our own orders with the lots before each; return the number of free slots."""
    unused = at.OWN_ORDERS - acct[SLOTS_USED]
    for slot in range(acct[SLOTS_USED]):
        cell = at.OWN + slot * at.OWN_WIDTH
        state = own[slot, O_STATE]
        view[cell + at.OWN_STATE] = state
        if state == at.EMPTY:
            unused += 1
            view[cell + 1 : cell + at.OWN_WIDTH] = 0
            continue
        ahead = int64(0)
        if state == at.LIVE:
            level = pool[FIRST_OWN + slot * 8 + LEVEL]
            node = pool[FIRST_OWN + slot * 8 + PREV]
            while node != level:
                ahead += pool[uint32(node + LOTS)]
                node = pool[uint32(node + PREV)]
        view[cell + at.OWN_SIDE] = own[slot, O_SIDE]
        view[cell + at.OWN_PRICE] = own[slot, O_PRICE]
        view[cell + at.OWN_LOTS] = own[slot, O_LOTS]
        view[cell + at.OWN_AHEAD_LOTS] = ahead
        view[cell + at.OWN_CANCELLING] = 1 if own[slot, O_CANCEL] < NEVER else 0
    return unused


@_compiled()
def _look(pool, book, own, acct, cfg, view, now, events, event):
    """Write the view of one decision."""
    ticks = cfg[C_TICKS]
    view[at.ELAPSED_NS] = now - acct[LAST_NS] if acct[DECISIONS] > 0 else 0
    acct[LAST_NS] = now
    view[at.NOW_NS] = now
    view[at.DECISION] = acct[DECISIONS]
    _look_at_side(pool, book, view, 0, ticks)
    _look_at_side(pool, book, view, 1, ticks)
    view[at.INVENTORY_LOTS] = acct[NET]
    view[at.FREE_CASH_UPUSD] = free_cash(own, acct, cfg, 0, 0, 0)
    view[at.LAST_PRICE] = book[LAST_PRICE]
    for side in range(2):
        view[at.BOUGHT_LOTS + side] = book[TAKEN + side]
        view[at.OWN_BOUGHT_LOTS + side] = acct[OWN_TAKEN + side]
        book[TAKEN + side] = 0
        acct[OWN_TAKEN + side] = 0
    mid_x2 = view[at.BEST_BID] + view[at.BEST_ASK]
    if acct[DECISIONS] > 0:
        change = mid_x2 - acct[MID_X2]
        acct[VARIANCE] += ((change * change << 14) - acct[VARIANCE]) >> 6
    acct[MID_X2] = mid_x2
    view[at.VARIANCE_Q16] = acct[VARIANCE]
    view[at.REMAINING_EVENTS] = events - event
    view[at.TICKS_PER_UNIT] = ticks
    view[at.MINIMUM_LOTS] = cfg[C_MIN_LOTS]
    view[at.FEE_BP] = cfg[C_FEE_BP]
    view[at.FREE_SLOTS] = _look_at_own(pool, own, acct, view)
    acct[DECISIONS] += 1


@_compiled()
def _submit(own, acct, arrives, row):
    """Send one wanted order on its way, or record why it cannot be."""
    slot = 0
    while slot < at.OWN_ORDERS and own[slot, O_STATE] != at.EMPTY:
        slot += 1
    well_formed = 0 <= row[at.ACTION_SIDE] <= 1 and at.GTC <= row[at.ACTION_KIND] <= at.FOK
    sane = abs(row[at.ACTION_PRICE]) < 1 << 20 and 0 <= row[at.ACTION_LOTS] < 1 << 24
    if not (well_formed and sane and 0 <= row[at.ACTION_TTL_MS] < 1 << 40):
        acct[REJECTED + R_MALFORMED] += 1
    elif slot == at.OWN_ORDERS:
        acct[REJECTED + R_SLOTS] += 1
    else:
        acct[SLOTS_USED] = max(acct[SLOTS_USED], slot + 1)
        own[slot, O_STATE] = at.PENDING
        own[slot, O_SIDE] = row[at.ACTION_SIDE]
        own[slot, O_PRICE] = row[at.ACTION_PRICE]
        own[slot, O_LOTS] = row[at.ACTION_LOTS]
        own[slot, O_KIND] = row[at.ACTION_KIND]
        own[slot, O_ARRIVE] = arrives
        own[slot, O_CANCEL] = NEVER
        own[slot, O_EXPIRE] = NEVER
        own[slot, O_TTL] = row[at.ACTION_TTL_MS]
        own[slot, O_TOUCHED] = 0


@_compiled()
def _obey(own, acct, cfg, clock, now, event, actions, count):
    """Send the strategy's cancels and orders on their way."""
    if count < 0 or count > at.ACTION_ROWS:
        acct[REJECTED + R_MALFORMED] += 1
        count = min(max(count, 0), at.ACTION_ROWS)
    if count == 0:
        return
    cancel_at = _event_at(clock, now + cfg[C_CANCEL_NS], event)
    arrives = _event_at(clock, now + cfg[C_PLACE_NS], event)
    for i in range(count):
        row = actions[i]
        if row[at.ACTION] == at.CANCEL:
            slot = row[at.ACTION_SLOT]
            if 0 <= slot < at.OWN_ORDERS and own[slot, O_STATE] != at.EMPTY:
                own[slot, O_CANCEL] = min(own[slot, O_CANCEL], cancel_at)
            else:
                acct[REJECTED + R_UNKNOWN] += 1
        elif row[at.ACTION] == at.PLACE:
            _submit(own, acct, arrives, row)
        else:
            acct[REJECTED + R_MALFORMED] += 1
        row[:] = 0


# ------------------------------------------------------------------------------------------ simulation
@_compiled()
def _fair_q8(belief, ticks, side):
    """Return a belief as a mirrored price in ticks times 256."""
    price = (belief * ticks) >> 12
    return (ticks << 8) - price if side else price


@_compiled()
def _open_book(seed, cfg, belief, distance, maker_lots, pool, book, live):
    """Fill the book to its usual size around the first belief; orders that would cross are left out."""
    key = _key(seed, STREAM_OPENING)
    ticks = cfg[C_TICKS]
    for k in range(cfg[C_LIVE]):
        bits = _bits(key, k)
        side = k & 1
        m = ((_fair_q8(belief[0], ticks, side) - cfg[C_HALF]) >> 8) - distance[_field(bits, 0, 12)]
        m = min(max(m, 1), ticks - 1)
        if m + book[BEST + 1 - side] < ticks:
            _rest(pool, book, live, side, m, int64(maker_lots[_field(bits, 12, 10)]), -1)


@_compiled()
def _mark(acct, belief, regime, blocks, block, j, change):
    """Mark equity to the belief of step `j`, entered with a change of belief of `change`."""
    net = acct[NET]
    equity = acct[LEDGER] - acct[FEES] + acct[REBATES] + (net * belief * LOT_UPUSD >> 20)
    gain = equity - acct[EQUITY]
    acct[EQUITY] = equity
    blocks[block] += gain
    acct[REGIME_PNL + regime[j]] += gain
    acct[PEAK] = max(acct[PEAK], equity)
    acct[DRAWDOWN] = max(acct[DRAWDOWN], acct[PEAK] - equity)
    size = abs(net)
    acct[MAX_NET] = max(acct[MAX_NET], size)
    acct[SUM_NET] += size
    acct[STEPS] += 1
    moved = min((size * abs(change) * LOT_UPUSD >> 20) // VARIATION_UNIT, VARIATION_LIMIT)
    return moved * moved


@_compiled()
def _checksum_book(pool):
    """Return (lots resting, checksum of every order in priority order)."""
    total = int64(0)
    check = uint64(GOLDEN)
    for level in range(0, FIRST_OWN, 8):
        node = pool[level + NEXT]
        while node != level:
            total += pool[node + LOTS]
            check = _mix(check ^ (uint64(level) << uint64(32)) ^ uint64(pool[node + LOTS]))
            node = pool[node + NEXT]
    return total, int64(check >> uint64(1))


@_compiled()
def _checksum_tape(belief, regime, clock):
    """Return a checksum of the tape."""
    check = uint64(GOLDEN)
    for j in range(belief.shape[0]):
        check = _mix(check ^ (uint64(belief[j]) << uint64(1)) ^ uint64(regime[j]) ^ _mix(uint64(clock[j])))
    return int64(check >> uint64(1))


@_compiled()
def _finish(acct, pool, belief, regime, clock, events, truth):
    """Write what is known only at the end."""
    outcome = ONE if truth else 0
    last = belief[events >> STRIDE_BITS]
    net = acct[NET]
    paid = net * outcome * LOT_UPUSD >> 20
    acct[RESOLUTION] = acct[LEDGER] - acct[FEES] + acct[REBATES] + paid
    jump = min((abs(net) * abs(outcome - last) * LOT_UPUSD >> 20) // VARIATION_UNIT, VARIATION_LIMIT)
    acct[END_VARIATION] = jump * jump
    acct[DURATION_NS] = _time_of(clock, events - 1)
    acct[RESTING], acct[CHECKSUM] = _checksum_book(pool)
    acct[TAPE_CHECKSUM] = _checksum_tape(belief, regime, clock)
    acct[RESOLVED] = truth


_I4 = types.int32[::1]
_I8 = types.int64[::1]


@_compiled(
    types.void(
        STEP_TYPE, types.float64[::1], types.int64, types.int64, _I8,
        _I4, _I4, _I4, _I4, _I4, _I4, _I4,
        _I4, _I4, _I8, _I4, _I4, types.int64[:, ::1], _I8, types.int64[:, ::1], _I8, _I8,
        _I8, types.float64[::1], types.int64[:, ::1],
    ),
)  # fmt: skip
def run_scenario(
    step, params, seed, events, cfg,
    sigmoid, normal, exponential, distance, maker_lots, taker_lots, jump,
    belief, regime, clock, pool, live, fills, book, own, acct, blocks,
    view, memory, actions,
):  # fmt: skip
    """Run one strategy through one scenario; everything measured ends up in `acct` and `blocks`.

    The loop over events is cut where the strategy decides, where an own order arrives or leaves, and
    at belief steps, so that inside it nothing but the background flow happens.
    """
    truth = make_tape(seed, cfg, sigmoid, normal, exponential, jump, belief, regime, clock)
    clear_book(pool, book, live)
    _open_book(seed, cfg, belief, distance, maker_lots, pool, book, live)
    key = _key(seed, STREAM_SLOTS)
    ticks = cfg[C_TICKS]
    maker_slots = cfg[C_MAKER]
    informed_slots = maker_slots + cfg[C_INFORMED]
    add_below = cfg[C_ADD]
    add_above = cfg[C_ADD + 1]
    usual = cfg[C_LIVE]
    half = cfg[C_HALF]
    edge = cfg[C_EDGE]
    reach = cfg[C_REACH]
    variation = int64(0)
    event = int64(0)
    block = int64(0)
    decide_at = int64(0)
    due = int64(NEVER)
    while event < events:
        j = event >> STRIDE_BITS
        if event & (STRIDE - 1) == 0:
            change = belief[j] - belief[max(j - 1, 0)]
            if event << 6 >= (block + 1) * events:
                block += 1
            variation += _mark(acct, belief[j], regime, blocks, block, j, change)
            acct[REGIME_EVENTS + regime[j]] += min(STRIDE, events - event)
        if event >= due:
            due = _act(pool, book, live, fills, own, acct, cfg, belief, regime, clock, events, event)
        if event == decide_at:
            now = _time_of(clock, event)
            _look(pool, book, own, acct, cfg, view, now, events, event)
            count = step(view, params, memory, actions)
            _obey(own, acct, cfg, clock, now, event, actions, count)
            due = _next_due(own, acct, event)
            decide_at += cfg[C_INTERVAL]
        stop = min(min((j + 1) << STRIDE_BITS, due), min(decide_at, events))
        for k in range(event, stop):
            bits = _bits(key, k)
            slot_class = _field(bits, 0, 16)
            side = _field(bits, 16, 1)
            if slot_class < maker_slots:
                count_live = book[LIVE_COUNT]
                if slot_class >= (add_below if count_live < usual else add_above) and count_live > 8:
                    pick = int64(((bits >> uint64(32)) * uint64(count_live)) >> uint64(32))
                    node = int64(live[uint32(pick)])
                    _unlink(pool, book, node)
                    _forget(pool, book, live, node)
                    continue
                seen = max(k - cfg[C_LAG + _field(bits, 17, 2)], 0) >> STRIDE_BITS
                m = ((_fair_q8(belief[seen], ticks, side) - half) >> 8) - distance[_field(bits, 19, 12)]
                m = min(max(m, 1), ticks - 1)
                lots = int64(maker_lots[_field(bits, 31, 10)])
                rests = True
            elif slot_class < informed_slots:
                fair = _fair_q8(belief[j], ticks, 0)
                side = int64(0) if fair - ((ticks - book[BEST + 1]) << 8) >= edge else int64(1)
                m = (_fair_q8(belief[j], ticks, side) - edge) >> 8
                m = min(m, ticks - 1)
                lots = int64(taker_lots[_field(bits, 31, 10)]) << 1
                rests = False
            else:
                m = min(ticks - book[BEST + 1 - side] + reach, ticks - 1)
                lots = int64(taker_lots[_field(bits, 31, 10)])
                rests = False
            if m + book[BEST + 1 - side] >= ticks:
                lots = _match(pool, book, live, fills, side, m, lots, -1, ticks)
                if book[FILL_COUNT] > 0:
                    _settle(book, fills, own, acct, cfg, belief, regime, events, k)
            if rests and lots > 0:
                _rest(pool, book, live, side, m, lots, -1)
        event = stop
    j = events >> STRIDE_BITS
    change = belief[j] - belief[(events - 1) >> STRIDE_BITS]
    variation += _mark(acct, belief[j], regime, blocks, 63, (events - 1) >> STRIDE_BITS, change)
    acct[VARIATION] = variation
    _finish(acct, pool, belief, regime, clock, events, truth)


# ---------------------------------------------------------------------------------------------- replay
TRAIL_WIDTH: Final = 12
REPLAY_ADD: Final = 0
REPLAY_CANCEL: Final = 1
REPLAY_TAKE: Final = 2
REPLAY_OWN_PLACE: Final = 3
REPLAY_OWN_CANCEL: Final = 4


@_compiled()
def _leave_trail(trail, pool, book, own, acct, cfg):
    """Write the visible state after one operation."""
    for side in range(2):
        m = book[BEST + side]
        trail[side] = cfg[C_TICKS] - m if side else m
        trail[2 + side] = pool[((side * LEVELS + m) << 3) + LOTS] if m > 0 else 0
    trail[4] = book[TRADED]
    trail[5] = acct[LEDGER]
    trail[6] = acct[NET]
    trail[7] = acct[FEES]
    trail[8] = acct[REBATES]
    trail[9] = acct[REJECTED : REJECTED + 10].sum()
    trail[10] = free_cash(own, acct, cfg, 0, 0, 0)
    trail[11] = acct[COUNTERPARTY]


@_compiled()
def _list_book(pool, resting):
    """Write (side, price level m, lots, tag) of every resting order in priority order; return how many."""
    count = 0
    for level in range(0, FIRST_OWN, 8):
        node = pool[level + NEXT]
        while node != level:
            resting[count, 0] = level >> 13
            resting[count, 1] = (level >> 3) & (LEVELS - 1)
            resting[count, 2] = pool[node + LOTS]
            resting[count, 3] = pool[node + TAG]
            count += 1
            node = pool[node + NEXT]
    return count


@_compiled(called_from_python=True)
def replay_operations(
    operations, cfg, belief, regime, clock, pool, live, fills, book, own, acct, trail, resting
):
    """Run given operations through the same matching code as `run_scenario`, for cross-checks.

    Args:
        operations: Rows (what, side, price, lots, reference, kind). A background order is referred to
            by the number of the operation that added it, an own order by its slot.
        trail: Receives the visible state after each operation.
        resting: Receives the final book.

    Returns: The number of resting orders.
    """
    clear_book(pool, book, live)
    ticks = cfg[C_TICKS]
    for i in range(operations.shape[0]):
        what = operations[i, 0]
        side = operations[i, 1]
        price = operations[i, 2]
        lots = operations[i, 3]
        reference = operations[i, 4]
        m = ticks - price if side else price
        if what in (REPLAY_ADD, REPLAY_TAKE):
            lots = _match(pool, book, live, fills, side, m, lots, -1, ticks)
            _settle(book, fills, own, acct, cfg, belief, regime, 1, 0)
            if what == REPLAY_ADD and lots > 0:
                _rest(pool, book, live, side, m, lots, i)
        elif what == REPLAY_CANCEL:
            for x in range(book[LIVE_COUNT]):
                if pool[live[x] + TAG] == reference:
                    node = int64(live[x])
                    _unlink(pool, book, node)
                    _forget(pool, book, live, node)
                    break
        elif what == REPLAY_OWN_PLACE and own[reference, O_STATE] == at.EMPTY:
            acct[SLOTS_USED] = at.OWN_ORDERS
            own[reference, O_STATE] = at.PENDING
            own[reference, O_SIDE] = side
            own[reference, O_PRICE] = price
            own[reference, O_LOTS] = lots
            own[reference, O_KIND] = operations[i, 5]
            own[reference, O_TTL] = 0
            own[reference, O_TOUCHED] = 0
            own[reference, O_CANCEL] = NEVER
            own[reference, O_EXPIRE] = NEVER
            _arrive(pool, book, live, fills, own, acct, cfg, belief, regime, clock, 1, 0, reference)
        elif what == REPLAY_OWN_CANCEL and own[reference, O_STATE] == at.LIVE:
            _withdraw(pool, book, own, reference)
        _leave_trail(trail[i], pool, book, own, acct, cfg)
    return _list_book(pool, resting)
