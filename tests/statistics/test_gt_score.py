"""The GT-Score."""

import pytest

from walras import statistics as st

NAN = float("nan")


class TestGtScore:
    def test_is_undefined_without_an_edge(self) -> None:
        """Ln z needs z above 1."""
        score = st.gt_score([0.1, -0.1, 0.1, -0.1])
        assert isinstance(score, st.GtScore)
        assert isinstance(score.gt, st.Undefined)

    @pytest.mark.parametrize("trades", [[0.1, 0.2], [0.1, 0.1, 0.1], [0.1, NAN, 0.2]])
    def test_is_undefined_as_a_whole(self, trades: list[float]) -> None:
        """Too few, equal or missing trades."""
        assert isinstance(st.gt_score(trades), st.Undefined)

    def test_equal_losses_do_not_make_the_best_score_in_the_world(self) -> None:
        """The author's code divides by zero here."""
        trades = [0.1, 0.2, -0.05, 0.3, -0.05, 0.2]
        score = st.gt_score(trades, form="author_code_form")
        assert isinstance(score, st.GtScore)
        assert isinstance(score.gt, st.Undefined)

    def test_no_loss_is_undefined(self) -> None:
        """There is no downside to divide by."""
        score = st.gt_score([0.1, 0.2, 0.3])
        assert isinstance(score, st.GtScore)
        assert isinstance(score.sigma_d, st.Undefined)
