"""``hclic qa``: the quality report of a return, and the explanations that it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import AnyWarehouse, AnyWarehouseOrNone, Authority, By, QuarterText

app = typer.Typer(
    name="qa",
    help="The quality report: a return counted again from its XML, beside the quarters before it.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Returned = Annotated[
    Path | None,
    typer.Option(
        "--return",
        help="The run's output folder, or its return: an XML file or the folder of them. By default"
        " <authority>/<quarter> beside the warehouse.",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(help="Return profile, name or folder, where it is not at hand under the run's name for it."),
]


@app.callback()
def qa(
    context: typer.Context,
    warehouse: AnyWarehouseOrNone = None,
    authority: Authority = None,
    quarter: QuarterText = None,
    returned: Returned = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the report; by default <quarter>-quality beside the run's output folder."),
    ] = None,
    explanations: Annotated[
        Path | None, typer.Option(help="The report's workbook with explanations written in: they are read and kept.")
    ] = None,
    by: By = None,
    return_profile: Profile = None,
) -> None:
    """Count a return again from its XML on disk, and say which changes are still to be explained before sign-off.

    Writes quality_report.xlsx and .html, and quality_cases.xlsx and .html with the cases behind every total. Ends
    with 1 while an explanation is missing.

    Example: hclic qa --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3
    """
    if context.invoked_subcommand is not None:
        return
    from pipelines.commands.console import at_the_edge, say
    from pipelines.errors import UsageError
    from pipelines.submission.qa import command

    if warehouse is None:
        raise UsageError("Name the warehouse: --warehouse out/warehouse.duckdb.")
    done = command.report(
        warehouse,
        authority,
        quarter,
        returned=returned,
        out=out,
        explanations=explanations,
        by=by,
        profile=return_profile,
        at=at_the_edge(),
    )
    say(done.text)
    if done.is_open:
        raise typer.Exit(1)


@app.command("explain")
def explain(
    total: Annotated[str, typer.Argument(help="The total, as the report names it, like TA1-bb.", show_default=False)],
    text: Annotated[str, typer.Argument(help="Why it changed; no names and no case references.", show_default=False)],
    warehouse: AnyWarehouse,
    by: By = None,
    compared_with: Annotated[
        str | None, typer.Option(help="Only its change since this quarter, like 2024-Q3; by default each asked about.")
    ] = None,
    authority: Authority = None,
    quarter: QuarterText = None,
    returned: Returned = None,
    return_profile: Profile = None,
) -> None:
    """Explain why a total changed: for the figures as they are now, with a line in the ledger.

    Example: hclic qa explain TA1-bb "Winter shelter opened in July" --by "A. Smith"
    --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.submission.qa import command

    say(
        command.explain(
            warehouse,
            authority,
            quarter,
            total,
            text,
            compared_with=compared_with,
            returned=returned,
            by=by,
            profile=return_profile,
            at=at_the_edge(),
        )
    )
