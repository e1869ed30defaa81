"""Hard gates as data, and the guard that everything passes before an engine sees it.

Read a space with `read_space`, judge a point with `Guard.judge`; only what it returns as
`AdmittedParams` can be run.
"""

from walras.policy._admitted import AdmittedParams, require_admitted
from walras.policy._assign import fix_parameters, read_params
from walras.policy._baseline import GATED_DIGEST, check_gated_config, gated_config, gated_digest_ok
from walras.policy._document import MAX_BYTES, MAX_DEPTH
from walras.policy._environment import check_environment
from walras.policy._gates import Gate
from walras.policy._guard import Guard, admit_direct, judge_file, judge_history, readmit
from walras.policy._names import is_name, printable
from walras.policy._oracle import slow_match
from walras.policy._policy import (
    FLOOR,
    FLOOR_POLICY,
    HOW_TO_CHANGE,
    LockedName,
    Policy,
    load_policy,
    locked_names,
)
from walras.policy._read_space import MAX_PARAMETERS, read_space, space_from_record
from walras.policy._refusal import (
    HARD_GATE,
    NOT_TUNABLE,
    PROPOSAL_INVALID,
    explain_refusal,
    refusal_code,
)
from walras.policy._schema import check_schema
from walras.policy._sightings import Sighting
from walras.policy._template import space_template

__all__ = [
    "FLOOR",
    "FLOOR_POLICY",
    "GATED_DIGEST",
    "HARD_GATE",
    "HOW_TO_CHANGE",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_PARAMETERS",
    "NOT_TUNABLE",
    "PROPOSAL_INVALID",
    "AdmittedParams",
    "Gate",
    "Guard",
    "LockedName",
    "Policy",
    "Sighting",
    "admit_direct",
    "check_environment",
    "check_gated_config",
    "check_schema",
    "explain_refusal",
    "fix_parameters",
    "gated_config",
    "gated_digest_ok",
    "is_name",
    "judge_file",
    "judge_history",
    "load_policy",
    "locked_names",
    "printable",
    "read_params",
    "read_space",
    "readmit",
    "refusal_code",
    "require_admitted",
    "slow_match",
    "space_from_record",
    "space_template",
]
