"""``hclic dashboard``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def dashboard(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str, typer.Option(callback=authority_code, help="GSS code of the authority.", show_default=False)
    ],
    quarter: Annotated[str, typer.Option(help="Any quarter of the warehouse, like 2025-Q4.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the pages and charts.", show_default=False)],
    shareable: Annotated[
        bool, typer.Option("--shareable", help="Only the edition for sharing, without the internal one.")
    ] = False,
    forecast: Annotated[bool, typer.Option(help="Forecast the next 4 quarters.")] = True,
) -> None:
    """Write the dashboard for managers, the quarter in numbers on one page, and charts for committee papers.

    Uses the last run made for the quarter; without one, the newest run, and says so.

    Example: hclic dashboard --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --out dashboard
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.emit.pages import Dashboard, prepare
    from pipelines.period import Quarter
    from pipelines.run import ledger
    from pipelines.warehouse.quarter import open_quarter
    from pipelines.warehouse.released import remember

    now = at_the_edge()
    with open_quarter(warehouse, authority, Quarter.parse(quarter)) as opened:
        say(opened.words)
        if shareable:
            opened.state.check_is_shareable()
        con = opened.connection
        prepare(con)
        made = Dashboard(
            con,
            internal=not shareable,
            software_version=ledger.software_version(),
            made=now,
            state=opened.state,
            forecast=forecast,
        )
        remember(warehouse, opened.run, opened.quarter, now, made.figures)
        paths = made.write(out)
    for path in paths:
        if path.suffix == ".html":
            say(f"written  {path}")
    if charts := sum(path.suffix == ".png" for path in paths):
        say(f"{charts} charts are in {out / 'charts'}, as PNG and SVG.")
    else:
        say("No edition for sharing and no charts were written: the return of these cases is not.")
    if not shareable:
        say("dashboard.html is internal: it names officers by their staff code and shows small numbers.")
