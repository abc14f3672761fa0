"""``hclic worklists``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def worklists(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str,
        typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
    ],
    quarter: Annotated[str, typer.Option(help="Calendar quarter, like 2025-Q4.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The folder for worklists.xlsx and worklists.html.", show_default=False)],
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of the random samples; it stands on them. Default: as set for the run, 1."),
    ] = None,
) -> None:
    """What to ask officers about: stays without a sign of life, duties past their time, quiet cases, calls, files.

    Example: hclic worklists --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --out worklists
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.period import Quarter
    from pipelines.run import ledger
    from pipelines.warehouse.quarter import open_quarter
    from pipelines.worklists import worklists as read
    from pipelines.worklists.about import About
    from pipelines.worklists.write import write_worklists

    with open_quarter(warehouse, authority, Quarter.parse(quarter)) as opened:
        say(opened.words)
        lists = read(opened.connection, seed=seed)
        run = opened.run
    about = About(
        authority=authority,
        quarter=opened.quarter,
        day=run.as_at,
        state=opened.state,
        software_version=ledger.software_version(),
        made=at_the_edge(),
    )
    for one in lists:
        drawn = f", drawn with seed {one.seed}" if one.seed is not None else ""
        say(f"  {one.title:30} {one.rows.height:>7,}{drawn}")
    for path in write_worklists(lists, out, about):
        say(f"Written: {path}")
    say("The lists hold references of cases: keep them within the service.")
