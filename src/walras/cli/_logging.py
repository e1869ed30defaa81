"""Logging on stderr: quiet for people, JSON lines for services, third parties never below WARNING."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import click

from walras.cli._terminal import one_line

_LEVELS: Final = (logging.WARNING, logging.INFO, logging.DEBUG)


class _Handler(logging.Handler):
    """Writes each record on one line of today's stderr; of third parties only warnings pass."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            click.echo(self.format(record), err=True)
        except Exception:  # noqa: BLE001  # a log line is never worth a search
            self.handleError(record)

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record passes: ours by level, those of others from WARNING on."""
        ours = record.name == "walras" or record.name.startswith("walras.")
        return ours or record.levelno >= logging.WARNING


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return one_line(f"{record.levelname.lower()}: {record.name}: {record.getMessage()}")


def configure(*, verbosity: int, as_json: bool) -> None:
    """Set up logging for one command; calling it again replaces what it set up before.

    Args:
        verbosity: 0 warnings only, 1 one line an event, 2 everything of ours.
        as_json: One JSON object a line, from INFO on.
    """
    level = _LEVELS[min(max(verbosity, int(as_json)), 2)]
    handler = _Handler()
    handler.setFormatter(_structured(as_json) if verbosity or as_json else _Plain())
    root = logging.getLogger()
    for old in [kept for kept in root.handlers if isinstance(kept, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger("walras").setLevel(level)
    for name in ("openai", "httpx", "httpx2", "optuna", "alembic", "sqlalchemy", "numba"):
        logging.getLogger(name).setLevel(logging.WARNING)


def logger(**bound: Any) -> Any:
    """Return the structured logger of the commands, with `bound` on every line."""
    import structlog

    return structlog.get_logger("walras.search").bind(**bound)


def _structured(as_json: bool) -> logging.Formatter:
    import structlog

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    render: Any = structlog.processors.JSONRenderer()
    if not as_json:
        render = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=20)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _scrubbed, render],
    )


def _scrubbed(log: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    del log, method
    return {key: one_line(value) if isinstance(value, str) else value for key, value in event.items()}
