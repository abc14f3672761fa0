"""Cells that were understood and cannot be right: characters that no XML holds, formula errors, impossible days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipelines.extract.mapping import Fed
from pipelines.extract.notes import Notes
from pipelines.extract.parsing import UNHOLDABLE, code_points
from pipelines.extract.tables import Loaded, drop_set_aside
from pipelines.extract.typed_cells import heading_of, shown_headings
from schemas.law import FIRST_HOMELESSNESS_LAW
from schemas.sections import SECTION, Column

OLDEST_YEARS = 120
"""Years before the day of the export in which nobody alive was born; H-32 warns from 110."""
AHEAD_YEARS = 10
"""Years after the day of the export beyond which nothing is planned; rules judge the statutory dates after that day."""

# A control character of Windows or DEL, a mark that takes no room, and one that stands for a character lost before.
_UNSEEN = r"[\x7F-\x{9F}\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{FEFF}\x{FFFD}]"
# UTF-8 that was read as Windows-1252 and written as UTF-8 again: é has become Ã©, ’ has become â€™.
_MISREAD = r"\x{C3}[\x{80}-\x{BF}\x{152}-\x{192}\x{2013}-\x{2122}]|\x{E2}\x{20AC}|\x{C2}[\x{A0}-\x{BF}]"
_FORMULA_ERROR = r"^(?:#(?:REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)|Err:\d{3})$"


def check_cells(loaded: Loaded, as_at: date, notes: Notes) -> None:
    """Report such cells of a table, and empty those that nothing may be made from."""
    _refuse_references(loaded, notes)
    for fed in loaded.feeds:
        found = []
        for name, source in fed.feed.columns.items():
            if source.constant is not None or name == "case_ref":
                continue
            column = SECTION[fed.feed.section].column(name)
            if column.kind == "text":
                found += _in_text(fed, column)
                _warn_of_text(loaded, fed, column, notes)
            elif column.kind == "date":
                found += _in_dates(fed, column, as_at)
        if found:
            notes.cells(loaded.name, pl.concat(found))


def _refuse_references(loaded: Loaded, notes: Notes) -> None:
    """Set aside rows under a reference that no return can hold."""
    reason = "the case reference holds a character that no return can hold"
    for fed in loaded.feeds:
        bad = fed.rows.filter(pl.col("case_ref").str.contains(UNHOLDABLE)).unique("_i", keep="first")
        bad = bad.filter(~pl.col("_i").is_in(loaded.set_aside.implode())).sort("_i")
        if bad.is_empty():
            continue
        near = {ref: code_points(ref) for ref in bad.get_column("case_ref").unique().to_list()}
        notes.rows(
            "X-60",
            loaded.name,
            bad.select("_row", pl.col("case_ref").replace_strict(near).alias("near")),
            section=fed.feed.section,
            fields="case_ref",
            column=shown_headings(fed.feed.columns["case_ref"]),
            near=pl.col("near"),
        )
        loaded.give_up(bad.with_columns(reason=pl.lit(reason)), notes)
    drop_set_aside(loaded)


def _in_text(fed: Fed, column: Column) -> list[pl.DataFrame]:
    texts = fed.rows.get_column(column.name)
    unholdable = texts.str.contains(UNHOLDABLE).fill_null(value=False)
    broken = texts.str.contains(_FORMULA_ERROR).fill_null(value=False)
    if not (unholdable | broken).any():
        return []
    near = {text: code_points(text) for text in texts.filter(unholdable).unique().to_list()}
    found = [_failures(fed, column, unholdable, "X-60", near), _failures(fed, column, broken, "X-61")]
    _empty(fed, column, unholdable | broken)
    return found


def _in_dates(fed: Fed, column: Column, as_at: date) -> list[pl.DataFrame]:
    days = fed.rows.get_column(column.name)
    first = _years_from(as_at, -OLDEST_YEARS) if column.name == "date_of_birth" else FIRST_HOMELESSNESS_LAW
    last = _years_from(as_at, AHEAD_YEARS)
    outside = ((days < first) | (days > last)).fill_null(value=False)
    if not outside.any():
        return []
    found = _failures(fed, column, outside, "X-62").with_columns(near=pl.lit(f"{first} to {last}"))
    _empty(fed, column, outside)
    return [found]


def _years_from(day: date, years: int) -> date:
    year = min(max(day.year + years, date.min.year), date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _failures(
    fed: Fed, column: Column, mask: pl.Series, problem: str, near: Mapping[str, str] | None = None
) -> pl.DataFrame:
    cell = pl.col(column.name).cast(pl.String())
    hint = cell.replace_strict(near, default="", return_dtype=pl.String()) if near else pl.lit("")
    return fed.rows.filter(mask).select(
        "_i",
        "_row",
        "case_ref",
        pl.lit(fed.feed.section).alias("section"),
        pl.lit(column.name).alias("column"),
        pl.lit(column.kind).alias("kind"),
        heading_of(fed.feed.columns[column.name]).alias("heading"),
        cell.alias("raw"),
        pl.lit(problem).alias("problem"),
        hint.alias("near"),
    )


def _empty(fed: Fed, column: Column, mask: pl.Series) -> None:
    kept = fed.rows.get_column(column.name).zip_with(~mask, pl.Series([None], dtype=column.dtype))
    fed.rows = fed.rows.with_columns(kept.alias(column.name))


def _warn_of_text(loaded: Loaded, fed: Fed, column: Column, notes: Notes) -> None:
    """One warning a column: the text is kept as it is."""
    texts = fed.rows.get_column(column.name)
    for problem, pattern in (("X-63", _MISREAD), ("X-64", _UNSEEN)):
        if loaded.text.damaged_row is not None:
            continue  # X-04 has said so of the whole file
        rows = fed.rows.filter(texts.str.contains(pattern)).get_column("_row")
        if rows.len():
            place = loaded.place(int(rows.min()), shown_headings(fed.feed.columns[column.name]))  # type: ignore[arg-type]
            notes.add(problem, place, section=fed.feed.section, fields=column.name, count=f"{rows.len():,}")
