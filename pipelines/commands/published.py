"""``hclic published``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.errors import UsageError


def published(
    workbook: Annotated[
        Path,
        typer.Argument(
            help="A detailed local authority workbook of MHCLG (ODS or XLSX); with --defects also a folder of them."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The CSV to write: one row per published cell.", show_default=False)],
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="Only this authority, by GSS code.")
    ] = None,
    defects: Annotated[
        bool,
        typer.Option(
            "--defects", help="Write the printed figures that contradict others instead: one row per contradiction."
        ),
    ] = False,
    headings: Annotated[
        Path | None, typer.Option(help="CSV that says which column a heading is, where the layout is not known.")
    ] = None,
    propose_headings: Annotated[
        Path | None, typer.Option(help="CSV to write: the headings that could not be told, to fill in as --headings.")
    ] = None,
) -> None:
    """Read a published workbook of any layout into one tidy CSV, or list which printed figures contradict others.

    Example: hclic published data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods
    --authority E06000034 --out thurrock.csv

    Example: hclic published data/published --defects --out defects.csv
    """
    if defects and propose_headings is not None:
        raise UsageError("--propose-headings is for one workbook that is read without --defects.")
    if workbook.is_dir() and not defects:
        raise UsageError(f"{workbook.name} is a folder: give one workbook, or --defects to look through all of it.")
    if defects:
        _defects(workbook, authority, out, headings)
    else:
        _cells(workbook, authority, out, headings, propose_headings)


def _cells(
    workbook: Path, authority: str | None, out: Path, headings: Path | None, propose_headings: Path | None
) -> None:
    from pipelines.commands.console import say
    from pipelines.published.command import published as read

    done = read(workbook, authority, out, headings, propose_headings)
    say(f"{done.edition}: quarter {done.quarter}, {done.tables} tables, {done.areas} areas, {done.cells:,} cells")
    say(f"{done.cells_without_number:,} cells hold no number: missing, suppressed or not applicable. None is a zero.")
    if done.layout_is_assumed:
        say("The layout of this quarter is not known; the last known one was used.")
        say(done.columns)
    for problem in done.problems[:20]:
        say(f"  {problem}")
    if len(done.problems) > 20:
        say(f"  and {len(done.problems) - 20} more")
    for path in done.written:
        say(f"Written: {path}")


def _defects(folder: Path, authority: str | None, out: Path, headings: Path | None) -> None:
    from pipelines.commands.console import say
    from pipelines.published.defects import defects

    done = defects(folder, authority, out, headings)
    for book in done.workbooks:
        say(f"{book.file}: quarter {book.quarter}, edition {book.edition}, {book.rows:,} contradictions")
        for sentence in (*book.known, book.columns):
            if sentence:
                say(f"  {sentence}")
        if book.untested:
            say(
                f"  {len(book.untested)} of {len(book.untested) + book.tested} identities could not be tested, since"
                f" columns they need were not read: {_named(book.untested)}"
            )
    for file, why in done.not_read:
        say(f"Not read: {why}" if why.startswith(file) else f"Not read: {file}. {why}")
    workbooks = "1 workbook" if len(done.workbooks) == 1 else f"{len(done.workbooks)} workbooks"
    say(f"{done.rows:,} contradictions in {workbooks}. Written: {done.out}")


def _named(names: tuple[str, ...]) -> str:
    different = list(dict.fromkeys(names))
    return "; ".join(different[:5]) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
