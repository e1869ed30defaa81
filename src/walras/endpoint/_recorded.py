"""Answer from a stored trajectory, by position; a prompt that differs from the record is an error."""

from __future__ import annotations

from collections.abc import Iterable

from walras.core import Exchange, IntegrityError, Prompt, canonical_json
from walras.endpoint._base import Answer, Endpoint, ExchangeKey


class RecordedEndpoint(Endpoint):
    """Gives back the answers of `exchanges`; opens no connection and needs no key."""

    kind = "recorded"

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = {ExchangeKey(e.iteration, e.turn): e for e in exchanges}
        first = next(iter(self._exchanges.values()), None)
        self.model = str(first.prompt.options.get("model", "")) if first else ""

    def holds(self, key: tuple[int, int]) -> bool:
        """Say whether an answer is recorded at `key`."""
        return ExchangeKey(*key) in self._exchanges

    def answer(self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None) -> Answer:
        """Return the recorded answer.

        Raises:
            IntegrityError: If nothing is recorded at `key`, or the prompt differs from the recorded
                one; names the first position at which their canonical JSON differs.
        """
        del most_calls
        place = ExchangeKey(*key)
        where = f"iteration {place.iteration}, turn {place.turn}"
        found = self._exchanges.get(place)
        if found is None:
            raise IntegrityError(f"No answer is recorded for {where}.")
        if found.prompt.digest != prompt.digest:
            raise IntegrityError(
                f"The prompt of {where} differs from the record: {_drift(found.prompt, prompt)}"
            )
        return found.reply, {**found.meta, "kind": self.kind, "recorded_number": found.number}


def _drift(recorded: Prompt, now: Prompt) -> str:
    old, new = canonical_json(recorded.to_json()), canonical_json(now.to_json())
    pairs = zip(old, new, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    around = slice(max(at - 20, 0), at + 20)
    return f"first difference at byte {at}: recorded {old[around]!r}, now {new[around]!r}."
