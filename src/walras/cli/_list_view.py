"""A list of searches as a table."""

from collections.abc import Sequence

from walras.cli._format import number, score, when
from walras.cli._output import notice, say, table
from walras.cli._terminal import one_line
from walras.store import SearchSummary


def tell_list(rows: Sequence[SearchSummary], *, place: str) -> None:
    """Print searches, or how to make the first one."""
    if not rows:
        say(f"No such search in {one_line(place)}.")
        say("Start one with: walras search market_maker")
        notice()
        return
    columns = (
        "id",
        "state",
        "started (UTC)",
        "space",
        "proposer",
        ">seed",
        ">done",
        ">lost",
        ">best",
        ">holdout",
        "name",
    )
    table(columns, [_row(row) for row in rows], indent=0)
    notice()


def _row(row: SearchSummary) -> tuple[str, ...]:
    record = row.record
    head = record.headline
    held = score(None) if head is None else score(head.holdout_score, head.holdout_se)
    labels = " ".join([record.name, *(f"#{tag}" for tag in record.tags)])
    return (
        record.id,
        str(record.state),
        when(record.created_at),
        one_line(record.spec.space.name, 30),
        one_line(record.spec.proposer.kind, 20),
        str(record.spec.seed),
        f"{record.iterations}/{record.budget}",
        str(row.failed + row.refused),
        number(row.best_score),
        held,
        one_line(labels, 60),
    )
