"""``hclic run`` and ``hclic check``."""

from __future__ import annotations

import inspect
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import Place
from pipelines.place import parse_place
from pipelines.run.request import OPTIONS, QUARTER_HELP, Option, Request, settled

Export = Annotated[
    str,
    typer.Argument(help="The case export: a file, a folder, a zip or the address of a database.", show_default=False),
]
Authority = Annotated[
    str, typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False)
]
QuarterText = Annotated[str, typer.Option("--quarter", help=QUARTER_HELP, show_default=False)]
Source = Annotated[
    str | None,
    typer.Option(
        help="Source profile: a shipped name or the path of one. A return (XML) needs none.", show_default=False
    ),
]
AsAt = Annotated[
    str | None, typer.Option(help="Day the export was taken (YYYY-MM-DD). Default: the quarter's last day.")
]


class Format(StrEnum):
    """How findings are shown."""

    table = "table"
    csv = "csv"
    json = "json"


def parameter_of(option: Option) -> inspect.Parameter:
    """The option as Typer takes it from the command line."""
    info: Any
    if option.name == "export":
        info = typer.Argument(help=option.help, show_default=False)
    else:
        callback = authority_code if option.name == "authority" else None
        info = typer.Option(
            option.flag,
            callback=callback,
            help=option.help,
            metavar=option.metavar,
            show_default=not option.is_required,
        )
    kind: Any = option.kind if option.is_required or option.default is not None else option.kind | None
    return inspect.Parameter(
        option.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=inspect.Parameter.empty if option.is_required else option.default,
        annotation=Annotated[kind, info],
    )


def run(**given: Any) -> None:
    """Make the quarter's return from a case export.

    Example: hclic run data/sample/native --authority E06000034 --quarter 2025-Q3 --source native --out out --personal
    """
    from pipelines.alerts.after_run import after_run, check_before_run
    from pipelines.commands.console import at_the_edge, complain, progress, rows_read, say
    from pipelines.run.ending import signed_off_already
    from pipelines.run.outcome import EXIT
    from pipelines.run.run import make
    from pipelines.run.summary import UNCHANGED, summarise

    with progress() as show:
        request = Request.read(given, started=at_the_edge())
        check_before_run(request)
        before = signed_off_already(request)
        if before is not None:
            say(before.sentence)
            raise typer.Exit(before.exit_code)
        ended = make(request, before=lambda step: show(step.words), progress=rows_read(show))
    say(summarise(ended.folder) + (f"\n\n{UNCHANGED}" if ended.is_unchanged else ""))
    told = after_run(request, at_the_edge())
    if told.lines:
        (complain if told.failed else say)("\n".join(told.lines))
    raise typer.Exit(EXIT[ended.result])


# Typer reads the options from here.
run.__signature__ = inspect.Signature([parameter_of(option) for option in OPTIONS])  # type: ignore[attr-defined]


def check(
    export: Export,
    authority: Authority,
    quarter: QuarterText,
    source: Source = None,
    as_at: AsAt = None,
    waivers: Annotated[Path | None, typer.Option(help="CSV of waived findings.")] = None,
    settings_file: Annotated[
        Path | None, typer.Option(help="TOML file of settings that differ from their defaults.")
    ] = None,
    warehouse: Annotated[
        Place | None,
        typer.Option(
            parser=parse_place,
            metavar="FILE|ADDRESS",
            help="Warehouse whose newest run is compared with; it is only read.",
            show_default=False,
        ),
    ] = None,
    forced_cases: Annotated[
        Path | None, typer.Option(help="CSV of forced cases: case_ref, action (include or exclude), reason.")
    ] = None,
    return_profile: Annotated[
        str, typer.Option(help="Of a return: provisional, or the folder of the official pack that it was made with.")
    ] = "provisional",
    format: Annotated[
        Format, typer.Option(help="How the findings are shown: csv and json go to standard output.")
    ] = Format.table,
) -> None:
    """Validate an export: findings only, nothing is written to the warehouse.

    Values of the cases are left out here, also in csv and json: they stand in the findings file of hclic run only.

    Example: hclic check data/sample/native --authority E06000034 --quarter 2025-Q3 --source native
    """
    from pipelines.commands.console import at_the_edge, parse_day, parse_export, print_findings, progress, rows_read
    from pipelines.period import Quarter, check_has_come
    from pipelines.run.check import check_export
    from pipelines.run.given import source_for
    from pipelines.settings import read_settings

    started = at_the_edge()
    meant = settled({"quarter": quarter, "as_at": as_at}, started)
    wanted, day = Quarter.parse(meant["quarter"]), parse_day(meant["as_at"], "--as-at")
    wanted.check_has_return()
    check_has_come(wanted, day, started)

    given = parse_export(export)
    with progress(at_once=False) as show:
        checked = check_export(
            given,
            authority=authority,
            quarter=wanted,
            source=source_for(given, source),
            as_at=day,
            waivers=waivers,
            settings=read_settings(settings_file) if settings_file else None,
            forced_cases=forced_cases,
            warehouse=warehouse,
            return_profile=return_profile,
            progress=rows_read(show),
        )
    print_findings(checked, format.value)
    raise typer.Exit(1 if checked.blocked else 0)
