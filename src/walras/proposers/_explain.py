"""Ask a model, in its own words, why the best run is the best, and read what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from walras.core import Json, Message, NoProposal, Prompt, Reply, SearchSpace
from walras.proposers._answer import MALFORMED, REFUSED
from walras.proposers._templates import EXPLAIN, load_templates
from walras.proposers._text import reason_code, safe_text, shown_text

_LONGEST = 4000


def explain_prompt(
    space: SearchSpace, facts: Sequence[str], *, options: Mapping[str, Json] | None = None
) -> Prompt:
    """Return the prompt of `walras explain`.

    Args:
        space: The space that was searched.
        facts: Computed facts, one sentence each, numbers included; shown as data, cut to 60 lines.
        options: Model, temperature, seed, max_tokens as an LLM search sends them.
    """
    from walras.proposers._prompt import parameter_table

    templates = load_templates(EXPLAIN)
    lines = "\n".join(f"- {safe_text(fact, limit=300)}" for fact in facts[:60])
    values = {"parameters": parameter_table(space), "facts": lines or "none"}
    return Prompt(
        messages=(
            Message(role="system", content=templates.fill("explain.system.md", values)),
            Message(role="user", content=templates.fill("explain.user.md", values)),
        ),
        schema=None,
        template=templates.digest,
        purpose="explain",
        options=dict(options or {}),
    )


def parse_explanation(reply: Reply) -> str | NoProposal:
    """Return the model's words, printable and cut to 4000 characters, or why there are none.

    They are the model's: whoever shows them marks them as such.
    """
    if reply.error is not None:
        said = shown_text(reply.error_text or "The model could not be reached.", limit=400)
        return NoProposal(code=reason_code(reply.error), reason=said, source="llm")
    if reply.refusal or reply.finish == "content_filter":
        return NoProposal(code=REFUSED, reason="The model refused to explain.", source="llm")
    text = reply.text.rpartition("</think>")[2]
    paragraphs = [shown_text(part, limit=_LONGEST) for part in text.split("\n\n")]
    words = "\n\n".join(part for part in paragraphs if part)[:_LONGEST]
    if not words:
        return NoProposal(code=MALFORMED, reason="The model's explanation is empty.", source="llm")
    return words
