"""Find the prompt templates that ship with the package, fill them, and name them by content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

from walras.core import IntegrityError, digest

PROPOSE: Final = ("propose.system.md", "propose.user.md", "propose.repair.md")
EXPLAIN: Final = ("explain.system.md", "explain.user.md")

_SLOT: Final = re.compile(r"\{\{([a-z]+)\}\}")


@dataclass(frozen=True)
class Templates:
    """The texts of one purpose, by file name."""

    texts: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """Return the digest of all texts: the version of the prompt."""
        return digest(dict(self.texts))

    def fill(self, name: str, values: Mapping[str, str]) -> str:
        """Return the template `name` with each `{{slot}}` filled; what is filled in is never read again.

        Raises:
            IntegrityError: If the template has a slot that `values` lacks.
        """

        def value(found: re.Match[str]) -> str:
            if found.group(1) not in values:
                raise IntegrityError(f"Prompt template {name} has an unknown slot {found.group(0)}.")
            return values[found.group(1)]

        return _SLOT.sub(value, self.texts[name]).strip()


@cache
def load_templates(names: tuple[str, ...]) -> Templates:
    """Return the templates `names`, read once a process from the wheel or from the checkout.

    Raises:
        IntegrityError: If one is missing: the installation is incomplete.
    """
    return Templates({name: _read(name) for name in names})


def _read(name: str) -> str:
    shipped = files("walras") / "data" / "prompts" / name
    checkout = Path(__file__).parents[3] / "prompts" / name
    for place in (shipped, checkout):
        if place.is_file():
            return place.read_text(encoding="utf-8").replace("\r\n", "\n")
    raise IntegrityError(
        f"The prompt template {name} is missing.", hint="Install walras again: its files are incomplete."
    )
