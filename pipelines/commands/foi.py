"""``hclic foi``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def foi(
    warehouse: AnyWarehouse,
    first: Annotated[str, typer.Option("--from", help="First month, like 2025-01.", show_default=False)],
    last: Annotated[str, typer.Option("--to", help="Last month, like 2025-12.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The CSV to write.", show_default=False)],
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
    ] = None,
    internal: Annotated[bool, typer.Option("--internal", help="Show exact counts: not for publication.")] = False,
) -> None:
    """Answer the standard freedom of information request: a monthly list with definitions, in one CSV.

    What was spent rests on the files of rates that the run was given, as everywhere else.

    Example: hclic foi --warehouse out/warehouse.duckdb --from 2025-01 --to 2025-12 --out foi.csv
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.metrics.foi import answer, parse_month, write
    from pipelines.published.cells import SUPPRESSED

    answered = answer(
        warehouse,
        parse_month(first, "--from"),
        parse_month(last, "--to"),
        authority=authority,
        internal=internal,
        made_on=at_the_edge().date(),
    )
    write(answered, out)
    frame = answered.frame
    hidden = frame.filter(note=SUPPRESSED).height
    say(
        f"{answered.authority}, {first} to {last}: "
        f"{frame['item_no'].n_unique()} items, {frame['month'].n_unique()} months"
    )
    if internal:
        say("INTERNAL: counts are exact. Do not publish.")
    else:
        say("Counts are multiples of 5, less than 5 away from the true ones: 0 stands for 0 to 4.")
        say(f"{hidden} cells are suppressed, because they rest on fewer than 10 or could be worked out.")
    for sentence in answered.missing:
        say(f"  {sentence}")
    say(f"Written: {out}")
