"""A list of searches as a table."""

from collections.abc import Sequence
from typing import Final

from walras.cli._format import command, number, score, when
from walras.cli._output import notice, say, screen_width, table
from walras.cli._terminal import one_line
from walras.store import SearchSummary

COLUMNS: Final = (
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
_FEW: Final = ("id", "state", "proposer", ">done", ">holdout")
_WIDE: Final = 100


def tell_list(rows: Sequence[SearchSummary], *, place: str, store: str | None = None) -> None:
    """Print searches, or how to make the first one; a narrow screen gets what one chooses by."""
    if not rows:
        say(f"No such search in {one_line(place)}.")
        say(f"Start one with: {command('walras search market_maker', store)}")
        notice()
        return
    names = COLUMNS if screen_width() >= _WIDE else _FEW
    table(names, [tuple(_cells(row)[name] for name in names) for row in rows], indent=0)
    if any("imported" in row.record.meta for row in rows):
        say("* imported here at this time, from a file; `walras show ID` says when it was made", dim=True)
    notice()


def _cells(row: SearchSummary) -> dict[str, str]:
    record = row.record
    head = record.headline
    labels = " ".join([record.name, *(f"#{tag}" for tag in record.tags)])
    cells = (
        record.id,
        str(record.state),
        when(record.created_at) + ("*" if "imported" in record.meta else ""),
        one_line(record.spec.space.name, 30),
        one_line(record.spec.proposer.kind, 20),
        str(record.spec.seed),
        f"{record.iterations}/{record.budget}",
        str(row.failed + row.refused),
        number(row.best_score),
        score(None) if head is None else score(head.holdout_score, head.holdout_se),
        one_line(labels, 60),
    )
    return dict(zip(COLUMNS, cells, strict=True))
