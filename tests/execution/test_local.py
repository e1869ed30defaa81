"""Local workers: every end a job can have, and nothing left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from tests.execution._jobs import fake_job, fake_workers

from walras.core import DomainError, Failure, Unavailable, UsageError
from walras.execution import BACKTEST_CRASHED, BACKTEST_TIMEOUT, LocalWorkers
from walras.execution._process import Stage, WorkerProcess


def texts(results: tuple[object, ...]) -> list[str]:
    """Return the failure texts of results."""
    return [result.failure.text for result in results]  # type: ignore[attr-defined]


def open_files() -> int:
    """Return how many descriptors this process holds."""
    return len(list(Path("/proc/self/fd").iterdir()))


def is_running(process_id: int) -> bool:
    """Say whether a process exists and is not a zombie."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def wait_until_gone(process_ids: list[int], *, limit_s: float = 5.0) -> list[int]:
    """Return the processes that still run after at most `limit_s`."""
    end = time.monotonic() + limit_s
    while (left := [one for one in process_ids if is_running(one)]) and time.monotonic() < end:
        time.sleep(0.02)
    return left


def test_results_come_in_order_of_the_jobs() -> None:
    """The slow first job does not move behind the fast ones."""
    with fake_workers(2) as workers:
        assert texts(workers.run([fake_job("sleep-0.3"), *map(fake_job, "abc")])) == [
            "sleep-0.3",
            "a",
            "b",
            "c",
        ]
        assert workers.capacity == 2
        assert workers.outstanding == 0


def test_next_done_gives_the_first_to_finish() -> None:
    """Completion order, with tickets that count up."""
    with fake_workers(2) as workers:
        while any(worker.stage is not Stage.IDLE for worker in workers._workers):
            workers._turn(wait_s=0.05)
        assert [workers.submit(fake_job("sleep-0.5")), workers.submit(fake_job("quick"))] == [0, 1]
        assert [workers.next_done()[0], workers.next_done()[0]] == [1, 0]


def test_an_endless_job_is_killed_and_the_next_one_runs() -> None:
    """The limit ends the process; a fresh one takes its place."""
    with fake_workers(1, wall_limit_s=0.3) as workers:
        first = workers.process_ids
        killed, fine = workers.run([fake_job("endless"), fake_job("fine")])
        assert killed.failure == Failure(code=BACKTEST_TIMEOUT, text="No answer within 0.3 s: killed.")
        assert killed.worker == "local-0"
        assert killed.seconds >= 0.3
        assert fine.failure is not None
        assert fine.failure.text == "fine"
        assert workers.process_ids != first
        assert not wait_until_gone(list(first))


def test_compiling_has_its_own_limit() -> None:
    """The wall limit does not run while a strategy compiles, the start limit does."""
    with fake_workers(1, wall_limit_s=0.01, start_limit_s=3) as workers:
        (killed,) = workers.run([fake_job("slow-to-compile")])
        assert killed.failure is not None
        assert killed.failure.code == BACKTEST_TIMEOUT
        assert killed.failure.text == "The strategy did not load and compile within 3 s: killed."


@pytest.mark.parametrize(("how", "said"), [("segfault", "SIGSEGV"), ("exit-3", "exit code 3")])
def test_a_crash_is_a_failure_with_its_signal(how: str, said: str) -> None:
    """The next job finds a fresh worker."""
    with fake_workers(1) as workers:
        crashed, fine = workers.run([fake_job(how), fake_job("fine")])
        assert crashed.failure == Failure(code=BACKTEST_CRASHED, text=f"The worker process ended: {said}.")
        assert texts((fine,)) == ["fine"]


def test_a_worker_killed_while_idle_costs_nothing() -> None:
    """Somebody else's kill is repaired before the next job is given out."""
    with fake_workers(1) as workers:
        workers.run([fake_job("one")])
        os.kill(workers.process_ids[0], signal.SIGKILL)
        wait_until_gone(list(workers.process_ids))
        assert texts(workers.run([fake_job("two")])) == ["two"]


def test_a_big_answer_is_not_cut_by_the_limit() -> None:
    """A parent that comes late reads a result of many reads before it judges the clock."""
    with fake_workers(1, wall_limit_s=0.4) as workers:
        workers.run([fake_job("warm")])
        workers.submit(fake_job("big"))
        time.sleep(0.8)
        _, result = workers.next_done()
        assert result.failure is not None
        assert len(result.failure.text) == 400_000


def test_workers_that_cannot_start_are_unavailable() -> None:
    """Three deaths before the first word, or one word that says why."""
    with fake_workers(1, worker="_dying_worker") as workers, pytest.raises(Unavailable, match="exit code 7"):
        workers.run([fake_job("x")])
    with (
        fake_workers(1, worker="_broken_worker") as workers,
        pytest.raises(Unavailable, match="ImportError: no engine"),
    ):
        workers.run([fake_job("x")])


def test_workers_recover_after_being_unavailable() -> None:
    """The next call starts what is missing."""
    alive = True

    def spawn(name: str) -> WorkerProcess:
        return WorkerProcess(name, module=f"tests.execution.{'_fake_worker' if alive else '_dying_worker'}")

    alive = False
    with LocalWorkers(1, spawn=spawn) as workers:
        workers.submit(fake_job("later"))
        with pytest.raises(Unavailable):
            workers.next_done()
        alive = True
        _, result = workers.next_done()
        assert texts((result,)) == ["later"]


def test_a_system_without_room_is_unavailable() -> None:
    """The system's reason is in the message."""

    def refuse(name: str) -> WorkerProcess:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with pytest.raises(Unavailable, match="Resource temporarily unavailable"):
        LocalWorkers(1, spawn=refuse)


@pytest.mark.parametrize(
    ("count", "wall", "start"), [(0, 1, 1), (257, 1, 1), (1, 0, 1), (1, 1, float("nan"))]
)
def test_impossible_limits_are_refused(count: int, wall: float, start: float) -> None:
    """Before anything starts."""
    with pytest.raises(DomainError):
        LocalWorkers(count, wall, start_limit_s=start)


def test_closing_ends_running_jobs_twice_over() -> None:
    """No process, no zombie, no further work."""
    workers = fake_workers(2)
    workers.run([fake_job("a"), fake_job("b")])
    workers.submit(fake_job("endless"))
    ids = list(workers.process_ids)
    workers.close()
    workers.close()
    assert not wait_until_gone(ids)
    assert workers.outstanding == 0
    with pytest.raises(UsageError, match="closed"):
        workers.submit(fake_job("late"))
    with pytest.raises(UsageError, match="outstanding"):
        workers.next_done()


def test_run_refuses_to_mix_with_submit() -> None:
    """Results of others would be lost."""
    with fake_workers(1) as workers:
        workers.submit(fake_job("a"))
        with pytest.raises(UsageError, match="outstanding"):
            workers.run([fake_job("b")])


def test_forgotten_workers_end_when_they_are_collected() -> None:
    """A caller that forgets to close leaves nothing behind."""
    workers = fake_workers(1)
    workers.run([fake_job("a")])
    ids = list(workers.process_ids)
    del workers
    assert not wait_until_gone(ids)


def test_fifty_jobs_leak_no_descriptor() -> None:
    """Crashes and kills included."""
    before = open_files()
    with fake_workers(2, wall_limit_s=0.4) as workers:
        workers.run([fake_job("a")] * 4)
        during = open_files()
        workers.run([fake_job(what) for what in ("a", "segfault", "b", "endless", "c") * 10])
        workers.run([fake_job("a")] * 4)
        assert open_files() == during
    assert open_files() == before


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_die_with_their_parent(tmp_path: Path, end: signal.Signals) -> None:
    """Also when it is killed, also while they are busy, also when a thread started them."""
    script = textwrap.dedent("""
        import threading, time
        from tests.execution._jobs import fake_job, fake_workers
        made = []
        thread = threading.Thread(target=lambda: made.append(fake_workers(2)))
        thread.start(); thread.join()
        (workers,) = made
        workers.run([fake_job("a"), fake_job("b")])
        workers.submit(fake_job("endless"))
        print(*workers.process_ids, flush=True)
        time.sleep(60)
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with parent:
        assert parent.stdout is not None
        ids = [int(word) for word in parent.stdout.readline().split()]
        assert len(ids) == 2
        parent.send_signal(end)
        parent.wait()
    assert not wait_until_gone(ids)


def test_an_unknown_signal_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real-time signal has no name in Python."""
    worker = WorkerProcess("w", module="tests.execution._fake_worker")
    os.kill(worker.process_id, signal.SIGRTMIN + 3)
    assert worker.ending() == f"signal {signal.SIGRTMIN + 3}"
    worker.end()


def test_a_job_for_a_dead_worker_is_not_lost_in_an_exception() -> None:
    """The write fails silently; the next hearing tells."""
    worker = WorkerProcess("w", module="tests.execution._dying_worker")
    worker.ending()
    worker.send(0, fake_job("x").to_json())
    assert worker.hear() is None
    worker.end()


def test_a_process_that_cannot_be_made_leaves_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lifeline is closed on both ends."""
    before = open_files()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(FileNotFoundError):
        WorkerProcess("w")
    assert open_files() == before
