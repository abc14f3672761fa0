"""``hclic diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.run import Format


def diff(
    a: Annotated[Path, typer.Argument(help="The one return: a case file, a folder or a zip.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="The other return.", show_default=False)],
    return_profile: Annotated[
        str, typer.Option(help="Return profile of both: provisional, or the folder of an official pack.")
    ] = "provisional",
    return_profile_b: Annotated[
        str | None, typer.Option(help="Return profile of B, where it is another one.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File of every difference with its values: CSV, or JSON by its name.", show_default=False),
    ] = None,
    format: Annotated[
        Format, typer.Option(help="How the differences are shown: csv and json go to standard output.")
    ] = Format.table,
) -> None:
    """Lay two returns beside each other: cases, rows and fields in which they differ.

    The screen shows counts, fields and case references. Values stand in the file of --out only, for its owner alone,
    the personal ones masked. Exit status 0 whether or not they differ.

    Example: hclic diff sent.xml again.xml --out differences.csv
    """
    from pipelines.commands.console import say
    from pipelines.emit.returns.official import load_profile
    from pipelines.emit.returns.source.diff import diff_returns
    from pipelines.emit.returns.source.diff_words import refuse_inputs, summary, without_values, write

    if out is not None:
        refuse_inputs(out, a, b)
    first = load_profile(return_profile)
    found = diff_returns(a, b, first, load_profile(return_profile_b) if return_profile_b else first)
    say(summary(found) if format is Format.table else without_values(found, format.value))
    if out is not None:
        write(found, out)
        if format is Format.table:
            say(f"\nwritten  {out}")
