"""References that people type: ids, prefixes, @last, @best, ID:N."""

from pathlib import Path

import pytest
from tests.search._benches import bench_at, request_for

from walras.core import UnknownName, UsageError
from walras.search import best_number, best_of, iteration_of, locate, start


def test_references_find_what_they_name(tmp_path: Path) -> None:
    """An id, a prefix, @last and @best, with and without an iteration."""
    with bench_at(tmp_path / "a.db") as bench:
        first = start(bench, request_for(bench, budget=3))
        second = start(bench, request_for(bench, budget=3, seed=5))
        assert locate(bench, first.id) == (first, None)
        assert locate(bench, first.id[:9])[0].id == first.id
        assert locate(bench, "@last") == (second, None)
        assert locate(bench, "@last:2") == (second, 2)
        record, number = locate(bench, "@best")
        assert record.headline is not None
        assert number == record.headline.best
        assert locate(bench, "@best:1")[1] == 1
        assert locate(bench, f"{first.id}:best")[1] == best_number(bench, first)
        assert iteration_of(bench, first, 2).number == 2


@pytest.mark.parametrize(
    "ref",
    [
        "nosuchsearch",
        "@last:99",
        "@last:best!",
        "@last:-1",
        "@last:1x",
        "@last:",
        ":3",
        "@last:" + "9" * 5000,
    ],
)
def test_a_wrong_reference_is_said(tmp_path: Path, ref: str) -> None:
    """Each is a usage error with a message."""
    with bench_at(tmp_path / "a.db") as bench:
        start(bench, request_for(bench, budget=1))
        with pytest.raises(UsageError):
            locate(bench, ref)


def test_an_empty_search_has_no_best(tmp_path: Path) -> None:
    """Neither an iteration nor @best."""
    with bench_at(tmp_path / "a.db") as bench:
        with pytest.raises(UnknownName):
            locate(bench, "@best")
        done = start(bench, request_for(bench, budget=1))
        empty = bench.store.create(done.spec, budget=4)
        with pytest.raises(UnknownName, match="none yet"):
            locate(bench, f"{empty.id}:0")
        with pytest.raises(UnknownName, match="has a score"):
            best_number(bench, empty)


def test_without_a_headline_the_best_is_by_search_score(tmp_path: Path) -> None:
    """An open search has a best so far."""
    with bench_at(tmp_path / "a.db") as bench:
        done = start(bench, request_for(bench, budget=3))
        with bench.store.hold(done.id) as lease:
            reopened = bench.store.extend(lease, 9)
        best = best_of(bench.store.iterations(done.id))
        assert best is not None
        assert best_number(bench, reopened) == best.number
