"""``hclic synthesise``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code


def synthesise(
    published: Annotated[
        list[Path],
        typer.Option(help="MHCLG's workbook; give it again for each following quarter.", show_default=False),
    ],
    authority: Annotated[
        str,
        typer.Option(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
    ],
    seed: Annotated[int, typer.Option(help="Same seed, same households.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the nine files and the two lists.", show_default=False)],
    more: Annotated[
        list[Path] | None, typer.Argument(help="Workbooks of the following quarters.", show_default=False)
    ] = None,
    headings: Annotated[
        Path | None, typer.Option(help="CSV that says which column a heading is, where the layout is not known.")
    ] = None,
) -> None:
    """Invent households whose official tables are the authority's published row.

    Example: hclic synthesise --published data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods
    --authority E06000034 --seed 1 --out out/thurrock
    """
    from pipelines.commands.console import say
    from pipelines.published.needs import require_columns
    from pipelines.published.reader import read_workbook
    from pipelines.synthesise import synthesise as make
    from pipelines.synthesise.cells import of_interest, sets_an_aim
    from pipelines.synthesise.clashes import in_words
    from pipelines.synthesise.write import write

    books = [read_workbook(path, headings=headings) for path in [*published, *(more or [])]]
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
