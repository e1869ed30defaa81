"""The commands that run something, for people and for scripts."""

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cli.conftest import SMALL, Cli

from walras.core import NOTICE, Unavailable
from walras.search import Comparison, SearchCreated

SEARCH = import_module("walras.search")
"""The package; the attribute `walras.search` is the function of the Python door."""


def test_search_prints_a_line_an_iteration_and_the_headline(cli: Cli) -> None:
    """In a pipe: who, each iteration, the judging, the headline with its three scores, what to do next."""
    ran = cli(
        "search",
        "market_maker",
        "--proposer",
        "random",
        "--budget",
        "3",
        *SMALL,
        "--set",
        "strategy.mm.mode=join",
    )
    assert ran.code == 0
    for text in (
        "random · seed 0",
        "#0",
        "#2",
        "judging the best",
        "search score",
        "holdout score",
        "fixed",
        NOTICE,
    ):
        assert text in ran.out
    extended = cli("resume", "@last", "--budget", "4")
    assert "resumed at 3/4" in extended.out
    assert "#3" in extended.out
    assert "#1 " not in extended.out.partition("judging")[0]
    assert cli("resume", "@last", "--budget", "2").code == 2


def test_events_are_json_lines(cli: Cli) -> None:
    """With --json: first created, one an iteration, last finished with best; logs stay on stderr."""
    ran = cli("search", "market_maker", "--budget", "2", *SMALL, "--json", "--log-json")
    assert [row["type"] for row in ran.rows] == [
        "search.created", "iteration.done", "iteration.done", "search.judging", "search.finished",
    ]  # fmt: skip
    assert ran.rows[0]["notice"] == NOTICE
    assert ran.rows[-1]["best"]["params"]
    logged = [json.loads(line) for line in ran.err.splitlines()]
    assert [row.get("iteration") for row in logged if row["event"] == "iteration.done"] == [0, 1]
    assert {row["search"] for row in logged} == {ran.rows[0]["search"]}


def test_a_finished_search_resumes_to_itself(copied: Path, cli: Cli) -> None:
    """Nothing runs; the headline is told again, in words and as the last event."""
    own = ("--store", str(copied))
    assert "holdout score" in cli("resume", "@last", *own).out
    assert [row["type"] for row in cli("resume", "@last", *own, "--json").rows] == ["search.finished"]


def test_watch_tells_a_finished_search_from_its_start(made: Path, cli: Cli) -> None:
    """The same events that the running search told."""
    own = ("--store", str(made))
    rows = cli("watch", "@last", *own, "--json").rows
    assert [row["type"] for row in rows] == ["search.created", *["iteration.done"] * 4, "search.finished"]
    assert rows[-2]["best_number"] == max(rows[1:-1], key=lambda row: row["score"])["number"]
    assert "Finished search" in cli("watch", "@last", *own).out


def test_watch_follows_and_gives_up(copied: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that stands still ends the watch only if one asked for that."""
    own = ("--store", str(copied))
    stop_after(monkeypatch, Unavailable("The endpoint gave no answer."))
    assert cli("search", "market_maker", *own).code == 8
    ran = cli("watch", "@last", *own, "--patience", "0.05", "--interval", "0.01")
    assert ran.code == 8
    assert "brought nothing new" in ran.err
    assert "walras resume" in ran.err


def stop_after(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every search be created and then end in `error`."""

    def start(bench: Any, request: Any, *, listen: Any) -> None:
        from walras.search import specify

        listen(SearchCreated(bench.store.create(specify(bench, request), budget=request.budget)))
        raise error

    monkeypatch.setattr(SEARCH, "start", start)


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [(KeyboardInterrupt(), 130, "interrupted:"), (Unavailable("Gone."), 8, "error [UNAVAILABLE]:")],
)
def test_what_stops_a_search_says_how_to_go_on(
    error: BaseException, code: int, word: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code of the cause, and the line that resumes, for people and for scripts."""
    stop_after(monkeypatch, error)
    ran = cli("search", "market_maker", "--json")
    assert ran.code == code
    assert ran.err.startswith(word)
    search = ran.rows[0]["search"]
    assert f"walras resume {search}" in ran.err
    assert ran.rows[-1]["resume"] == f"walras resume {search}"


def test_a_search_whose_reader_left_stops_and_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more goes to stdout; stderr has the line that resumes."""
    stop_after(monkeypatch, BrokenPipeError())
    ran = cli("search", "market_maker", "--json")
    assert ran.code == 130
    assert len(ran.rows) == 1
    assert "walras resume" in ran.err


def test_nothing_to_resume_before_a_search_exists(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted before anything was created, there is no line to print."""

    def start(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SEARCH, "start", start)
    ran = cli("search", "market_maker")
    assert (ran.code, "resume" in ran.err) == (130, False)


def test_compare_runs_and_reads(cli: Cli) -> None:
    """Two seeds cannot decide: code 5, the interval, the true sentence; the stored ones compare the same."""
    argv = ("compare", "market_maker", "--proposers", "random,tpe", "--repeats", "2", "--budget", "2", *SMALL)
    ran = cli(*argv)
    assert ran.code == 5
    for text in ("4/4", "Paired differences", "not enough evidence", "tpe - random", NOTICE):
        assert text in ran.out
    ids = ",".join(row["id"] for row in cli("list", "--json").rows)
    stored = cli("compare", "--searches", ids, "--json")
    assert stored.code == 5
    assert stored.body["enough_evidence"] is False
    assert {arm["proposer"] for arm in stored.body["arms"]} == {"random", "tpe"}


def test_replay_of_a_search_and_of_a_file(made: Path, cli: Cli, tmp_path: Path) -> None:
    """ok, byte for byte, from the store and from a file on an empty store."""
    path = tmp_path / "t.jsonl"
    cli("export", "@last", "-o", str(path), "--store", str(made))
    assert cli("replay", "@last", "--store", str(made)).out.startswith("ok: ")
    body = cli("replay", str(path), "--json").body
    assert (body["status"], body["iterations"]) == ("ok", 4)
    assert "Verified, judged and stored" in cli("import", str(path)).out
    assert cli("import", str(path), "--json").body["iterations"] == 4
    assert len(cli("list", "--json").rows) == 1
    assert "IMPORTED" in cli("audit").out


def test_a_tampered_file_is_refused(made: Path, cli: Cli, tmp_path: Path) -> None:
    """One changed digit is code 7, names the line, and stores nothing."""
    path = tmp_path / "t.jsonl"
    cli("export", "@last", "-o", str(path), "--store", str(made))
    lines = path.read_text().splitlines()
    lines[3] = lines[3].replace('"score":', '"score":1', 1)
    path.write_text("\n".join(lines) + "\n")
    for command in ("import", "replay"):
        ran = cli(command, str(path))
        assert ran.code == 7
        assert "line 4" in ran.err
    assert cli("list", "--json").rows == []


@pytest.mark.parametrize(
    ("status", "word"), [("mismatch", "mismatch after 1 of 4"), ("not comparable", "not comparable")]
)
def test_a_replay_that_is_not_ok(
    status: str, word: str, made: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mismatch names the field, not comparable the reason; both are code 7 and never say ok."""
    from walras.replay import Difference, ReplayResult, ReplayStatus

    gap = Difference(iteration=1, field="score", recorded="1", now="2") if status == "mismatch" else None
    why = () if gap else ("Proposals were not compared: numpy was 1, is 2.",)
    found = ReplayResult(
        status=ReplayStatus(status), iterations=1, backtests=1, digest="d", difference=gap, why=why
    )
    monkeypatch.setattr("walras.replay.replay", lambda *given, **named: found, raising=False)
    ran = cli("replay", "@last", "--store", str(made))
    assert ran.code == 7
    assert word in ran.err
    assert "ok" not in ran.out
    told = cli("replay", "@last", "--store", str(made), "--json")
    assert [row["type"] for row in told.rows] == ["replay", "error"]


def test_explain_computes_and_marks_words(copied: Path, cli: Cli) -> None:
    """Facts are computed; a model's words stand apart."""
    own = ("--store", str(copied))
    assert "What each parameter is worth" in cli("explain", "@last:1", *own).out
    ran = cli("explain", "@last:1", *own, "--endpoint", "scripted", "--model", "scripted-rules-1")
    assert ran.code == 0
    assert "a model's opinion, not computed" in ran.out
    assert cli("explain", "@last:1", *own, "--json").body["facts"]


def test_backtest_prints_a_report(cli: Cli) -> None:
    """For people the aggregate; for scripts the envelope itself."""
    ran = cli("backtest", "market_maker", "--set", "strategy.mm.half_spread_ticks=2", *SMALL)
    for text in ("P&L net of fees", "By regime", "belief_pnl (pUSD)", "half_spread_ticks", NOTICE):
        assert text in ran.out
    wide = ("--set", "strategy.mm.half_spread_ticks=50")
    still = cli("backtest", "market_maker", *wide, "--objective", "sharpe_per_block", *SMALL)
    assert "none:" in still.out
    assert "NO_FILLS" in still.out
    assert cli("backtest", "market_maker", "--objective", "nope").code == 2


def test_the_demo_compares_and_concludes_nothing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three proposers offline; the last sentence says what so few seeds can show."""
    monkeypatch.setattr("walras.cli._demo.BUDGET", 2)
    monkeypatch.setattr("walras.cli._demo.EVENTS", 10_000)
    ran = cli("demo")
    assert ran.code == 0
    for text in ("random", "tpe", "llm", "cannot separate proposers", "walras show @last"):
        assert text in ran.out
    assert {row["proposer"] for row in cli("list", "--tag", "demo", "--json").rows} == {
        "random",
        "tpe",
        "llm",
    }
    nothing = Comparison(
        space="s",
        objective="o",
        budget=1,
        repeats=1,
        arms=(),
        differences=(),
        verdict="",
        enough_evidence=True,
    )
    monkeypatch.setattr(SEARCH, "compare", lambda *given, **named: nothing)
    assert cli("demo", "--json").body["type"] == "comparison"
    assert cli("compare", "market_maker").code == 0


def test_doctor_finds_all_well(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check is ok or a remark; with a key that remark goes."""
    ran = cli("doctor")
    assert ran.code == 0
    assert "fail" not in ran.out
    assert "not configured" in ran.out
    monkeypatch.setenv("WALRAS_API_KEY", "canary")
    report = SimpleNamespace(engine_fingerprint="walras-engine/1")
    monkeypatch.setattr(SEARCH, "run_backtest_once", lambda *given, **named: report)
    body = cli("doctor", "--json").body
    assert body["ok"] is True
    assert "canary" not in json.dumps(body)


def test_doctor_asks_a_server(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is missing and a server that is down are faults with a mend."""
    from walras.endpoint import ServerReport

    answers = {
        "up": ServerReport(url="u", models=("m",)),
        "lacks": ServerReport(url="u", models=("m",), missing="x"),
        "down": ServerReport(url="u", problem="cannot be reached."),
    }
    report = SimpleNamespace(engine_fingerprint="walras-engine/1")
    monkeypatch.setattr(SEARCH, "run_backtest_once", lambda *given, **named: report)
    monkeypatch.setattr("walras.endpoint.check_server", lambda url, model, key: answers[url], raising=False)
    assert cli("doctor", "--endpoint", "up").code == 0
    assert "Name one that it lists." in cli("doctor", "--endpoint", "lacks").out
    ran = cli("doctor", "--endpoint", "down", "--model", "x", "--json")
    assert (ran.code, ran.body["ok"]) == (8, False)


def test_doctor_survives_what_is_broken(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that cannot be opened, a changed baseline, no spaces, a full disk: all are told."""
    ran = cli("doctor", "--store", str(tmp_path / "no" / "x.db"))
    assert ran.code == 8
    assert "mkdir" in ran.out
    monkeypatch.setattr("walras.policy.gated_digest_ok", lambda: False)
    monkeypatch.setattr("walras.wiring.shipped_spaces", dict)
    monkeypatch.setattr("walras.store.TrajectoryStore.free_bytes", lambda self: 1)

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("no engine")

    monkeypatch.setattr(SEARCH, "run_backtest_once", broken)
    checks = {check["name"]: check for check in cli("doctor", "--json").body["checks"]}
    assert [checks[name]["status"] for name in ("store", "policy", "spaces", "engine")] == [
        "note", "fail", "fail", "fail",
    ]  # fmt: skip
    monkeypatch.setattr("walras.store.TrajectoryStore.free_bytes", lambda self: None)
    assert "GB free" not in cli("doctor").out


def test_keeping(copied: Path, cli: Cli, tmp_path: Path) -> None:
    """Archive hides and undoes; backup copies; a store that was changed by hand does not verify."""
    own = ("--store", str(copied))
    hidden = cli("archive", "@last", *own)
    assert "is archived" in hidden.out
    assert len(cli("list", "--json", *own).rows) == 2
    assert len(cli("list", "--json", "--archived", *own).rows) == 3
    search = cli("list", "--json", "--state", "archived", *own).body["id"]
    assert cli("archive", search, "--undo", "--json", *own).body["state"] == "finished"
    assert "listed again" in cli("archive", search, "--undo", *own).out
    assert cli("backup", str(tmp_path / "b.db"), *own, "--json").body["bytes"] > 0
    assert "Copied and verified" in cli("backup", str(tmp_path / "c.db"), *own).out


def test_what_verify_finds_is_code_7(made: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are listed, each with where."""
    from walras.store import Finding

    found = (Finding(where="search x", problem="is broken"), Finding(where="audit 3", problem="is gone"))
    monkeypatch.setattr("walras.store.TrajectoryStore.verify", lambda self, search=None: found)
    ran = cli("verify", "--store", str(made))
    assert ran.code == 7
    assert "2 findings" in ran.err
    assert "audit 3: is gone" in ran.err


def test_the_audit_log_can_be_empty(cli: Cli) -> None:
    """An empty log is said in words."""
    assert "no such record" in cli("audit").out
