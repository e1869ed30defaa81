"""Trajectory files: what is written comes back, and every changed line is named."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.store.samples import done, exchange, failed, finished, run_one, spec

from walras.core import Headline, IntegrityError, Unavailable, UsageError, canonical_json, digest
from walras.store import (
    Trajectory,
    TrajectoryStore,
    _trajectory_file,
    body_digest,
    read_trajectory,
    write_trajectory,
)

Lines = list[dict[str, Any]]


@pytest.fixture
def trajectory(sqlite_store: TrajectoryStore) -> Trajectory:
    """A finished LLM-like search."""
    return sqlite_store.trajectory(finished(sqlite_store, name="n", tags=("t",)).id)


@pytest.fixture
def file(trajectory: Trajectory, tmp_path: Path) -> Path:
    """Its file."""
    return write_trajectory(tmp_path / "t.jsonl", trajectory)


def lines_of(file: Path) -> Lines:
    return [json.loads(text) for text in file.read_text("ascii").splitlines()]


def write(file: Path, lines: Lines) -> Path:
    file.write_text("".join(canonical_json(line) + "\n" for line in lines), "ascii")
    return file


def resealed(lines: Lines) -> Lines:
    """Recompute every digest, as a forger would who knows the format."""
    prev = "0" * 64
    for line in lines:
        line["prev"] = prev
        prev = line["meta"]["body_sha256"] = digest(line["body"])
        line["meta"].pop("sha256", None)
        line["meta"]["sha256"] = digest(line["meta"])
    return lines


class TestRoundTrip:
    def test_a_file_is_the_record(self, trajectory: Trajectory, file: Path) -> None:
        """Bodies, metas and digest come back equal; the notice is inside."""
        back = read_trajectory(file)
        assert back == trajectory
        assert back.digest == body_digest(trajectory)
        assert back.spec == spec(kind="llm")
        assert back.notice in file.read_text("ascii").splitlines()[0]
        umask = os.umask(0o027)
        try:
            assert write_trajectory(file, trajectory).stat().st_mode & 0o777 == 0o640
        finally:
            os.umask(umask)
        assert [line["kind"] for line in lines_of(file)][:3] == ["header", "exchange", "iteration"]

    def test_prev_is_the_digest_of_the_body_before(self, file: Path) -> None:
        """As the design says, so that other programs can check it."""
        prev = "0" * 64
        for line in lines_of(file):
            assert line["prev"] == prev
            prev = digest(line["body"])

    def test_a_search_that_scored_nothing_has_a_file(
        self, sqlite_store: TrajectoryStore, tmp_path: Path
    ) -> None:
        """Its headline says why there is no best."""
        record = sqlite_store.create(spec(), budget=1)
        with sqlite_store.hold(record.id) as lease:
            run_one(sqlite_store, lease, failed(0))
            sqlite_store.conclude(lease, Headline(best=None, reason="Nothing scored."), holdout_looks=0)
        trajectory = sqlite_store.trajectory(record.id)
        assert read_trajectory(write_trajectory(tmp_path / "t.jsonl", trajectory)) == trajectory

    def test_an_open_search_is_not_a_cut_file(self, sqlite_store: TrajectoryStore, tmp_path: Path) -> None:
        """Its last line says open; answers not used yet are kept, so no model is asked twice."""
        record = sqlite_store.create(spec(), budget=3)
        with sqlite_store.hold(record.id) as lease:
            run_one(sqlite_store, lease, done(0))
            sqlite_store.save_exchange(lease, exchange(0, 1))
        file = write_trajectory(tmp_path / "open.jsonl", sqlite_store.trajectory(record.id))
        back = read_trajectory(file)
        assert (back.is_finished, len(back.iterations), len(back.exchanges)) == (False, 1, 1)
        assert lines_of(file)[-1]["body"]["state"] == "open"
        text = file.read_bytes()
        for cut in range(1, len(text.splitlines())):
            file.write_bytes(b"".join(text.splitlines(keepends=True)[:-cut]))
            with pytest.raises(IntegrityError, match="cut off"):
                read_trajectory(file)
        file.write_bytes(text[:-5])
        with pytest.raises(IntegrityError, match="line 4: line: it is not a JSON object"):
            read_trajectory(file)

    def test_meta_is_not_compared(self, trajectory: Trajectory) -> None:
        """Another name, worker or price is the same trajectory."""
        other = Trajectory(
            header=trajectory.header,
            exchanges=trajectory.exchanges,
            iterations=trajectory.iterations,
            headline=trajectory.headline,
            header_meta={"name": "other"},
        )
        assert other.digest == trajectory.digest
        assert Trajectory(header=trajectory.header).digest != trajectory.digest


class TestTampering:
    def test_every_changed_line_is_named(self, file: Path) -> None:
        """Body, meta, prev and kind of each line; each deleted, doubled or swapped line."""
        lines = lines_of(file)
        for index, line in enumerate(lines):
            for part, change in (
                ("body", {**line["body"], "extra": 1}),
                ("meta", {**line["meta"], "extra": 1}),
                ("prev", "f" * 64),
                ("kind", "other"),
            ):
                changed = [*lines[:index], {**line, part: change}, *lines[index + 1 :]]
                with pytest.raises(IntegrityError, match=rf"line {index + 1}: {part}"):
                    read_trajectory(write(file, changed))
        for index in range(len(lines)):
            missing = [*lines[:index], *lines[index + 1 :]]
            doubled = [*lines[:index], lines[index], *lines[index:]]
            swapped = [*lines[:index], *lines[index : index + 2][::-1], *lines[index + 2 :]]
            for changed in (missing, doubled, *((swapped,) if index + 1 < len(lines) else ())):
                with pytest.raises(IntegrityError, match=r"line \d+"):
                    read_trajectory(write(file, changed))

    @pytest.mark.parametrize(
        ("index", "change", "said"),
        [
            (0, lambda body: body.update(notice="A forecast."), "notice"),
            (0, lambda body: body.update(schema_version=2), "schema_version: 2 is not 1"),
            (0, lambda body: body.update(space_digest="f" * 64), "body.space_digest"),
            (0, lambda body: body["scenarios"]["train"].update(digest="f"), "body.scenarios"),
            (0, lambda body: body.update(more=1), "body.more: it is missing or unknown"),
            (0, lambda body: body.update(seed="7"), "body: TypeError '7' is not a whole number"),
            (0, lambda body: body.pop("engine"), "body: KeyError"),
            (0, lambda body: body["space"].update(parameters=[]), "body: AttributeError"),
            (1, lambda body: body.update(number=1), "number: expected 0, got 1"),
            (1, lambda body: body["reply"].update(extra=1), "body: TypeError"),
            (2, lambda body: body.update(number=1), "number: expected 0, got 1"),
            (2, lambda body: body.update(number="0"), "body: TypeError number is str"),
            (2, lambda body: body.update(exchanges=[5]), "exchanges"),
            (2, lambda body: body.update(status="great"), "body: ValueError"),
            (2, lambda body: body.update(score=True), "body: TypeError score is bool"),
            (2, lambda body: body.update(score=9.25), "line 14: body.head"),
            (13, lambda body: body["headline"].update(holdout_score="1"), "TypeError holdout_score is str"),
            (3, lambda body: body.update(iteration=0), "iteration: the exchange comes after"),
            (13, lambda body: body.update(iterations=5), "body.iterations"),
            (13, lambda body: body["headline"].update(search_score=9.0), "headline: its search score"),
            (13, lambda body: body["headline"].update(best=99), "headline: iteration 99 is not"),
        ],
    )
    def test_a_forged_chain_must_still_make_sense(
        self, file: Path, index: int, change: Callable[[Any], Any], said: str
    ) -> None:
        """Where every digest is recomputed, shapes, numbers, references and the result still bind."""
        lines = lines_of(file)
        change(lines[index]["body"])
        with pytest.raises(IntegrityError, match=rf"line \d+: .*{said}|{said}"):
            read_trajectory(write(file, resealed(lines)))

    def test_a_finished_search_has_iterations(self, file: Path) -> None:
        """A headline about nothing is refused; one without a winner is not."""
        header, result = lines_of(file)[0], lines_of(file)[-1]
        made = Trajectory(header=header["body"])
        body = {**made_result(made), "state": "finished", "headline": result["body"]["headline"]}
        with pytest.raises(IntegrityError, match="without iterations"):
            read_trajectory(write(file, resealed([header, {**result, "body": body}])))

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"\n",
            b"[1]\n",
            b"{}\n",
            b"\xff\xfe\n",
            b"[" * 100_000 + b"\n",
            b'{"kind":1,"kind":1}\n',
            b"NaN\n",
            b"1e999\n",
            b"9" * 5000 + b"\n",
            b'{"body":[],"kind":"header","meta":{},"prev":""}\n',
        ],
    )
    def test_what_is_no_trajectory_is_refused(self, tmp_path: Path, text: bytes) -> None:
        """Whatever the bytes are, the answer is one message."""
        file = tmp_path / "t.jsonl"
        file.write_bytes(text)
        with pytest.raises(IntegrityError, match="line 1"):
            read_trajectory(file)

    def test_sizes_are_capped_while_reading(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither a long line nor a long file is read whole."""
        monkeypatch.setattr(_trajectory_file, "MAX_TRAJECTORY_BYTES", 5000)
        with pytest.raises(IntegrityError, match="larger than 5000"):
            read_trajectory(file)
        monkeypatch.setattr(_trajectory_file, "MAX_LINE_BYTES", 100)
        with pytest.raises(IntegrityError, match="line 1: line: it is longer than 100"):
            read_trajectory(file)


class TestPlaces:
    def test_missing_and_unreadable_files_are_usage_errors(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A missing file, a directory, and one that may not be read."""
        for path in (tmp_path / "none", tmp_path):
            with pytest.raises(UsageError, match="no trajectory file"):
                read_trajectory(path)

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(UsageError, match="Permission denied"):
            read_trajectory(file)

    def test_links_and_directories_are_not_written_to(self, trajectory: Trajectory, tmp_path: Path) -> None:
        """An export never follows a link; a missing directory is named; nothing is left behind."""
        (tmp_path / "link").symlink_to(tmp_path / "target")
        for name in ("link", "."):
            with pytest.raises(UsageError, match="not a regular file"):
                write_trajectory(tmp_path / name, trajectory)
        with pytest.raises(UsageError, match="not a directory"):
            write_trajectory(tmp_path / "none" / "x", trajectory)
        with pytest.raises(Unavailable, match="not a valid path"):
            write_trajectory(tmp_path / "a\0b", trajectory)
        assert sorted(made.name for made in tmp_path.iterdir()) == [
            "link",
            "walras.db",
            "walras.db-shm",
            "walras.db-wal",
            "walras.db.locks",
        ]

    def test_a_write_that_fails_leaves_the_old_file(
        self, trajectory: Trajectory, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whole or not at all."""
        before = sorted(file.parent.iterdir()), file.read_bytes()

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="No space left"):
            write_trajectory(file, trajectory)
        assert (sorted(file.parent.iterdir()), file.read_bytes()) == before


def made_result(trajectory: Trajectory) -> dict[str, Any]:
    return list(trajectory.lines())[-1].body  # type: ignore[return-value]
