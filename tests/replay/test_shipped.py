"""The recorded searches that ship replay with today's engine, proposers and prompts."""

import pytest
from tests.search._benches import bench_at

from walras import wiring
from walras.replay import ReplayStatus, replay
from walras.store import read_trajectory

SHIPPED = wiring.shipped_trajectories()


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_trajectory_replays(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every byte again; on another CPU or with other libraries, every backtest, and it says which differ."""
    trajectory = read_trajectory(SHIPPED[name])
    assert trajectory.is_finished
    with bench_at(tmp_path_factory.mktemp("store") / "a.db") as bench:
        result = replay(bench, trajectory)
    assert result.difference is None, str(result.difference)
    assert result.backtests == len(trajectory.iterations)
    if result.status is ReplayStatus.NOT_COMPARABLE:
        assert "Proposals were not compared" in result.why[0]
    else:
        assert result.ok
