"""Comparisons are paired by seed, judged on holdout, and say when the evidence is not enough."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.search._benches import bench_at, request_for

from walras.core import Headline, IntegrityError, SearchRecord, UsageError
from walras.search import Comparison, ComparisonRequest, EndpointChoice, compare, compare_stored, start
from walras.search._compare import ALPHA, Arm, _difference, _holm


def arm(kind: str, *scores: float) -> Arm:
    """Return an arm with these holdout scores."""
    return Arm(
        proposer=kind,
        searches=(),
        holdout=scores,
        search_scores=(),
        mean=None,
        standard_error=None,
        failures=0,
        refusals=0,
        usd=0.0,
        calls=0,
        seconds=0.0,
    )


def judged(*arms: Arm) -> Any:
    """Return the judged differences of all but the first arm against the first."""
    level = ALPHA / (len(arms) - 1)
    return _holm([_difference(other, arms[0], level=level) for other in arms[1:]])


def test_two_proposers_are_run_with_the_same_seeds_and_paired(tmp_path: Path) -> None:
    """Every arm has one search a seed; the difference says that two pairs can show nothing."""
    with bench_at(tmp_path / "a.db") as bench:
        wanted = ComparisonRequest(
            search=request_for(bench, budget=2, seed=10), proposers=("random", "tpe"), repeats=2
        )
        found = compare(bench, wanted)
        assert [row.proposer for row in found.arms] == ["random", "tpe"]
        seeds = [[bench.store.find(ref).spec.seed for ref in row.searches] for row in found.arms]
        assert seeds == [[10, 11], [10, 11]]
        (row,) = found.differences
        assert (row.variant, row.control, row.pairs) == ("tpe", "random", 2)
        assert not found.enough_evidence
        assert "takes at least 6" in found.verdict
        body = found.to_json()
        assert body["notice"] == "Synthetic replay only. Not a forecast."
        again = compare_stored(bench, [ref for row in found.arms for ref in row.searches])
        assert again == found
        assert all("compare" in bench.store.find(ref).tags for row in found.arms for ref in row.searches)


def test_a_clear_difference_is_decided() -> None:
    """Eight pairs that all point one way reach p <= 0.05 after Holm."""
    (row,) = judged(arm("random", *range(8)), arm("tpe", *(n + 2 + n / 10 for n in range(8))))
    assert row.decided
    assert row.p_adjusted == pytest.approx(2 / 2**8)
    assert row.sentence.startswith("tpe against random: tpe is better by")
    assert row.low > 0


def test_a_worse_variant_is_said_to_be_worse() -> None:
    """The sentence names the better side."""
    (row,) = judged(arm("random", *(n + 2 + n / 10 for n in range(8))), arm("tpe", *range(8)))
    assert "random is better by" in row.sentence


def test_noise_is_not_enough_evidence_and_the_detectable_difference_is_named() -> None:
    """Differences on both sides of zero decide nothing."""
    (row,) = judged(arm("random", *([0.0] * 8)), arm("tpe", *(1.0, -1.0, 2.0, -2.1, 0.5, -0.4, 1.2, -1.3)))
    assert not row.decided
    assert "not enough evidence to tell them apart" in row.sentence
    assert row.detectable > 0


def test_equal_scores_are_not_enough_evidence() -> None:
    """Identical winners have no interval, and are no win."""
    (row,) = judged(arm("random", *([1.0] * 7)), arm("tpe", *([1.0] * 7)))
    assert not row.decided
    assert row.low is None
    assert "not enough evidence" in row.sentence


def test_one_pair_has_no_interval() -> None:
    """One pair gives a mean and nothing else."""
    (row,) = judged(arm("random", 1.0), arm("tpe", 2.0))
    assert (row.mean, row.low, row.decided) == (1.0, None, False)
    assert "1 pair can never" in row.sentence


def test_no_pair_says_nothing() -> None:
    """Without a holdout score on both sides there is nothing to say."""
    (row,) = judged(arm("random"), arm("tpe"))
    assert row.mean is None
    assert "nothing can be said" in row.sentence


def test_holm_counts_every_variant() -> None:
    """Three variants against one control make every p larger."""
    one = judged(arm("random", *range(8)), arm("tpe", *(n + 2 + n / 10 for n in range(8))))[0]
    three = judged(
        arm("random", *range(8)),
        arm("tpe", *(n + 2 + n / 10 for n in range(8))),
        arm("a", *(n - (-1) ** n for n in range(8))),
        arm("b", *(n + (-1) ** n for n in range(8))),
    )[0]
    assert three.p_adjusted > one.p_adjusted


@pytest.mark.parametrize(
    ("proposers", "repeats"), [(("random",), 2), (("random", "random"), 2), (("random", "tpe"), 0)]
)
def test_a_comparison_of_nothing_is_a_usage_error(
    tmp_path: Path, proposers: tuple[str, ...], repeats: int
) -> None:
    """At least two different proposers and one repeat."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(UsageError):
            compare(bench, ComparisonRequest(search=request_for(bench), proposers=proposers, repeats=repeats))
        assert bench.store.list() == ()


def run(bench: Any, **changes: Any) -> SearchRecord:
    """Run a small search."""
    return start(bench, request_for(bench, **{"budget": 2, **changes}))


def test_stored_searches_that_differ_are_not_compared(tmp_path: Path) -> None:
    """The error names what differs: scenarios here, the budget there."""
    with bench_at(tmp_path / "a.db") as bench:
        first = run(bench)
        with pytest.raises(UsageError, match="scenarios"):
            compare_stored(bench, [first.id, run(bench, scenarios=3, proposer="tpe").id])
        with pytest.raises(UsageError, match=r"budget \(2 against 3\)"):
            compare_stored(bench, [first.id, run(bench, budget=3, proposer="tpe").id])


def test_searches_of_one_proposer_with_other_options_are_no_arm(tmp_path: Path) -> None:
    """Two settings of a proposer are two proposers."""
    with bench_at(tmp_path / "a.db") as bench:
        first = run(bench, proposer="tpe", seed=1)
        other = run(bench, proposer="tpe", seed=2, options={"n_startup_trials": 3})
        with pytest.raises(UsageError, match="no one proposer"):
            compare_stored(bench, [first.id, other.id, run(bench, seed=1).id])


def test_an_arm_that_cannot_run_stops_the_comparison_before_it_begins(tmp_path: Path) -> None:
    """Nothing is spent on the first proposer where the second has no model."""
    with bench_at(tmp_path / "a.db") as bench:
        shared = request_for(bench, endpoint=EndpointChoice(kind="live"))
        with pytest.raises(UsageError):
            compare(bench, ComparisonRequest(search=shared, proposers=("random", "llm"), repeats=1))
        assert bench.store.list() == ()


def test_more_variants_need_more_pairs() -> None:
    """With two variants Holm's first step is 0.025, which 6 pairs can never reach."""
    rows = judged(arm("random", *([0.0] * 6)), arm("tpe", *range(1, 7)), arm("llm", *range(1, 7)))
    assert not any(row.decided for row in rows)
    assert all("takes at least 7" in row.sentence for row in rows)


def test_searches_of_different_engines_are_not_compared(tmp_path: Path) -> None:
    """Their scores mean different things."""
    with bench_at(tmp_path / "a.db") as bench:
        first = run(bench)
        newer = replace(first.spec, engine="newer")
        bench.store.create(newer, budget=2)
        with pytest.raises(IntegrityError, match="different engines"):
            compare_stored(bench, [first.id, "@last"])


def test_stored_searches_must_make_pairs(tmp_path: Path) -> None:
    """One search, one proposer, other seeds, a seed twice, or an open search: each is said."""
    with bench_at(tmp_path / "a.db") as bench:
        first = run(bench)
        with pytest.raises(UsageError, match="at least two searches"):
            compare_stored(bench, [first.id, first.id])
        with pytest.raises(UsageError, match="make no pairs"):
            compare_stored(bench, [first.id, run(bench, seed=9).id])
        with pytest.raises(UsageError, match="make no pairs"):
            compare_stored(bench, [first.id, run(bench, seed=8, proposer="tpe").id])
        with pytest.raises(UsageError, match="have seed 3"):
            compare_stored(bench, [first.id, run(bench).id])
        bench.store.create(first.spec, budget=2)
        with pytest.raises(UsageError, match="not finished"):
            compare_stored(bench, [first.id, "@last"])


def test_a_pair_without_a_holdout_score_is_left_out(tmp_path: Path, monkeypatch: Any) -> None:
    """Only pairs with both halves count."""
    with bench_at(tmp_path / "a.db") as bench:
        records = [run(bench, seed=s, proposer=k) for k in ("random", "tpe") for s in (1, 2)]
        half = replace(records[0], headline=Headline(best=None, reason="No iteration has a score."))
        known = {record.id: record for record in [half, *records[1:]]}
        monkeypatch.setattr(type(bench.store), "find", lambda self, ref: known[ref])
        found: Comparison = compare_stored(bench, list(known))
        assert found.repeats == 2
        assert [len(row.holdout) for row in found.arms] == [1, 1]
