"""The attack catalogue: every case of a channel that exists passes its oracle, through the real door."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from tests.policy._product import fixture_schema, market_maker
from tests.policy.catalogue import ADAPTERS, CASES, FIXTURES, PENDING, ChannelAbsent, Outcome, run_case

from walras.policy import HARD_GATE

RUN = [case for case in CASES if case["id"] not in PENDING]
OPTION_ABSENT = frozenset({"GO-170", "GO-171"})
"""An option that the command line does not have is refused before a store is opened: no audit record."""

STILL_PENDING = frozenset(
    {f"GO-{number}" for number in (*range(175, 183), *range(199, 203), *range(214, 218))}
)
"""What may be pending, by name: http, plugin, experiment and promotion. It may only shrink."""


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load and compile everything once: the catalogue's wall time counts after start-up."""
    legal = next(case for case in CASES if case["id"] == "GO-222")
    lookalike = next(case for case in CASES if case["id"] == "GO-120")
    for case in (legal, lookalike):
        run_case(case, tmp_path_factory.mktemp("warm"))


@pytest.mark.parametrize("case", RUN, ids=lambda case: case["id"])
def test_case_meets_the_universal_oracle(case: dict[str, Any], tmp_path: Path) -> None:
    """Attacks are refused before anything runs, with the right code; legal input is accepted."""
    environ, folder = dict(os.environ), Path.cwd()
    started = time.perf_counter()
    outcome = run_case(case, tmp_path)
    assert time.perf_counter() - started < 2.0
    assert (dict(os.environ), Path.cwd()) == (environ, folder)
    assert outcome.gated_digest_ok
    assert outcome.refused == (case["expected"] == "refused"), outcome
    assert all(set(given) == outcome.declared for given in outcome.engine_inputs)
    if outcome.refused:
        _check_refusal(case, outcome)
    else:
        assert outcome.engine_calls >= 1
        assert outcome.engine_inputs
        assert outcome.exit_code == 0
    assert outcome.answer_stored
    assert not list(tmp_path.rglob("pwned*"))
    assert not Path("pwned").exists()


def _check_refusal(case: dict[str, Any], outcome: Outcome) -> None:
    assert outcome.code
    if case["hard_gate_code"] == "required":
        assert outcome.code == HARD_GATE
    if case["hard_gate_code"] == "forbidden":
        assert outcome.code != HARD_GATE
    assert outcome.engine_calls == 0
    if case["scope"] == "proposal":
        assert (outcome.iteration_rows, outcome.exit_code) == (1, 0)
        return
    assert (outcome.llm_calls, outcome.iteration_rows) == (0, 0)
    assert outcome.audit_records == (case["id"] not in OPTION_ABSENT)
    assert outcome.exit_code == (3 if outcome.code == HARD_GATE else 2)
    assert all(name.isascii() and name.isprintable() and len(name) <= 200 for name in outcome.names)
    if outcome.code == HARD_GATE:
        assert outcome.names or case["input"].get("inject"), "a guard that fails knows no name"
        assert all(name in outcome.text for name in outcome.names[:8])


def test_catalogue_is_whole() -> None:
    """All 226 cases are either run or listed by name."""
    assert len(CASES) == 226
    assert len(RUN) + len(PENDING) == 226


def test_pending_holds_cases_of_absent_channels_alone(tmp_path: Path) -> None:
    """A case of a channel that exists cannot hide on the list, and the list may only shrink."""
    by_id = {case["id"]: case for case in CASES}
    assert set(PENDING) <= STILL_PENDING
    for name in PENDING:
        assert by_id[name]["channel"] not in ADAPTERS
        with pytest.raises(ChannelAbsent):
            run_case(by_id[name], tmp_path)


@pytest.mark.parametrize("fixture", FIXTURES["base"]["tunable"])
def test_the_shipped_strategy_declares_the_fixture(fixture: str) -> None:
    """The base fixture is the product's own market maker: same names, kinds and bounds."""
    wanted = fixture_schema(FIXTURES["base"]["tunable"]).by_name[fixture]
    shipped = market_maker().schema.by_name[fixture]
    assert shipped.tunable
    assert (shipped.kind, shipped.low, shipped.high, shipped.choices) == (
        wanted.kind,
        wanted.low,
        wanted.high,
        wanted.choices,
    )
