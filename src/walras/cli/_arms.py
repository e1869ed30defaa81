"""Ways to follow many searches: the events as JSON, one line a finished search, or a panel."""

import sys
import time
from typing import TYPE_CHECKING

from walras.cli._displays import Display, Drawn, JsonLines, Logged
from walras.cli._format import duration, score
from walras.cli._output import say, screen_width
from walras.cli._progress import Progress
from walras.core import NOTICE
from walras.search import Event, SearchCreated, SearchFinished

if TYPE_CHECKING:
    from rich.console import Group


class ArmLines(Display):
    """One line a finished search. Each search gets a fresh progress."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.total = total
        self.finished = 0
        self.started = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Take in one event and show it."""
        if isinstance(event, SearchCreated):
            self.progress = Progress()
        super().__call__(event)

    def show(self, event: Event) -> None:
        """Print the line of a finished search."""
        if isinstance(event, SearchFinished):
            self.finished += 1
            say(self.line(event))

    def line(self, event: SearchFinished) -> str:
        """Return the line of a finished search."""
        spec, head = event.record.spec, event.headline
        place = f"{self.finished}/{self.total}".rjust(2 * len(str(self.total)) + 1)
        held = score(head.holdout_score, head.holdout_se)
        who = f"{spec.proposer.kind:<8} seed {spec.seed:<4}"
        return f"{place}  {who} holdout {held:<18} search {event.record.id}"


class ArmPanel(Drawn, ArmLines):
    """A bar over all searches and the one that runs, redrawn in place; the lines stay above it."""

    def show(self, event: Event) -> None:
        """Put the line of a finished search above the panel."""
        if self._live is None:
            return
        if isinstance(event, SearchFinished):
            self.finished += 1
            self._live.console.print(self.line(event), markup=False, highlight=False)
        self._live.refresh()

    def panel(self) -> "Group":
        """Return the panel as it is now."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now, spent = self.progress, duration(time.monotonic() - self.started)
        share = now.done / now.budget if now.budget else 0.0
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            ProgressBar(
                total=max(self.total, 1),
                completed=min(self.finished + share, self.total),
                width=max(min(40, screen_width() - 24), 10),
            ),
            Text(f"search {min(self.finished + 1, self.total)}/{self.total}  {spent}"),
        )
        running = "starting"
        if now.record is not None:
            spec = now.record.spec
            running = f"{spec.proposer.kind} seed {spec.seed}  {now.done}/{now.budget}  best {now.best_text}"
        return Group(bar, Text(running, no_wrap=True, overflow="ellipsis"), Text(NOTICE, style="dim"))


def choose_arms(total: int, *, as_json: bool, verbosity: int) -> Display:
    """Return how to follow many searches: JSON lines, a panel on a quiet terminal, else plain lines."""
    if as_json:
        shown: Display = JsonLines()
    elif sys.stdout.isatty() and not verbosity:
        shown = ArmPanel(total)
    else:
        shown = ArmLines(total)
    return Logged(shown) if verbosity else shown
