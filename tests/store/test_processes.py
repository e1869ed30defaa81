"""Several processes, and processes that are killed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.store.samples import done, exchange, run_one, spec

from walras.core import Unavailable
from walras.store import TrajectoryStore, open_store
from walras.store._locks import FileLock, _close_in_child

BUDGET = 25


def worker(url: str, search_id: str = "", mode: str = "run") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store._worker", url, search_id, mode]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def uninterrupted(tmp_path: Path) -> str:
    store = open_store(f"sqlite:///{tmp_path}/whole.db")
    record = store.create(spec(), budget=BUDGET)
    with store.hold(record.id) as lease:
        for number in range(BUDGET):
            store.save_exchange(lease, exchange(number, number))
            run_one(store, lease, done(number, exchanges=(number,)))
    digest = store.trajectory(record.id).digest
    store.close()
    return digest


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_kill_9_loses_and_doubles_nothing(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    """Killed at random points and resumed, a search is the same as one that was never killed."""
    url = f"sqlite:///{tmp_path}/w.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    store = open_store(url)
    record = store.create(spec(), budget=BUDGET)
    chance = random.Random(20260730)
    kills, acknowledged = 0, 0
    while True:
        process = worker(url, record.id)
        assert process.stdout is not None
        stop = chance.randint(0, 9)
        for lines, text in enumerate(process.stdout, 1):
            acknowledged = max(acknowledged, *(int(n) + 1 for n in text.split()[1:]), 0)
            if lines > stop:
                time.sleep(chance.random() * 0.01)
                process.kill()
                kills += 1
                break
        rest = process.communicate()[0]
        acknowledged = max([acknowledged, *(int(text.split()[1]) + 1 for text in rest.splitlines())])
        assert store.verify() == ()
        assert acknowledged <= len(store.iterations(record.id)) <= acknowledged + 1
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
    assert kills >= 2
    assert store.trajectory(record.id).digest == uninterrupted(tmp_path)
    assert [one.number for one in store.exchanges(record.id)] == list(range(BUDGET))
    store.close()


def test_two_processes_cannot_run_one_search(sqlite_store: TrajectoryStore, path: Path) -> None:
    """The second is told at once who holds it, and exits 8; a kill frees the search."""
    record = sqlite_store.create(spec(), budget=3)
    first = worker(f"sqlite:///{path}", record.id, "wait")
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    started = time.monotonic()
    with pytest.raises(Unavailable, match=rf"\(.+:{first.pid}\)"), sqlite_store.hold(record.id):
        raise AssertionError("unreachable")
    assert time.monotonic() - started < 2
    second = worker(f"sqlite:///{path}", record.id)
    assert "held by another process" in second.communicate()[1]
    assert second.returncode == 8
    first.kill()
    first.communicate()
    with sqlite_store.hold(record.id) as lease:
        run_one(sqlite_store, lease, done(0))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_many_processes_start_on_an_empty_store(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """The tables are made once, and everyone gets them."""
    url = f"sqlite:///{tmp_path}/w.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    count = int(os.environ.get("WALRAS_STORE_PROCESSES", "8"))
    started = [worker(url, mode="create") for _ in range(count)]
    for process in started:
        _, said = process.communicate()
        assert (process.returncode, said) == (0, "")


def test_readers_do_not_disturb_a_writer(sqlite_store: TrajectoryStore, path: Path) -> None:
    """A page that polls while a search runs costs it no failed write."""
    record = sqlite_store.create(spec(), budget=20)
    reader = open_store(f"sqlite:///{path}")
    stopped = threading.Event()
    seen: list[int] = []

    def poll() -> None:
        while not stopped.is_set():
            seen.append(len(reader.iterations(record.id)))

    threads = [threading.Thread(target=poll) for _ in range(3)]
    for thread in threads:
        thread.start()
    with sqlite_store.hold(record.id) as lease:
        for number in range(20):
            run_one(sqlite_store, lease, done(number))
    stopped.set()
    for thread in threads:
        thread.join()
    assert 0 <= max(seen) <= 20
    reader.close()


def test_threads_write_in_turn(sqlite_store: TrajectoryStore) -> None:
    """One store shared by threads."""
    threads = [threading.Thread(target=sqlite_store.audit, args=("a", str(k))) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sqlite_store.audit_records()) == 6
    assert sqlite_store.verify() == ()


def test_a_forked_worker_holds_no_lock(sqlite_store: TrajectoryStore) -> None:
    """A child that outlives its parent's lease does not keep the search."""
    record = sqlite_store.create(spec(), budget=1)
    ready, go = os.pipe()
    with sqlite_store.hold(record.id):
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os.read(ready, 1)
            os._exit(0)
    with sqlite_store.hold(record.id) as lease:
        assert lease.epoch == 2
    os.write(go, b"x")
    os.waitpid(child, 0)
    os.close(ready)
    os.close(go)


def test_a_child_closes_what_it_inherits(tmp_path: Path) -> None:
    """Whether the lock still exists or not."""
    import weakref

    lock = FileLock(tmp_path / "a.lock")
    assert lock.acquire(wait_seconds=0)
    lock.write("host:1")
    assert lock.read() == "host:1"
    reference = weakref.ref(lock)
    _close_in_child(reference)
    _close_in_child(reference)
    lock.close()
    del lock
    _close_in_child(reference)


def test_descriptors_do_not_leak(sqlite_store: TrajectoryStore) -> None:
    """Holding a search again and again opens no more files."""
    record = sqlite_store.create(spec(), budget=1)

    def held() -> int:
        with sqlite_store.hold(record.id):
            pass
        return len(list(Path("/proc/self/fd").iterdir()))

    first = held()
    assert [held() for _ in range(5)] == [first] * 5
