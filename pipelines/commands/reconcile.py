"""``hclic reconcile``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def reconcile(
    published: Annotated[Path, typer.Option(help="MHCLG's workbook of the quarter.", show_default=False)],
    warehouse: AnyWarehouse,
    authority: Annotated[
        str, typer.Option(callback=authority_code, help="GSS code of the authority.", show_default=False)
    ],
    quarter: Annotated[str, typer.Option(help="Calendar quarter, like 2025-Q3.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(help="CSV to write; XLSX, TXT and the internal file of cases go beside it.", show_default=False),
    ],
    cut_off: Annotated[
        str | None, typer.Option(help="Last day a case could be recorded for it. Default: quarter's end + 42 days.")
    ] = None,
    headings: Annotated[
        Path | None, typer.Option(help="CSV that says which column a heading is, where the layout is not known.")
    ] = None,
) -> None:
    """Lay our cells beside the published ones: difference, and the reason where it can be known.

    A reason is given where it fits in direction and size, and in every table that it touches; what is left is called
    unknown. The cases that would close a difference stand in a file of their own, OUT-cases.csv, which is internal.

    Example: hclic reconcile --published data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods
    --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --out out/reconciled.csv
    """
    from pipelines.commands.console import parse_day, say
    from pipelines.emit.tables.reconcile import reconcile as compare
    from pipelines.emit.tables.reconcile_book import write
    from pipelines.period import Quarter
    from pipelines.published.reader import read_workbook
    from pipelines.warehouse.quarter import open_quarter, sections_before

    day = parse_day(cut_off, "--cut-off")
    book = read_workbook(published, headings=headings)
    with open_quarter(warehouse, authority, Quarter.parse(quarter)) as opened:
        say(opened.words)
        found = compare(
            opened.connection,
            book,
            authority=authority,
            cut_off=day,
            earlier=lambda: sections_before(warehouse, authority, opened),
        )
        state, as_at = opened.state, opened.run.as_at
    say(found.summary())
    for path in write(found, out, state=state, as_at=as_at):
        say(f"written  {path}")
