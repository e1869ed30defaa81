"""Three ways to follow one search: JSON lines for scripts, plain lines for pipes, a panel for a terminal."""

import abc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from walras.charts import sparkline
from walras.cli._errors import Stopped
from walras.cli._format import NONE
from walras.cli._output import emit, say, screen_width
from walras.cli._process import Terminated
from walras.cli._progress import Progress, fate, said
from walras.cli._terminal import one_line, shortened
from walras.core import NOTICE, CapReached, SearchRecord, Unavailable
from walras.search import Event, IterationEnded, Judging, SearchCreated, SearchFinished, SearchResumed

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live


_WHY: Final = 100
"""Characters of a reasoning on a line of its iteration."""


class Display(abc.ABC):
    """Listens to one search and shows it; a context, because a terminal must be left as it was."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress = progress or Progress()

    def __call__(self, event: Event) -> None:
        """Take in one event and show it."""
        self.progress.take(event)
        self.show(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @abc.abstractmethod
    def show(self, event: Event) -> None:
        """Show one event, after `progress` has taken it in."""


class JsonLines(Display):
    """One JSON object an event, on stdout, at once."""

    def show(self, event: Event) -> None:
        """Print the event."""
        emit(event.to_json())


class PlainLines(Display):
    """One line an iteration."""

    def show(self, event: Event) -> None:
        """Print the event's line."""
        if isinstance(event, SearchCreated | SearchResumed):
            say(title(event.record))
            if self.progress.began:
                say(f"resumed at {self.progress.began}/{event.record.budget}; best {self.progress.best_text}")
        elif isinstance(event, IterationEnded):
            row = event.iteration
            mark = "best" if self.progress.best is row else ""
            tried, why = said(row, _WHY)
            say(f"{f'#{row.number}':>5}  {fate(row):<24}  {mark:<4}  {tried}  {why}".rstrip())
        elif isinstance(event, Judging):
            say(f"judging the best {len(event.candidates)} on fresh scenarios")


class Drawn(Display):
    """A few calm lines that stay where they are, redrawn four times a second while its block lasts."""

    _live: "Live | None" = None

    def __enter__(self) -> Self:
        """Start drawing."""
        from rich.console import Console
        from rich.live import Live

        console = Console(highlight=False, markup=False, emoji=False)
        self._live = Live(get_renderable=self.panel, console=console, transient=True, refresh_per_second=4)
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing and leave the terminal as it was."""
        if self._live is not None:
            self._live.stop()

    @abc.abstractmethod
    def panel(self) -> "Group":
        """Return the lines as they are now."""


class Panel(Drawn):
    """One search: best score, sparkline, time, failures, cost, the last point and why."""

    def show(self, event: Event) -> None:
        """Redraw at once where something ended; the clock moves by itself."""
        if self._live is not None and not isinstance(event, SearchFinished):
            self._live.refresh()

    def panel(self) -> "Group":
        """Return the panel as it is now."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now = self.progress
        wide = screen_width()
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            ProgressBar(total=max(now.budget, 1), completed=now.done, width=max(min(40, wide - 24), 10)),
            Text(f"{now.done}/{now.budget}"),
        )
        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="dim")
        rows.add_column(no_wrap=True, overflow="ellipsis")
        for label, value in self._rows(max(wide - 14, 20)):
            rows.add_row(label, Text(value, no_wrap=True, overflow="ellipsis"))
        heading = title(now.record) if now.record is not None else "starting"
        return Group(Text(heading, style="bold"), bar, rows, Text(NOTICE, style="dim"))

    def _rows(self, width: int) -> Iterator[tuple[str, str]]:
        now = self.progress
        yield "best", now.best_text
        yield "scores", sparkline(now.scores, min(width, 60)) or NONE
        yield "time", now.time_text
        if now.failed or now.refused:
            yield "lost", f"{now.failed} failed, {now.refused} refused"
        if now.cost_text:
            yield "cost", now.cost_text
        if now.judging:
            yield "now", f"judging the best {now.judging} on fresh scenarios"
        elif now.last is not None:
            tried, why = said(now.last)
            yield f"#{now.last.number}", one_line(f"{fate(now.last)}  {tried}", width)
            yield "why", shortened(why, width)


class Logged(Display):
    """Another display, and each event in the log with search and iteration bound."""

    def __init__(self, inner: Display) -> None:
        super().__init__(inner.progress)
        self._inner = inner

    def __enter__(self) -> Self:
        """Enter the other display."""
        self._inner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the other display."""
        self._inner.__exit__(kind, error, trace)

    def show(self, event: Event) -> None:
        """Show the event and log it."""
        from walras.cli._logging import logger

        self._inner.show(event)
        body = event.to_json()
        log = logger(search=body["search"])
        if isinstance(event, IterationEnded):
            row = event.iteration
            log = log.bind(iteration=row.number)
            log.info(str(body["type"]), score=row.score.value, score_se=row.score.standard_error)
            log.debug("iteration.proposal", params=body["proposal"], meta=dict(row.meta))
        else:
            log.info(str(body["type"]))


def title(record: SearchRecord) -> str:
    """Return the line that says which search this is."""
    spec = record.spec
    name = f" {one_line(record.name, 60)!r}" if record.name else ""
    return (
        f"search {record.id}{name}  {one_line(spec.space.name, 60)} · {spec.proposer.kind} · "
        f"seed {spec.seed} · {spec.objective} · budget {record.budget}"
    )


def choose_display(*, as_json: bool, verbosity: int, progress: Progress | None = None) -> Display:
    """Return how to follow a search: JSON lines if asked for, a panel on a quiet terminal, else lines."""
    if as_json:
        shown: Display = JsonLines(progress)
    elif sys.stdout.isatty() and not verbosity:
        shown = Panel(progress)
    else:
        shown = PlainLines(progress)
    return Logged(shown) if verbosity else shown


@contextmanager
def following(display: Display, *, store: str | None = None) -> Iterator[Display]:
    """Show a search while the block runs; what stops it early gets the line that resumes it.

    Raises:
        Stopped: Where something that can be resumed ended the block.
    """
    resumable = (KeyboardInterrupt, Terminated, CapReached, Unavailable, OSError)
    try:
        with display:
            yield display
    except resumable as error:
        if display.progress.record is None:
            raise
        raise Stopped(error, display.progress.record.id, store=store) from error
