"""A comparison for people: the arms, the paired differences, and one true sentence."""

from walras.cli._format import NONE, count, duration, number, score
from walras.cli._headline import objective_text
from walras.cli._output import emit, heading, prose, say, table
from walras.cli._terminal import one_line
from walras.search import Arm, Comparison, PairedDifference


def tell_comparison(found: Comparison, *, as_json: bool) -> None:
    """Print a comparison whole."""
    if as_json:
        emit(found.to_json())
        return
    shape = f"{len(found.arms)} proposers, {count(found.repeats, 'seed')} each, budget {found.budget}"
    heading(f"{one_line(found.space, 80)}: {shape}")
    say(
        f"  Holdout score of each search's winner, {objective_text(found.objective)}; higher is better.",
        dim=True,
    )
    columns = ("proposer", ">mean ± s.e.", ">seeds", ">search score", ">failed", ">refused", ">cost", ">time")
    table(columns, [_arm(arm) for arm in found.arms])
    heading("Paired differences, same seed and same scenarios")
    table(
        ("pair", ">mean", "95 % interval", ">pairs", ">p (Holm)"),
        [_difference(row) for row in found.differences],
    )
    heading("What this shows")
    for row in found.differences:
        prose(row.sentence)


def _arm(arm: Arm) -> tuple[str, ...]:
    flattered = sum(arm.search_scores) / len(arm.search_scores) if arm.search_scores else None
    return (
        one_line(arm.proposer, 30),
        score(arm.mean, arm.standard_error),
        str(len(arm.holdout)),
        number(flattered),
        str(arm.failures),
        str(arm.refusals),
        f"${arm.usd:.4f}" if arm.calls else NONE,
        duration(arm.seconds),
    )


def _difference(row: PairedDifference) -> tuple[str, ...]:
    interval = NONE if row.low is None or row.high is None else f"[{number(row.low)}, {number(row.high)}]"
    pair = f"{one_line(row.variant, 30)} - {one_line(row.control, 30)}"
    return (pair, number(row.mean), interval, str(row.pairs), number(row.p_adjusted, 3))
