"""Differences that come in clusters."""

import numpy as np
import pytest

from walras import statistics as st


class TestClusters:
    def test_singletons_are_the_paired_t(self) -> None:
        """Clusters of one change nothing."""
        d = np.random.default_rng(4).normal(size=9)
        by_cluster, t = st.cluster_mean(d, list("abcdefghi")), st.paired_t(d)
        assert isinstance(by_cluster, st.ClusterMean)
        assert isinstance(t, st.PairedT)
        assert by_cluster.p == pytest.approx(t.p)
        assert by_cluster.ci_low == pytest.approx(t.ci_low)

    def test_equal_clusters_are_undefined(self) -> None:
        """No spread between clusters is no certainty."""
        assert isinstance(st.cluster_mean([1.0, 2.0, 1.0, 2.0], [0, 0, 1, 1]), st.Undefined)

    def test_means_come_in_order_of_the_labels(self) -> None:
        """Ready for a sign-flip test at cluster level."""
        assert st.cluster_means([1.0, 3.0, 5.0], ["b", "b", "a"]).tolist() == [5.0, 2.0]
