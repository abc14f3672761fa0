"""The official tables as a book: cover, contents, notes, all figures under each other, one sheet per table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.workbooks.model import DECIMAL, NUMBER, PERCENT, Book
from pipelines.emit.workbooks.tagged import (
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    Formatted,
    Subheading,
    TaggedSheet,
    Value,
    contents,
    tagged_book,
)
from pipelines.period import Quarter, in_words
from pipelines.published.cells import MISSING, NOT_APPLICABLE, NOT_PUBLISHED, SUPPRESSED
from pipelines.published.headings import LAST_KNOWN_QUARTER, SEPARATOR, Column, Layout, layout_for, read_data
from pipelines.state import RunState

SHORTHAND = {MISSING: "[x]", NOT_PUBLISHED: "[x]", SUPPRESSED: "[c]", NOT_APPLICABLE: "[z]"}
FORMATS = {"count": NUMBER, "percent": PERCENT, "rate": DECIMAL, "thousands": DECIMAL, "days": NUMBER}
ALL_FIGURES = "All figures"
CELL = ("table", "column_path", "measure", "value", "note")
LEVELS = " – "
"""Between the levels of a heading in one row."""

MEANINGS = {"[c]": SUPPRESSED, "[x]": "not available or not published", "[z]": "not applicable"}

WARNING = (
    "Figures marked [c] are hidden as MHCLG hides them. Such hiding can be undone by subtraction, within a table or"
    " between tables.",
    "To publish these figures before MHCLG does is the authority's own decision.",
)

MAILBOX = "HomelessnessStats@communities.gov.uk"
"""MHCLG's mailbox for its homelessness statistics (README)."""


@dataclass(frozen=True)
class About:
    """What the workbook says of itself besides its figures."""

    as_at: date
    """The export's day."""
    state: RunState
    below: int
    """Households under which MHCLG hides a breakdown (setting ``suppress_below``)."""
    contact: str = ""
    """Who answers questions about the figures (setting ``contact``)."""
    published: pl.DataFrame | None = None
    """MHCLG's row of the same quarter, where it was given: ``table, column_path, measure, value, note`` per cell."""


@dataclass(frozen=True)
class _Note:
    number: int
    text: str
    tables: tuple[str, ...]
    """Those of the workbook that refer to it."""
    is_of_all: bool
    pattern: str
    """Headings that refer to it; empty: the titles of its tables do."""

    @property
    def mark(self) -> str:
        return f"[note {self.number}]"

    def is_of(self, column: Column) -> bool:
        return bool(self.pattern) and column.table in self.tables and _names(self.pattern, column.column_path)


def official_book(tidy: pl.DataFrame, about: About) -> Book:
    """The book of one authority's suppressed rows, ``tidy`` being in the published order."""
    la_code, quarter = tidy["la_code"][0], tidy["quarter"][0]
    layout = layout_for(quarter)
    notes = _notes(layout)
    period = Quarter.parse(quarter)
    title = f"Homelessness tables, {authority_name(la_code)} ({la_code}), {period.words}"
    cells = {key[0]: part for key, part in tidy.group_by("table", maintain_order=True)}
    tables = tuple(
        _table_sheet(table, layout, cells[table], notes, period, la_code) for table in layout.tables if table in cells
    )
    figures = _all_figures(tidy, layout, period, la_code, about.published)
    note_sheet = TaggedSheet(
        "Notes",
        "Notes",
        (ONE_TABLE, NO_BLANKS),
        ("Note number", "Note text", "Tables"),
        tuple((note.mark, note.text, "All tables" if note.is_of_all else ", ".join(note.tables)) for note in notes),
        (TEXT, TEXT, TEXT),
        (16, 100, 40),
    )
    sheets = (note_sheet, figures, *tables)
    cover = _cover(title, layout, period, la_code, about)
    return tagged_book(title, about.as_at, (cover, contents(sheets), *sheets))


def _cover(title: str, layout: Layout, period: Quarter, la_code: str, about: About) -> TaggedSheet:
    assumed = (
        [f"The columns are those of {Quarter.parse(LAST_KNOWN_QUARTER).words}, the last layout that is known."]
        if layout.is_assumed
        else []
    )
    place = authority_name(la_code)
    asked = about.contact or f"{place}, homelessness service. The authority has set no address (setting: contact)."
    return TaggedSheet(
        "Cover",
        title,
        (
            about.state.sentence,
            Subheading("What this is"),
            "The authority's row of the detailed local authority level tables that MHCLG publishes, counted from its"
            " own cases.",
            "Provisional. Counted from case records, without MHCLG's checks.",
            *assumed,
            *WARNING,
            Subheading("Dates"),
            f"Quarter: {in_words(period.first_day)} to {in_words(period.last_day)}.",
            f"Counted from the export of {in_words(about.as_at)}.",
            Subheading("Contact"),
            f"Questions about these figures: {asked}",
            f"Questions about MHCLG's own tables: {MAILBOX}",
            Subheading("How to read the tables"),
            "Each table is on its own worksheet and has one heading row. A heading is MHCLG's, the levels above it in"
            f" front of it, with{LEVELS}between them.",
            f"The worksheet {ALL_FIGURES} has the same figures under each other.",
            "Shorthand: "
            + "; ".join(f"{mark} {MEANINGS[mark]}" for mark in sorted(MEANINGS))
            + "; [note n] see the worksheet Notes.",
            f"A figure is suppressed where fewer than {about.below} households stand behind its row or block.",
            "0 is a true zero. No cell of a table is empty.",
            Subheading("Licence"),
            "Labels are MHCLG's, in its spelling: Crown copyright, Open Government Licence v3.0.",
        ),
    )


def _table_sheet(
    table: str, layout: Layout, cells: pl.DataFrame, notes: Sequence[_Note], period: Quarter, la_code: str
) -> TaggedSheet:
    columns = layout.of(table)
    at = in_words(period.last_day) if table.startswith("TA") else period.words
    of_title = [note.mark for note in notes if table in note.tables and not note.pattern]
    header = ["Area code", "Area name"]
    for column in columns:
        marks = "".join(note.mark for note in notes if note.is_of(column))
        header.append(f"{heading(column)} {marks}".rstrip())
    row: list[Value] = [la_code, authority_name(la_code)]
    for value, note, measure in cells.select("value", "note", "measure").iter_rows():
        row.append(shown(value, note, measure))
    return TaggedSheet(
        table,
        " ".join([f"Table {table}: {columns[0].title}, {authority_name(la_code)}, {at}", "".join(of_title)]).rstrip(),
        tuple(_statements(columns, row)),
        tuple(header),
        (tuple(row),),
        (TEXT, TEXT, *(FORMATS[column.measure] for column in columns)),
        (14, 20, *(26 for _ in columns)),
    )


def _statements(columns: Sequence[Column], row: Sequence[Value]) -> Iterator[str]:
    """What a reader is told above a table: how many there are, where its notes are, its shorthand, its units."""
    yield f"{ONE_TABLE} Notes are marked in title and headings; their text is on the worksheet Notes."
    yield _shorthand_in(row)
    yield units(columns)


def _shorthand_in(values: Sequence[Value]) -> str:
    used = [mark for mark in sorted(MEANINGS) if mark in values]
    if not used:
        return f"{NO_BLANKS} There is no shorthand in it."
    return f"{NO_BLANKS} Shorthand: " + "; ".join(f"{mark} {MEANINGS[mark]}" for mark in used) + "."


def shown(value: float | None, note: str | None, measure: str) -> str | int | float:
    """A figure as a cell shows it: shorthand where it has no value."""
    if value is None:
        return SHORTHAND[note or MISSING]
    return int(value) if measure == "count" else value


def _all_figures(
    tidy: pl.DataFrame, layout: Layout, period: Quarter, la_code: str, published: pl.DataFrame | None
) -> TaggedSheet:
    columns = {(c.table, c.column_path, c.measure): c for c in layout.columns}
    beside: Mapping[tuple[str, ...], tuple[float | None, str | None]] = {}
    if published is not None:
        rows = published.select(CELL).iter_rows()
        beside = {(table, path, measure): (value, note) for table, path, measure, value, note in rows}
    lines = []
    for table, path, measure, value, note in tidy.select(CELL).iter_rows():
        column, kind = columns[table, path, measure], FORMATS[measure]
        line: list[Value] = [table, heading(column), unit(column), Formatted(shown(value, note, measure), kind)]
        if published is not None:
            found = beside.get((table, path, measure), (None, NOT_PUBLISHED))
            line.append(Formatted(shown(*found, measure), kind))
        lines.append(tuple(line))
    more = (
        ("Published is what MHCLG's workbook of the quarter prints for the authority.",)
        if published is not None
        else ("No workbook of MHCLG's was given for the quarter, so that there is no column of published figures.",)
    )
    used = [cell.value for line in lines for cell in line if isinstance(cell, Formatted)]
    return TaggedSheet(
        ALL_FIGURES,
        f"All figures under each other, {authority_name(la_code)}, {period.words}",
        (ONE_TABLE, _shorthand_in(used), *more),
        ("Table", "Label", "Unit", "Number", *(["Published"] if published is not None else [])),
        tuple(lines),
        (TEXT, TEXT, TEXT, NUMBER, NUMBER),
        (16, 80, 34, 14, 14)[: 5 if published is not None else 4],
    )


# A heading may not end in a digit that reads as a note's mark: these are MHCLG's own words of 2026.
_NUMBER_OF_NEEDS = {"1": "one support need", "2": "two support needs", "3+": "three or more support needs"}


def heading(column: Column) -> str:
    """The heading in one row, in MHCLG's words: its levels from the uppermost on."""
    *above, last = column.column_path.split(SEPARATOR)
    if column.table == "A3" and last in _NUMBER_OF_NEEDS:
        return f"Households with {_NUMBER_OF_NEEDS[last]}"
    label = LEVELS.join([*(level.rstrip(" :") for level in above), last])
    return f"{label} (%)" if column.measure == "percent" else label


def _counted(column: Column) -> str:
    """What a count of the table is of: MHCLG's words, ours where it prints none."""
    if column.unit:
        return column.unit.replace(" and %", "")
    return "Number of people aged under 18" if "under 18" in column.title else "Number of households"


def unit(column: Column) -> str:
    """The unit of one column, in words."""
    if column.measure == "count":
        own = column.column_path.rpartition(SEPARATOR)[2]
        of_itself = own.startswith("Total number of ") and "household" not in own
        return own.replace("Total number", "Number") if of_itself else _counted(column)
    return {
        "percent": "Percentage",
        "rate": "Rate per 1,000 households in the area",
        "thousands": "Thousands of households",
        "days": "Days",
    }[column.measure]


def units(columns: Sequence[Column]) -> str:
    """A sentence on the units of a table: the one, or how a heading says which it is."""
    found = list(dict.fromkeys(unit(column) for column in columns))
    if len(found) == 1:
        return f"Unit: {found[0]}."
    measures = {column.measure for column in columns}
    said = [_counted(columns[0])] if "count" in measures else []
    said += [f"{own} where the heading says so" for own in found if own.startswith("Number of ") and own not in said]
    if "percent" in measures:
        said.append("percentages in the columns whose headings end in (%)")
    if "thousands" in measures:
        said.append("thousands of households under Number of households in area (000s)")
    if "rate" in measures:
        said.append("rates per 1,000 households in the area where the heading says per (000s) or per 1000 households")
    if "days" in measures:
        said.append("days where the heading says so")
    return f"Units: {'; '.join(said)}."


def _notes(layout: Layout) -> list[_Note]:
    """The notes that some table of the layout refers to, numbered in the order in which a reader meets them."""
    known = min(layout.quarter, LAST_KNOWN_QUARTER)
    found = []
    for row in read_data("official_notes.csv"):
        if row["from_quarter"] > known or (row["to_quarter"] and row["to_quarter"] < known):
            continue
        met = [
            (place, column.table)
            for place, column in enumerate(layout.columns)
            if _applies(row, column.table) and (not row["column"] or _names(row["column"], column.column_path))
        ]
        if met:
            # The title of a table stands above its headings.
            found.append((met[0][0], bool(row["column"]), row, tuple(dict.fromkeys(table for _, table in met))))
    found.sort(key=lambda one: one[:2])
    return [
        _Note(number, row["text"], tables, row["tables"] == "*", row["column"])
        for number, (_, _, row, tables) in enumerate(found, start=1)
    ]


def _applies(row: Mapping[str, str], table: str) -> bool:
    return row["tables"] == "*" or table in row["tables"].split()


def _names(patterns: str, column_path: str) -> bool:
    return any(fnmatchcase(column_path, pattern) for pattern in patterns.split(";"))
