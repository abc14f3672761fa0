"""Sections written out as an export of a shipped profile: the inverse of reading, for the sample and the tests."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.extract.parsing import exact_codes, fold, folded_codes
from schemas.codelists import codelist
from schemas.sections import SECTION, Column
from schemas.sources import Feed, Profile, Source, Table, load

WORKBOOK_NAME = "export.xlsx"
# The stamp that a workbook carries; a constant, so that the same sections give the same bytes.
CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zone


@dataclass(frozen=True)
class _Style:
    dates: str
    labels: bool
    flags: tuple[str, str]
    commas: bool = False


_STYLES = {
    "native": _Style("%Y-%m-%d", labels=False, flags=("yes", "no")),
    "jigsaw-style": _Style("%d/%m/%Y", labels=True, flags=("Yes", "No"), commas=True),
    "civica-style": _Style("%Y-%m-%d", labels=False, flags=("Y", "N")),
}

Cell = str | date | float | None
Row = dict[str, Cell]
Rows = list[tuple[Cell, ...]]
"""Cells in the order of the headings."""


def write_layout(sections: Mapping[str, pl.DataFrame], profile_name: str, folder: Path) -> list[Path]:
    """Write the sections into ``folder`` as an export that the shipped profile reads back to the same sections.

    CSV with UTF-8 (native), CSV with BOM and Windows line ends (jigsaw-style) or one workbook (civica-style).

    Returns:
        The files written.

    Raises:
        ValueError: the layout has no room for what the sections hold (more people than repeated columns).
    """
    profile = load(profile_name)
    style = _STYLES[profile_name]
    folder.mkdir(parents=True, exist_ok=True)
    sheets: dict[str, tuple[list[str], Rows]] = {}
    written = []
    for table in profile.tables:
        headings, rows = _table(table, sections, profile, style)
        if table.file is None:
            sheets[table.sheet or ""] = headings, rows
            continue
        path = folder / f"{table.file}.csv"
        _write_csv(path, headings, rows, windows=profile_name == "jigsaw-style")
        written.append(path)
    if sheets:
        path = folder / WORKBOOK_NAME
        _write_workbook(path, sheets)
        written.append(path)
    return written


def _table(
    table: Table, sections: Mapping[str, pl.DataFrame], profile: Profile, style: _Style
) -> tuple[list[str], Rows]:
    if len(table.feeds) == 1 and not table.feeds[0].repeat and not table.feeds[0].split_rows:
        return _of_one_section(table.feeds[0], sections, profile, style)
    headings: dict[str, None] = {}
    by_case: dict[str, Row] = {}
    for feed in table.feeds:
        section = SECTION[feed.section]
        frame = sections[feed.section].sort(section.key)
        write = {name: _writer(section.column(name), source, profile, style) for name, source in feed.columns.items()}
        slots = range(1, max(_slots(feed, frame), 1) + 1) if feed.repeat else range(1)
        for slot in slots:
            for source in feed.columns.values():
                headings |= {name.replace("{n}", str(slot)): None for name in source.columns}
        for record in frame.iter_rows(named=True):
            slot = record[section.key[-1]] if feed.repeat else 0
            cells: Row = {}
            for name, source in feed.columns.items():
                cells |= dict(zip(_headings(source, slot), _pieces(source, write[name](record[name])), strict=False))
            _merge(by_case.setdefault(record["case_ref"], {}), cells, feed)
    return list(headings), [tuple(map(by_case[ref].get, headings)) for ref in sorted(by_case)]


def _of_one_section(
    feed: Feed, sections: Mapping[str, pl.DataFrame], profile: Profile, style: _Style
) -> tuple[list[str], Rows]:
    """A table of one section, a row each, column by column: a cell takes a tenth of the time that it takes by rows."""
    section = SECTION[feed.section]
    frame = sections[feed.section].sort(section.key)
    columns: dict[str, Iterable[Cell]] = {}
    for name, source in feed.columns.items():
        cells = map(_writer(section.column(name), source, profile, style), frame.get_column(name).to_list())
        headings = _headings(source, 0)
        if len(headings) == 1:
            columns[headings[0]] = cells
            continue
        pieces = [_pieces(source, cell) for cell in cells]
        columns |= {heading: [row[place] for row in pieces] for place, heading in enumerate(headings)}
    return list(columns), list(zip(*columns.values(), strict=True))


def _headings(source: Source, slot: int) -> list[str]:
    return [heading.replace("{n}", str(slot)) for heading in source.columns]


def _pieces(source: Source, cell: Cell) -> list[Cell]:
    """A cell for each column of the source: a value that several columns make up is taken apart."""
    columns = len(source.columns)
    if columns == 1:
        return [cell]
    pieces: list[Cell] = [] if cell is None else [*str(cell).rsplit(source.join, columns - 1)]
    return pieces + [None] * (columns - len(pieces))


def _slots(feed: Feed, frame: pl.DataFrame) -> int:
    number = SECTION[feed.section].key[-1]
    most = int(frame.get_column(number).max() or 0)  # type: ignore[arg-type]
    if most > feed.repeat:
        raise ValueError(f"{feed.section} has {most} rows a case; the layout has room for {feed.repeat}")
    return most


def _merge(row: Row, cells: Row, feed: Feed) -> None:
    many = feed.columns[feed.split_rows[0]].columns[0] if feed.split_rows else None
    for heading, cell in cells.items():
        if heading == many and row.get(heading) is not None:
            by = feed.split_rows[1] if feed.split_rows else ""
            row[heading] = f"{row[heading]}{by} {cell}"
        elif row.get(heading) in (None, cell):
            row[heading] = cell
        else:
            raise ValueError(f"{feed.section} has more than one row a case; the layout has room for one")


def _writer(column: Column, source: Source, profile: Profile, style: _Style) -> Callable[[Any], Cell]:
    own = {code: raw for raw, code in {**profile.codes.get(column.codelist or "", {}), **source.codes}.items()}

    def spelled(code: str) -> str:
        if code in own or not column.codelist or code not in exact_codes(column.codelist):
            return own.get(code, code)
        label = codelist(column.codelist).codes[code].label
        # Two districts may share a name; then only the code says which is meant.
        return label if style.labels and folded_codes(column.codelist).get(fold(label)) == code else code

    def cell(value: Any) -> Cell:
        if value is None:
            return None
        if column.kind == "code":
            return spelled(value)
        if column.kind == "codes":
            return (source.separator + " " * style.labels).join(spelled(code) for code in value.split(";"))
        if column.kind == "date":
            return value if profile.tables[0].file is None else value.strftime(style.dates)
        if column.kind == "flag":
            return style.flags[0] if value else style.flags[1]
        if column.kind == "number" and style.commas and float(f"{value:.2f}") == value:
            return f"£{value:,.2f}"
        return float(value) if profile.tables[0].file is None else repr(value)

    if column.kind == "text":
        return _as_it_is
    # Codes, dates and flags recur; numbers are as quick to write as to look up.
    return cell if column.kind in ("number", "integer") else cache(cell)


def _as_it_is(value: str | None) -> Cell:
    return value


def _write_csv(path: Path, headings: list[str], rows: Rows, *, windows: bool) -> None:
    with path.open("w", encoding="utf-8-sig" if windows else "utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\r\n" if windows else "\n")
        writer.writerow(headings)
        writer.writerows(rows)


def _write_workbook(path: Path, sheets: Mapping[str, tuple[list[str], Rows]]) -> None:
    from pipelines.emit.workbooks.frames import DAYS
    from pipelines.emit.workbooks.model import Book, Sheet
    from pipelines.emit.workbooks.model import Cell as BookCell
    from pipelines.emit.workbooks.xlsx import write_xlsx

    def cells(headings: list[str], rows: Rows) -> Iterator[BookCell]:
        for index, heading in enumerate(headings):
            yield BookCell(0, index, heading)
        for number, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                yield BookCell(number, index, value, DAYS if isinstance(value, date) else None)

    write_xlsx(Book(CREATED, [Sheet(name, cells(*content)) for name, content in sheets.items()]), path)
