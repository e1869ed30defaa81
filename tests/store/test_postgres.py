"""What only a server can do to us: cut connections, restart, refuse."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.conftest import psql
from tests.store.samples import done, finished, run_one, spec

from walras.core import IntegrityError, Unavailable
from walras.store import TrajectoryStore, open_store
from walras.store._faults import is_transient, translate


class Refusal(Exception):
    """An error as psycopg raises it."""

    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate
        super().__init__("password=hunter2")


@pytest.fixture
def store(postgres_url: str) -> TrajectoryStore:
    """Open a store on the server."""
    return open_store(postgres_url, wait_seconds=1.0)


def test_a_cut_connection_costs_nothing(store: TrajectoryStore, postgres_server: Path) -> None:
    """Every session is ended between two writes; the next one connects again and writes once."""
    record = store.create(spec(), budget=4)
    with store.hold(record.id) as lease:
        for number in range(4):
            run_one(store, lease, done(number))
            psql(
                postgres_server,
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'walras' "
                "AND pid <> pg_backend_pid()",
            )
    assert len(store.iterations(record.id)) == 4
    assert store.verify() == ()
    store.close()


def test_a_commit_of_unknown_outcome_is_read_back(store: TrajectoryStore) -> None:
    """The connection breaks after COMMIT: the row is found, not inserted again."""
    record = store.create(spec(), budget=1)
    database = store._database
    real, cuts = database._write, []  # type: ignore[attr-defined]

    def cut_after_commit(work):  # type: ignore[no-untyped-def]
        answer = real(work)
        if len(cuts) % 2 == 0:
            cuts.append(1)
            raise DBAPIError("COMMIT", None, Refusal(None))
        cuts.append(0)
        return answer

    with store.hold(record.id) as lease:
        database._write = cut_after_commit  # type: ignore[attr-defined]
        run_one(store, lease, done(0))
        assert store.audit("a", "b").number == 1
        database._write = real  # type: ignore[attr-defined]
    assert sum(cuts) == 4
    assert store.find(record.id).iterations == 1
    assert len(store.audit_records()) == 1
    assert store.verify() == ()
    store.close()


def test_a_lock_is_seen_by_another_store(store: TrajectoryStore, postgres_url: str) -> None:
    """Two processes on one server."""
    record = finished(store)
    other = open_store(postgres_url)
    with store.hold(record.id):
        with pytest.raises(Unavailable, match="held by another process"), other.hold(record.id):
            raise AssertionError("unreachable")
    with other.hold(record.id):
        pass
    other.close()
    store.close()


def test_a_place_shows_no_password(store: TrajectoryStore) -> None:
    """Neither do errors; the disk is the server's business."""
    assert "s3cret" not in store.place
    assert "host" not in store.place
    assert store.free_bytes() is None
    store.close()


def test_a_newer_schema_is_refused(store: TrajectoryStore, postgres_url: str) -> None:
    """As on SQLite."""
    store._database.write(lambda rows: rows.execute(text("UPDATE walras_version SET version_num = '9999'")))
    store.close()
    with pytest.raises(IntegrityError, match="newer Walras"):
        open_store(postgres_url)


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """After the patience is used up, in one sentence."""
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        open_store(f"postgresql://u:hunter2@/d?host={tmp_path}&password=hunter2", wait_seconds=0.1)
    assert "hunter2" not in str(caught.value)


def test_a_waiting_writer_gives_up(store: TrajectoryStore, postgres_server: Path, postgres_url: str) -> None:
    """A row that a stranger locks is waited for, but not for ever; a login can be refused."""
    record = store.create(spec(), budget=1)
    with store.hold(record.id) as lease:
        other = open_store(postgres_url)
        with other._database._writer.begin() as stranger:  # type: ignore[attr-defined]
            stranger.execute(text("SELECT * FROM walras_search FOR UPDATE"))
            with pytest.raises(Unavailable, match="is locked"):
                store.claim(lease, [0])
        store.claim(lease, [0])
    other.close()
    store.close()
    with pytest.raises(Unavailable, match="no such database"):
        open_store(f"postgresql://walras@/nowhere?host={postgres_server}", wait_seconds=0.1)


def test_a_trigger_keeps_what_is_final(store: TrajectoryStore) -> None:
    """A bug of ours becomes an integrity error."""
    finished(store)
    with pytest.raises(IntegrityError, match="stored for good"):
        store._database.write(lambda rows: rows.execute(text("UPDATE walras_line SET number = 1")))
    store.close()


@pytest.mark.parametrize(
    "state", ["08006", "25006", "40001", "53100", "53300", "55P03", "57014", "57P01", "58030"]
)
def test_every_trouble_of_a_server_is_unavailable(state: str) -> None:
    """With its code, and without the server's own text."""
    ours = translate(DBAPIError("SELECT", None, Refusal(state)), "here")
    assert isinstance(ours, Unavailable)
    assert state in str(ours)
    assert "hunter2" not in str(ours)


def test_only_a_closed_list_is_run_again() -> None:
    """A programming error never is, and stays what it is."""
    again = {None, "40001", "40P01", "57P01", "57P03", "08003"}
    for state in (*again, "42601", "53100", "23505", "57014", "55P03"):
        assert is_transient(DBAPIError("x", None, Refusal(state))) is (state in again)
    assert not is_transient(DBAPIError("x", None, ValueError()))
    assert translate(DBAPIError("x", None, Refusal("42601")), "here") is None
    assert translate(ValueError(), "here") is None
    for state in ("23505", "P0001", "XX001"):
        assert isinstance(translate(DBAPIError("x", None, Refusal(state)), "here"), IntegrityError)


def test_psycopg_is_not_needed_for_sqlite(tmp_path: Path) -> None:
    """The extra stays an extra."""
    code = (
        "import sys; sys.modules['psycopg'] = None; from walras.store import open_store; "
        f"open_store('sqlite:///{tmp_path}/w.db').close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
