"""Proposals, prompts, replies, exchanges and verdicts come back from their JSON, or say what is wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walras.core import (
    Exchange,
    Message,
    Prompt,
    Proposal,
    Reply,
    Verdict,
    canonical_json,
    printable_params,
)

PROPOSAL = Proposal(
    params={"s.b": 2, "s.a": "join"}, reasoning="r", source="llm", predicted_score=1.5, details={"n": 1}
)
PROMPT = Prompt(
    messages=(Message(role="system", content="s"), Message(role="user", content="u")),
    schema={"type": "object"},
    template="t" * 64,
    options={"model": "m", "seed": 3},
)
REPLY = Reply(text="{}", finish="stop", model="m", prompt_tokens=5)
EXCHANGE = Exchange(number=0, iteration=1, turn=2, prompt=PROMPT, reply=REPLY, meta={"calls": 1})
VERDICT = Verdict(allowed=False, code="C", reason="r", gate="g", names=("a", "b"))


def again(body: Any) -> Any:
    """Return `body` as it comes out of a file."""
    return json.loads(canonical_json(body))


def test_values_come_back_from_their_json() -> None:
    """Through a file and back."""
    assert Proposal.from_json(again(PROPOSAL.to_json())) == PROPOSAL
    assert Prompt.from_json(again(PROMPT.to_json())) == PROMPT
    assert Prompt.from_json(again(replace(PROMPT, schema=None).to_json())).schema is None
    assert Reply.from_json(again(REPLY.to_json())) == REPLY
    assert Exchange.from_body(again(EXCHANGE.to_body()), {"calls": 1}) == EXCHANGE
    assert Verdict.from_json(again(VERDICT.to_json())) == VERDICT


@pytest.mark.parametrize(
    ("read", "value", "changes"),
    [
        (Proposal.from_json, PROPOSAL, {"params": [1]}),
        (Proposal.from_json, PROPOSAL, {"reasoning": 5}),
        (Proposal.from_json, PROPOSAL, {"predicted_score": True}),
        (Proposal.from_json, PROPOSAL, {"more": 1}),
        (Prompt.from_json, PROMPT, {"messages": "text"}),
        (Prompt.from_json, PROMPT, {"messages": [{"role": "user"}]}),
        (Prompt.from_json, PROMPT, {"messages": ["user"]}),
        (Prompt.from_json, PROMPT, {"options": [["model", "m"]]}),
        (Reply.from_json, REPLY, {"text": None}),
        (Reply.from_json, REPLY, {"tool_calls": 1}),
        (Reply.from_json, REPLY, {"prompt_tokens": 1.5}),
        (Verdict.from_json, VERDICT, {"names": "ab"}),
        (Verdict.from_json, VERDICT, {"names": [1]}),
        (Verdict.from_json, VERDICT, {"allowed": "yes"}),
    ],
)
def test_another_shape_is_refused(read: Callable[[Any], Any], value: Any, changes: dict[str, Any]) -> None:
    """By type, exactly; nothing is coerced."""
    with pytest.raises((TypeError, KeyError)):
        read({**again(value.to_json()), **changes})


@pytest.mark.parametrize("changes", [{"number": "0"}, {"turn": True}, {"reply": None}])
def test_an_exchange_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    """Its numbers are numbers, its parts objects."""
    with pytest.raises(TypeError):
        Exchange.from_body({**again(EXCHANGE.to_body()), **changes}, {})


def test_equal_prompts_have_equal_digests() -> None:
    """Every part of a prompt is in its digest; an exchange's meta is not in its body."""
    assert replace(PROMPT).digest == PROMPT.digest
    others = [replace(PROMPT, template="u"), replace(PROMPT, options={}), replace(PROMPT, purpose="explain")]
    assert PROMPT.digest not in {other.digest for other in others}
    assert "meta" not in canonical_json(EXCHANGE.to_body())


class Odd:
    """Has no JSON form, and no repr either."""

    def __repr__(self) -> str:
        """Fail."""
        raise RuntimeError("no")


def test_raw_params_are_kept_as_they_can_be() -> None:
    """What JSON cannot say becomes an escaped repr; nothing raises."""
    assert printable_params({"b": 1, "a": [1, {"c": None}]}) == {"a": [1, {"c": None}], "b": 1}
    assert printable_params({"a": float("nan"), 3: "x"}) == {"a": "<float> nan", "<int> 3": "x"}
    assert printable_params({"a": {1, 2}})["a"] == "<set> {1, 2}"
    assert printable_params({"a": Odd()}) == {"a": "<Odd> <no repr: RuntimeError>"}
    assert printable_params([1, "é"]) == {"<list>": "[1, '\\xe9']"}  # type: ignore[arg-type]


@given(st.dictionaries(st.text() | st.integers(), st.floats() | st.binary() | st.text(), max_size=5))
def test_whatever_was_proposed_can_be_stored(params: dict[Any, Any]) -> None:
    """The record of a refusal is always JSON."""
    kept = json.loads(canonical_json(printable_params(params)))
    assert all(type(name) is str for name in kept)
    assert bool(kept) == bool(params)


def test_a_mapping_that_is_no_dict_is_read_through_its_own_items() -> None:
    """A third party's proposer may hand over a view."""
    from types import MappingProxyType

    assert printable_params(MappingProxyType({"a": 1})) == {"a": 1}
