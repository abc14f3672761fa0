"""``hclic forecast``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def forecast(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str, typer.Option(callback=authority_code, help="GSS code of the authority.", show_default=False)
    ],
    quarter: Annotated[str, typer.Option(help="The last quarter known, like 2025-Q4.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="A CSV with the forecasts.", show_default=False)] = None,
    horizon: Annotated[int, typer.Option(help="Quarters ahead.", min=1, max=8)] = 4,
    shareable: Annotated[
        bool, typer.Option("--shareable", help="From the figures of the edition for sharing only.")
    ] = False,
) -> None:
    """Forecast applications and households in temporary accommodation, with ranges and how such forecasts did.

    Example: hclic forecast --warehouse out/warehouse.duckdb --authority E06000034 --quarter 2025-Q3
    """
    from pipelines.commands.console import say
    from pipelines.errors import OutputError
    from pipelines.metrics.editions import Edition
    from pipelines.metrics.emit import prepare_metrics
    from pipelines.metrics.forecast.local import lines, local_forecasts
    from pipelines.period import Quarter
    from pipelines.warehouse.quarter import open_quarter
    from pipelines.whole import written

    with open_quarter(warehouse, authority, Quarter.parse(quarter)) as opened:
        say(opened.words)
        if shareable:
            opened.state.check_is_shareable()
        prepare_metrics(opened.connection)
        found = local_forecasts(Edition(opened.connection, internal=not shareable), horizon)
    for line in lines(found):
        say(line)
    if out is not None and not found.why_none:
        try:
            with written(out) as new:
                found.rows.write_csv(new)
        except OSError:
            raise OutputError(f"The forecasts cannot be written to {out}: the folder is missing or closed.") from None
        say(f"written  {out}")
