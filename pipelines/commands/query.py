"""``hclic query`` and ``hclic mart``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


class Form(StrEnum):
    """How rows are shown on the screen."""

    table = "table"
    csv = "csv"


class MartForm(StrEnum):
    """Which files of the mart are written."""

    parquet = "parquet"
    duckdb = "duckdb"
    xlsx = "xlsx"


def query(
    statement: Annotated[str, typer.Argument(help='SQL, like "select …". "show tables" lists the relations.')],
    warehouse: AnyWarehouse,
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
    ] = None,
    quarter: Annotated[str | None, typer.Option(help="Quarter, like 2025-Q4; by default the newest.")] = None,
    limit: Annotated[int, typer.Option(help="Most rows that are given.")] = 10_000,
    out: Annotated[Path | None, typer.Option(help="Write the rows to this .csv or .xlsx instead.")] = None,
    form: Annotated[Form, typer.Option("--format", help="How rows are shown on the screen.")] = Form.table,
) -> None:
    """Ask the mart a question in SQL: households, placements, stays, nights and costs, without personal data.

    Reads only. The relations and their columns are in docs/mart.md; "show tables" and "describe placements" list them.
    What a file rests on and what its columns mean stands in its second sheet, or in a second CSV.
    Rows are about households under pseudonyms, and small numbers are not suppressed: internal. Excel may take a text in
    a CSV that begins with = + - @ for a formula; in XLSX it cannot.

    Example: hclic query "select month, sum(nights) from nights_by_month group by month order by month"
    --warehouse out/warehouse.duckdb --out nights.xlsx
    """
    import os

    from pipelines.commands.console import say
    from pipelines.finance.mart.pseudonyms import NUMBERED, key_from
    from pipelines.finance.mart.query import check_statement, run_query
    from pipelines.finance.mart.relations import COSTS, read_mart
    from pipelines.finance.mart.results import ABOUT, about, check_path, shown, write_rows
    from pipelines.finance.mart.run import open_run
    from pipelines.period import Quarter

    named = check_statement(statement)
    if out is not None:
        check_path(out)
    asked = Quarter.parse(quarter) if quarter else None
    key = key_from(os.environ)
    with open_run(warehouse, authority, asked, costs=COSTS in named) as opened:
        words = opened.words
        tables = read_mart(opened.connection, key=key, names={*named, ABOUT})
    answer = run_query({name: rows for name, rows in tables.items() if name in named}, statement, limit=limit)
    notes = [words]
    if key is None:
        notes.append(f"Pseudonyms are {NUMBERED}.")
    if answer.is_cut:
        notes.append(f"Cut after {limit:,} rows: there are more. Raise --limit, or count and sum in the query.")
    if out is None:
        say(shown(answer, form.value))
    else:
        paths = write_rows(answer, out, about(tables, statement))
        notes.append(f"{len(answer.rows):,} rows written to {out}. Internal: small numbers are not suppressed.")
        if len(paths) > 1:
            notes.append(f"What they rest on and mean: {paths[1]}.")
    for note in notes:
        typer.echo(note, err=out is None)


def mart(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str,
        typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
    ],
    quarter: Annotated[str, typer.Option(help="Any quarter of the warehouse, like 2025-Q4.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the files.", show_default=False)],
    form: Annotated[
        list[MartForm] | None,
        typer.Option(
            "--format", help="May be given several times. Default: all; with a key only duckdb.", show_default=False
        ),
    ] = None,
) -> None:
    """Write the mart for finance: Parquet, DuckDB and Excel, one relation a grain, without personal data.

    Where HCLIC_WAREHOUSE_KEY is set, mart.duckdb is encrypted, with HCLIC_MART_KEY where that is set too, and the other
    two are written only where --format names them: they are not encrypted.

    Set HCLIC_PSEUDONYM_KEY to a long secret, so that a case has the same pseudonym in every mart; without it row
    numbers of the run stand instead. The relations and their columns are in docs/mart.md.

    Example: hclic mart --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q4 --out mart
    """
    import os

    from pipelines.commands.console import say
    from pipelines.finance.mart import write_mart
    from pipelines.finance.mart.pseudonyms import KEYED, NUMBERED, key_from
    from pipelines.finance.mart.run import open_run
    from pipelines.period import Quarter

    key = key_from(os.environ)
    with open_run(warehouse, authority, Quarter.parse(quarter)) as opened:
        say(opened.words)
        paths = write_mart(opened.connection, out, key=key, forms=None if form is None else {one.value for one in form})
    for path in paths:
        say(f"written  {path}")
    say(f"Pseudonyms are {KEYED if key else NUMBERED}.")
    say("Internal: rows about households, small numbers are not suppressed.")
