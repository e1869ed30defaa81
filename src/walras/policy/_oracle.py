"""Judge a name a second time, slowly and by other means.

It shares two things with the folding matcher: the table of look-alikes and the decodings. Characters are
walked one by one, runs of tokens are enumerated, caps are spelled out word by word. A name that either of
the two finds gated is refused, so a disagreement refuses; the tests hold the two equal.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from walras.policy._confusables import CONFUSABLES
from walras.policy._gates import CAP_COMPANY, CAP_WORDS, DROPPED, Gate
from walras.policy._names import decodings


def slow_match(name: str, gates: Iterable[Gate]) -> Gate | None:
    """Return the first of `gates` that `name` touches, or None."""
    texts = {text: None for start in (name, _as_seen(name)) for text in decodings(start)}
    readings: list[list[str]] = []
    for text in texts:
        joined, apart = _letters(text, apart=False), _letters(text, apart=True)
        for letters in (joined, apart) if joined != apart else (joined,):
            humped = _apart_at_humps(letters)
            for form in (letters, humped) if humped != letters else (letters,):
                tokens = _tokens(form)
                if tokens not in readings:
                    readings.append(tokens)
    asked = tuple(gates)
    longest = max((len(_heads(gate.head)[-1]) for gate in asked), default=0)
    runs = [_runs(tokens, longest) for tokens in readings]
    for gate in asked:
        if any(_touches(gate, tokens, ends) for tokens, ends in zip(readings, runs, strict=True)):
            return gate
    return None


def _as_seen(text: str) -> str:
    kept = ""
    for char in unicodedata.normalize("NFKC", text):
        if unicodedata.category(char) not in DROPPED:
            kept += char
    return kept


def _letters(text: str, *, apart: bool) -> list[str]:
    if text.isascii() and text.isprintable():
        return list(text)
    letters = []
    for char in unicodedata.normalize("NFKC", text):
        for part in unicodedata.normalize("NFD", char):
            if unicodedata.category(part) not in DROPPED:
                letters += [CONFUSABLES.get(ord(part), part)]
            elif apart:
                letters += ["."]
    return letters


def _apart_at_humps(letters: list[str]) -> list[str]:
    apart: list[str] = []
    for index, char in enumerate(letters):
        before = letters[index - 1] if index else ""
        after = letters[index + 1] if index + 1 < len(letters) else ""
        if _is_capital(char) and (_is_small(before) or (_is_capital(before) and "a" <= after <= "z")):
            apart.append(".")
        apart.append(char)
    return apart


def _is_capital(char: str) -> bool:
    return "A" <= char <= "Z"


def _is_small(char: str) -> bool:
    return "a" <= char <= "z" or "0" <= char <= "9"


def _tokens(letters: list[str]) -> list[str]:
    tokens = [""]
    for letter in letters:
        for small in _smalls(letter):
            if _is_small(small):
                tokens[-1] += small
            elif tokens[-1]:
                tokens.append("")
    return [token for token in tokens if token]


@lru_cache(maxsize=4096)
def _smalls(letter: str) -> str:
    """Return the small letters that one letter reads as."""
    return "".join(CONFUSABLES.get(ord(once), once).casefold() for once in letter.casefold())


def _runs(tokens: list[str], longest: int) -> dict[str, list[int]]:
    """Return where each run of tokens ends, by what the run spells; none is longer than `longest`."""
    ends: dict[str, list[int]] = {}
    for start in range(len(tokens)):
        run = ""
        for stop in range(start, len(tokens)):
            run += tokens[stop]
            if len(run) > longest:
                break
            ends.setdefault(run, []).append(stop + 1)
    return ends


def _touches(gate: Gate, tokens: list[str], ends: dict[str, list[int]]) -> bool:
    *above, head = _heads(gate.head)
    if "".join(tokens) in (*above, head):
        return True
    return any(_reaches(gate, tokens[end:]) for end in ends.get(head, ()))


@cache
def _heads(head: tuple[str, ...]) -> tuple[str, ...]:
    """Return what each ancestor of a gate spells, the gate's own head last."""
    return tuple("".join(head[: count + 1]).replace("_", "") for count in range(len(head)))


def _reaches(gate: Gate, tail: list[str]) -> bool:
    if gate.reach == "all":
        return True
    if gate.reach == "word":
        return "".join(tail).count(gate.word) > 0
    return any(_spells_cap(token) for token in tail)


def _spells_cap(token: str) -> bool:
    """Say whether `token` is made of cap words and their company, at least one cap word among them."""
    reached = {(0, False)}
    for position in range(len(token)):
        for word in CAP_WORDS + CAP_COMPANY:
            for said in (False, True):
                if (position, said) in reached and token.startswith(word, position):
                    reached.add((position + len(word), said or word in CAP_WORDS))
    return (len(token), True) in reached
