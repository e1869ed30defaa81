"""`walras verify`, `backup`, `archive`: keep the store sound, safe and tidy."""

from pathlib import Path

import click

from walras.cli._options import Command, common, ref_argument, store_option, whole_ref


@click.command(cls=Command, examples=("walras verify", "walras verify @last --json"))
@click.argument("ref", metavar="[ID]", required=False, callback=whole_ref)
@store_option
@common
def verify(*, ref: str | None, store: str | None, as_json: bool) -> None:
    """Check the search ID, or the whole store with its audit log: chains, digests, counts.

    Exit code 0 means sound, 7 that something is broken; each finding says where.
    """
    from walras.cli._output import document, emit, notice, say
    from walras.cli._place import open_to_read
    from walras.core import IntegrityError
    from walras.search import locate

    with open_to_read(store=store) as bench:
        search = None if ref is None else locate(bench, ref)[0].id
        findings = bench.store.verify(search)
        place = bench.store.place
    what = f"search {search}" if search is not None else f"store {place}"
    if findings:
        lines = "\n".join(f"  {finding}" for finding in findings)
        raise IntegrityError(
            f"{what}: {len(findings)} finding{'s' if len(findings) != 1 else ''}:\n{lines}",
            hint="Restore from a backup, or export what still verifies.",
        )
    if as_json:
        emit(document("verify", search=search, store=place, sound=True, findings=[]))
        return
    say(f"Sound: {what}. Every chain, digest and count is as it was written.")
    notice()


@click.command(
    cls=Command, examples=("walras backup walras-2026-11-20.db", "walras backup /mnt/safe/walras.db")
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@store_option
@common
def backup(*, file: Path, store: str | None, as_json: bool) -> None:
    """Copy the store to FILE while it is in use, and verify the copy.

    The copy is a SQLite store of its own: `walras list --store FILE` reads it.
    """
    from walras.cli._format import command
    from walras.cli._output import document, emit, notice, say, writing
    from walras.cli._place import open_to_read

    with open_to_read(store=store) as bench, writing(file):
        made = bench.store.backup(file)
    size = made.stat().st_size
    if as_json:
        emit(document("backup", file=str(made), bytes=size))
        return
    say(f"Copied and verified: {made} ({size:,} bytes). Read it with: {command('walras list', str(made))}")
    notice()


@click.command(cls=Command, examples=("walras archive 4k2", "walras archive 4k2 --undo"))
@ref_argument
@click.option("--undo", is_flag=True, help="Show it in lists again.")
@store_option
@common
def archive(*, ref: str, undo: bool, store: str | None, as_json: bool) -> None:
    """Hide the search ID from lists. Nothing is deleted: its iterations and its looks still count."""
    from walras.cli._format import command
    from walras.cli._output import emit, notice, say
    from walras.cli._place import open_to_read
    from walras.cli._records import record_json
    from walras.search import locate

    with open_to_read(store=store) as bench:
        record = bench.store.archive(locate(bench, ref)[0].id, archived=not undo)
    if as_json:
        emit(record_json(record, "archive"))
        return
    say(f"Search {record.id} is {'listed again' if undo else 'archived'}.")
    if not undo:
        say(f"Undo with: {command(f'walras archive {record.id} --undo', store)}")
    notice()
