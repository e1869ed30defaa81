"""A model's answer is read strictly: accepted as it stands, or refused with a code."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.proposers._histories import SMALL, SPACE, history

from walras.core import NoProposal, Prompt, Proposal, ProposerSpec, Reply, SearchSpace
from walras.policy import FLOOR_POLICY, Gate, Policy
from walras.proposers import build_proposer, drive
from walras.proposers._answer import Answer, read_answer

GOOD = '{"params":{"strategy.mm.half_spread_ticks":3,"strategy.mm.order_size":50.0},"reasoning":"ok"}'
CODES = {
    "PROPOSAL_INVALID",
    "PROPOSAL_BOUNDS",
    "LLM_MALFORMED",
    "LLM_REFUSED",
}


def read(text: str, *, space: SearchSpace = SMALL, count: int = 1, **reply: Any) -> Answer:
    return read_answer(
        Reply(text=text, **reply),
        space,
        count=count,
        is_locked=lambda name: FLOOR_POLICY.match(name) is not None,
    )


def one(text: str, *, space: SearchSpace = SMALL, **reply: Any) -> tuple[Proposal | NoProposal, int]:
    """Return the final entry when the model always gives the same answer, and how often it was asked."""
    asked: list[Prompt] = []

    def answer(prompt: Prompt) -> Reply:
        asked.append(prompt)
        return Reply(text=text, **reply)

    spec = ProposerSpec(kind="llm", options={"model": "m"})
    (entry,) = drive(build_proposer(spec, seed=1).converse(space, history(2, space), count=1), answer)
    return entry, len(asked)


def params(spread: str = "3", size: str = "50.0", more: str = "") -> str:
    return (
        f'{{"params":{{"strategy.mm.half_spread_ticks":{spread},"strategy.mm.order_size":{size}{more}}},'
        '"reasoning":"x"}'
    )


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here it is:\n```\n{GOOD}\n```\nDone.",
        f"<think>{{what}} if?</think>\n{GOOD}",
        f"  {GOOD}\n",
        params(size="50"),
        params(spread="1", size="5"),
        params(spread="10", size="500"),
        GOOD.replace('"ok"', '"risk.killswitch.tripThreshold fires late; I widen the spread."'),
    ],
)
def test_accepts_a_correct_answer(text: str) -> None:
    """Fences and thinking are stripped, bounds are inclusive, and text may mention a gate."""
    entry, asked = one(text)
    assert isinstance(entry, Proposal)
    assert SMALL.contains(entry.params)  # type: ignore[arg-type]
    assert asked == 1


def test_keeps_observation_hypothesis_and_prediction() -> None:
    """What the model said is stored with the point, cut to 400 printable characters."""
    body = {
        "observation": "fills fell\u202e",
        "hypothesis": "h" * 900,
        "params": {"strategy.mm.half_spread_ticks": 4, "strategy.mm.order_size": 60.123456789123},
        "predicted_score": 7,
    }
    entry, _ = one(json.dumps(body))
    assert isinstance(entry, Proposal)
    assert entry.observation == "fills fell"
    assert entry.hypothesis is not None
    assert len(entry.hypothesis) == 400
    assert entry.reasoning == entry.hypothesis
    assert entry.predicted_score == 7.0
    assert entry.params["strategy.mm.order_size"] == 60.1234568


BAD_VALUES = {
    "NaN": ("NaN", "PROPOSAL_INVALID"),
    "Infinity": ("-Infinity", "PROPOSAL_INVALID"),
    "overflow": ("1e999", "PROPOSAL_INVALID"),
    "negative zero": ("-0.0", "PROPOSAL_INVALID"),
    "negative zero int": ("-0", "PROPOSAL_INVALID"),
    "underflow": ("1e-400", "PROPOSAL_INVALID"),
    "5000 digits": ("1" + "0" * 5000, "PROPOSAL_INVALID"),
    "300 digits": ("1" + "0" * 299, "PROPOSAL_BOUNDS"),
    "bool": ("true", "PROPOSAL_INVALID"),
    "text": ('"3"', "PROPOSAL_INVALID"),
    "fullwidth text": ('"\uff13"', "PROPOSAL_INVALID"),
    "fullwidth": ("\uff13", "PROPOSAL_INVALID"),
    "null": ("null", "PROPOSAL_INVALID"),
    "list": ("[3]", "PROPOSAL_INVALID"),
    "object": ('{"a":3}', "PROPOSAL_INVALID"),
    "below": ("0.5", "PROPOSAL_BOUNDS"),
    "above": ("1e9", "PROPOSAL_BOUNDS"),
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_refuses_a_bad_number(name: str) -> None:
    """No number is coerced, clipped or repaired; the iteration fails with a code after two re-asks."""
    value, code = BAD_VALUES[name]
    entry, asked = one(params(size=value))
    assert isinstance(entry, NoProposal)
    assert entry.code == code
    assert asked == 3


@pytest.mark.parametrize("value", ["3.0", "3.0000000001", "true", '"3"'])
def test_an_int_is_written_as_an_int(value: str) -> None:
    """A float, a bool or a text is no whole number."""
    entry, _ = one(params(spread=value))
    assert isinstance(entry, NoProposal)
    assert entry.code == "PROPOSAL_INVALID"
    assert "WRONG_TYPE" in entry.reason


MALFORMED = {
    "empty": ("", "LLM_MALFORMED"),
    "blank": (" \n", "LLM_MALFORMED"),
    "prose": ("I would widen the spread.", "LLM_MALFORMED"),
    "cut": ('{"params":{"strategy.mm.order', "LLM_MALFORMED"),
    "html": ("<html>{}</html>", "LLM_MALFORMED"),
    "BOM": ("\ufeff" + GOOD, "LLM_MALFORMED"),
    "NUL": (GOOD.replace("ok", "o\0k"), "LLM_MALFORMED"),
    "array": (f"[{GOOD}]", "PROPOSAL_INVALID"),
    "two objects": (f"{GOOD}\n{GOOD}", "PROPOSAL_INVALID"),
    "two fences": (f"```\n{GOOD}\n```\n```\n{GOOD}\n```", "PROPOSAL_INVALID"),
    "trailing text": (f"{GOOD} ok?", "PROPOSAL_INVALID"),
    "no params": ('{"reasoning":"x"}', "PROPOSAL_INVALID"),
    "params is a list": (
        '{"params":[{"name":"strategy.mm.half_spread_ticks","value":3}],"reasoning":"x"}',
        "PROPOSAL_INVALID",
    ),
    "missing": ('{"params":{"strategy.mm.half_spread_ticks":3}}', "PROPOSAL_INVALID"),
    "extra": (params(more=',"strategy.mm.inventory_skew":1.0'), "PROPOSAL_INVALID"),
    "unknown field": (GOOD.replace('"reasoning"', '"notes":1,"reasoning"'), "PROPOSAL_INVALID"),
    "duplicate key": (params(more=',"strategy.mm.order_size":60'), "PROPOSAL_INVALID"),
    "text is a number": (GOOD.replace('"ok"', "3"), "PROPOSAL_INVALID"),
    "prediction is a bool": (
        GOOD.replace('"reasoning"', '"predicted_score":true,"reasoning"'),
        "PROPOSAL_INVALID",
    ),
    "prediction is NaN": (
        GOOD.replace('"reasoning"', '"predicted_score":NaN,"reasoning"'),
        "PROPOSAL_INVALID",
    ),
    "deep": ("[" * 100_000, "LLM_MALFORMED"),
    "levels": ('{"a":' * 400 + "1" + "}" * 400, "PROPOSAL_INVALID"),
    "many names": (
        params(more="".join(f',"risk.x{n}":0' for n in range(50_000))),
        "PROPOSAL_INVALID",
    ),
    "same name": (params(more=',"a":0' * 50_000), "PROPOSAL_INVALID"),
    "long name": (params(more=',"' + "risk." * 100_000 + '":0'), "PROPOSAL_INVALID"),
    "spaces in a fence": ("```\n{" + " " * 500_000, "LLM_MALFORMED"),
    "many fences": ("```\n" * 50_000 + "{", "PROPOSAL_INVALID"),
    "thoughts": ("<think>" * 50_000 + "{", "LLM_MALFORMED"),
    "deep object": ('{"a":' * 100_000, "LLM_MALFORMED"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_refuses_a_malformed_answer(name: str) -> None:
    """Whatever is not exactly one object of the form is a failed iteration with its reason."""
    text, code = MALFORMED[name]
    entry, asked = one(text)
    assert isinstance(entry, NoProposal)
    assert entry.code == code
    assert asked == 3


def test_a_refusal_is_not_asked_again() -> None:
    """A refusal field and a content filter end the conversation."""
    for reply in ({"refusal": "I will not."}, {"finish": "content_filter"}):
        entry, asked = one("", **reply)
        assert isinstance(entry, NoProposal)
        assert (entry.code, asked) == ("LLM_REFUSED", 1)


def test_a_tool_call_is_invalid() -> None:
    """No tool is offered, so a tool call is an invalid answer."""
    entry, _ = one("", tool_calls=True)
    assert isinstance(entry, NoProposal)
    assert entry.code == "PROPOSAL_INVALID"


def test_the_reasoning_field_is_read_where_the_content_is_empty() -> None:
    """Some servers put the whole answer of a thinking model into `reasoning`."""
    entry, _ = one("", reasoning=GOOD)
    assert isinstance(entry, Proposal)


# The hard gates


@pytest.mark.parametrize(
    "key", ["risk.killswitch.tripThreshold", "sec.signer.policy", "Risk.KillSwitch.x", "risk__killswitch__x"]
)
def test_a_locked_name_goes_to_the_guard_at_once(key: str) -> None:
    """A gated key in params is not asked away and not dropped: the raw point goes to the guard."""
    entry, asked = one(params(more=f',"{key}":0'))
    assert isinstance(entry, Proposal)
    assert key in entry.params
    assert asked == 1


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"reasoning"', '"overrides":{"sec.signer.policy":"any"},"reasoning"'),
        GOOD.replace('"reasoning"', '"search_space":{"risk.killswitch.x":{"low":0}},"reasoning"'),
        GOOD.replace('"reasoning"', '"overrides":{"risk":{"killswitch":{"x":1}}},"reasoning"'),
    ],
)
def test_a_locked_name_outside_params_is_invalid_at_once(text: str) -> None:
    """A gated key anywhere else is an invalid answer, without a second chance."""
    entry, asked = one(text)
    assert isinstance(entry, NoProposal)
    assert (entry.code, asked) == ("PROPOSAL_INVALID", 1)
    assert "LOCKED_NAME" in entry.reason


def test_a_locked_name_inside_a_value_goes_to_the_guard() -> None:
    """A nested value with gated names reaches the guard whole, bad numbers as text."""
    entry, asked = one(params(size='{"risk.exposureguard.maxNotionalPusd":1e999}'))
    assert isinstance(entry, Proposal)
    assert asked == 1
    assert "bad number" in str(entry.params["strategy.mm.order_size"])


def test_gates_of_a_policy_file_count_too() -> None:
    """A name that an extra gate locks goes to the guard like one of the floor."""
    policy = Policy(extra=(Gate("strategy.mm.secret.*", ("strategy", "mm", "secret"), "It is ours."),))
    spec = ProposerSpec(kind="llm", options={"model": "m"})
    proposer = build_proposer(spec, seed=1, policy=policy)
    text = params(more=',"strategy.mm.secret.x":0')
    (entry,) = drive(proposer.converse(SMALL, (), count=1), lambda _: Reply(text=text))
    assert isinstance(entry, Proposal)
    assert proposer.fingerprint()["policy"] == policy.digest
    build_proposer(ProposerSpec(kind="random"), seed=1, policy=policy)


# Conditional dimensions, steps, choices


def full(**changes: object) -> str:
    body = {**SPACE.defaults, **{f"strategy.mm.{name}": value for name, value in changes.items()}}
    return json.dumps({"params": {k: v for k, v in body.items() if v != "absent"}})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"mode": "improve", "improve_ticks": 2}, None),
        ({"improve_ticks": None}, None),
        ({"improve_ticks": 2}, "INACTIVE_PARAMETER"),
        ({"mode": "improve"}, "MISSING_PARAMETER"),
        ({"mode": "flee"}, "UNKNOWN_CHOICE"),
        ({"mode": 1}, "WRONG_TYPE"),
        ({"hedge": 1}, "WRONG_TYPE"),
        ({"skew": 0.3}, "OFF_STEP"),
        ({"levels": 4}, "OFF_STEP"),
        ({"levels": 4.5, "mode": "absent"}, "WRONG_TYPE"),
    ],
)
def test_conditions_steps_and_choices(changes: dict[str, object], problem: str | None) -> None:
    """Conditional names must be there exactly when they exist, and null means absent."""
    answer = read(full(**changes), space=SPACE)
    codes = {p.code for p in answer.all_problems}
    assert codes >= ({problem} if problem else set())
    assert bool(codes) is bool(problem)


# Re-asks and batches


def batch(*points: dict[str, object] | str, **more: object) -> str:
    rows = [
        p if isinstance(p, str) else {"hypothesis": "h", "params": p, "predicted_score": None} for p in points
    ]
    return json.dumps({"observation": "o", "proposals": rows, **more})


def point(spread: object = 3, size: object = 50.0) -> dict[str, object]:
    return {"strategy.mm.half_spread_ticks": spread, "strategy.mm.order_size": size}


def talk(count: int, *replies: Reply) -> tuple[tuple[Proposal | NoProposal, ...], list[Prompt]]:
    asked: list[Prompt] = []
    left = list(replies)

    def answer(prompt: Prompt) -> Reply:
        asked.append(prompt)
        return left.pop(0)

    spec = ProposerSpec(kind="llm", options={"model": "m"})
    entries = drive(build_proposer(spec, seed=1).converse(SMALL, history(2, SMALL), count=count), answer)
    assert not left
    return entries, asked


def test_a_re_ask_shows_the_mistake() -> None:
    """The second prompt repeats the first, the answer, and the problems with names and bounds."""
    (entry,), asked = talk(1, Reply(text=params(spread="99")), Reply(text=GOOD))
    assert isinstance(entry, Proposal)
    assert asked[1].messages[:2] == asked[0].messages
    assert asked[1].messages[2].role == "assistant"
    assert "OUT_OF_BOUNDS at strategy.mm.half_spread_ticks: allowed 1 to 10" in asked[1].messages[3].content
    assert asked[1].schema == asked[0].schema


def test_the_third_prompt_holds_only_the_last_mistake() -> None:
    """Re-asks do not grow: each shows the last answer alone."""
    _, asked = talk(1, Reply(text="{}"), Reply(text='{"params":3}'), Reply(text=GOOD))
    assert [len(prompt.messages) for prompt in asked] == [2, 4, 4]
    assert "MISSING_FIELD" in asked[1].messages[3].content
    assert "NOT_AN_OBJECT" in asked[2].messages[3].content


def test_a_cut_answer_gets_twice_the_room() -> None:
    """After finish=length the re-ask allows twice the tokens."""
    _, asked = talk(1, Reply(text='{"par', finish="length"), Reply(text=GOOD))
    assert [prompt.options["max_tokens"] for prompt in asked] == [4096, 8192]
    assert "CUT_OFF" in asked[1].messages[3].content


def test_an_endpoint_failure_is_its_own_code() -> None:
    """A failed call ends the conversation with the endpoint's code, for the whole batch."""
    entries, asked = talk(2, Reply(error="LLM_TIMEOUT", error_text="too slow"))
    assert [e.code for e in entries if isinstance(e, NoProposal)] == ["LLM_TIMEOUT"] * 2
    assert len(asked) == 1
    (entry,), _ = talk(1, Reply(error="what?!"))
    assert isinstance(entry, NoProposal)
    assert entry.code == "OTHER"


def test_names_from_outside_are_escaped_and_cut() -> None:
    """A strange name comes back to the model and the record as short ASCII."""
    entry, _ = one(params(more=',"\\u202e' + "é" * 300 + '":0'))
    assert isinstance(entry, NoProposal)
    assert entry.reason.isascii()
    assert len(entry.reason) < 400


def test_a_batch_is_accepted() -> None:
    """Each proposal of a batch keeps its own words."""
    entries, _ = talk(2, Reply(text=batch(point(), point(4, 60.0))))
    assert [dict(e.params or {}) for e in entries] == [point(), point(4, 60.0)]
    assert {e.observation for e in entries} == {"o"}


def test_a_bad_proposal_does_not_cost_the_batch() -> None:
    """After the re-asks the valid points are kept, and the bad one stands there with its code."""
    bad = batch(point(), point(99))
    entries, asked = talk(2, Reply(text=bad), Reply(text=bad), Reply(text=bad))
    assert isinstance(entries[0], Proposal)
    assert isinstance(entries[1], NoProposal)
    assert entries[1].code == "PROPOSAL_BOUNDS"
    assert len(asked) == 3


def test_the_best_answer_of_a_conversation_counts() -> None:
    """A worse re-answer, or a failed call, does not lose what an earlier answer held."""
    for last in (Reply(text="{"), Reply(error="LLM_NETWORK")):
        replies = [Reply(text=batch(point(), point(99))), last]
        if last.error is None:
            replies.append(Reply(text="{"))
        entries, _ = talk(2, *replies)
        assert isinstance(entries[0], Proposal)
        assert isinstance(entries[1], NoProposal)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (batch(point()), "WRONG_COUNT"),
        (batch(point(), point(), point()), "WRONG_COUNT"),
        (json.dumps({"proposals": 3}), "MISSING_FIELD"),
        (batch("x", point()), "NOT_AN_OBJECT"),
        (GOOD, "MISSING_FIELD"),
        (batch(point(), point(), extra=1), "UNKNOWN_FIELD"),
        ('{"proposals":[{"params":{},"params":{},"x":1},{}]}', "DUPLICATE_KEY"),
    ],
)
def test_a_batch_of_another_form_is_asked_again(text: str, problem: str) -> None:
    """Too few, too many, or no list of proposals is a problem that the model is told."""
    entries, asked = talk(2, *[Reply(text=text)] * 3)
    assert problem in asked[1].messages[3].content
    assert any(isinstance(entry, NoProposal) for entry in entries)


def test_too_few_proposals_keep_what_is_there() -> None:
    """A short batch keeps its valid point; the missing one is a failed iteration."""
    entries, _ = talk(2, *[Reply(text=batch(point()))] * 3)
    assert isinstance(entries[0], Proposal)
    assert isinstance(entries[1], NoProposal)
    assert entries[1].code == "PROPOSAL_INVALID"


def test_a_locked_name_in_a_batch_ends_the_conversation() -> None:
    """The locked point goes to the guard; its neighbour is judged on its own."""
    locked = {**point(), "risk.killswitch.x": 0}
    entries, asked = talk(2, Reply(text=batch(point(), locked)))
    assert all(isinstance(entry, Proposal) for entry in entries)
    assert "risk.killswitch.x" in (entries[1].params or {})
    assert len(asked) == 1


# Properties

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["params", "proposals", "observation", "hypothesis", "predicted_score", "risk.killswitch.x"]
                + [axis.name for axis in SPACE.dimensions]
            )
            | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | json_values.map(json.dumps), st.sampled_from([1, 2]))
def test_never_raises_and_never_lets_an_illegal_point_through(text: str, count: int) -> None:
    """Any text gives problems with a known code, or a point inside the space."""
    answer = read(text, space=SPACE, count=count)
    assert answer.code in {None, *CODES}
    for entry in answer.entries:
        if answer.code is None and not entry.problems:
            assert SPACE.contains(SPACE.snap(entry.params))  # type: ignore[arg-type]
        elif entry.problems:
            assert entry.code in CODES


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutations_of_a_good_answer_are_read_or_refused(data: st.DataObject) -> None:
    """A good answer with one character changed is either still legal or refused, never repaired."""
    at = data.draw(st.integers(0, len(GOOD) - 1))
    new = data.draw(st.characters() | st.just(""))
    answer = read(GOOD[:at] + new + GOOD[at + 1 :])
    if answer.code is None and not answer.all_problems:
        assert SMALL.contains(SMALL.snap(answer.entries[0].params))  # type: ignore[arg-type]


def test_parses_explanations() -> None:
    """The model's words come out printable and cut, and a failure as its code."""
    from walras.proposers import parse_explanation

    assert parse_explanation(Reply(text="<think>x</think>a\u202eb\n\n c ")) == "a b\n\nc"
    assert len(str(parse_explanation(Reply(text="word " * 3000)))) <= 4000
    for reply, code in (
        (Reply(text=" "), "LLM_MALFORMED"),
        (Reply(refusal="no"), "LLM_REFUSED"),
        (Reply(error="LLM_NETWORK"), "LLM_NETWORK"),
    ):
        failure = parse_explanation(reply)
        assert isinstance(failure, NoProposal)
        assert failure.code == code
