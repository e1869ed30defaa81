"""TPE proposes exactly what Optuna's sampler proposes, and tells the truth about why."""

import logging
import warnings

import numpy as np
import optuna
import pytest
from tests.proposers._histories import SMALL, SPACE, done, failed, history, refused

from walras.core import Condition, Dimension, NoProposal, Proposal, ProposerSpec, SearchSpace
from walras.proposers import build_proposer, drive

TPE = ProposerSpec(kind="tpe")


def propose(
    space: SearchSpace, rows: object, *, count: int = 1, seed: int = 7, **options: object
) -> tuple[Proposal, ...]:
    spec = ProposerSpec(kind="tpe", options=options)  # type: ignore[arg-type]
    entries = drive(build_proposer(spec, seed=seed).converse(space, rows, count=count))  # type: ignore[arg-type]
    assert all(isinstance(entry, Proposal) for entry in entries)
    return entries  # type: ignore[return-value]


def plain_study(rows: object, seed: int, **arguments: object) -> optuna.Study:
    """Return a study as any user of Optuna would write it, told the done iterations of `rows`."""
    rows = tuple(rows)  # type: ignore[arg-type]
    seed_32 = int(np.random.SeedSequence([seed, len(rows)]).generate_state(1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.TPESampler(seed=seed_32, **arguments)  # type: ignore[arg-type]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    distributions = {
        "strategy.mm.half_spread_ticks": optuna.distributions.IntDistribution(1, 10),
        "strategy.mm.order_size": optuna.distributions.FloatDistribution(5, 500),
    }
    for row in rows:
        if row.score.value is not None:
            study.add_trial(
                optuna.trial.create_trial(
                    params=dict(row.proposal.params), distributions=distributions, value=row.score.value
                )
            )
    return study


@pytest.mark.parametrize("length", [1, 9, 10, 11, 25, 60])
@pytest.mark.parametrize("seed", [0, 7])
def test_proposes_what_optuna_proposes(length: int, seed: int) -> None:
    """The same history and seed give the point of a plain Optuna 5 study with default arguments."""
    rows = history(length, SMALL, clean=True)
    study = plain_study(rows, seed)
    wanted = []
    for _ in range(3):
        trial = study.ask()
        spread = trial.suggest_int("strategy.mm.half_spread_ticks", 1, 10)
        size = trial.suggest_float("strategy.mm.order_size", 5, 500)
        wanted.append(
            {"strategy.mm.half_spread_ticks": spread, "strategy.mm.order_size": float(f"{size:.9g}")}
        )
    assert [dict(entry.params) for entry in propose(SMALL, rows, count=3, seed=seed)] == wanted


def test_refused_and_failed_iterations_move_no_point() -> None:
    """Optuna never sees a refused value, and a failed iteration is a state and never a number."""
    rows = list(history(14, SMALL, clean=True))
    rows[4] = failed(4, dict(rows[4].proposal.params))  # type: ignore[union-attr,arg-type]
    with_refused = [*rows]
    with_refused[5] = refused(5)
    with_nothing = [*rows]
    with_nothing[5] = failed(5, None, "LLM_TIMEOUT")
    assert propose(SMALL, with_refused)[0].params == propose(SMALL, with_nothing)[0].params


def test_a_point_outside_the_space_is_never_told() -> None:
    """A stored value that lies outside the space is left out instead of poisoning the sampler."""
    rows = list(history(14, SMALL, clean=True))
    rows[3] = done(3, {"strategy.mm.half_spread_ticks": 99, "strategy.mm.order_size": 1e308}, 50.0)
    without = [*rows]
    without[3] = failed(3, None, "LLM_TIMEOUT")
    assert propose(SMALL, rows)[0].params == propose(SMALL, without)[0].params


@pytest.mark.parametrize("length", [3, 15, 40])
def test_kept_and_rebuilt_studies_agree(length: int) -> None:
    """A study that was asked at every step proposes what a rebuilt one proposes."""
    rows = history(length)
    kept = build_proposer(TPE, seed=11)
    for start in range(1, length + 1):
        kept_entries = drive(kept.converse(SPACE, rows[:start], count=1 + start % 3))
    rebuilt = drive(build_proposer(TPE, seed=11).converse(SPACE, rows, count=1 + length % 3))
    assert kept_entries == rebuilt


def test_another_history_or_space_rebuilds_the_study() -> None:
    """The cache is dropped when the past changes."""
    kept = build_proposer(TPE, seed=11)
    drive(kept.converse(SPACE, history(20), count=1))
    changed = (*history(12), done(12, SPACE.defaults, 99.0), *history(20)[13:])
    again = drive(kept.converse(SPACE, changed, count=1))
    assert again == drive(build_proposer(TPE, seed=11).converse(SPACE, changed, count=1))
    other = drive(kept.converse(SMALL, history(14, SMALL), count=1))
    assert other == drive(build_proposer(TPE, seed=11).converse(SMALL, history(14, SMALL), count=1))


def test_a_batch_is_spread_out() -> None:
    """Points of one batch differ."""
    entries = propose(SPACE, history(30), count=6)
    assert len({tuple(sorted(entry.params.items())) for entry in entries}) == 6


@pytest.mark.parametrize("options", [{}, {"group": False}, {"multivariate": False}, {"constant_liar": False}])
def test_stays_inside_a_space_of_every_kind(options: dict[str, bool]) -> None:
    """Conditional, stepped, log and pinned dimensions are all respected in both phases."""
    for length in (2, 20, 50):
        for entry in propose(SPACE, history(length), count=4, **options):
            assert SPACE.contains(entry.params)  # type: ignore[arg-type]


def test_a_log_axis_with_a_step_stays_on_its_grid() -> None:
    """Optuna has no such distribution; the point is snapped back onto the grid."""
    space = SearchSpace(
        name="g",
        strategy="s",
        dimensions=(
            Dimension(name="a.i", kind="int", low=1, high=100, log=True, step=9, default=10),
            Dimension(name="a.f", kind="float", low=0.1, high=10.0, log=True, step=0.3, default=0.4),
            Dimension(name="a.g", kind="float", low=0.0, high=1.0, step=1 / 3, default=0.0),
            Dimension(
                name="a.c",
                kind="int",
                low=1,
                high=2,
                default=1,
                when=Condition(parameter="a.k", values=(1,)),
            ),
        ),
        fixed={"a.k": 1},
    )
    rows = [done(0, space.defaults, 0.0)]
    for number in range(1, 25):
        (entry,) = propose(space, rows)
        assert space.contains(entry.params)  # type: ignore[arg-type]
        assert "a.c" in entry.params
        rows.append(done(number, dict(entry.params), float(entry.params["a.i"])))  # type: ignore[arg-type]


def test_says_which_phase_it_is_in() -> None:
    """The reasoning is computed: phase, good set, incumbent, and what moved where."""
    (start,) = propose(SMALL, history(4, SMALL, clean=True))
    assert start.details["phase"] == "start-up"
    assert "4 of 10" in start.reasoning
    rows = history(30, SMALL, clean=True)
    (entry,) = propose(SMALL, rows)
    best = max(rows, key=lambda row: row.score.value or -1e9)
    assert entry.details["good"] == 3
    assert entry.details["incumbent"] == best.number
    assert f"incumbent is iteration {best.number}" in entry.reasoning
    for move in entry.details["moved"]:  # type: ignore[union-attr]
        name = move["name"]  # type: ignore[index,call-overload]
        assert entry.params[name] != best.proposal.params[name]  # type: ignore[union-attr,index]
        assert name in entry.reasoning  # type: ignore[operator]


def test_explains_choices_and_new_dimensions() -> None:
    """A moved choice says how often the good set has it; a new dimension says that it is new."""
    texts = " ".join(entry.reasoning for n in range(12, 40) for entry in propose(SPACE, history(n), count=2))
    assert "times in the good set" in texts
    assert "absent ->" in texts
    assert "quartiles" in texts


def test_names_a_dimension_that_the_good_set_lacks() -> None:
    """A conditional dimension without good values comes from the prior, and the sentence says so."""
    rows = history(30, clean=True)
    rows = tuple(row for row in rows if row.proposal and row.proposal.params["strategy.mm.mode"] == "join")
    texts = [propose(SPACE, rows, seed=seed)[0].reasoning for seed in range(30)]
    assert any("strategy.mm.improve_ticks absent -> " in text for text in texts)
    assert any("(not in the good set: prior)" in text for text in texts)


def test_says_when_nothing_moves() -> None:
    """A space of one point yields that point, and says so."""
    space = SearchSpace(
        name="one",
        strategy="s",
        dimensions=(Dimension(name="a.b", kind="float", low=1.0, high=1.0, default=1.0),),
    )
    rows = [done(number, {"a.b": 1.0}, 1.0) for number in range(12)]
    assert "Every dimension stays" in propose(space, rows)[0].reasoning


def test_without_startup_the_model_works_from_nothing() -> None:
    """Zero start-up trials and an empty history still give a legal point."""
    (entry,) = propose(SMALL, (), n_startup_trials=0)
    assert SMALL.contains(entry.params)  # type: ignore[arg-type]


def test_a_sampler_that_leaves_the_space_is_a_failed_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A point outside is never evaluated and never clipped."""
    from walras.proposers import _optuna

    monkeypatch.setattr(_optuna.TpeStudy, "suggest", lambda *_, **__: ({"strategy.mm.order_size": 9e9},))
    (entry,) = drive(build_proposer(TPE, seed=1).converse(SMALL, history(2, SMALL), count=1))
    assert isinstance(entry, NoProposal)
    assert entry.code == "PROPOSAL_BOUNDS"


def test_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """Optuna's log lines and experimental warnings stay out of the user's way, and its level is restored."""
    logger = logging.getLogger("optuna")
    logger.setLevel(logging.INFO)
    propose(SPACE, history(20), count=2)
    assert capsys.readouterr() == ("", "")
    assert logger.level == logging.INFO


def test_the_fingerprint_names_every_argument() -> None:
    """Every argument of the installed sampler is recorded, with the versions it depends on."""
    import inspect

    fingerprint = build_proposer(TPE, seed=1).fingerprint()
    known = set(inspect.signature(optuna.samplers.TPESampler.__init__).parameters) - {
        "self",
        "args",
        "kwargs",
    }
    assert known <= set(fingerprint["arguments"])  # type: ignore[arg-type]
    assert fingerprint["optuna"] == optuna.__version__
    assert fingerprint["numpy"] == np.__version__
    assert fingerprint["simd"]


def test_the_good_set_has_the_size_that_optuna_uses() -> None:
    """Our count of the good set is Optuna's default gamma."""
    from optuna.samplers._tpe.sampler import default_gamma

    from walras.proposers._optuna import good_count

    assert [good_count(n) for n in range(400)] == [default_gamma(n) for n in range(400)]
