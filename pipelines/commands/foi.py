"""``hclic foi``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code


class Basis(StrEnum):
    """What nights are charged at."""

    rates = "rates"
    invoices = "invoices"


def foi(
    warehouse: Annotated[Path, typer.Option(help="The warehouse file of hclic run.", show_default=False)],
    first: Annotated[str, typer.Option("--from", help="First month, like 2025-01.", show_default=False)],
    last: Annotated[str, typer.Option("--to", help="Last month, like 2025-12.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The CSV to write.", show_default=False)],
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
    ] = None,
    rates: Annotated[Path | None, typer.Option(help="Rates file (docs/cost-files.md).")] = None,
    lha: Annotated[Path | None, typer.Option(help="LHA rates of January 2011.")] = None,
    ceilings: Annotated[Path | None, typer.Option(help="Weekly ceilings by area.")] = None,
    invoices: Annotated[Path | None, typer.Option(help="Invoice file.")] = None,
    basis: Annotated[Basis, typer.Option(help="Charge nights at rates or by invoices.")] = Basis.rates,
    internal: Annotated[bool, typer.Option("--internal", help="Show counts from 1 to 4: not for publication.")] = False,
) -> None:
    """Answer the standard freedom of information request: a monthly list with definitions, in one CSV.

    Example: hclic foi --warehouse out/warehouse.duckdb --from 2025-01 --to 2025-12 --out foi.csv --rates rates.csv
    """
    from pipelines.commands.console import say
    from pipelines.finance.cost.build import CostFiles
    from pipelines.metrics.foi import answer, parse_month, write
    from pipelines.published.cells import SUPPRESSED

    answered = answer(
        warehouse,
        parse_month(first, "--from"),
        parse_month(last, "--to"),
        authority=authority,
        files=CostFiles(rates, lha, ceilings, invoices, basis=basis.value),
        internal=internal,
    )
    write(answered, out)
    frame = answered.frame
    hidden = frame.filter(note=SUPPRESSED).height
    say(
        f"{answered.authority}, {first} to {last}: "
        f"{frame['item_no'].n_unique()} items, {frame['month'].n_unique()} months"
    )
    if internal:
        say("INTERNAL: small counts are shown. Do not publish.")
    else:
        say(f"{hidden} cells are suppressed, so that no count from 1 to 4 is shown or found by subtraction.")
    for sentence in answered.missing:
        say(f"  {sentence}")
    say(f"Written: {out}")
