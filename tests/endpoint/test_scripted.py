"""The rules climb a hill offline, legally, and never pretend to be a model."""

import json

from tests.proposers._histories import SMALL, SPACE, done, history, value_of

from walras.core import (
    Condition,
    Dimension,
    Iteration,
    Message,
    Prompt,
    Proposal,
    ProposerSpec,
    Reply,
    SearchSpace,
)
from walras.endpoint import SCRIPTED_MODEL, ScriptedEndpoint
from walras.proposers import build_proposer, drive

LLM = ProposerSpec(kind="llm", options={"model": SCRIPTED_MODEL})


def scripted(prompt: Prompt) -> Reply:
    return ScriptedEndpoint().answer(prompt, key=(0, 0))[0]


def search(space: SearchSpace, length: int, *, batch: int = 1) -> list[Iteration]:
    rows = [done(0, space.defaults, value_of(space.defaults))]
    proposer = build_proposer(LLM, seed=1)
    while len(rows) < length:
        for entry in drive(proposer.converse(space, rows, count=batch), scripted):
            assert isinstance(entry, Proposal), entry
            params = dict(entry.params)
            rows.append(done(len(rows), params, value_of(params), hypothesis=entry.hypothesis))  # type: ignore[arg-type]
    return rows


def test_climbs() -> None:
    """Forty steps of the rules beat the defaults on a smooth hill."""
    rows = search(SPACE, 40)
    scores = [row.score.value or 0.0 for row in rows]
    assert max(scores) > scores[0] + 3


def test_batches_are_legal_too() -> None:
    """A batch holds different points, all inside the space."""
    rows = search(SPACE, 25, batch=4)
    assert len({json.dumps(dict(row.proposal.params), sort_keys=True) for row in rows[1:5]}) > 2  # type: ignore[union-attr,arg-type]


def test_starts_in_the_middle() -> None:
    """After the defaults, the middle of every range comes first."""
    (entry,) = drive(build_proposer(LLM, seed=1).converse(SMALL, history(1, SMALL), count=1), scripted)
    assert dict(entry.params or {}) == {"strategy.mm.half_spread_ticks": 6, "strategy.mm.order_size": 252.5}


def test_is_a_function_of_the_prompt() -> None:
    """The same prompt gives the same answer, and its meta says that nothing was bought."""
    prompt = next(build_proposer(LLM, seed=1).converse(SPACE, history(9), count=2))
    one, two = ScriptedEndpoint().answer(prompt, key=(0, 0)), ScriptedEndpoint().answer(prompt, key=(0, 0))
    assert one == two
    reply, meta = one
    assert reply.model == SCRIPTED_MODEL
    assert meta["usd"] == 0.0
    assert meta["calls"] == 1
    assert meta["attempts"] == []


def test_conditions_on_fixed_values_and_odd_bounds() -> None:
    """A condition on a fixed value, a pinned log axis and a step that does not divide are all met."""
    space = SearchSpace(
        name="odd",
        strategy="s",
        dimensions=(
            Dimension(
                name="a.c",
                kind="int",
                low=1,
                high=4,
                default=2,
                when=Condition(parameter="a.k", values=(True,)),
            ),
            Dimension(
                name="a.d",
                kind="int",
                low=1,
                high=4,
                default=2,
                when=Condition(parameter="a.k", values=(False,)),
            ),
            Dimension(name="a.f", kind="float", low=0.0, high=1.0, step=0.3, default=0.3),
            Dimension(name="a.g", kind="float", low=0.0, high=1.0, step=0.6, default=0.6),
            Dimension(name="a.l", kind="float", low=2.0, high=2.0, log=True, default=2.0),
            Dimension(name="a.u", kind="bool", default=True),
        ),
        fixed={"a.k": True},
    )
    rows = search(space, 30)
    assert all("a.c" in (row.proposal.params if row.proposal else {}) for row in rows)


def test_observes_what_came_last() -> None:
    """It says whether the last result was the best, worse, or none."""

    def said(rows: tuple[Iteration, ...]) -> str:
        (entry,) = drive(build_proposer(LLM, seed=1).converse(SMALL, rows, count=1), scripted)
        return entry.observation or ""

    from tests.proposers._histories import failed

    assert "Nothing has been scored" in said(())
    assert "best score so far" in said((done(0, SMALL.defaults, 1.0),))
    assert "not above" in said((done(0, SMALL.defaults, 1.0), done(1, SMALL.defaults, 0.5)))
    assert "BACKTEST_TIMEOUT" in said((done(0, SMALL.defaults, 1.0), failed(1, SMALL.defaults)))


def test_answers_a_prompt_that_it_does_not_know() -> None:
    """A prompt of another form gets an empty, legal JSON answer instead of a crash."""
    messages = (Message(role="system", content="x"), Message(role="user", content="y"))
    reply = scripted(Prompt(messages=messages, schema=None, template=""))
    assert json.loads(reply.text)["params"] == {}


def test_an_axis_is_read_as_it_is_printed() -> None:
    """A step that does not divide the range stays inside; a cell that is no number means the middle."""
    from walras.endpoint._scripted import _Axis

    axis = _Axis("a", "float", 0.0, 1.0, (), log=False, step=0.6, default="0.6", when=None)
    assert axis.at(1.0) == 0.6
    assert axis.unit("") == 0.5
    assert axis.unit("7") == 1.0
