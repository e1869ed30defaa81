"""Choose and print what a model is shown of the record: a table of points, report deltas, insights.

Everything here is numbers, parameter names and enumerated words. No scenario seed, no id, no time, no
hold-out result and no text from outside is ever printed, but for the model's own earlier hypothesis,
fenced and cut.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from walras.core import SearchSpace
from walras.proposers._history import Scored, best_of, noise_of, quartiles, ranks, scored, status_of
from walras.proposers._selection import TOP, by_shrunk_mean, chosen_places
from walras.proposers._text import cell, number, reason_code, safe_text, score_text, table

if TYPE_CHECKING:
    from walras.core import AggregateReport, Iteration

WHOLE_BELOW: Final = 30
_CHARACTERS_PER_TOKEN: Final = 2.5

_METRICS: Final = (
    ("pnl_pusd", "pUSD a scenario"),
    ("resolution_pnl_pusd", "pUSD a scenario"),
    ("taker_fee_pusd", "pUSD a scenario"),
    ("maker_rebate_pusd", "pUSD a scenario"),
    ("sharpe_per_block", "ratio"),
    ("max_drawdown_pusd", "pUSD, worst scenario"),
    ("mean_drawdown_pusd", "pUSD a scenario"),
    ("win_rate_per_block", "share"),
    ("fills", "fills a scenario"),
    ("fill_ratio", "share"),
    ("adverse_selection_pusd", "pUSD a scenario"),
    ("inventory_max_shares", "shares"),
    ("inventory_mean_abs_shares", "shares"),
    ("quadratic_variation_pusd2", "pUSD^2"),
    ("worst_scenario_pnl_pusd", "pUSD"),
)


def state_lines(space: SearchSpace, history: Sequence[Iteration], *, count: int) -> str:
    """Return where the search stands: counts, incumbent, noise floor, plateau, progress."""
    rows = scored(space, history)
    best, noise = best_of(rows), noise_of(rows)
    lines = [f"finished: {len(history)}", f"scored: {len(rows)}", f"wanted: {count}"]
    if best is None:
        lines.append("incumbent: none")
    else:
        error = f" +- {number(best.standard_error)}" if best.standard_error else ""
        lines.append(
            f"incumbent: iteration {best.number}, {score_text(best.score, best.standard_error)}{error}"
        )
        lines.append(f"iterations since it improved: {len(history) - 1 - best.number}")
    if noise is not None:
        lines.append(f"noise floor: {number(2 * math.sqrt(2) * noise)} (2 se of a difference, unpaired)")
    if len(rows) >= 5:
        lines.append(f"best so far, at 5 moments: {', '.join(_progress(rows))}")
    return "\n".join(lines)


def history_table(space: SearchSpace, history: Sequence[Iteration], *, tokens: int) -> tuple[str, str]:
    """Return the CSV of the record and one sentence on what was left out ("" if nothing was).

    Below 30 iterations all are shown. From there on: the 8 best by shrunk mean, the last 8, 6 far from
    those, and the last 4 without a score. Whatever the numbers, the table keeps to `tokens`, counted at
    2.5 characters each: the oldest rows that are not among the best go first, the best row last.
    """
    rows = scored(space, history)
    known = {row.number: row for row in rows}
    chosen = list(range(len(history)))
    if len(history) >= WHOLE_BELOW:
        chosen = chosen_places(space, history, rows)
    names = [axis.name for axis in space.dimensions]
    header = ["n", *names, "score", "se", "status"]
    printed = {place: _row(names, history[place], known) for place in chosen}
    ranked = [row.number for row in by_shrunk_mean(rows)[:TOP]]
    place_of = {history[place].number: place for place in chosen}
    room = int(tokens * _CHARACTERS_PER_TOKEN) - len(",".join(header))
    spare = [place for place in chosen if history[place].number not in ranked]
    spare += [place_of[number_] for number_ in reversed(ranked)]
    while len(printed) > 1 and sum(len(",".join(row)) + 1 for row in printed.values()) > room:
        printed.pop(spare.pop(0))
    left_out = len(history) - len(printed)
    note = (
        f" {left_out} more are not shown: neither best, nor recent, nor far from these." if left_out else ""
    )
    return table(header, [printed[place] for place in sorted(printed)]), note


def report_table(space: SearchSpace, history: Sequence[Iteration]) -> str:
    """Return the report metrics of the last and the best iteration as differences from iteration 0's."""
    rows = scored(space, history)
    reported = {it.number: it for it in history if it.report is not None and str(it.status) == "done"}
    base, best = reported.get(0), best_of(rows)
    last = max(reported.values(), key=lambda it: it.number, default=None)
    if base is None or base.report is None or last is None or last.report is None:
        return "none"
    columns = [last.report.aggregate]
    header = ["metric", "unit", "default", f"last (iteration {last.number})"]
    if best is not None and best.number in reported and best.number != last.number:
        best_report = reported[best.number].report
        assert best_report is not None  # noqa: S101  # only those with a report are in `reported`
        columns.append(best_report.aggregate)
        header.append(f"best (iteration {best.number})")
    lines = [_metric_row(name, unit, base.report.aggregate, columns) for name, unit in _METRICS]
    lines_after = [table(header, lines)]
    codes = sorted({reason_code(code) for code in last.report.reason_codes})[:8]
    if codes:
        lines_after.append(f"reason codes of the last: {', '.join(codes)}")
    rejected = sorted(last.report.aggregate.rejections.items(), key=lambda item: (-item[1], item[0]))[:4]
    if rejected:
        listed = ", ".join(f"{reason_code(code.upper())} {count}" for code, count in rejected)
        lines_after.append(f"rejected orders of the last: {listed}")
    return "\n".join(lines_after)


def insight_lines(space: SearchSpace, history: Sequence[Iteration]) -> str:
    """Return at most 8 lines of computed facts: where good points lie, what moves the score, failures."""
    rows = scored(space, history)
    lines: list[str] = []
    if len(rows) >= 8:
        top = by_shrunk_mean(rows)[: max(len(rows) // 4, 3)]
        ranked = sorted(
            (axis.name for axis in space.dimensions), key=lambda name: -abs(_strength(space, name, rows))
        )
        lines += [_axis_line(space, name, rows, top) for name in ranked[:6]]
    failed: dict[str, int] = {}
    for iteration in history:
        if str(iteration.status) != "done":
            failed[status_of(iteration)] = failed.get(status_of(iteration), 0) + 1
    if failed:
        listed = ", ".join(f"{code} {count}" for code, count in sorted(failed.items())[:6])
        lines.append(f"without a score: {listed}")
    return "\n".join(lines[:8]) or "too few scored iterations"


def notes_lines(history: Sequence[Iteration]) -> str:
    """Return the last hypothesis and prediction of a model against what came, as data."""
    for iteration in reversed(history):
        proposal = iteration.proposal
        if proposal is None or not proposal.hypothesis:
            continue
        said = safe_text(proposal.hypothesis, limit=160)
        predicted = proposal.predicted_score
        expected = "none" if predicted is None else number(predicted)
        score = iteration.score.value
        got = status_of(iteration) if score is None else number(score)
        return f"iteration {iteration.number}: hypothesis '{said}'; predicted {expected}; got {got}"
    return "none"


def _row(names: Sequence[str], iteration: Iteration, known: Mapping[int, Scored]) -> list[str]:
    row = known.get(iteration.number)
    if row is None:
        status = status_of(iteration)
        return [
            str(iteration.number),
            *("" for _ in names),
            "",
            "",
            "NO_SCORE" if status == "done" else status,
        ]
    error = number(row.standard_error) if row.standard_error else ""
    cells = [cell(row.params.get(name)) for name in names]
    return [str(row.number), *cells, score_text(row.score, row.standard_error), error, "done"]


def _progress(rows: Sequence[Scored]) -> list[str]:
    best, path = -math.inf, []
    for row in rows:
        best = max(best, row.score)
        path.append(score_text(best, row.standard_error))
    return [path[round(share * (len(path) - 1))] for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


def _metric_row(name: str, unit: str, base: AggregateReport, others: Sequence[AggregateReport]) -> list[str]:
    start = getattr(base, name)
    if not isinstance(start, float):
        return [name, unit, "undefined", *("" for _ in others)]
    cells = []
    for other in others:
        value = getattr(other, name)
        cells.append(_signed(value - start) if isinstance(value, float) else "undefined")
    return [name, unit, number(start), *cells]


def _signed(delta: float) -> str:
    return number(delta) if delta <= 0 else f"+{number(delta)}"


def _strength(space: SearchSpace, name: str, rows: Sequence[Scored]) -> float:
    """Return the rank correlation of a numeric dimension with the score; 0 for one without order."""
    if space.by_name[name].kind in ("categorical", "bool"):
        return 0.0
    pairs = [(float(row.params[name]), row.score) for row in rows if name in row.params]
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    if len(pairs) < 5 or len(set(xs)) < 2 or len(set(ys)) < 2:
        return 0.0
    return statistics.correlation(ranks(xs), ranks(ys))


def _axis_line(space: SearchSpace, name: str, rows: Sequence[Scored], top: Sequence[Scored]) -> str:
    if space.by_name[name].kind in ("categorical", "bool"):
        counts = {
            choice: [cell(r.params.get(name)) for r in top].count(choice) for choice in _cells(rows, name)
        }
        listed = ", ".join(f"{choice or 'absent'} {count}" for choice, count in counts.items())
        return f"{name}: in the best quarter: {listed}"
    values = [float(row.params[name]) for row in top if name in row.params]
    rank = _strength(space, name, rows)
    if not values:
        return f"{name}: absent from the best quarter"
    low, middle, high = (number(q) for q in quartiles(values))
    return (
        f"{name}: best quarter lies at {low}..{high}, median {middle}; rank correlation with score {rank:.2f}"
    )


def _cells(rows: Sequence[Scored], name: str) -> list[str]:
    return sorted({cell(row.params.get(name)) for row in rows})
