"""A slow order book in dicts and lists, written from the exchange's rules and not from the engine."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from math import floor

ADD, CANCEL, TAKE, OWN_PLACE, OWN_CANCEL = range(5)
GTC, POST_ONLY, FAK, FOK = range(4)
REFUSALS = ("cross", "size", "price", "balance", "fok", "fak", "notional")


@dataclass
class Order:
    side: int
    price: int
    lots: int
    tag: int
    slot: int | None = None


class PlainBook:
    """One book for YES, price-time priority, one account of ours against everybody else."""

    def __init__(
        self, *, ticks: int, minimum_lots: int, minimum_upusd: int, fee_bp: int, rebate_bp: int, cash: int
    ):
        self.ticks, self.minimum_lots, self.minimum_upusd = ticks, minimum_lots, minimum_upusd
        self.fee_bp, self.rebate_bp = fee_bp, rebate_bp
        self.queues: dict[tuple[int, int], deque[Order]] = {}
        self.own: dict[int, Order] = {}
        self.start, self.cash, self.yes, self.no = cash, cash, 0, 0
        self.fees = self.rebates = self.traded = self.refused = self.others = 0

    def best(self, side: int) -> int | None:
        prices = [price for (s, price), queue in self.queues.items() if s == side and queue]
        return (max(prices) if side == 0 else min(prices)) if prices else None

    def volume(self, side: int, price: int) -> int:
        return sum(order.lots for order in self.queues.get((side, price), ()))

    def meets(self, side: int, price: int) -> bool:
        best = self.best(1 - side)
        return best is not None and (price >= best if side == 0 else price <= best)

    def fee(self, lots: int, price: int) -> int:
        p = Fraction(price, self.ticks)
        pusd = Fraction(self.fee_bp, 10_000) * Fraction(lots, 100) * p * (1 - p)
        return floor(pusd * 100_000) * 10

    def account(self, side: int, lots: int, price: int, *, maker: bool) -> None:
        """Pay cash for what is bought; a sale without YES buys NO; complete sets merge to cash."""
        upusd = 10_000 // self.ticks
        if side == 0:
            self.cash -= lots * price * upusd
            self.yes += lots
        else:
            from_stock = min(lots, self.yes)
            self.yes -= from_stock
            self.cash += from_stock * price * upusd
            self.no += lots - from_stock
            self.cash -= (lots - from_stock) * (self.ticks - price) * upusd
        sets = min(self.yes, self.no)
        self.yes, self.no, self.cash = self.yes - sets, self.no - sets, self.cash + sets * 10_000
        fee = self.fee(lots, price)
        if maker:
            self.rebates += fee * self.rebate_bp // 10_000
        else:
            self.fees += fee
        self.others += (1 if side == 0 else -1) * lots * price * upusd

    def match(self, side: int, price: int, lots: int, slot: int | None) -> int:
        while lots and self.meets(side, price):
            best = self.best(1 - side)
            assert best is not None
            maker = self.queues[(1 - side, best)][0]
            done = min(lots, maker.lots)
            lots -= done
            maker.lots -= done
            self.traded += done
            if maker.slot is not None:
                self.account(maker.side, done, best, maker=True)
            if slot is not None:
                self.account(side, done, best, maker=False)
            if maker.lots == 0:
                self.queues[(1 - side, best)].popleft()
                if maker.slot is not None:
                    del self.own[maker.slot]
        return lots

    def rest(self, order: Order) -> None:
        self.queues.setdefault((order.side, order.price), deque()).append(order)

    def remove(self, order: Order) -> None:
        self.queues[(order.side, order.price)].remove(order)

    def cash_if_filled(self, orders: list[tuple[int, int, int]]) -> int:
        """Return the cash left if these (side, price, lots) fill, dearest last matters not: one side only."""
        ghost = PlainBook(
            ticks=self.ticks, minimum_lots=0, minimum_upusd=0, fee_bp=0, rebate_bp=0, cash=self.net_cash()
        )
        ghost.yes, ghost.no = self.yes, self.no
        for side, price, lots in orders:
            ghost.account(side, lots, price, maker=True)
        return ghost.cash

    def net_cash(self) -> int:
        return self.cash - self.fees + self.rebates

    def free_cash(self, extra: tuple[int, int, int] | None = None) -> int:
        """Return cash less what each side's open orders would use up if all of that side filled."""
        free = self.net_cash()
        for side in range(2):
            orders = [(o.side, o.price, o.lots) for o in self.own.values() if o.side == side]
            if extra and extra[0] == side:
                orders.append(extra)
            free -= max(0, self.net_cash() - self.cash_if_filled(orders))
        return free

    def refusal(self, side: int, price: int, lots: int, kind: int) -> str | None:
        crosses = self.meets(side, price)
        takes = crosses or kind in (FAK, FOK)
        cost = lots * (price if side == 0 else self.ticks - price) * (10_000 // self.ticks)
        if not 1 <= price <= self.ticks - 1:
            return "price"
        if lots < self.minimum_lots:
            return "size"
        if kind == POST_ONLY and crosses:
            return "cross"
        if takes and cost < self.minimum_upusd:
            return "notional"
        reachable = sum(
            self.volume(s, p)
            for s, p in self.queues
            if s != side and (p <= price if side == 0 else p >= price)
        )
        if kind == FOK and reachable < lots:
            return "fok"
        if kind == FAK and not crosses:
            return "fak"
        if self.free_cash((side, price, lots)) < (-(-self.fee_bp * lots // 4) if takes else 0):
            return "balance"
        return None

    def place_own(self, side: int, price: int, lots: int, slot: int, kind: int) -> None:
        if slot in self.own:
            return
        if self.refusal(side, price, lots, kind):
            self.refused += 1
            return
        left = self.match(side, price, lots, slot)
        if left and kind in (GTC, POST_ONLY):
            order = Order(side, price, left, -1 - slot, slot)
            self.own[slot] = order
            self.rest(order)

    def run(self, operation: list[int], number: int) -> None:
        what, side, price, lots, reference, kind = operation
        if what in (ADD, TAKE):
            left = self.match(side, price, lots, None)
            if what == ADD and left:
                self.rest(Order(side, price, left, number))
        elif what == CANCEL:
            for queue in self.queues.values():
                for order in [o for o in queue if o.tag == reference and o.slot is None]:
                    queue.remove(order)
        elif what == OWN_PLACE:
            self.place_own(side, price, lots, reference, kind)
        elif what == OWN_CANCEL and reference in self.own:
            self.remove(self.own.pop(reference))

    def trail(self) -> list[int]:
        bid, ask = self.best(0), self.best(1)
        net = self.yes - self.no
        return [
            bid or 0,
            self.ticks if ask is None else ask,
            self.volume(0, bid) if bid else 0,
            self.volume(1, ask) if ask else 0,
            self.traded,
            self.cash - self.start + self.no * 10_000,
            net,
            self.fees,
            self.rebates,
            self.refused,
            self.free_cash(),
            self.others,
        ]

    def resting(self) -> list[list[int]]:
        rows = []
        for (side, price), queue in self.queues.items():
            mirrored = self.ticks - price if side else price
            rows += [(side, mirrored, i, order.lots, order.tag) for i, order in enumerate(queue)]
        return [[side, m, lots, tag] for side, m, _, lots, tag in sorted(rows)]
