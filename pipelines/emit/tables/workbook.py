"""The official tables as a book: cover, contents, notes, one sheet per table."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase

import polars as pl

from pipelines.authority import authority_name
from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.emit.workbooks.model import DECIMAL, NUMBER, PERCENT, Book
from pipelines.emit.workbooks.tagged import TEXT, TaggedSheet, Value, tagged_book
from pipelines.period import Quarter
from pipelines.published.cells import MISSING, NOT_APPLICABLE, NOT_PUBLISHED, SUPPRESSED
from pipelines.published.headings import LAST_KNOWN_QUARTER, SEPARATOR, Column, Layout, layout_for, read_data
from pipelines.state import RunState

SHORTHAND = {MISSING: "[x]", NOT_PUBLISHED: "[x]", SUPPRESSED: "[c]", NOT_APPLICABLE: "[z]"}
_FORMATS = {"count": NUMBER, "percent": PERCENT, "rate": DECIMAL, "thousands": DECIMAL, "days": NUMBER}

WARNING = (
    "Figures marked [c] are hidden as MHCLG hides them. Such hiding can be undone by subtraction, within a table or"
    " between tables.",
    "To publish these figures before MHCLG does is the authority's own decision.",
)


def official_book(tidy: pl.DataFrame, made_on: date, *, state: RunState) -> Book:
    """The book of one authority's suppressed rows, ``tidy`` being in the published order; its cover says ``state``."""
    la_code, quarter = tidy["la_code"][0], tidy["quarter"][0]
    layout = layout_for(quarter)
    notes = _notes(layout)
    place = f"{authority_name(la_code)} ({la_code})"
    period = Quarter.parse(quarter)
    title = f"Homelessness tables, {place}, {period.words}"
    cells = {key[0]: part for key, part in tidy.group_by("table", maintain_order=True)}
    tables = tuple(
        _table_sheet(table, layout, cells[table], notes, period, la_code) for table in layout.tables if table in cells
    )
    contents = TaggedSheet(
        "Contents",
        "Contents",
        ("This worksheet contains one table. The first column links to the other worksheets.",),
        ("Worksheet", "Title"),
        (("Notes", "Notes and shorthand"), *((sheet.name, sheet.title) for sheet in tables)),
        (TEXT, TEXT),
        (20, 100),
        links=True,
    )
    note_sheet = TaggedSheet(
        "Notes",
        "Notes",
        ("This worksheet contains one table.",),
        ("Note number", "Note text", "Tables"),
        tuple((f"[note {number}]", note["text"], _where(note)) for number, note in notes),
        (TEXT, TEXT, TEXT),
        (20, 100, 60),
    )
    return tagged_book(title, made_on, (_cover(title, layout, made_on, state), contents, note_sheet, *tables))


def _cover(title: str, layout: Layout, made_on: date, state: RunState) -> TaggedSheet:
    lines = [
        state.sentence,
        "The authority's row of the detailed local authority level tables that MHCLG publishes, counted from its own"
        " cases.",
        f"Provisional. Counted from case records as exported on {made_on.isoformat()}, without MHCLG's checks.",
        *WARNING,
        "Each table is on its own worksheet and has one heading row. A heading is MHCLG's, its levels run together.",
        "Shorthand: [x] not available or not published; [c] suppressed: fewer than"
        f" {OFFICIAL_BASE_BELOW} households stand behind the row or block; [z] not applicable;"
        " [note n] see the worksheet Notes.",
        "0 is a true zero.",
        "Labels: Crown copyright, Open Government Licence v3.0.",
    ]
    if layout.is_assumed:
        lines.insert(
            3, f"The columns are those of {Quarter.parse(LAST_KNOWN_QUARTER).words}, the last layout that is known."
        )
    return TaggedSheet("Cover", title, tuple(lines))


def _table_sheet(
    table: str,
    layout: Layout,
    cells: pl.DataFrame,
    notes: list[tuple[int, dict[str, str]]],
    period: Quarter,
    la_code: str,
) -> TaggedSheet:
    columns = layout.of(table)
    at = period.last_day.strftime("%-d %B %Y") if table.startswith("TA") else period.words
    marks = "".join(f" [note {number}]" for number, note in notes if _applies(note, table) and not note["column"])
    header = ["Area code", "Area name"]
    for column in columns:
        label = _label(column)
        header.append(
            label
            + "".join(
                f" [note {number}]"
                for number, note in notes
                if note["column"] and _applies(note, table) and _names(note, column.column_path)
            )
        )
    row: list[Value] = [la_code, authority_name(la_code)]
    for value, note, measure in cells.select("value", "note", "measure").iter_rows():
        row.append(SHORTHAND[note] if note else int(value) if measure == "count" else value)
    return TaggedSheet(
        table,
        f"Table {table}: {columns[0].title}, {authority_name(la_code)}, {at}{marks}",
        (f"This worksheet contains one table. {columns[0].unit or 'Units are in the headings'}.",),
        tuple(header),
        (tuple(row),),
        (TEXT, TEXT, *(_FORMATS[column.measure] for column in columns)),
        (14, 30, *(24 for _ in columns)),
    )


# A heading may not end in a digit that reads as a note's mark: these are MHCLG's own words of 2026.
_NUMBER_OF_NEEDS = {"1": "one support need", "2": "two support needs", "3+": "three or more support needs"}


def _label(column: Column) -> str:
    """The heading in one row: the levels run together, as MHCLG does from January to March 2026."""
    *above, last = column.column_path.split(SEPARATOR)
    if column.table == "A3" and last in _NUMBER_OF_NEEDS:
        return f"Households with {_NUMBER_OF_NEEDS[last]}"
    label = " ".join([*above, last])
    return f"{label} (%)" if column.measure == "percent" and not label.startswith("Percentage") else label


def _notes(layout: Layout) -> list[tuple[int, dict[str, str]]]:
    """The notes that some table of the layout needs, numbered from 1."""
    known = min(layout.quarter, LAST_KNOWN_QUARTER)
    wanted = [
        note
        for note in read_data("official_notes.csv")
        if (not note["from_quarter"] or note["from_quarter"] <= known)
        and (not note["to_quarter"] or known <= note["to_quarter"])
        and any(
            _applies(note, column.table) and (not note["column"] or _names(note, column.column_path))
            for column in layout.columns
        )
    ]
    return list(enumerate(wanted, start=1))


def _applies(note: dict[str, str], table: str) -> bool:
    return note["tables"] == "*" or table in note["tables"].split()


def _names(note: dict[str, str], column_path: str) -> bool:
    return any(fnmatchcase(column_path, pattern) for pattern in note["column"].split(";"))


def _where(note: dict[str, str]) -> str:
    return "All tables" if note["tables"] == "*" else ", ".join(note["tables"].split())
