"""``hclic alerts``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse


def alerts(
    warehouse: AnyWarehouse,
    authority: Annotated[
        str,
        typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
    ],
    config: Annotated[Path, typer.Option(help="TOML file of contacts and notifiers.", show_default=False)],
    quarter: Annotated[
        str | None, typer.Option(help="Calendar quarter, like 2025-Q4. Default: the newest with a run.")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="Last day for submitting the quarter's return (YYYY-MM-DD).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many alerts would go to whom.")] = False,
) -> None:
    """Tell officers and teams, once each: moves to relief, days 42, 56 and 57, reviews, the return, its deadline.

    Messages hold references of cases and days, and nothing else from the data.

    Example: hclic alerts --warehouse out/warehouse.duckdb --authority E06000034 --config alerts.toml --dry-run
    """
    import os

    from pipelines.alerts import plan, read_config, send
    from pipelines.alerts.sending import describe
    from pipelines.commands.console import at_the_edge, parse_day, say
    from pipelines.errors import PassingError
    from pipelines.period import Quarter

    now, wanted = at_the_edge(), None if quarter is None else Quarter.parse(quarter)
    last_day, settings = parse_day(deadline, "--deadline"), read_config(config)
    planned = plan(warehouse, authority, wanted, settings, today=now.date(), deadline=last_day)
    if dry_run:
        say("\n".join([*describe(planned, settings, now), "Nothing was sent."]))
        return
    outcome = send(planned, settings, os.environ, now=now)
    say("\n".join(outcome.lines))
    if outcome.failed:
        raise PassingError("Not every alert was sent. Run the same command again: what was sent is not sent again.")
