"""One iteration whole: what was proposed and why, what it was told, what was measured."""

from collections.abc import Sequence

from walras.cli._format import number, score
from walras.cli._headline import objective_text, tell_params
from walras.cli._output import facts, heading, notice, prose, say
from walras.cli._report_view import tell_report
from walras.cli._terminal import one_line
from walras.core import Exchange, Iteration, Proposal, SearchRecord


def tell_iteration(record: SearchRecord, row: Iteration, talk: Sequence[Exchange]) -> None:
    """Print an iteration whole."""
    say(f"Iteration {row.number} of search {record.id}", bold=True)
    facts(_facts(record, row))
    if row.proposal is not None:
        tell_params(record, row.proposal.params, title="Proposed parameters")
        _tell_reasoning(row.proposal)
    for exchange in talk:
        _tell_exchange(exchange)
    if row.report is not None:
        tell_report(row.report)
    notice()


def _facts(record: SearchRecord, row: Iteration) -> list[tuple[str, str]]:
    value = f"{score(row.score.value, row.score.standard_error)}  {objective_text(record.spec.objective)}"
    if row.score.value is None:
        value = f"none: {one_line(row.score.value_reason or 'no reason stored')}"
    predicted = None if row.proposal is None else row.proposal.predicted_score
    rows = [("status", str(row.status)), ("score", value)]
    rows.append(("predicted", "" if predicted is None else number(predicted)))
    if row.verdict is not None:
        gate = f" (gate {one_line(row.verdict.gate)})" if row.verdict.gate else ""
        rows.append(("verdict", f"{row.verdict.code}{gate}: {one_line(row.verdict.reason)}"))
    if row.failure is not None:
        rows.append(("failure", f"{one_line(row.failure.code, 80)}: {one_line(row.failure.text)}"))
    rows.append(("source", "" if row.proposal is None else one_line(row.proposal.source, 80)))
    rows.append(("engine", row.engine[:48]))
    rows += [
        (one_line(name, 40), number(part))
        for name, part in row.meta.items()
        if isinstance(part, str | int | float)
    ]
    return rows


def _tell_reasoning(proposal: Proposal) -> None:
    for title, text in (
        ("Observation", proposal.observation),
        ("Hypothesis", proposal.hypothesis),
        ("Reasoning", proposal.reasoning),
    ):
        if text:
            heading(title)
            prose(text)


def _tell_exchange(exchange: Exchange) -> None:
    reply = exchange.reply
    heading(
        f"Exchange {exchange.number}, turn {exchange.turn}, model {one_line(reply.model or 'unknown', 80)}"
    )
    for message in exchange.prompt.messages:
        say(f"  {message.role}:", dim=True)
        prose(message.content, indent=4)
    say("  answer:", dim=True)
    prose(reply.text or reply.refusal or reply.error_text or "(none)", indent=4)
    tokens = (reply.prompt_tokens, reply.completion_tokens)
    if None not in tokens:
        say(f"  {number(tokens[0])} tokens in, {number(tokens[1])} out", dim=True)
