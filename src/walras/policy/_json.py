"""Parse strict JSON into nodes, each with its line; strings and numbers are the standard library's work."""

import json
import re
from bisect import bisect_right
from typing import Final, NoReturn

from walras.policy._document import UNREAD, Builder, Node, Row, Scalar, TooLarge
from walras.policy._names import plain_text, printable
from walras.policy._scalars import integer, real

_BLANK: Final = re.compile(r"[ \t\n\r]*")


class _Stop(Exception):
    """The text is not JSON from here on; the fault is noted."""


def parse_json(text: str, builder: Builder) -> Node | None:
    """Return the root of the document, or None where it is not JSON; faults go to `builder`."""
    reader = _Reader(text, builder)
    try:
        root, end = reader.value(0, depth=0)
        end = reader.skip(end)
        if end != len(text):
            reader.stop(end, "something follows the document")
    except (_Stop, TooLarge):
        return None
    return root


class _Reader:
    def __init__(self, text: str, builder: Builder) -> None:
        self._text = text
        self._builder = builder
        self._breaks = [index for index, char in enumerate(text) if char == "\n"]
        self._complaint = ""
        self._keys: list[str] = []
        self._scalars = json.JSONDecoder(
            parse_int=lambda digits: self._number(integer(digits)),
            parse_float=lambda digits: self._number(real(digits)),
            parse_constant=lambda _: self._number((float("nan"), "is not finite; write a finite number.")),
        )

    def value(self, at: int, *, depth: int) -> tuple[Node, int]:
        """Read one value that starts at or after `at`; return it and where it ends."""
        at = self.skip(at)
        char = self._text[at : at + 1]
        self._builder.count(self._line(at), depth=depth + (char in ("{", "[")))
        if char == "{":
            return self._table(at, depth + 1)
        if char == "[":
            return self._row(at, depth + 1)
        return self._scalar(at)

    def skip(self, at: int) -> int:
        """Return the first index from `at` that is not a blank."""
        found = _BLANK.match(self._text, at)
        return at if found is None else found.end()

    def stop(self, at: int, what: str) -> NoReturn:
        """Note that the text is not JSON at `at`, and stop."""
        near = printable(self._text[at : at + 20])
        self._builder.fault(self._line(at), "JSON", f"{what}, near {near}.", "Write strict JSON.")
        raise _Stop

    def _table(self, at: int, depth: int) -> tuple[Node, int]:
        line, entries = self._line(at), list[tuple[Scalar, Node]]()
        at = self.skip(at + 1)
        while not self._text.startswith("}", at):
            if entries:
                at = self.skip(self._expect(at, ","))
            if not self._text.startswith('"', at):
                self.stop(at, "a quoted name is missing")
            key, at = self._scalar(at)
            self._keys.append(printable(plain_text(key.value))[1:-1])
            value, at = self.value(self._expect(self.skip(at), ":"), depth=depth)
            self._keys.pop()
            entries.append((key, value))
            at = self.skip(at)
        return self._builder.table(line, entries), at + 1

    def _row(self, at: int, depth: int) -> tuple[Node, int]:
        line, items = self._line(at), list[Node]()
        at = self.skip(at + 1)
        while not self._text.startswith("]", at):
            if items:
                at = self._expect(at, ",")
            item, at = self.value(at, depth=depth)
            items.append(item)
            at = self.skip(at)
        return Row(line, tuple(items)), at + 1

    def _scalar(self, at: int) -> tuple[Scalar, int]:
        self._complaint = ""
        try:
            value, end = self._scalars.raw_decode(self._text, at)
        except json.JSONDecodeError:
            self.stop(at, "no value can be read here")
        if self._complaint:
            where = ", ".join([*self._keys[-2:], printable(self._text[at:end])])
            self._builder.fault(self._line(at), where, self._complaint, "")
            value = UNREAD
        return Scalar(self._line(at), value), end

    def _expect(self, at: int, mark: str) -> int:
        if not self._text.startswith(mark, at):
            self.stop(at, f"{mark!r} is missing")
        return at + 1

    def _number(self, read: tuple[object, str]) -> object:
        self._complaint = read[1]
        return read[0]

    def _line(self, at: int) -> int:
        return bisect_right(self._breaks, at - 1) + 1
