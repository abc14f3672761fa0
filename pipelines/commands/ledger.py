"""``hclic ledger``: the lines that the warehouse keeps of what was done, and whether they are whole."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouseOrNone

app = typer.Typer(
    name="ledger",
    help="What was done with the warehouse, line by line: list it, and verify that no line was changed.",
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How lines are shown."""

    table = "table"
    csv = "csv"
    json = "json"


@app.callback(invoke_without_command=True)
def ledger(
    context: typer.Context,
    warehouse: AnyWarehouseOrNone = None,
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, if only its lines are wanted.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only lines of this kind: run, sign_off, waiver, note, purge, …")
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="How many lines the table shows, the newest ones.")] = 40,
    form: Annotated[Format, typer.Option("--format", help="How the lines are shown.")] = Format.table,
) -> None:
    """List the ledger: who did what and when. No line holds personal data or a case reference.

    Example: hclic ledger --warehouse out/warehouse.duckdb --format csv
    """
    if context.invoked_subcommand is not None:
        return
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.submission.ledger_shown import in_form, listed
    from pipelines.warehouse.chain import KINDS
    from pipelines.warehouse.quarter import looked_in

    if warehouse is None:
        raise UsageError("Name the warehouse: --warehouse FILE.")
    if kind is not None and kind not in KINDS:
        raise UsageError(f"There is no kind of line {kind}. Give one of: {', '.join(KINDS)}.")
    with looked_in(warehouse, authority) as store:
        lines = listed(store, authority=authority, kind=kind)
    say(in_form(lines, form.value, last))


@app.command("verify")
def verify(
    warehouse: AnyWarehouseOrNone = None,
    sheets: Annotated[
        list[Path] | None,
        typer.Option("--sheet", help="Sheet of a sign-off that was kept: its digests are looked for."),
    ] = None,
    digests: Annotated[
        list[str] | None, typer.Option("--digest", help="A digest of a line that was printed or noted earlier.")
    ] = None,
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, where a DuckLake holds several.")
    ] = None,
) -> None:
    """Find lines that were changed, taken away, put in or moved, and rows that are not what their line says.

    Lines cut off at the end together with what they were about show only against digests that were printed before.
    Exit status 0: nothing is wrong; 1: something is.

    Example: hclic ledger verify --warehouse out/warehouse.duckdb --sheet
    out/E06000034/2025-Q3/sign_off/sign_off.json
    """
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.submission.ledger_shown import verified
    from pipelines.warehouse.quarter import looked_in

    if warehouse is None:
        raise UsageError("Name the warehouse: --warehouse FILE.")
    with looked_in(warehouse, authority) as store:
        count, faults = verified(store, digests or (), sheets or ())
    for sentence in faults:
        say(sentence)
    lines = "1 line" if count == 1 else f"{count:,} lines"
    if faults:
        say(f"The ledger of {lines} has {len(faults):,} {'fault' if len(faults) == 1 else 'faults'}.")
        raise typer.Exit(1)
    said = " The printed digests are in it." if sheets or digests else ""
    say(f"The ledger of {lines} is whole: no line was changed, taken away or moved.{said}")
