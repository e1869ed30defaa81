"""The checks of `walras doctor`. Each one looks at one thing and never raises."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from walras.cli._format import count, duration
from walras.cli._place import on_store
from walras.core import WalrasError

if TYPE_CHECKING:
    from walras.search import Bench

Status = Literal["ok", "note", "fail"]
_ENOUGH_BYTES = 200_000_000


@dataclass(frozen=True)
class Check:
    """What one check found. `mend` says what to do, and is empty where all is well."""

    name: str
    status: Status
    found: str
    mend: str = ""


def examine(
    *, store: str | None = None, endpoint: str | None = None, model: str | None = None
) -> tuple[Check, ...]:
    """Return every check in order; one that fails does not keep the others from running."""
    from walras.wiring import open_bench

    checks = [_safely("python", _python), _safely("packages", _packages)]
    try:
        with open_bench(store=store) as bench:
            checks += _on(bench)
    except (WalrasError, OSError) as error:
        checks += [_failed("store", error), *_without_store()]
    checks.append(_safely("key", _key))
    if endpoint is not None:
        checks.append(_safely("endpoint", lambda: _endpoint(endpoint, model)))
    return tuple(replace(check, mend=on_store(check.mend, store)) for check in checks)


def _without_store() -> Iterator[Check]:
    """Run what needs no store of its own on one in memory."""
    from walras.wiring import open_bench

    try:
        with open_bench(store="sqlite://") as bench:
            yield from _beside_store(bench)
    except (WalrasError, OSError) as error:
        yield _failed("policy", error)


def _on(bench: "Bench") -> Iterator[Check]:
    yield _safely("store", lambda: _store(bench))
    yield from _beside_store(bench)


def _beside_store(bench: "Bench") -> Iterator[Check]:
    yield _safely("policy", lambda: _policy(bench))
    yield _safely("spaces", lambda: _spaces(bench))
    yield _safely("engine", lambda: _engine(bench))


def _safely(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as error:  # noqa: BLE001  # a doctor reports, whatever is wrong
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    from walras.cli._errors import ending_of

    end = ending_of(error)
    return Check(name, "fail", end.message, end.hint)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", "ok", f"{version}, {sys.platform}, {count(os.cpu_count() or 1, 'core')}")


def _packages() -> Check:
    from walras.wiring import versions

    return Check(
        "packages",
        "ok",
        ", ".join(f"{name} {number}" for name, number in versions().items() if name != "python"),
    )


def _store(bench: "Bench") -> Check:
    free = bench.store.free_bytes()
    searches = count(len(bench.store.list(archived=True)), "search", "searches")
    if free is not None and free < _ENOUGH_BYTES:
        return Check(
            "store", "note", f"{bench.store.place}: only {free / 1e6:.0f} MB free", "Free some space."
        )
    room = "" if free is None else f", {free / 1e9:.1f} GB free"
    return Check("store", "ok", f"{bench.store.place}: {searches}{room}")


def _policy(bench: "Bench") -> Check:
    from walras.policy import gated_digest_ok

    gates = count(len(bench.policy.gates), "hard gate")
    if not gated_digest_ok():
        return Check("policy", "fail", "The gated config is not the reviewed one.", "Install Walras again.")
    return Check("policy", "ok", f"{gates} in force; the gated config is the reviewed one")


def _spaces(bench: "Bench") -> Check:
    from walras.wiring import read_space, shipped_spaces

    names = [read_space(bench, path).name for path in shipped_spaces().values()]
    if not names:
        return Check(
            "spaces", "fail", "No search space ships with this installation.", "Install Walras again."
        )
    return Check("spaces", "ok", ", ".join(names))


def _engine(bench: "Bench") -> Check:
    from walras.search import run_backtest_once

    started = time.monotonic()
    report = run_backtest_once(bench, "market_maker", scenarios=2, events=10_000)
    took = duration(time.monotonic() - started)
    return Check("engine", "ok", f"a small backtest ran in {took}; fingerprint {report.engine_fingerprint}")


def _key() -> Check:
    if os.environ.get("WALRAS_API_KEY") or os.environ.get("OPENAI_API_KEY"):
        return Check("key", "ok", "configured (never stored, never shown)")
    mend = "Only --proposer llm with a live endpoint needs one: set WALRAS_API_KEY."
    return Check("key", "note", "not configured", mend)


def _endpoint(url: str, model: str | None) -> Check:
    from walras.endpoint import check_server

    key = os.environ.get("WALRAS_API_KEY")
    report = check_server(url, model, key)
    if report.ok:
        return Check("endpoint", "ok", f"{report.sentence} ({report.latency_ms} ms)")
    mend = "Name one that it lists." if report.missing else "Is the server running, and the address right?"
    return Check("endpoint", "fail", report.sentence, mend)
