"""The attack catalogue: every case of a channel that exists passes its oracle."""

import time
from pathlib import Path
from typing import Any

import pytest
from tests.policy.catalogue import ADAPTERS, CASES, PENDING, ChannelAbsent, Outcome, run_case

from walras.policy import HARD_GATE

RUN = [case for case in CASES if case["id"] not in PENDING]


@pytest.mark.parametrize("case", RUN, ids=lambda case: case["id"])
def test_case_meets_the_universal_oracle(case: dict[str, Any], tmp_path: Path) -> None:
    """Attacks are refused before anything runs, with the right code; legal input is accepted."""
    started = time.perf_counter()
    outcome = run_case(case, tmp_path)
    assert time.perf_counter() - started < 2.0
    assert outcome.gated_digest_ok
    assert outcome.refused == (case["expected"] == "refused"), outcome
    if outcome.refused:
        _check_refusal(case, outcome)
    elif case["channel"] != "resume" or "new_space" in case["input"]:
        assert outcome.engine_calls >= 1
    assert not Path("pwned").exists()


def _check_refusal(case: dict[str, Any], outcome: Outcome) -> None:
    assert outcome.code
    if case["hard_gate_code"] == "required":
        assert outcome.code == HARD_GATE
    if case["hard_gate_code"] == "forbidden":
        assert outcome.code != HARD_GATE
    assert outcome.engine_calls == 0
    assert outcome.llm_calls == 0
    if case["scope"] == "proposal":
        assert (outcome.iteration_rows, outcome.exit_code) == (1, 0)
    else:
        assert (outcome.iteration_rows, outcome.audit_records) == (0, 1)
        assert outcome.exit_code == (3 if outcome.code == HARD_GATE else 2)


def test_catalogue_is_whole() -> None:
    """All 226 cases are either run or listed by name."""
    assert len(CASES) == 226
    assert len(RUN) + len(PENDING) == 226


def test_pending_holds_cases_of_absent_channels_alone(tmp_path: Path) -> None:
    """A case of a channel that exists cannot hide on the list."""
    by_id = {case["id"]: case for case in CASES}
    assert len(PENDING) <= 39
    for name in PENDING:
        assert by_id[name]["channel"] not in ADAPTERS
        with pytest.raises(ChannelAbsent):
            run_case(by_id[name], tmp_path)
