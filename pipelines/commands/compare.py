"""``hclic compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse

RUN_HELP = "Run: its id or the end of it, 2025-Q3, newest, signed-off or 2025-Q3/signed-off."
AuthorityOf = Annotated[
    str | None,
    typer.Option(
        callback=authority_code,
        help="GSS code of the authority. Default: the only one of the warehouse.",
        show_default=False,
    ),
]


def compare(
    a: Annotated[str, typer.Argument(help=f"The earlier run. {RUN_HELP}", show_default=False)],
    b: Annotated[str, typer.Argument(help="The later run, named likewise.", show_default=False)],
    warehouse: AnyWarehouse,
    authority: AuthorityOf = None,
    return_profile: Annotated[
        str | None,
        typer.Option(help="Folder of the official pack of A, where it is not where it was.", show_default=False),
    ] = None,
    return_profile_b: Annotated[str | None, typer.Option(help="The same of B.", show_default=False)] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for what changed with values, as CSV and as a workbook, for its owner alone.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say what changed between the returns of two runs of a quarter: by case, field and total, and why.

    A late case, a re-keyed one, a corrected value, a rule, a code, the software, a setting or what is masked after the
    quarter. The screen shows counts, fields, totals and case references; values stand in the files of --out only. Exit
    status 0 whether or not they differ.

    Example: hclic compare signed-off newest --warehouse out/warehouse.duckdb --out changes
    """
    from pipelines.commands.console import say
    from pipelines.private import private_folder
    from pipelines.submission.compare import compare, write
    from pipelines.submission.compare.words import compared_words
    from pipelines.submission.named import named_pair
    from pipelines.warehouse.places import beside
    from pipelines.warehouse.quarter import open_history

    with open_history(warehouse, authority) as (store, code), private_folder(beside(warehouse)) as folder:
        found = compare(store, *named_pair(store, code, a, b), folder, profiles=(return_profile, return_profile_b))
    say(compared_words(found))
    for path in write(found, out) if out is not None else ():
        say(f"Written   {path}")
