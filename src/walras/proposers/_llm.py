"""Ask a language model, strictly: its answer is used as it stands, or it is a failed iteration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from walras.core import Json, NoProposal, Prompt, Proposal, Reply, SearchSpace
from walras.policy import FLOOR_POLICY, Policy
from walras.proposers._answer import (
    INVALID,
    Answer,
    Entry,
    problem_lines,
    read_answer,
)
from walras.proposers._base import Conversation, Option, Proposer, no_proposal_everywhere
from walras.proposers._prompt import corrected, proposal_prompt
from walras.proposers._templates import PROPOSE, load_templates
from walras.proposers._text import reason_code, shown_text

if TYPE_CHECKING:
    from walras.core import Iteration

MAX_REASKS = 2
PARSER_VERSION = 1


@final
class LlmProposer(Proposer):
    """Writes prompts from the record and reads proposals out of replies; it never talks to a server.

    Stateless: each conversation starts from the whole record. A bad answer is shown its problems and
    asked again, at most twice; then the iteration fails with a reason code. There is no fallback to
    a random point, no clipping and no repair. A name that touches a hard gate is not asked away: it
    goes to the guard, which refuses and records it.
    """

    needs_endpoint: ClassVar[bool] = True
    reads_policy: ClassVar[bool] = True
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "model": Option(kind=str, required=True, help="Name a model: --model NAME."),
        "temperature": Option(
            kind=float, default=0.0, low=0.0, high=2.0, optional=True, help="None sends no temperature."
        ),
        "send_seed": Option(kind=bool, default=True, help="Send the search's seed to the server."),
        "max_tokens": Option(
            kind=int, default=4096, low=64, high=131_072, help="Longest answer, thinking included."
        ),
        "history_tokens": Option(
            kind=int, default=1600, low=200, high=100_000, help="Room for the table of iterations."
        ),
    }

    def __init__(
        self,
        *,
        seed: int,
        model: str,
        temperature: float | None = 0.0,
        send_seed: bool = True,
        max_tokens: int = 4096,
        history_tokens: int = 1600,
        policy: Policy = FLOOR_POLICY,
    ) -> None:
        self._history_tokens = history_tokens
        self._policy = policy
        sent: dict[str, Json] = {"model": model, "max_tokens": max_tokens}
        if temperature is not None:
            sent["temperature"] = temperature
        if send_seed:
            sent["seed"] = seed % 2**31
        self._sent = sent

    def converse(self, space: SearchSpace, history: Sequence[Iteration], *, count: int) -> Conversation:
        """Ask for `count` proposals; yields one prompt for each try, three at most."""
        first = prompt = proposal_prompt(
            space, history, count=count, history_tokens=self._history_tokens, options=self._sent
        )
        best: tuple[int, Answer] | None = None
        for turn in range(MAX_REASKS + 1):
            reply = yield prompt
            if reply.error is not None:
                if best is not None and best[0]:
                    break  # an earlier answer of this conversation holds points that can be tried
                return no_proposal_everywhere(_failed_call(reply), count=count)
            answer = read_answer(reply, space, count=count, is_locked=self._is_locked)
            usable = 0 if answer.code else sum(not entry.problems for entry in answer.entries)
            if best is None or usable > best[0] or (usable == 0 and best[0] == 0):
                best = (usable, answer)
            if answer.final or not answer.all_problems:
                best = (usable, answer)
                break
            if turn < MAX_REASKS:
                prompt = _next_prompt(first, reply, answer, count)
        assert best is not None  # noqa: S101  # the loop ran at least once
        return _entries(best[1], space, count)

    def fingerprint(self) -> dict[str, Json]:
        """Return the templates and the parser's version; the model's answers are in the record."""
        return {
            "kind": "llm",
            "templates": load_templates(PROPOSE).digest,
            "parser": PARSER_VERSION,
            "policy": self._policy.digest,
            "sent": dict(self._sent),
            "history_tokens": self._history_tokens,
        }

    def _is_locked(self, name: str) -> bool:
        return self._policy.match(name) is not None


def _next_prompt(first: Prompt, reply: Reply, answer: Answer, count: int) -> Prompt:
    """Return the re-ask; after an answer that was cut off it allows twice the tokens."""
    said = shown_text(reply.text or reply.reasoning or "", limit=2000)
    prompt = corrected(first, said, [str(line) for line in problem_lines(answer.all_problems)], count=count)
    limit = first.options.get("max_tokens")
    if reply.finish == "length" and isinstance(limit, int):
        return replace(prompt, options={**first.options, "max_tokens": 2 * limit})
    return prompt


def _failed_call(reply: Reply) -> NoProposal:
    return NoProposal(
        code=reason_code(reply.error or ""),
        reason=shown_text(reply.error_text or "The model could not be reached.", limit=400),
        source="llm",
    )


def _entries(answer: Answer, space: SearchSpace, count: int) -> tuple[Proposal | NoProposal, ...]:
    """Return exactly `count` entries; what is missing or wrong stands there as no proposal."""
    if answer.code is not None:
        listed = "; ".join(str(line) for line in problem_lines(answer.all_problems))
        params = answer.entries[0].params if len(answer.entries) == 1 else None
        nothing = NoProposal(
            code=answer.code,
            reason=f"The model's answer cannot be used: {listed}.",
            source="llm",
            observation=answer.observation,
            params=params,
        )
        if not any(not entry.problems for entry in answer.entries) or not _only_count(answer):
            return no_proposal_everywhere(nothing, count=count)
        told = [_told(entry, answer, space) for entry in answer.entries]
        return (*told, *no_proposal_everywhere(nothing, count=count - len(told)))
    return tuple(_told(entry, answer, space) for entry in answer.entries)


def _only_count(answer: Answer) -> bool:
    """Say whether the only thing wrong with the whole is that it holds too few proposals."""
    return all(problem.code == "WRONG_COUNT" for problem in answer.problems)


def _told(entry: Entry, answer: Answer, space: SearchSpace) -> Proposal | NoProposal:
    reasoning = " ".join(text for text in (entry.reasoning, entry.hypothesis) if text)
    reasoning = reasoning or answer.observation or ""
    if entry.locked and entry.params is not None:
        return Proposal(
            params=dict(entry.params),
            reasoning=reasoning,
            source="llm",
            observation=answer.observation,
            hypothesis=entry.hypothesis,
            predicted_score=entry.predicted_score,
            details={"problems": problem_lines(entry.problems)},
        )
    if entry.problems:
        listed = "; ".join(str(line) for line in problem_lines(entry.problems))
        return NoProposal(
            code=entry.code if entry.params is not None else INVALID,
            reason=f"The model's proposal cannot be used: {listed}.",
            source="llm",
            observation=answer.observation,
            hypothesis=entry.hypothesis,
            params=entry.params,
            reasoning=reasoning,
        )
    assert entry.params is not None  # noqa: S101  # an entry without params has problems
    return Proposal(
        params=space.snap(entry.params),  # type: ignore[arg-type]
        reasoning=reasoning,
        source="llm",
        observation=answer.observation,
        hypothesis=entry.hypothesis,
        predicted_score=entry.predicted_score,
    )
