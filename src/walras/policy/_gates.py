"""Hard gates as data, and the matcher that folds a name before it compares.

A gate is a head (`risk.killswitch`) and a reach: everything below it, keys that contain a word, or caps.
Names are compared in runs of tokens at token boundaries, wherever in the name they stand, so that
`risk__killswitch__x`, `config.risk.kill_switch` and `riskKillswitch` all touch `risk.killswitch.*`, while
`risk.killswitchboard.x` does not.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from walras.policy._confusables import CONFUSABLES
from walras.policy._names import decodings

CAP_WORDS: Final = ("caps", "cap", "markets", "market", "limits", "limit")
CAP_COMPANY: Final = (
    *("per", "max", "min", "hard", "soft", "total", "gross", "net", "by", "each", "pusd", "usdc", "usd"),
    *("shares", "lots", "pct", "bps", "table", "map", "multiplier", "factor", "scale", "notional"),
)
DROPPED: Final = frozenset({"Cf", "Cc", "Mn", "Me", "Co", "Cn", "Cs"})
"""Unicode categories of characters that are read both ways: as nothing, and as a separator."""

_CAPS: Final = re.compile(
    f"(?:{'|'.join(CAP_COMPANY)})*(?:{'|'.join(CAP_WORDS)})(?:{'|'.join(CAP_WORDS + CAP_COMPANY)})*"
)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN: Final = re.compile(r"[a-z0-9]+")
_PLAIN: Final = re.compile(r"[a-z0-9_.]*")


@dataclass(frozen=True)
class Gate:
    """One locked region of the configuration.

    Attributes:
        pattern: How people write it.
        head: Its leading segments, in lower case.
        why: What it protects, in one sentence.
        reach: Which keys below the head: all of them, those containing `word`, or those that are caps.
        source: The policy file that added it; "" for the floor. It enters no digest and no record.
    """

    pattern: str
    head: tuple[str, ...]
    why: str
    reach: Literal["all", "word", "caps"] = "all"
    word: str = ""
    source: str = ""

    @property
    def told(self) -> str:
        """Return what people read: why, and which file says so."""
        return f"The policy file {self.source} locks it." if self.source else self.why

    @cached_property
    def joined(self) -> str:
        """Return the head's tokens without separators."""
        return _join(self.head)

    @cached_property
    def ancestors(self) -> frozenset[str]:
        """Return the head and each of its ancestors without separators; a name equal to one is locked."""
        return frozenset(_join(self.head[: count + 1]) for count in range(len(self.head)))

    def touches(self, tokens: tuple[str, ...]) -> bool:
        """Say whether a name with these tokens lies in, above or across this gate."""
        text = "".join(tokens)
        if text in self.ancestors:
            return True
        return any(self._covers(tokens[index:]) for index in _ends(tokens, text, self.joined))

    def _covers(self, tail: tuple[str, ...]) -> bool:
        if self.reach == "word":
            return self.word in "".join(tail)
        if self.reach == "caps":
            return any(_CAPS.fullmatch(token) for token in tail)
        return True


def tokenisations(name: str) -> frozenset[tuple[str, ...]]:
    """Return every way `name` reads as tokens of [a-z0-9]: folded, decoded, with and without camel humps."""
    if _PLAIN.fullmatch(name):
        return frozenset({tuple(_TOKEN.findall(name))})
    readings = (
        _ascii(text, dropped)
        for start in {name, _visible(name)}
        for text in decodings(start)
        for dropped in ("", ".")
    )
    return frozenset(
        tuple(_TOKEN.findall(_lower(form))) for text in set(readings) for form in {text, _HUMP.sub(".", text)}
    )


def _join(segments: tuple[str, ...]) -> str:
    return "".join(_TOKEN.findall(".".join(segments)))


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in DROPPED)


def _ascii(text: str, dropped: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    kept = (dropped if unicodedata.category(char) in DROPPED else char for char in apart)
    return "".join(kept).translate(CONFUSABLES)


def _lower(text: str) -> str:
    return text.casefold().translate(CONFUSABLES).casefold()


def _ends(tokens: tuple[str, ...], text: str, wanted: str) -> Iterator[int]:
    """Yield the index after each run of tokens that joins to `wanted`."""
    found = text.find(wanted)
    if found < 0:
        return
    starts, ends, offset = set(), {}, 0
    for index, token in enumerate(tokens):
        starts.add(offset)
        offset += len(token)
        ends[offset] = index + 1
    while found >= 0:
        after = found + len(wanted)
        if found in starts and after in ends:
            yield ends[after]
        found = text.find(wanted, found + 1)
