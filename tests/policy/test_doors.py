"""Ways round the guard that were tried on the real doors; each stays closed, and says so."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.policy._product import SMALL, Offered, empty_store
from tests.policy.catalogue import Bench, Outcome, ThirdParty, _made_here, run_case
from tests.search._benches import Script, answer_text, bench_at, request_for, space_of

from walras.core import NOTICE, Proposal, RefusedByPolicy, Status
from walras.policy import FLOOR_POLICY, HARD_GATE, judge_file
from walras.proposers import Conversation
from walras.search import EndpointChoice, import_file, resume, start
from walras.store import read_trajectory, write_trajectory

SPACE = "name: t\nstrategy: market_maker\nparameters:\n"
SPACE += "  strategy.mm.half_spread_ticks: {type: int, low: 1, high: 10}\n"
BUNDLE: dict[str, Any] = {
    "format": "trajectory",
    "space": {"parameters": {"strategy.mm.half_spread_ticks": {"type": "int", "low": 1, "high": 10}}},
    "iterations": [{"params": {"strategy.mm.half_spread_ticks": 3}}],
}


def tried(channel: str, given: object, folder: Path) -> Outcome:
    """Run an attack as the catalogue runs its cases."""
    return run_case({"channel": channel, "fixture": "base", "input": given}, folder)


def is_shut(outcome: Outcome) -> bool:
    """Say whether an attack came to nothing."""
    return outcome.refused and not outcome.engine_calls


def test_a_twin_key_does_not_hide_a_gated_name(tmp_path: Path) -> None:
    """JSON keeps the last of two twins; the guard hears of what the first one held."""
    text = (
        '{"params": {"strategy.mm.half_spread_ticks": {"risk.killswitch.x": 0}, '
        '"strategy.mm.half_spread_ticks": 3}, "reasoning": ""}'
    )
    outcome = tried("llm_response", {"space": SPACE, "response_text": text}, tmp_path)
    assert is_shut(outcome)
    assert (outcome.code, outcome.audit_records, outcome.answer_stored) == (HARD_GATE, 1, True)


@pytest.mark.parametrize(
    "made",
    [
        "result = None",
        "result = 3",
        "result = (pair for pair in ())",
        "result = {}\nresult['strategy.mm.half_spread_ticks'] = result",
        "class R:\n    def __repr__(self): raise ValueError\nresult = {'strategy.mm.half_spread_ticks': R()}",
        "class R:\n    def __repr__(self): raise ValueError\nresult = R()",
        "class I(int): pass\nresult = {'strategy.mm.half_spread_ticks': I(3)}",
        "class D(dict):\n    def items(self): return []\nresult = D({'risk.killswitch.x': 0})",
        "class S(str):\n    def __eq__(self, other): return True\n"
        "    def __hash__(self): return hash('strategy.mm.half_spread_ticks')\n"
        "result = {S('risk.killswitch.x'): 3}",
        "result = {'risk.killswitch.x': 0, **{f'x{i}': 1 for i in range(20_000)}}",
    ],
)
def test_whatever_a_proposer_hands_over_is_a_stored_refusal(made: str, tmp_path: Path) -> None:
    """Odd objects are refused and recorded; none ends the search as a bug."""
    assert is_shut(tried("proposer", {"space": SPACE, "python": made}, tmp_path))


@pytest.mark.parametrize(
    "space",
    [
        "5",
        "b'risk.killswitch.x'",
        "None",
        "'risk.killswitch.x'",
        "__import__('collections').UserDict(name='t')",
        "{'name': 't', 'strategy': 'market_maker', 'parameters': {}, 'fixed': {'risk.killswitch.x'}}",
    ],
)
def test_python_objects_that_are_no_space(space: str, tmp_path: Path) -> None:
    """The Python door refuses them like a bad file, and audits it."""
    outcome = tried("python_api", {"python": f"space = {space}"}, tmp_path)
    assert is_shut(outcome)
    assert outcome.audit_records == 1


def test_a_policy_file_that_is_missing_is_audited(tmp_path: Path) -> None:
    """No start under a policy that cannot be read, and a record that someone tried."""
    outcome = tried("policy", {"space": SPACE, "policy_text": None}, tmp_path)
    assert is_shut(outcome)
    assert (outcome.code, outcome.audit_records) == ("OPT_POLICY_INVALID", 1)


def test_a_space_made_by_hand_is_judged_before_a_search_exists(tmp_path: Path) -> None:
    """`start` trusts no object: not even a search is created."""
    with bench_at(tmp_path / "s.db") as bench:
        wild = replace(space_of(bench), fixed={"risk.killswitch.x": 1})
        with pytest.raises(RefusedByPolicy):
            start(bench, request_for(bench, space=wild))
        assert bench.store.list() == ()
        (record,) = bench.store.audit_records(kind="refusal")
        assert record.detail["channel"] == "search"


def test_a_plugin_cannot_move_what_is_held_fixed(tmp_path: Path) -> None:
    """The guard keeps its own copy of the space that a proposer is shown."""
    name = "strategy.mm.inventory_skew"

    class Mover(ThirdParty):
        def converse(self, space: Any, history: Any, *, count: int) -> Conversation:
            del history
            space.fixed[name] = 2.0
            return (Proposal(params=dict(space.defaults), reasoning="", source="third"),) * count
            yield

    bench = Bench({"channel": "", "input": None}, tmp_path)
    bench.offered = (Offered("third", Mover),)
    bench.write("space.yaml", f"{SPACE}fixed: {{{name}: 0.25}}\n")
    told = bench.walras("search", "space.yaml", options=(*SMALL, "--proposer", "third"))
    assert {given[name] for given in bench.outcome(told).engine_inputs} == {0.25}


@pytest.mark.parametrize("command", ["import", "replay"])
def test_a_sound_file_over_a_gated_space_is_refused_and_audited(command: str, tmp_path: Path) -> None:
    """A forger who makes every digest whole still has to pass the guard."""
    bench, path = _forged(tmp_path)
    whole = read_trajectory(path)
    spec = replace(whole.spec, space=replace(whole.spec.space, fixed={"sec.signer.x": 1}))
    header = {"notice": NOTICE, **spec.to_body(), "spec_digest": spec.digest}
    write_trajectory(path, replace(whole, header=header))
    outcome = bench.outcome(bench.walras(command, "bundle.json"))
    assert is_shut(outcome)
    assert (outcome.code, outcome.exit_code, outcome.audit_records) == (HARD_GATE, 3, 1)


def test_a_gated_point_in_a_sound_file_never_runs(tmp_path: Path) -> None:
    """Replay makes its own proposals; the recorded point is compared, not run."""
    bench, path = _forged(tmp_path)
    whole = read_trajectory(path)
    row = whole.iterations[1]
    assert row.proposal is not None
    gated = replace(row.proposal, params={**row.proposal.params, "risk.killswitch.x": 0})
    for status in (Status.DONE, Status.REFUSED):
        changed = replace(row, proposal=gated, status=status)
        write_trajectory(path, replace(whole, iterations=(whole.iterations[0], changed)))
        outcome = bench.outcome(bench.walras("replay", "bundle.json"))
        assert outcome.exit_code == 7
        assert all(set(given) == outcome.declared for given in outcome.engine_inputs)


def _forged(folder: Path) -> tuple[Bench, Path]:
    bench = Bench({"channel": "import", "input": BUNDLE}, folder)
    path = folder / "bundle.json"
    _made_here(bench, BUNDLE, path)
    bench.store = empty_store(folder)
    bench.restart()
    return bench, path


@pytest.mark.parametrize(
    "row", [[], "x", {}, {"params": None}, {"params": {"strategy.mm.half_spread_ticks": 99}}]
)
def test_a_tampered_row_never_runs(row: object, tmp_path: Path) -> None:
    """Whatever stands in an unfinished row, a resume refuses it cleanly."""
    given = {"original_space": SPACE, "tamper": {"state": "proposed", "proposal": row}}
    outcome = tried("resume", given, tmp_path)
    assert is_shut(outcome)
    assert outcome.exit_code in (2, 7)


def test_a_tampered_finished_row_is_an_integrity_error(tmp_path: Path) -> None:
    """The chain speaks before anything of it is used."""
    change = {"state": "done", "params_json": {"risk.killswitch.x": 0}}
    outcome = tried("resume", {"original_space": SPACE, "tamper": change}, tmp_path)
    assert is_shut(outcome)
    assert outcome.exit_code == 7


def test_a_foreign_file_is_looked_into(tmp_path: Path) -> None:
    """Whole documents and JSON lines; what names no gate is left to others."""
    path = tmp_path / "study.json"
    for text in (
        json.dumps([{"params": {"risk.killswitch.x": 1}}], indent=2),
        '{"space": {"sec.signer": 1}}\n{"broken\n',
    ):
        path.write_text(text)
        with pytest.raises(RefusedByPolicy, match=r"study\.json"):
            judge_file(path, FLOOR_POLICY)
    path.write_bytes(b"\xff\x00 no text")
    judge_file(path, FLOOR_POLICY)


def test_an_imported_file_does_not_say_where_prompts_go(tmp_path: Path) -> None:
    """The address in a stranger's file is not used: it would get our key and our prompts."""
    path, seen = tmp_path / "s.jsonl", list[EndpointChoice]()
    with bench_at(tmp_path / "a.db", answerer=Script(answer_text())) as bench:
        done = start(bench, request_for(bench, proposer="llm", budget=2))
        whole = bench.store.trajectory(done.id)
    endpoint = {"kind": "live", "model": "m", "base_url": "https://else.where/v1", "strange": 1}
    write_trajectory(path, replace(whole, header_meta={**whole.header_meta, "meta": {"endpoint": endpoint}}))

    def answering(choice: EndpointChoice) -> Script:
        seen.append(choice)
        return Script(answer_text(4))

    with bench_at(tmp_path / "b.db", endpoint=answering) as bench:
        taken = import_file(bench, path)
        assert resume(bench, taken.id, budget=3).iterations == 3
    assert [(choice.model, choice.base_url) for choice in seen] == [("m", None)]
