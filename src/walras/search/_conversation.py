"""Drives a proposer's conversation: stored answers first, then the endpoint, each committed before use."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from walras.core import (
    CapReached,
    Caps,
    Exchange,
    Json,
    NoProposal,
    Prompt,
    Proposal,
    Reply,
    Spent,
    Unavailable,
)
from walras.endpoint import PriceTable, RecordedEndpoint, estimate_tokens
from walras.search._bench import Answerer

Turns = Generator[Prompt, Reply, tuple[Proposal | NoProposal, ...]]

NO_ANSWER = frozenset(
    {"LLM_NETWORK", "LLM_TIMEOUT", "LLM_UPSTREAM", "LLM_RATE_LIMIT", "LLM_REJECTED", "LLM_REDIRECT"}
)
"""Replies that are no answer: nothing is stored as one, the search stops, and a resume asks again."""


class Asker(Protocol):
    """Commits what a conversation asks and hears, and knows what that has cost."""

    @property
    def spent(self) -> Spent:
        """Return the cost so far."""
        ...

    def sending(self, number: int, prompt: Prompt) -> None:
        """Commit that a call is about to be sent."""
        ...

    def answered(self, exchange: Exchange) -> None:
        """Commit an answer before it is used."""
        ...

    def unanswered(self, number: int, prompt: Prompt, meta: Mapping[str, Json]) -> None:
        """Commit calls that brought no answer."""
        ...


@dataclass
class Conversation:
    """Asks on behalf of one search and remembers what was asked.

    Attributes:
        record: Answers of earlier processes.
        next_number: The number of the next exchange.
        prices: What the next call may cost at most, where money is capped.
        used: Numbers of the exchanges of the last conversation driven.
    """

    answerer: Answerer | None
    record: RecordedEndpoint
    ledger: Asker
    caps: Caps
    next_number: int
    prices: PriceTable | None = None
    used: list[int] = field(default_factory=list)

    def drive(self, turns: Turns, *, iteration: int) -> tuple[Proposal | NoProposal, ...]:
        """Run a conversation to its end and return what it chose; `used` lists its exchanges.

        Raises:
            IntegrityError: If a stored answer belongs to another prompt.
            CapReached: If a cap forbids the next call.
            Unavailable: If the endpoint gives no answer.
        """
        self.used = []
        try:
            prompt = next(turns)
            turn = 0
            while True:
                prompt, turn = turns.send(self._reply(prompt, iteration, turn)), turn + 1
        except StopIteration as end:
            chosen: tuple[Proposal | NoProposal, ...] = end.value
            return chosen

    def _reply(self, prompt: Prompt, iteration: int, turn: int) -> Reply:
        key = (iteration, turn)
        if self.record.holds(key):
            reply, meta = self.record.answer(prompt, key=key)
            self.used.append(int(str(meta["recorded_number"])))
            return reply
        if self.answerer is None:
            raise Unavailable(
                f"Iteration {iteration} needs an answer that is not stored.",
                hint="Resume it with an endpoint: --endpoint, --base-url and --model.",
            )
        self._check_caps(prompt)
        number = self.next_number
        most = None if self.caps.max_calls is None else self.caps.max_calls - self.ledger.spent.calls
        self.ledger.sending(number, prompt)
        reply, meta = self.answerer.answer(prompt, key=key, most_calls=most)
        if reply.error in NO_ANSWER:
            self.ledger.unanswered(number, prompt, meta)
            raise Unavailable(
                f"No answer from the model: {reply.error}: {reply.error_text or 'no detail'}",
                hint="What is stored is intact; resume once that is mended.",
            )
        self.ledger.answered(
            Exchange(number=number, iteration=iteration, turn=turn, prompt=prompt, reply=reply, meta=meta)
        )
        self.next_number += 1
        self.used.append(number)
        return reply

    def _check_caps(self, prompt: Prompt) -> None:
        spent, caps = self.ledger.spent, self.caps
        limit: Any = prompt.options.get("max_tokens") or 0
        sent = estimate_tokens(prompt)
        tokens = spent.prompt_tokens + spent.completion_tokens + sent + limit
        usd = spent.usd
        if self.prices is not None:
            model = str(prompt.options.get("model", ""))
            usd += self.prices.usd(model, prompt_tokens=sent, completion_tokens=limit) or 0.0
        minutes = spent.seconds / 60
        reserved = f"counting {sent} tokens of the prompt and up to {limit} of the answer"
        checks: Sequence[tuple[str, float, float | None, str]] = (
            ("--max-calls", spent.calls + 1, caps.max_calls, "calls with the next one"),
            ("--max-tokens", tokens, caps.max_tokens, f"tokens with the next call, {reserved}"),
            ("--max-usd", usd, caps.max_usd, f"USD with the next call, {reserved}"),
            ("--max-minutes", minutes, caps.max_minutes, "minutes"),
        )
        for name, used, cap, unit in checks:
            if cap is not None and used > cap:
                raise CapReached(
                    f"{name} {cap:g} is reached: it would be {used:.6g} {unit}.",
                    hint=f"Resume with a larger {name}.",
                )
