"""``hclic fleet backup`` and ``hclic fleet restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.fleet.options import Address
from pipelines.commands.options import By, Wait

One = Annotated[
    str | None, typer.Option(callback=authority_code, help="GSS code of one authority; by default all of them.")
]


def backup(
    address: Address,
    to: Annotated[
        Path, typer.Option("--to", help="Folder of the backups of this warehouse; it is made.", show_default=False)
    ],
    authority: One = None,
    by: By = None,
    wait: Wait = 10,
) -> None:
    """Copy catalogues and data of a DuckLake, as they stand at one moment, while people read and write.

    A second backup into the folder copies only data files that are new. The catalogue holds the keys of the data: it is
    encrypted where HCLIC_WAREHOUSE_KEY is set; else whoever has the folder can read every case.

    Example: hclic fleet backup 'ducklake:postgres:dbname=hclic host=db.example' --to /backups/hclic
    """
    from pipelines.commands.console import at_the_edge, complain, say
    from pipelines.fleet.founding import lake_of
    from pipelines.fleet.lake_backup import back_up
    from pipelines.who import this_user

    lake = lake_of(address).of(authority)
    made = back_up(lake, to, at_the_edge(), said_by=by or this_user(), seconds=wait * 60.0)
    say(f"written  {made.path}")
    say(
        f"{len(made.authorities):,} authorities, {made.files:,} data files of {made.bytes / 1e6:,.1f} MB,"
        f" {made.new_files:,} of them new."
    )
    say(f"SHA-256  {made.sha256}")
    if not made.is_encrypted:
        complain(
            "The backup holds case data and the keys that open them, and is not encrypted. Set HCLIC_WAREHOUSE_KEY, or"
            " keep the folder where only you can read it."
        )
    if made.without_line:
        complain(f"The ledger has no line of this backup of: {', '.join(made.without_line)}.")


def restore(
    backup: Annotated[
        Path, typer.Argument(help="A file catalogue-….duckdb that hclic fleet backup wrote.", show_default=False)
    ],
    address: Address,
    authority: One = None,
    data: Annotated[
        str | None,
        typer.Option(help="Where the data are to be, where no warehouse was made yet; by default where they were."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace authorities that are there. Their catalogues are kept beside.")
    ] = False,
    by: By = None,
) -> None:
    """Put catalogues and data of a backup in place, in the same database or another.

    Data files of runs made since the backup are left and never read; hclic fleet tend takes them away. References that
    the replaced warehouse has given since are taken over: a number is given to one case only. Where it is lost, give
    the next run --reference-map with the last reference_map.csv. A backup under another key: HCLIC_BACKUP_KEY.

    Example: hclic fleet restore /backups/hclic/catalogue-2026-11-29T021500Z.duckdb 'ducklake:postgres:dbname=again'
    """
    from pipelines.commands.console import at_the_edge, complain, say
    from pipelines.fleet.founding import lake_of
    from pipelines.fleet.lake_restore import restore
    from pipelines.who import this_user

    lake = lake_of(address).of(authority)
    faults = unread = 0
    for one in restore(backup, lake, at_the_edge(), data=data, is_replacing=replace, said_by=by or this_user()):
        if one.fault is not None:
            faults += 1
            complain(f"{one.authority}  {one.fault}")
            continue
        unread += one.references is None
        say(f"{one.authority}  restored: {one.files:,} data files, {one.copied:,} of them copied")
        if one.unknown:
            say(f"           {one.unknown:,} data files of later runs are there, never read: fleet tend removes them.")
        if one.references:
            say(f"           {one.references:,} references given since were taken over.")
        if one.kept:
            say(f"           kept: schema {one.kept}. Drop it when you no longer need it.")
    if unread:
        complain(
            f"Of {unread:,} no earlier warehouse could be read: references that it gave since the backup are not known."
            " Give the next run --reference-map with the last reference_map.csv."
        )
    say("Let its users in again: hclic fleet admit.")
    if faults:
        raise typer.Exit(3)
