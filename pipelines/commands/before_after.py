"""``hclic before-after``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def before_after(
    warehouse: AnyWarehouse,
    introduced: Annotated[
        str, typer.Option("--from", help="Day of introduction (YYYY-MM-DD), the first of the months after.")
    ],
    out: Annotated[Path, typer.Option(help="The CSV to write.", show_default=False)],
    cause: Annotated[
        list[str] | None, typer.Option(help="family or private_tenancy; may be repeated. Default: both.")
    ] = None,
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
    ] = None,
    quarter: Annotated[str | None, typer.Option(help="Quarter, like 2025-Q4; by default the newest.")] = None,
    shareable: Annotated[
        bool, typer.Option("--shareable", help="Counts to the nearest 5, and none of few; --from begins a quarter.")
    ] = False,
) -> None:
    """Compare prevention before and after something was introduced: did it work, or may it be chance?

    Of the prevention duties that ended, the share that did so with accommodation: in the 12 months before the day, and
    in months 1 to 6, 1 to 12 and 1 to 18 from it, with the 95% interval of the difference.

    Example: hclic before-after --cause family --from 2024-04-01 --warehouse out/warehouse.duckdb --out before_after.csv
    """
    from pipelines.commands.console import parse_day, say
    from pipelines.metrics.before_after import CAUSES, Choice, compare, write
    from pipelines.period import Quarter

    day = parse_day(introduced, "--from")
    assert day is not None
    chosen = Choice(
        warehouse,
        day,
        tuple(cause) if cause else tuple(CAUSES),
        authority,
        Quarter.parse(quarter) if quarter else None,
        internal=not shareable,
    )
    compared = compare(chosen)
    write(compared.frame, out)
    for sentence in compared.sentences:
        say(sentence)
    say(f"Written: {out}")
    if not shareable:
        say("Internal edition: small numbers are shown. Do not pass it on.")
