"""``hclic fleet snapshots``."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.fleet.options import Address


def snapshots(
    address: Address,
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
    ] = None,
    quarter: Annotated[
        str | None,
        typer.Option(help="Only the one in which the return of this quarter was last submitted, or else signed off."),
    ] = None,
) -> None:
    """List the states of a DuckLake that can be read: number, time (UTC) and what was done, of what was signed off too.

    Any command that reads takes one by its number in the address: 'ducklake:postgres:dbname=hclic … at=12'.

    Example: hclic fleet snapshots 'ducklake:postgres:dbname=hclic host=db.example' --authority E06000034
    """
    from pipelines.commands.console import say
    from pipelines.fleet.founding import lake_of
    from pipelines.fleet.snapshots import as_submitted, of_lake
    from pipelines.period import Quarter

    found = of_lake(lake_of(address).of(authority))
    if quarter is not None:
        number = as_submitted(found, str(Quarter.parse(quarter)))
        found = [one for one in found if one.number == number]
    say(f"{'number':>8}  {'time (UTC)':19}  what was done")
    for one in found:
        kept = " · kept for ever" if one.signed else ""
        say(f"{one.number:>8}  {one.made_at:%Y-%m-%d %H:%M:%S}  {one.words}{kept}")
