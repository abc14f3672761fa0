"""``hclic fleet init``."""

from __future__ import annotations

from typing import Annotated

import typer


def init(
    address: Annotated[
        str,
        typer.Argument(help="Address of the DuckLake: 'ducklake:postgres:dbname=hclic host=…'.", show_default=False),
    ],
    data: Annotated[
        str,
        typer.Option(
            help="Where the data are kept: a folder that every machine sees under this path, or s3://bucket/prefix.",
            show_default=False,
        ),
    ],
) -> None:
    """Make a warehouse for many authorities in a PostgreSQL database that is there.

    Example: hclic fleet init 'ducklake:postgres:dbname=hclic host=db.example' --data /srv/hclic
    """
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.fleet.founding import found
    from pipelines.place import Lake, parse_place

    place = parse_place(address)
    if not isinstance(place, Lake):
        raise UsageError("Give the address of a DuckLake: 'ducklake:postgres:dbname=hclic host=db.example'.")
    say(f"The warehouse is made. Its data are in {found(place, data)}")
    say(f"Next: hclic run … --warehouse '{place}'")
