"""``hclic published``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code


def published(
    workbook: Annotated[Path, typer.Argument(help="A detailed local authority workbook of MHCLG (ODS or XLSX).")],
    out: Annotated[Path, typer.Option(help="The CSV to write: one row per published cell.", show_default=False)],
    authority: Annotated[
        str | None, typer.Option(callback=authority_code, help="Only this authority, by GSS code.")
    ] = None,
) -> None:
    """Read a published workbook of any layout into one tidy CSV.

    Example: hclic published data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods
    --authority E06000034 --out thurrock.csv
    """
    from pipelines.commands.console import say
    from pipelines.published.command import published as read

    done = read(workbook, authority, out)
    say(f"{done.edition}: quarter {done.quarter}, {done.tables} tables, {done.areas} areas, {done.cells:,} cells")
    say(f"{done.cells_without_number:,} cells hold no number: missing, suppressed or not applicable. None is a zero.")
    if done.layout_is_assumed:
        say("The layout of this quarter is not known; the last known one was used.")
    for problem in done.problems[:20]:
        say(f"  {problem}")
    if len(done.problems) > 20:
        say(f"  and {len(done.problems) - 20} more")
    say(f"Written: {done.out}")
