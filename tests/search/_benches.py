"""A bench on a temporary store, with parts that a test may replace."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from walras import wiring
from walras.core import Json, Prompt, Reply, SearchSpace
from walras.execution import Executor, InProcess
from walras.search import Bench, EndpointChoice, SearchRequest

SPACE: dict[str, Any] = {
    "name": "small",
    "strategy": "market_maker",
    "parameters": {
        "strategy.mm.half_spread_ticks": {"type": "int", "low": 1, "high": 10},
        "strategy.mm.order_size": {"type": "float", "low": 5, "high": 500, "log": True},
        "strategy.mm.mode": {"type": "categorical", "choices": ["join", "improve"]},
    },
}
EVENTS = 6400
SCRIPTED = EndpointChoice(kind="scripted")


class Script:
    """Answers prompts from a list of texts or replies, in order, and counts the calls."""

    def __init__(self, *answers: str | Reply, meta: Mapping[str, Json] | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[Prompt] = []
        self.allowed: list[int | None] = []
        self.meta = dict(meta or {"tokens": {"prompt": 100, "completion": 10}, "usd": 0.25})

    def answer(
        self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None
    ) -> tuple[Reply, dict[str, Json]]:
        """Give the next answer; when they are used up, fail like a machine that is switched off."""
        del key
        self.allowed.append(most_calls)
        self.asked.append(prompt)
        if not self.answers:
            raise KeyboardInterrupt
        given = self.answers.pop(0)
        reply = Reply(text=given, finish="stop", model="script") if isinstance(given, str) else given
        return reply, {"attempts": [], **self.meta}


class CountingClock:
    """A monotonic clock that advances one second a reading."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the next second."""
        self.now += 1.0
        return self.now


@contextmanager
def bench_at(
    path: Path | str,
    *,
    answerer: Any = None,
    executor: Callable[[int], Executor] | None = None,
    **changes: Any,
) -> Iterator[Bench]:
    """Open a bench on `path`, running backtests in this process."""
    with wiring.open_bench(store=str(path)) as bench:
        if answerer is not None:
            changes["endpoint"] = lambda choice: answerer
        yield replace(bench, executor=executor or (lambda count: InProcess()), **changes)


def space_of(bench: Bench, source: Mapping[str, Any] | None = None) -> SearchSpace:
    """Return the small space, judged."""
    return wiring.read_space(bench, dict(source or SPACE))


def request_for(bench: Bench, **changes: Any) -> SearchRequest:
    """Return a small request: random, 5 iterations, 2 short scenarios."""
    wanted: dict[str, Any] = {
        "space": space_of(bench),
        "proposer": "random",
        "budget": 5,
        "seed": 3,
        "scenarios": 2,
        "events": EVENTS,
        "endpoint": SCRIPTED,
    }
    return SearchRequest(**{**wanted, **changes})


def answer_text(half_spread: int = 3, **extra: Any) -> str:
    """Return a model's answer with a legal point."""
    import json

    params = {
        "strategy.mm.half_spread_ticks": half_spread,
        "strategy.mm.order_size": 50.0,
        "strategy.mm.mode": "join",
        **extra,
    }
    return json.dumps({"params": params, "reasoning": "because", "predicted_score": 1.5})
