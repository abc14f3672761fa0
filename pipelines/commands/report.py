"""``hclic report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def report(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str, typer.Option(callback=authority_code, help="GSS code of the authority.", show_default=False)
    ],
    quarter: Annotated[str, typer.Option(help="Any quarter of the warehouse, like 2025-Q4.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the report.", show_default=False)],
    published: Annotated[
        list[Path] | None,
        typer.Option(help="A published workbook for the part on other areas; by default that of the run."),
    ] = None,
    neighbours: Annotated[
        Path | None, typer.Option(help="TOML file of nearest statistical neighbours (docs/benchmarks.md).")
    ] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Show every number, however small: not for publication.")
    ] = False,
) -> None:
    """Write the quarter as a document for committees: Word, HTML, and a list of where each figure comes from.

    Uses the last run made for the quarter; without one, the newest run, and says so.

    Example: hclic report --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --out report
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.emit.pages import start_drawing
    from pipelines.metrics.editions import Edition
    from pipelines.metrics.emit import prepare_metrics
    from pipelines.period import Quarter
    from pipelines.report import Report
    from pipelines.report.beside import of_run, read
    from pipelines.warehouse.quarter import open_quarter
    from pipelines.warehouse.released import remember

    start_drawing()
    with open_quarter(warehouse, authority, Quarter.parse(quarter)) as opened:
        say(opened.words)
        if not internal:
            opened.state.check_is_shareable()
        prepare_metrics(opened.connection)
        beside = read(published, authority, neighbours) if published else of_run(opened.connection)
        edition = Edition(opened.connection, internal)
        made = Report(edition, state=opened.state, published=beside)
        if not internal:
            remember(warehouse, opened.run, opened.quarter, at_the_edge(), edition.figures)
        paths = made.write(out)
    for path in paths:
        say(f"written  {path}")
    if internal:
        say("INTERNAL: the report shows small numbers. Do not publish it; without --internal it is made to be shared.")
