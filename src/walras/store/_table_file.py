"""CSV and Parquet: one row an iteration, parameters as columns, the notice inside."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from walras.core import NOTICE, Iteration, SearchRecord, UsageError, canonical_json
from walras.store._files import replacing, write_whole

TableFormat: TypeAlias = Literal["csv", "parquet"]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_PARAMS: Final = "params."


def write_table(
    path: Path,
    format: TableFormat,  # noqa: A002  # the word of the command line
    record: SearchRecord,
    iterations: Sequence[Iteration],
) -> Path:
    """Write iterations as a table whole or not at all; an existing regular file is replaced.

    In CSV a text that a spreadsheet would run as a formula gets a leading quote; numbers stay numbers.
    JSONL (`write_trajectory`) is the exact record; a table is for looking.

    Raises:
        UsageError: If Parquet is asked for without PyArrow.
        Unavailable: If the file cannot be written.
    """
    rows = [_row(record, iteration) for iteration in iterations]
    columns = list(dict.fromkeys([*_columns(record), *(name for row in rows for name in row)]))
    if format == "csv":
        return write_whole(path, _csv(columns, rows))
    return _write_parquet(path, columns, rows, record)


def _columns(record: SearchRecord) -> Iterator[str]:
    yield from ("search", "number", "status", "score", "score_se")
    for name in sorted({*record.spec.space.by_name, *record.spec.space.fixed}):
        yield _PARAMS + name
    yield from ("source", "predicted_score", "reasoning", "hypothesis", "reason")


def _row(record: SearchRecord, iteration: Iteration) -> dict[str, Any]:
    proposal = iteration.proposal
    row: dict[str, Any] = {
        "search": record.id,
        "number": iteration.number,
        "status": str(iteration.status),
        "score": iteration.score.value,
        "score_se": iteration.score.standard_error,
        "reason": _reason(iteration),
    }
    row |= {_PARAMS + name: value for name, value in record.spec.space.fixed.items()}
    if proposal is not None:
        row |= {_PARAMS + str(name): value for name, value in proposal.params.items()}
        row |= {"source": proposal.source, "predicted_score": proposal.predicted_score}
        row |= {"reasoning": proposal.reasoning, "hypothesis": proposal.hypothesis}
    return row


def _reason(iteration: Iteration) -> str | None:
    if iteration.failure is not None:
        return f"{iteration.failure.code}: {iteration.failure.text}"
    if iteration.verdict is not None and not iteration.verdict.allowed:
        return f"{iteration.verdict.code}: {iteration.verdict.reason}"
    return iteration.score.value_reason


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    yield f"# {NOTICE}\r\n".encode()
    yield _csv_line([_safe(name) for name in columns])
    for row in rows:
        yield _csv_line([_cell(row.get(name)) for name in columns])


def _csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode("utf-8", "backslashreplace").replace(b"\0", b"\\x00")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return canonical_json(value)
    return _safe(value if isinstance(value, str) else canonical_json(value))  # type: ignore[arg-type]


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _write_parquet(
    path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], record: SearchRecord
) -> Path:
    try:
        import pyarrow as arrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs PyArrow.", hint="Run `pip install 'walras[parquet]'`.") from None
    arrays = {name: arrow.array(_typed([row.get(name) for row in rows])) for name in columns}
    table = arrow.table(arrays).replace_schema_metadata({"notice": NOTICE, "search": record.id})
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)
    return path


def _typed(values: Sequence[Any]) -> list[Any]:
    """Return one type a column: numbers, bools or texts as they are, a mixture as text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int} or kinds <= {bool}:
        small = all(value is None or -(2**63) <= value < 2**63 for value in values)
        return list(values) if small else [None if value is None else str(value) for value in values]
    if kinds <= {int, float}:
        return [None if value is None else float(value) for value in values]
    return [None if value is None else _printable(value) for value in values]


def _printable(value: Any) -> str:
    text = value if isinstance(value, str) else canonical_json(value)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
