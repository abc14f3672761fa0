"""``hclic tables`` and ``hclic p1e``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse

Authority = Annotated[
    str, typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False)
]
QuarterText = Annotated[
    str, typer.Option("--quarter", help="Any quarter of the warehouse, like 2025-Q4.", show_default=False)
]
Out = Annotated[Path, typer.Option(help="Folder for the files.", show_default=False)]


def tables(
    warehouse: AnyWarehouse,
    authority: Authority,
    quarter: Annotated[
        str,
        typer.Option(
            "--quarter",
            help="A quarter, like 2025-Q4; several, like 2025-Q2..2025-Q4; or all: each that a run was made for.",
            show_default=False,
        ),
    ],
    out: Out,
    projections: Annotated[
        Path | None,
        typer.Option(help="CSV of households in area: la_code, quarter, households_000s. Without it rates are [x]."),
    ] = None,
    published: Annotated[
        list[Path] | None,
        typer.Option(help="MHCLG's workbook of a quarter: its figures stand beside ours. May be given several times."),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Also write explain.csv and .xlsx: the case references behind each count."),
    ] = False,
    table: Annotated[
        list[str] | None, typer.Option("--table", help="With --explain: only this table. May be given several times.")
    ] = None,
) -> None:
    """Write the authority's row of every table that MHCLG publishes, for one quarter or for several.

    Uses the run whose return of the quarter is signed off; before that, the last run made for the quarter; without
    one, the newest run, and says so: an export holds earlier quarters too. Several quarters get a folder each, and
    official.csv holds all of them under each other.

    Example: hclic tables --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q2..2025-Q3 --out tables
    """
    from pipelines.emit.tables.build import read_projections
    from pipelines.emit.tables.several import choose, is_span, read_published, write_each, write_together
    from pipelines.emit.tables.workbook import WARNING
    from pipelines.period import Quarter

    given = read_projections(projections) if projections else None
    quarters = choose(warehouse, authority, quarter)
    beside = read_published(published or (), authority, quarters)
    # A span or "all" is laid out alike, however many quarters it turns out to be.
    is_one = not is_span(quarter)

    def folder(each: Quarter) -> Path:
        return out if is_one else out / str(each)

    listed = list(table or ()) if explain or table else None
    cells = []
    for made, found in write_each(
        warehouse, authority, quarters, folder, projections=given, published=beside, explain=listed
    ):
        for line in (made.run, *made.remarks, *(f"written  {path}" for path in made.paths)):
            typer.echo(line)
        cells.append(found)
    if not is_one:
        for path in write_together(cells, out):
            typer.echo(f"written  {path}")
    typer.echo("official_internal.csv and explain.* are internal: they are not suppressed.")
    for line in WARNING:
        typer.echo(line)


def p1e(
    warehouse: AnyWarehouse,
    authority: Authority,
    quarter: QuarterText,
    out: Out,
    series: Annotated[
        Path | None, typer.Option(help="The authority's older P1E figures: CSV with quarter, section, cell, value.")
    ] = None,
) -> None:
    """Fill the former P1E form (to March 2018) from the same cases, beside the older series.

    Example: hclic p1e --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --out tables
    """
    from pipelines.emit.tables.p1e import BREAK_TEXT, write_p1e
    from pipelines.period import Quarter
    from pipelines.warehouse.quarter import open_quarter

    with open_quarter(warehouse, authority, Quarter.parse(quarter)) as opened:
        typer.echo(opened.words)
        paths = write_p1e(opened.connection, out / "p1e.csv", series, state=opened.state)
    for path in paths:
        typer.echo(f"written  {path}")
    typer.echo("The files are internal: they are not suppressed. Sections and labels marked recalled are not verified.")
    typer.echo(BREAK_TEXT)
