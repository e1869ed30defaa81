"""One job in this process: every exception becomes a value that is safe to store."""

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.execution import _jobs
from tests.execution._jobs import STRATEGIES, odd_job, real_job

from walras import execution, market
from walras.core import IntegrityError, UnknownName, UsageError, WalrasError
from walras.execution import (
    BACKTEST_FAILED,
    BACKTEST_REFUSED,
    InProcess,
    Job,
    JobResult,
    Lent,
    _perform,
    _worker,
)
from walras.execution._environment import worker_environment
from walras.execution._frames import FrameBuffer, encode_frame, read_frame, write_frame
from walras.execution._lifeline import hold, is_cut
from walras.execution._load import find_strategy


def test_a_job_and_a_result_travel_whole() -> None:
    """JSON and back."""
    job = real_job()
    assert Job.from_json(job.to_json()) == job
    result = _perform.perform(job, worker="here")
    assert result.report is not None
    assert JobResult.from_json(result.to_json()) == result
    failed = _perform.perform(replace(job, strategy="nobody"), worker="here")
    assert JobResult.from_json(failed.to_json()) == failed


def test_changed_scenarios_are_noticed() -> None:
    """The digest travels with them."""
    body: Any = real_job().to_json()
    body["scenarios"]["scenarios"][0][1] += 1
    with pytest.raises(IntegrityError, match="changed on its way"):
        Job.from_json(body)
    result = _perform.perform_wire(body, worker="w")
    assert result.failure is not None
    assert result.failure.text.startswith("IntegrityError: The scenario set changed")


def test_the_clock_starts_after_compiling() -> None:
    """`started` is called once, before the backtest; never for a strategy that cannot be loaded."""
    calls: list[str] = []
    _perform.perform(real_job(), worker="w", started=lambda: calls.append("started"))
    assert calls == ["started"]
    missing = _perform.perform(
        replace(real_job(), strategy="x"), worker="w", started=lambda: calls.append("no")
    )
    assert calls == ["started"]
    assert missing.failure is not None
    assert missing.failure.code == BACKTEST_REFUSED or missing.failure.code == BACKTEST_FAILED
    assert "Unknown strategy 'x'" in missing.failure.text


class Odd(Exception):
    """What a strategy's author might raise."""


def test_a_raising_backtest_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its type and its text, without addresses and directories."""

    def raising(*_: object) -> None:
        raise Odd(
            f"in <object at 0x7f00ab12> of {Path(__file__).resolve()}\n  with \N{SNOWMAN} and 'C:\\a\\b.py'"
        )

    monkeypatch.setattr(_perform, "run_backtest", raising)
    result = _perform.perform(real_job(), worker="w")
    assert result.failure is not None
    assert result.failure.code == BACKTEST_FAILED
    assert result.failure.text == r"Odd: in <object at 0x...> of test_perform.py with \u2603 and 'b.py'"


def test_a_strategy_that_exits_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """sys.exit in somebody's file does not end the worker."""

    def leave(*_: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr(_perform, "run_backtest", leave)
    assert _perform.perform(real_job(), worker="w").failure is not None


def test_failure_texts_are_short_and_never_empty() -> None:
    """300 characters; a bare exception leaves its type."""
    assert len(_perform.failure_of(ValueError("x" * 999)).text) == 300
    assert _perform.failure_of(Odd()).text == "Odd"
    assert _perform.failure_of(WalrasError("said", hint="hidden")).text == "WalrasError: said"


def test_interrupts_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in a notebook stops the notebook, and the job is still there."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_perform, "run_backtest", interrupt)
    with InProcess() as here:
        here.submit(real_job())
        with pytest.raises(KeyboardInterrupt):
            here.next_done()
        assert here.outstanding == 1


def test_in_process_keeps_the_contract() -> None:
    """Tickets in order, closed means closed."""
    here = InProcess()
    assert here.capacity == 1
    with pytest.raises(UsageError, match="No job"):
        here.next_done()
    assert [here.submit(real_job(2)), here.submit(real_job(3))] == [0, 1]
    assert here.next_done()[0] == 0
    here.close()
    assert here.outstanding == 0
    with pytest.raises(UsageError, match="closed"):
        here.submit(real_job())


def test_a_policy_file_reaches_the_second_guard(tmp_path: Path) -> None:
    """A gate that only the worker's policy has refuses there: the digests differ."""
    file = tmp_path / "policy.yaml"
    file.write_text("extra_gates: [strategy.mm.order_size]\n", encoding="utf-8")
    with InProcess(policy_file=file) as here:
        (result,) = here.run([real_job()])
    assert result.failure is not None
    assert result.failure.code == BACKTEST_REFUSED
    assert "policy_digest" in result.failure.text


def test_a_policy_file_is_sent_to_the_workers(tmp_path: Path) -> None:
    """The executor names it for jobs that do not."""
    file = tmp_path / "policy.yaml"
    file.write_text("extra_gates: [strategy.mm.order_size]\n", encoding="utf-8")
    with execution.LocalWorkers(1, policy_file=file) as workers:
        (result,) = workers.run([real_job()])
    assert result.failure is not None
    assert result.failure.code == BACKTEST_REFUSED


def test_a_strategy_file_is_imported_once_for_each_content(tmp_path: Path) -> None:
    """The same content is the same module; a changed file is a new one."""
    file = tmp_path / "mine.py"
    file.write_text(Path(STRATEGIES).read_text(encoding="utf-8"), encoding="utf-8")
    assert find_strategy("idle", str(file)) is find_strategy("idle", str(file))
    before = find_strategy("idle", str(file))
    file.write_text(Path(STRATEGIES).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert find_strategy("idle", str(file)) is not before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.py", "import nowhere_at_all", "ModuleNotFoundError"),
        ("mine.py", "def broken(:", "SyntaxError"),
        ("mine.txt", "", "not a Python file"),
    ],
)
def test_a_bad_strategy_file_is_a_usage_error(tmp_path: Path, name: str, content: str, said: str) -> None:
    """The message names the file and the reason."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        find_strategy("idle", str(tmp_path / name))


def test_missing_strategies_and_files_are_named(tmp_path: Path) -> None:
    """What is there instead is listed."""
    with pytest.raises(UsageError, match=r"gone\.py cannot be imported: FileNotFoundError"):
        find_strategy("idle", str(tmp_path / "gone.py"))
    with pytest.raises(UnknownName, match="crashing, endless, idle, untypable"):
        find_strategy("idel", STRATEGIES)
    with pytest.raises(UnknownName, match="market_maker"):
        find_strategy("market_makr", "")


def test_workers_inherit_no_secret() -> None:
    """An allow-list: what is not known to be harmless stays here."""
    parent = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "sk-1",
        "WALRAS_STORE": "postgresql://u:p@h/d",
        "NUMBA_CACHE_DIR": "/c",
        "LC_ALL": "C",
        "HTTPS_PROXY": "http://u:p@h",
    }
    assert worker_environment(parent, ["/a", "", "/b"]) == {
        "PATH": "/bin",
        "NUMBA_CACHE_DIR": "/c",
        "LC_ALL": "C",
        "PYTHONPATH": "/a:/b",
    }


def test_frames_survive_any_cut() -> None:
    """Bytes may arrive one by one."""
    messages = [{"kind": "a"}, {"kind": "b", "text": "\N{SNOWMAN}" * 9}]
    stream = b"".join(encode_frame(message) for message in messages)
    buffer = FrameBuffer()
    got = [message for byte in stream for message in buffer.feed(bytes([byte]))]
    assert got == messages
    assert not buffer.is_partial
    assert FrameBuffer().feed(stream) == messages


def test_a_frame_may_arrive_in_pieces() -> None:
    """Reading goes on until the message is whole, and ends with the peer."""
    out, into = os.pipe()
    frame = encode_frame({"a": 1})
    buffer = FrameBuffer()
    pieces = threading.Thread(
        target=lambda: [os.write(into, frame[:3]), time.sleep(0.05), os.write(into, frame[3:])]
    )
    pieces.start()
    assert read_frame(out, buffer) == {"a": 1}
    pieces.join()
    os.close(into)
    assert read_frame(out, buffer) is None
    os.close(out)


def test_the_worker_serves_until_the_pipe_closes() -> None:
    """ready, then started and done for each job, then exit code 0."""
    jobs_out, jobs_in = os.pipe()
    answers_out, answers_in = os.pipe()
    write_frame(jobs_in, {"ticket": 4, "job": real_job().to_json()})
    os.close(jobs_in)
    served: list[int] = []

    def serve() -> None:
        served.append(_worker.serve(jobs_out, answers_in, name="w"))
        os.close(answers_in)

    thread = threading.Thread(target=serve)
    thread.start()
    buffer, kinds = FrameBuffer(), []
    while data := os.read(answers_out, 1 << 16):
        kinds += [message["kind"] for message in buffer.feed(data)]
    thread.join()
    os.close(jobs_out)
    os.close(answers_out)
    assert kinds == ["ready", "started", "done"]
    assert served == [0]


def test_a_worker_that_cannot_warm_up_says_why() -> None:
    """One message, exit code 1."""
    out, into = os.pipe()

    def fail() -> None:
        raise ImportError("no engine")

    assert _worker.serve(-1, into, name="w", warm_up=fail) == 1
    message = read_frame(out, FrameBuffer())
    os.close(out)
    os.close(into)
    assert message == {"kind": "broken", "text": "ImportError: no engine"}


def test_the_main_function_sets_the_process_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupts ignored, pipes moved away from where prints go; checked in a forked child's place."""
    calls: list[object] = []
    monkeypatch.setattr(_worker, "hold", calls.append)
    monkeypatch.setattr(_worker.os, "dup", lambda fd: fd + 100)
    monkeypatch.setattr(_worker.os, "dup2", lambda old, new: calls.append(("dup2", new)))
    monkeypatch.setattr(
        _worker, "serve", lambda jobs, answers, *, name: calls.append((jobs, answers, name)) or 0
    )
    before = signal.getsignal(signal.SIGINT)
    try:
        assert _worker.main(["5", "local-0"]) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert calls == [5, ("dup2", 0), ("dup2", 1), (100, 101, "local-0")]


def test_a_cut_lifeline_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parent that dies before the signal is asked for is noticed too."""
    out, into = os.pipe()
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr("walras.execution._lifeline.signal.signal", lambda *_: None)
    monkeypatch.setattr("walras.execution._lifeline.os.kill", lambda *what: killed.append(what))
    monkeypatch.setattr("walras.execution._lifeline.fcntl.fcntl", lambda *_: 0)
    try:
        assert not is_cut(out)
        hold(out)
        assert killed == []
        os.close(into)
        hold(out)
        assert is_cut(out)
        assert killed == [(os.getpid(), signal.SIGKILL)]
    finally:
        os.close(out)


def test_without_the_signal_there_is_no_lifeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems without O_ASYNC end workers at their next read."""
    monkeypatch.delattr("walras.execution._lifeline.os.O_ASYNC")
    before = signal.getsignal(signal.SIGIO)
    hold(-1)
    assert signal.getsignal(signal.SIGIO) is before


def test_memory_is_zero_where_the_system_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """No /proc, no figure."""
    assert _perform.peak_rss_kb() > 10_000

    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert _perform.peak_rss_kb() == 0


def test_warm_up_runs_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs one short scenario of a built-in strategy, on a seed that no search uses."""
    ran: list[Any] = []
    real = market.simulate

    def seen(scenario: Any, *rest: Any) -> Any:
        ran.append((scenario, real(scenario, *rest)))

    monkeypatch.setattr(market, "simulate", seen)
    _perform.warm_up()
    ((scenario, outcome),) = ran
    assert scenario.seed >= market.RESERVED_SEED
    assert outcome.events == scenario.events


def test_what_is_not_at_the_door_is_an_attribute_error() -> None:
    """A wrong name is a wrong name."""
    with pytest.raises(AttributeError):
        execution.nothing  # noqa: B018
    assert _jobs.SHORT.digest == odd_job("idle").scenarios.digest


def test_lent_workers_outlive_the_borrower() -> None:
    """Closing what was lent leaves the owner able to work."""
    with InProcess() as owner:
        with Lent(owner) as lent:
            assert (lent.capacity, lent.outstanding) == (1, 0)
            lent.submit(real_job())
            assert lent.outstanding == owner.outstanding == 1
            assert lent.next_done()[1].report is not None
        assert owner.run([real_job()])[0].report is not None
