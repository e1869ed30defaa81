"""The same search on SQLite and on PostgreSQL is the same trajectory."""

from pathlib import Path

import pytest
from tests.search._benches import bench_at, request_for

from walras.replay import replay
from walras.search import resume, start


@pytest.mark.parametrize("kind", ["tpe", "llm"])
def test_postgres_and_sqlite_give_the_same_bytes(tmp_path: Path, postgres_url: str, kind: str) -> None:
    """Created, extended and replayed on both, with one digest."""
    digests = set()
    for url in (f"sqlite:///{tmp_path}/a.db", postgres_url):
        with bench_at(url) as bench:
            record = start(bench, request_for(bench, proposer=kind, budget=4, batch=2))
            record = resume(bench, record.id, budget=6)
            trajectory = bench.store.trajectory(record.id)
            assert replay(bench, trajectory).ok
            assert bench.store.verify() == ()
            digests.add(trajectory.digest)
    assert len(digests) == 1
