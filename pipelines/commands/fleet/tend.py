"""``hclic fleet tend``."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.fleet.options import Address


def tend(
    address: Address,
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code of one authority; by default all, in turn.")
    ] = None,
    keep_days: Annotated[
        int,
        typer.Option(min=1, help="Days for which every snapshot is kept. Those of a sign-off are kept for ever."),
    ] = 90,
    grace_hours: Annotated[
        int,
        typer.Option(
            min=0, help="Hours for which files stay that nothing needs; 0 only when nobody reads from the warehouse."
        ),
    ] = 24,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, and tell what would go.")] = False,
) -> None:
    """Keep a DuckLake small and quick: merge small files, let old snapshots go, take away files that nothing needs.

    No figure changes by it. Readers go on meanwhile. An authority to which somebody writes is passed over and told; the
    exit status is then 3. A run of every night wants this once a week.

    Example: hclic fleet tend 'ducklake:postgres:dbname=hclic host=db.example' --keep-days 90
    """
    from pipelines.commands.console import at_the_edge, complain, progress, say
    from pipelines.fleet.founding import lake_of
    from pipelines.fleet.tending import table, tend

    lake = lake_of(address).of(authority)
    done = []
    with progress() as show:
        for one in tend(lake, at_the_edge(), keep_days=keep_days, grace_hours=grace_hours, is_dry=dry_run):
            done.append(one)
            show(one.authority)
    for line in table(done):
        say(line)
    if dry_run:
        say("Nothing was changed.")
    if faults := sum(one.fault is not None for one in done):
        complain(f"{faults:,} of {len(done):,} were not tended. Run it again.")
        raise typer.Exit(3)
