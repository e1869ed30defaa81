"""What a researcher asks for, and the checks it passes before anything is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from walras.core import Caps, Json, SearchSpace, UsageError
from walras.search._bench import MAX_BATCH, MAX_SEED, EndpointChoice

MAX_BUDGET = 1_000_000
MAX_WORKERS = 256


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """What a researcher asks for; everything of it is recorded.

    Attributes:
        space: A space that the guard has read; `market` and `objective` are taken from it.
        options: Options of the proposer, e.g. {"n_startup_trials": 5}.
        scenarios, events: How many train scenarios and how long; None takes the market's defaults.
    """

    space: SearchSpace
    proposer: str = "tpe"
    options: Mapping[str, Json] = field(default_factory=dict)
    budget: int = 60
    seed: int = 0
    batch: int = 1
    scenarios: int | None = None
    events: int | None = None
    workers: int = 1
    endpoint: EndpointChoice = field(default_factory=EndpointChoice)
    caps: Caps = field(default_factory=Caps)
    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


def check_request(request: SearchRequest) -> None:
    """Check what the types cannot: ranges, and that Python gave what the types say.

    Raises:
        UsageError: Naming the option.
    """
    check_number("--budget", request.budget, 1, MAX_BUDGET)
    check_number("--batch", request.batch, 1, MAX_BATCH)
    check_number("--workers", request.workers, 1, MAX_WORKERS)
    check_number("--seed", request.seed, 0, MAX_SEED)
    for name, count in (("--scenarios", request.scenarios), ("--events", request.events)):
        if count is not None:
            check_number(name, count, 1, MAX_SEED)
    check_caps(request.caps)
    for name, text in (("name", request.name), ("note", request.note), *(("a tag", t) for t in request.tags)):
        if not isinstance(text, str):
            raise UsageError(f"{name} is text, not {type(text).__name__}.")


def check_number(name: str, value: object, low: int, high: int) -> None:
    """Raise UsageError unless `value` is an int in `low` .. `high`; a bool is none."""
    if type(value) is not int or not low <= value <= high:
        raise UsageError(
            f"{name} {value!r:.40} is out of range.", hint=f"Give a whole number from {low} to {high}."
        )


def check_caps(caps: Caps) -> None:
    """Raise UsageError unless every cap is a positive number or None."""
    if not isinstance(caps, Caps):
        raise UsageError(f"caps is a Caps, not {type(caps).__name__}.", hint="E.g. Caps(max_calls=50).")
    for name, cap in vars(caps).items():
        kinds = (int,) if name in ("max_calls", "max_tokens") else (int, float)
        if cap is None or (type(cap) in kinds and 0 < cap < float("inf")):
            continue
        wanted = "a positive whole number" if kinds == (int,) else "a positive number"
        raise UsageError(
            f"--{name.replace('_', '-')} {cap!r:.40} is not {wanted}.", hint="Leave it out for no cap."
        )
