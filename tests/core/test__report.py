"""A sealed report names its own content."""

from typing import Any

from pydantic import BaseModel

from walras.core import AggregateReport, MarkoutReport, ReportEnvelope, ScenarioReport, Undefined


def filled(model: type[BaseModel], **changes: Any) -> Any:
    """Return a model whose numbers are 1, whose texts are "x" and whose lists are empty."""
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind = str(field.annotation)
        empty: Any = () if kind.startswith("tuple") else {} if kind.startswith("dict") else 1
        values[name] = "x" if field.annotation is str else empty
    return model(**{**values, **changes})


def envelope(**changes: Any) -> ReportEnvelope:
    """Return a sealed envelope of one scenario."""
    scenario = filled(ScenarioReport, resolved_yes=True, fill_ratio=Undefined(undefined="no order"))
    fields: dict[str, Any] = {
        "engine_fingerprint": "e",
        "strategy": "s",
        "strategy_fingerprint": "f",
        "params": {"s.a": 1},
        "scenario_set": "train",
        "scenario_set_digest": "d",
        "scenarios": (scenario,),
        "aggregate": filled(AggregateReport),
    }
    return ReportEnvelope.seal(**{**fields, **changes})


def test_a_seal_is_of_everything_else() -> None:
    """Equal content has an equal id; a changed number shows."""
    one = envelope()
    assert one.envelope_id == envelope().envelope_id == one.computed_id()
    assert envelope(strategy="t").envelope_id != one.envelope_id
    tampered = one.model_copy(update={"strategy": "t"})
    assert tampered.computed_id() != tampered.envelope_id


def test_an_envelope_comes_back_from_its_text() -> None:
    """Undefined metrics with their reason."""
    one = envelope()
    again = ReportEnvelope.model_validate_json(one.to_canonical_json())
    assert again == one
    assert again.to_canonical_json() == one.to_canonical_json()
    assert again.scenarios[0].fill_ratio == Undefined(undefined="no order")
    assert filled(MarkoutReport, side="maker").pusd_per_share == 1
