"""The published schema is the report's."""

import json
from pathlib import Path

from walras.backtest import report_schema, report_schema_text

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    """Mend: python -c 'from walras.backtest import *; print(report_schema_text(), end="")' > docs/..."""
    assert PUBLISHED.read_text(encoding="utf-8") == report_schema_text()


def test_the_schema_carries_the_notice_and_forbids_other_fields() -> None:
    """The exact words are part of every report, and of its schema."""
    body = report_schema()
    assert (
        body["properties"]["notice"]["const"] == body["$comment"] == "Synthetic replay only. Not a forecast."
    )
    assert body["additionalProperties"] is False
    assert json.loads(report_schema_text()) == body
