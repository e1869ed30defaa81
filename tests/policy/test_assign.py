"""Values from `--set`, from a file and from Python: gates first, then everything at once."""

from pathlib import Path

import pytest
from tests.policy._schemas import HEAD, SCHEMA, read, written
from tests.policy.catalogue import BrokenPolicy

from walras.core import InvalidFile, RefusedByPolicy
from walras.policy import FLOOR_POLICY, fix_parameters, read_params, refusal_code


def test_the_later_source_wins(tmp_path: Path) -> None:
    """File, then Python, then the command line; each value in its declared type."""
    path = written(tmp_path, "strategy.d.count: 1\nstrategy.d.size: 2\nstrategy.d.grid: 0.5\n")
    assert read_params(
        SCHEMA,
        FLOOR_POLICY,
        file=path,
        values={"strategy.d.count": 2, "strategy.d.size": 3},
        texts={"strategy.d.count": "3", "strategy.d.on": "false", "strategy.d.mode": "true"},
    ) == {
        "strategy.d.count": 3,
        "strategy.d.size": 3.0,
        "strategy.d.grid": 0.5,
        "strategy.d.on": False,
        "strategy.d.mode": "true",
    }
    assert read_params(SCHEMA, FLOOR_POLICY) == {}


def test_a_short_name_is_told_its_full_one() -> None:
    """Where nothing came from a file, no file is spoken of."""
    for text, full in (("count", "strategy.d.count"), ("d.coutn", "strategy.d.count")):
        with pytest.raises(InvalidFile) as caught:
            read_params(SCHEMA, FLOOR_POLICY, texts={text: "3"})
        assert f"Did you mean {full}? " in caught.value.message
        assert "file:" not in caught.value.message


def test_all_faults_of_all_sources_are_told(tmp_path: Path) -> None:
    """Lines where there are lines, and the sources by name."""
    path = written(tmp_path, "strategy.d.count: 1\nstrategy.d.size: [2]\n")
    with pytest.raises(InvalidFile) as caught:
        read_params(
            SCHEMA,
            FLOOR_POLICY,
            file=path,
            values={"strategy.d.nope": 1},
            texts={"strategy.d.count": "5,risk", "strategy.d.on": "yes", "strategy.d.size": "010"},
        )
    assert [(fault.line, fault.where.split(", ")[-1]) for fault in caught.value.faults] == [
        (2, "strategy.d.size"),
        (None, "'strategy.d.nope'"),
        (None, "strategy.d.count"),
        (None, "strategy.d.on"),
        (None, "strategy.d.size"),
    ]
    assert refusal_code(caught.value) == "OPT_REFUSED_NOT_TUNABLE"


def test_bad_files_of_parameters(tmp_path: Path) -> None:
    """Missing, not a mapping, and gated: each its own refusal."""
    with pytest.raises(InvalidFile, match="No such file"):
        read_params(SCHEMA, FLOOR_POLICY, file=tmp_path / "nope.yaml")
    with pytest.raises(InvalidFile, match="not a mapping"):
        read_params(SCHEMA, FLOOR_POLICY, file=written(tmp_path, "[1]"))
    with pytest.raises(RefusedByPolicy, match=r"space\.yaml, line 1: 'risk\.killswitch\.x'"):
        read_params(SCHEMA, FLOOR_POLICY, file=written(tmp_path, "risk.killswitch.x: 0\n"))
    with pytest.raises(RefusedByPolicy, match=r"--set: 'sec\.signer\.x'"):
        read_params(SCHEMA, FLOOR_POLICY, texts={"sec.signer.x": "1"})
    with pytest.raises(RefusedByPolicy, match="ValueError"):
        read_params(SCHEMA, BrokenPolicy(), texts={"strategy.d.count": "1"})


def test_fixing_a_parameter_takes_it_out_of_the_search() -> None:
    """The space keeps its other dimensions and their texts; its digest changes."""
    space = read(
        HEAD + "  strategy.d.count: {type: int, low: 1, high: 10, unit: eggs}\n"
        "  strategy.d.on: {type: bool}\n"
        "fixed: {strategy.d.size: 3}\n"
    )
    held = fix_parameters(
        space, {"strategy.d.on": "true", "strategy.d.size": "4"}, schema=SCHEMA, policy=FLOOR_POLICY
    )
    assert list(held.by_name) == ["strategy.d.count"]
    assert held.by_name["strategy.d.count"].unit == "eggs"
    assert held.fixed == {"strategy.d.on": True, "strategy.d.size": 4.0}
    assert held.digest != space.digest
    for texts, kind in (
        ({"risk.killswitch.x": "0"}, RefusedByPolicy),
        ({"strategy.d.size": "0"}, InvalidFile),
        ({"strategy.d.on": "true", "strategy.d.count": "2"}, InvalidFile),
    ):
        with pytest.raises(kind):
            fix_parameters(space, texts, schema=SCHEMA, policy=FLOOR_POLICY)
