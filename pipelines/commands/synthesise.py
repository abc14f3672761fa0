"""``hclic synthesise``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.authority import authority_code
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pipelines.synthesise.every import Everyone


def synthesise(
    seed: Annotated[int, typer.Option(help="Same seed, same households.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for the nine files and the two lists; with --all, for a folder of them for each authority.",
            show_default=False,
        ),
    ],
    published: Annotated[
        list[Path] | None,
        typer.Option(help="MHCLG's workbook; give it again for each following quarter.", show_default=False),
    ] = None,
    authority: Annotated[
        str | None,
        typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
    ] = None,
    everyone: Annotated[
        list[Path] | None,
        typer.Option(
            "--all",
            help="MHCLG's workbook, of which every authority is made; give it again for each following quarter.",
            show_default=False,
        ),
    ] = None,
    more: Annotated[
        list[Path] | None, typer.Argument(help="Workbooks of the following quarters.", show_default=False)
    ] = None,
    headings: Annotated[
        Path | None, typer.Option(help="CSV that says which column a heading is, where the layout is not known.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="With --all, how many authorities are made side by side; by default one a core."),
    ] = None,
) -> None:
    """Invent households whose official tables are the authority's published row, or those of all authorities.

    Example: hclic synthesise --published data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods
    --authority E06000034 --seed 1 --out out/thurrock
    """
    if everyone and (published or authority):
        raise UsageError("Give either --all, or --published and --authority.")
    if everyone:
        _everyone([*everyone, *(more or [])], seed, out, headings, processes or os.cpu_count() or 1)
    elif published and authority:
        _one([*published, *(more or [])], authority, seed, out, headings)
    else:
        raise UsageError("Give --published WORKBOOK and --authority CODE for one authority, or --all WORKBOOK.")


def _one(workbooks: list[Path], authority: str, seed: int, out: Path, headings: Path | None) -> None:
    from pipelines.commands.console import say
    from pipelines.published.needs import require_columns
    from pipelines.published.reader import read_workbook
    from pipelines.synthesise import synthesise as make
    from pipelines.synthesise.cells import of_interest, sets_an_aim
    from pipelines.synthesise.clashes import in_words
    from pipelines.synthesise.write import write

    books = [read_workbook(path, headings=headings) for path in workbooks]
    for book in books:
        require_columns(book, sets_an_aim, "hclic synthesise")
    made = make([of_interest(book.tidy, authority) for book in books], authority, seed, recounted=True)
    write(made, out, seed)
    sections = made.sections
    say(
        f"{sections['main'].height} invented cases of {', '.join(str(q) for q in made.quarters)} in {out}: "
        f"households are invented, only their totals are real."
    )
    say(f"{in_words(made.clashes)} {made.free.height} set no aim (free.csv).")


def _everyone(workbooks: list[Path], seed: int, out: Path, headings: Path | None, processes: int) -> None:
    from pipelines.commands.console import complain, progress
    from pipelines.synthesise.every import Task, make_all, named

    with progress() as show:
        found = make_all(
            Task(tuple(workbooks), seed, out, headings),
            processes,
            lambda made, failed, of: show(f"{made} of {of} authorities made{f', {failed} not' if failed else ''}"),
        )
    _say(found, out)
    if found.failed:
        for line in named({one.authority: one.reason for one in found.failed}):
            complain(f"not made: {line}")
        complain("Give the same command again: what is made is not made again.")
        raise typer.Exit(max(one.status for one in found.failed))


def _say(found: Everyone, out: Path) -> None:
    from pipelines.commands.console import say
    from pipelines.synthesise.clashes import in_words
    from pipelines.synthesise.every import named

    cases = sum(one.cases for one in found.made)
    say(
        f"{cases:,} invented cases of {', '.join(map(str, found.quarters))} of {len(found.made)} authorities in {out}: "
        "households are invented, only their totals are real. manifest.csv lists them for hclic fleet run."
    )
    if found.gone_on:
        say(f"{found.gone_on} of the authorities stood there from an earlier call.")
    say(in_words(found.clashes))
    for line in named(found.left_out):
        say(f"Left out: {line}")
