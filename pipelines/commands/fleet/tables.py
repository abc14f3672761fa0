"""``hclic fleet tables``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import AnyWarehouse


def tables(
    warehouse: AnyWarehouse,
    quarter: Annotated[str, typer.Option(help="Calendar quarter, like 2025-Q3.", show_default=False)],
    published: Annotated[Path, typer.Option(help="MHCLG's workbook of the quarter.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Output folder; the files go into fleet/QUARTER.", show_default=False)],
    headings: Annotated[
        Path | None, typer.Option(help="CSV that says which column a heading is, where the layout is not known.")
    ] = None,
) -> None:
    """Add up the official tables of all authorities of a warehouse, beside MHCLG's figures for England and regions.

    Where each authority has a warehouse of its own, as hclic fleet run makes them, --warehouse is the output folder.

    Of each authority the run counts whose return of the quarter is signed off, else the newest that has ended and whose
    return was made. Authorities without one are named and are in no sum. Percentages and rates are worked out
    again from added counts. What MHCLG estimates for authorities with missing data is shown as a gap, and not filled.

    Example: hclic fleet tables --warehouse out/warehouse.duckdb --quarter 2025-Q3
    --published data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods --out out
    """
    from pipelines.commands.console import say
    from pipelines.fleet.england.made import england
    from pipelines.fleet.england.write import write
    from pipelines.period import Quarter
    from pipelines.published.reader import read_workbook

    chosen = Quarter.parse(quarter)
    made = england(warehouse, chosen, read_workbook(published, headings=headings))
    say(made.words)
    unused = made.unused.height
    if unused:
        say(f"{unused:,} are in no sum; authorities.csv says of each why.")
    for path in write(made, out):
        say(f"written  {path}")
    say("england_internal.csv is internal: it is not suppressed.")
