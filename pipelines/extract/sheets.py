"""What a sheet hides from its reader, as findings: formulas without a value, merged cells, hidden rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipelines.extract.locate import Located
from pipelines.extract.mapping import Columns
from pipelines.extract.notes import Notes
from pipelines.extract.parsing import fold
from pipelines.extract.sheet_marks import Marks, number_of
from pipelines.extract.tables import Loaded
from schemas.sections import SECTION

_Read = Mapping[str, tuple[str | None, bool]]


def check_sheet(loaded: Loaded, notes: Notes, read: _Read | None = None) -> None:
    """Report what the cells of a sheet do not tell; nothing where the table is no sheet.

    ``read``: folded headings of the columns that are read, each with the section and whether all that it feeds is
    local; by default those that the table's sections name.
    """
    located = loaded.located
    if not isinstance(located, Located) or located.sheet is None:
        return
    read = _read_headings(loaded) if read is None else read
    marks = located.file.workbook.marks(located.sheet)
    below = located.table.header_row
    _columns(loaded, "X-65", ((row, letters) for row, letters in marks.errors if row > below), read, notes)
    _columns(loaded, "X-66", ((row, letters) for row, letters in marks.unreckoned if row > below), read, notes)
    _rows(loaded, marks, below, notes)


def _columns(loaded: Loaded, problem: str, cells: Iterable[tuple[int, str]], read: _Read, notes: Notes) -> None:
    """One finding a column that the profile reads."""
    rows: dict[str, list[int]] = {}
    for row, letters in cells:
        rows.setdefault(letters, []).append(row)
    for letters, found in rows.items():
        position = number_of(letters) - 1
        heading = loaded.text.headings[position] if position < len(loaded.text.headings) else ""
        if fold(heading) not in read:
            continue
        place = loaded.place(min(found), heading)
        section, is_local = read[fold(heading)]
        notes.add(problem, place, section=section, local=is_local, count=f"{len(found):,}")


def _read_headings(loaded: Loaded) -> dict[str, tuple[str | None, bool]]:
    """Folded headings that feed a column: its section, and whether all columns it feeds are local."""
    known = Columns(loaded.text.headings)
    found: dict[str, tuple[str | None, bool]] = {}
    for feed in loaded.located.table.feeds:
        for slot in range(1, max(feed.repeat, 1) + 1):
            for name, source in feed.columns.items():
                is_local = SECTION[feed.section].column(name).local
                for heading in source.columns:
                    key = fold(heading.replace("{n}", str(slot)))
                    if known.get(key) is not None:
                        section, before = found.get(key, (feed.section, True))
                        found[key] = (section, before and is_local)
    return found


def _rows(loaded: Loaded, marks: Marks, below: int, notes: Notes) -> None:
    filled = set(loaded.text.numbers.all().get_column("_row").to_list())
    merged = [first for first, last in marks.merged if last > below and (first in filled or last in filled)]
    if merged:
        notes.add("X-67", loaded.place(min(merged)), count=f"{len(merged):,}")
    hidden = [row for row in marks.hidden_rows if row in filled]
    if hidden:
        notes.add("X-68", loaded.place(min(hidden)), count=f"{len(hidden):,}")
