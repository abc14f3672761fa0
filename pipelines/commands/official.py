"""``hclic official check``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Work with the files that an authority gets from MHCLG.")


@app.callback()
def official() -> None:
    """Work with the files that an authority gets from MHCLG."""


@app.command("check")
def check(
    pack: Annotated[
        str, typer.Argument(help="Folder with profile.toml, XSD and optional Schematron.", show_default=False)
    ],
) -> None:
    """Compare a return profile with its XSD and say what is unmapped. Exit status 2 if the pack would be refused.

    Example: hclic official check official/2026
    """
    from pipelines.commands.console import say
    from pipelines.emit.returns.official import check_pack, describe_report
    from pipelines.errors import UsageError

    report = check_pack(pack)
    say(describe_report(report))
    if report.refusals:
        raise UsageError(f"The pack is refused: what is missing or wrong is listed above ({len(report.refusals)}).")
