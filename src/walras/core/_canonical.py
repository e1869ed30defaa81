"""One text for one value: canonical JSON, digests, and the exact words every output carries."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

NOTICE: Final = "Synthetic replay only. Not a forecast."
"""The words that every page, report, export, plot and JSON document carries."""

JsonScalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = JsonScalar | Sequence["Json"] | Mapping[str, "Json"]


def canonical_json(value: Json) -> str:
    r"""Return the one JSON text of `value`: sorted keys, no spaces, ASCII, shortest float repr.

    ASCII escapes keep NUL and lone surrogates storable in every database.

    Raises:
        ValueError: If a number is NaN or infinite.
        TypeError: If a value has no JSON form.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical JSON of `value`, 64 hex digits."""
    return digest_text(canonical_json(value))


def digest_text(text: str) -> str:
    """Return the SHA-256 of ASCII or UTF-8 `text`, 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
