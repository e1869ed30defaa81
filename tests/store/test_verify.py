"""Tampering by SQL: every row that was changed, deleted, inserted or swapped is found."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.store.samples import done, exchange, finished, run_one, spec

from walras.core import IntegrityError
from walras.store import Finding, TrajectoryStore, open_store

SHA = "a" * 64

TAMPERED = {
    "iteration params": (
        "UPDATE walras_iteration SET body = replace(body, 'draw 2', 'draw 3') WHERE number = 2"
    ),
    "iteration body and digest": (
        "UPDATE walras_iteration SET (body, body_sha256) = "
        "(SELECT body, body_sha256 FROM walras_iteration WHERE number = 0) WHERE number = 1"
    ),
    "iteration score": "UPDATE walras_iteration SET body = replace(body, '\"score\":0.5', '\"score\":9.5')",
    "iteration status": "UPDATE walras_iteration SET state = 'done' WHERE state = 'failed'",
    "iteration no JSON": "UPDATE walras_iteration SET body = 'x' WHERE number = 0",
    "iteration reopened": "UPDATE walras_iteration SET state = 'claimed', body = NULL WHERE number = 5",
    "iteration deleted": "DELETE FROM walras_iteration WHERE number = 2",
    "last iteration deleted": "DELETE FROM walras_iteration WHERE number = 5",
    "last iteration and line deleted": (
        "DELETE FROM walras_iteration WHERE number = 5; DELETE FROM walras_line WHERE position = 12"
    ),
    "iteration inserted": (
        "INSERT INTO walras_iteration SELECT search_id, 6, state, proposal, body, body_sha256, meta "
        "FROM walras_iteration WHERE number = 0"
    ),
    "iterations swapped": (
        "UPDATE walras_iteration SET number = 90 WHERE number = 0; "
        "UPDATE walras_iteration SET number = 0 WHERE number = 1; "
        "UPDATE walras_iteration SET number = 1 WHERE number = 90"
    ),
    "iteration no text": "UPDATE walras_iteration SET body = CAST(x'7bff' AS TEXT) WHERE number = 0",
    "answer": "UPDATE walras_exchange SET body = replace(body, 'params', 'param2') WHERE number = 1",
    "answer deleted": "DELETE FROM walras_exchange WHERE number = 5",
    "answer inserted": (
        "INSERT INTO walras_exchange SELECT search_id, purpose, 6, iteration, body, body_sha256, meta "
        "FROM walras_exchange WHERE number = 0"
    ),
    "answer inserted and counted": (
        "INSERT INTO walras_exchange SELECT search_id, purpose, 6, iteration, body, body_sha256, meta "
        "FROM walras_exchange WHERE number = 0; UPDATE walras_search SET exchanges = 7, sealed_exchanges = 7"
    ),
    "line digest": f"UPDATE walras_line SET body_sha256 = '{SHA}' WHERE position = 3",
    "line deleted": "DELETE FROM walras_line WHERE position = 3",
    "first line deleted": "DELETE FROM walras_line",
    "line kind": "UPDATE walras_line SET number = 77 WHERE position = 4",
    "specification": "UPDATE walras_search SET spec = replace(spec, 'market-maker', 'market-taker')",
    "digests": f"UPDATE walras_search SET space_digest = '{SHA}'",
    "details": "UPDATE walras_search SET details = '{}'",
    "head": f"UPDATE walras_search SET head = '{SHA}'",
    "budget": "UPDATE walras_search SET budget = 5",
    "larger budget": "UPDATE walras_search SET budget = 7",
    "state": "UPDATE walras_search SET state = 'open'",
    "headline": "UPDATE walras_search SET headline = replace(headline, '0.25', '9.25')",
    "best": "UPDATE walras_search SET best_score = '9.5'",
    "counts": "UPDATE walras_search SET done = 3, refused = 2",
    "look deleted": "DELETE FROM walras_look WHERE ordinal = 1 AND objective = 'x'",
    "audit text": "UPDATE walras_audit SET body = replace(body, 'ONE', 'TWO') WHERE number = 1",
    "audit kind": "UPDATE walras_audit SET kind = '\"other\"' WHERE number = 2",
    "audit deleted": "DELETE FROM walras_audit WHERE number = 1",
    "last audit deleted": "DELETE FROM walras_audit WHERE number = 2",
    "audit head deleted": "DELETE FROM walras_head",
    "reference": "DELETE FROM walras_search",
}


def tamper(path: Path, statements: str) -> None:
    """Change a store behind our back, as somebody with the file can."""
    connection = sqlite3.connect(path, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.executescript(statements)
    connection.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store with every kind of row, and nothing wrong."""
    path = tmp_path_factory.mktemp("sound") / "walras.db"
    store = open_store(f"sqlite:///{path}")
    record = finished(store)
    with store.hold(record.id) as lease:
        looks = dict.fromkeys(("space_digest", "objective", "holdout_digest"), "x")
        for point in "ab":
            store.holdout_look(lease, **looks, params_digest=point, iteration=0, score=1.0)
    for code in ("ONE", "TWO"):
        store.audit("refusal", code)
    assert store.verify() == ()
    store.close()
    return path


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(sound: Path, path: Path, what: str) -> None:
    """Every kind of change shows in `verify`."""
    shutil.copy(sound, path)
    tamper(path, TAMPERED[what])
    store = open_store(f"sqlite:///{path}")
    found = store.verify()
    store.close()
    assert found
    assert all(isinstance(one, Finding) and str(one) for one in found)


@pytest.mark.parametrize("what", ["iteration params", "last iteration deleted", "line digest", "headline"])
def test_tampering_stops_a_resume_or_an_export(sqlite_store: TrajectoryStore, path: Path, what: str) -> None:
    """A changed record is never read as if it were whole."""
    record = finished(sqlite_store)
    tamper(path, TAMPERED[what])
    with pytest.raises(IntegrityError, match=record.id):
        sqlite_store.trajectory(record.id)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("specification", "specification was changed"),
        ("line digest", "does not follow|not the one in the chain|end in its head"),
        ("answer", "exchange 1 was changed"),
        ("answer deleted", "5 exchanges are stored, 6 were made"),
        ("iteration body and digest", "not the one in the chain"),
        ("details", "cannot be read: KeyError"),
    ],
)
def test_messages_say_what_was_changed(
    sqlite_store: TrajectoryStore, path: Path, what: str, said: str
) -> None:
    """The first thing that does not fit is named."""
    record = finished(sqlite_store)
    tamper(path, TAMPERED[what])
    with pytest.raises(IntegrityError, match=said):
        sqlite_store.trajectory(record.id)


def test_a_swapped_answer_is_found_on_reading(sqlite_store: TrajectoryStore, path: Path) -> None:
    """Also where its digest was recomputed."""
    record = finished(sqlite_store)
    tamper(
        path,
        "UPDATE walras_exchange SET (body, body_sha256) = (SELECT body, body_sha256 FROM walras_exchange "
        "WHERE number = 0) WHERE number = 1",
    )
    with pytest.raises(IntegrityError, match="exchange 1 is not the one in the chain"):
        sqlite_store.exchanges(record.id)


def test_renumbered_lines_do_not_make_a_trajectory(sqlite_store: TrajectoryStore, path: Path) -> None:
    """A chain whose links name other rows is not exported."""
    record = sqlite_store.create(spec(), budget=2)
    with sqlite_store.hold(record.id) as lease:
        sqlite_store.save_exchange(lease, exchange(0, 0))
        run_one(sqlite_store, lease, done(0, exchanges=(0,)))
    tamper(path, "UPDATE walras_search SET exchanges = 0, sealed_exchanges = 0, sealed_iterations = 2")
    with pytest.raises(IntegrityError):
        sqlite_store.trajectory(record.id)
    tamper(path, "UPDATE walras_line SET kind = 'exchange', number = 5 WHERE position = 2")
    assert any("deleted" in one.problem for one in sqlite_store.verify())


def test_a_broken_chain_cannot_be_held(sqlite_store: TrajectoryStore, path: Path) -> None:
    """Nothing is added to a record that is not whole."""
    record = finished(sqlite_store)
    tamper(path, TAMPERED["line deleted"])
    with pytest.raises(IntegrityError, match="line 3 of the chain is missing"), sqlite_store.hold(record.id):
        raise AssertionError("unreachable")


def test_triggers_keep_what_is_stored(sqlite_store: TrajectoryStore, path: Path) -> None:
    """Even a bug of ours cannot change a finished row."""
    finished(sqlite_store)
    sqlite_store.audit("a", "b")
    connection = sqlite3.connect(path)
    for statement in (
        "UPDATE walras_iteration SET meta = '{}' WHERE number = 0",
        "DELETE FROM walras_iteration",
        "UPDATE walras_exchange SET meta = '{}'",
        "DELETE FROM walras_exchange",
        "DELETE FROM walras_line",
        "UPDATE walras_audit SET body = '{}'",
        "DELETE FROM walras_search",
        "DELETE FROM walras_look",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="stored for good"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("damage", ["zero page", "random bytes", "no database"])
def test_damaged_pages_are_an_integrity_error(path: Path, damage: str) -> None:
    """Exit 7 or a finding, never a guess."""
    store = open_store(f"sqlite:///{path}")
    for seed in range(3):
        finished(store, seed=seed)
    store.close()
    data = bytearray(path.read_bytes())
    if damage == "no database":
        data[:16] = b"not a database!!"
    else:
        middle = range(8192, len(data) - 4096)
        data[middle.start : middle.stop] = (
            bytes(len(middle)) if damage == "zero page" else b"\x5a" * len(middle)
        )
    path.write_bytes(data)
    assert problems(path)


def problems(path: Path) -> str:
    """Return what opening and verifying a store says."""
    try:
        store = open_store(f"sqlite:///{path}")
    except IntegrityError as error:
        return str(error)
    found = store.verify()
    store.close()
    return "; ".join(str(one) for one in found)


@pytest.mark.parametrize("table", ["walras_audit", "walras_line"])
def test_a_lost_table_is_a_finding(sqlite_store: TrajectoryStore, path: Path, table: str) -> None:
    """Verify goes on as far as it can."""
    finished(sqlite_store)
    tamper(path, f"DROP TABLE {table}")
    assert any("lost its tables" in one.problem for one in sqlite_store.verify())


def test_a_shifted_head_is_not_exported(sqlite_store: TrajectoryStore, path: Path) -> None:
    """Where only the counts of what is sealed were changed."""
    record = finished(sqlite_store)
    tamper(
        path,
        "UPDATE walras_search SET sealed_exchanges = sealed_exchanges + 1, "
        "sealed_iterations = sealed_iterations - 1",
    )
    with pytest.raises(IntegrityError, match="not those of the chain"):
        sqlite_store.trajectory(record.id)


def test_one_unreadable_search_does_not_hide_the_others(sqlite_store: TrajectoryStore, path: Path) -> None:
    """Findings of all searches are listed."""
    first, second = finished(sqlite_store, seed=1), finished(sqlite_store, seed=2)
    tamper(
        path,
        "UPDATE walras_iteration SET body = '{}', body_sha256 = "
        "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' WHERE number = 0; "
        "UPDATE walras_line SET body_sha256 = "
        "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' WHERE kind = 'iteration' "
        "AND number = 0",
    )
    places = {one.where for one in sqlite_store.verify()}
    assert places == {f"search {first.id}", f"search {second.id}"}
    with pytest.raises(IntegrityError, match="iteration 0 cannot be read"):
        sqlite_store.iterations(first.id)
