"""One audit record for each refusal, whichever door it came through."""

from walras.core import Fault, InvalidFile, Json, RefusedByPolicy, WalrasError
from walras.policy import refusal_code
from walras.store import TrajectoryStore

_LISTED = 16


def audit_refusal(store: TrajectoryStore, refusal: WalrasError, *, channel: str, subject: str = "") -> None:
    """Append the record: the code, the escaped names, the gate and the door.

    Names are escaped and cut where the refusal was made; no value is kept.
    """
    faults: tuple[Fault, ...] = refusal.faults if isinstance(refusal, InvalidFile) else ()
    names = refusal.names if isinstance(refusal, RefusedByPolicy) else tuple(row.where for row in faults)
    detail: dict[str, Json] = {
        "names": list(names[:_LISTED]),
        "gate": refusal.gate if isinstance(refusal, RefusedByPolicy) else "",
        "channel": channel,
    }
    store.audit("refusal", refusal_code(refusal), detail, subject=ascii(subject)[1:-1][:200])
