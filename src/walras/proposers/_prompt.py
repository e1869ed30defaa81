"""Build the prompts: static text first, so that servers can cache it, the question last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from walras.core import Dimension, Json, Message, Prompt, SearchSpace
from walras.proposers._schema import answer_example, answer_form, answer_schema
from walras.proposers._templates import PROPOSE, load_templates
from walras.proposers._text import cell, safe_text, table
from walras.proposers._view import history_table, insight_lines, notes_lines, report_table, state_lines

if TYPE_CHECKING:
    from walras.core import Iteration

_COLUMNS = ("name", "type", "low", "high", "choices", "unit", "scale", "step", "default", "when", "meaning")


def proposal_prompt(
    space: SearchSpace,
    history: Sequence[Iteration],
    *,
    count: int,
    history_tokens: int,
    options: Mapping[str, Json],
) -> Prompt:
    """Return the first prompt of a conversation that wants `count` proposals."""
    templates = load_templates(PROPOSE)
    rows, selection = history_table(space, history, tokens=history_tokens)
    system = templates.fill(
        "propose.system.md",
        {
            "objective": safe_text(space.objective, limit=80),
            "scenarios": _scenario_count(history),
            "parameters": parameter_table(space),
            "fixed": table(("name", "value"), [(name, cell(v)) for name, v in space.fixed.items()]),
            "form": answer_form(space, count=count),
            "example": answer_example(space, count=count),
        },
    )
    user = templates.fill(
        "propose.user.md",
        {
            "state": state_lines(space, history, count=count),
            "selection": selection,
            "history": rows,
            "report": report_table(space, history),
            "insights": insight_lines(space, history),
            "notes": notes_lines(history),
            "ask": ask(count),
        },
    )
    return Prompt(
        messages=(Message(role="system", content=system), Message(role="user", content=user)),
        schema=answer_schema(space, count=count),
        template=templates.digest,
        purpose="propose",
        options=options,
    )


def corrected(prompt: Prompt, said: str, problems: Sequence[str], *, count: int) -> Prompt:
    """Return `prompt` followed by the model's answer, cut, and what is wrong with it."""
    repair = load_templates(PROPOSE).fill(
        "propose.repair.md", {"problems": "\n".join(problems), "ask": ask(count)}
    )
    return Prompt(
        messages=(
            *prompt.messages[:2],
            Message(role="assistant", content=said[:2000] or "(nothing)"),
            Message(role="user", content=repair),
        ),
        schema=prompt.schema,
        template=prompt.template,
        purpose=prompt.purpose,
        options=prompt.options,
    )


def ask(count: int) -> str:
    """Return the question."""
    if count == 1:
        return "Propose exactly 1 point to try next."
    return f"Propose exactly {count} points to try next; they run side by side, so let them differ."


def parameter_table(space: SearchSpace) -> str:
    """Return the dimensions as CSV; a parameter that may not be searched is simply not there."""
    return table(_COLUMNS, [_axis_row(axis) for axis in space.dimensions])


def _axis_row(axis: Dimension) -> list[str]:
    numeric = axis.kind in ("int", "float")
    when = ""
    if axis.when is not None:
        when = f"{axis.when.parameter}={'|'.join(cell(value) for value in axis.when.values)}"
    return [
        axis.name,
        axis.kind,
        _exact(axis.low) if numeric else "",
        _exact(axis.high) if numeric else "",
        "|".join(axis.choices),
        safe_text(axis.unit, limit=24),
        "log" if axis.log else "linear" if numeric else "",
        "" if axis.step is None else _exact(axis.step),
        cell(axis.default),
        when,
        safe_text(axis.description, limit=80),
    ]


def _exact(value: float | int | None) -> str:
    """Return a bound exactly: a rounded one would invite values outside it."""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _scenario_count(history: Sequence[Iteration]) -> str:
    return next((str(len(i.score.per_scenario)) for i in history if i.score.per_scenario), "several")
