"""The loaders meet any text with a space or with one of our errors, and agree with the standard library."""

import contextlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.policy._schemas import HEAD, faults, only, read

from walras.core import RefusedByPolicy, UsageError, WalrasError
from walras.policy import FLOOR_POLICY, is_name, printable

_YAML_PIECES = st.sampled_from(
    [
        *("name: t\n", "strategy: demo\n", "parameters:\n", "  strategy.d.count: ", "{type: int, low: 1, "),
        *("high: 9}\n", "fixed:\n", "- ", "? ", ": ", "&a ", "*a", "!!str ", "<<: ", "---\n", "...\n", "|\n"),
        *(">\n", "'", '"', "[", "]", "{", "}", "#", "%YAML 1.2\n", "\t", "\n", "\\x", "\\u12", "\ufeff"),
        *("0x1F", "010", "on", "~", "1e999", ".nan", "\x00", "\x85", "\u2028", "risk.killswitch", ", ", "@"),
    ]
)
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_YAML_PIECES, max_size=40).map("".join))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TEXTS, st.sampled_from(["yaml", "json"]))
def test_any_text_is_a_space_or_a_refusal(text: str, form: str) -> None:
    """No text makes a loader raise anything else."""
    with contextlib.suppress(UsageError, RefusedByPolicy):
        read(text, form=form)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["yaml", "json"]))
def test_any_bytes_are_a_space_or_a_refusal(data: bytes, form: str) -> None:
    """Nor do any bytes."""
    with pytest.raises(WalrasError):
        read(data, form=form)


_PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.text(), st.integers()), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(_PLAIN, _PLAIN)
def test_any_value_is_a_space_or_a_refusal(parameters: object, fixed: object) -> None:
    """Nor does any Python value."""
    with pytest.raises(WalrasError):
        read({"name": "t", "strategy": "demo", "parameters": parameters, "fixed": fixed})


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.text(max_size=8))
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _value(node: Any) -> object:
    kind = type(node).__name__
    if kind == "Table":
        return {key.value: _value(value) for key, value in node.entries}
    return [_value(item) for item in node.items] if kind == "Row" else node.value


@settings(max_examples=300, deadline=None)
@given(_JSON, st.sampled_from([None, 1]))
def test_json_is_read_as_the_standard_library_reads_it(body: object, indent: int | None) -> None:
    """The parser with lines gives the value that `json.loads` gives."""
    from walras.policy._document import Builder
    from walras.policy._json import parse_json

    builder = Builder("X")
    root = parse_json(json.dumps(body, indent=indent), builder)
    if not builder.faults:
        assert _value(root) == body


@settings(max_examples=300, deadline=None)
@given(_JSON)
def test_json_text_reads_alike_as_yaml(body: object) -> None:
    """Quoted text, numbers and structure mean the same in both forms."""
    from walras.policy._document import Builder
    from walras.policy._json import parse_json
    from walras.policy._yaml import parse_yaml

    as_json, as_yaml = Builder("X"), Builder("X")
    text = json.dumps({"x": body}, ensure_ascii=True)
    first, second = parse_json(text, as_json), parse_yaml(text, as_yaml)
    if not as_json.faults and not as_yaml.faults:
        assert _value(first) == _value(second)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"name": "t",}', "a quoted name is missing"),
        ('{"name": "t" "x": 1}', "',' is missing"),
        ('{"name" "t"}', "':' is missing"),
        ("{'name': 1}", "a quoted name is missing"),
        ('{"name": [1 2]}', "',' is missing"),
        ('{"name": [1,]}', "no value can be read here"),
        ('{"name": tru}', "no value can be read here"),
        ('{"name": "a\nb"}', "no value can be read here"),
        ('{"name": "t"} {}', "something follows the document"),
        ("", "no value can be read here"),
        ("[" * 40, "nested deeper"),
        ('{"a": 1, // x\n}', "a quoted name is missing"),
    ],
)
def test_what_is_not_json_is_told_where(text: str, says: str) -> None:
    """One fault with its line and what stands there."""
    assert says in only(text, form="json")


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 5000])
def test_json_numbers_must_be_finite_and_short(number: str) -> None:
    """Each ends as a fault, also beyond the limit of int()."""
    axis = f'{{"type": "int", "low": 1, "high": {number}}}'
    text = f'{{"name": "t", "strategy": "demo", "parameters": {{"strategy.d.count": {axis}}}}}'
    assert only(text, form="json").startswith("line 1: ")


def test_json_faults_have_lines() -> None:
    """The line of a value is the line on which it starts."""
    text = '{\n"name": "t",\n"strategy": "demo",\n"parameters": {\n "strategy.d.count":\n  3\n}}'
    assert only(text, form="json").startswith("line 6: strategy.d.count: is 3")
    assert any("first on line 2" in fault for fault in faults('{\n"name": "t",\n"name": "t"}', form="json"))


def test_a_parser_that_crashes_is_a_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ruamel raises, the user reads one message."""

    def crash(text: str) -> object:
        raise IndexError(text)

    monkeypatch.setattr("walras.policy._yaml._events", crash)
    assert "YAML: IndexError." in only(HEAD)


def test_importing_the_policy_loads_no_yaml() -> None:
    """Ruamel is loaded when the first YAML text is read."""
    code = "import walras.policy, sys; sys.exit('ruamel.yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_are_shown_escaped_and_cut() -> None:
    """Nothing that is printed can move a cursor or fill a screen."""
    assert printable("a\x1b[2J\u202e") == "'a\\x1b[2J\\u202e'"
    assert len(printable("\U0001f600" * 500)) == 200
    assert is_name("a.b_1.C")
    assert not any(
        map(is_name, ("a", "a.", ".a", "a..b", "a.1", "a.b\n", "\u0430.b", "a." + "b" * 127, "a._b"))
    )
    assert FLOOR_POLICY.match("x" * 100_000) is None
