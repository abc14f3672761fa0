"""The former P1E form as a workbook: its sections E1 to E10 as the form laid them out, as far as that is known.

Which cell stands in which line and column: ``part``, ``line`` and ``column`` of ``schemas/tables/p1e_cells.csv``. What
is recalled and not verified says so on its sheet and in its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.workbooks.model import NUMBER, Book
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    TaggedSheet,
    Value,
    contents,
    tagged_book,
)
from pipelines.period import Quarter, in_words
from pipelines.published.headings import SEPARATOR, read_data
from pipelines.state import RunState

RECALLED = "recalled"
HOW_SURE = {
    "stated": "Stated: printed so in the form's days",
    "inferred": "Inferred from what was printed of it",
    RECALLED: "Recalled, not verified: provisional",
}
TITLES = {
    "E1": "Decisions in the quarter by ethnicity of the applicant",
    "E1b": "Acceptances by age of the applicant",
    "E2": "Acceptances by priority need",
    "E3": "Acceptances by main reason for loss of the last settled home",
    "E4": "Acceptances by household type",
    "E5": "Immediate outcome for the households accepted",
    "E6": "Households in temporary accommodation on the last day of the quarter",
    "E6 households": "Households in temporary accommodation by household type",
    "E6 duties": "Households in temporary accommodation by duty",
    "E7": "Households no longer owed a main duty by reason",
    "E7 length of stay": "Households leaving temporary accommodation by length of stay",
    "E8": "Repeat homelessness among acceptances",
    "E9": "Nationality of the households accepted",
    "E10 A": "Prevention: able to remain in the existing home",
    "E10 B": "Prevention and relief: assisted to obtain alternative accommodation",
}
"""What each sheet is about, in the order of the form (hclic-spec part 4)."""

_BEFORE_THE_DUTIES = ("E10 A", "E10 B")
_NOT_COMPARABLE = (
    "Not comparable: the form counted help outside the statutory duties; what stands here are the prevention and relief"
    " duties of the Homelessness Reduction Act."
)

_NONE, _NOT_FILLED = "[z]", "[x]"


def p1e_book(
    own: pl.DataFrame, series: pl.DataFrame | None, break_text: str, *, state: RunState, la_code: str, as_at: date
) -> Book:
    """The book of one quarter's cells (``p1e.SCHEMA``), and of the older series where there is one."""
    quarter = Quarter.parse(own["quarter"][0])
    place = f"{authority_name(la_code)}, {quarter.words}"
    rows = {row["cell"]: row for row in read_data("p1e_cells.csv")}
    value = dict(own.select("cell", "value").iter_rows())
    parts = tuple(
        _part(part, place, [row for row in rows.values() if row["part"] == part], value, state) for part in TITLES
    )
    every = _every(place, list(rows.values()), value, state)
    old = () if series is None or not series.height else (_series(series, break_text, authority_name(la_code), state),)
    title = f"The former P1E form, {place}"
    cover = TaggedSheet(
        "Cover",
        title,
        (
            state.sentence,
            "Internal: the figures are not suppressed.",
            "Provisional. The form was in use to March 2018. Its sections and what they count are known, its own layout"
            " and cell names are not public: lines and columns are laid out as its description says them.",
            "How sure each line is stands beside it: stated, inferred or recalled.",
            break_text,
            f"Counted from the export of {in_words(as_at)}: the cases of the return.",
            f"Shorthand: {_NONE} the form has no such cell; {_NOT_FILLED} no field of H-CLIC can fill the cell.",
        ),
    )
    sheets = (*parts, every, *old)
    return tagged_book(title, as_at, (cover, contents(sheets), *sheets))


def _part(
    part: str, place: str, rows: Sequence[Mapping[str, str]], value: Mapping[str, str], state: RunState
) -> TaggedSheet:
    columns = list(dict.fromkeys(row["column"] for row in rows))
    lines: dict[str, dict[str, Mapping[str, str]]] = {}
    for row in rows:
        lines.setdefault(row["line"], {})[row["column"]] = row
    table = tuple(
        (
            line,
            *(_shown(value[cells[column]["cell"]]) if column in cells else _NONE for column in columns),
            HOW_SURE[next(iter(cells.values()))["confidence"]],
        )
        for line, cells in lines.items()
    )
    unit = "Unit: households, save under Children." if "Children" in columns else "Unit: households."
    return TaggedSheet(
        part,
        f"{part}: {TITLES[part]}, {place}",
        (
            state.sentence,
            *_provisional(rows),
            *_not_comparable(part),
            f"{ONE_TABLE} {NO_BLANKS} {_shorthand(table)} {unit}",
        ),
        ("Line of the form", *columns, "How sure"),
        table,
        (TEXT, *(NUMBER for _ in columns), TEXT),
        (70, *(20 for _ in columns), 38),
    )


def _provisional(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    if any(row["confidence"] == RECALLED for row in rows):
        yield "Internal and provisional: labels and layout of this section are recalled and not verified."
    else:
        yield "Internal and provisional: the layout of this section is not verified."


def _not_comparable(part: str) -> tuple[str, ...]:
    return (_NOT_COMPARABLE,) if part in _BEFORE_THE_DUTIES else ()


def _shorthand(table: Sequence[Sequence[Value]]) -> str:
    said = [
        f"{mark} {meaning}"
        for mark, meaning in ((_NONE, "no such cell in the form"), (_NOT_FILLED, "no field can fill the cell"))
        if any(mark in row for row in table)
    ]
    return f"Shorthand: {'; '.join(said)}." if said else "There is no shorthand in it."


def _shown(value: str) -> str | int:
    return int(value) if value else _NOT_FILLED


def _every(place: str, rows: Sequence[Mapping[str, str]], value: Mapping[str, str], state: RunState) -> TaggedSheet:
    table = tuple(
        (
            row["section"],
            row["cell"],
            row["label"],
            _shown(value[row["cell"]]),
            HOW_SURE[row["confidence"]],
            _equals(row["equals"]) if row["equals"] else _NONE,
        )
        for row in rows
    )
    return TaggedSheet(
        "All cells",
        f"All cells of the former P1E form under each other, {place}",
        (
            state.sentence,
            "Internal. The names of the cells are ours: the form's own are not public.",
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"{NO_BLANKS} Shorthand: {_NONE} no published figure is the same; {_NOT_FILLED} no field can fill it.",
        ),
        ("Section", "Cell", "Label", "Number", "How sure", "The same figure in MHCLG's tables"),
        table,
        (TEXT, TEXT, TEXT, NUMBER, TEXT, TEXT),
        (10, 30, 70, 12, 38, 60),
        is_worked_in=True,
    )


def _equals(named: str) -> str:
    table, _, path = named.partition("|")
    return f"{table}: column {path[1:]}" if path.startswith("@") else f"{table}: {path.replace(SEPARATOR, ' – ')}"


def _series(series: pl.DataFrame, break_text: str, place: str, state: RunState) -> TaggedSheet:
    table = tuple(
        (quarter, section, cell, label or _NONE, int(value) if value.isdigit() else value or _NOT_FILLED)
        for quarter, section, cell, label, value in series.select(
            "quarter", "section", "cell", "label", "value"
        ).iter_rows()
    )
    return TaggedSheet(
        "Older series",
        f"The P1E figures that the authority kept, {place}",
        (
            state.sentence,
            break_text,
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"{NO_BLANKS} Figures are as they were written. Shorthand: {_NONE} no cell of ours; {_NOT_FILLED} empty.",
        ),
        ("Quarter", "Section", "Cell", "Label", "Number"),
        table,
        (TEXT, TEXT, TEXT, TEXT, NUMBER),
        (12, 10, 30, 80, 14),
        is_worked_in=True,
    )
