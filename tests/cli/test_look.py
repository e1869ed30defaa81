"""The commands that look: each for people and for scripts, on a store that they leave as it is."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from walras.core import NOTICE


@pytest.fixture
def ids(made: Path, cli: Cli) -> dict[str, str]:
    """Return the id of each made search by its proposer."""
    return {row["proposer"]: row["id"] for row in cli("list", "--store", str(made), "--json").rows}


@pytest.fixture(autouse=True)
def _made(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALRAS_STORE", str(made))


def test_list_is_a_table_and_json_lines(cli: Cli, ids: dict[str, str]) -> None:
    """One line a search, newest first, with what one needs to choose."""
    ran = cli("list")
    assert ran.code == 0
    lines = [line for line in ran.out.splitlines() if "finished" in line]
    assert [line.split()[0] for line in lines] == [ids["llm"], ids["tpe"], ids["random"]]
    assert "first #base" in lines[-1]
    assert "4/4" in lines[0]
    rows = cli("list", "--json").rows
    assert all({"id", "notice", "done", "best_score", "headline"} <= set(row) for row in rows)


@pytest.mark.parametrize(
    ("argv", "proposers"),
    [
        (("--proposer", "tpe"), ["tpe"]),
        (("--tag", "base"), ["tpe", "random"]),
        (("--name", "first"), ["random"]),
        (("--strategy", "market_maker", "--limit", "1"), ["llm"]),
        (("--state", "open"), []),
        (("--state", "archived"), []),
    ],
)
def test_list_can_be_narrowed(argv: tuple[str, ...], proposers: list[str], cli: Cli) -> None:
    """Filters leave what fits; nothing left is said in words."""
    assert [row["proposer"] for row in cli("list", *argv, "--json").rows] == proposers
    if not proposers:
        assert "No such search" in cli("list", *argv).out


def test_show_a_search(cli: Cli, ids: dict[str, str]) -> None:
    """A search in one screen: facts, the three scores each with what it is, params, best iterations, next."""
    ran = cli("show", ids["tpe"])
    assert ran.code == 0
    for text in (
        "finished, 4 of 4 iterations", "a note", "#base", "search score", "validate score", "holdout score",
        "that nothing was chosen on", "Best parameters", "by search score", "walras replay", NOTICE,
    ):  # fmt: skip
        assert text in ran.out
    assert "Every iteration" in cli("show", ids["tpe"][:8], "--all").out
    body = cli("show", ids["tpe"], "--json").body
    assert [row["number"] for row in body["rows"]] == [0, 1, 2, 3]
    assert body["trials"] == 12
    assert body["headline"]["candidates"]


def test_the_looks_at_a_holdout_are_counted(cli: Cli, ids: dict[str, str]) -> None:
    """The first look is called the first; a later one says which it is."""
    assert "the first look at them" in cli("show", ids["random"]).out
    assert "look 3 at them" in cli("show", ids["llm"]).out


def test_show_an_iteration_whole(cli: Cli, ids: dict[str, str]) -> None:
    """Params, reasoning, prompts and answers, and what was measured."""
    ran = cli("show", f"{ids['llm']}:2")
    for text in ("Proposed parameters", "Observation", "Hypothesis", "predicted", "Exchange", "answer:",
                 "P&L net of fees", "By regime", "ADMITTED", "tokens in"):  # fmt: skip
        assert text in ran.out
    body = cli("show", f"{ids['llm']}:2", "--json").body
    assert body["number"] == 2
    assert body["talk"][0]["prompt"]["messages"]
    assert body["report"]["notice"] == NOTICE
    assert "The strategy's defaults." in cli("show", f"{ids['random']}:0").out
    assert "Iteration" in cli("show", f"{ids['random']}:best").out


def test_last_and_best(cli: Cli, ids: dict[str, str]) -> None:
    """@last is the newest, @best the one with the best holdout score."""
    assert cli("show", "@last", "--json").body["id"] == ids["llm"]
    rows = cli("list", "--json").rows
    best = max(rows, key=lambda row: row["headline"]["holdout_score"])
    assert cli("show", "@best", "--json").body["search"] == best["id"]


@pytest.mark.parametrize("ref", ["@last:9", "@last:x", "zz", "@nobody"])
def test_what_is_not_there(ref: str, cli: Cli) -> None:
    """A wrong reference is a usage error."""
    assert cli("show", ref).code == 2


def test_params_go_back_in(cli: Cli, ids: dict[str, str], tmp_path: Path) -> None:
    """What `params` prints, `backtest --params` takes, and it scores as the iteration did."""
    ran = cli("params", f"{ids['random']}:2")
    path = tmp_path / "winner.yaml"
    path.write_text(ran.out)
    assert ran.out.startswith(f"# {NOTICE}\n")
    body = cli("params", f"{ids['random']}:2", "--json").body
    assert body["params"]["strategy.mm.max_inventory"] == 500
    small = ("--scenarios", "2", "--events", "10000")
    envelope = cli("backtest", "market_maker", "--params", str(path), *small, "--json").body
    shown = cli("show", f"{ids['random']}:2", "--json").body
    assert envelope["scenarios"] == shown["report"]["scenarios"]


def test_params_fit_into_fixed(cli: Cli, ids: dict[str, str], tmp_path: Path) -> None:
    """The same lines stand under `fixed` of a space."""
    lines = [line for line in cli("params", ids["random"]).out.splitlines() if not line.startswith("#")]
    kept = [f"  {line}" for line in lines if "half_spread" not in line]
    path = tmp_path / "s.yaml"
    path.write_text(
        "name: s\nstrategy: market_maker\nparameters:\n"
        "  strategy.mm.half_spread_ticks: {type: int, low: 1, high: 5}\nfixed:\n" + "\n".join(kept) + "\n"
    )
    assert cli("space", "check", str(path)).code == 0


def test_export_in_each_form(cli: Cli, ids: dict[str, str], tmp_path: Path) -> None:
    """The ending names the form, --format overrides it, and each holds the notice."""
    for name, form in (("a.jsonl", "jsonl"), ("a.csv", "csv"), ("a.parquet", "parquet")):
        if form == "parquet":
            pytest.importorskip("pyarrow")
        path = tmp_path / name
        body = cli("export", ids["random"], "-o", str(path), "--json").body
        assert (body["format"], body["bytes"]) == (form, path.stat().st_size)
        assert NOTICE.encode() in path.read_bytes()
    ran = cli("export", ids["random"], "-o", str(tmp_path / "b.txt"), "--format", "csv")
    assert "(csv," in ran.out
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["header", *["iteration"] * 4, "result"]


def test_report_is_written_whole(cli: Cli, ids: dict[str, str], tmp_path: Path) -> None:
    """One page from disk; a folder that is missing or a folder as a file is a usage error."""
    path = tmp_path / "r.html"
    assert cli("report", ids["tpe"], "-o", str(path)).code == 0
    assert NOTICE in path.read_text()
    body = cli("report", ids["tpe"], "-o", str(path), "--json").body
    assert body["bytes"] == path.stat().st_size
    assert cli("report", ids["tpe"], "-o", str(tmp_path / "no" / "r.html")).code == 2
    assert cli("report", ids["tpe"], "-o", "/dev/null").code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.html"]


def test_verify_says_sound(cli: Cli, ids: dict[str, str], made: Path) -> None:
    """A sound store or search is code 0, in words and as JSON."""
    assert "Sound: store" in cli("verify").out
    assert cli("verify", "@last", "--json").body["search"] == ids["llm"]


def test_config_names_every_origin(cli: Cli, made: Path) -> None:
    """Each setting has a value and where it came from."""
    body = cli("config", "--json").body["settings"]
    assert body["store"]["origin"] == "WALRAS_STORE"
    assert cli("config", "--store", "x.db", "--json").body["settings"]["store"]["origin"] == "--store"
    assert (
        cli("config", "--policy", "p.yaml", "--json").body["settings"]["policy file"]["origin"] == "--policy"
    )
    assert "setting" in cli("config").out


def test_completion_scripts(cli: Cli) -> None:
    """Each shell gets its script."""
    for shell in ("bash", "zsh", "fish"):
        assert "_WALRAS_COMPLETE" in cli("completion", shell).out
    assert cli("completion", "zsh", "--json").body["shell"] == "zsh"
    assert cli("completion", "csh").code == 2


def test_spaces(cli: Cli, tmp_path: Path) -> None:
    """List, show, write and check search spaces."""
    assert {row["name"] for row in cli("space", "list", "--json").body["spaces"]} >= {"market_maker"}
    assert "inventory_maker" in cli("space", "list").out
    shown = cli("space", "show", "market_maker")
    assert "risk.killswitch.*" in shown.out
    assert "code review" in shown.out
    assert cli("space", "show", "market_maker", "--json").body["locked"]
    path = tmp_path / "mine.yaml"
    assert cli("space", "init", "market_maker").out.count("type:") >= 5
    assert cli("space", "init", "market_maker", "-o", str(path)).code == 0
    assert cli("space", "init", "market_maker", "-o", str(path)).code == 2
    assert (
        cli("space", "init", "market_maker", "-o", str(path), "--force", "--json").body["text"]
        == path.read_text()
    )
    assert cli("space", "check", str(path)).out.startswith("ok: ")
    assert cli("space", "check", str(path), "--set", "strategy.mm.mode=join", "--json").body["ok"] is True
    assert cli("space", "init", "nope").code == 2


def test_a_condition_is_shown(cli: Cli, tmp_path: Path) -> None:
    """A dimension that exists only sometimes says when."""
    path = tmp_path / "s.yaml"
    path.write_text(
        "name: s\nstrategy: market_maker\nparameters:\n"
        "  strategy.mm.mode: {type: categorical, choices: [join, improve]}\n"
        "  strategy.mm.order_size: {type: float, low: 5, high: 50, step: 5, when: {strategy.mm.mode: join}}\n"
    )
    out = cli("space", "show", str(path)).out
    assert "Only where strategy.mm.mode is join." in out
    assert "step 5" in out


def test_a_dry_run_creates_nothing(cli: Cli, tmp_path: Path) -> None:
    """The whole specification is checked and shown, and the store stays empty."""
    own = ("--store", str(tmp_path / "dry.db"))
    assert "nothing was created" in cli("search", "market_maker", "--dry-run", *own).out
    body = cli("search", "market_maker", "--dry-run", "--json", "--seed", "7", *own).body
    assert body["spec"]["seed"] == 7
    assert cli("list", "--json", *own).rows == []
