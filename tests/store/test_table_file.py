"""CSV and Parquet exports."""

import csv
import sys
from pathlib import Path

import pytest
from tests.store.samples import done, finished, proposal, refused, spec

from walras.core import NOTICE, Proposal, UsageError
from walras.store import TrajectoryStore, write_table

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_runs_no_formula(sqlite_store: TrajectoryStore, tmp_path: Path, text: str) -> None:
    """Text that starts a formula is quoted, also as a column name; numbers stay numbers."""
    record = sqlite_store.create(spec(), budget=1)
    odd: dict[str, object] = {text: text, "n": -1.5, "b": True, "list": [1], "none": None}
    rows = (done(0, proposal=proposal(0, params=odd, reasoning=text)),)
    path = write_table(tmp_path / "t.csv", "csv", record, rows)
    first, names, cells = read(path)
    assert first == [f"# {NOTICE}"]
    row = dict(zip(names, cells, strict=True))
    assert row["reasoning"] == row[f"params.{text}"] == f"'{text}"
    assert (row["params.n"], row["params.b"], row["params.list"]) == ("-1.5", "true", "[1]")
    assert (row["params.none"], row["score"]) == ("", "-1.5")


def test_every_fate_is_a_row(sqlite_store: TrajectoryStore, tmp_path: Path) -> None:
    """Refused and failed iterations say why; fixed parameters are columns too."""
    record = finished(sqlite_store)
    path = write_table(tmp_path / "t.csv", "csv", record, sqlite_store.iterations(record.id))
    _, names, *rows = read(path)
    assert len(rows) == 6
    reasons = [row[names.index("reason")] for row in rows]
    assert reasons[3:5] == ["OPT_REFUSED_HARD_GATE: Locked.", "PROPOSAL_INVALID: The answer was no JSON."]
    assert rows[0][names.index("params.strategy.mm.quote_ttl_ms")] == "500"


def test_surrogates_and_nul_can_be_written(sqlite_store: TrajectoryStore, tmp_path: Path) -> None:
    """What no CSV reader takes is escaped."""
    record = sqlite_store.create(spec(), budget=1)
    path = write_table(
        tmp_path / "t.csv", "csv", record, (done(0, proposal=proposal(0, reasoning="\ud800\0")),)
    )
    assert "\\ud800\\x00" in path.read_text("utf-8")


def test_parquet_holds_the_notice(sqlite_store: TrajectoryStore, tmp_path: Path) -> None:
    """Metadata carries it; columns keep one type each, odd values as text."""
    parquet = pytest.importorskip("pyarrow.parquet")
    record = sqlite_store.create(spec(), budget=3)
    mixed: tuple[dict[str, object], ...] = (
        {"big": 2**63, "mix": 1, "num": 1, "list": [1], "text": "\ud800", "flag": True},
        {"big": 1, "mix": "x", "num": 0.5, "flag": None},
    )
    rows = (*(done(n, proposal=proposal(n, params=params)) for n, params in enumerate(mixed)), refused(2))
    table = parquet.read_table(write_table(tmp_path / "t.parquet", "parquet", record, rows))
    assert table.schema.metadata[b"notice"].decode() == NOTICE
    columns = table.to_pydict()
    assert columns["number"] == [0, 1, 2]
    assert columns["params.big"] == [str(2**63), "1", None]
    assert columns["params.mix"] == ["1", "x", None]
    assert columns["params.num"] == [1.0, 0.5, None]
    assert columns["params.flag"] == [True, None, None]
    assert columns["params.text"][0] == "\\ud800"


def test_parquet_without_pyarrow_names_the_extra(
    sqlite_store: TrajectoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear message instead of an ImportError."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    record = sqlite_store.create(spec(), budget=1)
    with pytest.raises(UsageError, match=r"walras\[parquet\]"):
        write_table(tmp_path / "t.parquet", "parquet", record, ())


def test_an_iteration_without_a_proposal_has_empty_cells(
    sqlite_store: TrajectoryStore, tmp_path: Path
) -> None:
    """A proposal that is None makes no params."""
    record = sqlite_store.create(spec(), budget=1)
    nothing: Proposal | None = None
    path = write_table(tmp_path / "t.csv", "csv", record, (done(0, proposal=nothing, verdict=None),))
    _, names, cells = read(path)
    assert cells[names.index("params.strategy.mm.mode")] == ""


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
