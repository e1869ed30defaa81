"""Gated names, legal names, and the transforms that attackers put them through."""

import random
import urllib.parse
from collections.abc import Callable
from typing import Final

from walras.policy import Policy

GATED: Final = (
    "risk.killswitch.tripThreshold",
    "risk.killswitch.x",
    "risk.killswitch",
    "risk.exposureguard.maxNotionalPusd",
    "risk.exposureguard.maxNotionalPusdMultiplier",
    "risk.exposureguard.perMarketCaps",
    "risk.exposureguard.markets.btc50k.capPusd",
    "risk.compliancegate.jurisdictionAllowlist",
    "risk.markethaltguard.haltOnStaleMs",
    "sec.signer.policy",
    "sec.signer",
)
_LOOKALIKES: Final = {
    "a": "\u0430\u0251",
    "c": "\u0441",
    "e": "\u0435\u1d07",
    "g": "\u0261",
    "h": "\u04bb",
    "i": "\u0456\u0131\u026a",
    "k": "\u043a\u1d0b",
    "l": "\u04cf",
    "m": "\u043c",
    "n": "\u0578",
    "o": "\u043e\u03bf",
    "p": "\u0440",
    "r": "\u0433\u0280",
    "s": "\u0455\ua731",
    "t": "\u0442\u1d1b",
    "w": "\u051d",
    "x": "\u0445",
}
_INVISIBLE: Final = "\u200b\u200c\u200d\u00ad\u2060\ufe0f\u200f\u2066\u180e\u0301\x00\ufeff"
_SEPARATORS: Final = ("/", "__", "::", "->", "..", "\u2024", "%2E", "-", " ", "\\.", "@", "\t", "&#46;", "_")
_WRAPPERS: Final = (
    *("config.{}", "++{}", "{}=0", "'{}'", "engine/{}", "strategy.mm.order_size,{}", "x.{}"),
    *("{}.y", "[{}]", "{}\n", "${{{}}}", "{}_view"),
)


def _case(name: str, rng: random.Random) -> str:
    return "".join(char.upper() if rng.random() < 0.5 else char.lower() for char in name)


def _insert(name: str, rng: random.Random) -> str:
    at = rng.randrange(len(name) + 1)
    return name[:at] + rng.choice(_INVISIBLE) + name[at:]


def _homoglyph(name: str, rng: random.Random) -> str:
    return "".join(
        rng.choice(_LOOKALIKES[char]) if char in _LOOKALIKES and rng.random() < 0.4 else char for char in name
    )


def _separator(name: str, rng: random.Random) -> str:
    return name.replace(".", rng.choice(_SEPARATORS))


def _space(name: str, rng: random.Random) -> str:
    return name.replace(".", rng.choice((" .", ". ", " . ", "\u00a0.", ".\u3000")))


def _wrap(name: str, rng: random.Random) -> str:
    return rng.choice(_WRAPPERS).format(name)


def _wide(name: str, rng: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and rng.random() < 0.5 else c for c in name)


def _percent(name: str, rng: random.Random) -> str:
    return urllib.parse.quote(name, safe="").replace(".", "%2E")


TRANSFORMS: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    *(_case, _insert, _homoglyph, _separator, _space, _wrap, _wide, _percent),
)


def disguised(rng: random.Random) -> str:
    """Return a gated name after one to three transforms."""
    name = rng.choice(GATED)
    for transform in rng.sample(TRANSFORMS, rng.randint(1, 3)):
        name = transform(name, rng)
    return name


def mutated(name: str, rng: random.Random) -> str:
    """Return a legal name after one to three edits or transforms; it may come back unchanged."""
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.5:
            name = rng.choice(TRANSFORMS)(name, rng)
        else:
            at = rng.randrange(len(name) + 1)
            name = name[:at] + rng.choice(("", "s", "_", ".", "S", "1")) + name[at + rng.randint(0, 1) :]
    return name


_PIECES: Final = (
    *("risk", "kill", "switch", "killswitch", "sec", "signer", "exposureguard", "max", "notional", "cap"),
    *("caps", "market", "per", "Per", "Market", "Caps", "limit", "strategy", "mm", "x", "Risk", "SIGNER"),
    *("compliancegate", "markethaltguard", "halt", "guard", "board", "s", "\u0456", "\u200b", "%2e", "&#46;"),
    *(".", ".", ".", "_", "-", "/", " ", "1", "pusd", "Notional", "usd", "able", "\u0130", "\\x2e", "\ufb01"),
)


def assembled(rng: random.Random) -> str:
    """Return a random name from the pieces that gates are made of."""
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 9)))


def is_caught(policy: Policy, name: str) -> bool:
    """Say whether the policy finds the name gated."""
    return policy.match(name) is not None
