"""Imported trajectories are verified, then judged like any other input."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.search._benches import Script, answer_text, bench_at, request_for

from walras.core import IntegrityError, RefusedByPolicy, canonical_json, digest
from walras.execution import InProcess
from walras.search import EndpointChoice, import_file, resume, start
from walras.store import write_trajectory


def rewritten(path: Path, change: Any) -> Path:
    """Rewrite a trajectory file with `change` applied to each (kind, body), its chain made whole."""
    lines, prev, out = path.read_text().splitlines(), "0" * 64, []
    from walras.store._trajectory import EMPTY_HEAD, next_head

    head = EMPTY_HEAD
    for line in lines:
        row = json.loads(line)
        change(row["kind"], row["body"])
        if row["kind"] == "header":
            row["body"]["space_digest"] = row["body"]["space_digest"]
        if row["kind"] == "result":
            row["body"]["head"] = head
        row["prev"] = prev
        prev = digest(row["body"])
        head = next_head(head, prev)
        meta = {key: value for key, value in row["meta"].items() if key != "sha256"}
        meta["body_sha256"] = prev
        row["meta"] = {**meta, "sha256": digest(meta)}
        out.append(canonical_json(row))
    path.write_text("\n".join(out) + "\n")
    return path


def test_an_exported_search_imports_replays_and_resumes_elsewhere(tmp_path: Path) -> None:
    """Another store takes the file, knows it the second time, and can extend it."""
    file = tmp_path / "s.jsonl"
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench, budget=3))
        whole = bench.store.trajectory(done.id)
        write_trajectory(file, whole)
    with bench_at(tmp_path / "b.db") as bench:
        taken = import_file(bench, file)
        assert bench.store.trajectory(taken.id).digest == whole.digest
        assert import_file(bench, file).id == taken.id
        assert len(bench.store.list()) == 1
        assert resume(bench, taken.id, budget=4).iterations == 4
        assert {row.code for row in bench.store.audit_records(kind="import")} == {"IMPORTED"}


def test_a_tampered_file_is_refused(tmp_path: Path) -> None:
    """One changed character is an integrity error, and the store stays empty."""
    file = tmp_path / "s.jsonl"
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench, budget=2))
        write_trajectory(file, bench.store.trajectory(done.id))
    file.write_text(file.read_text().replace('"reasoning":"', '"reasoning":"!', 1))
    with bench_at(tmp_path / "b.db") as bench:
        with pytest.raises(IntegrityError):
            import_file(bench, file)
        assert bench.store.list() == ()


def test_a_gated_point_in_a_whole_file_is_refused_and_audited(tmp_path: Path) -> None:
    """A file whose chain is sound still has to pass the guard."""
    file = tmp_path / "s.jsonl"
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench, budget=2))
        write_trajectory(file, bench.store.trajectory(done.id))

    def gate(kind: str, body: Any) -> None:
        if kind == "iteration" and body["number"] == 1:
            body["proposal"]["params"]["risk.killswitch.x"] = 0

    rewritten(file, gate)
    with bench_at(tmp_path / "b.db") as bench:
        with pytest.raises(RefusedByPolicy):
            import_file(bench, file)
        assert bench.store.list() == ()
        (record,) = bench.store.audit_records(kind="refusal")
        assert record.detail["channel"] == "import"


@pytest.mark.parametrize(
    ("field", "value"), [("score", "1"), ("scenario_scores", ["a"]), ("proposal.reasoning", 5)]
)
def test_a_value_of_another_type_is_refused(tmp_path: Path, field: str, value: object) -> None:
    """A whole chain of nonsense is nonsense still: it is named before anything reads it."""
    file = tmp_path / "s.jsonl"
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench, budget=2))
        write_trajectory(file, bench.store.trajectory(done.id))

    def spoil(kind: str, body: Any) -> None:
        if kind == "iteration" and body["number"] == 1:
            outer, _, inner = field.rpartition(".")
            (body[outer] if outer else body)[inner] = value

    rewritten(file, spoil)
    with bench_at(tmp_path / "b.db") as bench:
        with pytest.raises(IntegrityError, match=field.rpartition(".")[2]):
            import_file(bench, file)
        assert bench.store.list() == ()


def test_an_imported_search_says_neither_where_to_send_keys_nor_how_many_processes(tmp_path: Path) -> None:
    """Going on asks the endpoint of whoever resumes, on their own terms."""
    file = tmp_path / "s.jsonl"
    lure = EndpointChoice(kind="live", model="m", base_url="https://evil.example/v1")
    with bench_at(tmp_path / "a.db", answerer=Script(answer_text(), answer_text(4))) as bench:
        done = start(bench, request_for(bench, proposer="llm", budget=2, workers=200, endpoint=lure))
        write_trajectory(file, bench.store.trajectory(done.id))
    chosen: list[EndpointChoice] = []
    counts: list[int] = []

    def endpoint(choice: EndpointChoice) -> Any:
        chosen.append(choice)
        return Script(answer_text(5))

    def executor(count: int) -> Any:
        counts.append(count)
        return InProcess()

    with bench_at(tmp_path / "b.db", endpoint=endpoint, executor=executor) as bench:
        assert resume(bench, import_file(bench, file).id, budget=3).iterations == 3
    assert chosen == [EndpointChoice(kind="live", model="m")]
    assert counts == [1]


def test_a_refused_iteration_imports_as_what_it_is(tmp_path: Path) -> None:
    """A record of a refusal holds a gated name and is still only a record."""
    file = tmp_path / "s.jsonl"
    script = Script(answer_text(**{"risk.killswitch.tripThreshold": 0}))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        done = start(bench, request_for(bench, proposer="llm", budget=2))
        write_trajectory(file, bench.store.trajectory(done.id))
    with bench_at(tmp_path / "b.db") as bench:
        assert import_file(bench, file).iterations == 2


def test_a_space_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    """Today's reading of a recorded space must be the space that was recorded."""
    file = tmp_path / "s.jsonl"
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench, budget=1))
        write_trajectory(file, bench.store.trajectory(done.id))

    def gate(kind: str, body: Any) -> None:
        if kind == "header":
            body["space"]["fixed"] = {"risk.compliancegate.x": 1}

    rewritten(file, gate)
    with bench_at(tmp_path / "b.db") as bench:
        with pytest.raises((RefusedByPolicy, IntegrityError)):
            import_file(bench, file)
        assert bench.store.list() == ()
