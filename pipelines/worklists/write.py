"""Write the worklists: ``worklists.xlsx`` and ``worklists.html``, for their owner's eyes only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import OutputError
from pipelines.whole import into
from pipelines.worklists.about import About
from pipelines.worklists.lists import Worklist
from pipelines.worklists.page import page
from pipelines.worklists.workbook import book

PRIVATE = 0o600
WORKBOOK, PAGE = "worklists.xlsx", "worklists.html"


def write_worklists(lists: Sequence[Worklist], folder: Path, about: About) -> list[Path]:
    """Write both files (mode 0600) to ``folder``, which is made if need be; the same lists give the same bytes.

    Only the time of making, on the cover and at the foot of the page, comes from ``about``.

    Raises:
        OutputError: a file cannot be written.
    """
    try:
        with into(folder) as new:
            write_xlsx(book(lists, about), new / WORKBOOK)
            (new / PAGE).write_text(page(lists, about), encoding="utf-8")
            for name in (WORKBOOK, PAGE):
                (new / name).chmod(PRIVATE)
    except OSError:
        raise OutputError("The worklists could not be written in that folder.") from None
    return [folder / WORKBOOK, folder / PAGE]
