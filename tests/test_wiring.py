"""Wiring picks the parts: the store's place, spaces by name, refusals audited at the door."""

import json
from pathlib import Path

import pytest

from walras import wiring
from walras.core import InvalidFile, RefusedByPolicy, UnknownName, UsageError

HALF = "strategy.mm.half_spread_ticks"


def test_the_store_is_the_option_then_the_variable_then_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path without a scheme is a SQLite file."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("WALRAS_STORE", raising=False)
    assert wiring.store_url() == f"sqlite:///{tmp_path}/walras/walras.db"
    monkeypatch.setenv("WALRAS_STORE", "postgresql://host/db")
    assert wiring.store_url() == "postgresql://host/db"
    assert wiring.store_url("/x/y.db") == "sqlite:////x/y.db"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert wiring.data_directory() == Path.home() / ".local" / "share" / "walras"


def test_the_default_store_is_made_on_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be set up first, and only the owner can read it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("WALRAS_STORE", raising=False)
    with wiring.open_bench() as bench:
        assert bench.store.list() == ()
    assert (tmp_path / "walras" / "walras.db").stat().st_mode & 0o077 == 0


def test_shipped_spaces_are_found_by_name(tmp_path: Path) -> None:
    """With and without the folder and the ending, and none of them is faulty."""
    with wiring.open_bench(store=str(tmp_path / "a.db")) as bench:
        for name in wiring.shipped_spaces():
            plain = wiring.read_space(bench, name)
            assert wiring.read_space(bench, f"search_spaces/{name}.yaml") == plain
        with pytest.raises(UnknownName, match="market_maker"):
            wiring.read_space(bench, "market_makr")
        with pytest.raises(UsageError, match="no file"):
            wiring.read_space(bench, "nowhere/space.yaml")


def test_every_strategy_has_a_shipped_space() -> None:
    """The three strategies ship ready to search."""
    from walras.strategies import strategy_names

    assert set(wiring.shipped_spaces()) == set(strategy_names())


def test_overrides_hold_a_parameter_fixed(tmp_path: Path) -> None:
    """A searched parameter that is set is searched no more; market and objective can be chosen too."""
    with wiring.open_bench(store=str(tmp_path / "a.db")) as bench:
        space = wiring.read_space(bench, "market_maker", overrides={HALF: "4"}, objective="resolution_pnl")
        assert space.fixed[HALF] == 4
        assert HALF not in space.by_name
        assert space.objective == "resolution_pnl"
        with pytest.raises(InvalidFile):
            wiring.read_space(bench, "market_maker", overrides={HALF: "4,strategy.mm.order_size=5"})


@pytest.mark.parametrize("door", ["file", "dict", "override", "environment"])
def test_a_refusal_at_the_door_leaves_one_audit_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    """Whatever door a gated name comes through: OPT_REFUSED_HARD_GATE, one record, no search."""
    gated = {"name": "g", "strategy": "market_maker", "parameters": {"risk.killswitch.x": {"type": "bool"}}}
    store = str(tmp_path / "a.db")
    with wiring.open_bench(store=store) as bench:
        if door == "file":
            file = tmp_path / "g.json"
            file.write_text(json.dumps(gated))
            with pytest.raises(RefusedByPolicy):
                wiring.read_space(bench, file)
        elif door == "dict":
            with pytest.raises(RefusedByPolicy):
                wiring.read_space(bench, gated)
        elif door == "override":
            with pytest.raises(RefusedByPolicy):
                wiring.read_space(bench, "market_maker", overrides={"risk.killswitch.x": "0"})
    if door == "environment":
        monkeypatch.setenv("OPT_ENGINE__RISK__KILLSWITCH__TRIPTHRESHOLD", "0")
        with pytest.raises(RefusedByPolicy), wiring.open_bench(store=store):
            pytest.fail("the bench opened")
        monkeypatch.delenv("OPT_ENGINE__RISK__KILLSWITCH__TRIPTHRESHOLD")
    with wiring.open_bench(store=store) as bench:
        (record,) = bench.store.audit_records(kind="refusal")
        assert record.code == "OPT_REFUSED_HARD_GATE"
        assert bench.store.list() == ()


def test_the_report_page_is_made_from_the_store(tmp_path: Path) -> None:
    """The page of a search carries its id, the gates and the notice."""
    from tests.search._benches import bench_at, request_for

    from walras.search import start

    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=2))
        page = wiring.report_html(bench, record)
    assert record.id in page
    assert "risk.killswitch" in page
    assert "Synthetic replay only. Not a forecast." in page


def test_shipped_trajectories_exist_in_a_checkout() -> None:
    """A random, a TPE and a scripted-model search ship."""
    assert {"market_maker_random", "market_maker_tpe", "market_maker_llm_scripted"} <= set(
        wiring.shipped_trajectories()
    )


def test_a_live_endpoint_is_built_from_the_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine needs no key; elsewhere one line says what to set."""
    from walras.search import EndpointChoice

    monkeypatch.delenv("WALRAS_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with wiring.open_bench(store=str(tmp_path / "a.db")) as bench:
        assert bench.endpoint(EndpointChoice(model="m", base_url="http://127.0.0.1:9/v1"))
        with pytest.raises(UsageError, match="WALRAS_API_KEY"):
            bench.endpoint(EndpointChoice(model="m", base_url="https://models.example/v1"))
        with bench.executor(1) as executor:
            assert executor.capacity == 1
