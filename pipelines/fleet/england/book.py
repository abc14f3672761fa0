"""The rows of England and its regions as a workbook: cover, contents, England, the regions, the authorities."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.emit.tables.workbook import FORMATS, MEANINGS, heading, shown, unit
from pipelines.emit.workbooks.model import DECIMAL, NUMBER, Book
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
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
from pipelines.fleet.england.made import England
from pipelines.fleet.england.rows import ENGLAND, NOT_ADDED_UP
from pipelines.period import in_words
from pipelines.published.headings import Column, layout_for
from schemas.codelists import codelist

WHAT_IT_IS = (
    "Ours is counted by each authority from its own cases, and added up. MHCLG's figures stand beside it, from its"
    " workbook of detailed local authority level tables.",
    "Percentages and rates are worked out again from added counts; none is added or averaged. Households in the area"
    " are those of the workbook. Days are not added up: a median or a mean follows from the households alone.",
    "Ours is the sum of what each authority's own tables show. What they hide as MHCLG does is not in it, and the"
    " number of authorities that hide it stands beside. It is not rounded.",
    "An authority without a run whose return was made is in no sum of ours. The worksheet Authorities names it.",
)
THE_GAP = (
    "MHCLG rounds the figures of England and of regions to the nearest 10, and puts estimates into them for"
    " authorities with missing data, from their earlier figures and from similar areas. Figures of authorities are"
    " neither rounded nor estimated.",
    "The imputed gap is MHCLG's figure for the area less the sum of the authority rows that it prints. Its estimates"
    " are in it, the figures of authorities that it suppresses, and up to 5 either way by rounding; it can be negative."
    " It is MHCLG's: nothing here fills it.",
    "The difference is ours less MHCLG's over those authorities of which both hold a number, and over no others.",
)

_HEADINGS = (
    "Table",
    "Label",
    "Unit",
    "Ours",
    "Authorities in ours",
    "Authorities that hide it",
    "Authorities without a run",
    "Published by MHCLG",
    "Sum of published authority rows",
    "Published rows with a number",
    "Published rows suppressed",
    "Published rows missing",
    "Imputed gap",
    "Authorities compared",
    "Difference",
    "Remark",
)
_WIDTHS = (14, 54, 26, 14, 14, 14, 14, 14, 16, 14, 14, 14, 14, 14, 14, 50)
_FORMATS = (TEXT, TEXT, TEXT, *([NUMBER] * 12), TEXT)
_COUNTS = ("authorities", "authorities_suppressed", "authorities_without")
_PRINTED = ("published_authorities", "published_suppressed", "published_missing")


def england_book(made: England) -> Book:
    """The book of the rows for sharing."""
    title = f"Homelessness tables added up, England, {made.quarter.words}"
    layout = layout_for(str(made.quarter))
    columns = {(one.table, one.column_path, one.measure): one for one in layout.columns}
    of_england = made.shown.filter(pl.col("la_code") == ENGLAND)
    of_regions = made.shown.filter(pl.col("la_code") != ENGLAND)
    about = f"{ONE_TABLE} {KEPT_IN_SIGHT}"
    shorthand = f"{NO_BLANKS} Shorthand: {'; '.join(f'{mark} {meaning}' for mark, meaning in MEANINGS.items())}."
    sheets = [
        TaggedSheet(
            "England",
            title,
            (made.words, about, shorthand),
            _HEADINGS,
            tuple(_line(row, columns) for row in of_england.to_dicts()),
            _FORMATS,
            _WIDTHS,
            is_worked_in=True,
        )
    ]
    if of_regions.height:
        sheets.append(
            TaggedSheet(
                "Regions",
                f"Homelessness tables added up, regions of England, {made.quarter.words}",
                (made.words, about, shorthand),
                ("Region", *_HEADINGS),
                tuple((_region(row["la_code"]), *_line(row, columns)) for row in of_regions.to_dicts()),
                (TEXT, *_FORMATS),
                (26, *_WIDTHS),
                is_worked_in=True,
            )
        )
    sheets.append(_authorities(made, f"{about} {shorthand}"))
    cover = TaggedSheet(
        "Cover",
        title,
        (
            made.words,
            Subheading("What this is"),
            *WHAT_IT_IS,
            Subheading("MHCLG's figures"),
            *THE_GAP,
            f"MHCLG's workbook: edition {made.edition}.",
            Subheading("Dates"),
            f"Quarter: {in_words(made.quarter.first_day)} to {in_words(made.quarter.last_day)}.",
            f"The newest export that counts is of {in_words(made.newest_export)}.",
            Subheading("Licence"),
            "Labels and published figures are MHCLG's: Crown copyright, Open Government Licence v3.0.",
        ),
    )
    return tagged_book(title, made.newest_export, (cover, contents(sheets), *sheets))


def _region(code: str) -> str:
    names = {one.extra["region_code"]: one.extra["region"] for one in codelist("authority").codes.values()}
    return str(names[code])


def _line(row: Mapping[str, object], columns: Mapping[tuple[str, str, str], Column]) -> tuple[Value, ...]:
    measure = str(row["measure"])
    column = columns[str(row["table"]), str(row["column_path"]), measure]
    kind = FORMATS[measure]

    def figure(name: str) -> Value:
        value = row[name]
        if not isinstance(value, float):
            return "[z]"
        return int(value) if measure == "count" else Formatted(value, kind if measure != "thousands" else DECIMAL)

    is_days = row["note"] == NOT_ADDED_UP
    ours = "[z]" if is_days else shown(row["value"], str(row["note"]), measure)  # type: ignore[arg-type]
    published = shown(row["published"], str(row["published_note"]), measure)  # type: ignore[arg-type]
    remark = "Not added up: it follows from the households alone." if is_days else str(row["remark"])
    return (
        column.table,
        heading(column),
        unit(column),
        Formatted(ours, kind),
        *(int(str(row[name])) for name in _COUNTS),
        Formatted(published, kind),
        figure("published_sum"),
        *(int(str(row[name])) for name in _PRINTED),
        figure("imputed_gap"),
        int(str(row["compared"])),
        figure("difference"),
        remark or "None",
    )


def _authorities(made: England, line: str) -> TaggedSheet:
    rows = []
    for one in made.authorities.to_dicts():
        rows.append(
            (
                one["la_code"],
                one["name"],
                one["region"],
                "Yes" if one["is_used"] else "No",
                one["why"],
                one["run_id"] or "[z]",
                in_words(one["as_at"]) if one["as_at"] else "[z]",
                one["cells"] or "[z]",
            )
        )
    return TaggedSheet(
        "Authorities",
        f"Which authorities are added up, {made.quarter.words}",
        (made.words, line),
        ("Area code", "Area name", "Region", "Added up", "Why", "Run", "Export of", "Cells"),
        tuple(rows),
        (TEXT,) * 8,
        (14, 30, 26, 12, 60, 40, 22, 44),
        is_worked_in=True,
    )
