"""``hclic reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.compare import RUN_HELP, AuthorityOf
from pipelines.commands.options import AnyWarehouse


def reproduce(
    run: Annotated[str, typer.Argument(help=RUN_HELP, show_default=False)],
    warehouse: AnyWarehouse,
    authority: AuthorityOf = None,
    return_profile: Annotated[
        str | None,
        typer.Option(help="Folder of the official pack, where it is not where it was.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder into which the files made again are put, for its owner alone.", show_default=False),
    ] = None,
) -> None:
    """Make the return of a run again from the history of the warehouse, and compare it byte for byte.

    Says that the bytes are those of the ledger, or names what keeps them from being so: software, code lists, return
    profile, rows that were purged. The screen shows counts, fields and case references, and no value. Exit status 0:
    the same; 1: made, and different; 3: it cannot be made.

    Example: hclic reproduce signed-off --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import say
    from pipelines.private import private_folder
    from pipelines.submission.named import named_run
    from pipelines.submission.reproduce import reproduce
    from pipelines.submission.words import put, reproduced_words
    from pipelines.warehouse.places import beside
    from pipelines.warehouse.quarter import open_history

    with open_history(warehouse, authority) as (store, code), private_folder(beside(warehouse)) as folder:
        found = reproduce(store, named_run(store, code, run), folder, return_profile=return_profile)
        written = put(folder / "made", out) if out is not None else []
    say(reproduced_words(found))
    for path in written:
        say(f"Written   {path}")
    raise typer.Exit(0 if found.is_same else 1)
