"""``hclic fleet init``."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.fleet.options import Address


def init(
    address: Address,
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
    from pipelines.fleet.founding import found, lake_of

    place = lake_of(address)
    say(f"The warehouse is made. Its data are in {found(place, data)}")
    say(f"Next: hclic run … --warehouse '{place}'")
