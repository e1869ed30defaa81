"""Commands: parse, call one function below, print. Nothing but click loads before a command is named."""

from walras.cli._main import main, run

__all__ = ["main", "run"]
