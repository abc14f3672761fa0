"""``hclic init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code


def init(
    folder: Annotated[Path, typer.Argument(help="The folder; it is made where there is none.", show_default=False)],
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Also put invented households into exports/, to try hclic out.")
    ] = False,
) -> None:
    """Make a folder to work in: a configuration with comments, places for exports and outputs, the first commands.

    What is there already is left as it is.

    Example: hclic init homelessness-return --authority E06000034
    """
    import sys

    from pipelines.commands.console import say
    from pipelines.setup.folder import make

    made = make(folder, authority, sample=sample)
    for name in made.written:
        say(f"  made  {name}")
    for name in made.kept:
        say(f"  kept  {name}")
    if sys.platform == "win32":
        say("Windows: the folder has the rights of the folder above it. Let nobody read it but who makes the return.")
    if authority is None and not sample and "hclic.toml" in made.written:
        say("Write the GSS code of your authority into hclic.toml: it begins with E06, E07, E08 or E09.")
    say(f"Next: read {folder / 'README.md'}, then in that folder: hclic doctor")
