"""The real process: signals, pipes, a terminal."""

import errno
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import pytest
from tests.cli.conftest import SMALL, Cli

import walras.cli._main as front
from walras.cli._counter import counting
from walras.cli._output import facts, prose, table, write_file
from walras.cli._process import Stopper, Terminated, leave, silence
from walras.core import Unavailable

LONG = ("search", "market_maker", "--proposer", "random", "--budget", "5000", *SMALL)


def begin(*argv: str, **settings: object) -> "subprocess.Popen[str]":
    """Start a command in a process of its own."""
    asked = [sys.executable, "-m", "walras", *argv]
    return subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_stops_a_search_that_resumes(number: signal.Signals, code: int, cli: Cli) -> None:
    """The exit code says which, stderr how to go on, and what was done is stored."""
    with begin(*LONG, "--json") as process:
        assert process.stdout is not None
        search = process.stdout.readline()
        assert '"search.created"' in search
        assert '"iteration.done"' in process.stdout.readline()
        held = cli("resume", "@last")
        assert (held.code, "another process" in held.err or "held" in held.err) == (8, True)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in err
    row = cli("list", "--json").body
    assert f"walras resume {row['id']}" in err
    assert row["done"] >= 1
    assert cli("verify").code == 0


def test_a_pipe_that_closes_ends_quietly(made: Path) -> None:
    """`walras list --json | head -1` prints one line and no complaint."""
    script = f"{sys.executable} -m walras show @last --store {made} --all --json | head -c 10"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout == '{"type": "'


def test_a_terminal_sees_the_panel_and_gets_its_cursor_back() -> None:
    """A search is drawn in place; after Ctrl-C the cursor is back and the resume line stands."""
    master, slave = pty.openpty()
    asked = [sys.executable, "-m", "walras", *LONG]
    process = subprocess.Popen(
        asked, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm"}
    )
    os.close(slave)
    text, started = b"", time.monotonic()
    sent = False
    while time.monotonic() - started < 60:
        try:
            text += os.read(master, 65536)
        except OSError:
            break
        if not sent and b"#" in text and b"best" in text:
            sent = True
            process.send_signal(signal.SIGINT)
    os.close(master)
    assert process.wait(timeout=30) == 130
    assert b"\x1b[?25l" in text
    assert text.rindex(b"\x1b[?25h") > text.rindex(b"\x1b[?25l")
    assert b"walras resume" in text.rpartition(b"\x1b[?25h")[2]


def test_python_dash_m() -> None:
    """`python -m walras` is the same command."""
    done = subprocess.run(
        [sys.executable, "-m", "walras", "--version"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout[:7]) == (0, "walras ")


def test_help_is_quick() -> None:
    """`walras --help` answers in at most 0.25 s of processor time, start of Python included."""
    spent = []
    asked = [sys.executable, "-m", "walras", "--help"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    for _ in range(3):
        before = os.times()
        subprocess.run(asked, capture_output=True, check=True, timeout=60, env=plain)
        after = os.times()
        used = (after.children_user - before.children_user, after.children_system - before.children_system)
        spent.append(sum(used))
    assert min(spent) <= 0.25


def test_main_leaves_with_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The console script exits with what `run` returned, and completes where a shell asks it to."""
    kept = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    }
    try:
        monkeypatch.setattr(sys, "argv", ["walras", "nonsense"])
        with pytest.raises(SystemExit, match="2"):
            front.main()
        monkeypatch.setenv("_WALRAS_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", "walras show @l")
        monkeypatch.setenv("COMP_CWORD", "2")
        capsys.readouterr()
        with pytest.raises(SystemExit, match="0"):
            front.main()
        assert capsys.readouterr().out == "plain,@last\n"
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def in_store() -> FrameType:
    """Return a frame that was called from the store."""
    made: list[FrameType] = []
    scope = {"__name__": "walras.store._sqlite", "keep": lambda: made.append(sys._getframe())}
    exec("keep()", scope)
    return made[0]


def test_a_signal_waits_for_the_store_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the store it raises at once; inside it looks again later; a second signal does not wait."""
    timers: list[float] = []
    monkeypatch.setattr("signal.setitimer", lambda which, seconds: timers.append(seconds))
    stopper = Stopper()
    inside = in_store()
    stopper(signal.SIGALRM, None)
    with pytest.raises(Terminated):
        stopper(signal.SIGTERM, sys._getframe())
    stopper(signal.SIGINT, inside)
    stopper(signal.SIGALRM, inside)
    assert len(timers) == 2
    with pytest.raises(KeyboardInterrupt):
        stopper(signal.SIGALRM, sys._getframe())
    stopper(signal.SIGTERM, inside)
    with pytest.raises(Terminated):
        stopper(signal.SIGTERM, inside)


def test_no_color_is_heard(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    """NO_COLOR turns colours off; an exit that a command asks for passes through."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cli("nonsense").err

    def bye(*given: object, **named: object) -> None:
        raise SystemExit(9)

    monkeypatch.setattr("walras.wiring.open_bench", bye)
    with pytest.raises(SystemExit, match="9"):
        front.run(["list"])


def test_the_last_flush_of_a_closed_pipe_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream whose reader left is pointed at nothing before the interpreter flushes it."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        stream.write("x")
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit, match="0"):
            leave(0)
        silence(stream)


def test_a_counter_counts_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows how far the work is and leaves nothing behind; in a pipe it is silent."""
    with counting(2, "replaying", quiet=False) as listen:
        listen(0)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with counting(2, "replaying", quiet=False) as listen:
        listen(0)
    assert "replaying 1/2" in capsys.readouterr().err


def test_tables_fit_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a row is cut to its width; in a pipe nothing is cut; outside text cannot break a row."""
    rows = [("1", "x" * 500), ("10", "a\nb\x1b[2J")]
    table((">n", "text"), rows)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "   1  " + "x" * 500
    assert lines[2] == "  10  a b[2J"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    table((">n", "text"), rows)
    assert max(map(len, (line for line in capsys.readouterr().out.splitlines() if "x" in line))) <= 50
    facts([("label", "two\nlines"), ("empty", "")])
    out = capsys.readouterr().out
    assert "         lines" in out
    assert "empty" not in out
    prose("a\n\n" + "word " * 30, bullet=True)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 40
    facts([])


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the old file and no rest of the new one; a link is replaced, not followed."""
    path = tmp_path / "f.txt"
    write_file(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(Unavailable, match=f"Cannot write {path}: No space left"):
            write_file(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["f.txt"]
    assert path.read_text() == "old"
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    write_file(link, "own")
    assert (path.read_text(), link.is_symlink()) == ("old", False)
