"""Index splits in time: combinatorial purged cross-validation and walk-forward windows.

Only indices are made here. The point of both is that the search is run again on each training
set; scoring one fixed strategy on the subsets is not cross-validation.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np

from walras.core import DomainError
from walras.statistics._domain import Ints, require_count, require_one_of


@dataclass(frozen=True, kw_only=True)
class CpcvCounts:
    """How many splits and backtest paths N groups with k test groups give."""

    n_splits: int
    n_paths: int


@dataclass(frozen=True, kw_only=True, eq=False)
class CpcvSplit:
    """One split.

    Attributes:
        test_groups: Numbers of the groups tested, ascending, from 0.
        train: Row numbers to train on, after purge and embargo.
        tests: Row numbers of each test group.
        path_ids: For each test group, the backtest path its results belong to.
    """

    test_groups: tuple[int, ...]
    train: Ints
    tests: tuple[Ints, ...]
    path_ids: tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """Half-open row ranges [train_start, train_end) and [test_start, test_end)."""

    train_start: int
    train_end: int
    test_start: int
    test_end: int


def cpcv_counts(n_groups: int, n_test_groups: int) -> CpcvCounts:
    """Return C(N, k) splits and C(N - 1, k - 1) paths.

    Raises:
        DomainError: If there are fewer than 2 groups, or not between 1 and N - 1 test groups.

    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, chapter 12.
    """
    require_count("n_groups", n_groups, least=2)
    require_count("n_test_groups", n_test_groups, least=1)
    if n_test_groups >= n_groups:
        raise DomainError(f"n_test_groups is {n_test_groups}; it must be below the {n_groups} groups.")
    return CpcvCounts(n_splits=comb(n_groups, n_test_groups), n_paths=comb(n_groups - 1, n_test_groups - 1))


def cpcv_splits(
    n_samples: int, *, n_groups: int, n_test_groups: int, purge: int = 0, embargo: int = 0
) -> tuple[CpcvSplit, ...]:
    """Return the splits of combinatorial purged cross-validation, in lexicographic order.

    The first N - 1 groups hold n_samples // N rows and the last holds the rest. Around each
    contiguous run of test rows, `purge` rows before and `purge + embargo` rows after are dropped
    from training. The j-th split that tests a group gives that group's part of path j.

    Args:
        n_samples: Number of rows.
        n_groups: Number of groups N.
        n_test_groups: Groups tested together, k.
        purge: Rows whose label may overlap the test rows.
        embargo: Further rows after a test run.

    Raises:
        DomainError: If a count is out of range, or purge and embargo eat a whole group.

    Source: Lopez de Prado (2018), chapters 7 and 12; index convention of skfolio.
    """
    cpcv_counts(n_groups, n_test_groups)
    require_count("n_samples", n_samples, least=n_groups)
    require_count("purge", purge, least=0)
    require_count("embargo", embargo, least=0)
    size = n_samples // n_groups
    if purge + embargo >= size:
        raise DomainError(
            f"purge {purge} and embargo {embargo} eat a whole group of {size} rows.",
            hint="Use fewer groups, or a shorter purge and embargo.",
        )
    edges = [*range(0, size * n_groups, size), n_samples]
    groups = [np.arange(edges[g], edges[g + 1]) for g in range(n_groups)]
    seen = [0] * n_groups
    splits = []
    for tested in combinations(range(n_groups), n_test_groups):
        train = _training_rows(n_samples, edges, tested, purge=purge, embargo=embargo)
        if train.size == 0:
            raise DomainError(f"Testing groups {tested} leaves no row to train on; use more groups.")
        paths = tuple(seen[g] for g in tested)
        splits.append(
            CpcvSplit(test_groups=tested, train=train, tests=tuple(groups[g] for g in tested), path_ids=paths)
        )
        for g in tested:
            seen[g] += 1
    return tuple(splits)


def _training_rows(n: int, edges: list[int], tested: tuple[int, ...], *, purge: int, embargo: int) -> Ints:
    keep = np.ones(n, dtype=np.bool_)
    for g in tested:
        keep[edges[g] : edges[g + 1]] = False
        if g - 1 not in tested:
            keep[max(0, edges[g] - purge) : edges[g]] = False
        if g + 1 not in tested:
            keep[edges[g + 1] : edges[g + 1] + purge + embargo] = False
    return np.flatnonzero(keep)


def walk_forward_windows(
    n_samples: int,
    *,
    train: int,
    test: int,
    step: int,
    purge: int = 0,
    mode: Literal["rolling", "anchored"] = "rolling",
    partial_last_window: bool = False,
) -> tuple[Window, ...]:
    """Return the training and test ranges of a walk-forward, in time order; empty if none fits.

    Args:
        n_samples: Number of rows.
        train: Rows of the training range (of the first one, when anchored).
        test: Rows of the test range.
        step: Rows between the starts of consecutive tests; below `test`, tests overlap.
        purge: Rows left out between training and test.
        mode: "rolling" keeps the length of training, "anchored" keeps its start at row 0.
        partial_last_window: Whether to end with one shorter test instead of dropping it.

    Raises:
        DomainError: If a count is out of range.
    """
    require_one_of("mode", mode, ("rolling", "anchored"))
    require_count("n_samples", n_samples, least=0)
    for name, value, least in (
        ("train", train, 1),
        ("test", test, 1),
        ("step", step, 1),
        ("purge", purge, 0),
    ):
        require_count(name, value, least=least)
    windows = []
    for offset in range(0, n_samples, step):
        start = offset + train + purge
        end = start + test
        if start >= n_samples or (end > n_samples and not partial_last_window):
            break
        begin = offset if mode == "rolling" else 0
        windows.append(Window(begin, offset + train, start, min(end, n_samples)))
        if end >= n_samples:
            break
    return tuple(windows)
