"""The loop: one trajectory, however it was reached; refusals, failures, caps and degradation are stored."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.search._benches import CountingClock, Script, answer_text, bench_at, request_for

from walras.core import (
    CapReached,
    Caps,
    Failure,
    IntegrityError,
    InvalidFile,
    Iteration,
    RefusedByPolicy,
    Reply,
    SearchState,
    Status,
    Unavailable,
    UsageError,
)
from walras.execution import Executor, InProcess, JobResult
from walras.search import (
    EndpointChoice,
    IterationEnded,
    Judging,
    SearchCreated,
    SearchFinished,
    SearchResumed,
    resume,
    start,
)
from walras.store import IterationState, Unfinished


class Stopper:
    """Listens, and pulls the plug after a number of iterations."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, event: object) -> None:
        """Interrupt after the iteration number `after`."""
        if isinstance(event, IterationEnded) and event.iteration.number == self.after:
            raise KeyboardInterrupt


class Backwards(Executor):
    """Gives results in reverse order of submission, as a race between workers might."""

    def __init__(self) -> None:
        self._inner = InProcess()
        self._done: list[tuple[int, JobResult]] = []

    @property
    def capacity(self) -> int:
        """Return 4."""
        return 4

    @property
    def outstanding(self) -> int:
        """Return how many are not given back."""
        return self._inner.outstanding + len(self._done)

    def submit(self, job: Any) -> int:
        """Take a job."""
        return self._inner.submit(job)

    def next_done(self) -> tuple[int, JobResult]:
        """Return the youngest finished job."""
        while self._inner.outstanding:
            self._done.append(self._inner.next_done())
        return self._done.pop()

    def close(self) -> None:
        """Close."""
        self._inner.close()


def digest_of(bench: Any, search_id: str) -> str:
    """Return the body digest of a stored search."""
    return str(bench.store.trajectory(search_id).digest)


@pytest.mark.parametrize("kind", ["random", "tpe", "llm"])
@pytest.mark.parametrize("batch", [1, 3])
def test_an_interrupted_search_resumes_to_the_same_trajectory(tmp_path: Path, kind: str, batch: int) -> None:
    """Stopped after any iteration and resumed, a search has the digest of the uninterrupted one."""
    with bench_at(tmp_path / "a.db") as bench:
        request = request_for(bench, proposer=kind, batch=batch, budget=7)
        whole = digest_of(bench, start(bench, request).id)
        for after in (0, 2, 3, 5):
            with pytest.raises(KeyboardInterrupt):
                start(bench, request, listen=Stopper(after))
            stopped = bench.store.find("@last")
            assert stopped.iterations == after + 1
            done = resume(bench, stopped.id)
            assert digest_of(bench, done.id) == whole


@pytest.mark.parametrize("batch", [1, 4])
def test_an_extended_search_is_the_longer_search(tmp_path: Path, batch: int) -> None:
    """Extending 5 iterations to 9 gives the trajectory of 9, and leaves the first 5 as they were."""
    with bench_at(tmp_path / "a.db") as bench:
        short = start(bench, request_for(bench, proposer="tpe", batch=batch, budget=5))
        first = bench.store.iterations(short.id)
        longer = resume(bench, short.id, budget=9)
        fresh = start(bench, request_for(bench, proposer="tpe", batch=batch, budget=9))
        assert digest_of(bench, longer.id) == digest_of(bench, fresh.id)
        assert bench.store.iterations(short.id)[:5] == first
        assert longer.budget == 9


def test_results_out_of_order_give_the_same_trajectory(tmp_path: Path) -> None:
    """Workers that finish in another order change nothing."""
    with bench_at(tmp_path / "a.db") as bench:
        plain = start(bench, request_for(bench, batch=4, budget=9))
        with bench_at(tmp_path / "b.db", executor=lambda count: Backwards()) as other:
            raced = start(other, request_for(other, batch=4, budget=9))
            assert digest_of(other, raced.id) == digest_of(bench, plain.id)


def test_a_finished_search_resumes_to_itself(tmp_path: Path) -> None:
    """Resuming what is done changes nothing and runs nothing."""
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench))
        assert resume(bench, done.id) == done
        assert resume(bench, done.id, budget=done.budget) == done


def test_a_budget_cannot_shrink(tmp_path: Path) -> None:
    """A smaller budget than what is done is a usage error, and nothing is lost."""
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench))
        with pytest.raises(UsageError, match="would cut it"):
            resume(bench, done.id, budget=2)
        assert bench.store.find(done.id) == done


def test_events_tell_the_story_in_order(tmp_path: Path) -> None:
    """Created, one event an iteration, judging, finished with the best."""
    seen: list[Any] = []
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=3), listen=seen.append)
        kinds = [type(event) for event in seen]
        assert kinds == [
            SearchCreated,
            IterationEnded,
            IterationEnded,
            IterationEnded,
            Judging,
            SearchFinished,
        ]
        told = [event.to_json() for event in seen]
        assert told[0]["type"] == "search.created"
        assert told[0]["notice"] == "Synthetic replay only. Not a forecast."
        assert [row["type"] for row in told[1:4]] == ["iteration.done"] * 3
        assert told[4]["type"] == "search.judging"
        assert told[-1]["best"]["number"] == record.headline.best  # type: ignore[union-attr]
        assert told[-1]["best"]["holdout_looks"] == 1


def test_the_headline_has_three_kinds_of_number(tmp_path: Path) -> None:
    """Search, validate and holdout scores are on different scenarios; a second look counts as one more."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=4))
        head = record.headline
        assert head is not None
        assert head.best is not None
        numbers = [row.number for row in head.candidates]
        assert 0 in numbers
        assert head.best in numbers
        assert None not in (head.search_score, head.validate_score, head.holdout_score, head.holdout_se)
        assert record.holdout_looks == 1
        assert record.state is SearchState.FINISHED
        other = start(bench, request_for(bench, budget=4, seed=4))
        assert other.holdout_looks == 2


def test_a_gated_proposal_is_a_refused_iteration(tmp_path: Path) -> None:
    """A model that names a gate gets a stored refusal and one audit record; the search goes on."""
    script = Script(answer_text(**{"risk.killswitch.tripThreshold": 0}), answer_text(4))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=3))
        rows = bench.store.iterations(record.id)
        assert [row.status for row in rows] == [Status.DONE, Status.REFUSED, Status.DONE]
        refused = rows[1]
        assert refused.verdict is not None
        assert refused.verdict.code == "OPT_REFUSED_HARD_GATE"
        assert refused.report is None
        assert refused.score.value is None
        assert [row.code for row in bench.store.audit_records(kind="refusal")] == ["OPT_REFUSED_HARD_GATE"]


def test_an_invalid_answer_is_a_failed_iteration_after_two_re_asks(tmp_path: Path) -> None:
    """Three bad answers make one failed iteration with its reason; every answer is stored."""
    script = Script("no json", "{}", "[]", answer_text())
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=3))
        rows = bench.store.iterations(record.id)
        assert [row.status for row in rows] == [Status.DONE, Status.FAILED, Status.DONE]
        assert rows[1].exchanges == (0, 1, 2)
        assert rows[1].failure is not None
        assert rows[1].proposal is None
        assert [row.reply.text for row in bench.store.exchanges(record.id)][:3] == ["no json", "{}", "[]"]


def test_a_stored_answer_is_never_asked_for_again(tmp_path: Path) -> None:
    """Killed after the answer was stored and before the backtest, the resume asks nothing."""

    class Dying(Executor):
        capacity = 1
        outstanding = 0

        def submit(self, job: Any) -> int:
            raise KeyboardInterrupt

        def next_done(self) -> tuple[int, JobResult]:
            raise AssertionError("nothing was submitted")

        def close(self) -> None:
            """Close nothing."""

    script = Script(answer_text(2), answer_text(5))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench, proposer="llm", budget=3), listen=Stopper(0))
        record = bench.store.find("@last")
        with bench_at(tmp_path / "a.db", answerer=script, executor=lambda count: Dying()) as dying:
            with pytest.raises(KeyboardInterrupt):
                resume(dying, record.id)
        assert len(script.asked) == 1
        assert [row.number for row in bench.store.unfinished(record.id)] == [1]
        done = resume(bench, record.id)
        assert len(script.asked) == 2
        assert done.iterations == 3
        assert done.spent.calls == 2
        assert done.spent.usd == pytest.approx(0.5)


def test_an_endpoint_without_an_answer_stops_the_search_and_loses_nothing(tmp_path: Path) -> None:
    """A dead endpoint is no iteration: the search stops, says so, and a resume asks again."""
    down = Reply(error="LLM_NETWORK", error_text="connection refused")
    meta = {"attempts": [{"status": None, "ms": 2.0, "reason": "LLM_NETWORK"}] * 2}
    script = Script(down, meta=meta)
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with pytest.raises(Unavailable, match="LLM_NETWORK: connection refused"):
            start(bench, request_for(bench, proposer="llm", budget=2))
        record = bench.store.find("@last")
        assert record.iterations == 1
        assert record.spent.calls == 2
        assert bench.store.exchanges(record.id) == ()
    with bench_at(tmp_path / "a.db", answerer=Script(answer_text())) as bench:
        assert resume(bench, record.id).iterations == 2


def test_five_barren_turns_in_a_row_degrade_the_search(tmp_path: Path) -> None:
    """A model that never answers properly is stopped, never replaced by random points."""
    script = Script(*(["no"] * 15))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with pytest.raises(Unavailable, match="Degraded"):
            start(bench, request_for(bench, proposer="llm", budget=20))
        record = bench.store.find("@last")
        statuses = {row.status for row in bench.store.iterations(record.id)[1:]}
        assert statuses == {Status.FAILED}
        assert record.iterations == 6
        assert record.state is SearchState.OPEN


@pytest.mark.parametrize(
    ("caps", "message"),
    [
        (Caps(max_calls=2), "--max-calls 2"),
        (Caps(max_tokens=6_000), "--max-tokens 6000"),
        (Caps(max_usd=0.3), "--max-usd 0.3"),
        (Caps(max_minutes=0.2), "--max-minutes 0.2"),
    ],
)
def test_a_cap_stops_before_the_next_call(tmp_path: Path, caps: Caps, message: str) -> None:
    """Each cap stops the search before it is passed; a larger one lets it go on."""
    script = Script(*[answer_text(n % 9 + 1) for n in range(40)])
    priced = EndpointChoice(kind="live", model="m", price_in=1.0, price_out=1.0)
    with bench_at(tmp_path / "a.db", answerer=script, seconds=CountingClock()) as bench:
        request = request_for(bench, proposer="llm", budget=12, caps=caps, endpoint=priced)
        with pytest.raises(CapReached, match=message):
            start(bench, request)
        record = bench.store.find("@last")
        assert 1 <= record.iterations < 12
        assert script.allowed == ([2, 1] if caps.max_calls else [None] * len(script.allowed))
        larger = Caps(**{name: cap * 1000 for name, cap in vars(caps).items() if cap is not None})
        done = resume(bench, record.id, caps=larger)
        assert done.iterations == 12
        assert done.caps == larger


def test_the_money_cap_counts_what_the_next_call_may_cost(tmp_path: Path) -> None:
    """A call whose longest answer would pass the cap is not made."""
    script = Script(*[answer_text(n % 9 + 1) for n in range(40)])
    priced = EndpointChoice(kind="live", model="m", price_in=0.0, price_out=100.0)
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with pytest.raises(CapReached, match=r"--max-usd 1 .*1\.1596 USD with the next call"):
            start(
                bench, request_for(bench, proposer="llm", budget=9, caps=Caps(max_usd=1.0), endpoint=priced)
            )
        assert bench.store.find("@last").spent.usd == 0.75


def test_a_model_without_a_price_cannot_be_capped_in_money(tmp_path: Path) -> None:
    """A price table that does not name the model would count nothing."""
    table = tmp_path / "prices.json"
    table.write_text('{"another": {"in": 1, "out": 1}}')
    choice = EndpointChoice(kind="live", model="m", prices=table)
    with bench_at(tmp_path / "a.db", answerer=Script(answer_text())) as bench:
        wanted = request_for(bench, proposer="llm", budget=2, caps=Caps(max_usd=9.0), endpoint=choice)
        with pytest.raises(UsageError, match="price for model 'm'"):
            start(bench, wanted)
        table.write_text('{"m": {"in": 1, "out": 1}}')
        with pytest.raises(KeyboardInterrupt):
            start(bench, wanted, listen=Stopper(0))
        assert resume(bench, "@last").iterations == 2


def test_a_resume_raises_one_cap_and_keeps_the_others(tmp_path: Path) -> None:
    """Raising the cap on calls does not lift the one on tokens."""
    script = Script(*[answer_text(n % 9 + 1) for n in range(40)])
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        wanted = request_for(bench, proposer="llm", budget=4, caps=Caps(max_calls=1, max_tokens=1_000_000))
        with pytest.raises(CapReached, match="--max-calls 1"):
            start(bench, wanted)
        assert resume(bench, "@last", caps=Caps(max_calls=9)).caps == Caps(max_calls=9, max_tokens=1_000_000)


@pytest.mark.parametrize(
    "changes",
    [
        {"budget": 0},
        {"budget": 4},
        {"budget": 10**7},
        {"workers": 0},
        {"caps": Caps(max_calls=-1)},
        {"caps": Caps(max_usd=float("nan"))},
    ],
)
def test_a_bad_resume_changes_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    """A budget can only grow, and every number is checked as it is at the start."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench), listen=Stopper(0))
        before = bench.store.find("@last")
        with pytest.raises(UsageError):
            resume(bench, before.id, **changes)
        assert bench.store.find("@last") == before


def test_a_batch_without_a_proposal_is_one_barren_turn(tmp_path: Path) -> None:
    """One bad answer for a batch of eight does not degrade a search, and the end of the budget is an end."""
    script = Script(*(["no"] * 3))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=9, batch=8))
        assert record.state is SearchState.FINISHED
        assert len(script.asked) == 3


def test_no_address_of_a_scripted_endpoint_is_kept(tmp_path: Path) -> None:
    """Nothing was checked in an address that is not used, so nothing of it is stored."""
    choice = EndpointChoice(kind="scripted", base_url="https://user:canary@host/v1?key=canary")
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=1, endpoint=choice))
        assert "canary" not in str(bench.store.trajectory(record.id).header_meta)


def test_minutes_cap_a_search_without_a_model_too(tmp_path: Path) -> None:
    """--max-minutes holds for random and TPE."""
    with bench_at(tmp_path / "a.db", seconds=CountingClock()) as bench:
        with pytest.raises(CapReached, match="--max-minutes"):
            start(bench, request_for(bench, budget=50, caps=Caps(max_minutes=0.1)))


def test_a_failing_backtest_is_a_failed_iteration(tmp_path: Path) -> None:
    """What a worker could not measure is stored with its reason, and the search goes on to its budget."""

    class Broken(Executor):
        capacity = 1

        def __init__(self) -> None:
            self.waiting: list[int] = []

        @property
        def outstanding(self) -> int:
            return len(self.waiting)

        def submit(self, job: Any) -> int:
            del job
            self.waiting.append(len(self.waiting))
            return self.waiting[-1]

        def next_done(self) -> tuple[int, JobResult]:
            ticket = self.waiting.pop()
            kind = Failure(code="BACKTEST_TIMEOUT", text="no answer within 1 s: killed")
            return ticket, JobResult(failure=kind if ticket % 2 == 0 else None)

        def close(self) -> None:
            """Close nothing."""

    with bench_at(tmp_path / "a.db", executor=lambda count: Broken()) as bench:
        record = start(bench, request_for(bench, budget=3))
        rows = bench.store.iterations(record.id)
        assert {row.status for row in rows} == {Status.FAILED}
        assert rows[0].failure == Failure(code="BACKTEST_TIMEOUT", text="no answer within 1 s: killed")
        assert record.headline is not None
        assert record.headline.best is None
        assert record.headline.reason == "No iteration has a score."
        assert record.holdout_looks == 0


def test_another_engine_cannot_go_on_with_a_search(tmp_path: Path) -> None:
    """A search made with another engine is refused at resume, and nothing changes."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench), listen=Stopper(1))
        record = bench.store.find("@last")
    with bench_at(tmp_path / "a.db", fingerprint_of=lambda strategy, objective: "another") as bench:
        with pytest.raises(IntegrityError, match="another engine"):
            resume(bench, record.id)
        assert bench.store.find(record.id).iterations == 2


def test_another_proposer_build_cannot_go_on_with_a_search(tmp_path: Path, monkeypatch: Any) -> None:
    """Other library versions would mix two proposers; the resume says which differ."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench), listen=Stopper(1))
        from walras.proposers import build_proposer

        record = bench.store.find("@last")
        kind = type(build_proposer(record.spec.proposer, seed=0))
        monkeypatch.setattr(kind, "fingerprint", lambda self: {"kind": "random", "numpy": "9"})
        with pytest.raises(IntegrityError, match="numpy"):
            resume(bench, record.id)


def test_a_record_that_does_not_say_what_proposed_goes_on(tmp_path: Path, monkeypatch: Any) -> None:
    """An imported file may leave that out; replay will say that proposals cannot be compared."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench), listen=Stopper(1))
        bare = replace(bench.store.find("@last"), meta={})
        with monkeypatch.context() as patched:
            patched.setattr(type(bench.store), "find", lambda self, ref: bare)
            assert resume(bench, "@last").iterations == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"budget": 0},
        {"budget": -3},
        {"budget": 2.0},
        {"seed": True},
        {"scenarios": "2"},
        {"events": 6400.0},
        {"tags": (1,)},
        {"caps": {"max_usd": 1}},
        {"caps": Caps(max_calls=2.5)},  # type: ignore[arg-type]
        {"batch": 0},
        {"workers": 0},
        {"seed": -1},
        {"caps": Caps(max_usd=0)},
        {"caps": Caps(max_minutes=float("nan"))},
        {"proposer": "astrology"},
        {"options": {"nope": 1}},
        {"scenarios": 0},
        {"events": 0},
        {"proposer": "llm", "endpoint": EndpointChoice(kind="live", model="m"), "caps": Caps(max_usd=1.0)},
    ],
)
def test_a_bad_request_creates_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Every impossible request is a usage error before the store holds anything."""
    with bench_at(tmp_path / "a.db", answerer=Script()) as bench:
        with pytest.raises(UsageError):
            start(bench, request_for(bench, **changes))
        assert bench.store.list() == ()


def test_an_unknown_objective_is_named(tmp_path: Path) -> None:
    """The error lists the objectives there are."""
    from tests.search._benches import space_of

    with bench_at(tmp_path / "a.db") as bench:
        space = replace(space_of(bench), objective="fame")
        with pytest.raises(UsageError, match="belief_pnl"):
            start(bench, request_for(bench, space=space))


def test_a_proposer_that_gives_too_few_stops_the_search(tmp_path: Path, monkeypatch: Any) -> None:
    """The contract is exactly `count` proposals."""
    from walras.core import ProposerSpec
    from walras.proposers import build_proposer

    kind = type(build_proposer(ProposerSpec(kind="random"), seed=0))

    def converse(self: Any, space: Any, history: Any, *, count: int) -> Any:
        yield from ()
        return ()

    monkeypatch.setattr(kind, "converse", converse)
    with bench_at(tmp_path / "a.db") as bench, pytest.raises(Unavailable, match="gave 0 of 1"):
        start(bench, request_for(bench))


def test_iterations_survive_the_store_byte_for_byte(tmp_path: Path) -> None:
    """What comes out of the store has the body that went in."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=2))
        for row in bench.store.iterations(record.id):
            assert Iteration.from_body(row.to_body(), row.meta).to_body() == row.to_body()


def test_resuming_says_so(tmp_path: Path) -> None:
    """The first event of a resume is search.resumed."""
    seen: list[Any] = []
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench), listen=Stopper(1))
        resume(bench, "@last", workers=2, listen=seen.append)
        assert isinstance(seen[0], SearchResumed)
        assert seen[0].to_json()["iterations"] == 2


def test_a_changed_prompt_is_drift(tmp_path: Path, monkeypatch: Any) -> None:
    """A stored answer is not given to another prompt."""
    script = Script("no", answer_text(2))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench, proposer="llm", budget=2, batch=1), listen=Stopper(0))
        script.answers = ["no"]
        with pytest.raises(KeyboardInterrupt):
            resume(bench, "@last")
        stored = bench.store.exchanges(bench.store.find("@last").id)
        assert len(stored) == 1
        other = replace(stored[0], prompt=replace(stored[0].prompt, template="f" * 64))
        monkeypatch.setattr(type(bench.store), "exchanges", lambda self, ref: (other,))
        with pytest.raises(IntegrityError, match="differs from the record"):
            resume(bench, "@last")


def test_a_search_whose_endpoint_is_gone_asks_for_one(tmp_path: Path, monkeypatch: Any) -> None:
    """Without an endpoint the next question cannot be asked, and the error says what to give."""
    script = Script(answer_text())
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench, proposer="llm", budget=3), listen=Stopper(0))
        silent = replace(bench, endpoint=lambda choice: None)  # type: ignore[arg-type, return-value]
        with pytest.raises(Unavailable, match="not stored"):
            resume(silent, "@last", endpoint=EndpointChoice(kind="live", model="other"))


def test_finalists_that_cannot_be_judged_leave_a_reason(tmp_path: Path) -> None:
    """If validate or holdout measures nothing, the headline says so."""

    class Tired(InProcess):  # type: ignore[misc]  # final for users, not for this test
        def __init__(self, good: int) -> None:
            super().__init__()
            self.good = good

        def next_done(self) -> tuple[int, JobResult]:
            ticket, result = super().next_done()
            self.good -= 1
            failure = Failure(code="BACKTEST_CRASHED", text="SIGKILL")
            return ticket, result if self.good >= 0 else JobResult(failure=failure)

    with bench_at(tmp_path / "a.db", executor=lambda count: Tired(1)) as bench:
        head = start(bench, request_for(bench, budget=1)).headline
        assert head is not None
        assert head.reason == "No finalist has a score on validate."
        assert head.candidates[0].reason == "failed: BACKTEST_CRASHED"
    with bench_at(tmp_path / "b.db", executor=lambda count: Tired(2)) as bench:
        head = start(bench, request_for(bench, budget=1)).headline
        assert head is not None
        assert head.holdout_score is None
        assert head.holdout_reason == "failed: BACKTEST_CRASHED"


def test_a_stored_proposal_that_a_gate_locks_today_stops_the_resume(tmp_path: Path) -> None:
    """Gates are judged by today's policy; nothing is run."""
    from walras.policy import load_policy

    class Dying(InProcess):  # type: ignore[misc]  # final for users, not for this test
        def submit(self, job: Any) -> int:
            del job
            raise KeyboardInterrupt

    policy = tmp_path / "policy.yaml"
    policy.write_text("extra_gates: [strategy.mm.order_size]\n")
    with bench_at(tmp_path / "a.db", executor=lambda count: Dying()) as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench))
    with bench_at(tmp_path / "a.db", policy=load_policy(policy)) as bench:
        with pytest.raises(RefusedByPolicy):
            resume(bench, "@last")
        assert bench.store.find("@last").iterations == 0


@pytest.mark.parametrize(
    ("name", "error"), [("risk.killswitch.x", RefusedByPolicy), ("strategy.mm.nope", InvalidFile)]
)
def test_an_unfinished_row_is_judged_before_it_runs(
    tmp_path: Path, monkeypatch: Any, name: str, error: type[Exception]
) -> None:
    """What a store says was proposed is input like any other; a row that was only claimed says nothing."""
    rows = [
        Unfinished(number=2, state=IterationState.CLAIMED),
        Unfinished(number=3, state=IterationState.PROPOSED, body={"params": {name: 1}}),
    ]
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench), listen=Stopper(1))
        monkeypatch.setattr(type(bench.store), "unfinished", lambda self, ref: rows)
        with pytest.raises(error):
            resume(bench, "@last")
        assert bench.store.find("@last").iterations == 2
        (record,) = bench.store.audit_records(kind="refusal")
        assert record.detail["channel"] == "resume"


def test_events_say_why_nothing_was_found(tmp_path: Path) -> None:
    """A failure stands in its event, and a search without a score ends without a best."""
    seen: list[Any] = []
    with bench_at(tmp_path / "a.db", executor=lambda count: _Failing()) as bench:
        start(bench, request_for(bench, budget=1, scenarios=None), listen=seen.append)
    told = [event.to_json() for event in seen]
    assert told[1]["failure"] == {"code": "BACKTEST_TIMEOUT", "text": "killed"}
    assert (told[-1]["best"], told[-1]["reason"]) == (None, "No iteration has a score.")


class _Failing(InProcess):  # type: ignore[misc]  # final for users, not for this test
    def next_done(self) -> tuple[int, JobResult]:
        """Fail the oldest job without running it."""
        ticket, _ = self._queue.popleft()
        return ticket, JobResult(failure=Failure(code="BACKTEST_TIMEOUT", text="killed"))


def test_a_part_that_the_loop_does_not_have_is_an_attribute_error() -> None:
    """The lazy front door says what is missing."""
    from walras import search as front

    assert not hasattr(import_module("walras.search"), "nothing")
    assert callable(front)


def test_no_answer_is_paid_for_on_a_full_disk(tmp_path: Path, monkeypatch: Any) -> None:
    """Below 64 MB no model is asked, and the search can be resumed."""
    script = Script(answer_text())
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        with monkeypatch.context() as full:
            full.setattr(type(bench.store), "free_bytes", lambda self: 10 * 2**20)
            with pytest.raises(Unavailable, match="Only 10 MB"):
                start(bench, request_for(bench, proposer="llm", budget=2))
        assert script.asked == []
        assert resume(bench, "@last").iterations == 2


def test_a_resume_that_says_nothing_of_the_kind_keeps_it(tmp_path: Path) -> None:
    """Prices given at a resume do not turn a scripted search into a live one."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(KeyboardInterrupt):
            start(bench, request_for(bench, proposer="llm", budget=3), listen=Stopper(0))
        done = resume(bench, "@last", endpoint=EndpointChoice(price_in=1.0, price_out=1.0))
        assert done.iterations == 3
        assert {row.reply.model for row in bench.store.exchanges(done.id)} == {"scripted-rules-1"}
