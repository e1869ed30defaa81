"""One backtest outside of a search passes the same guard and engine."""

from pathlib import Path

import pytest
from tests.search._benches import EVENTS, bench_at, request_for

from walras.core import InvalidFile, RefusedByPolicy
from walras.search import BacktestFailed, run_backtest_once, start


def test_the_report_is_the_one_of_the_search(tmp_path: Path) -> None:
    """The defaults give iteration 0's report, byte for byte."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=1))
        (row,) = bench.store.iterations(record.id)
        report = run_backtest_once(bench, "market_maker", scenarios=2, events=EVENTS)
        assert report == row.report


def test_values_come_from_file_python_and_flags_in_that_order(tmp_path: Path) -> None:
    """A flag wins over Python, Python over the file."""
    file = tmp_path / "p.yaml"
    file.write_text("strategy.mm.half_spread_ticks: 4\nstrategy.mm.mode: join\nstrategy.mm.order_size: 20\n")
    with bench_at(tmp_path / "a.db") as bench:
        report = run_backtest_once(
            bench,
            "market_maker",
            params_file=file,
            params={"strategy.mm.half_spread_ticks": 5, "strategy.mm.order_size": 30},
            assignments={"strategy.mm.order_size": "4e1"},
            scenarios=1,
            events=EVENTS,
        )
        assert report.params["strategy.mm.half_spread_ticks"] == 5
        assert report.params["strategy.mm.order_size"] == 40.0
        assert report.params["strategy.mm.mode"] == "join"


def test_a_gate_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """--set of a gated name is OPT_REFUSED_HARD_GATE."""
    with bench_at(tmp_path / "a.db", executor=lambda count: pytest.fail("an executor was made")) as bench:
        with pytest.raises(RefusedByPolicy) as refusal:
            run_backtest_once(bench, "market_maker", assignments={"risk.killswitch.x": "0"})
        assert refusal.value.code == "OPT_REFUSED_HARD_GATE"
        with pytest.raises(InvalidFile):
            run_backtest_once(bench, "market_maker", assignments={"strategy.mm.half_spread_ticks": "wide"})


def test_a_failed_backtest_says_how_it_ended(tmp_path: Path) -> None:
    """The error carries the reason code of the failure."""
    from walras.core import Failure
    from walras.execution import InProcess, JobResult

    class Failing(InProcess):  # type: ignore[misc]  # final for users, not for this test
        def next_done(self) -> tuple[int, JobResult]:
            ticket, _ = super().next_done()
            return ticket, JobResult(failure=Failure(code="BACKTEST_TIMEOUT", text="killed"))

    with bench_at(tmp_path / "a.db", executor=lambda count: Failing()) as bench:
        with pytest.raises(BacktestFailed, match="killed") as error:
            run_backtest_once(bench, "market_maker", scenarios=1, events=EVENTS)
        assert error.value.code == "BACKTEST_TIMEOUT"
