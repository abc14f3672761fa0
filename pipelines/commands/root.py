"""What stands before every command: the version, and the configuration of the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.errors import HclicError

CONFORMANCE = (
    "Returns are provisional: they are checked against our own XSD. MHCLG's XSD, Schematron and code values are not"
    " public, and no conformance with them is claimed."
)
OUT_OF_THE_WAY = frozenset({"init", "guide"})
"""Commands that a wrong configuration does not keep from working."""


def _version(wanted: bool) -> None:
    if wanted:
        from pipelines.commands.console import say
        from pipelines.run.ledger import software_version

        say(f"hclic {software_version()}\n{CONFORMANCE}")
        raise typer.Exit


def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Configuration file. Default: HCLIC_CONFIG of the environment, else hclic.toml of the current folder.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version, and what is checked.")
    ] = False,
) -> None:
    """From a case export to a checked quarterly homelessness return (H-CLIC), with local metrics."""
    if context.invoked_subcommand in OUT_OF_THE_WAY:
        return
    import os

    from pipelines.setup import configuration

    commands: Any = context.command
    try:
        if (path := configuration.find(config, os.environ, Path())) is None:
            return
        read = configuration.read(path)
    except HclicError as error:
        if context.invoked_subcommand != "doctor":
            raise
        context.obj = error
        return
    context.obj = read
    context.default_map = configuration.defaults(read, commands.commands)
