"""Checks that stored JSON has the types that were written, before a value is made of it."""

from collections.abc import Mapping
from types import NoneType
from typing import Any, Final, TypeAlias

from walras.core._canonical import Json

Fields: TypeAlias = Mapping[str, tuple[type, ...]]

TEXT: Final = (str,)
OPTIONAL_TEXT: Final = (str, NoneType)
COUNT: Final = (int,)
OPTIONAL_COUNT: Final = (int, NoneType)
OPTIONAL_NUMBER: Final = (float, int, NoneType)
FLAG: Final = (bool,)
LIST: Final = (list, tuple)
OBJECT: Final = (dict,)
OPTIONAL_OBJECT: Final = (dict, NoneType)


def require_fields(body: Json, fields: Fields) -> dict[str, Any]:
    """Return `body` once it is an object whose `fields` have one of their exact types: a bool is no int.

    Raises:
        KeyError: If a field is missing.
        TypeError: If `body` is no object, or a field has another type; names the field.
    """
    if not isinstance(body, dict):
        raise TypeError(f"{type(body).__name__} is no JSON object")
    for name, kinds in fields.items():
        if type(body[name]) not in kinds:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"{name} is {type(body[name]).__name__}, not {wanted}")
    return body


def require_items(values: Any, kinds: tuple[type, ...], name: str) -> tuple[Any, ...]:
    """Return the items of a list once each has one of these exact types.

    Raises:
        TypeError: Naming the list.
    """
    if type(values) not in LIST or any(type(value) not in kinds for value in values):
        raise TypeError(f"{name} is no list of {' or '.join(kind.__name__ for kind in kinds)}")
    return tuple(values)
