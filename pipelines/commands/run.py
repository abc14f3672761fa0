"""``hclic run`` and ``hclic check``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Export = Annotated[str, typer.Argument(help="The case export: a file, a folder or a zip.", show_default=False)]
Authority = Annotated[str, typer.Option(help="GSS code of the authority, like E06000034.", show_default=False)]
QuarterText = Annotated[str, typer.Option("--quarter", help="Calendar quarter, like 2025-Q4.", show_default=False)]
Source = Annotated[str, typer.Option(help="Source profile: a shipped name or the path of one.", show_default=False)]
AsAt = Annotated[
    str | None, typer.Option(help="Day the export was taken (YYYY-MM-DD). Default: the quarter's last day.")
]


class Format(StrEnum):
    """How findings are shown."""

    table = "table"
    csv = "csv"
    json = "json"


def run(
    export: Export,
    authority: Authority,
    quarter: QuarterText,
    source: Source,
    out: Annotated[Path, typer.Option(help="Folder for the outputs.", show_default=False)],
    as_at: AsAt = None,
    return_profile: Annotated[
        str, typer.Option(help="provisional, or the folder of an official pack.")
    ] = "provisional",
    waivers: Annotated[
        Path | None, typer.Option(help="CSV of waived findings: rule_id, case_ref, record_key, owner, reason, expires.")
    ] = None,
    warehouse: Annotated[Path | None, typer.Option(help="Warehouse file. Default: OUT/warehouse.duckdb.")] = None,
    personal: Annotated[bool, typer.Option("--personal", help="Also write the personal-data file.")] = False,
    exclude_cases_with_errors: Annotated[
        str | None, typer.Option(metavar="REASON", help="Leave cases with errors out of the return, for this reason.")
    ] = None,
    forced_cases: Annotated[
        Path | None, typer.Option(help="CSV of forced cases: case_ref, action (include or exclude), reason.")
    ] = None,
    reference_map: Annotated[Path | None, typer.Option(help="A reference_map.csv to load into the warehouse.")] = None,
    published: Annotated[
        Path | None, typer.Option(help="MHCLG's workbook of the quarter: our figures are shown beside it.")
    ] = None,
    pages: Annotated[bool, typer.Option("--pages/--no-pages", help="Draw the dashboard and its charts.")] = True,
    migration_map: Annotated[
        Path | None, typer.Option(help="CSV of re-keyed cases: new_reference, old_reference.")
    ] = None,
) -> None:
    """Make the quarter's return from a case export.

    Example: hclic run data/sample/native --authority E06000034 --quarter 2025-Q3 --source native --out out --personal
    """
    from pipelines.commands.console import at_the_edge, parse_day, parse_export, progress, say
    from pipelines.period import Quarter
    from pipelines.run.run import EXIT, Request, open_run
    from pipelines.run.summary import summarise

    request = Request(
        export=parse_export(export),
        authority=authority,
        quarter=Quarter.parse(quarter),
        source=source,
        out=out,
        started=at_the_edge(),
        as_at=parse_day(as_at, "--as-at"),
        return_profile=return_profile,
        waivers=waivers,
        warehouse=warehouse,
        personal=personal,
        exclude_reason=exclude_cases_with_errors,
        forced=forced_cases,
        reference_map=reference_map,
        migration_map=migration_map,
        published=published,
        pages=pages,
    )
    with open_run(request) as made, progress() as show:
        for step in made.all():
            show(step)
    say(summarise(made))
    raise typer.Exit(EXIT[made.result])


def check(
    export: Export,
    authority: Authority,
    quarter: QuarterText,
    source: Source,
    as_at: AsAt = None,
    waivers: Annotated[Path | None, typer.Option(help="CSV of waived findings.")] = None,
    format: Annotated[
        Format, typer.Option(help="How the findings are shown: csv and json go to standard output.")
    ] = Format.table,
) -> None:
    """Validate an export: findings only, nothing is written to the warehouse.

    Values of the cases are left out here, also in csv and json: they stand in the findings file of hclic run only.

    Example: hclic check data/sample/native --authority E06000034 --quarter 2025-Q3 --source native
    """
    from pipelines.commands.console import parse_day, parse_export, print_findings
    from pipelines.period import Quarter
    from pipelines.run.check import check_export

    checked = check_export(
        parse_export(export),
        authority=authority,
        quarter=Quarter.parse(quarter),
        source=source,
        as_at=parse_day(as_at, "--as-at"),
        waivers=waivers,
    )
    print_findings(checked, format.value)
    raise typer.Exit(1 if checked.blocked else 0)
