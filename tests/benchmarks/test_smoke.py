"""The benchmarks start, explain themselves, and print what scripts read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks._environment import NoPeer
from benchmarks._machine import installed, machine

from benchmarks import _environment, _startup, engine

ROOT = Path(__file__).parents[2]
NAMES = ("engine", "loop", "memory")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a benchmark from the root of the checkout."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize("name", NAMES)
def test_help_shows_how_to_run_it(name: str) -> None:
    """The options, and the line to type."""
    text = run(f"benchmarks.{name}", "--help").stdout
    assert f"python -m benchmarks.{name} --json" in text
    assert "--quick" in text


@pytest.mark.parametrize(("name", "figure"), [("loop", "p50_ms"), ("memory", "peak_rss_mb")])
def test_the_last_line_is_one_object(name: str, figure: str) -> None:
    """Figure, machine, notice."""
    body = json.loads(run(f"benchmarks.{name}", "--quick", "--json").stdout.splitlines()[-1])
    assert body[figure] > 0
    assert body["machine"]
    assert body["notice"] == "Synthetic replay only. Not a forecast."


DUEL = {
    "median": {"walras": 20.0, "walras_as_shipped": 21.0, "hftbacktest_l3": 260.0, "hftbacktest_l2": 100.0},
    "min": {"walras": 19.0, "walras_as_shipped": 20.0, "hftbacktest_l3": 250.0, "hftbacktest_l2": 90.0},
    "max": {"walras": 22.0, "walras_as_shipped": 23.0, "hftbacktest_l3": 270.0, "hftbacktest_l2": 110.0},
    "facts": {},
    "n": 10,
    "runs": 3,
}


@pytest.fixture
def quick_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the start-up processes."""
    monkeypatch.setattr(_startup, "first_result_cpu_s", lambda runs: 1.0)
    monkeypatch.setattr(_startup, "user_strategy_cpu_s", lambda runs: 0.2)


@pytest.mark.usefixtures("quick_starts")
def test_the_engine_prints_what_scripts_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """ns_per_event and the ratios, on the last line."""
    monkeypatch.setattr(engine, "peer_python", lambda *, fresh: Path(sys.executable))
    monkeypatch.setattr(engine, "_duel", lambda python, events, runs: DUEL)
    assert engine.main(["--json"]) == 0
    body = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (body["ns_per_event"], body["ratio_hftbacktest_l3"], body["ratio_hftbacktest_l2"]) == (
        20.0,
        13.0,
        5.0,
    )
    assert engine.main(["--quick"]) == 0
    assert "goal: at most 25" in capsys.readouterr().out


@pytest.mark.usefixtures("quick_starts")
def test_without_the_peer_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Null figures, the reason, exit code 8."""

    def refuse(*, fresh: bool) -> Path:
        raise NoPeer("pip could not install it")

    monkeypatch.setattr(engine, "peer_python", refuse)
    assert engine.main(["--json"]) == 8
    body = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert body["ratio_hftbacktest_l3"] is None
    assert body["reason"] == "pip could not install it"


def fake_pip(code: int, said: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a stand-in for subprocess.run."""
    return lambda *_, **__: subprocess.CompletedProcess([], code, "", said)


def test_the_peers_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed installation leaves nothing; a finished one is used again."""
    made: list[Path] = []

    def create(folder: Path, *, with_pip: bool) -> None:
        made.append(folder)
        folder.mkdir(parents=True)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(_environment.venv, "create", create)
    monkeypatch.setattr(_environment.subprocess, "run", fake_pip(1, "x\nERROR: no network\n"))
    with pytest.raises(NoPeer, match="ERROR: no network"):
        _environment.peer_python()
    assert not made[0].exists()
    monkeypatch.setattr(_environment.subprocess, "run", fake_pip(0, ""))
    python = _environment.peer_python()
    assert python == _environment.peer_python()
    assert len(made) == 2
    _environment.peer_python(fresh=True)
    assert len(made) == 3


def test_the_tape_is_stationary_and_whole() -> None:
    """Adds equal cancels and fills up to the book's size; every consumed order is removed in L3."""
    from benchmarks._feed import ADD, CANCEL, TICKS, make_feed

    events, live = 20_000, 200
    tape = make_feed(events, seed=1, live=live)
    assert tape.adds + tape.cancels + tape.takes == events
    kinds, prices = tape.level3[:, 0], tape.level3[:, 2]
    assert abs(int((kinds == ADD).sum()) - int((kinds == CANCEL).sum())) < 2 * live
    assert prices.min() >= 1
    assert prices.max() < TICKS
    assert (make_feed(events, seed=1, live=live).level2 == tape.level2).all()


def test_the_machine_is_named() -> None:
    """Processor, cores, versions."""
    assert "cores" in machine()
    assert installed("nothing-of-this-name") == "none"
