"""What `search --dry-run` prints: all that a search would be, and nothing created."""

from walras.cli._format import count, number, setting
from walras.cli._output import document, emit, facts, heading, notice, say
from walras.cli._space_view import tell_dimensions
from walras.cli._terminal import one_line
from walras.core import SearchSpec
from walras.search import SearchRequest


def tell_plan(request: SearchRequest, spec: SearchSpec, *, as_json: bool) -> None:
    """Print the specification of a search that was not created."""
    roles = (spec.train, spec.validate, spec.holdout)
    events = sum(scenario.events for scenario in spec.train.scenarios)
    if as_json:
        plan = document("search.planned", budget=request.budget, workers=request.workers)
        emit({**plan, "spec": spec.to_body(), "spec_digest": spec.digest})
        return
    say("Dry run: everything was checked, nothing was created.")
    heading(f"Search of {one_line(spec.space.name, 60)}")
    options = ", ".join(f"{name}={setting(value)}" for name, value in spec.proposer.options.items())
    facts(
        [
            ("strategy", one_line(spec.space.strategy)),
            ("market", one_line(spec.space.market)),
            ("objective", one_line(spec.objective)),
            ("proposer", spec.proposer.kind),
            ("options", one_line(options)),
            ("seed", str(spec.seed)),
            ("budget", count(request.budget, "iteration")),
            ("batch", str(spec.batch)),
            ("scenarios", ", ".join(f"{len(role.scenarios)} {role.role}" for role in roles)),
            ("events", f"{number(events)} an iteration"),
            ("digest", spec.digest[:16]),
        ]
    )
    heading("Dimensions")
    tell_dimensions(spec.space)
    notice()
