"""``hclic backup`` and ``hclic restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import By, Wait, WarehouseFile


def backup(
    warehouse: WarehouseFile,
    to: Annotated[
        Path,
        typer.Option("--to", help="Folder, or the file to write. In a folder its name holds date and time (UTC)."),
    ],
    by: By = None,
    wait: Wait = 10,
) -> None:
    """Copy the warehouse to another place, whole, while people read it, and check the copy value by value.

    A run at work is waited for. The copy appears under its name only when it was checked, with its SHA-256 beside it;
    nothing is overwritten. An encrypted warehouse stays encrypted. Keep the output folder and your configuration too.

    Example: hclic backup --warehouse out/warehouse.duckdb --to /backups/hclic
    """
    from pipelines.commands.console import at_the_edge, complain, say
    from pipelines.keeping.backup import back_up
    from pipelines.who import this_user

    made = back_up(warehouse, to, at_the_edge(), said_by=by or this_user(), seconds=wait * 60.0)
    say(f"written  {made.path}")
    say(
        f"{made.bytes / 1_000_000:,.0f} MB, {made.tables:,} tables, {made.rows:,} rows: the copy holds what the"
        " warehouse holds."
    )
    say(f"SHA-256  {made.sha256}")
    if made.faults:
        complain(f"{made.faults:,} lines of the ledger are not as they were written. See: hclic ledger verify")
    if not made.is_in_ledger:
        complain(
            "The warehouse's ledger has no line of this backup: the file is of an older layout, or another program had"
            " it open. hclic purge will not know of it."
        )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that hclic backup wrote.", show_default=False)],
    warehouse: Annotated[
        Path, typer.Option("--warehouse", help="Where the warehouse is to stand.", show_default=False)
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the warehouse that stands there. It is kept beside.")
    ] = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Take a file that has no .sha256 file beside it.")
    ] = False,
    by: By = None,
    wait: Wait = 10,
) -> None:
    """Put a backup in the place of the warehouse, after its SHA-256 was checked.

    The backup stays as it is. References that the replaced warehouse has given since are taken over: a number is given
    to one case only. Runs since then are gone from the warehouse: run them again. The restored warehouse has the key in
    HCLIC_WAREHOUSE_KEY; where the backup was made under another one, set HCLIC_BACKUP_KEY to that.

    Example: hclic restore /backups/hclic/warehouse-2025-10-08T023000Z.duckdb --warehouse out/warehouse.duckdb --replace
    """
    from pipelines.commands.console import at_the_edge, complain, say
    from pipelines.keeping.restore import restore as put_back
    from pipelines.who import this_user

    done = put_back(
        file,
        warehouse,
        at_the_edge(),
        is_replacing=replace,
        is_unchecked=unchecked,
        said_by=by or this_user(),
        seconds=wait * 60.0,
    )
    say(f"restored  {done.path}: {done.runs:,} runs")
    if done.kept:
        say(f"kept      {done.kept}: the warehouse that stood there. Remove it when you no longer need it.")
    if done.references_kept:
        say(f"{done.references_kept:,} references that it had given since were taken over.")
    if not done.is_older_read:
        complain(
            "The warehouse that stood there could not be read: references that it gave since the backup are not known."
            " Give the next run --reference-map with the last reference_map.csv."
        )
    if done.faults:
        complain(f"{done.faults:,} lines of the backup's ledger are not as they were written. See: hclic ledger verify")
    if done.is_purged_since:
        complain(
            "Personal data was purged, or a case forgotten, after this backup was made, and is in it. Purge the"
            " restored warehouse again: hclic purge."
        )
