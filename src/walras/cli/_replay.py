"""`walras replay`: run a record again and compare every byte."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from walras.cli._counter import counting
from walras.cli._options import Command, common, policy_option, store_option, whole_ref

if TYPE_CHECKING:
    from walras.replay import ReplayResult
    from walras.search import Bench
    from walras.store import Trajectory

EXAMPLES = (
    "walras replay @last",
    "walras replay trajectories/market_maker_tpe.jsonl",
    "walras replay 4k2 --workers 2 --json",
)


@click.command(cls=Command, examples=EXAMPLES)
@click.argument("ref", metavar="ID|FILE", callback=whole_ref)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 256),
    metavar="N",
    help="Backtests at a time.",
)
@policy_option
@store_option
@common
def replay(*, ref: str, workers: int, policy: Path | None, store: str | None, as_json: bool) -> None:
    """Run the search ID, or the trajectory in FILE, again: every proposal and every backtest.

    Needs no key and no network: stored answers stand in for the model. Says `ok` only where every byte
    came out again; else names the first field that differs, or why something could not be compared,
    and exits with 7.
    """
    from walras.cli._place import require_store
    from walras.replay import replay as run_again
    from walras.wiring import open_bench

    if not _is_file(ref):
        require_store(store)
    with open_bench(store=store, policy=policy) as bench:
        trajectory = _trajectory(bench, ref)
        total = len(trajectory.iterations)
        with counting(total, "replaying", quiet=as_json) as listen:
            result = run_again(bench, trajectory, workers=workers, listen=listen)
    _tell(result, ref, total, as_json=as_json)


def _trajectory(bench: "Bench", ref: str) -> "Trajectory":
    from walras.search import locate
    from walras.store import read_trajectory

    if _is_file(ref):
        return read_trajectory(Path(ref))
    return bench.store.trajectory(locate(bench, ref)[0].id)


def _is_file(ref: str) -> bool:
    path = Path(ref)
    return path.suffix == ".jsonl" or path.is_file()


def _tell(result: "ReplayResult", ref: str, total: int, *, as_json: bool) -> None:
    """Print what a replay found; anything but ok leaves with exit code 7.

    Raises:
        IntegrityError: If the replay differs from the record, or could not be compared whole.
    """
    from walras.cli._format import count
    from walras.cli._output import emit, facts, notice, say
    from walras.cli._terminal import one_line
    from walras.core import IntegrityError

    if as_json:
        emit(result.to_json())
    name = one_line(ref, 80)
    if result.ok:
        if not as_json:
            say(f"ok: {name} came out again, byte for byte.", fg="green")
            backtests = count(result.backtests, "backtest")
            facts(
                [("iterations", str(result.iterations)), ("run again", backtests), ("digest", result.digest)]
            )
            notice()
        return
    if result.difference is not None:
        raise IntegrityError(
            f"mismatch after {result.iterations} of {total} iterations: {result.difference}",
            hint="The record, or what runs it, has changed since it was made.",
        )
    why = "\n".join(f"  {reason}" for reason in result.why)
    raise IntegrityError(
        f"not comparable: {result.iterations} of {total} iterations ran again without a difference.\n{why}",
        hint="Replay it where the record was made, or with the same library versions.",
    )
