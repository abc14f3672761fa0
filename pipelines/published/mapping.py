"""A mapping file: which column the headings are that a reader could not tell for certain.

CSV with the columns ``table, column, heading, column_path, measure``. ``column`` (letters) may be empty; it tells
two columns with one heading apart. ``table`` may be the name of the sheet. Other columns are not read, so that the
proposal that the reader writes can be filled in and given back.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InputError
from pipelines.published.headings import MEASURES, Layout

GIVEN = "given"
COLUMNS = ("table", "column", "heading", "column_path", "measure")
_NOTE = re.compile(r"\[note \d+\]", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line of a mapping file, filled in; ``number`` is its row in the file, from 2."""

    number: int
    table: str
    column: str
    heading: str
    column_path: str
    measure: str

    def meets(self, sheet: str, column: str, heading: str) -> bool:
        """Whether the line is about that column of that sheet; the table has been compared before."""
        return (not self.column or self.column == column) and _folded(self.heading) == _folded(heading)


@dataclass(frozen=True)
class Mapping:
    """A mapping file: its name, the SHA-256 of its bytes, its lines that are filled in."""

    name: str
    sha256: str
    lines: tuple[Line, ...]

    def of(self, table: str, sheet: str) -> tuple[Line, ...]:
        """Lines for one table, named by its table or its sheet."""
        return tuple(line for line in self.lines if line.table.casefold() in (table.casefold(), sheet.casefold()))


def _folded(heading: str) -> str:
    return " ".join(_NOTE.sub(" ", heading).casefold().split())


def read_mapping(path: Path) -> Mapping:
    """The lines of a mapping file. A line without a column path is one that is not filled in yet.

    Raises:
        InputError: the file cannot be read, lacks a column, or a line names no measure that there is.
    """
    try:
        content = path.read_bytes()
        reader = csv.DictReader(content.decode("utf-8-sig").splitlines())
        rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise InputError(f"{path.name} cannot be read as a CSV file that maps headings to columns.") from None
    lacking = [name for name in COLUMNS if name != "column" and name not in (reader.fieldnames or ())]
    if lacking:
        raise InputError(f"{path.name}: a mapping of headings needs the column {lacking[0]}.")
    lines = []
    for number, row in enumerate(rows, start=2):
        values = {name: " ".join((row.get(name) or "").split()) for name in COLUMNS}
        if not values["column_path"]:
            continue
        measure = values["measure"] or "count"
        if measure not in MEASURES:
            raise InputError(f"{path.name}, row {number}: the measure is one of {', '.join(MEASURES)}.")
        lines.append(
            Line(number, values["table"], values["column"].upper(), values["heading"], values["column_path"], measure)
        )
    return Mapping(path.name, hashlib.sha256(content).hexdigest(), tuple(lines))


def check_mapping(mapping: Mapping, layout: Layout) -> None:
    """Raise ``InputError`` for a line whose column path is no column of its table, or that another contradicts."""
    seen: dict[tuple[str, str, str], int] = {}
    for line in mapping.lines:
        known = {(c.column_path, c.measure) for t in layout.tables if t.casefold() == line.table.casefold()
                 for c in layout.of(t)}  # fmt: skip
        if known and (line.column_path, line.measure) not in known:
            raise InputError(
                f"{mapping.name}, row {line.number}: {line.table} has no column of that path and measure; "
                "copy it from candidate_1 or candidate_2 of the proposal, or from schemas/tables/headings.csv."
            )
        key = (line.table.casefold(), line.column_path, line.measure)
        if key in seen:
            raise InputError(f"{mapping.name}, rows {seen[key]} and {line.number} name the same column.")
        seen[key] = line.number


def unmet(mapping: Mapping, met: Iterable[int]) -> list[Line]:
    """Lines that no heading met; ``met`` are the numbers of those that did."""
    known = set(met)
    return [line for line in mapping.lines if line.number not in known]
