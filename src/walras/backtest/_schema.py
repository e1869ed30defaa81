"""The published JSON Schema of the report."""

import json
from typing import Any, Final

from walras.backtest._reasons import ReasonCode
from walras.core import NOTICE, ReportEnvelope

SCHEMA_URI: Final = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of `ReportEnvelope`, as stored and exported."""
    body = ReportEnvelope.model_json_schema(mode="serialization")
    body["properties"]["reason_codes"]["items"] = {
        "oneOf": [{"const": code.value, "description": code.meaning} for code in ReasonCode]
    }
    return {"$schema": SCHEMA_URI, "$comment": NOTICE, **body}


def report_schema_text() -> str:
    """Return the text of `docs/report.schema.json`."""
    return json.dumps(report_schema(), indent=2, sort_keys=True) + "\n"
