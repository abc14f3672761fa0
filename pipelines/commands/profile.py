"""``hclic profile draft``, ``hclic profile test`` and ``hclic profile explain``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code

app = typer.Typer(no_args_is_help=True, help="Draft a source profile from an export, try it out, and explain it.")

Export = Annotated[
    str,
    typer.Argument(help="The case export: a file, a folder, a zip or the address of a database.", show_default=False),
]


def _authority(value: str | None) -> str | None:
    return None if value is None else authority_code(value)


@app.callback()
def profile() -> None:
    """Draft a source profile from an export, try it out, and explain it."""


@app.command("draft")
def draft(
    export: Export,
    out: Annotated[
        Path | None, typer.Option(help="File to write, like my-system.toml. Default: standard output.")
    ] = None,
) -> None:
    """Write a starter profile: for each field the column that looks like it, how sure that is, and what is left open.

    It can be used at once. No value of a case is shown but texts of code columns that several cases have.

    Example: hclic profile draft my-export --out my-system.toml
    """
    from pipelines.commands.console import parse_export, say
    from pipelines.paths import refuse_address
    from pipelines.profiles.draft import draft as make
    from pipelines.profiles.files import write_new

    if out is not None:
        refuse_address(out, "source profile")
    made = make(parse_export(export), out.stem if out else "my-system")
    if out is None:
        say(made.text)
        return
    write_new(out, made.text)
    say(f"{made.summary()}\n\nwritten  {out}\nNext: hclic profile test {out} {export}")


class Format(StrEnum):
    """How the mapping is printed."""

    table = "table"
    csv = "csv"
    md = "md"


@app.command("test")
def test(
    source: Annotated[
        str, typer.Argument(help="Source profile: a shipped name or the path of one.", show_default=False)
    ],
    export: Export,
    authority: Annotated[
        str | None, typer.Option(callback=_authority, help="GSS code of the authority, where the export lacks it.")
    ] = None,
    as_at: Annotated[str | None, typer.Option(help="Day the export was taken (YYYY-MM-DD). Default: today.")] = None,
) -> None:
    """Try a profile on an export: what is understood, what would be lost, what is left to do. Nothing is written.

    Exit status 1 where something is left to do.

    Example: hclic profile test my-system.toml my-export
    """
    from pipelines.commands.console import at_the_edge, parse_day, parse_export, say
    from pipelines.extract.databases import as_files
    from pipelines.profiles.trial import describe, try_out

    day = parse_day(as_at, "--as-at") or at_the_edge().date()
    with as_files(parse_export(export), source) as files:
        made = try_out(files, source, authority=authority or "", as_at=day)
    say(describe(made))
    raise typer.Exit(0 if made.is_ready else 1)


@app.command("explain")
def explain(
    source: Annotated[
        str, typer.Argument(help="Source profile: a shipped name or the path of one.", show_default=False)
    ],
    format: Annotated[Format, typer.Option(help="table, csv or md.")] = Format.table,
) -> None:
    """Print the mapping for a colleague to check: each field, where it comes from, and what is done to the cell.

    Example: hclic profile explain my-system.toml --format md
    """
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.profiles.explain import render
    from schemas.sources import ProfileError, load

    try:
        say(render(load(source), format.value))
    except ProfileError as error:
        raise UsageError(str(error)) from None
