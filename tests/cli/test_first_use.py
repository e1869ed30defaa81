"""What a newcomer stumbles over: pasted lines, mistyped stores, files that are in the way."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import click
import pytest
from tests.cli.conftest import SMALL, Cli
from tests.cli.test_displays import HEAD, RECORD, ended
from tests.cli.test_run import SEARCH, stop_after

from walras.cli._displays import Panel, PlainLines
from walras.cli._errors import ending_of
from walras.cli._format import command, number
from walras.cli._headline import tell_headline, tell_params
from walras.cli._output import table
from walras.cli._place import on_store
from walras.cli._terminal import shortened
from walras.core import Iteration, Status, Unavailable
from walras.search import IterationEnded

Out = pytest.CaptureFixture[str]


def row(number: int, value: float | None = None, status: Status = Status.DONE) -> Iteration:
    """Return an iteration of the story's kind."""
    event = ended(number, value, status)
    assert isinstance(event, IterationEnded)
    return event.iteration


# JSON


def test_every_json_of_a_full_store_is_json(copied: Path, cli: Cli, tmp_path: Path) -> None:
    """With real records behind it, each command that looks prints objects with type and notice."""
    own = ("--store", str(copied))
    cli("search", "market_maker", "--set", "risk.killswitch.x=1", *own)
    path = str(tmp_path / "t.jsonl")
    for argv in (
        ("list",), ("show", "@last"), ("show", "@last:1"), ("params", "@last"), ("explain", "@last:1"),
        ("report", "@last", "-o", str(tmp_path / "r.html")), ("export", "@last", "-o", path),
        ("import", path), ("replay", "@last"), ("verify",), ("audit",), ("backup", str(tmp_path / "b.db")),
        ("archive", "@last"), ("watch", "@last"), ("config",), ("doctor",), ("resume", "@last"),
    ):  # fmt: skip
        ran = cli(*argv, *own, "--json")
        assert ran.code == 0, (argv, ran.err)
        assert ran.rows, argv
        assert all(isinstance(body["type"], str) for body in ran.rows), argv
    records = cli("audit", *own, "--json").rows
    assert {body["kind"] for body in records} == {"refusal", "import"}
    assert {body["type"] for body in records} == {"audit"}


@pytest.mark.parametrize("argv", [("list", "--json"), ("list",), ("--help",), ("show", "@last", "--json")])
def test_a_full_device_ends_quietly(argv: tuple[str, ...], made: Path) -> None:
    """Nothing can be written: code 8, one message on stderr, no traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "walras", *argv],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "WALRAS_STORE": str(made)},
        )
    assert done.returncode == 8
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


# Lines that are pasted


def test_a_hint_names_the_store(copied: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line that is printed works when pasted: in errors and in what a command says at its end."""
    own = ("--store", str(copied))
    stop_after(monkeypatch, Unavailable("Gone."))
    cli("search", "market_maker", *own)
    quiet = cli("watch", "@last", *own, "--patience", "0.02", "--interval", "0.01")
    assert quiet.err.rstrip().endswith(f"--store {copied}")
    assert f"`walras list --store {copied}`" in cli("show", "zzzz", *own).err
    assert "--undo --store" in cli("archive", "@last", *own).out
    assert f"--store {copied}" in cli("space", "check", "market_maker", *own).out


def test_hints_are_rewritten_in_one_place() -> None:
    """Backquoted lines and lines at the end are; what takes no store, and what has one, is not."""
    assert on_store("`walras watch ab` follows it.", "s.db") == "`walras watch ab --store s.db` follows it."
    assert on_store("Run: walras resume ab", "s.db") == "Run: walras resume ab --store s.db"
    for same in ("Try: walras list --help", "Run: walras resume ab --store t.db", "`walras completion zsh`"):
        assert on_store(same, "s.db") == same
    assert on_store("Run: walras resume ab", None) == "Run: walras resume ab"


def test_only_a_password_hides_a_store() -> None:
    """A user name may be shown, a password and a query may not."""
    assert command("walras list", "postgresql://me@h/d") == "walras list --store postgresql://me@h/d"
    assert command("walras list", "a@b.db") == "walras list --store a@b.db"
    for secret in ("postgresql://u:canary@h/d", "postgresql://h/d?password=canary", "postgresql://[canary"):
        assert command("walras list", secret) == "walras list --store URL"


def test_nothing_to_resume_is_not_to_be_resumed() -> None:
    """The store's general advice to resume goes; the line of a search that ran has its id."""
    hint = "Run again when it has ended. What was stored is intact; run `walras resume` afterwards."
    assert ending_of(Unavailable("Locked.", hint=hint)).hint == (
        "Run again when it has ended. What was stored is intact."
    )


# Stores


@pytest.mark.parametrize(
    "argv",
    [
        ("list",), ("show", "@last"), ("watch", "@last"), ("params", "@last"), ("explain", "@last"),
        ("replay", "@last"), ("report", "@last", "-o", "x.html"), ("export", "@last", "-o", "x.csv"),
        ("verify",), ("audit",), ("compare", "--searches", "a,b"), ("archive", "@last"), ("backup", "x.db"),
        ("resume", "@last"),
    ],
    ids=lambda argv: argv[0],
)  # fmt: skip
def test_reading_makes_no_store(argv: tuple[str, ...], cli: Cli, tmp_path: Path) -> None:
    """A mistyped --store is said to be missing, and stays missing; as a URL too."""
    for given in (str(tmp_path / "typo.db"), f"sqlite:///{tmp_path / 'typo.db'}"):
        ran = cli(*argv, "--store", given)
        assert ran.code == 8
        assert f"There is no store at {tmp_path / 'typo.db'}." in ran.err
    assert not list(tmp_path.glob("typo*"))


def test_the_default_place_may_be_empty(cli: Cli) -> None:
    """Nobody has made a mistake yet; a filter that fits nothing is said on stderr."""
    assert cli("list").code == 0
    ran = cli("list", "--proposer", "foo", "--json")
    assert (ran.code, ran.out, ran.err) == (0, "", "No search matches --proposer foo.\n")


def test_a_locked_store_is_waited_for_aloud(copied: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a moment stderr says that the command waits; then it goes on."""
    from walras.store._locks import FileLock

    monkeypatch.setattr("walras.cli._waiting.PATIENCE_S", 0.5)
    assert "waiting" not in cli("list", "--store", str(copied)).err
    lock = FileLock(copied.with_name(f"{copied.name}.locks") / "store.lock")
    assert lock.acquire(wait_seconds=0)
    threading.Timer(1.5, lock.close).start()
    began = time.monotonic()
    ran = cli("archive", "@last", "--store", str(copied))
    assert time.monotonic() - began > 1
    assert (ran.code, ran.err.count("waiting: another process has locked the store")) == (0, 1)
    assert "waiting" not in cli("list", "--store", str(copied)).err


def test_doctor_goes_on_past_a_bad_store(cli: Cli, tmp_path: Path) -> None:
    """The other checks run all the same."""
    bad = tmp_path / "bad.db"
    bad.write_text("not a database, and longer than a header of one would be, so it is read")
    ran = cli("doctor", "--store", str(bad), "--json")
    found = {check["name"]: check["status"] for check in ran.body["checks"]}
    assert ran.code == 8
    assert found["store"] == "fail"
    assert [found[name] for name in ("policy", "spaces", "engine")] == ["ok"] * 3


# Files


def test_a_second_import_says_so(copied: Path, cli: Cli, tmp_path: Path) -> None:
    """What is stored already is called that; what was imported is marked in the list and in show."""
    path = str(tmp_path / "t.jsonl")
    cli("export", "@last", "-o", path, "--store", str(copied))
    assert "Verified, judged and stored as search" in cli("import", path).out
    assert "already stored as search" in cli("import", path).out
    assert cli("import", path, "--json").body["already_stored"] is True
    assert "* imported here at this time" in cli("list").out
    assert "when it was imported; made 20" in cli("show", "@last").out
    assert "imported" not in cli("list", "--store", str(copied)).out
    assert "next        walras replay" in cli("import", path).out
    assert f"--store {copied}" in cli("import", path, "--store", str(copied)).out


def test_a_folder_is_no_trajectory(cli: Cli, tmp_path: Path) -> None:
    """The message says what it is."""
    ran = cli("import", str(tmp_path))
    assert ran.code == 2
    assert f"{tmp_path} is a directory." in ran.err


@pytest.mark.parametrize(
    ("argv", "ending"),
    [
        (("report", "@last", "-o"), "html"),
        (("export", "@last", "-o"), "csv"),
        (("export", "@last", "-o"), "jsonl"),
        (("backup",), "db"),
        (("space", "init", "market_maker", "-o"), "yaml"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(
    argv: tuple[str, ...], ending: str, made: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One code and one sentence for all, with the path that was typed, whoever writes the file."""
    monkeypatch.setenv("WALRAS_STORE", str(made))
    path = tmp_path / f"{'x' * 300}.{ending}"
    ran = cli(*argv, str(path))
    assert ran.code == 2
    assert f"Cannot write {path}: File name too long." in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_is_never_named(
    made: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails is the file that was typed, not the one beside it."""

    def denied(*given: object, **named: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/some/.temporary")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", denied)
    ran = cli("report", "@last", "-o", str(tmp_path / "r.html"), "--store", str(made))
    assert (ran.code, ".temporary" in ran.err) == (2, False)
    assert f"Cannot write {tmp_path / 'r.html'}: Permission denied." in ran.err


def test_an_ending_must_name_a_format(made: Path, cli: Cli, tmp_path: Path) -> None:
    """An unknown ending is refused unless --format says what; one that contradicts is warned of."""
    own = ("--store", str(made))
    ran = cli("export", "@last", "-o", str(tmp_path / "e.xyz"), *own)
    assert (ran.code, "--format" in ran.err) == (2, True)
    assert not (tmp_path / "e.xyz").exists()
    told = cli("export", "@last", "-o", str(tmp_path / "e.xyz"), "--format", "csv", *own)
    assert (told.code, told.err) == (0, "")
    odd = cli("export", "@last", "-o", str(tmp_path / "e.csv"), "--format", "jsonl", *own)
    assert (odd.code, odd.err) == (0, "warning: e.csv ends like csv but holds jsonl.\n")


@pytest.mark.parametrize("argv", [("show",), ("replay",), ("verify",), ("params",)])
def test_an_open_colon_names_nothing(argv: tuple[str, ...], made: Path, cli: Cli) -> None:
    """`@last:` is a slip."""
    ran = cli(*argv, "@last:", "--store", str(made))
    assert ran.code == 2
    assert "'@last:' names no iteration." in ran.err


# Words


def test_the_code_of_a_mistyped_name_is_the_audited_one(cli: Cli) -> None:
    """What is printed, what --json says and what the log keeps agree."""
    ran = cli("search", "market_maker", "--set", "strategy.mm.typo=1", "--json")
    (record,) = cli("audit", "--json").rows
    assert ran.body["code"] == record["code"] == "OPT_REFUSED_NOT_TUNABLE"
    assert f"error [{record['code']}]" in ran.err


def test_lost_proposals_are_said_loudly(capsys: Out) -> None:
    """All lost: that is the finding, not that nothing beat the defaults; some lost: counted by code."""
    lost = [row(place, None, Status.FAILED) for place in (1, 2)]
    tell_headline(RECORD, replace(HEAD, best=0), [row(0, 1.0), *lost, row(3, None, Status.REFUSED)])
    out = capsys.readouterr().out
    assert "3 of 3 proposals failed: LLM_REFUSED 3; only the defaults were measured." in out
    assert "Nothing beat" not in out
    tell_headline(RECORD, replace(HEAD, best=0), [row(0, 1.0), *lost, row(3, 0.5)])
    out = capsys.readouterr().out
    assert "2 of 3 proposals failed: LLM_REFUSED 2." in out
    assert "Nothing beat" in out
    tell_headline(RECORD, HEAD, [row(0, 1.0), row(1, 2.0)])
    assert "failed" not in capsys.readouterr().out


def test_a_winner_that_does_not_trade_is_called_that(cli: Cli) -> None:
    """Its score of 0 is the score of doing nothing."""
    wide = ("--set", "strategy.mm.half_spread_ticks=50")
    ran = cli("search", "market_maker", "--budget", "1", *wide, *SMALL)
    assert "made no fills: it does not trade" in ran.out
    assert "made no fills" in cli("show", "@last").out
    fixed = next(line for line in ran.out.splitlines() if line.endswith("fixed"))
    assert fixed.split()[1:] == ["50", "ticks", "3", "fixed"]
    shown = cli("search", "market_maker", *wide, "--dry-run").out.partition("Held fixed")[2]
    assert "ticks" in shown


def test_a_plugged_strategy_that_is_gone_keeps_its_fixed_rows(capsys: Out) -> None:
    """Without its schema there is no unit and no default to show."""
    space = replace(RECORD.spec.space, strategy="gone", fixed={"a.b": 1})
    tell_params(replace(RECORD, spec=replace(RECORD.spec, space=space)), {})
    assert "fixed" in capsys.readouterr().out


def test_each_look_is_told_once(made: Path, cli: Cli) -> None:
    """No second sentence repeats it."""
    out = cli("show", "@last", "--store", str(made)).out
    assert out.count("look 3 at") == 1


def test_no_difference_is_said_in_words(cli: Cli, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither `-0` nor `-0 ± 0` is ever printed."""
    from walras.search import Contribution, Explanation

    gone = Contribution(parameter="a.b", best=1, default=2, gain=-0.0, standard_error=0.0)
    found = Explanation(
        search="x",
        iteration=1,
        objective="belief_pnl",
        gain=0.0,
        gain_se=0.0,
        pairs=2,
        contributions=(gone,),
        metrics=(),
        facts=("a.b 2 -> 1: back at its default, the score changes by -0 ± 0.",),
    )
    monkeypatch.setattr(SEARCH, "explain", lambda *given, **named: found)
    out = cli("explain", "@last", "--store", str(made)).out
    assert "it makes no difference." in out
    assert "no difference\n" in out
    assert "-0" not in out
    assert number(-0.0) == "0"


def test_space_alone_shows_its_examples(cli: Cli) -> None:
    """Each on a line of its own, and no mark-up."""
    for argv in (("space",), ("space", "--help")):
        ran = cli(*argv)
        assert ran.code == 0
        assert "\n  walras space list\n  walras space init" in ran.out
        assert "\\b" not in ran.out


# Narrow places


def test_a_line_in_a_pipe_stays_short(capsys: Out) -> None:
    """A long reasoning ends between two words; codes stay whole."""
    event = ended(1, 2.0, text="seven " * 60)
    PlainLines()(event)
    (line,) = capsys.readouterr().out.splitlines()
    assert len(line) < 160
    assert line.endswith("seven …")
    assert shortened("x" * 50, 10) == "x" * 9 + "…"
    panel = Panel()
    refused = row(2, None, Status.REFUSED)
    assert refused.failure is not None
    named = replace(refused, failure=replace(refused.failure, code="OPT_REFUSED_HARD_GATE"))
    assert isinstance(event, IterationEnded)
    panel(replace(event, iteration=named))
    assert any("OPT_REFUSED_HARD_GATE" in value for _, value in panel._rows(60))


def test_a_narrow_screen_keeps_the_columns(
    made: Path, cli: Cli, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The widest texts give way, of dotted names the end stays, and numbers stay whole."""
    monkeypatch.setattr("walras.cli._output.screen_width", lambda: 60)
    monkeypatch.setattr("walras.cli._list_view.screen_width", lambda: 60)
    name = "strategy.market_maker.some_long_part.half_spread_ticks"
    table(("name", ">value", "what"), [(name, "123456789", "words " * 20)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert "half_spread_ticks" in lines[1]
    assert "123456789" in lines[1]
    listed = cli("list", "--store", str(made)).out.splitlines()
    assert max(map(len, listed)) <= 60
    assert "holdout" in listed[0]
    assert json.loads(cli("list", "--store", str(made), "--json").out.splitlines()[0])["id"] in listed[1]


def test_the_group_of_spaces_is_a_group() -> None:
    """It is found as one, so that the manual lists its commands."""
    from walras.cli._space import space

    assert isinstance(space, click.Group)


def test_a_report_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    """A file for people is as readable as any other file its owner makes."""
    from walras.cli._output import write_file

    before = os.umask(0o022)
    try:
        made = write_file(tmp_path / "page.html", "text")
    finally:
        os.umask(before)
    assert made.stat().st_mode & 0o777 == 0o644
