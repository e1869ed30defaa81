"""Trajectory files: JSONL, written whole, read line by line with every line verified.

The chain shows that a file was changed, not who changed it: a forger who recomputes every digest makes
another valid file with another body digest. Replay tells whether such a file is true.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from walras.core import (
    NOTICE,
    SCHEMA_VERSION,
    Exchange,
    IntegrityError,
    Iteration,
    Json,
    UsageError,
    canonical_json,
    digest,
)
from walras.store._files import printable, write_whole
from walras.store._trajectory import FIRST_PREV, Trajectory, headline_from_body, result_body
from walras.store._values import MAX_LINE_BYTES, MAX_TRAJECTORY_BYTES

_PARTS: Final = {"kind", "body", "meta", "prev"}
_SHA256: Final = re.compile("[0-9a-f]{64}")
_NEXT_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("header",),
    "header": ("exchange", "iteration", "result"),
    "exchange": ("exchange", "iteration", "result"),
    "iteration": ("exchange", "iteration", "result"),
    "result": (),
}


def write_trajectory(path: Path, trajectory: Trajectory) -> Path:
    """Write a trajectory file whole or not at all; an existing regular file is replaced.

    An open search is written too: its last line says `"state": "open"`, so that it cannot be taken for
    a file that was cut off.
    """
    return write_whole(path, _texts(trajectory))


def read_trajectory(path: Path) -> Trajectory:
    """Read a trajectory file and verify all of it; nothing in it has been judged by a guard yet.

    Raises:
        UsageError: If the file is missing, unreadable or not a regular file.
        IntegrityError: Naming the first line and field that is not as it was written, or a file that was
            cut off, is too large, or is of another schema version.
    """
    if not path.is_file():
        raise UsageError(f"There is no trajectory file {path}.", hint="`walras export ID -o FILE` makes one.")
    try:
        with path.open("rb") as file:
            return _Reader(path).read(file)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint="Check its mode.") from error


class _Reader:
    """The state of a file that is being read; every fault it raises names the line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0
        self._kind = ""
        self._prev = FIRST_PREV
        self._header: dict[str, Json] = {}
        self._header_meta: dict[str, Json] = {}
        self._exchanges: list[Exchange] = []
        self._iterations: list[Iteration] = []
        self._trajectory: Trajectory | None = None

    def read(self, file: BinaryIO) -> Trajectory:
        for text in self._texts(file):
            self._accept(self._parsed(text))
        if self._trajectory is None:
            self._number += 1
            self._fail("result", "the file ends here, before its last line: it was cut off")
        return self._trajectory

    def _texts(self, file: BinaryIO) -> Iterator[bytes]:
        total = 0
        while text := file.readline(MAX_LINE_BYTES + 1):
            self._number += 1
            total += len(text)
            if len(text) > MAX_LINE_BYTES:
                self._fail("line", f"it is longer than {MAX_LINE_BYTES} bytes")
            if total > MAX_TRAJECTORY_BYTES:
                self._fail("line", f"the file is larger than {MAX_TRAJECTORY_BYTES} bytes")
            yield text

    def _parsed(self, text: bytes) -> dict[str, Any]:
        try:
            line = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_constant)
            canonical_json(line)  # a number too large for a float is infinite by now
        except (ValueError, RecursionError):
            self._fail("line", "it is not a JSON object as Walras writes it")
        if not isinstance(line, dict) or set(line) != _PARTS:
            self._fail("line", f"it does not have exactly the parts {', '.join(sorted(_PARTS))}")
        return line

    def _accept(self, line: dict[str, Any]) -> None:
        kind, body, meta = line["kind"], line["body"], line["meta"]
        if kind not in _NEXT_KINDS[self._kind]:
            expected = " or ".join(_NEXT_KINDS[self._kind]) or "the end of the file"
            self._fail("kind", f"expected {expected}, got {ascii(kind)[:40]}")
        if not isinstance(body, dict) or not isinstance(meta, dict):
            self._fail("line", "body and meta are not JSON objects")
        if kind == "header" and body.get("schema_version") != SCHEMA_VERSION:
            version = ascii(body.get("schema_version"))[:40]
            self._fail("schema_version", f"{version} is not {SCHEMA_VERSION}, which this Walras reads")
        sha256 = self._checked_meta(body, meta)
        if line["prev"] != self._prev:
            self._fail("prev", "it does not follow the line before")
        try:
            self._take(kind, body, meta)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._fail("body", f"{type(error).__name__} {printable(str(error))}")
        self._kind, self._prev = kind, sha256

    def _checked_meta(self, body: Json, meta: dict[str, Any]) -> str:
        checksum = meta.pop("sha256", None)
        if checksum != digest(meta):
            self._fail("meta", "it does not have its checksum")
        sha256 = meta.pop("body_sha256", None)
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or sha256 != digest(body):
            self._fail("body", "it does not have its digest")
        return sha256

    def _take(self, kind: str, body: dict[str, Any], meta: dict[str, Any]) -> None:
        if kind == "header":
            self._take_header(body, meta)
        elif kind == "exchange":
            exchange = Exchange.from_body(body, meta)
            self._require_same(exchange.to_body(), body)
            self._require_number(exchange.number, len(self._exchanges))
            if exchange.iteration < len(self._iterations):
                self._fail("iteration", "the exchange comes after its iteration")
            self._exchanges.append(exchange)
        elif kind == "iteration":
            iteration = Iteration.from_body(body, meta)
            self._require_same(iteration.to_body(), body)
            self._require_number(iteration.number, len(self._iterations))
            if not set(iteration.exchanges) <= set(range(len(self._exchanges))):
                self._fail("exchanges", "the iteration used an exchange that is not before it")
            self._iterations.append(iteration)
        else:
            self._take_result(body, meta)

    def _take_header(self, body: dict[str, Any], meta: dict[str, Any]) -> None:
        if body.get("notice") != NOTICE:
            self._fail("notice", f"it is not {NOTICE!r}")
        self._header, self._header_meta = body, meta
        spec = Trajectory(header=body).spec
        self._require_same({"notice": NOTICE, **spec.to_body(), "spec_digest": spec.digest}, body)

    def _take_result(self, body: dict[str, Any], meta: dict[str, Any]) -> None:
        trajectory = Trajectory(
            header=self._header,
            exchanges=tuple(self._exchanges),
            iterations=tuple(self._iterations),
            headline=headline_from_body(body["headline"]),
            header_meta=self._header_meta,
            result_meta=meta,
        )
        self._require_same(result_body(trajectory), body)
        fault = headline_fault(trajectory)
        if fault is not None:
            self._fail("headline", fault)
        self._trajectory = trajectory

    def _require_same(self, written: Mapping[str, Json], body: Mapping[str, Json]) -> None:
        """Refuse a body that says more, less or other than the value made of it."""
        for name in sorted({*written, *body}):
            if name not in written or name not in body:
                self._fail(f"body.{name}", "it is missing or unknown")
            if canonical_json(written[name]) != canonical_json(body[name]):
                self._fail(f"body.{name}", "it is not what the rest of the file says")

    def _require_number(self, number: int, expected: int) -> None:
        if number != expected:
            self._fail("number", f"expected {expected}, got {number}")

    def _fail(self, field: str, what: str) -> NoReturn:
        raise IntegrityError(
            f"{self._path}, line {self._number}: {field}: {what}.",
            hint="The file was changed, cut off or made by another version; export it again.",
        )


def headline_fault(trajectory: Trajectory) -> str | None:
    """Return how a headline contradicts the iterations it speaks of, or None."""
    headline, iterations = trajectory.headline, trajectory.iterations
    if headline is None:
        return None
    if not iterations:
        return "a search without iterations has no headline"
    if headline.best is None:
        return None
    if not 0 <= headline.best < len(iterations):
        return f"iteration {headline.best} is not in the file"
    score = iterations[headline.best].score
    if (headline.search_score, headline.search_se) != (score.value, score.standard_error):
        return f"its search score is not that of iteration {headline.best}"
    return None


def _texts(trajectory: Trajectory) -> Iterator[bytes]:
    prev = FIRST_PREV
    for line in trajectory.lines():
        yield line.to_text(prev).encode("ascii") + b"\n"
        prev = line.body_sha256


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
