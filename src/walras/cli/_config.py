"""`walras config`: every setting and where it came from."""

from pathlib import Path

import click

from walras.cli._options import Command, common, policy_option, store_option


@click.command(cls=Command, examples=("walras config", "walras config --json | jq -r .settings.store.value"))
@policy_option
@store_option
@common
def config(*, policy: Path | None, store: str | None, as_json: bool) -> None:
    """Show every setting, its value and where that came from. Secrets are never shown; nothing is opened."""
    from walras.cli._output import document, emit, notice, table
    from walras.cli._settings import settings

    rows = settings(store=store, policy=policy)
    if as_json:
        emit(
            document(
                "config", settings={row.name: {"value": row.value, "origin": row.origin} for row in rows}
            )
        )
        return
    table(("setting", "from", "value"), [(row.name, row.origin, row.value) for row in rows], indent=0)
    notice()
