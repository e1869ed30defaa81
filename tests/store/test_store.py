"""What every store must do, run on a SQLite file, in memory and on PostgreSQL."""

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.store.samples import (
    body_of,
    done,
    exchange,
    failed,
    finished,
    headline,
    proposal,
    refused,
    report,
    run_one,
    scenarios,
    spec,
)

from walras.core import (
    AmbiguousName,
    Caps,
    IntegrityError,
    Reply,
    SearchState,
    Spent,
    Unavailable,
    UnknownName,
    UsageError,
    digest,
)
from walras.store import Attempt, IterationState, TrajectoryStore, Unfinished

ODD_TEXTS = (
    "\0",
    "\ud800 lone",
    "emoji \U0001f600",
    "a\r\nb",
    "'; DROP TABLE walras_search; --",
    "x" * 1_000_000,
)
ODD_NUMBERS = (2**63 - 1, -(2**63), 2**40, -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2)


class TestSearches:
    def test_a_search_comes_back_as_it_was_made(self, store: TrajectoryStore) -> None:
        """Specification, words and caps survive, odd characters included."""
        caps = Caps(max_usd=0.1 + 0.2, max_calls=2**63 - 1)
        made = store.create(
            spec(), budget=3, caps=caps, name="a\0b", note="\ud800", tags=("x", "é"), meta={"k": [1, None]}
        )
        found = store.find(made.id)
        assert found == made
        assert found.spec == spec()
        assert found.spec.digest == spec().digest
        assert (found.caps, found.name, found.note, found.tags) == (caps, "a\0b", "\ud800", ("x", "é"))
        assert (found.state, found.iterations, found.meta) == (SearchState.OPEN, 0, {"k": [1, None]})

    def test_units_and_descriptions_survive(self, store: TrajectoryStore) -> None:
        """The text that the digest leaves out comes back too, so a resumed prompt is the same."""
        axis = store.create(spec(), budget=1).spec.space.by_name["strategy.mm.order_size"]
        assert (axis.unit, axis.description) == ("shares", "Shares a quote.")

    def test_ids_are_checked(self, store: TrajectoryStore) -> None:
        """An id has one form; the same search again is the same row, another one is refused."""
        one = store.create(spec(), budget=1, id="0123456789ab")
        assert store.create(spec(), budget=1, id="0123456789ab") == one
        with pytest.raises(UsageError, match="another search"):
            store.create(spec(seed=8), budget=1, id="0123456789ab")
        with pytest.raises(UsageError, match="not a search id"):
            store.create(spec(), budget=1, id="UPPER")
        with pytest.raises(UsageError, match="no budget"):
            store.create(spec(), budget=0)

    def test_find_takes_prefixes_and_last(self, store: TrajectoryStore) -> None:
        """A unique prefix is enough, in either case; an ambiguous one names what it fits."""
        with pytest.raises(UnknownName, match="none yet"):
            store.find("@last")
        for last in "ab":
            store.create(spec(), budget=1, id=f"0123456789a{last}")
        assert store.find("0123456789AB").id == "0123456789ab"
        assert store.find("@last").id == "0123456789ab"
        with pytest.raises(AmbiguousName, match="0123456789aa, 0123456789ab"):
            store.find("0123")
        for unknown in ("9", "", "%", "_", "0123456789ab0", "@first"):
            with pytest.raises(UnknownName):
                store.find(unknown)

    def test_list_is_newest_first_and_filters(self, store: TrajectoryStore) -> None:
        """Lists carry counts and the best search score."""
        old = finished(store, name="Old one", tags=("x",))
        new = store.create(spec(seed=9), budget=2, name="new")
        assert [row.record.id for row in store.list()] == [new.id, old.id]
        (row,) = store.list(name="OLD")
        assert (row.done, row.refused, row.failed, row.best_number, row.best_score) == (4, 1, 1, 2, 0.5)
        assert [row.record.id for row in store.list(tag="x")] == [old.id]
        assert [row.record.id for row in store.list(proposer="random")] == [new.id]
        assert [row.record.id for row in store.list(state=SearchState.FINISHED)] == [old.id]
        assert len(store.list(strategy="market_maker", limit=1)) == 1
        assert store.list(strategy="other") == ()

    def test_archive_hides_and_shows(self, store: TrajectoryStore) -> None:
        """Nothing is deleted: the search, its trials and its state stay."""
        record = finished(store)
        assert store.archive(record.id).state is SearchState.ARCHIVED
        assert store.list() == ()
        assert len(store.list(archived=True)) == 1
        assert len(store.list(state=SearchState.ARCHIVED)) == 1
        with pytest.raises(UnknownName):
            store.find("@last")
        assert store.archive(record.id, archived=False).state is SearchState.FINISHED

    def test_trials_are_counted_over_all_searches(self, store: TrajectoryStore) -> None:
        """Refused, failed and archived ones count; another space does not."""
        store.archive(finished(store).id)
        finished(store, seed=8)
        assert store.count_trials(spec().space.digest, spec().train.digest) == 12
        assert store.count_trials(spec(high=11).space.digest, spec().train.digest) == 0


class TestIterations:
    def test_the_life_of_an_iteration(self, store: TrajectoryStore) -> None:
        """Claimed, proposed, done: each state is there for a resume, and the body comes back equal."""
        record = store.create(spec(), budget=3)
        one = done(0, report=report())
        with store.hold(record.id) as lease:
            store.claim(lease, [0, 1])
            store.claim(lease, [1])
            assert store.unfinished(record.id) == (
                Unfinished(number=0, state=IterationState.CLAIMED),
                Unfinished(number=1, state=IterationState.CLAIMED),
            )
            store.propose(lease, 0, body_of(one))
            store.propose(lease, 0, body_of(one))
            assert store.unfinished(record.id)[0] == Unfinished(
                number=0, state=IterationState.PROPOSED, body=body_of(one)
            )
            store.finish(lease, one, cost=Spent(seconds=1.5))
            store.finish(lease, one, cost=Spent(seconds=1.5))
        assert store.iterations(record.id) == (one,)
        assert store.find(record.id).spent == Spent(seconds=1.5)
        assert store.find(record.id).iterations == 1
        assert store.verify(record.id) == ()

    def test_what_is_final_never_changes(self, store: TrajectoryStore) -> None:
        """Another proposal, another result, a second claim: all refused, nothing written."""
        record = store.create(spec(), budget=3)
        with store.hold(record.id) as lease:
            store.claim(lease, [0])
            store.propose(lease, 0, body_of(done(0)))
            with pytest.raises(IntegrityError, match="another proposal"):
                store.propose(lease, 0, body_of(done(1)))
            with pytest.raises(IntegrityError, match="other params"):
                store.finish(lease, done(0, proposal=proposal(1)))
            store.finish(lease, done(0))
            with pytest.raises(IntegrityError, match="differs"):
                store.finish(lease, done(0, engine="other"))
            with pytest.raises(IntegrityError, match="finished already"):
                store.claim(lease, [0])
            with pytest.raises(IntegrityError, match="another proposal"):
                store.propose(lease, 0, {"params": {}})
        assert store.iterations(record.id) == (done(0),)

    def test_misuse_is_named(self, store: TrajectoryStore) -> None:
        """Numbers outside the budget and iterations that were not claimed."""
        record = store.create(spec(), budget=1)
        with store.hold(record.id) as lease:
            for number in (1, -1):
                with pytest.raises(UsageError, match="outside the budget"):
                    store.claim(lease, [number])
            with pytest.raises(UsageError, match="not claimed"):
                store.finish(lease, done(0))
            with pytest.raises(UsageError, match="not claimed"):
                store.propose(lease, 0, {})
            store.claim(lease, [])
            store.claim(lease, [0])
            store.propose(lease, 0, {"note": "free form"})
            store.finish(lease, done(0))

    def test_a_batch_takes_few_transactions(self, store: TrajectoryStore) -> None:
        """Proposals are committed together, and the next claim rides on the last result."""
        record = store.create(spec(), budget=3)
        with store.hold(record.id) as lease:
            store.claim(lease, [0, 1])
            store.propose_batch(lease, {0: body_of(done(0)), 1: body_of(done(1))})
            store.finish(lease, done(0), then_claim=[])
            store.finish(lease, done(1), then_claim=[2], then_propose={2: body_of(done(2))})
            (opened,) = store.unfinished(record.id)
            assert opened == Unfinished(number=2, state=IterationState.PROPOSED, body=body_of(done(2)))
            store.finish(lease, done(1))
        assert store.verify() == ()

    def test_order_of_finishing_does_not_matter(self, store: TrajectoryStore) -> None:
        """A batch that ends out of order has the same chain, best and digest."""
        digests = []
        for order in ((0, 1, 2, 3, 4, 5, 6), (0, 3, 6, 1, 2, 5, 4)):
            record = store.create(spec(), budget=7)
            with store.hold(record.id) as lease:
                store.claim(lease, range(7))
                for number in order:
                    store.finish(lease, done(number))
                    assert store.verify(record.id) == ()
            digests.append(store.trajectory(record.id).digest)
            (row,) = [row for row in store.list() if row.record.id == record.id]
            assert (row.best_number, row.best_score) == (4, 2.5)
        assert digests[0] == digests[1]

    def test_a_range_can_be_read(self, store: TrajectoryStore) -> None:
        """Reading a part of a long search does not read the rest."""
        record = finished(store)
        assert [one.number for one in store.iterations(record.id, start=2, stop=4)] == [2, 3]
        assert store.iterations(record.id, start=6) == ()

    @pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
    def test_odd_texts_survive(self, store: TrajectoryStore, text: str) -> None:
        """NUL, lone surrogates, a megabyte: bytes in, bytes out."""
        record = store.create(spec(), budget=1, name=text[:100], note=text[:100])
        asked = exchange(0, 0, reply=Reply(text=text, reasoning=text))
        one = done(0, proposal=proposal(0, reasoning=text), exchanges=(0,), meta={"worker": text})
        with store.hold(record.id) as lease:
            store.save_exchange(lease, asked)
            run_one(store, lease, one)
            store.audit("test", "ODD", {"text": text}, subject=text[:100])
        assert store.iterations(record.id) == (one,)
        assert store.exchanges(record.id) == (asked,)
        assert store.audit_records(subject=text[:100])[0].detail == {"text": text}
        assert store.verify() == ()

    @pytest.mark.parametrize("number", ODD_NUMBERS)
    def test_odd_numbers_survive(self, store: TrajectoryStore, number: float) -> None:
        """The largest integers, negative zero and the smallest float come back bit for bit."""
        record = store.create(spec(seed=2**63 - 1), budget=1)
        one = done(0, proposal=proposal(0, params={"strategy.mm.half_spread_ticks": number}))
        one = replace(one, score=replace(one.score, value=float(number)))
        with store.hold(record.id) as lease:
            run_one(store, lease, one)
        (back,) = store.iterations(record.id)
        assert back.proposal is not None
        value = back.proposal.params["strategy.mm.half_spread_ticks"]
        assert (value, type(value), math.copysign(1, value)) == (
            number,
            type(number),
            math.copysign(1, number),
        )  # type: ignore[arg-type]
        assert store.list()[0].best_score == float(number)

    def test_nan_is_never_stored(self, store: TrajectoryStore) -> None:
        """A score that is not a number is a bug of the caller; nothing is written."""
        record = store.create(spec(), budget=1)
        one = done(0)
        with store.hold(record.id) as lease:
            store.claim(lease, [0])
            with pytest.raises(ValueError, match="JSON"):
                store.finish(lease, replace(one, score=replace(one.score, value=math.nan)))
            store.finish(lease, one)


class TestExchanges:
    def test_an_exchange_is_stored_once(self, store: TrajectoryStore) -> None:
        """The same again costs nothing; another one under its number is refused."""
        record = store.create(spec(), budget=2)
        cost = Spent(prompt_tokens=11, usd=0.25)
        with store.hold(record.id) as lease:
            store.claim(lease, [0])
            store.save_exchange(lease, exchange(0, 0), cost=cost)
            store.save_exchange(lease, exchange(0, 0), cost=cost)
            with pytest.raises(IntegrityError, match="differs"):
                store.save_exchange(lease, exchange(0, 0, reply=Reply(text="other")))
            with pytest.raises(UsageError, match="next is 1"):
                store.save_exchange(lease, exchange(2, 0))
        assert store.exchanges(record.id) == (exchange(0, 0),)
        assert store.find(record.id).spent == cost

    def test_an_exchange_comes_before_its_iteration(self, store: TrajectoryStore) -> None:
        """One that is early waits for its place; one that is late has none."""
        record = store.create(spec(), budget=2)
        with store.hold(record.id) as lease:
            store.save_exchange(lease, exchange(0, 1))
            run_one(store, lease, done(0))
            with pytest.raises(UsageError, match="after its iteration"):
                store.save_exchange(lease, exchange(1, 0))
            run_one(store, lease, done(1, exchanges=(0,)))
        kinds = [line.kind for line in store.trajectory(record.id).lines()]
        assert kinds == ["header", "iteration", "exchange", "iteration", "result"]
        assert store.verify() == ()

    def test_an_early_exchange_is_not_yet_in_the_trajectory(self, store: TrajectoryStore) -> None:
        """Until its iteration's turn has come."""
        record = store.create(spec(), budget=2)
        with store.hold(record.id) as lease:
            store.save_exchange(lease, exchange(0, 1))
        assert store.trajectory(record.id).exchanges == ()
        assert store.verify() == ()

    def test_other_purposes_stay_out_of_the_trajectory(self, store: TrajectoryStore) -> None:
        """Explaining a finished search does not change its digest."""
        record = finished(store)
        before = store.trajectory(record.id).digest
        asked = exchange(0, 0, purpose="explain")
        with store.hold(record.id) as lease:
            store.save_exchange(lease, asked)
            with pytest.raises(UsageError, match="next is 1"):
                store.save_exchange(lease, exchange(5, 0, purpose="explain"))
            with pytest.raises(UsageError, match="purpose"):
                store.save_exchange(lease, exchange(0, 0, purpose=""))
        assert store.exchanges(record.id, purpose="explain") == (asked,)
        assert store.trajectory(record.id).digest == before
        assert store.verify() == ()

    def test_every_call_has_its_row(self, store: TrajectoryStore) -> None:
        """Saved when it is sent and when it ended; counted once; kept beside its exchange."""
        record = store.create(spec(), budget=1)
        sent = Attempt(exchange=0, number=0, sent="a" * 64)
        ended = replace(sent, status=200, size=2**40, elapsed_ms=7, reason="")
        with store.hold(record.id) as lease:
            for _ in range(2):
                store.save_attempt(lease, sent, cost=Spent(calls=1))
            store.save_attempt(lease, ended)
            with pytest.raises(IntegrityError, match="ended already"):
                store.save_attempt(lease, replace(ended, status=500))
            store.save_exchange(lease, exchange(0, 0))
        assert store.attempts(record.id) == (ended,)
        assert store.find(record.id).spent.calls == 1
        (kept,) = store.trajectory(record.id).exchanges
        assert kept.meta["attempts"] == [dict(vars(ended))]


class TestLeases:
    def test_a_search_is_held_once(self, store: TrajectoryStore) -> None:
        """The second holder is told who holds it; afterwards it is free."""
        record = store.create(spec(), budget=1)
        held = pytest.raises(Unavailable, match=r"held by another process \(.+:\d+\)")
        with store.hold(record.id), held, store.hold(record.id):
            raise AssertionError("unreachable")
        with store.hold(record.id) as lease:
            assert lease.epoch == 2

    def test_searches_are_held_independently(self, store: TrajectoryStore) -> None:
        """Two searches of one store can run at once."""
        one, two = (store.create(spec(seed=seed), budget=1) for seed in (1, 2))
        with store.hold(one.id) as first, store.hold(two.id) as second:
            run_one(store, first, done(0))
            run_one(store, second, done(0))
        assert store.verify() == ()

    def test_an_old_lease_writes_nothing(self, store: TrajectoryStore, url: str) -> None:
        """Neither after its block nor after another process has taken the search."""
        record = store.create(spec(), budget=1)
        with store.hold(record.id) as old:
            pass
        with pytest.raises(Unavailable, match="not held any more"):
            store.claim(old, [0])
        with store.hold(record.id) as lease:
            store._database.write(lambda rows: _take_over(rows, record.id))
            for write in _writes(store, lease):
                with pytest.raises(Unavailable, match="taken over"):
                    write()
        assert store.iterations(record.id) == ()
        assert store.unfinished(record.id) == ()

    def test_an_unknown_search_cannot_be_held(self, store: TrajectoryStore) -> None:
        """Nor read."""
        with pytest.raises(UnknownName), store.hold("0123456789ab"):
            raise AssertionError("unreachable")
        with pytest.raises(UnknownName):
            store.verify("0123456789ab")


class TestTheEnd:
    def test_the_headline_is_kept(self, store: TrajectoryStore) -> None:
        """Concluding again with the same words is fine, with others it is not."""
        record = finished(store)
        assert record.state is SearchState.FINISHED
        assert record.headline == headline(5, store.iterations(record.id))
        assert record.holdout_looks == 1
        with store.hold(record.id) as lease:
            assert store.conclude(lease, record.headline, holdout_looks=1) == record
            with pytest.raises(IntegrityError, match="differs"):
                store.conclude(lease, replace(record.headline, best=0), holdout_looks=1)

    def test_an_open_search_has_no_headline(self, store: TrajectoryStore) -> None:
        """All of its budget comes first."""
        record = store.create(spec(), budget=2)
        with store.hold(record.id) as lease:
            run_one(store, lease, done(0))
            with pytest.raises(IntegrityError, match="1 of 2"):
                store.conclude(lease, headline(0, (done(0),)), holdout_looks=0)

    def test_a_budget_only_grows(self, store: TrajectoryStore) -> None:
        """A longer search is open again; its first part is untouched."""
        record = finished(store)
        with store.hold(record.id) as lease:
            with pytest.raises(UsageError, match="would cut it"):
                store.extend(lease, 5)
            assert store.extend(lease, 6) == record
            assert store.extend(lease, 6, caps=Caps(max_calls=3)).caps == Caps(max_calls=3)
            longer = store.extend(lease, 7)
            assert (longer.budget, longer.state, longer.headline) == (7, SearchState.OPEN, None)
            run_one(store, lease, done(6))
        assert len(store.iterations(record.id)) == 7
        assert store.verify() == ()

    def test_looks_are_counted_once_each(self, store: TrajectoryStore) -> None:
        """Over all searches of a space and objective, and not again after a crash."""
        ordinals = [
            self._look(store, seed, point) for seed, point in ((1, "a"), (1, "a"), (1, "b"), (2, "a"))
        ]
        assert ordinals == [1, 2, 3, 4]
        record = store.create(spec(), budget=1)
        with store.hold(record.id) as lease:
            asked: dict[str, Any] = {
                "space_digest": "s",
                "objective": "o",
                "holdout_digest": "h",
                "params_digest": "p",
                "iteration": 0,
                "score": None,
            }
            assert [store.holdout_look(lease, **asked) for _ in range(2)] == [1, 1]

    @staticmethod
    def _look(store: TrajectoryStore, seed: int, point: str) -> int:
        record = store.create(spec(seed=seed), budget=1)
        with store.hold(record.id) as lease:
            return store.holdout_look(
                lease,
                space_digest=record.spec.space.digest,
                objective="belief_pnl",
                holdout_digest=scenarios("holdout", 200).digest,
                params_digest=digest(point),
                iteration=0,
                score=0.5,
                standard_error=0.1,
            )


class TestAudit:
    def test_the_log_only_grows(self, store: TrajectoryStore) -> None:
        """Newest first, filtered by kind and subject; it needs no search."""
        first = store.audit("refusal", "OPT_REFUSED_HARD_GATE", {"names": ["sec.signer.k"]}, subject="a.yaml")
        second = store.audit("import", "OK")
        assert (first.number, second.number) == (1, 2)
        assert store.audit_records() == (second, first)
        assert store.audit_records(kind="refusal") == (first,)
        assert store.audit_records(subject="a.yaml", limit=1) == (first,)
        assert store.verify() == ()


class TestImport:
    def test_a_trajectory_moves_between_stores(self, store: TrajectoryStore, tmp_path: Any) -> None:
        """The same digest on every kind of store; importing again finds what is there."""
        from walras.store import open_store

        other = open_store(f"sqlite:///{tmp_path}/other.db")
        record = finished(other, name="n" * 300, tags=("t",), note="why")
        moved = other.trajectory(record.id)
        assert store.known_trajectory(moved) is None
        made = store.import_trajectory(moved)
        assert (made.id, made.budget, made.state) == (record.id, 6, SearchState.FINISHED)
        assert (made.name, made.tags, made.note) == ("n" * 200, ("t",), "why")
        assert (made.headline, made.spent, made.holdout_looks) == (record.headline, record.spent, 1)
        assert store.trajectory(made.id).digest == moved.digest
        assert store.import_trajectory(moved) == made
        assert other.import_trajectory(moved) == record
        assert store.verify() == ()
        other.close()

    def test_an_open_search_can_be_moved_and_resumed(self, store: TrajectoryStore) -> None:
        """A taken id gives a fresh one; bad words in the file are dropped."""
        record = store.create(spec(), budget=9)
        with store.hold(record.id) as lease:
            run_one(store, lease, done(0, engine="e2"))
        moved = replace(store.trajectory(record.id), iterations=(done(0),))
        made = store.import_trajectory(moved)
        assert made.id != record.id
        assert (made.budget, made.iterations, made.state) == (9, 1, SearchState.OPEN)
        odd = replace(
            moved,
            iterations=(refused(0),),
            header_meta={"search_id": 7, "tags": "x", "meta": 3, "name": 4, "budget": "9"},
        )
        again = store.import_trajectory(odd)
        assert (again.budget, again.tags, again.name) == (1, (), "")
        with pytest.raises(IntegrityError, match="cost"):
            store.import_trajectory(replace(moved, header=header(8), result_meta={"spent": {"usd": "much"}}))

    def test_an_older_copy_of_a_stored_search_is_not_stored_again(self, store: TrajectoryStore) -> None:
        """Its lines are the first of the chain, so the search that went on is returned."""
        record = finished(store)
        short = store.trajectory(record.id)
        with store.hold(record.id) as lease:
            extended = store.extend(lease, 7)
            assert store.import_trajectory(short) == extended
            run_one(store, lease, done(6))
        assert store.import_trajectory(short).id == record.id
        assert store.import_trajectory(replace(short, header_meta={})).id == record.id
        assert len(store.list()) == 1
        assert store.count_trials(spec().space.digest, spec().train.digest) == 7

    def test_a_copy_that_went_on_elsewhere_counts_its_new_trials_alone(self, store: TrajectoryStore) -> None:
        """A longer or concluded file is a search of its own; what both share is one trial each."""
        record = store.create(spec(), budget=1)
        with store.hold(record.id) as lease:
            run_one(store, lease, done(0))
        short = store.trajectory(record.id)
        assert store.import_trajectory(short).id == record.id
        ended = store.import_trajectory(replace(short, headline=headline(0, (done(0),))))
        assert ended.id != record.id
        longer = store.import_trajectory(replace(short, iterations=(done(0), done(1))))
        assert longer.id not in (record.id, ended.id)
        assert store.count_trials(spec().space.digest, spec().train.digest) == 2
        other = store.import_trajectory(replace(short, iterations=(refused(0), done(1))))
        assert other.iterations == 2
        assert store.count_trials(spec().space.digest, spec().train.digest) == 3
        assert store.verify() == ()

    def test_a_headline_without_a_look_counts_none(self, store: TrajectoryStore) -> None:
        """Where nothing was scored, the holdout was not looked at."""
        record = store.create(spec(), budget=1)
        with store.hold(record.id) as lease:
            run_one(store, lease, failed(0))
            store.conclude(
                lease, replace(headline(0, (failed(0),)), best=None, reason="none"), holdout_looks=0
            )
        moved = store.trajectory(record.id)
        made = store.import_trajectory(replace(moved, iterations=(refused(0),)))
        assert made.holdout_looks == 0
        assert made.id != record.id


def header(seed: int) -> dict[str, Any]:
    from walras.store._trajectory import header_body

    return header_body(spec(seed=seed))


def _take_over(rows: Any, search_id: str) -> None:
    from walras.store._searches import change

    change(rows, search_id, epoch=99, owner="elsewhere:1")


def _writes(store: TrajectoryStore, lease: Any) -> Any:
    look: dict[str, Any] = dict.fromkeys(
        ("space_digest", "objective", "holdout_digest", "params_digest"), "x"
    )
    yield lambda: store.claim(lease, [0])
    yield lambda: store.propose(lease, 0, {})
    yield lambda: store.finish(lease, done(0))
    yield lambda: store.save_exchange(lease, exchange(0, 0))
    yield lambda: store.save_attempt(lease, Attempt(exchange=0, number=0, sent=""))
    yield lambda: store.holdout_look(lease, **look, iteration=0, score=None)
    yield lambda: store.conclude(lease, headline(0, (done(0),)), holdout_looks=0)
    yield lambda: store.extend(lease, 3)
