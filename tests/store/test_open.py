"""Opening, migrating, failing to open; backups."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.store.samples import done, finished, run_one, spec

from walras.core import IntegrityError, Unavailable, UsageError
from walras.store import Lease, TrajectoryStore, open_store
from walras.store._tables import METADATA, VERSION_TABLE

ROOT = os.geteuid() == 0


def test_an_existing_store_opens_without_alembic(path: Path) -> None:
    """Only making or migrating a store loads it."""
    open_store(f"sqlite:///{path}").close()
    code = (
        "import sys; from walras.store import open_store; "
        f"open_store('sqlite:///{path}').close(); assert 'alembic' not in sys.modules; "
        "assert not {'optuna', 'openai', 'altair', 'psycopg', 'pyarrow', 'numba', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_front_door_loads_no_database() -> None:
    """`import walras.store` is cheap; an unknown name is an AttributeError."""
    code = "import sys, walras.store as s; assert 'sqlalchemy' not in sys.modules; s.open_stor"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "has no attribute 'open_stor'" in run.stderr


def test_the_migrations_make_the_tables(store: TrajectoryStore) -> None:
    """What Alembic made is what the code expects."""

    def differences(connection: Any) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        found: list[Any] = compare_metadata(context, METADATA)
        return found

    assert store._database.read(differences) == []


def test_files_are_private(path: Path) -> None:
    """0600 and 0700, also for what SQLite and the locks add."""
    store = open_store(f"sqlite:///{path.parent}/made/dir/walras.db", make_directory=True)
    record = store.create(spec(), budget=1)
    home = path.parent / "made" / "dir"
    with store.hold(record.id):
        for made in home.rglob("*"):
            assert made.stat().st_mode & 0o077 == 0, made
    assert home.stat().st_mode & 0o777 == 0o700
    assert store.place == str(home / "walras.db")
    assert (store.free_bytes() or 0) > 0
    store.close()


def test_memory_has_no_place_on_disk() -> None:
    """A store in memory is for tests and notebooks."""
    store = open_store("sqlite://", now=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    assert (store.place, store.free_bytes()) == ("in memory", None)
    assert store.create(spec(), budget=1).created_at == "2026-01-02T00:00:00.000+00:00"
    store.close()


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://u:hunter2@h/d", "sqlite:///x?mode=memory", "x://u:hunter2@[", "sqlite://h/d"],
)
def test_other_urls_are_usage_errors(url: str) -> None:
    """The message shows what a URL looks like, and no password."""
    with pytest.raises(UsageError, match="sqlite:////") as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)


def test_postgres_without_psycopg_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clear message instead of an ImportError."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"walras\[postgres\]"):
        open_store("postgresql://u@h/d")


def test_places_that_cannot_hold_a_store(tmp_path: Path) -> None:
    """A missing directory, a directory, a device, an impossible name: exit 8, no partial file."""
    before = sorted(tmp_path.rglob("*"))
    for name in ("none/walras.db", ".", "n" * 300, "fifo"):
        if name == "fifo":
            before = sorted(tmp_path.rglob("*"))
            os.mkfifo(tmp_path / name)
        with pytest.raises(Unavailable, match=str(tmp_path)):
            open_store(f"sqlite:///{tmp_path}/{name}")
    (tmp_path / "fifo").unlink()
    assert sorted(tmp_path.rglob("*")) == before
    with pytest.raises(Unavailable, match="not a valid path"):
        open_store(f"sqlite:///{tmp_path}/a\0b")
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/walras.db", make_directory=True)


def test_odd_but_legal_names_work(tmp_path: Path) -> None:
    """Spaces, percent signs, question marks, hashes and unicode."""
    store = open_store("sqlite:///" + str(tmp_path / "a b ü # ! 100.db"))
    assert store.verify() == ()
    store.close()


def test_files_of_others_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another owner, or no right to write."""
    open_store(f"sqlite:///{path}").close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 12345)
        with pytest.raises(Unavailable, match="another user"):
            open_store(f"sqlite:///{path}")
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_, **__: False)
        with pytest.raises(Unavailable, match="Permission denied") as caught:
            open_store(f"sqlite:///{path}")
    assert "mkdir" not in caught.value.hint


class TestReadOnly:
    """A store that can be read and not written is read; only writing is refused, with the true reason."""

    @pytest.fixture(params=["file", "directory"])
    def lock(
        self, request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[], None]:
        """Return what takes the right to write from the file or its directory; root has it by any mode."""
        at = path if request.param == "file" else path.parent

        def may(asked: Path, mode: int, **_: Any) -> bool:
            return not (mode & os.W_OK and asked == at)

        return lambda: monkeypatch.setattr(os, "access", may)

    def test_what_is_stored_is_read(self, path: Path, lock: Callable[[], None]) -> None:
        """List, trajectory and verify; nothing is made beside the file, nothing in it changes."""
        made = open_store(f"sqlite:///{path}")
        record = finished(made)
        whole = made.trajectory(record.id)
        made.close()
        shutil.rmtree(path.with_name(path.name + ".locks"))
        before = (path.read_bytes(), sorted(path.parent.iterdir()))
        lock()
        store = open_store(f"sqlite:///{path}")
        assert [row.record for row in store.list()] == [record]
        assert store.trajectory(record.id) == whole
        assert store.verify() == ()
        assert (store.place, store.free_bytes()) == (str(path), 0)
        with pytest.raises(Unavailable, match=r"can only be read: .* be written") as caught:
            store.audit("a", "b")
        assert "mkdir" not in caught.value.hint
        with pytest.raises(Unavailable, match="can only be read"), store.hold(record.id):
            raise AssertionError("unreachable")
        store.close()
        assert (path.read_bytes(), sorted(path.parent.iterdir())) == before

    def test_a_log_beside_it_is_read_too(self, path: Path, lock: Callable[[], None]) -> None:
        """While another process has it open, its newest rows are in the log."""
        writer = open_store(f"sqlite:///{path}")
        record = writer.create(spec(), budget=1)
        lock()
        store = open_store(f"sqlite:///{path}")
        assert store.find(record.id) == record
        store.close()
        writer.close()

    def test_it_is_not_made_into_a_store(self, path: Path, lock: Callable[[], None]) -> None:
        """Another program's file is named as such."""
        change(path, "CREATE TABLE photos (id INTEGER)")
        lock()
        with pytest.raises(IntegrityError, match="another program"):
            open_store(f"sqlite:///{path}")

    def test_an_empty_file_is_not_prepared(self, path: Path, lock: Callable[[], None]) -> None:
        """There are no tables and none can be made."""
        path.touch()
        lock()
        with pytest.raises(Unavailable, match="can only be read"):
            open_store(f"sqlite:///{path}")


@pytest.mark.skipif(not ROOT, reason="only root can become another user")
def test_the_rights_of_the_effective_user_count(tmp_path: Path) -> None:
    """A file of mode 0444 is read, not refused, by a user whom modes bind."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="walras-test-") as directory:
        file = Path(directory) / "walras.db"
        open_store(f"sqlite:///{file}").close()
        file.chmod(0o444)
        for one in (Path(directory), file, *Path(directory).rglob("*")):
            os.chown(one, 65534, 65534)
        os.seteuid(65534)
        try:
            store = open_store(f"sqlite:///{file}")
            assert store.list() == ()
            store.close()
        finally:
            os.seteuid(0)


def test_what_is_no_store_is_not_to_be_verified(path: Path) -> None:
    """Verify could not open it either: the hint names another store or a backup."""
    path.write_bytes(b"junk" * 2000)
    with pytest.raises(IntegrityError, match="not a Walras store") as caught:
        open_store(f"sqlite:///{path}")
    assert caught.value.hint == "Give another --store, or restore a backup."
    path.unlink()
    open_store(f"sqlite:///{path}").close()
    whole = bytearray(path.read_bytes())
    whole[100:4096] = b"\xff" * 3996
    path.write_bytes(whole)
    with pytest.raises(IntegrityError) as caught:
        open_store(f"sqlite:///{path}")
    assert caught.value.hint == "Give another --store, or restore a backup."


def test_newer_and_foreign_files_are_refused(path: Path) -> None:
    """Exit 7 with text; the file stays as it was."""
    open_store(f"sqlite:///{path}").close()
    change(path, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match="newer Walras"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before
    other = path.with_name("other.db")
    change(other, "CREATE TABLE photos (id INTEGER)")
    other.chmod(0o600)
    with pytest.raises(IntegrityError, match="another program"):
        open_store(f"sqlite:///{other}")


def test_a_locked_store_is_unavailable(sqlite_store: TrajectoryStore, path: Path) -> None:
    """By a stranger, or by another of us; reading goes on, and so does writing afterwards."""
    record = sqlite_store.create(spec(), budget=1)
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked by another program"):
        sqlite_store.audit("a", "b")
    assert sqlite_store.find(record.id) == record
    stranger.execute("ROLLBACK")
    stranger.close()
    other = open_store(f"sqlite:///{path}", wait_seconds=0.05)
    with sqlite_store._database._guarded():
        with pytest.raises(Unavailable, match="locked by another process"):
            other.audit("a", "b")
    assert other.audit("a", "b").number == 1
    other.close()


def test_a_vanished_directory_is_unavailable(tmp_path: Path) -> None:
    """The free space and the lock of a search cannot be had there."""
    home = tmp_path / "home"
    store = open_store(f"sqlite:///{home}/w.db", make_directory=True)
    record = store.create(spec(), budget=1)
    shutil.rmtree(home)
    with pytest.raises(Unavailable, match="cannot be opened"):
        store.free_bytes()
    with pytest.raises((Unavailable, IntegrityError)), store.hold(record.id):
        raise AssertionError("unreachable")
    store.close()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 400 KB."""
    if not ROOT:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_and_loses_nothing(tiny_disk: Path) -> None:
    """What was acknowledged stays; after making room the search goes on."""
    store = open_store(f"sqlite:///{tiny_disk}/w.db")
    record = store.create(spec(), budget=1000)
    acknowledged: list[int] = []
    with store.hold(record.id) as lease, pytest.raises(Unavailable, match="disk full") as caught:
        fill_up(store, lease, acknowledged)
    assert str(tiny_disk) in str(caught.value)
    subprocess.run(["mount", "-o", "remount,size=4m", str(tiny_disk)], check=True)
    stored = [one.number for one in store.iterations(record.id)]
    assert acknowledged
    assert acknowledged in (stored, stored[:-1])
    with store.hold(record.id) as lease:
        for row in store.unfinished(record.id):
            store.finish(lease, done(row.number))
    assert store.verify() == ()
    store.close()
    fill(tiny_disk)
    with pytest.raises(Unavailable, match=r"disk full|No space|cannot be"):
        open_store(f"sqlite:///{tiny_disk}/new.db")


class TestBackup:
    def test_a_backup_restores(self, store: TrajectoryStore, tmp_path: Path) -> None:
        """Of every kind of store: the copy is a SQLite store with the same digests."""
        record = finished(store)
        store.audit("a", "b")
        copy = store.backup(tmp_path / "backup.db")
        assert copy.stat().st_mode & 0o777 == 0o600
        restored = open_store(f"sqlite:///{copy}")
        assert restored.find("@last") == store.find("@last")
        assert restored.trajectory(record.id).digest == store.trajectory(record.id).digest
        assert restored.audit_records() == store.audit_records()
        assert restored.verify() == ()
        with restored.hold(record.id) as lease:
            restored.extend(lease, 7)
            run_one(restored, lease, done(6))
        assert restored.audit("c", "d").number == 2
        assert restored.create(spec(), budget=1).iterations == 0
        restored.close()
        assert not list(tmp_path.glob(".walras-backup-*"))

    def test_a_backup_replaces_nothing(
        self, sqlite_store: TrajectoryStore, path: Path, tmp_path: Path
    ) -> None:
        """Not even the store itself."""
        for target, said in ((path, "exists already"), (tmp_path / "none" / "x.db", "not a directory")):
            with pytest.raises(UsageError, match=said):
                sqlite_store.backup(target)

    def test_a_broken_store_makes_no_backup(self, sqlite_store: TrajectoryStore, path: Path) -> None:
        """A copy that does not verify never gets its name."""
        finished(sqlite_store)
        change(path, "UPDATE walras_search SET best_score = '9.5', done = 3")
        target = path.with_name("b.db")
        with pytest.raises(IntegrityError, match=r"does not verify.*\(and 2 more\)"):
            sqlite_store.backup(target)
        change(path, "UPDATE walras_search SET done = 4")
        with pytest.raises(IntegrityError, match="does not verify"):
            sqlite_store.backup(target)
        assert not target.exists()

    def test_a_place_that_fails_is_unavailable(
        self, sqlite_store: TrajectoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A race for the name, or a disk that refuses."""

        def taken(*_: object) -> None:
            raise FileExistsError(17, "File exists")

        monkeypatch.setattr(os, "link", taken)
        with pytest.raises(Unavailable, match="File exists"):
            sqlite_store.backup(tmp_path / "b.db")


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def fill_up(store: TrajectoryStore, lease: Lease, acknowledged: list[int]) -> None:
    for number in range(1000):
        run_one(store, lease, done(number, meta={"pad": "x" * 5000}))
        acknowledged.append(number)


def fill(disk: Path) -> None:
    try:
        (disk / "fill").write_bytes(b"x" * 8_000_000)
    except OSError:
        return
