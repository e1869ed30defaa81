"""Check that a proposer keeps the contract: for ours and for a third party's, without exemptions.

Run it from any test: `check_proposer(lambda seed: build_proposer(spec, seed=seed), space, history)`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from walras.core import NoProposal, Prompt, Proposal, Reply, SearchSpace, canonical_json
from walras.proposers._base import Conversation, Proposer

if TYPE_CHECKING:
    from walras.core import Iteration

_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,39}")


class ProposerNonconforming(AssertionError):
    """A proposer broke its contract; the text says which clause and how."""


def drive(
    conversation: Conversation, answer: Callable[[Prompt], Reply] | None = None
) -> tuple[Proposal | NoProposal, ...]:
    """Run a conversation to its end; `answer` is a model, a record or a script.

    Raises:
        ProposerNonconforming: If it asks although there is nothing to answer.
    """
    try:
        prompt = next(conversation)
        while True:
            if answer is None:
                raise ProposerNonconforming("It yields prompts although `needs_endpoint` is False.")
            prompt = conversation.send(answer(prompt))
    except StopIteration as end:
        entries: tuple[Proposal | NoProposal, ...] = end.value
        return entries


def check_proposer(
    factory: Callable[[int], Proposer],
    space: SearchSpace,
    history: Sequence[Iteration],
    *,
    answer: Callable[[Prompt], Reply] | None = None,
) -> None:
    """Check the contract on every tested prefix of `history`, with 1 and 3 wanted proposals.

    Args:
        factory: Builds a fresh proposer for a seed.
        space: A search space; the more kinds of dimensions the better.
        history: Finished iterations in order; should hold refused and failed ones.
        answer: Answers prompts, for a proposer that needs an endpoint; a pure function.

    Raises:
        ProposerNonconforming: At the first broken clause.
    """
    before = [canonical_json(iteration.to_body()) for iteration in history]
    kept = factory(7)
    _check_fingerprint(factory)
    for length in sorted({0, 1, len(history) // 2, len(history)}):
        for count in (1, 3):
            asked: list[Prompt] = []
            answers = _recording(answer, asked) if kept.needs_endpoint else None
            state = _global_state()
            part = tuple(history[:length])
            first = _run(factory(7), space, part, count, answers)
            told = list(asked)
            _check_entries(first, space, count)
            asked.clear()
            _require(
                _run(kept, space, part, count, answers) == first,
                f"A kept proposer and a fresh one differ at {length} iterations.",
            )
            _require(
                asked == told, f"A kept proposer and a fresh one ask differently at {length} iterations."
            )
            _check_prompts(told)
            _require(_global_state() == state, "It draws from a global random generator.")
    after = [canonical_json(iteration.to_body()) for iteration in history]
    _require(before == after, "It changes the history that it is given.")


def _run(
    proposer: Proposer,
    space: SearchSpace,
    history: Sequence[Iteration],
    count: int,
    answer: Callable[[Prompt], Reply] | None,
) -> tuple[Proposal | NoProposal, ...]:
    conversation = proposer.converse(space, history, count=count)
    _require(isinstance(conversation, Generator), "`converse` does not return a generator.")
    return drive(conversation, answer)


def _check_entries(entries: object, space: SearchSpace, count: int) -> None:
    if not isinstance(entries, tuple) or len(entries) != count:
        raise ProposerNonconforming(f"It returns {entries!r:.200} where a tuple of {count} is wanted.")
    for entry in entries:
        if isinstance(entry, Proposal):
            params = dict(entry.params)
            _require(space.contains(params), f"It proposes a point outside the space: {params!r:.300}.")  # type: ignore[arg-type]
            _require(space.snap(params) == params, f"Its floats are not snapped: {params!r:.300}.")  # type: ignore[arg-type]
            _require(bool(entry.reasoning.strip()), "It gives no reasoning.")
        elif isinstance(entry, NoProposal):
            _require(bool(_CODE.fullmatch(entry.code)), f"{entry.code!r} is no reason code.")
            _require(bool(entry.reason.strip()), "It gives no reason for proposing nothing.")
        else:
            raise ProposerNonconforming(f"It returns a {type(entry).__name__} as an entry.")
        _require(bool(entry.source), "It names no source.")


def _check_fingerprint(factory: Callable[[int], Proposer]) -> None:
    one, two = factory(7).fingerprint(), factory(7).fingerprint()
    try:
        same = canonical_json(one) == canonical_json(two)
    except (TypeError, ValueError) as error:
        raise ProposerNonconforming(f"Its fingerprint has no JSON form: {error}.") from error
    _require(same and bool(one), "Its fingerprint is empty or changes.")


def _check_prompts(prompts: Sequence[Prompt]) -> None:
    for prompt in prompts:
        again = Prompt.from_json(prompt.to_json())
        _require(again.digest == prompt.digest, "A prompt does not survive being stored.")


def _recording(answer: Callable[[Prompt], Reply] | None, asked: list[Prompt]) -> Callable[[Prompt], Reply]:
    def reply(prompt: Prompt) -> Reply:
        if answer is None:
            raise ProposerNonconforming("It needs an endpoint: give `answer`.")
        asked.append(prompt)
        return answer(prompt)

    return reply


def _global_state() -> tuple[object, str]:
    import numpy as np

    return random.getstate(), repr(np.random.get_state(legacy=False))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProposerNonconforming(otherwise)
