"""Run one case of the hard-gate attack catalogue through the product's own doors; one adapter a channel.

Files, environments, command lines, policies and resumes go through `walras` as its front door runs it,
Python's dicts through `walras.api.search`, schemas through `walras.strategies.register` and an entry point.
A channel whose input is one proposal counts what came of that proposal: iteration 0, the strategy's
defaults, is the product's own and ran before. A case needs nothing but its dict and an empty folder.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from tests.policy import _bundles
from tests.policy._product import (
    ASKING,
    EVENTS,
    SMALL,
    Kept,
    Meter,
    Offered,
    Told,
    empty_store,
    fixture_schema,
    idle_step,
    look,
    market_maker,
    read_only_search,
    walras_command,
    watched,
)

from walras import api, strategies
from walras.cli._errors import ending_of
from walras.core import ParameterSpec, Proposal, Reply, Status, StrategySchema, WalrasError
from walras.policy import HARD_GATE, Policy, gated_digest_ok
from walras.proposers import Conversation, Proposer
from walras.strategies import Strategy

FOLDER = Path(__file__).parent
CATALOGUE: dict[str, Any] = json.loads((FOLDER / "hard_gate_cases.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = CATALOGUE["cases"]
FIXTURES: dict[str, Any] = CATALOGUE["fixtures"]
PENDING: dict[str, str] = json.loads((FOLDER / "pending.json").read_text(encoding="utf-8"))
"""Case id -> what switches it on. Only cases of channels without an adapter; the list may only shrink."""

ENVIRON: Mapping[str, str] = CATALOGUE["meta"]["environment_for_every_case"]


@dataclass(frozen=True)
class Outcome:
    """What happened: the fields of the catalogue's universal oracle, and what they were counted from.

    Attributes:
        engine_inputs: The parameters of every backtest, as the engine reports them.
        declared: The names that the strategy declares.
        names: The names in the audit record, escaped.
        text: What a person was told.
        answer_stored: Whether the model's raw answer is in the record, where one was given.
    """

    refused: bool
    code: str | None
    exit_code: int
    engine_calls: int
    llm_calls: int
    iteration_rows: int
    audit_records: int
    gated_digest_ok: bool
    engine_inputs: tuple[Mapping[str, object], ...] = ()
    declared: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    text: str = ""
    answer_stored: bool = True


class ChannelAbsent(Exception):
    """The product has no such channel yet."""


def run_case(case: dict[str, Any], tmp_path: Path) -> Outcome:
    """Drive the case's channel with its input and say what happened.

    Raises:
        ChannelAbsent: If the product has no such channel; `PENDING` says what switches it on.
    """
    if case["channel"] not in ADAPTERS:
        raise ChannelAbsent(case["channel"])
    return ADAPTERS[case["channel"]](Bench(case, tmp_path))


class Bench:
    """One case's folder, store and strategy."""

    def __init__(self, case: Mapping[str, Any], folder: Path) -> None:
        self.case = case
        self.given: Any = case["input"]
        self.folder = folder
        self.store = empty_store(folder)
        self.meter = Meter()
        self.before = look(self.store)
        self.strategy = market_maker(*_further(case.get("fixture", "base")))
        self.environ: dict[str, str] = dict(ENVIRON)
        self.offered: tuple[Offered, ...] = ()

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file into the case's folder."""
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        path = self.folder / name
        path.write_bytes(data)
        return path

    def walras(self, command: str, *argv: str, options: Sequence[str] = ()) -> Told:
        """Run one command against this case's store."""
        with self.watched():
            return walras_command(command, *options, "--store", str(self.store), "--json", *argv)

    def call(self, action: Callable[[], object]) -> Told:
        """Run a Python call, and end as the command line would."""
        with self.watched():
            try:
                action()
            except WalrasError as error:
                end = ending_of(error)
                return Told(end.exit, json.dumps(end.to_json()), end.message)
        return Told(0, "", "")

    def watched(self) -> Any:
        """Put the meter on the product."""
        return watched(
            self.meter, self.folder, self.environ, strategies=(self.strategy,), offered=self.offered
        )

    def restart(self) -> Kept:
        """Count from here; return what the store holds."""
        self.meter, self.before = Meter(), look(self.store)
        return self.before

    def outcome(self, told: Told) -> Outcome:
        """Return what a whole command came to."""
        assert told.exit_code != 1, told.err
        assert "Traceback" not in told.err
        now, before = look(self.store), self.before
        records = now.refusals[: len(now.refusals) - len(before.refusals)]
        refused = told.exit_code != 0
        code = records[0].code if records else _code(told.out) if refused else None
        names: Any = records[0].detail.get("names", ()) if records else ()
        return Outcome(
            refused=refused,
            code=code,
            exit_code=told.exit_code,
            engine_calls=len(self.meter.jobs),
            llm_calls=len(self.meter.requests),
            iteration_rows=now.rows - before.rows,
            audit_records=len(records),
            gated_digest_ok=self.meter.gated_ok and gated_digest_ok(),
            engine_inputs=tuple(self.meter.engine_inputs),
            declared=frozenset(self.strategy.schema.by_name),
            names=tuple(names),
            text=told.err,
        )

    def proposal_outcome(self, told: Told) -> Outcome:
        """Return what came of iteration 1, the case's proposal, in a search that ran to its end."""
        whole = self.outcome(told)
        if whole.refused:
            return whole
        record = read_only_search(self.store)
        rows = [row for row in record.iterations if row.number == 1]
        answers = [row.reply.text for row in record.exchanges]
        refused = rows[0].status is not Status.DONE
        return Outcome(
            **{
                **vars(whole),
                "refused": refused,
                "code": rows[0].failure.code if refused and rows[0].failure else None,
                "engine_calls": self.meter.trials - 1,
                "iteration_rows": len(rows),
                "answer_stored": self.meter.answer is None or self.meter.answer.text in answers,
            }
        )


def _code(out: str) -> str | None:
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    code = last.get("code")
    return code if isinstance(code, str) else None


def _further(fixture: str) -> tuple[ParameterSpec, ...]:
    """Return what a fixture declares beyond the shipped strategy."""
    declared = fixture_schema(FIXTURES.get(fixture, FIXTURES["base"])["tunable"])
    shipped = market_maker().schema.by_name
    return tuple(spec for spec in declared.parameters if spec.name not in shipped)


def _space_file(bench: Bench, *, suffix: str) -> Outcome:
    given = bench.given
    data = base64.b64decode(given["data"]) if isinstance(given, dict) else given
    bench.write(f"space{suffix}", data)
    return bench.outcome(bench.walras("search", f"space{suffix}", options=ASKING))


def _environment(bench: Bench) -> Outcome:
    bench.write("empty_policy.yaml", "extra_gates: []\n")
    bench.write("space.yaml", bench.given["space"])
    bench.environ |= bench.given["env"]
    return bench.outcome(bench.walras("search", "space.yaml", options=ASKING))


def _command_line(bench: Bench) -> Outcome:
    for name, text in {**FIXTURES["files_for_cli"], **bench.given.get("files", {})}.items():
        bench.write(name, text)
    bench.environ |= bench.given.get("env", {})
    command, *rest = bench.given["argv"]
    command = "search" if command == "run" else command
    options = {"search": ASKING, "backtest": SMALL[2:]}.get(command, ())
    return bench.outcome(bench.walras(command, *rest, options=options))


def _model_answer(bench: Bench) -> Outcome:
    given = bench.given
    bench.write("space.yaml", given["space"])
    bench.meter.answer = Reply(
        text=given["response_text"], finish="stop", model="script", tool_calls=bool(given.get("tool_calls"))
    )
    return bench.proposal_outcome(bench.walras("search", "space.yaml", options=ASKING))


class ThirdParty(Proposer):
    """Another package's proposer: it returns what the case's snippet made."""

    made: ClassVar[Any] = None

    def __init__(self, *, seed: int) -> None:
        del seed

    def converse(self, space: Any, history: Any, *, count: int) -> Conversation:
        """Return what was made, whatever it is."""
        del space, history
        return (Proposal(params=self.made, reasoning="", source="third"),) * count
        yield

    def fingerprint(self) -> dict[str, Any]:
        """Return nothing to compare."""
        return {}


def _proposer(bench: Bench) -> Outcome:
    names = _executed(bench.given["python"])
    bench.write("space.yaml", bench.given["space"])
    bench.offered = (Offered("third", type("Made", (ThirdParty,), {"made": names["result"]})),)
    if "after" in names:
        bench.meter.submitted = lambda count: names["after"](names["result"]) if count == 1 else None
    return bench.proposal_outcome(
        bench.walras("search", "space.yaml", options=(*SMALL, "--proposer", "third"))
    )


def _python(bench: Bench) -> Outcome:
    space = _executed(bench.given["python"])["space"]
    search = partial(
        api.search,
        space,
        proposer="llm",
        endpoint="scripted",
        budget=2,
        scenarios=1,
        events=EVENTS,
        store=str(bench.store),
    )
    return bench.outcome(bench.call(search))


def _schema(bench: Bench) -> Outcome:
    """Register the schema, and offer it past `register` too: both doors must say the same."""
    given = bench.given
    declared = fixture_schema(given["tunable"], given["strategy"])
    hidden = tuple(
        ParameterSpec(name=name, kind="int", default=value, low=0, high=value, description="", tunable=False)
        for name, value in given.get("defaults", {}).items()
    )
    schema = StrategySchema(declared.strategy, declared.description, declared.parameters + hidden)
    registered = bench.call(partial(strategies.register, schema, idle_step))
    bench.offered = (Offered(schema.strategy, Strategy(schema, idle_step)),)
    axes = {name: _axis(row) for name, row in given["tunable"].items()}
    bench.write("space.json", json.dumps({"name": "t", "strategy": schema.strategy, "parameters": axes}))
    found = bench.outcome(bench.walras("search", "space.json", options=ASKING))
    assert (registered.exit_code, registered.exit_code != 0) == (found.exit_code, found.refused)
    return Outcome(**{**vars(found), "declared": frozenset(schema.by_name)})


def _axis(row: Sequence[Any]) -> dict[str, Any]:
    kind, *rest = row
    axis = {"choices": rest[0]} if kind == "categorical" else {"low": rest[0], "high": rest[1]}
    return {"type": kind, **axis}


def _policy(bench: Bench) -> Outcome:
    """Search under the case's policy file; one that is to be replaced later is replaced by an empty one."""
    given = bench.given
    inject = given.get("inject", "")
    argv: tuple[str, ...] = ("space.yaml",)
    bench.write("space.yaml", given["space"])
    if "policy_text" in given:
        argv = ("space.yaml", "--policy", "policy.yaml")
        if given["policy_text"] is not None:
            bench.write("policy.yaml", given["policy_text"])
    if "replaced" in inject:
        bench.meter.submitted = lambda count: bench.write("policy.yaml", "extra_gates: []\n")
    with ExitStack() as stack:
        if inject.startswith("guard.match"):
            stack.enter_context(patch.object(Policy, "match", BrokenPolicy.match))
        told = bench.walras("search", *argv, options=ASKING)
    return bench.outcome(told)


class BrokenPolicy(Policy):
    """A policy whose matcher fails, as a bug would make it."""

    def match(self, name: str) -> None:
        """Fail."""
        raise ValueError(name)


def _resume(bench: Bench) -> Outcome:
    """Start, stop while iteration 1 runs, change what the case changes, and go on.

    `walras resume` reads no space file. So a file that was changed can only be searched anew, and that
    is what is counted; the stored search itself goes on over the space it was made with.
    """
    given = bench.given
    bench.write("space.yaml", given["original_space"])
    bench.meter.submitted = _stop
    stopped = bench.walras("search", "space.yaml", options=ASKING)
    assert stopped.exit_code == 130, stopped.err
    (search,) = bench.restart().searches
    if given.get("new_space", given["original_space"]) != given["original_space"]:
        bench.write("space.yaml", given["new_space"])
        return bench.outcome(bench.walras("search", "space.yaml", options=ASKING))
    argv: tuple[str, ...] = (search,)
    if "tamper" in given:
        _bundles.tamper(bench.store, given["tamper"])
    if "policy_now" in given:
        bench.write("policy.json", json.dumps(given["policy_now"]))
        argv = (search, "--policy", "policy.json")
    return bench.outcome(bench.walras("resume", *argv))


def _stop(count: int) -> None:
    if count == 1:
        raise KeyboardInterrupt


def _import(bench: Bench) -> Outcome:
    bundle = json.loads(bench.given) if isinstance(bench.given, str) else bench.given
    path = bench.write("bundle.json", json.dumps(bundle))
    if _bundles.is_trajectory(bundle):
        _made_here(bench, bundle, path)
        bench.store = empty_store(bench.folder)
        bench.restart()
    return _imported(bench)


def _made_here(bench: Bench, bundle: Mapping[str, Any], path: Path) -> None:
    """Search what is legal of the bundle, then write the bundle's own names into the sound file of it."""
    legal = _bundles.legal_part(bundle, bench.strategy.schema)

    class Recorded(ThirdParty):
        def converse(self, space: Any, history: Any, *, count: int) -> Conversation:
            del space
            return (Proposal(params=legal["points"][len(history) - 1], reasoning="", source="third"),) * count
            yield

    bench.offered = (Offered("third", Recorded),)
    bench.write("legal.json", json.dumps(legal["space"]))
    options = (*SMALL, "--proposer", "third", "--budget", str(1 + len(legal["points"])))
    told = bench.walras("search", "legal.json", options=options)
    assert told.exit_code == 0, told.err
    _bundles.write(path, bench.store, bundle)


def _imported(bench: Bench) -> Outcome:
    """Import the file; what came in is replayed, which is where the engine sees it."""
    found = bench.outcome(bench.walras("import", "bundle.json"))
    if found.refused:
        return found
    (search,) = look(bench.store).searches
    return bench.outcome(bench.walras("replay", search))


def _optuna(bench: Bench) -> Outcome:
    """No Optuna object can be reached: a study can only come in as a file, and is judged as one.

    Raises:
        ChannelAbsent: If nothing in it is gated; there is no way to give it to a search.
    """
    row = {"params": bench.given.get("params", bench.given.get("fixed"))}
    bench.write("bundle.json", json.dumps({"format": "study", "op": bench.given["op"], "history": [row]}))
    found = bench.outcome(bench.walras("import", "bundle.json"))
    if found.code != HARD_GATE:
        raise ChannelAbsent(bench.case["channel"])
    return found


def _executed(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


ADAPTERS: Mapping[str, Callable[[Bench], Outcome]] = {
    "space_yaml": partial(_space_file, suffix=".yaml"),
    "space_json": partial(_space_file, suffix=".json"),
    "env": _environment,
    "cli": _command_line,
    "llm_response": _model_answer,
    "strategy_schema": _schema,
    "python_api": _python,
    "proposer": _proposer,
    "policy": _policy,
    "resume": _resume,
    "import": _import,
    "optuna": _optuna,
}

__all__ = ["ADAPTERS", "CASES", "PENDING", "ChannelAbsent", "Outcome", "run_case"]
