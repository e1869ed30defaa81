"""Turn plain Python values into nodes: what the Python door, the store and proposers hand over."""

import math

from walras.policy._document import UNREAD, Builder, Node, Row, Scalar, TooLarge
from walras.policy._names import plain_text, printable
from walras.policy._scalars import MAX_DIGITS


def parse_plain(value: object, builder: Builder) -> Node | None:
    """Return `value` as nodes, or None where it is too deep or too large; faults go to `builder`.

    Only exact `dict` and `list` are containers. A subclass is a fault, yet it is still looked into,
    past its own methods, so that the gates see what it holds.
    """
    try:
        return _node(value, builder, ())
    except TooLarge:
        return None


def _node(value: object, builder: Builder, keys: tuple[str, ...]) -> Node:
    """Return `value`, which stands under `keys`, as a node; an item of a list stands under "item"."""
    depth = len(keys)
    if isinstance(value, dict):
        builder.count(None, depth=depth + 1)
        _refuse_subclass(value, dict, builder)
        pairs = [
            (Scalar(None, key), _node(part, builder, (*keys, printable(plain_text(key))[1:-1])))
            for key, part in dict.items(value)
        ]
        return builder.table(None, pairs)
    if isinstance(value, list):
        builder.count(None, depth=depth + 1)
        _refuse_subclass(value, list, builder)
        return Row(None, tuple(_node(part, builder, (*keys, "item")) for part in list.__iter__(value)))
    builder.count(None, depth=depth)
    where = ", ".join(keys[-2:]) or "number"
    if type(value) is int and abs(value) >= 10**MAX_DIGITS:
        builder.fault(None, where, f"has more than {MAX_DIGITS} digits.", "Write a smaller number.")
        return Scalar(None, UNREAD)
    if type(value) is float and not math.isfinite(value):
        builder.fault(None, where, f"{value} is not finite.", "Write a finite number.")
        return Scalar(None, UNREAD)
    return Scalar(None, value)


def _refuse_subclass(value: object, kind: type, builder: Builder) -> None:
    if type(value) is not kind:
        builder.fault(None, f"<{type(value).__name__}>", f"is not a plain {kind.__name__}.", "Convert it.")
