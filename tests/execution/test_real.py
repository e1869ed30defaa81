"""Real backtests in real worker processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.execution._jobs import odd_job, real_job

from walras.execution import (
    BACKTEST_CRASHED,
    BACKTEST_FAILED,
    BACKTEST_REFUSED,
    BACKTEST_TIMEOUT,
    InProcess,
    JobResult,
    LocalWorkers,
)


def kept(result: JobResult) -> str:
    """Return the bytes that enter the record."""
    body = result.to_json()
    return json.dumps([body["report"], body["failure"]], sort_keys=True)


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalWorkers]:
    """Two workers, shared by the tests of this file."""
    with LocalWorkers(2, wall_limit_s=2.0) as two:
        yield two


def test_one_worker_two_workers_and_none_give_the_same_bytes(workers: LocalWorkers) -> None:
    """Where a job runs cannot be seen in its result."""
    jobs = [real_job(spread) for spread in (1, 2, 3, 5)]
    with InProcess() as here, LocalWorkers(1) as one:
        expected = [kept(result) for result in here.run(jobs)]
        assert [kept(result) for result in one.run(jobs)] == expected
    assert [kept(result) for result in workers.run(jobs)] == expected
    assert len(set(expected)) == len(jobs)


def test_results_say_who_ran_them_and_how_long(workers: LocalWorkers) -> None:
    """For meta: worker, seconds, memory."""
    (result,) = workers.run([real_job()])
    assert result.worker in {"local-0", "local-1"}
    assert 0 < result.seconds < 2
    assert 50_000 < result.worker_peak_rss_kb < 400_000


def test_an_endless_strategy_is_killed_inside_compiled_code(workers: LocalWorkers) -> None:
    """No Python runs in there; the process ends all the same, and the next job runs."""
    killed, fine = workers.run([odd_job("endless"), odd_job("idle")])
    assert killed.failure is not None
    assert (killed.failure.code, killed.failure.text) == (BACKTEST_TIMEOUT, "No answer within 2 s: killed.")
    assert fine.report is not None
    assert "NO_ORDERS" in fine.report.reason_codes


def test_a_strategy_that_does_not_compile_is_a_failure(workers: LocalWorkers) -> None:
    """Its reason is numba's, without paths."""
    (result,) = workers.run([odd_job("untypable")])
    assert result.failure is not None
    assert result.failure.code == BACKTEST_FAILED
    assert "does not compile" in result.failure.text
    assert "/" not in result.failure.text.replace("n/a", "")


def test_a_strategy_that_crashes_the_process_is_a_failure(workers: LocalWorkers) -> None:
    """The signal is named."""
    (result,) = workers.run([odd_job("crashing")])
    assert result.failure is not None
    assert result.failure.code == BACKTEST_CRASHED
    assert result.failure.text in {"The worker process ended: SIGSEGV.", "The worker process ended: SIGBUS."}


def test_the_worker_calls_the_guard_again(workers: LocalWorkers) -> None:
    """Params that change on the way are refused there."""
    job = real_job()
    tampered = {**job.wire, "params": {"risk.killswitch.tripThreshold": 5}}
    other_policy = {**job.wire, "policy_digest": "0" * 64}
    for wire in (tampered, other_policy):
        (result,) = workers.run([type(job)(strategy=job.strategy, wire=wire, scenarios=job.scenarios)])
        assert result.failure is not None
        assert result.failure.code == BACKTEST_REFUSED


def test_the_parent_of_the_workers_stays_light() -> None:
    """A search's parent process imports neither numba nor numpy to run backtests."""
    code = """
import sys
from tests.execution._jobs import real_job
from walras.execution import LocalWorkers
from walras.backtest import score
with LocalWorkers(1) as workers:
    (result,) = workers.run([real_job()])
print(score("belief_pnl", result.report).value is not None)
print(sorted({"numba", "numpy"} & set(sys.modules)))
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.split("\n")[:2] == ["True", "[]"]
