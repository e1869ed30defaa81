"""Search spaces are read strictly, and a bad one tells all its faults."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.policy._schemas import HEAD, SCHEMA, faults, only, read, schema_of, written

from walras.core import Condition, InvalidFile, RefusedByPolicy
from walras.policy import (
    FLOOR_POLICY,
    MAX_BYTES,
    NOT_TUNABLE,
    Policy,
    read_space,
    refusal_code,
    space_from_record,
    space_template,
)
from walras.strategies import strategy_names, strategy_schema

SHIPPED = sorted((Path(__file__).parents[2] / "search_spaces").glob("*.yaml"))
COUNT = "  strategy.d.count: {type: int, low: 1, high: 10}\n"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_spaces_are_read(path: Path) -> None:
    """Each shipped space fits its strategy and holds its defaults."""
    space = read_space(path, schema_of=strategy_schema, policy=FLOOR_POLICY)
    assert space.contains(space.defaults)
    assert all(axis.description for axis in space.dimensions)


def test_every_strategy_ships_a_space() -> None:
    """The names of the files are the names of the strategies."""
    assert {path.stem for path in SHIPPED} >= {"market_maker", "inventory_maker", "fair_value_taker"}


@pytest.mark.parametrize("name", strategy_names())
def test_templates_read_back(name: str) -> None:
    """What `walras space init` writes is a legal space with every tunable."""
    schema = strategy_schema(name)
    space = read_space(space_template(schema), schema_of=strategy_schema, policy=FLOOR_POLICY)
    assert set(space.by_name) == {spec.name for spec in schema.parameters if spec.tunable}
    assert space.defaults == {spec.name: spec.default for spec in schema.parameters if spec.tunable}


def test_template_of_every_kind_reads_back() -> None:
    """Steps, odd choices, missing descriptions and locked parameters are written so that they read back."""
    space = read(space_template(SCHEMA, name="on"))
    assert space.name == "on"
    assert space.by_name["strategy.d.mode"].choices == ("join", "true", "it is odd")
    assert space.by_name["strategy.d.grid"].step == 0.25
    assert "strategy.d.secret" not in space.by_name


def test_all_forms_give_the_same_space(tmp_path: Path) -> None:
    """YAML, JSON, bytes with a byte order mark and a plain dict describe one space."""
    body: dict[str, object] = {
        "name": "t",
        "strategy": "demo",
        "market": "m",
        "objective": "o",
        "parameters": {
            "strategy.d.count": {"type": "int", "low": 1, "high": 9, "step": 2, "default": 3},
            "strategy.d.size": {"type": "float", "low": 1, "high": 1e4, "log": True, "unit": "u"},
            "strategy.d.on": {"type": "bool", "description": "Switch."},
            "strategy.d.mode": {
                "type": "categorical",
                "choices": ["join", "it is odd"],
                "when": {"strategy.d.on": True},
            },
        },
        "fixed": {"strategy.d.grid": 1},
    }
    import json

    yaml = (
        "name: t\nstrategy: demo\nmarket: m\nobjective: o\nparameters:\n"
        "  strategy.d.count: {type: int, low: 1, high: 9, step: 2, default: 3}\n"
        "  strategy.d.size:\n    type: float\n    low: 1\n    high: 1e+4\n    log: true\n    unit: u\n"
        "  strategy.d.on: {type: bool, description: Switch.}\n"
        "  strategy.d.mode:\n    type: categorical\n    choices:\n    - join\n    - it is odd\n"
        "    when: {strategy.d.on: [true]}\n"
        "fixed: {strategy.d.grid: 1}\n"
    )
    spaces = [
        read(body),
        read(yaml),
        read("%YAML 1.2\n---\n" + yaml),
        read(b"\xef\xbb\xbf" + yaml.encode()),
        read(json.dumps(body, indent=1), form="json"),
        read(written(tmp_path, json.dumps(body), "a.JSON")),
        read(written(tmp_path, yaml, "a.yml")),
    ]
    assert len({space.digest for space in spaces}) == 1
    space = spaces[0]
    assert space.by_name["strategy.d.size"].low == 1.0
    assert type(space.by_name["strategy.d.size"].low) is float
    assert space.by_name["strategy.d.size"].unit == "u"
    assert space.by_name["strategy.d.count"].unit == "n"
    assert space.by_name["strategy.d.mode"].when == Condition(parameter="strategy.d.on", values=(True,))
    assert (space.market, space.objective, space.fixed) == ("m", "o", {"strategy.d.grid": 1.0})


def test_a_stored_space_is_read_back() -> None:
    """The record of a space gives the same space, and today's policy judges it."""
    space = read(HEAD + COUNT + "fixed: {strategy.d.size: 7}\n")
    again = space_from_record(space.to_json(), schema_of=schema_of, policy=FLOOR_POLICY)
    assert again.digest == space.digest
    from tests.policy.test_policy import extended

    with pytest.raises(RefusedByPolicy):
        space_from_record(space.to_json(), schema_of=schema_of, policy=extended("strategy.d.size"))


def test_one_possible_value_is_its_own_default() -> None:
    """Equal bounds and a single choice pin a parameter, whatever the strategy's default."""
    space = read(
        HEAD + "  strategy.d.count: {type: int, low: 9, high: 9, step: 3}\n"
        "  strategy.d.mode: {type: categorical, choices: ['true']}\n"
    )
    assert space.defaults == {"strategy.d.count": 9, "strategy.d.mode": "true"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{type: int, low: 10, high: 1}", "line 4: strategy.d.count, low: 10 is above high 1. Swap them."),
        ("{type: int, low: 1}", "high: is missing. Write high: 100."),
        ("{type: int, low: 1, high: 101}", "high: 101 lies outside what the strategy declares."),
        ("{type: int, low: 1, high: .inf}", "line 4: strategy.d.count, high, '.inf': is not finite"),
        ("{type: int, low: 1, high: 9.0}", "high: is 9.0, not an integer."),
        ("{type: int, low: 1, high: '9'}", "high: is the text '9', not an integer."),
        ("{type: int, low: 1, high: [9]}", "high: is a list, not an integer."),
        ("{type: int, low: 1, high: {}}", "high: is a mapping, not an integer."),
        ("{type: int, low: 1, high: ~}", "high: is nothing, not an integer."),
        ("{type: int, low: 1, high: 1_0}", "'1_0': parsers disagree on this number"),
        ("{type: int, low: 1, high: 0x9}", "'0x9': parsers disagree on this number"),
        ("{type: int, low: 1, high: 9999999999999999999}", "has more than 18 digits"),
        ("{type: int, low: 1, high: 1e999}", "'1e999': is too large for a number"),
        ("{type: float, low: 1, high: 9}", "type: is float; the strategy declares int. Write type: int."),
        ("{type: real, low: 1, high: 9}", "type: 'real' is no type."),
        ("{low: 1, high: 9}", "type: is missing."),
        ("{type: off, low: 1, high: 9}", "'off': some parsers read this as a truth value"),
        ("{type: 3, low: 1, high: 9}", "type: is 3, not text."),
        ("{type: int, low: 1, high: 9, choices: [a]}", "choices: does not belong to type int. Remove it."),
        ("{type: int, low: 1, high: 9, hihg: 3}", "'hihg': unknown field. Did you mean high?"),
        ("{type: int, low: 1, high: 9, step: 0}", "step: 0 is not between 0 and the width 8."),
        ("{type: int, low: 1, high: 9, step: 9}", "step: 9 is not between 0 and the width 8."),
        ("{type: int, low: 1, high: 9, step: 3}", "step: high 9 is not low plus whole steps. Write high: 7."),
        ("{type: int, low: 1, high: 9, step: 2, log: true}", "log: log and step exclude each other."),
        ("{type: int, low: 1, high: 3}", "the strategy's default 4 lies outside 1..3."),
        ("{type: int, low: 1, high: 9, step: 2}", "default 4 lies outside 1..9 in steps of 2."),
        ("{type: int, low: 1, high: 9, default: 10}", "default: the default 10 lies outside 1..9."),
        ("{type: int, low: 1, high: 9, unit: ''}", "unit: must have 1 to 400 characters."),
        ("{type: int, low: 1, high: 9, unit: 3}", "unit: is 3, not text."),
        ('{type: int, low: 1, high: 9, description: "a\\eb"}', "description: contains control characters."),
        ('{type: int, low: 1, high: 9, description: "a\\u202eb"}', "description: contains control"),
        ("7", "strategy.d.count: is 7, not a mapping. Write strategy.d.count: {type: int, ...}."),
    ],
)
def test_each_fault_of_a_parameter_has_its_line_and_mend(line: str, says: str) -> None:
    """One fault, one message, on the line where it stands."""
    found = only(f"{HEAD}  strategy.d.count: {line}\n")
    assert says in found
    assert found.startswith("line 4: ")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("  strategy.d.size: {type: float, low: 1, high: 2, log: 1}", "log: is 1, not true or false."),
        ("  strategy.d.grid: {type: float, low: 0, high: 1, log: true}", "log: a log axis needs low > 0."),
        ("  strategy.d.grid: {type: float, low: 0, high: 1, step: 1e-10}", "needs more than 9 significant"),
        ("  strategy.d.mode: {type: categorical}", "choices: is missing. List some of: join"),
        ("  strategy.d.mode: {type: categorical, choices: []}", "choices: is empty."),
        ("  strategy.d.mode: {type: categorical, choices: join}", "is not a list of choices."),
        ("  strategy.d.mode: {type: categorical, choices: [join, join]}", "lists 'join' twice."),
        ("  strategy.d.mode: {type: categorical, choices: [join, true]}", "holds True, which is not"),
        ("  strategy.d.mode: {type: categorical, choices: [join, [x]]}", "holds a list, which is not"),
        ("  strategy.d.mode: {type: categorical, choices: [join, on]}", "'on': some parsers read"),
        ("  strategy.d.mode: {type: categorical, choices: ['true', it is odd]}", "'join' lies outside true"),
        ("  strategy.d.on: {type: bool, low: 0}", "low: does not belong to type bool."),
        ("  strategy.d.on: {type: bool, when: 3}", "when: is 3, not one parameter."),
        ("  strategy.d.on: {type: bool, when: {strategy.d.grid: 1}}", "neither searched nor fixed here."),
        ("  strategy.d.secret: {type: int, low: 0, high: 1}", "does not declare it tunable."),
        ("  strategy.d.cout: {type: int, low: 0, high: 1}", "Did you mean strategy.d.count?"),
        ("  'strategy.d.count ': {}", "is not a plain name."),
        ("  count: {}", "'count': is not a plain name. Did you mean strategy.d.count? Write"),
        ("  1: {}", "'1': this key is read as int, not as text."),
        ("  ~: {}", "'': this key is read as nothing, not as text."),
        ("  yes: {}", "'yes': some parsers read this as a truth value"),
        ("  ? [a, {b: c}]\n  : {}", "key: is a list or a mapping."),
        ("  ? {a: b}\n  : {}", "key: is a list or a mapping."),
        ("  strategy.d.on: {type: !!str bool}", "'tag:yaml.org,2002:str': is a tag."),
        ("  strategy.d.on: &a {type: bool}", "&'a': is an anchor."),
        ("  strategy.d.on: {type: bool}\n  strategy.d.on: {type: bool}", "given twice; first on line 4."),
    ],
)
def test_each_fault_of_form_is_named(lines: str, says: str) -> None:
    """What is wrong beside the bounds is told as well."""
    assert any(says in fault for fault in faults(HEAD + lines + "\n")), faults(HEAD + lines + "\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "YAML: the document is empty."),
        ("# only a comment\n", "the document is empty."),
        ("just text\n", "line 1: space: is the text 'just text', not a mapping."),
        ("name: [t\n", "YAML: "),
        ("a: b: c\n", "line 1: YAML: mapping values are not allowed here."),
        ("name: t\nstrategy: demo\n", "parameters: is missing."),
        ("name: t\nstrategy: demo\nparameters: {}\n", "parameters: is empty."),
        ("name: t\nstrategy: demo\nparameters: []\n", "parameters: is a list, not a mapping."),
        ("name: t\nstrategy: dmo\nparameters: {}\n", "there is no strategy 'dmo'. Did you mean 'demo'?"),
        ("name: t\nparameters: {}\n", "strategy: is missing."),
        ("strategy: demo\nparameters:\n" + COUNT, "name: is missing."),
        (HEAD + COUNT + "seed: 1\n", "line 5: 'seed': unknown field."),
        (HEAD + COUNT + "fixed: 3\n", "fixed: is 3, not a mapping."),
        (HEAD + COUNT + "fixed: {strategy.d.count: 3}\n", "is both searched and fixed."),
        (HEAD + COUNT + "fixed: {strategy.d.size: 0}\n", "0 lies outside what the strategy declares."),
        (HEAD + COUNT + "fixed: {strategy.d.on: 'true'}\n", "is the text 'true', not true or false."),
        (HEAD + COUNT + "fixed: {strategy.d.mode: [join]}\n", "is a list, not text."),
        (HEAD + COUNT + "fixed: {strategy.d.nope: 1}\n", "does not declare it tunable."),
        (HEAD + COUNT + "fixed: {strategy.d.size: 010}\n", "parsers disagree"),
        (HEAD + COUNT + "market: nowhere\n", "line 5: market: there is no market 'nowhere'."),
        ("%YAML 1.1\n---\n" + HEAD + COUNT, "%YAML: names another version than 1.2."),
        ("%TAG ! tag:x,2000:\n---\n" + HEAD + COUNT, "%TAG: declares tags."),
        (HEAD + COUNT + "---\nname: t\n", "a second document starts here."),
        ("base: &b {}\n" + HEAD + "  <<: *b\n" + COUNT, "*'b': is an alias."),
        ("base: &b {}\n" + HEAD + "  <<: *b\n" + COUNT, "<<: is a merge key."),
        ("a: " + "[" * 40 + "]" * 40, "is nested deeper than 16 levels."),
        ("a: [" + "1," * 20_000 + "1]", "has more than 10000 entries."),
        ("a" * (MAX_BYTES + 1), "is larger than 256 KB."),
        ("name: \ud800", "is not UTF-8."),
        ("name: a\x00b", "YAML: "),
    ],
)
def test_a_bad_document_is_told_what_is_wrong(text: str, says: str) -> None:
    """Structure, limits and syntax: always a fault, never a traceback."""
    found = faults(text, markets=("m", "liquid_politics"), objectives=("belief_pnl",))
    assert any(says in fault for fault in found), found


def test_all_faults_are_told_at_once_in_order_of_lines() -> None:
    """A researcher mends a file once, not fault by fault."""
    found = faults(
        "name: t\nstrategy: demo\nmarket: 3\nparameters:\n"
        "  strategy.d.count: {type: int, low: 9, high: 1}\n"
        "  strategy.d.size: {type: float, low: .nan, high: 2}\n"
        "  strategy.d.mode: {type: categorical, choices: []}\n"
        "  strategy.d.grid: {type: float, low: 0, high: 1, when: {strategy.d.mode: join}}\n"
        "fixed: {strategy.d.on: 1}\nextra: 1\n",
        markets=("m",),
    )
    assert [fault.split(":")[0] for fault in found] == [f"line {n}" for n in (3, 5, 6, 7, 9, 10)]


def test_more_than_256_parameters_are_refused() -> None:
    """The limit on dimensions is told with the number."""
    many = "".join(f"  strategy.d.x{index}: {{}}\n" for index in range(257))
    assert only(HEAD + many).endswith("has 257 parameters; at most 256 are allowed. Remove some.")


def test_conditions_need_a_parent_that_can_have_the_value() -> None:
    """A condition names one searched or fixed parameter and values that it can take."""
    text = HEAD + (
        "  strategy.d.mode: {type: categorical, choices: [join, it is odd]}\n"
        "  strategy.d.size: {type: float, low: 1, high: 20}\n"
        "  strategy.d.count: {type: int, low: 1, high: 10, when: {PARENT}}\n"
        "fixed: {strategy.d.on: true, strategy.d.grid: 0.5}\n"
    )
    legal: dict[str, tuple[Any, ...]] = {
        "strategy.d.mode: join": ("join",),
        "strategy.d.mode: [join, it is odd]": ("join", "it is odd"),
        "strategy.d.size: 2": (2.0,),
        "strategy.d.on: true": (True,),
        "strategy.d.grid: 1": (1.0,),
    }
    for parent, values in legal.items():
        condition = read(text.replace("PARENT", parent)).by_name["strategy.d.count"].when
        assert condition is not None
        assert condition.values == values
        assert [type(value) for value in condition.values] == [type(value) for value in values]
    for parent in (
        "strategy.d.mode: nope",
        "strategy.d.mode: []",
        "strategy.d.mode: [[join]]",
        "strategy.d.size: 50",
        "strategy.d.on: 1",
        "strategy.d.on: 'true'",
    ):
        assert "cannot take that value here" in only(text.replace("PARENT", parent))
    assert "parsers disagree" in only(text.replace("PARENT", "strategy.d.size: 010"))
    assert "not one parameter" in only(text.replace("PARENT", "strategy.d.on: true, strategy.d.mode: join"))


def test_conditions_in_a_circle_are_refused() -> None:
    """Two parameters that wait for each other never exist; one that waits for them is not at fault."""
    found = faults(
        HEAD + "  strategy.d.count: {type: int, low: 1, high: 9, when: {strategy.d.on: true}}\n"
        "  strategy.d.on: {type: bool, when: {strategy.d.count: 3}}\n"
        "  strategy.d.size: {type: float, low: 1, high: 20, when: {strategy.d.on: true}}\n"
    )
    assert [fault.split(",")[0] for fault in found] == [
        "line 4: strategy.d.count",
        "line 5: strategy.d.on",
    ]


def test_a_refusal_prints_place_name_gate_reason_and_the_way() -> None:
    """Every gated name of the file is told, with its line, escaped."""
    with pytest.raises(RefusedByPolicy) as caught:
        read(
            HEAD + COUNT + '  "risk.kill\u200bswitch.x": {}\nfixed: {sec.signer.policy: any}\n',
            label="my.yaml",
        )
    text = str(caught.value)
    assert "my.yaml, line 5: 'risk.kill\\u200bswitch.x' is locked by the hard gate risk.killswitch.*." in text
    assert "my.yaml, line 6: 'sec.signer.policy' is locked by the hard gate sec.signer.*." in text
    assert "with a code review and an envelope, not in a search" in text
    assert caught.value.names == ("'risk.kill\\u200bswitch.x'", "'sec.signer.policy'")
    assert (caught.value.gate, caught.value.exit_code) == ("risk.killswitch.*", 3)


def test_a_long_list_of_gated_names_is_cut() -> None:
    """The message stays readable; the names are all kept."""
    many = "".join(f"  risk.killswitch.x{index}: {{}}\n" for index in range(1500))
    with pytest.raises(RefusedByPolicy, match=r"and 1492 more\.") as caught:
        read(HEAD + many)
    assert len(caught.value.names) == 1500


@pytest.mark.parametrize(
    "text",
    [
        "[{name: risk.killswitch.x}]",
        "risk.killswitch: 1",
        "parameters: [strategy.d.on, risk.killswitch.x]",
        "parameters: {strategy.d.on: {type: bool, when: {risk.killswitch.x: 1}}}",
        "parameters: {strategy.d.on: {type: bool, when: [risk.killswitch.x, {sec.signer: 1}]}}",
        "parameters: {strategy.d.on: {type: bool, choices: [{a: {risk: {killswitch: 1}}}]}}",
        "parameters: {strategy.d.on: [{key: sec.signer.x}]}",
        "market: {risk.killswitch.x: 1}",
        "extra: {a: [{b: {sec: {signer: 1}}}]}",
    ],
)
def test_gates_are_seen_wherever_a_name_can_stand(text: str) -> None:
    """Lists, nested mappings and unknown sections hide nothing."""
    with pytest.raises(RefusedByPolicy):
        read(text)


def test_text_may_mention_a_gate() -> None:
    """Names, descriptions, units and comments are not assignments."""
    text = HEAD.replace("t\n", "risk.killswitch study\n", 1) + (
        "  # sec.signer.policy stays in config\n"
        "  strategy.d.count: {type: int, low: 1, high: 10, description: not risk.killswitch.x}\n"
    )
    assert read(text).by_name["strategy.d.count"].description == "not risk.killswitch.x"


def test_undeclared_names_carry_their_own_code() -> None:
    """Default deny is not a hard gate: another code, exit code 2."""
    with pytest.raises(InvalidFile) as caught:
        read(HEAD + "  strategy.d.nope: {}\n  strategy.d.count: 3\n")
    assert refusal_code(caught.value) == NOT_TUNABLE
    with pytest.raises(InvalidFile) as caught:
        read(HEAD + "  strategy.d.count: 3\n")
    assert refusal_code(caught.value) == "OPT_SPACE_INVALID"
    assert refusal_code(RefusedByPolicy("x")) == "OPT_REFUSED_HARD_GATE"


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    """Missing, a folder, a pipe, not UTF-8, a name no system takes: one message each."""
    assert "No such file" in only(tmp_path / "nope.yaml")
    assert only(tmp_path) == "file: is not a regular file. Name a YAML or JSON file."
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in only(tmp_path / "pipe")
    (tmp_path / "latin.yaml").write_bytes(b"name: t\nx: \xe9\n")
    assert "line 2: file: is not UTF-8." in only(tmp_path / "latin.yaml")
    assert "cannot be read" in only(Path("a\x00b.yaml"))


def test_plain_values_must_be_plain(tmp_path: Path) -> None:
    """Subclasses, other types, cycles and numbers beyond reason are faults, found without their methods."""

    class Sly(dict[str, object]):
        def items(self) -> Any:
            return ()

    with pytest.raises(RefusedByPolicy):
        read(Sly(parameters={"risk.killswitch.x": {}}))
    assert "<Sly>: is not a plain dict." in faults(Sly(name="t", strategy="demo", parameters={}))[0]
    body: dict[str, Any] = {"name": "t", "strategy": "demo", "parameters": {}}
    body["parameters"]["strategy.d.count"] = {"type": "int", "low": 1, "high": 10**400}
    assert "has more than 18 digits" in only(body)
    body["parameters"]["strategy.d.count"] = {"type": "int", "low": 1, "high": float("nan")}
    assert only(body).startswith("strategy.d.count, high: nan is not finite")
    (tmp_path / "nan.json").write_text(json.dumps(body))
    assert "strategy.d.count, high, 'NaN': is not finite" in only(tmp_path / "nan.json")
    body["parameters"]["strategy.d.count"] = {"type": "int", "low": 1, "high": 2j}
    assert "is 2j, not an integer" in only(body)
    body["parameters"]["strategy.d.count"] = body
    assert "nested deeper" in only(body)
    assert "not a mapping" in only(3)


def test_a_failing_guard_refuses() -> None:
    """An error inside the matcher is a refusal with exit code 3."""
    from tests.policy.catalogue import BrokenPolicy

    with pytest.raises(RefusedByPolicy, match="ValueError") as caught:
        read(HEAD + COUNT, policy=BrokenPolicy())
    assert caught.value.gate == "guard-failed"


def test_the_policy_is_frozen() -> None:
    """Nobody removes a gate from a policy in force."""
    with pytest.raises(AttributeError):
        Policy().extra = ()  # type: ignore[misc]
