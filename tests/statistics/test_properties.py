"""The six behavioural properties of the golden file, at sizes that still bind."""

import json

import numpy as np
import pytest
from tests.statistics.match import GOLDEN_FILE

from walras import statistics as st

ACCEPT = {
    row["id"]: row["accept"] for row in json.loads(GOLDEN_FILE.read_text(encoding="utf-8"))["properties"]
}


def test_the_confidence_sequence_survives_peeking() -> None:
    """Looking 39 times at nothing alarms rarely, where repeated t tests alarm often."""
    rng = np.random.default_rng(1)
    looks = range(10, 201, 5)
    crossed = naive = 0
    for _ in range(600):
        d = rng.normal(size=200)
        path = st.confidence_sequence(d, alpha=0.05, tuning_n=100, looks=looks, burn_in=200)
        crossed += any(look.excludes(0.0) for look in path.looks)
        n = np.array(looks)
        mean = np.cumsum(d)[n - 1] / n
        variance = (np.cumsum(d**2)[n - 1] - n * mean**2) / (n - 1)
        naive += bool((np.abs(mean) > 2.0 * np.sqrt(variance / n)).any())
    assert crossed / 600 <= ACCEPT["peeking"]["asymptotic_cs_at_most"]
    assert naive / 600 > 0.2


def test_half_of_all_noise_searches_pass_pbo_below_one_half() -> None:
    """On noise the mean is one half; the gate alone has no power."""
    rng = np.random.default_rng(2)
    found = [st.pbo_cscv(rng.normal(size=(240, 10)), n_blocks=8) for _ in range(150)]
    values = [result.pbo for result in found if isinstance(result, st.Overfitting)]
    low, high = ACCEPT["pbo_noise"]["mean"]
    assert len(values) == 150
    assert low <= np.mean(values) <= high
    assert 0.3 < np.mean(np.array(values) < 0.5) < 0.65


def test_the_best_of_independent_noise_is_not_called_skill() -> None:
    """The deflated ratio stays below 0.95 where the plain one passes."""
    rng = np.random.default_rng(3)
    results = [st.dsr_from_trials(rng.normal(size=(300, 20))) for _ in range(300)]
    best = [r for r in results if isinstance(r, st.DeflatedBest)]
    deflated = [r.dsr for r in best if isinstance(r.dsr, float) and r.dsr > 0.95]
    plain = [p for r in best if isinstance(p := st.psr(r.sr, 300, skew=r.skew, kurtosis=r.kurtosis), float)]
    assert len(deflated) / 300 <= ACCEPT["dsr_null"]["dsr_at_most"]
    assert np.mean(np.array(plain) > 0.95) > 0.4


def test_clusters_are_not_counted_as_independent_pairs() -> None:
    """With correlated seeds inside scenarios the cluster test keeps its level; the naive does not."""
    rng = np.random.default_rng(4)
    labels = np.repeat(np.arange(12), 5)
    robust, naive = [], []
    for _ in range(800):
        d = np.sqrt(0.5) * np.repeat(rng.normal(size=12), 5) + np.sqrt(0.5) * rng.normal(size=60)
        by_cluster, by_pair = st.cluster_mean(d, labels), st.paired_t(d)
        assert isinstance(by_cluster, st.ClusterMean)
        assert isinstance(by_pair, st.PairedT)
        robust.append(by_cluster.p < 0.05)
        naive.append(by_pair.p < 0.05)
    low, high = ACCEPT["cluster"]["cluster_t"]
    assert low <= np.mean(robust) <= high
    assert np.mean(naive) > 0.2


def test_the_sequential_ratio_test_survives_a_check_after_every_batch() -> None:
    """A correct split alarms rarely, where repeated chi-square alarms often."""
    rng = np.random.default_rng(5)
    alarms = repeated = 0
    for _ in range(300):
        first = rng.binomial(50, 0.5, size=40)
        batches = np.column_stack([first, 50 - first])
        test = st.srm_sequential(batches, [0.5, 0.5], dirichlet_concentration=100.0)
        alarms += test.always_valid_p[-1] < 0.05
        totals = batches.cumsum(axis=0)
        chi2 = (totals[:, 0] - totals[:, 1]) ** 2 / totals.sum(axis=1)
        repeated += bool((chi2 > 3.841).any())
    assert alarms / 300 <= ACCEPT["srm_sequential"]["sequential_at_most"]
    assert repeated / 300 > 0.2


def test_fresh_seeds_remove_the_winners_curse() -> None:
    """The reported best overstates by what `winner_bias` says; a re-evaluation does not."""
    rng = np.random.default_rng(6)
    means = np.linspace(0.0, 0.5, 20)
    theory = st.winner_bias(means, noise_sd=0.4)
    assert isinstance(theory, st.WinnerBias)
    observed = means + 0.4 * rng.normal(size=(20_000, 20))
    winner = observed.argmax(axis=1)
    fresh = means[winner] + 0.4 * rng.normal(size=20_000)
    low, high = ACCEPT["winner"]["reevaluation_bias"]
    assert theory.bias == pytest.approx(ACCEPT["winner"]["search_bias_about"], abs=0.005)
    assert (observed.max(axis=1) - means[winner]).mean() == pytest.approx(theory.bias, abs=0.012)
    assert low <= (fresh - means[winner]).mean() <= high
