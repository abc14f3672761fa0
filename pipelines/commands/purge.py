"""``hclic purge``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import Authority, By, Others, Outs, Wait, WarehouseFile

if TYPE_CHECKING:
    from pipelines.keeping.purge import Purged


def purge(
    warehouse: WarehouseFile,
    before: Annotated[
        str | None, typer.Option("--before", help="First day that is kept, like 2019-04-01.", show_default=False)
    ] = None,
    authority: Authority = None,
    out: Outs = None,
    search: Others = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only say how many cases are past the retention that is set.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would go, by table and file.")
    ] = False,
    delete_backups: Annotated[
        bool, typer.Option("--delete-backups", help="Also delete the known backups, which still hold the cases.")
    ] = False,
    by: By = None,
    wait: Wait = 10,
) -> None:
    """Remove personal data of cases that are over since before a day, and prove that it is gone.

    A case goes when it is closed, no placement is open, no review undecided, and nothing in it is dated on the day or
    after. Its rows, findings, notes and references go from the warehouse, which is written anew, and from the output
    folder; counts of its quarters and the ledger stay. Then every file is searched for what was held. Exit 1: a file
    that hclic did not write still holds something, cannot be looked into, or is a backup that still holds the cases.

    Example: hclic purge --warehouse out/warehouse.duckdb --before 2019-04-01 --dry-run
    """
    from pipelines.commands.console import at_the_edge, parse_day, say
    from pipelines.errors import UsageError
    from pipelines.keeping import purge as keeping
    from pipelines.keeping.due import due_of
    from pipelines.warehouse.quarter import open_history
    from pipelines.who import this_user

    with open_history(warehouse, authority) as (_, code):
        pass
    if due:
        for line in due_of(warehouse, code):
            say(line)
        return
    day = parse_day(before) if before else None
    if day is None:
        raise UsageError("--before is needed: the first day that is kept. hclic purge --due says what is past keeping.")
    asked = keeping.Asked(
        warehouse,
        code,
        at_the_edge(),
        outs=tuple(out or [warehouse.parent]),
        others=tuple(search or ()),
        said_by=by or this_user(),
        seconds=wait * 60.0,
        is_dry=dry_run,
        is_deleting_backups=delete_backups,
    )
    tell(keeping.purge(asked, day), is_dry=dry_run)


def tell(done: Purged, *, is_dry: bool) -> None:
    """Say what went, without a value.

    Raises:
        typer.Exit: it is not proven that nothing is left.
    """
    from pipelines.commands.console import complain, say
    from pipelines.period import in_words

    if not done.cases:
        say(f"Of {done.known:,} cases none is over since before {in_words(done.before)}. Nothing was changed.")
        return
    verb = "would go" if is_dry else "went"
    say(f"{done.cases:,} of {done.known:,} cases {verb}: over since before {in_words(done.before)}.")
    for table, rows in done.rows.items():
        say(f"  {rows:>9,}  {table}")
    for path in done.cleared.removed:
        say(f"  {'file would go' if is_dry else 'file removed'}   {path}")
    for path in done.cleared.rewritten:
        say(f"  {'would be rewritten' if is_dry else 'file rewritten'} {path}")
    if done.quarters:
        say(f"Figures {'would be kept' if is_dry else 'kept'} of: {', '.join(done.quarters)}.")
    for path, kinds in done.cleared.left.items():
        complain(f"Still holds values ({', '.join(kinds)}), and hclic did not write it: {path}")
    for path in done.searched.closed:
        complain(f"Could not be looked into: {path}")
    for path in done.backups:
        complain(
            f"Still holds the cases: {path}. Delete it, or run again with --delete-backups, when you can spare it."
        )
    if done.backups_deleted:
        say(f"{done.backups_deleted:,} backup{'' if done.backups_deleted == 1 else 's'} deleted.")
    for path in done.backups_moved:
        say(f"The ledger knows of a backup that is no longer there. If you moved it, it still holds the cases: {path}")
    if is_dry:
        say("Nothing was changed.")
        return
    say(
        f"Searched for {done.values:,} values in {done.searched.files:,} files and {done.searched.columns:,} columns;"
        f" {done.held_of_others:,} more are also held of others, and were not looked for."
    )
    say(f"Found: {'nothing' if not done.cleared.left else f'{len(done.cleared.left):,} files'}. Proof: {done.proof}")
    if not done.is_proven:
        raise typer.Exit(1)
