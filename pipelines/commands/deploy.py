"""``hclic deploy``: the runs that are made by themselves, with Prefect or with what the machine has."""

from __future__ import annotations

import inspect
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.run import parameter_of
from pipelines.schedules.options import LEFT_OPEN


class Without(StrEnum):
    """What starts the runs where there is no Prefect."""

    systemd = "systemd"
    cron = "cron"
    windows = "windows"


Folder = Annotated[Path, typer.Option(help="Folder for prefect.yaml, or for the files without Prefect, and their log.")]
Register = Annotated[
    bool, typer.Option("--register", help="Also hand the deployments to the Prefect server of PREFECT_API_URL.")
]
ServerWait = Annotated[
    float, typer.Option(min=0, help="Minutes to wait until the server answers: it may just be starting.")
]
WithoutPrefect = Annotated[
    Without | None,
    typer.Option(help="Write a timer of systemd, lines for cron or tasks of the Windows Task Scheduler instead."),
]


def deploy(**given: Any) -> None:
    """Have the return, the nightly check and the weekly metrics made by themselves.

    Writes prefect.yaml, for a Prefect server, or files for what a machine has without Prefect. Every option of
    hclic run can be given but those that the schedule decides. The personal-data file is written only with --personal.

    Example: hclic deploy exports/tonight --authority E06000034 --source my-profile.toml --out out --register
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.errors import UsageError
    from pipelines.schedules.options import checked
    from pipelines.schedules.writing import write

    folder, wanted = given.pop("folder"), given.pop("without_prefect")
    register, minutes = given.pop("register"), given.pop("server_wait")
    if register and wanted:
        raise UsageError("--register is for Prefect: leave it out with --without-prefect.")
    options = checked(given, started=at_the_edge(), folder=Path.cwd())
    written = write(options, folder.absolute(), wanted and wanted.value)
    say(written.words)
    if register:
        raise typer.Exit(_register(written.file, minutes))


def _register(file: Path, minutes: float) -> int:
    """In a process of its own: only the flows and their deployment import Prefect."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "pipelines.deployments", str(file), "--wait", f"{minutes:g}"]
    return subprocess.run(command, check=False).returncode


def _own(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


# Typer reads the options from here.
deploy.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        *(parameter_of(option) for option in LEFT_OPEN),
        _own("folder", Folder, Path()),
        _own("register", Register, False),
        _own("server_wait", ServerWait, 5.0),
        _own("without_prefect", WithoutPrefect, None),
    ]
)
