"""Replay runs everything again and names the first field that differs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.search._benches import Script, answer_text, bench_at, request_for

from walras.core import Failure, IntegrityError, RefusedByPolicy, Score, Status
from walras.execution import InProcess, JobResult
from walras.proposers import build_proposer
from walras.replay import ReplayStatus, first_difference, replay
from walras.search import start


@pytest.mark.parametrize("kind", ["random", "tpe", "llm"])
def test_a_recorded_search_replays_without_an_endpoint(tmp_path: Path, kind: str) -> None:
    """Every byte again, on a bench whose endpoint may not be asked."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, proposer=kind, batch=2, budget=6))
        trajectory = bench.store.trajectory(record.id)
    with bench_at(tmp_path / "b.db", endpoint=lambda choice: pytest.fail("asked")) as bench:
        seen: list[int] = []
        result = replay(bench, trajectory, listen=seen.append)
        assert result.ok, result
        assert (result.iterations, result.backtests) == (6, 6)
        assert result.digest == trajectory.digest
        assert seen == list(range(6))
        assert result.to_json()["status"] == "ok"


def test_refusals_and_failures_replay_too(tmp_path: Path) -> None:
    """An iteration that measured nothing comes out the same."""
    script = Script(answer_text(**{"risk.killswitch.x": 0}), "no", "no", "no", answer_text(2))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=4))
        result = replay(bench, bench.store.trajectory(record.id))
        assert result.ok, result
        assert result.backtests == 2


def changed(trajectory: Any, number: int, **changes: Any) -> Any:
    """Return a trajectory with one iteration changed."""
    rows = list(trajectory.iterations)
    rows[number] = replace(rows[number], **changes)
    return replace(trajectory, iterations=tuple(rows))


def test_the_first_field_that_differs_is_named(tmp_path: Path) -> None:
    """A forged score, a forged proposal and a forged headline are each found where they are."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=4))
        whole = bench.store.trajectory(record.id)
        rows = whole.iterations
        forged = changed(whole, 2, score=replace(rows[2].score, value=99.0))
        result = replay(bench, forged)
        assert result.status is ReplayStatus.MISMATCH
        assert result.difference is not None
        assert (result.difference.iteration, result.difference.field) == (2, "score")
        assert "recorded 99.0" in str(result.difference)
        assert rows[1].proposal is not None
        other = replace(rows[1].proposal, reasoning="a lie")
        result = replay(bench, changed(whole, 1, proposal=other))
        assert result.difference is not None
        assert result.difference.field == "proposal.reasoning"
        assert whole.headline is not None
        result = replay(bench, replace(whole, headline=replace(whole.headline, holdout_score=1e9)))
        assert result.difference is not None
        assert (result.difference.iteration, result.difference.field) == (None, "holdout_score")
        assert str(result.difference).startswith("search: holdout_score")
        assert result.iterations == 4


def test_another_engine_is_a_mismatch_at_once(tmp_path: Path) -> None:
    """Nothing is run where the engines differ."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=2)).id)
    with bench_at(tmp_path / "a.db", fingerprint_of=lambda strategy, objective: "newer") as bench:
        result = replay(bench, whole)
        assert result.status is ReplayStatus.MISMATCH
        assert result.difference is not None
        assert (result.difference.field, result.difference.now) == ("engine", "newer")
        assert result.backtests == 0


@pytest.mark.parametrize("then", [None, "odd", {"kind": "random", "numpy": "1.0"}])
def test_other_libraries_make_proposals_not_comparable(tmp_path: Path, then: Any) -> None:
    """Backtests still replay, and the answer is never `ok`."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=3)).id)
        meta = then if then == "odd" else {"proposer_fingerprint": then}
        old = replace(whole, header_meta={**whole.header_meta, "meta": meta})
        result = replay(bench, old)
        assert result.status is ReplayStatus.NOT_COMPARABLE
        assert not result.ok
        assert result.backtests == 3
        assert "Proposals were not compared" in result.why[0]


def test_an_open_search_replays_as_far_as_it_went(tmp_path: Path) -> None:
    """Without a headline only the iterations are compared."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=5, batch=3)).id)
        part = replace(whole, iterations=whole.iterations[:3], headline=None)
        result = replay(bench, part)
        assert result.ok
        assert result.iterations == 3


def test_what_depends_on_the_machine_is_not_run_again(tmp_path: Path) -> None:
    """A recorded timeout stays a timeout, and the replay says that it could not compare it."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=2)).id)
        slow = changed(
            whole,
            1,
            status=Status.FAILED,
            report=None,
            engine="",
            failure=Failure(code="BACKTEST_TIMEOUT", text="killed"),
            score=Score(value=None, value_reason="failed: BACKTEST_TIMEOUT"),
        )
        result = replay(bench, replace(slow, headline=None))
        assert result.status is ReplayStatus.NOT_COMPARABLE
        assert "depends on the machine" in result.why[0]


class Tired(InProcess):  # type: ignore[misc]  # final for users, not for this test
    """A machine that gives up on a backtest after `good` of them."""

    def __init__(self, good: int) -> None:
        super().__init__()
        self.good = good

    def next_done(self) -> tuple[int, JobResult]:
        """Run the oldest job, or fail it."""
        ticket, result = super().next_done()
        self.good -= 1
        failure = Failure(code="BACKTEST_TIMEOUT", text="killed")
        return ticket, result if self.good >= 0 else JobResult(failure=failure)


@pytest.mark.parametrize(("good", "said"), [(1, "Iteration 1 ended here"), (2, "headline was not compared")])
def test_a_slow_machine_is_no_mismatch(tmp_path: Path, good: int, said: str) -> None:
    """What this machine could not measure was not compared; it does not speak against the record."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=2)).id)
    with bench_at(tmp_path / "b.db", executor=lambda count: Tired(good)) as bench:
        result = replay(bench, whole)
        assert result.status is ReplayStatus.NOT_COMPARABLE, result
        assert said in result.why[0]


def test_a_headline_that_the_machine_cut_short_is_not_compared(tmp_path: Path) -> None:
    """A recorded holdout that was killed then may well be measured now."""
    with bench_at(tmp_path / "a.db", executor=lambda count: Tired(3)) as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=1)).id)
    with bench_at(tmp_path / "a.db") as bench:
        result = replay(bench, whole)
    cut = replace(whole, headline=replace(whole.headline, holdout_reason="failed: BACKTEST_TIMEOUT"))
    with bench_at(tmp_path / "b.db") as bench:
        assert result.ok
        assert replay(bench, cut).why == (
            "The headline was not compared: a backtest failed: BACKTEST_TIMEOUT.",
        )


def test_another_schema_is_a_mismatch(tmp_path: Path) -> None:
    """A header that names another schema is not the header that this search would get."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=1)).id)
        forged = replace(whole, header={**whole.header, "strategy_schema": "f" * 64})
        result = replay(bench, forged)
        assert result.difference is not None
        assert result.difference.field == "strategy_schema"


def test_an_answer_that_nothing_came_of_is_a_mismatch(tmp_path: Path) -> None:
    """Every stored answer has to be asked for again."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, proposer="llm", budget=3)).id)
        extra = replace(whole.exchanges[0], number=len(whole.exchanges), turn=2)
        result = replay(bench, replace(whole, exchanges=(*whole.exchanges, extra)))
        assert result.difference is not None
        assert (result.difference.iteration, result.difference.now) == (1, "not asked for")


def test_a_proposer_that_gives_too_few_is_a_mismatch(tmp_path: Path, monkeypatch: Any) -> None:
    """The contract is exactly `count` proposals."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=2)).id)

        def converse(self: Any, space: Any, history: Any, *, count: int) -> Any:
            yield from ()
            return ()

        monkeypatch.setattr(type(build_proposer(whole.spec.proposer, seed=0)), "converse", converse)
        result = replay(bench, whole)
        assert result.difference is not None
        assert (result.difference.field, result.difference.now) == ("proposals", "0")


def test_a_space_that_reads_otherwise_today_is_refused(tmp_path: Path) -> None:
    """A bound that the guard reads as another value makes another digest."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=1)).id)
        space: Any = json.loads(json.dumps(whole.header["space"]))
        space["parameters"]["strategy.mm.order_size"]["low"] = 5
        with pytest.raises(IntegrityError, match="not the one its digest"):
            replay(bench, replace(whole, header={**whole.header, "space": space}))


def test_a_space_that_a_gate_locks_is_refused_and_audited(tmp_path: Path) -> None:
    """A record is judged like any other input."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=1)).id)
        space: Any = {**whole.header["space"], "fixed": {"risk.killswitch.x": 1}}  # type: ignore[dict-item]
        with pytest.raises(RefusedByPolicy):
            replay(bench, replace(whole, header={**whole.header, "space": space}))
        (record,) = bench.store.audit_records(kind="refusal")
        assert record.detail["channel"] == "replay"


def test_a_record_no_search_could_have_made_is_refused(tmp_path: Path) -> None:
    """A batch of 0 would never end."""
    with bench_at(tmp_path / "a.db") as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, budget=2)).id)
        for name, value in (("batch", 0), ("batch", 10**9), ("seed", -1)):
            with pytest.raises(IntegrityError, match="No search has"):
                replay(bench, replace(whole, header={**whole.header, name: value}))


def test_a_lost_or_changed_answer_is_found(tmp_path: Path) -> None:
    """A prompt without its recorded answer, or with another prompt's, is a mismatch."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=3))
        whole = bench.store.trajectory(record.id)
        result = replay(bench, replace(whole, exchanges=whole.exchanges[:1]))
        assert result.difference is not None
        assert "No answer is recorded" in result.difference.now
        first = whole.exchanges[0]
        other = replace(first, prompt=replace(first.prompt, template="f" * 64))
        result = replay(bench, replace(whole, exchanges=(other, *whole.exchanges[1:])))
        assert result.difference is not None
        assert "differs from the record" in result.difference.now
        said = replace(first.prompt.messages[1], content="x" + first.prompt.messages[1].content)
        other = replace(first, prompt=replace(first.prompt, messages=(first.prompt.messages[0], said)))
        result = replay(bench, replace(whole, exchanges=(other, *whole.exchanges[1:])))
        assert result.difference is not None
        assert "first difference at byte" in result.difference.now


def test_records_without_a_proposal_stay_failed_where_proposals_are_not_compared(tmp_path: Path) -> None:
    """A failed turn is taken from the record."""
    script = Script("no", "no", "no")
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        whole = bench.store.trajectory(start(bench, request_for(bench, proposer="llm", budget=2)).id)
        old = replace(whole, header_meta={**whole.header_meta, "meta": {}})
        assert replay(bench, old).status is ReplayStatus.NOT_COMPARABLE


def test_differences_are_found_in_every_shape() -> None:
    """Missing keys, longer lists, other types, nested values."""
    found = first_difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]})
    assert found is not None
    assert (found.field, found.recorded, found.now) == ("a[1].b", "2", "3")
    found = first_difference({"a": 1}, {"a": 1, "c": 2})
    assert found is not None
    assert (found.field, found.recorded) == ("c", "absent")
    found = first_difference({"a": 1, "c": 2}, {"a": 1})
    assert found is not None
    assert found.now == "absent"
    found = first_difference([1], [1, 2])
    assert found is not None
    assert found.field == ""
    assert first_difference({"a": 1.0}, {"a": 1}) is not None
    assert first_difference({"a": [1, 2]}, {"a": [1, 2]}) is None
