"""``hclic metrics``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouseOrNone


def metrics(
    name: Annotated[
        str | None,
        typer.Argument(help="A metric; list shows them all; benchmarks sets published rates side by side."),
    ] = None,
    warehouse: AnyWarehouseOrNone = None,
    authority: Annotated[
        str | None,
        typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
    ] = None,
    quarter: Annotated[str | None, typer.Option(help="Calendar quarter, like 2025-Q4.", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="The CSV of one metric, or the folder for all of them.", show_default=False)
    ] = None,
    cohort: Annotated[
        str | None,
        typer.Option(help="Only these households: a named cohort, or support_need=mental,learning; join with +."),
    ] = None,
    shareable: Annotated[
        bool, typer.Option("--shareable", help="Teams instead of staff, no lists of cases, no small numbers.")
    ] = False,
    daily: Annotated[bool, typer.Option("--daily", help="With all metrics: also the series by day.")] = False,
    first_month: Annotated[
        str | None, typer.Option(help="First month, like 2023-04. Default: seven financial years before this one.")
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="As on this day (YYYY-MM-DD) of the quarter or before. Default: its last day.")
    ] = None,
    quiet_days: Annotated[
        int | None, typer.Option(help="Days without activity after which an open case is quiet. Default: as set, 28.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the sample for file review; it stands in the file. Default: as set, 1.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(help="Cases in the sample for file review. Default: as set, 50.")
    ] = None,
    published: Annotated[
        list[Path] | None, typer.Option(help="For benchmarks: a published workbook; may be repeated.")
    ] = None,
    headings: Annotated[
        Path | None, typer.Option(help="For benchmarks: CSV that says which column a heading of the workbook is.")
    ] = None,
    neighbours: Annotated[
        Path | None, typer.Option(help="For benchmarks: TOML file of nearest statistical neighbours.")
    ] = None,
) -> None:
    """Local metrics: one as a CSV file, or all of them in a folder.

    Examples:

    hclic metrics list

    hclic metrics case_age --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --out age.csv

    hclic metrics --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3 --cohort care_leaver --out m/

    hclic metrics benchmarks --published WORKBOOK --authority E06000034 --neighbours neighbours.toml --out rates.csv
    """
    from pipelines.commands.console import say
    from pipelines.errors import UsageError

    if name == "list":
        _list(say)
        return
    if authority is None or out is None:
        raise UsageError("Give --authority and --out; hclic metrics --help shows examples.")
    if name == "benchmarks":
        from pipelines.metrics.benchmarks import benchmarks, not_read, read_neighbours, write_benchmarks

        if not published:
            raise UsageError("Give the published workbook for the benchmarks with --published.")
        listed = read_neighbours(neighbours, authority) if neighbours else None
        frame = benchmarks(published, authority, listed, headings)
        write_benchmarks(frame, out)
        say(f"Neighbours: {listed.source}." if listed else "No list of neighbours was given (--neighbours).")
        for sentence in not_read(frame):
            say(sentence)
        say(f"Written: {out}, {frame.height} rows")
        return
    if warehouse is None or quarter is None:
        raise UsageError("Give --warehouse and --quarter; hclic metrics --help shows examples.")
    from pipelines.commands.console import at_the_edge, parse_day
    from pipelines.metrics.command import Choice, write
    from pipelines.period import Quarter

    done = write(
        Choice(
            warehouse=warehouse,
            authority=authority,
            quarter=Quarter.parse(quarter),
            out=out,
            name=name,
            cohort=cohort,
            internal=not shareable,
            daily=daily,
            first_month=first_month,
            day=parse_day(day, "--day"),
            quiet_days=quiet_days,
            seed=seed,
            sample=sample,
            made_on=at_the_edge().date(),
        )
    )
    for line in done.notices:
        say(line)
    say(f"Written: {done.out}" + (f", {done.count} files" if done.count > 1 else ""))
    if not shareable:
        say("Internal edition: it shows staff codes, references of cases and small numbers. Do not pass it on.")


def _list(say: Callable[[str], None]) -> None:
    from pipelines.metrics.catalogue import metrics as every
    from pipelines.metrics.emit import is_shared

    width = max(len(metric.name) for metric in every())
    for metric in every():
        say(f"{metric.name:<{width}}  {metric.title}{'' if is_shared(metric) else ' [internal]'}")
