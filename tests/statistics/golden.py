"""Maps each method of the golden file to the public function, with results shaped as expected there.

An undefined statistic becomes None; misuse raises the project's error.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from walras import statistics as st
from walras.core import WalrasError

Inputs = Mapping[str, Any]

NOT_BUILT = {"phase_gate": "lifecycle"}
"""Methods without a function yet, each with the issue that switches it on."""


class NotBuilt(WalrasError):
    """No public function answers this method yet."""


def answer(method: str, inputs: Inputs) -> object:
    """Return what the package says, as plain values: dicts, lists, numbers, None for undefined.

    Raises:
        WalrasError: If the inputs are misuse, or the method is not built.
    """
    if method not in METHODS:
        raise NotBuilt(f"No function answers {method!r}; known are {', '.join(sorted(METHODS))}.")
    return plain(METHODS[method](inputs))


def plain(value: object) -> object:
    """Return a value without dataclasses, arrays and `Undefined`."""
    if isinstance(value, st.Undefined):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def fields(result: object, **names: str) -> dict[str, object]:
    """Return fields of a result under the golden file's names; all None if it is undefined."""
    if isinstance(result, st.Undefined):
        return dict.fromkeys(names)
    return {golden: getattr(result, name) for golden, name in names.items()}


def same(result: object, *names: str) -> dict[str, object]:
    """Return fields whose names are the golden file's own."""
    return fields(result, **{name: name for name in names})


def pick(inputs: Inputs, *names: str, **renamed: str) -> dict[str, Any]:
    """Return the named inputs that are present, some under the function's own name for them."""
    found = {name: inputs[name] for name in names if name in inputs}
    return found | {own: inputs[name] for own, name in renamed.items() if name in inputs}


def _sharpe(i: Inputs) -> object:
    return {"sharpe": st.sharpe(i["returns"], **pick(i, "risk_free_per_period", "periods_per_year", "ddof"))}


def _sortino(i: Inputs) -> object:
    return {"sortino": st.sortino(i["returns"], **pick(i, "target_per_period", "periods_per_year"))}


def _max_drawdown(i: Inputs) -> object:
    return {"max_drawdown": st.max_drawdown(i["returns"], **pick(i, "mode", "initial_capital", "absolute"))}


def _profit_factor(i: Inputs) -> object:
    return {"profit_factor": st.profit_factor(i["pnl"]), "win_rate": st.win_rate(i["pnl"])}


def _psr(i: Inputs) -> object:
    return {"psr": st.psr(i["sr"], i["n"], **pick(i, "skew", "kurtosis", "sr_benchmark"))}


def _psr_h0(i: Inputs) -> object:
    return {"psr": st.psr_h0_variance(i["sr"], i["n"], **pick(i, "skew", "kurtosis", "sr_benchmark"))}


def _psr_from_returns(i: Inputs) -> object:
    result = st.psr_from_returns(i["returns"], **pick(i, "sr_benchmark"))
    return same(result, "sr", "skew", "kurtosis", "psr") | {"n": len(i["returns"])}


def _min_trl(i: Inputs) -> object:
    options = pick(i, "skew", "kurtosis", "sr_benchmark", "alpha")
    return {"min_trl_observations": st.min_trl(i["sr"], **options)}


def _expected_max_z(i: Inputs) -> object:
    form = i.get("form", "approximation")
    key = "expected_max_z_exact" if form == "exact" else "expected_max_z"
    return {key: st.expected_max_z(i["n_trials"], form=form)}


def _dsr(i: Inputs) -> object:
    return st.dsr(i["sr"], i["n"], **pick(i, "n_trials", "sr_variance", "skew", "kurtosis"))


def _dsr_from_trials(i: Inputs) -> object:
    count = i.get("n_trials")
    trials = st.dsr_from_trials(
        i["trial_returns_rows_are_time"], n_trials=count if isinstance(count, int) else None
    )
    return same(trials, "best_index", "sr", "skew", "kurtosis", "sr_variance", "sr0", "dsr")


def _min_btl(i: Inputs) -> object:
    length = st.min_btl(i["n_trials"], target_annual_sharpe=i["target_annual_sharpe"])
    return fields(length, min_btl_years="years", upper_bound_years="upper_bound_years")


def _effective_trials(i: Inputs) -> object:
    return fields(
        st.effective_trials(i["correlation"]),
        rho_bar="rho_bar",
        n_eff="mean_correlation",
        n_eff_entropy="entropy",
        n_eff_participation="participation",
    )


def _pbo_cscv(i: Inputs) -> object:
    return st.pbo_cscv(i["returns_rows_are_time"], **pick(i, "n_blocks", "loss_threshold"))


def _cpcv(i: Inputs) -> object:
    shape = pick(i, "n_groups", "n_test_groups")
    splits = st.cpcv_splits(i["n_samples"], **shape, **pick(i, "purge", "embargo"))
    trains = [s.train.tolist() for s in splits]
    compact = json.dumps(trains, separators=(",", ":"))

    def shown(split: st.CpcvSplit) -> dict[str, object]:
        return {"test_folds": split.test_groups, "train": split.train, "tests": split.tests}

    return {
        **asdict(st.cpcv_counts(**shape)),
        "first_split": shown(splits[0]),
        "last_split": shown(splits[-1]),
        "train_sizes": [len(rows) for rows in trains],
        "path_ids": [s.path_ids for s in splits],
        "sha256_16_of_all_train_lists": hashlib.sha256(compact.encode()).hexdigest()[:16],
    }


def _cpcv_counts(i: Inputs) -> object:
    return st.cpcv_counts(i["n_groups"], i["n_test_groups"])


def _walk_forward(i: Inputs) -> object:
    options = pick(i, "train", "test", "step", "purge", "mode", "partial_last_window")
    windows = st.walk_forward_windows(i["n_samples"], **options)
    return {"windows": [[w.train_start, w.train_end, w.test_start, w.test_end] for w in windows]}


def _generalization_ratio(i: Inputs) -> object:
    return st.generalization_ratio(i["train"], i["test"])


def _bootstrap_drawdown(i: Inputs) -> object:
    drawdowns = st.drawdowns_of_resamples(i["returns"], i["resample_indices"], **pick(i, "mode"))
    return {"drawdowns": drawdowns, "quantiles": np.quantile(drawdowns, i["quantiles"])}


def _optimal_block_length(i: Inputs) -> object:
    return same(st.optimal_block_length(i["series"]), "stationary", "circular")


def _mc_drawdown_p95(i: Inputs) -> object:
    resamples = max(20_000, int(i.get("resamples_at_least", 0)))
    result = st.resampled_drawdown(
        i["returns"], seed=20261120, resamples=resamples, **pick(i, "mean_block", "mode")
    )
    return fields(result, p95="p95", median="median", backtest="observed")


def _regime_sharpe(i: Inputs) -> object:
    return st.regime_sharpe(i["returns"], i["regimes"])


def _gt_score(i: Inputs) -> object:
    options = pick(i, "market_mean_per_trade")
    return {
        form: same(st.gt_score(i["trade_returns"], form=form, **options), "z", "r2", "sigma_d", "gt")
        for form in ("paper_form", "author_code_form")
    }


def _paired_t(i: Inputs) -> object:
    differences = st.paired_differences(i["a"], i["b"])
    result = st.paired_t(differences, **pick(i, "confidence", "alternative"))
    return same(result, "mean_diff", "se", "t", "df", "p", "ci_low", "ci_high", "cohens_dz") | {
        "n": differences.size
    }


def _wilcoxon(i: Inputs) -> object:
    method = "asymptotic" if i.get("method") == "asymptotic" else "exact"
    options = pick(i, "alternative", "continuity_correction")
    return same(st.wilcoxon(i["differences"], method=method, **options), "p", "w_plus")


def _sign_flip(i: Inputs) -> object:
    return same(st.sign_flip_permutation(i["differences"], **pick(i, "alternative")), "p")


def _bca(i: Inputs) -> object:
    result = st.bca_interval_mean(i["sample"], seed=7, resamples=200_000, **pick(i, "confidence"))
    return same(result, "acceleration", "ci_low", "ci_high")


def _cluster_mean(i: Inputs) -> object:
    result = st.cluster_mean(i["differences"], i["clusters"], **pick(i, "confidence"))
    return same(result, "mean", "se", "t", "df", "p", "ci_low", "ci_high")


def _cuped(i: Inputs) -> object:
    result = st.cuped_two_sample(**pick(i, "y_control", "y_treatment", "x_control", "x_treatment"))
    return same(result, "theta", "effect_raw", "effect", "se_raw", "se")


def _control_variate(i: Inputs) -> object:
    result = st.control_variate_paired(i["differences"], i["covariate"], **pick(i, "covariate_known_mean"))
    names = ("theta", "mean_raw", "mean_adj", "var_raw", "var_adj", "variance_reduction", "rho")
    return same(result, *names)


def _paired_power(i: Inputs) -> object:
    options = pick(i, "alpha", "alternative")
    if i["solve_for"] == "power":
        return {"power": st.paired_power(i["effect_dz"], i["n"], **options)}
    if i["solve_for"] == "mde":
        return {"mde_dz": st.detectable_effect(i["n"], **options, **pick(i, "power"))}
    n = st.pairs_needed(i["effect_dz"], **options, **pick(i, "power"))
    return n if isinstance(n, st.Undefined) else {"n": n, "n_ceil": int(np.ceil(n))}


def _asymptotic_cs(i: Inputs) -> object:
    options = pick(i, "alpha", "tuning_n")
    return {
        "rho": st.confidence_sequence_rho(**options),
        "halfwidth": st.confidence_sequence_halfwidth(i["sd"], i["n"], **options),
    }


def _asymptotic_cs_path(i: Inputs) -> object:
    burn_in = i.get("burn_in_for_decision", 10)
    options = pick(i, "alpha", "tuning_n", "looks")
    path = st.confidence_sequence(i["differences"], burn_in=burn_in, **options)
    return {
        "rho": path.rho,
        "at_looks": [[look.n, look.ci_low, look.ci_high] for look in path.looks],
        f"first_n_excluding_zero_from_{burn_in}": path.first_exclusion,
    }


def _msprt(i: Inputs) -> object:
    test = st.msprt_normal(i["x"], **pick(i, "sigma", "tau", "theta0"))
    return {
        "log_lambda_last": test.log_lambda[-1] if test.log_lambda else None,
        "always_valid_p_path": test.always_valid_p,
    }


def _normal_mixture(i: Inputs) -> object:
    return {"boundary": st.normal_mixture_boundary(i["intrinsic_time"], **pick(i, "alpha", "rho", "sides"))}


DESIGNS = {
    "classical Pocock": "pocock",
    "classical O'Brien-Fleming": "obrien_fleming",
    "Lan-DeMets O'Brien-Fleming-type spending": "lan_demets_obrien_fleming",
    "Lan-DeMets Pocock-type spending": "lan_demets_pocock",
}


def _group_sequential(i: Inputs) -> object:
    design = DESIGNS.get(i["design"], i["design"])
    return st.group_sequential(i["information_fractions"], design=design, **pick(i, "alpha", "sides"))


def _srm_chi2(i: Inputs) -> object:
    return same(st.srm_chi2(i["observed"], i["weights"]), "chi2", "df", "p")


def _srm_sequential(i: Inputs) -> object:
    return st.srm_sequential(i["batches"], i["probabilities"], **pick(i, "dirichlet_concentration"))


def _cusum(i: Inputs) -> object:
    return st.cusum(i["x"], **pick(i, "mu0", "sigma", "k", "h"))


def _page_hinkley(i: Inputs) -> object:
    options = pick(i, "min_instances", "delta", "threshold", forgetting="forgetting_alpha")
    return {"detections_0_based": st.page_hinkley(i["x"], **options)}


def _adwin(i: Inputs) -> object:
    options = pick(i, "delta", "clock", "max_buckets", "min_window_length", "grace_period")
    return {"detections_0_based": st.adwin(i["x"], **options)}


def _adjusted_p(i: Inputs) -> object:
    return {
        "holm": st.adjust_holm(i["p_values"]),
        "bh": st.adjust_benjamini_hochberg(i["p_values"]),
        "by": st.adjust_benjamini_yekutieli(i["p_values"]),
    }


def _friedman(i: Inputs) -> object:
    result = st.friedman(i["scores_rows_are_blocks"], **pick(i, "higher_is_better"))
    return same(result, "mean_ranks", "chi2", "chi2_no_tie_correction", "p") | fields(
        result, iman_davenport_F="iman_davenport_f", p_F="p_f"
    )


def _nemenyi(i: Inputs) -> object:
    return {"critical_difference": st.nemenyi_cd(i["k"], **pick(i, "n_blocks", "alpha"))}


def _iqm(i: Inputs) -> object:
    scores = i["scores_runs_by_tasks"]
    return {
        "iqm": st.interquartile_mean(scores),
        "performance_profile": st.performance_profile(scores, i.get("taus", [])),
    }


def _improvement(i: Inputs) -> object:
    return st.probability_of_improvement(i["x_runs_by_tasks"], i["y_runs_by_tasks"])


def _ece(i: Inputs) -> object:
    binning = "equal_mass" if str(i.get("scheme", "")).startswith("equal mass") else "equal_width"
    result = st.calibration_error(i["p"], i["y"], binning=binning, **pick(i, "bins"))
    if isinstance(result, st.Undefined):
        return result
    bins = [[b.n, b.mean_forecast, b.outcome_rate] for b in result.bins]
    return {"ece": result.ece, "mce": result.mce, "bins": bins}


def _brier(i: Inputs) -> object:
    return same(st.brier_decomposition(i["p"], i["y"]), "brier", "reliability", "resolution", "uncertainty")


def _isotonic(i: Inputs) -> object:
    return {"fitted": st.isotonic_fit(i["x"], i["y"])}


def _ocba(i: Inputs) -> object:
    result = st.ocba(i["means"], i["sds"], **pick(i, "budget", "maximize"))
    return fields(result, best="best", fractions="fractions", allocation="runs")


def _winner_bias(i: Inputs) -> object:
    return st.winner_bias(i["true_means"], **pick(i, "noise_sd"))


METHODS: Mapping[str, Callable[[Inputs], object]] = {
    "sharpe": _sharpe,
    "sortino": _sortino,
    "max_drawdown": _max_drawdown,
    "profit_factor": _profit_factor,
    "psr": _psr,
    "psr_h0_variance": _psr_h0,
    "psr_from_returns": _psr_from_returns,
    "min_trl": _min_trl,
    "expected_max_z": _expected_max_z,
    "dsr": _dsr,
    "dsr_from_trials": _dsr_from_trials,
    "min_btl": _min_btl,
    "effective_trials": _effective_trials,
    "pbo_cscv": _pbo_cscv,
    "cpcv": _cpcv,
    "cpcv_counts": _cpcv_counts,
    "walk_forward": _walk_forward,
    "generalization_ratio": _generalization_ratio,
    "bootstrap_drawdown_fixed_indices": _bootstrap_drawdown,
    "optimal_block_length": _optimal_block_length,
    "mc_drawdown_p95": _mc_drawdown_p95,
    "regime_sharpe": _regime_sharpe,
    "gt_score": _gt_score,
    "paired_t": _paired_t,
    "wilcoxon": _wilcoxon,
    "sign_flip_permutation": _sign_flip,
    "bca_interval_mean": _bca,
    "cluster_mean": _cluster_mean,
    "cuped_two_sample": _cuped,
    "control_variate_paired": _control_variate,
    "paired_power": _paired_power,
    "asymptotic_cs": _asymptotic_cs,
    "asymptotic_cs_path": _asymptotic_cs_path,
    "msprt_normal": _msprt,
    "normal_mixture_boundary": _normal_mixture,
    "group_sequential": _group_sequential,
    "srm_chi2": _srm_chi2,
    "srm_sequential": _srm_sequential,
    "cusum": _cusum,
    "page_hinkley": _page_hinkley,
    "adwin": _adwin,
    "adjusted_p": _adjusted_p,
    "friedman": _friedman,
    "nemenyi_cd": _nemenyi,
    "iqm_profile": _iqm,
    "probability_of_improvement": _improvement,
    "ece": _ece,
    "brier_decomposition": _brier,
    "isotonic": _isotonic,
    "ocba": _ocba,
    "winner_bias": _winner_bias,
}
