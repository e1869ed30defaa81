"""Every way to fail ends in one clear message and the design's exit code."""

import errno
import json
import os
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Cli

from walras.cli._errors import Stopped, ending_of
from walras.cli._process import Terminated
from walras.core import (
    CapReached,
    Fault,
    GateFailed,
    IntegrityError,
    InvalidFile,
    NotEnoughEvidence,
    RefusedByPolicy,
    Unavailable,
    UnknownName,
    WalrasError,
)

CODES = [
    (UnknownName("search", "x"), 2),
    (RefusedByPolicy("no"), 3),
    (GateFailed("no"), 4),
    (NotEnoughEvidence("no"), 5),
    (CapReached("no"), 6),
    (IntegrityError("no"), 7),
    (Unavailable("no"), 8),
    (WalrasError("no"), 1),
    (click.UsageError("no"), 2),
    (KeyboardInterrupt(), 130),
    (click.Abort(), 130),
    (Terminated(), 143),
    (BrokenPipeError(errno.EPIPE, "gone"), 130),
    (FileNotFoundError(errno.ENOENT, "no", "f.yaml"), 2),
    (OSError(errno.ENOSPC, "full"), 8),
    (ValueError("a bug"), 1),
    (OSError("without a number"), 1),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=[type(error).__name__ for error, _ in CODES])
def test_each_error_has_its_code(error: BaseException, code: int) -> None:
    """The exit code comes from one place and is the design's."""
    end = ending_of(error)
    assert end.exit == code
    assert end.message
    assert end.to_json()["exit"] == code


def test_what_can_be_resumed_says_how() -> None:
    """A stopped search ends as its cause does, with the line that goes on, and no password in it."""
    end = ending_of(Stopped(CapReached("--max-calls 5 is reached."), "abc", store="/tmp/x.db"))
    assert (end.exit, end.resume) == (6, "walras resume abc --store /tmp/x.db")
    secret = ending_of(Stopped(KeyboardInterrupt(), "abc", store="postgresql://u:secret@h/d"))
    assert secret.resume == "walras resume abc --store URL"


def test_faults_and_gates_reach_scripts() -> None:
    """The JSON of an error carries what it knows as data."""
    fault = Fault(line=3, where="a.b", what="is odd.", mend="Mend it.")
    assert ending_of(InvalidFile("f.yaml", [fault])).to_json()["faults"] == [dict(vars(fault))]
    refused = ending_of(RefusedByPolicy("no", names=("risk.x",), gate="risk.*")).to_json()
    assert (refused["names"], refused["gate"]) == (["risk.x"], "risk.*")


BAD = {
    "missing file": ("search", "nofile.yaml"),
    "unknown space": ("search", "nospace"),
    "argument file": ("search", "@args.txt"),
    "overlay": ("search", "market_maker", "--config", "x.yaml"),
    "json overlay": ("search", "market_maker", "--set-json", "{}"),
    "budget zero": ("search", "market_maker", "--budget", "0"),
    "budget negative": ("search", "market_maker", "--budget", "-3"),
    "budget a word": ("search", "market_maker", "--budget", "x"),
    "unknown proposer": ("search", "market_maker", "--proposer", "nope"),
    "unknown objective": ("search", "market_maker", "--objective", "nope"),
    "unknown market": ("search", "market_maker", "--market", "nope"),
    "unknown option": ("search", "market_maker", "--option", "foo=1"),
    "no model": ("search", "market_maker", "--proposer", "llm"),
    "no key": ("search", "market_maker", "--proposer", "llm", "--model", "m"),
    "no price": ("search", "market_maker", "--proposer", "llm", "--model", "m", "--max-usd", "1",
                 "--base-url", "http://127.0.0.1:9/v1"),
    "no assignment": ("search", "market_maker", "--set", "strategy.mm.order_size"),
    "two in one": ("search", "market_maker", "--set", "strategy.mm.order_size=5,risk.killswitch.x=0"),
    "unknown ID": ("show", "zzz"),
    "no search": ("show", "@last"),
    "unknown strategy": ("backtest", "nope"),
    "out of bounds": ("backtest", "market_maker", "--set", "strategy.mm.half_spread_ticks=99"),
    "no file to import": ("import", "nofile.jsonl"),
    "no file to replay": ("replay", "nofile.jsonl"),
    "nothing to compare": ("compare",),
    "one proposer": ("compare", "market_maker", "--proposers", "random"),
    "odd interval": ("watch", "@last", "--interval", "0"),
}  # fmt: skip


@pytest.mark.parametrize("argv", BAD.values(), ids=BAD)
def test_bad_input_is_a_usage_error(argv: tuple[str, ...], cli: Cli) -> None:
    """Each named bad input: one message on stderr, code 2, no traceback, and one JSON object on request."""
    ran = cli(*argv)
    assert ran.code == 2, ran.err
    assert ran.err.startswith("error [")
    assert "Traceback" not in ran.err
    assert ran.out == ""
    told = cli(*argv, "--json")
    assert told.code == 2
    assert told.body["type"] == "error"
    assert told.body["exit"] == 2


GATED = {
    "in the file": ("search", "gated.yaml"),
    "dry run": ("search", "gated.yaml", "--dry-run"),
    "space check": ("space", "check", "gated.yaml"),
    "space show": ("space", "show", "gated.yaml"),
    "by --set": ("search", "market_maker", "--set", "risk.killswitch.tripThreshold=0"),
    "in a comparison": ("compare", "market_maker", "--set", "sec.signer.key=1"),
    "in a backtest": ("backtest", "market_maker", "--set", "risk.compliancegate.x=1"),
}


@pytest.mark.parametrize("argv", GATED.values(), ids=GATED)
def test_a_hard_gate_refuses_at_every_door(
    argv: tuple[str, ...], cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gated name is refused with code 3 before anything runs, and one audit record is kept."""
    monkeypatch.chdir(tmp_path)
    Path("gated.yaml").write_text(
        "name: t\nstrategy: market_maker\nparameters:\n  risk.killswitch.x: {type: int, low: 1, high: 2}\n"
    )
    ran = cli(*argv, "--json")
    assert ran.code == 3
    assert ran.body["code"] == "OPT_REFUSED_HARD_GATE"
    assert "error [OPT_REFUSED_HARD_GATE]:" in ran.err
    assert "code review" in ran.err
    assert cli("list", "--json").rows == []
    assert len(cli("audit", "--kind", "refusal", "--json").rows) == 1


def test_an_environment_variable_cannot_touch_a_gate(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nested setting that names a gate stops every command that could run something."""
    monkeypatch.setenv("OPT_ENGINE__RISK__KILLSWITCH__TRIPTHRESHOLD", "0")
    assert cli("search", "market_maker", "--dry-run").code == 3


def test_all_faults_of_a_file_come_at_once(cli: Cli, tmp_path: Path) -> None:
    """Each fault has its line, in the message and in the JSON."""
    path = tmp_path / "faults.yaml"
    path.write_text(
        "name: t\nstrategy: market_maker\nparameters:\n"
        "  strategy.mm.half_spread_ticks: {type: int, low: 5, high: 1}\n"
        "  strategy.mm.mode: {type: categorical, choices: []}\n"
    )
    ran = cli("space", "check", str(path), "--json")
    assert ran.code == 2
    assert [fault["line"] for fault in ran.body["faults"]] == [4, 5]
    assert "line 4:" in ran.err
    assert "line 5:" in ran.err


def test_a_bug_is_short_and_says_how_to_see_more(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error is code 1 without a traceback; WALRAS_DEBUG shows one."""

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("some\x1b[2Jthing")

    monkeypatch.setattr("walras.wiring.open_bench", broken)
    ran = cli("list")
    assert ran.code == 1
    assert "WALRAS_DEBUG=1" in ran.err
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err
    monkeypatch.setenv("WALRAS_DEBUG", "1")
    assert "Traceback" in cli("list").err


def test_a_store_that_cannot_be_used(cli: Cli, tmp_path: Path) -> None:
    """A missing folder is unavailable, a foreign file an integrity error, and both stay as they were."""
    assert cli("list", "--store", str(tmp_path / "no" / "x.db")).code == 8
    foreign = tmp_path / "foreign.db"
    foreign.write_text("not a database, and longer than a header of one would be, so it is read")
    assert cli("list", "--store", str(foreign)).code == 7
    assert foreign.read_text().startswith("not a database")


def test_a_password_is_never_shown(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an error nor `config` repeats a secret."""
    monkeypatch.setenv("WALRAS_API_KEY", "canary-key")
    monkeypatch.setenv("WALRAS_BASE_URL", "https://user:canary-url@h:8443/v1?token=canary-query")
    ran = cli("config", "--store", "postgresql://u:canary-password@127.0.0.1:9/d")
    assert ran.code == 0
    assert "canary" not in ran.out + ran.err
    assert "https://h:8443/v1" in ran.out
    refused = cli("list", "--store", "mysql://u:canary-password@127.0.0.1:9/d")
    assert refused.code == 2
    assert "canary" not in refused.out + refused.err
    assert cli("config", "--store", "http://[").code == 2


def test_a_reader_that_left_is_no_error(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output into a closed pipe ends quietly; so does an error message into one."""
    import walras.cli._main as front

    silenced: list[object] = []
    monkeypatch.setattr(front, "silence", silenced.append)

    def gone(*given: object, **named: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "gone")

    monkeypatch.setattr("click.echo", gone)
    assert front.run(["list", "--json", "--store", str(made)]) == 0
    assert front.run(["nonsense"]) == 0
    assert len(silenced) == 2


def test_a_full_disk_behind_stdout(cli: Cli, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that is full is told from a mistake of the caller."""
    real = click.echo

    def full(message: object = None, *given: object, err: bool = False, **named: object) -> None:
        if not err:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(message, err=True)

    monkeypatch.setattr("click.echo", full)
    assert cli("list", "--store", str(made)).code == 8


def test_errors_of_click_are_json_too(cli: Cli) -> None:
    """Also what the parser itself refuses is one JSON object."""
    ran = cli("search", "--json")
    assert json.loads(ran.out)["code"] == "USAGE"
