"""Which file or sheet of the export holds which table of the source profile."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from pipelines.errors import InputError
from pipelines.extract.decoding import UnreadableError
from pipelines.extract.delimited import read_csv
from pipelines.extract.doubles import is_pattern, listed, refuse_doubles
from pipelines.extract.exports import TEXT_SUFFIXES, ExportFile
from pipelines.extract.notes import Notes
from pipelines.extract.parquet import read_parquet
from pipelines.extract.parsing import fold
from pipelines.extract.reading import as_read, kept_rows
from pipelines.extract.tabular import TextTable
from schemas.sources import Profile, Table
from schemas.sources.readings import JOINER


class Holder(Protocol):
    """What holds the rows of a table of the profile: a file, a sheet, or what steps have made."""

    @property
    def table(self) -> Table:
        """The profile's table."""

    @property
    def name(self) -> str:
        """What messages and counts call it."""

    @property
    def is_text(self) -> bool:
        """Whether its rows are let go when they are laid into sections, and read again when somebody asks for them."""

    @property
    def is_made(self) -> bool:
        """Whether steps have made its rows."""

    @property
    def footer(self) -> tuple[str, ...]:
        """Beginnings of rows that close the report, as the profile names them."""

    def read(self) -> TextTable:
        """The table as text."""


@dataclass(frozen=True)
class Located:
    """A table of the profile and the file (or sheet) that holds it."""

    table: Table
    file: ExportFile
    sheet: str | None

    @property
    def name(self) -> str:
        """What messages and counts call it."""
        return f"{self.file.name} [{self.sheet}]" if self.sheet is not None else self.file.name

    @property
    def is_text(self) -> bool:
        """Whether it is a file of its own."""
        return self.sheet is None

    @property
    def is_made(self) -> bool:
        """It is as it stands in the export."""
        return False

    @property
    def footer(self) -> tuple[str, ...]:
        """As its table has them."""
        return self.table.footer

    def read(self) -> TextTable:
        """The table as text.

        Raises:
            UnreadableError: the file is none.
        """
        return as_read(self._as_it_stands(), self.table.reading)

    def _as_it_stands(self) -> TextTable:
        reading = self.table.reading
        if self.sheet is not None:
            return self.file.workbook.read(self.sheet, self.name, reading.header_row, kept_rows(reading))
        if self.file.suffix in TEXT_SUFFIXES:
            return read_csv(
                self.file.text(),
                self.name,
                # The last row of headings holds the last part of each.
                expected=frozenset(fold(heading).split(JOINER)[-1] for heading in self.table.headings()),
                header_row=reading.header_row,
                delimiter=self.table.delimiter,
                by_letter=reading.letters,
                keep=kept_rows(reading),
            )
        return read_parquet(self.file, self.name)


def is_direct(table: Table) -> bool:
    """Whether the rows of the table's files feed its sections as they stand, without a step between."""
    return bool(table.feeds) and not table.source and table.shape is None


def locate_tables(
    profile: Profile, files: tuple[ExportFile, ...], notes: Notes, steps: Sequence[Table] = ()
) -> tuple[list[Located], list[str], dict[str, str]]:
    """Every table that the export holds, in the profile's order; the files and sheets that no table names; and the
    files that cannot be opened, with the reason.

    ``steps``: the tables that feed no section themselves and that steps read; several may be in one file.

    Raises:
        InputError: two files fit one table.
    """
    damaged = _damaged_workbooks(files, notes)
    found: list[tuple[Table, list[Located]]] = []
    direct = [table for table in profile.tables if not table.source]
    for table in (*direct, *steps):
        hits = _named(table, files, damaged)
        if not hits:
            hits = _sheets(table, files, damaged)
        if not hits and len(direct) + len(steps) == 1 and len(files) == 1 and not damaged:
            hits = _whole(table, files[0])
        found.append((table, hits))
    refuse_doubles([(table, [one.name for one in hits]) for table, hits in found if is_direct(table)])
    for one in found:
        if not is_direct(one[0]):
            refuse_doubles([(one[0], [hit.name for hit in one[1]])])
    located = [one for _, hits in found for one in hits]
    unnamed = _unnamed(located, files, damaged, notes)
    for table in (table for table, hits in found if not hits and not damaged):
        kind = "X-42" if table.optional else "X-01"
        section = table.feeds[0].section if table.feeds else None
        notes.add(kind, table.label, section=section, near=_nearest_name(table, unnamed))
    if not located and not damaged:
        expected = ", ".join(dict.fromkeys(table.label for table in (*direct, *steps)))
        raise InputError(
            f"No file of the export has a name that the source profile expects: it expects {expected}, and the export"
            f" holds {listed(unnamed)}."
        )
    return located, unnamed, damaged


def _nearest_name(table: Table, unnamed: list[str]) -> str:
    """The file or sheet that may be meant, as a sentence."""
    wanted = fold((table.sheet or table.file or "").strip("*"))
    names = {fold(bare_name(name)): name for name in unnamed}
    near = [name for name in names if wanted and wanted in name]
    near = near or difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    if not near:
        return ""
    return f" The nearest that {'was' if len(near) == 1 else 'were'} not read: {listed(names[one] for one in near)}."


def bare_name(name: str) -> str:
    """Of a file its name without folder and suffix, of a sheet that of the sheet."""
    return re.sub(r"^.*\[(.*)\]$|^(?:.*/)?([^/]*?)(?:\.\w+)?$", r"\1\2", name)


def _damaged_workbooks(files: tuple[ExportFile, ...], notes: Notes) -> dict[str, str]:
    damaged = {}
    for file in files:
        if file.is_workbook:
            try:
                file.workbook  # noqa: B018 - opened to see whether it can be
            except UnreadableError as error:
                if len(files) == 1:
                    raise InputError(f"The file {file.name} cannot be read: {error}.") from None
                notes.add("X-03", file.name, why=str(error))
                damaged[file.name] = str(error)
    return damaged


def _named(table: Table, files: tuple[ExportFile, ...], damaged: Container[str]) -> list[Located]:
    if table.file is None:
        return []
    hits = []
    for file in files:
        if not file.matches(table.file) or file.name in damaged:
            continue
        if not file.is_workbook:
            hits.append(Located(table, file, None))
            continue
        sheets = file.workbook.sheets
        wanted = table.sheet or table.file
        chosen = _of_name(sheets, wanted, is_sheet=table.sheet is not None)
        if not chosen and table.sheet is None and len(sheets) == 1:
            chosen = [sheets[0]]
        hits += [Located(table, file, sheet) for sheet in chosen]
    return hits


def _sheets(table: Table, files: tuple[ExportFile, ...], damaged: Container[str]) -> list[Located]:
    wanted = table.sheet or table.file or ""
    return [
        Located(table, file, sheet)
        for file in files
        if file.is_workbook and file.name not in damaged and (table.file is None or table.sheet is None)
        for sheet in _of_name(file.workbook.sheets, wanted, is_sheet=table.sheet is not None)
    ]


def _of_name(sheets: Sequence[str], wanted: str, *, is_sheet: bool) -> list[str]:
    """The sheets of that name, in any case; or, of a name with a wildcard, all that fit it."""
    found = [sheet for sheet in sheets if fold(sheet) == fold(wanted)]
    if found or not is_sheet or not is_pattern(wanted):
        return found
    return [sheet for sheet in sheets if fnmatchcase(fold(sheet), fold(wanted))]


def _whole(table: Table, file: ExportFile) -> list[Located]:
    """An export of a single file for a profile of a single table needs no particular name."""
    if not file.is_workbook:
        return [Located(table, file, None)]
    sheets = file.workbook.sheets
    return [Located(table, file, sheets[0])] if len(sheets) == 1 else []


def _unnamed(found: list[Located], files: tuple[ExportFile, ...], damaged: Container[str], notes: Notes) -> list[str]:
    """Names of the files and sheets that no table names, each with a finding."""
    used = {(one.file.name, one.sheet) for one in found}
    names = []
    for file in files:
        if file.name in damaged:
            continue
        for sheet in file.workbook.sheets if file.is_workbook else (None,):
            if (file.name, sheet) not in used:
                name = file.name if sheet is None else f"{file.name} [{sheet}]"
                notes.add("X-02", name)
                names.append(name)
    return names
