"""Every command: where it lives, under which heading, and its one line of help. Nothing else is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Entry:
    """Where a command lives and what `walras --help` says of it without loading it."""

    module: str
    attribute: str
    help: str


SECTIONS: Final[Mapping[str, Mapping[str, Entry]]] = {
    "Start here": {
        "demo": Entry("_demo", "demo", "Random against TPE against a scripted model, in seconds, offline."),
        "doctor": Entry("_doctor", "doctor", "Check this installation; each fault names its mend."),
    },
    "Search": {
        "search": Entry("_search", "search", "Search a space for better parameters, and keep every step."),
        "resume": Entry("_resume", "resume", "Go on with a search, or extend its budget."),
        "watch": Entry("_watch", "watch", "Follow a search that another process runs."),
        "space": Entry("_space", "space", "Check, show, write and list search spaces."),
        "backtest": Entry("_backtest", "backtest", "Run one point of a strategy and print its report."),
    },
    "Look": {
        "list": Entry("_list", "list_searches", "List searches, newest first."),
        "show": Entry("_show", "show", "Show a search, or one of its iterations whole."),
        "params": Entry("_params", "params", "Print the winner's parameters as YAML."),
        "explain": Entry("_explain", "explain", "Say why the best run is the best."),
        "compare": Entry("_compare", "compare", "Compare proposers, paired by seed, with intervals."),
        "report": Entry("_report", "report", "Write a search as one self-contained page."),
    },
    "Prove and keep": {
        "replay": Entry("_replay", "replay", "Run a recorded search again and name the first difference."),
        "export": Entry("_export", "export", "Write a search to a file: trajectory, CSV or Parquet."),
        "import": Entry("_import", "import_file", "Take in a trajectory file, verified and judged."),
        "verify": Entry("_keep", "verify", "Check the store: chains, digests, audit log."),
        "audit": Entry("_audit", "audit", "Read the audit log: refusals, imports and the like."),
        "backup": Entry("_keep", "backup", "Copy the store while it is in use."),
        "archive": Entry("_keep", "archive", "Hide a search from lists; nothing is deleted."),
    },
    "Set up": {
        "config": Entry("_config", "config", "Show every setting and where it came from."),
        "completion": Entry("_completion", "completion", "Print the completion script of your shell."),
    },
}
"""The headings of `walras --help`, in order."""

COMMANDS: Final[Mapping[str, Entry]] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}
"""Every command by name."""
