"""From a return to the nine sections, by the way that every export goes: its elements are the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.emit.returns.official import ReturnProfile
from pipelines.emit.returns.source.documents import Document, Files, check_headers
from pipelines.emit.returns.source.tables import PERSONAL, ReadReturn, Table, read_return
from pipelines.extract import Extracted, FileCount, NotRead
from pipelines.extract.accounting import NO_ROWS
from pipelines.extract.cells import check_cells
from pipelines.extract.exports import names_of_other_files, xml_files_of
from pipelines.extract.notes import Notes, Place
from pipelines.extract.sections import sections_of
from pipelines.extract.tables import Loaded, load_table
from pipelines.extract.tabular import TextTable, cleaned, counted
from pipelines.findings import MASK
from pipelines.period import Quarter
from schemas import sources
from schemas.sections import SECTION
from schemas.sources.readings import Reading

SOURCE = "return"
"""Name of this source, where a source profile is named."""
UNTAKEN = "the element is of none of the return profile's groups of rows"
NO_XML = "a return is read from its XML files alone"


@dataclass(frozen=True)
class Rows:
    """The rows of one table of a return, which know their elements."""

    table: sources.Table
    name: str
    held: Table
    documents: tuple[str, ...]
    """Names of the files."""
    is_text = False
    is_made = True
    footer = ()

    def read(self) -> TextTable:
        """The table as text."""
        names = {name: f"c{index}" for index, name in enumerate(self.held.columns)}
        frame = counted(cleaned(self.held.frame.select("_row", *names).rename(names)), 0)
        return TextTable(self.name, self.held.columns, frame, encoding="utf-8")

    def first_places(self) -> pl.DataFrame:
        """One row per row: ``_row``, ``file`` and ``row``, the line of its element."""
        named = dict(enumerate(self.documents))
        return self.held.frame.select(
            "_row",
            pl.col("_document").replace_strict(named, return_dtype=pl.String()).alias("file"),
            pl.col("_line").alias("row"),
        )

    def places(self, rows: pl.Series, heading: str | None = None) -> pl.DataFrame:
        """One row per different number of ``rows``: ``_row``, ``file``, ``row`` (the line) and ``text``.

        ``heading``: the column of the section whose element is meant.
        """
        asked = pl.DataFrame({"_row": rows.cast(pl.Int64())}).unique().sort("_row")
        own = dict(enumerate(self.held.elements))
        below = {number: names.get(heading or "", "") for number, names in enumerate(self.held.names)}
        where = self.held.frame.select(
            "_row",
            pl.col("_group").replace_strict(own, return_dtype=pl.String()).alias("own"),
            pl.col("_group").replace_strict(below, return_dtype=pl.String()).alias("below"),
        )
        found = asked.join(self.first_places(), on="_row", how="left").join(where, on="_row", how="left").sort("_row")
        element = pl.concat_list("own", "below").list.eval(pl.element().filter(pl.element() != "")).list.join("/")
        text = pl.format("{}, line {}", "file", "row")
        named = pl.when(element != "").then(pl.format("{}, element {}", text, element)).otherwise(text)
        return found.select("_row", "file", "row", named.alias("text"))


def extract_return(export: Path, profile: ReturnProfile, *, authority: str, quarter: Quarter, as_at: date) -> Extracted:
    """Read a return through its return profile.

    Args:
        export: the case file, or a folder or zip with it and, if at hand, the personal-data file.
        profile: the return profile that it was written with.
        authority: code of the authority whose return it must be.
        quarter: that of the return.
        as_at: day as at which it is judged.

    Raises:
        InputError: a file of it is damaged, no part of a return, or of another authority or quarter.
    """
    read = read_return(export, profile)
    check_headers(read.documents, authority, quarter)
    _date_ages(read, quarter.last_day)
    return _extracted(export, read, profile, authority=authority, as_at=as_at)


def count_return(
    export: Files, profile: ReturnProfile, *, authority: str, quarter: Quarter, as_at: date
) -> tuple[Extracted, list[str] | None]:
    """Read the case file of a return, and of its personal-data file no more than whom it holds.

    Returns:
        what the case file holds, and one reference ``case#number`` per person of the personal-data file, sorted; None
        where there is no such file.

    Raises:
        InputError: a file of it is damaged, no part of a return, or of another authority or quarter.
    """
    read = read_return(export, profile, counts_personal=True)
    check_headers(read.documents, authority, quarter)
    _date_ages(read, quarter.last_day)
    has_personal = any(one.kind == PERSONAL for one in read.documents)
    return (
        _extracted(export, read, profile, authority=authority, as_at=as_at),
        sorted(read.people) if has_personal else None,
    )


def _extracted(export: Files, read: ReadReturn, profile: ReturnProfile, *, authority: str, as_at: date) -> Extracted:
    names = tuple(one.file.name for one in read.documents)
    rows = {name: _rows(name, table, names) for name, table in read.tables.items()}
    unmatched = rows.pop(PERSONAL, None) if not _can_be_matched(read) else None
    notes = Notes(_source(profile, rows))
    loaded: list[Loaded] = []
    for name, one in rows.items():
        notes.know(one.name, one)
        _report_codes(one, names, notes)
        loaded.append(load_table(one, one.read(), _source(profile, rows), notes))
        _report_cells(loaded[-1], one.held, notes)
        check_cells(loaded[-1], as_at, notes)
        if name == PERSONAL:
            _compare_people(one, rows, notes)
    _report_elements(read, names, notes)
    if unmatched is not None:
        first = next(one.file.name for one in read.documents if one.kind == "personal")
        notes.add("X-56", first, section="people")
    # The rows of each section are let go when the section is made; those of each file are counted afterwards.
    sections = sections_of(loaded, authority=authority, as_at=as_at, notes=notes)
    return Extracted(
        sections=sections,
        findings=notes.findings(),
        set_aside=notes.rows_set_aside(),
        files=_counts(read, loaded, rows, unmatched),
        not_read=_not_read(export),
    )


def _date_ages(read: ReadReturn, last_day: date) -> None:
    """Say of the ages of a case file that they are those of the quarter's last day (``sql/return/return_people``)."""
    people = read.tables.get("people")
    if people is None or "age" not in people.columns:
        return
    is_known = pl.col("age").is_not_null()
    people.frame = people.frame.with_columns(pl.when(is_known).then(pl.lit(last_day.isoformat())).alias("age_date"))
    people.columns = (*people.columns, "age_date")


def _rows(name: str, table: Table, documents: tuple[str, ...]) -> Rows:
    """The table of the source profile that stands for a table of a return: every column under its own name."""
    is_personal = name == PERSONAL
    columns = {one: sources.Source(columns=(one,)) for one in table.columns}
    if is_personal:
        columns = {one: source for one, source in columns.items() if one in _ADDED or one in SECTION["people"].key}
    feed = sources.Feed(section=table.section, columns=columns, adds_columns=is_personal)
    label = f"return, {SECTION[table.section].label}{' of the personal-data file' if is_personal else ''}"
    given = sources.Table(
        file=label,
        sheet=None,
        optional=True,
        reading=Reading(),
        delimiter=None,
        ignore=tuple(one for one in table.columns if one not in columns),
        allow_unused_rows=False,
        feeds=(feed,),
    )
    return Rows(given, label, table, documents)


_ADDED = frozenset(column.name for column in SECTION["people"].columns if column.personal)
"""What the personal-data file adds to the people of the case file."""


def _source(profile: ReturnProfile, rows: Mapping[str, Rows]) -> sources.Profile:
    return sources.Profile(
        name=SOURCE,
        title=f"A return written with the return profile {profile.name}",
        note="",
        illustration=False,
        dates=("iso",),
        blanks=(),
        case_ref_pattern=None,
        two_digit_years=None,
        codes={},
        tables=tuple(one.table for one in rows.values()),
    )


def _report_cells(loaded: Loaded, table: Table, notes: Notes) -> None:
    """One finding per value that the return profile does not write."""
    if table.raw.is_empty():
        return
    kinds = {column.name: column.kind for column in SECTION[table.section].columns}
    held = loaded.text.frame.select("_i", "_row").join(table.frame.select("_row", "case_ref"), on="_row")
    notes.cells(
        loaded.name,
        table.raw.join(held, on="_row").select(
            "_i",
            "_row",
            "case_ref",
            pl.lit(table.section).alias("section"),
            "column",
            pl.col("column").replace_strict(kinds, return_dtype=pl.String()).alias("kind"),
            pl.col("column").alias("heading"),
            "raw",
            "problem",
        ),
    )


def _report_codes(rows: Rows, names: tuple[str, ...], notes: Notes) -> None:
    for column, values in rows.held.several.items():
        notes.add(
            "X-53",
            Place(names[0], column=rows.held.names[0].get(column) or column),
            section=rows.held.section,
            record_key=f"{rows.held.section} {column}",
            fields=column,
            value="; ".join(f"{value}: {', '.join(codes)}" for value, codes in sorted(values.items())),
            count=f"{len(values):,}",
        )


def _report_elements(read: ReadReturn, names: tuple[str, ...], notes: Notes) -> None:
    for (document, path), (often, line) in read.unknown.items():
        what = f"the attribute {path}" if "@" in path else f"the element {path}"
        place = Place(names[document], position=f"line {line}")
        notes.add("X-50", place, record_key=f"{names[document]} {path}", what=what, count=f"{often:,} ×")
    for one in read.strays:
        place = Place(names[one.document], position=f"line {one.line}, element {one.element}")
        key = f"{names[one.document]} row {one.line}"
        notes.add("X-54", place, case_ref=one.case_ref, record_key=key)
        aside = {"_row": [one.line], "reason": [UNTAKEN], "content": [one.content]}
        notes.set_aside(names[one.document], pl.DataFrame(aside, schema_overrides={"_row": pl.Int64()}))


def _compare_people(personal: Rows, rows: Mapping[str, Rows], notes: Notes) -> None:
    """What both files say of a person must be the same."""
    case = rows["people"].held
    key = list(SECTION["people"].key)
    both = [one for one in personal.held.columns if one in case.columns and one not in key and one not in _ADDED]
    if not set(key) <= set(case.columns) & set(personal.held.columns):
        return
    joined = personal.held.frame.join(case.frame.select(*key, *both), on=key, suffix=" of the case file")
    for name in both:
        other = pl.col(f"{name} of the case file")
        differ = joined.filter(pl.col(name).is_not_null() & other.is_not_null() & (pl.col(name) != other))
        notes.rows(
            "X-55",
            personal.name,
            differ.select("_row", "case_ref"),
            section="people",
            fields=name,
            column=name,
            value=MASK if SECTION["people"].column(name).personal else None,
        )


def _can_be_matched(read: ReadReturn) -> bool:
    """Whether both files say which person a row is of; the order alone does not: whoever refused is in one only."""
    return all(read.tables[name].is_numbered for name in ("people", PERSONAL) if name in read.tables)


def _counts(
    read: ReadReturn, loaded: list[Loaded], rows: Mapping[str, Rows], unmatched: Rows | None
) -> tuple[FileCount, ...]:
    """The account of each file: its rows are the elements that groups of the profile take, and those that none does."""
    all_rows, held, aside, left = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    if unmatched is not None:
        left.update(unmatched.held.frame.get_column("_document").to_list())
    for one, table in zip(loaded, rows.values(), strict=True):
        where = dict(table.held.frame.select("_row", "_document").iter_rows())
        all_rows.update(table.held.frame.get_column("_document").to_list())
        held.update(where[row] for row in one.rows_of(one.held).to_list())
        aside.update(where[row] for row in one.rows_of(one.set_aside).to_list())
    strays = Counter(one.document for one in read.strays)
    return tuple(
        sorted(
            (
                _count(document, all_rows[n] + strays[n] + left[n], held[n], aside[n] + strays[n], left[n])
                for n, document in enumerate(read.documents)
            ),
            key=lambda one: one.name,
        )
    )


def _count(document: Document, read: int, held: int, aside: int, left_out: int) -> FileCount:
    return FileCount(
        name=document.file.name,
        sha256=document.file.digest.sha256,
        bytes=document.file.digest.bytes,
        rows_read=read,
        rows_loaded=held,
        rows_set_aside=aside,
        rows_left_out=left_out,
        encoding="utf-8",
        delimiter="",
    )


def _not_read(export: Files) -> tuple[NotRead, ...]:
    if not isinstance(export, Path):
        return ()
    _, tables = xml_files_of(export)
    found = [NotRead(name, NO_XML) for name in tables]
    found += [NotRead(name, NO_ROWS) for name in names_of_other_files(export)]
    return tuple(sorted(found, key=lambda one: one.name))
