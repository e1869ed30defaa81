r"""Characters that pass for an ASCII letter, as data.

Written from the shapes, for the deny rule only: a wrong row refuses one name more, it never admits one.
What Unicode normalisation already maps (fullwidth, mathematical, circled, superscript, accented letters)
is not listed. Escapes keep this file readable where the letters look alike.
"""

from types import MappingProxyType
from typing import Final

_LOOKALIKES: Final = {
    "a": "\u0430\u0251\u03b1\u1d00\u237a\uab7a\u13aa",
    "b": "\u044c\u0432\u0299\u03b2\u0185\u13f4\u15af",
    "c": "\u0441\u03f2\u1d04\u13df\uabaf\u2ca5\u04ab\u0188",
    "d": "\u0501\u1d05\u13a0\u0111\u0257\u056a",
    "e": "\u0435\u04bd\u025b\u03b5\u1d07\u13ac\u212e\u0454\u0259",
    "f": "\u0192\u0584\ua730\u0493\u03dd",
    "g": "\u0261\u0581\u0262\u018d\u050d\u13c0\u01e5",
    "h": "\u04bb\u0570\u029c\u043d\u13bb\u0127",
    "i": "\u0456\u0131\u0269\u03b9\u026a\u13a5\uab75",
    "j": "\u0458\u03f3\u029d\u13ab",
    "k": "\u043a\u03ba\u1d0b\u13e6\u049b\u049d\u0199\u04a1",
    "l": "\u04cf\u04c0\u029f\u13de\u0142\u01c0\u0627\u026d\u019a",
    "m": "\u043c\u1d0d\u13b7\u03fb\u0271",
    "n": "\u0578\u043f\u0274\u03b7\u057c\u014b\u0272\u0438",
    "o": "\u043e\u03bf\u0585\u1d0f\u03c3\u04e9\u00f8\u05e1\u0647\u0e50\u0665\u2c9f\u10ff",
    "p": "\u0440\u03c1\u1d18\u13e2\u2ca3\u00fe\u01bf",
    "q": "\u051b\u0563\u0566\u03d9",
    "r": "\u0433\u1d26\u0280\u13a1\u13d2\u027e\u027c\u2c85\uab81\u044f",
    "s": "\u0455\ua731\u0282\u13da\u054f\u01bd\uabaa",
    "t": "\u0442\u03c4\u1d1b\u13a2\u0167\u01ab\u2ca7",
    "u": "\u03c5\u057d\u1d1c\u028b\uab4e\u144c",
    "v": "\u03bd\u0475\u1d20\u13d9\u05d8",
    "w": "\u051d\u0461\u03c9\u1d21\u13b3\u13d4\u0561\u026f\u0448\u2cb1",
    "x": "\u0445\u03c7\u04b3\u00d7\ua7b3",
    "y": "\u0443\u04af\u03b3\u028f\u10e7\u13bd\u01b4\u024f",
    "z": "\u1d22\u0290\u13c3\u01b6\u03b6",
    "H": "\u0397",
    "N": "\u039d",
    "P": "\u03a1",
    "Y": "\u03a5",
}
"""A capital that looks like another letter than its small form has its own row."""

_ALPHABETS: Final = (0x1F1E6, 0x1F150, 0x1F170)
"""Where A to Z stand once more: regional indicators, negative circled, negative squared letters."""


def _table() -> dict[int, str]:
    table = {ord(seen): letter for letter, row in _LOOKALIKES.items() for seen in row}
    for letter, row in _LOOKALIKES.items():
        for seen in row:
            table.setdefault(ord(seen.upper()), letter.upper())
    for start in _ALPHABETS:
        table |= {start + index: chr(ord("a") + index) for index in range(26)}
    return table


CONFUSABLES: Final = MappingProxyType(_table())
"""Code point of a look-alike -> the ASCII letter it passes for, in the same case where it has one."""
