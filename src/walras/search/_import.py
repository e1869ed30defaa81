"""Takes a trajectory file into the store: verified line by line, then judged like any other input."""

from pathlib import Path

from walras.core import IntegrityError, RefusedByPolicy, SearchRecord, Status, UsageError
from walras.policy import Guard, judge_file
from walras.search._audit import audit_refusal
from walras.search._bench import Bench
from walras.store import Trajectory, read_trajectory


def import_file(bench: Bench, path: Path) -> SearchRecord:
    """Store the trajectory in `path` and return its search; one that is known already is not doubled.

    Raises:
        IntegrityError: If a line was changed, lost or added; names the line.
        RefusedByPolicy: If the space, or a point that was run, touches a hard gate.
        UsageError: If there is no such file, or the strategy does not take the space.

    Each of these is audited. Gates come first: a file that is no sound trajectory and names a gate, a
    study or a warm start perhaps, is refused for the gate.
    """
    try:
        trajectory = _read(bench, path)
        spec = bench.judged_spec(trajectory.header, trajectory.header_meta)
        guard = Guard(bench.policy, bench.schema_of(spec.space.strategy), spec.space)
        for row in trajectory.iterations:
            if row.status is Status.REFUSED or row.proposal is None:
                continue
            guard.admit(dict(row.proposal.params), label=f"{path.name}, iteration {row.number}")
    except (RefusedByPolicy, UsageError, IntegrityError) as refusal:
        audit_refusal(bench.store, refusal, channel="import", subject=path.name)
        raise
    record = bench.store.import_trajectory(trajectory)
    bench.store.audit("import", "IMPORTED", {"digest": trajectory.digest}, subject=record.id)
    return record


def _read(bench: Bench, path: Path) -> Trajectory:
    try:
        return read_trajectory(path)
    except IntegrityError:
        judge_file(path, bench.policy)
        raise
