"""``hclic fleet move``."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.options import Authority, By, Place, Wait
from pipelines.place import parse_place


def move(
    source: Annotated[
        Place, typer.Argument(parser=parse_place, metavar="FROM", help="Warehouse file, or address of a DuckLake.")
    ],
    target: Annotated[Place, typer.Argument(parser=parse_place, metavar="TO", help="The same, where it is to go.")],
    authority: Authority = None,
    by: By = None,
    wait: Wait = 10,
) -> None:
    """Move the warehouse of an authority, with all its history, into a DuckLake or out of one. The old one stays.

    Example: hclic fleet move out/warehouse.duckdb 'ducklake:postgres:dbname=hclic host=db.example'
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.fleet.moving import move as moved_to
    from pipelines.who import this_user

    moved = moved_to(source, target, authority, at=at_the_edge(), by=by or this_user(), seconds=wait * 60.0)
    say(f"{moved.authority}: {moved.rows:,} rows of {moved.tables} tables, read back and the same.")
    say("The old warehouse is as it was. Take it away once the next run has gone into the new one.")
