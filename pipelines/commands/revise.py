"""``hclic revise``."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from pipelines.commands.compare import AuthorityOf
from pipelines.commands.options import AnyWarehouse
from pipelines.run.request import OPTIONS

_OWN = ("export", "quarter", "warehouse", "revision", "authority", "by", "only", "until_signed_off")
"""Options of a run that are asked for otherwise, or would leave the return out; workbooks for each officer are written
as the last run did."""


def _parameters() -> list[inspect.Parameter]:
    """Quarter and export by their place, then what every revision needs, then the options of a run."""
    own = {
        "quarter": (str, typer.Argument(help="Quarter to correct, like 2025-Q3.", show_default=False), True),
        "export": (
            str | None,
            typer.Argument(help="The new export. Default: where the last run of the quarter read.", show_default=False),
            False,
        ),
        "warehouse": (AnyWarehouse, None, True),
        "why": (str, typer.Option(help="What the revision corrects, for the ledger.", show_default=False), True),
        "by": (str | None, typer.Option("--by", help="Who revises. Default: the user of this computer."), False),
        "authority": (AuthorityOf, None, False),
    }
    found = []
    for name, (kind, info, is_required) in own.items():
        annotation = kind if info is None else Annotated[kind, info]
        default = inspect.Parameter.empty if is_required else None
        found.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation))
    for option in (one for one in OPTIONS if one.name not in _OWN):
        flag = f"--{option.name.replace('_', '-')}"
        both = f"{flag}/--no-{flag[2:]}" if option.kind is bool else flag
        text = option.help.split(" Default:")[0]
        info = typer.Option(both, help=text, metavar=option.metavar, show_default=False)
        typed: Any = Annotated[option.kind | None, info]
        found.append(inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=typed))
    return found


def revise(**given: Any) -> None:
    """Correct a return that was signed off: a run of its own, from today's cases, beside what was sent.

    It is asked for as the last run of the quarter was; name only what changed. What was signed off stays as it is. At
    the end it says what changed against it and why. Exit status as hclic run.

    Example: hclic revise 2025-Q3 --warehouse out/warehouse.duckdb --why "Two cases were recorded late"
    """
    from pipelines.commands.console import at_the_edge, complain, progress, rows_read, say
    from pipelines.errors import HclicError
    from pipelines.period import Quarter
    from pipelines.place import Place
    from pipelines.run.outcome import EXIT
    from pipelines.run.run import make
    from pipelines.run.summary import UNCHANGED, summarise
    from pipelines.submission.revise import plan, record, what_changed
    from pipelines.who import this_user

    why, by = given.pop("why"), given.pop("by") or this_user()
    warehouse: Place = given.pop("warehouse")
    quarter, authority = Quarter.parse(given.pop("quarter")), given.pop("authority")
    planned = plan(warehouse, quarter, given, authority=authority, why=why, started=at_the_edge())
    say("\n".join(planned.sentences()) + "\n")
    planned.request.check_days()
    record(planned, why, by)
    with progress() as show:
        ended = make(planned.request, before=lambda step: show(step.words), progress=rows_read(show))
    say(summarise(ended.folder) + (f"\n\n{UNCHANGED}" if ended.is_unchanged else ""))
    if planned.corrects is not None:
        try:
            say(f"\n{what_changed(planned, ended.folder)}")
        except HclicError as error:
            # The revision stands: that it cannot be compared is said, and is no failure of it.
            complain(f"What changed against the return that was signed off cannot be told: {error}")
    raise typer.Exit(EXIT[ended.result])


# Typer reads the options from here.
revise.__signature__ = inspect.Signature(_parameters())  # type: ignore[attr-defined]
