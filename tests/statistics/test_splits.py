"""Index splits in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError


@given(some.integers(2, 7), some.data())
def test_each_path_covers_every_row_once(groups: int, data: some.DataObject) -> None:
    """And training never holds a test row or a row within the gap."""
    tested = data.draw(some.integers(1, groups - 1))
    purge, embargo = data.draw(some.integers(0, 2)), data.draw(some.integers(0, 1))
    n = data.draw(some.integers(groups * 8, groups * 11))
    splits = st.cpcv_splits(n, n_groups=groups, n_test_groups=tested, purge=purge, embargo=embargo)
    counts = st.cpcv_counts(groups, tested)
    paths: dict[int, list[int]] = {}
    for split in splits:
        held = np.concatenate(split.tests)
        assert not np.isin(split.train, held).any()
        for path, rows in zip(split.path_ids, split.tests, strict=True):
            paths.setdefault(path, []).extend(rows.tolist())
        for row in held:
            after = split.train[(split.train > row) & (split.train <= row + purge + embargo)]
            before = split.train[(split.train < row) & (split.train >= row - purge)]
            assert after.size == before.size == 0
    assert len(splits) == counts.n_splits
    assert len(paths) == counts.n_paths
    assert all(sorted(rows) == list(range(n)) for rows in paths.values())


@pytest.mark.parametrize(("groups", "tested"), [(1, 1), (4, 0), (4, 4), (4, 5)])
def test_impossible_groups_raise(groups: int, tested: int) -> None:
    """At least one group must be left to train on."""
    with pytest.raises(DomainError):
        st.cpcv_counts(groups, tested)


def test_more_groups_than_rows_raise() -> None:
    """A group needs a row."""
    with pytest.raises(DomainError, match="n_samples"):
        st.cpcv_splits(3, n_groups=4, n_test_groups=2)


def test_a_split_without_training_rows_raises() -> None:
    """Purging from both sides can empty what is left."""
    with pytest.raises(DomainError, match="no row to train on"):
        st.cpcv_splits(12, n_groups=3, n_test_groups=2, purge=2, embargo=1)


@given(
    some.integers(0, 120),
    some.integers(1, 40),
    some.integers(1, 20),
    some.integers(1, 20),
    some.integers(0, 5),
    some.booleans(),
)
def test_windows_never_look_ahead(n: int, train: int, test: int, step: int, purge: int, last: bool) -> None:
    """Training ends before its test, and tests stay inside the data."""
    for mode in ("rolling", "anchored"):
        windows = st.walk_forward_windows(
            n, train=train, test=test, step=step, purge=purge, mode=mode, partial_last_window=last
        )
        for window in windows:
            assert window.train_start < window.train_end <= window.test_start - purge
            assert window.test_start < window.test_end <= n
            assert window.test_end - window.test_start == test or (last and window == windows[-1])


def test_a_partial_last_window_is_kept_on_request() -> None:
    """It ends with the data."""
    windows = st.walk_forward_windows(25, train=10, test=10, step=10, partial_last_window=True)
    assert windows == (st.Window(0, 10, 10, 20), st.Window(10, 20, 20, 25))


def test_a_step_of_nothing_raises() -> None:
    """It would never end."""
    with pytest.raises(DomainError, match="step"):
        st.walk_forward_windows(30, train=5, test=5, step=0)
