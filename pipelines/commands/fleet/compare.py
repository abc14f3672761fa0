"""``hclic fleet compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def _codes(typed: list[str] | None) -> list[str]:
    return [str(authority_code(one)) for one in typed or ()]


def compare(
    warehouse: AnyWarehouse,
    quarter: Annotated[str, typer.Option("--quarter", help="Quarter, like 2025-Q3.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="Folder for outputs: files go to fleet/<quarter> in it.", show_default=False)
    ],
    authority: Annotated[
        list[str] | None,
        typer.Option(
            callback=_codes,
            help="GSS code of an authority; may be repeated. Default: each that has a run of the quarter.",
        ),
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(
            help="MHCLG's workbook of the quarter: households in area, England's figures, what it suppresses."
        ),
    ] = None,
    projections: Annotated[
        Path | None, typer.Option(help="CSV of households in area: la_code, quarter, households_000s.")
    ] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Show every number, however small: not for publication.")
    ] = False,
) -> None:
    """Set authorities beside each other: rates, outcomes, stays and data quality, with intervals; no league table.

    Of each authority the run counts whose return of the quarter is signed off; without one, the newest that has ended.

    Example: hclic fleet compare --warehouse out/warehouse.duckdb --quarter 2025-Q3 --published WORKBOOK --out out
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.emit.pages import start_drawing
    from pipelines.fleet.comparing.write import Choice, write
    from pipelines.period import Quarter
    from pipelines.run.ledger import software_version

    start_drawing()
    done = write(
        Choice(
            warehouse=warehouse,
            quarter=Quarter.parse(quarter),
            out=out,
            authorities=tuple(authority or ()),
            internal=internal,
            published=published,
            projections=projections,
        ),
        made=at_the_edge(),
        software_version=software_version(),
    )
    for line in done.lines:
        say(line)
    for path in done.paths:
        say(f"written  {path}")
    if internal:
        say("INTERNAL: it shows small numbers. Do not publish it; without --internal it is made to be shared.")
