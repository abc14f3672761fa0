"""``hclic cost``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


class Basis(StrEnum):
    """What nights are charged at."""

    rates = "rates"
    invoices = "invoices"


def cost(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str, typer.Option(callback=authority_code, help="GSS code of the authority.", show_default=False)
    ],
    quarter: Annotated[str, typer.Option(help="Last quarter of the figures, like 2025-Q4.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the CSV files and the workbook.", show_default=False)],
    rates: Annotated[Path | None, typer.Option(help="What if: this rates file instead of the run's.")] = None,
    lha: Annotated[Path | None, typer.Option(help="What if: these LHA rates instead of the run's.")] = None,
    ceilings: Annotated[Path | None, typer.Option(help="What if: these ceilings instead of the run's.")] = None,
    invoices: Annotated[Path | None, typer.Option(help="Invoice file.")] = None,
    ro4_other: Annotated[Path | None, typer.Option(help="Lines of RO4 that placements do not hold.")] = None,
    basis: Annotated[Basis, typer.Option(help="Charge nights at rates or by invoices.")] = Basis.rates,
) -> None:
    """Work out what temporary accommodation costs: by month, type and cost centre, RO4, unit costs, what-if.

    The amounts rest on the rates, LHA rates and ceilings that hclic run was given (docs/cost-files.md), so that they
    are those of the dashboard and of every other output. To name such a file here is to try it out: each file that is
    written then says "what if" in its column basis.

    Example: hclic cost --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q4 --out cost
    """
    from pipelines.commands.console import say
    from pipelines.finance.cost.build import CostFiles
    from pipelines.metrics.costs import write_costs
    from pipelines.period import Quarter

    written = write_costs(
        warehouse,
        authority,
        Quarter.parse(quarter),
        out,
        CostFiles(rates, lha, ceilings, invoices, ro4_other, basis.value),
    )
    say(f"Basis: {written.basis}.")
    for sentence in written.missing:
        say(sentence)
    for path, rows in written.files:
        say(f"  {path.name}: {rows:,} rows")
    say(f"  {written.workbook.name}: all of it as a workbook")
    say(f"Written to {out}. cost_reconciliation.csv and the workbook hold case references: internal.")
