"""From the text of cells to typed values, a whole column at once."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.extract import parsing
from pipelines.extract.amounts import nightly_column, parse_rate
from pipelines.extract.dates import parse_date
from pipelines.extract.parsing import fold
from schemas.sections import SECTION, Column
from schemas.sources import Feed, Profile, Source

FAILURES = pl.Schema(
    {
        "_i": pl.Int64(),
        "_row": pl.Int64(),
        "case_ref": pl.String(),
        "section": pl.String(),
        "column": pl.String(),
        "kind": pl.String(),
        "heading": pl.String(),
        "raw": pl.String(),
        "problem": pl.String(),
    }
)
"""One row per cell that could not be parsed; ``_i`` counts the table's rows from 0."""


def typed_cells(raw: pl.DataFrame, feed: Feed, profile: Profile) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """The rows with typed columns, the cells that were not understood, and the times left out by heading."""
    section = SECTION[feed.section]
    fields = [section.column(name) for name in feed.columns]
    typed = raw.select(
        "_i", "_row", "_slot", "_part", *[_quick(one, feed.columns[one.name], profile) for one in fields]
    )
    left = typed.select(
        (pl.col(one.name).is_null() & raw.get_column(one.name).is_not_null()).any().alias(one.name)
        for one in fields
        if one.kind != "text"
    )
    failures = []
    timed: dict[str, int] = {}
    for one in fields:
        if one.kind == "text" or not left.get_column(one.name)[0]:
            continue
        source = feed.columns[one.name]
        mask = typed.get_column(one.name).is_null() & raw.get_column(one.name).is_not_null()
        texts = raw.get_column(one.name).filter(mask)
        values, problems, with_time = _slow(one, source, profile, texts.unique().to_list())
        if values:
            patch = raw.get_column(one.name).replace_strict(values, default=None, return_dtype=one.dtype)
            typed = typed.with_columns(pl.coalesce(pl.col(one.name), patch).alias(one.name))
        if with_time:
            timed[shown_headings(source)] = int(texts.is_in(sorted(with_time)).sum())
        if problems:
            bad = raw.filter(mask & raw.get_column(one.name).is_in(list(problems)))
            failures.append(
                bad.select(
                    "_i",
                    "_row",
                    "case_ref",
                    pl.lit(feed.section).alias("section"),
                    pl.lit(one.name).alias("column"),
                    pl.lit(one.kind).alias("kind"),
                    heading_of(source).alias("heading"),
                    pl.col(one.name).alias("raw"),
                    pl.col(one.name).replace_strict(problems, return_dtype=pl.String()).alias("problem"),
                )
            )
    found = pl.concat(failures) if failures else pl.DataFrame(schema=FAILURES)
    return typed, found, timed


def spellings_met(raw: pl.DataFrame, feed: Feed, profile: Profile) -> dict[str, set[str]]:
    """Column with any cell filled → those of the profile's spellings that some cell has, folded."""
    met = {}
    for name, source in feed.columns.items():
        column = SECTION[feed.section].column(name)
        if own := own_spellings(column, source, profile):
            texts = raw.get_column(name).drop_nulls().unique()
            by = source.separator
            pieces = {fold(piece) for text in texts for piece in (text.split(by) if column.kind == "codes" else [text])}
            if pieces:
                # What an empty cell means is said for the day when there is one.
                met[name] = (pieces | {""}) & {fold(spelling) for spelling in own}
    return met


def spellings_read(raw: pl.DataFrame, feed: Feed, profile: Profile) -> dict[str, dict[str, str]]:
    """Column of codes → the code that each spelling which was understood stands for; spellings are folded.

    What is not understood is not there: it may be anything, a name from a shifted row among it.
    """
    read = {}
    for name, source in feed.columns.items():
        column = SECTION[feed.section].column(name)
        if column.codelist is None or column.kind not in ("code", "codes") or source.constant is not None:
            continue
        own = {fold(one): code for one, code in own_spellings(column, source, profile).items()}
        known = dict(parsing.folded_codes(column.codelist)) | own
        texts, by = raw.get_column(name).drop_nulls().unique(), source.separator
        pieces = {fold(piece) for text in texts for piece in (text.split(by) if column.kind == "codes" else [text])}
        read[name] = {piece: known[piece] for piece in pieces if piece in known}
    return read


def shown_headings(source: Source) -> str:
    """The headings of the column, joined."""
    return " + ".join(source.columns)


def heading_of(source: Source) -> pl.Expr:
    """The heading over the cell of each row, the number of its repeat filled in."""
    first, *rest = shown_headings(source).split("{n}")
    parts = [pl.lit(first)]
    for piece in rest:
        parts += [pl.col("_slot").cast(pl.String), pl.lit(piece)]
    return pl.concat_str(parts)


def _quick(column: Column, source: Source, profile: Profile) -> pl.Expr:
    """The spellings that make up nearly all cells, for a whole column at once; the rest stays null."""
    cell = pl.col(column.name)
    if column.kind == "text":
        blank = sorted(parsing.blank_texts(in_text=True) | {fold(one) for one in profile.blanks})
        return pl.when(~cell.str.to_lowercase().is_in(blank)).then(cell).otherwise(None).alias(column.name)
    if column.kind == "date":
        # A day that the profile calls a blank is left to the slower look.
        iso = (
            pl.when(~cell.is_in(list(profile.blanks)) & cell.str.contains(r"^\d{4}-\d\d-\d\d$"))
            .then(cell)
            .otherwise(None)
        )
        return iso.str.to_date("%Y-%m-%d", strict=False).alias(column.name)
    if column.kind == "integer":
        plain = pl.when(cell.str.contains(r"^\d{1,15}$")).then(cell).otherwise(None)
        return plain.cast(pl.Int64, strict=False).alias(column.name)
    if column.kind == "number":
        plain = pl.when(cell.str.contains(r"^\d{1,15}(\.\d{1,15})?$")).then(cell).otherwise(None)
        return nightly_column(plain.cast(pl.Float64, strict=False), source.per).alias(column.name)
    if column.kind == "flag":
        known = {"yes": True, "no": False, "Yes": True, "No": False, "true": True, "false": False}
        own = {raw: word == "yes" for raw, word in source.codes.items()}
        spelt = {raw: value for raw, value in known.items() if fold(raw) not in {fold(one) for one in own}} | own
        return cell.replace_strict(spelt, default=None, return_dtype=pl.Boolean()).alias(column.name)
    spellings = _exact(column, source, profile)
    return cell.replace_strict(spellings, default=None, return_dtype=pl.String()).alias(column.name)


def own_spellings(column: Column, source: Source, profile: Profile) -> dict[str, str]:
    """Code, or yes and no, by spelling: what the profile gives for the column's code list, and for the column."""
    return {**profile.codes.get(column.codelist or "", {}), **source.codes}


def _exact(column: Column, source: Source, profile: Profile) -> dict[str, str]:
    known = dict(parsing.exact_codes(column.codelist or ""))
    own = own_spellings(column, source, profile)
    if not own:
        return known
    folded = {fold(raw) for raw in own}
    return {raw: code for raw, code in known.items() if fold(raw) not in folded} | own


def _slow(
    column: Column, source: Source, profile: Profile, texts: list[str]
) -> tuple[dict[str, Any], dict[str, str], set[str]]:
    """Values by text, problems by text, and the texts whose time of day was left out."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    timed: set[str] = set()
    blank = parsing.blank_texts(in_text=False) | {fold(one) for one in profile.blanks}
    if column.kind not in ("code", "codes"):
        blank |= parsing.unknown_texts()
    folded = dict(parsing.folded_codes(column.codelist)) if column.codelist else {}
    own = {fold(raw): code for raw, code in own_spellings(column, source, profile).items()}
    folded |= own
    # Two digits of a birth may mean either century.
    years = None if column.name == "date_of_birth" else profile.two_digit_years
    for text in texts:
        value: Any = None
        problem: str | None = None
        if column.kind == "code":
            value, problem = folded.get(fold(text)), parsing.CODE
        elif column.kind == "codes":
            pieces = [fold(piece) for piece in text.split(source.separator)]
            pieces = [piece for piece in pieces if piece and piece not in blank]
            if all(piece in folded for piece in pieces):
                value = ";".join(dict.fromkeys(folded[piece] for piece in pieces)) or None
                problem = None
            else:
                problem = parsing.CODE
        elif column.kind == "flag" and fold(text) in own:
            value = own[fold(text)] == "yes"
        elif fold(text) in blank:
            continue
        elif column.kind == "date":
            value, problem, with_time = parse_date(text, profile.dates, years)
            if with_time:
                timed.add(text)
        elif column.kind == "integer":
            read = parsing.parse_age if column.name == "age" else parsing.parse_integer
            value, problem = read(text), parsing.INTEGER
            # No whole number of the return is below 0, and its XSD refuses one.
            value = None if value is not None and value < 0 else value
        elif column.kind == "number":
            value = parse_rate(text, source.per) if column.is_nightly else parsing.parse_number(text)
            problem = parsing.NUMBER
        else:
            value, problem = parsing.parse_flag(text), parsing.FLAG
        if value is not None:
            values[text] = value
        elif problem and fold(text) not in blank:
            problems[text] = problem
    return values, problems, timed
