"""`walras explain`: why the best run is the best."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from walras.cli._options import Command, common, endpoint_options, policy_option, ref_argument, store_option

if TYPE_CHECKING:
    from walras.search import Explanation

EXAMPLES = (
    "walras explain @last",
    "walras explain 4k2:17 --json",
    "walras explain @best --endpoint live --model gpt-4.1-mini",
)


_NO_CHANGE = re.compile(r"the score changes by [+-]?0(?: ± 0)?(?=\.$)")


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@endpoint_options
@policy_option
@store_option
@common
def explain(*, ref: str, policy: Path | None, store: str | None, as_json: bool, **asked: Any) -> None:
    """Say why the best iteration of ID, or ID:N, scores as it does.

    Computed: the point, the defaults, and the point with each parameter put back to its default run on
    fresh scenarios, paired. With --endpoint a model then puts these facts into words; its words are
    marked as such, and stored.
    """
    from walras.cli._output import emit
    from walras.cli._place import open_to_read
    from walras.cli._requests import endpoint_of
    from walras.search import explain as look_into

    with open_to_read(store=store, policy=policy) as bench:
        found = look_into(bench, ref, endpoint=endpoint_of(asked))
    if as_json:
        emit(found.to_json())
        return
    _tell(found)


def _tell(found: "Explanation") -> None:
    from walras.cli._format import score, setting
    from walras.cli._output import heading, notice, prose, say, table
    from walras.cli._terminal import one_line

    say(f"Why iteration {found.iteration} of search {found.search} scores as it does", bold=True)
    heading("Computed")
    for fact in found.facts:
        prose(_NO_CHANGE.sub("it makes no difference", one_line(fact)), bullet=True)
    if found.contributions:
        heading(f"What each parameter is worth, in {one_line(found.objective)}")
        rows = []
        for row in found.contributions:
            worth = score(row.gain, row.standard_error)
            if row.gain is None:
                worth = one_line(row.reason or "", 80)
            elif not row.gain and not row.standard_error:
                worth = "no difference"
            rows.append((one_line(row.parameter, 128), setting(row.default), setting(row.best), worth))
        table(("parameter", ">default", ">here", "gain over its default"), rows)
    if found.words:
        heading(
            f"In the words of {one_line(found.model or 'the model', 80)} (a model's opinion, not computed)"
        )
        prose(found.words)
    notice()
