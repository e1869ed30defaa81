"""The documentation runs: every example of docs/python.md, in order, in one process."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTICE = "Synthetic replay only. Not a forecast."


def test_the_python_page_runs_top_to_bottom(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block runs after the one before; what a reader would see is printed."""
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) > 5
    names: dict[str, Any] = {"STORE": str(tmp_path / "docs.db"), "__name__": "docs_python"}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    said = capsys.readouterr().out
    assert NOTICE in said
    assert "OPT_REFUSED_HARD_GATE" in said


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_page_carries_the_notice(page: Path) -> None:
    """The exact words stand on each page."""
    assert NOTICE in page.read_text(encoding="utf-8")


def test_the_readme_opens_with_the_notice_and_two_set_up_commands() -> None:
    """What it is, the disclaimer, the main job, the tests: in this order, before anything else."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    places = [
        text.index(mark) for mark in ("# Walras", NOTICE, "<!-- main-job -->", "<!-- test -->", "## What")
    ]
    assert places == sorted(places)
    assert "walras search search_spaces/market_maker.yaml --proposer tpe --budget 60" in text
