"""What chooses the next point: random, TPE, and a language model behind one contract.

A proposer is a pure function of space, history and seed. It does no I/O: one that asks a model yields
prompts and receives replies. Optuna and numpy load on first use; plug-ins load when they are named.
"""

from walras.proposers._base import Conversation, Option, Proposer, no_proposal_everywhere
from walras.proposers._conformance import ProposerNonconforming, check_proposer, drive
from walras.proposers._explain import explain_prompt, parse_explanation
from walras.proposers._registry import (
    ENTRY_POINT_GROUP,
    build_proposer,
    normalise_options,
    proposer_kinds,
    proposer_options,
)

__all__ = [
    "ENTRY_POINT_GROUP",
    "Conversation",
    "Option",
    "Proposer",
    "ProposerNonconforming",
    "build_proposer",
    "check_proposer",
    "drive",
    "explain_prompt",
    "no_proposal_everywhere",
    "normalise_options",
    "parse_explanation",
    "proposer_kinds",
    "proposer_options",
]
