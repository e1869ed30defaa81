"""A recorded trajectory answers by position, and only the prompt that was asked."""

from dataclasses import replace

import pytest
from tests.endpoint._prompts import PROMPT

from walras.core import Exchange, IntegrityError, Message, Reply
from walras.endpoint import RecordedEndpoint

EXCHANGE = Exchange(
    number=0, iteration=4, turn=1, prompt=PROMPT, reply=Reply(text="hello"), meta={"usd": 0.5, "calls": 2}
)


def test_gives_back_what_was_said() -> None:
    """The stored answer and its meta come back."""
    endpoint = RecordedEndpoint([EXCHANGE])
    reply, meta = endpoint.answer(PROMPT, key=(4, 1))
    assert reply == EXCHANGE.reply
    assert meta == {"usd": 0.5, "calls": 2, "kind": "recorded", "recorded_number": 0}
    assert endpoint.model == "m"


def test_nothing_recorded_is_an_error() -> None:
    """A prompt beyond the record is never sent anywhere."""
    with pytest.raises(IntegrityError, match="iteration 5, turn 1"):
        RecordedEndpoint([EXCHANGE]).answer(PROMPT, key=(5, 1))
    assert RecordedEndpoint([]).model == ""


def test_drift_names_the_first_differing_byte() -> None:
    """One changed character is found and shown."""
    changed = replace(PROMPT, messages=(PROMPT.messages[0], Message(role="user", content="Propase.")))
    with pytest.raises(
        IntegrityError, match=r"first difference at byte \d+: recorded '.*Propose.*', now '.*Propase"
    ):
        RecordedEndpoint([EXCHANGE]).answer(changed, key=(4, 1))


def test_a_longer_prompt_differs_at_its_end() -> None:
    """A prompt that only grew is drift too."""
    changed = replace(PROMPT, template=PROMPT.template + "x")
    with pytest.raises(IntegrityError, match="first difference"):
        RecordedEndpoint([EXCHANGE]).answer(changed, key=(4, 1))
