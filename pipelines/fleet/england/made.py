"""The rows of England and its regions from a warehouse: which authorities are in them, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from pipelines.authority import authority_name
from pipelines.errors import InputError, UsageError
from pipelines.fleet.england.rows import add_up, as_tidy, for_sharing
from pipelines.fleet.held import Held, held_in
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.published.figures import renamed_codes
from pipelines.published.reader import AUTHORITY_CODE, PublishedWorkbook
from pipelines.state import SIGNED_OFF, SUBMITTED
from schemas.codelists import codelist

AUTHORITIES = {
    "la_code": pl.String(),
    "name": pl.String(),
    "region_code": pl.String(),
    "region": pl.String(),
    "run_id": pl.String(),
    "as_at": pl.Date(),
    "result": pl.String(),
    "return_state": pl.String(),
    "software_version": pl.String(),
    "cells": pl.String(),
    "is_used": pl.Boolean(),
    "why": pl.String(),
}
"""One row per authority of the workbook or the warehouse: its run of the quarter, how that stands (``return_state``:
``pipelines.state``), where its cells come from, whether its figures count, and why or why not."""

NOTHING_HELD = "The warehouse holds nothing of it."
NOT_PRINTED = "The workbook has no row of it."


@dataclass(frozen=True)
class England:
    """What was made. ``shown`` is for sharing, ``internal`` is not (``rows.SCHEMA``); ``authorities``: which count."""

    shown: pl.DataFrame
    internal: pl.DataFrame
    authorities: pl.DataFrame
    quarter: Quarter
    edition: str
    """Of the workbook."""

    @property
    def marked(self) -> pl.DataFrame:
        """The internal rows; each says ``internal`` in its last column."""
        return self.internal.with_columns(edition=pl.lit("internal"))

    @property
    def used(self) -> pl.DataFrame:
        """The authorities whose figures count."""
        return self.authorities.filter(pl.col("is_used"))

    @property
    def unused(self) -> pl.DataFrame:
        """The others."""
        return self.authorities.filter(~pl.col("is_used"))

    @property
    def newest_export(self) -> date:
        """Day of the newest export that counts; of none, the quarter's last day."""
        found = self.used["as_at"].max()
        return found if isinstance(found, date) else self.quarter.last_day

    @property
    def words(self) -> str:
        """How many authorities are in it, and how their returns stand."""
        signed = self.used.filter(pl.col("return_state").is_in([SIGNED_OFF, SUBMITTED])).height
        return (
            f"{self.used.height:,} of {self.authorities.height:,} authorities are added up: {signed:,} with a return"
            f" that is signed off, {self.used.height - signed:,} with one that was made and is not signed off."
        )


def england(place: Place, quarter: Quarter, book: PublishedWorkbook) -> England:
    """Add up what a warehouse holds of a quarter, beside the workbook of that quarter.

    Raises:
        UsageError: the workbook is of another quarter.
        InputError: the warehouse cannot be read, or no authority of the workbook has figures that count.
    """
    _check_quarter(quarter, book)
    held, cells = held_in(place, quarter)
    return england_of(held, cells, quarter, book)


def england_of(held: Sequence[Held], cells: pl.DataFrame, quarter: Quarter, book: PublishedWorkbook) -> England:
    """The same of what ``held.held_in`` gives.

    Raises:
        UsageError: the workbook is of another quarter.
        InputError: no authority of the workbook has figures that count.
    """
    _check_quarter(quarter, book)
    printed = sorted(set(book.tidy["la_code"].str.extract(f"^({AUTHORITY_CODE.pattern})$").drop_nulls()))
    held, code_of = _known(held, printed)
    used = {one.la_code: one for one in held if one.is_used and one.la_code in code_of}
    if not used:
        raise InputError(
            f"No authority of the workbook has a run of {quarter} in the warehouse whose return was made. Make one with"
            " hclic run."
        )
    tidy = as_tidy(cells, str(quarter), {code: code_of[code] for code in used})
    below = {code_of[code]: one.settings.suppress_below for code, one in used.items()}
    region_of = {code: str(codelist("authority").codes[code].extra["region_code"]) for code in printed}
    published = book.tidy.drop("sheet", "cell")
    return England(
        add_up(for_sharing(tidy, below), published, region_of),
        add_up(tidy, published, region_of),
        _authorities(held, code_of, printed, used),
        quarter,
        book.edition,
    )


def _check_quarter(quarter: Quarter, book: PublishedWorkbook) -> None:
    if book.quarter != str(quarter):
        raise UsageError(
            f"The workbook is of {book.quarter}, {Quarter.parse(book.quarter).words}, and --quarter is {quarter}. Give"
            " the workbook of that quarter."
        )


def _known(held: Sequence[Held], printed: Sequence[str]) -> tuple[list[Held], dict[str, str]]:
    """The authorities, and the code in the workbook of each that stands there; of two under one code, the newer one."""
    renamed, code_of = renamed_codes(set(printed)), dict[str, str]()
    found = []
    for one in sorted(held, key=lambda one: (one.la_code not in printed, not one.is_used, one.la_code)):
        code = one.la_code if one.la_code in printed else renamed.get(one.la_code)
        if code is None:
            one = replace(one, source="", why=NOT_PRINTED)
        elif code in code_of.values():
            one = replace(one, source="", why=f"It is counted under its newer code {code}.")
        else:
            code_of[one.la_code] = code
        found.append(one)
    return found, code_of


def _authorities(
    held: Sequence[Held], code_of: Mapping[str, str], printed: Sequence[str], used: Mapping[str, Held]
) -> pl.DataFrame:
    rest = sorted(set(printed) - set(code_of.values()))
    rows = []
    for one in (*held, *(Held(code, why=NOTHING_HELD) for code in rest)):
        listed, run = codelist("authority").codes[one.la_code].extra, one.run
        rows.append(
            {
                "la_code": one.la_code,
                "name": authority_name(one.la_code),
                "region_code": listed["region_code"],
                "region": listed["region"],
                "run_id": run.run_id if run else None,
                "as_at": run.as_at if run else None,
                "result": one.state.result,
                "return_state": one.state.sign_off,
                "software_version": one.software_version or None,
                "cells": one.source or None,
                "is_used": one.la_code in used,
                "why": f"{one.state.label}." if one.la_code in used else one.why,
            }
        )
    return pl.DataFrame(rows, schema=AUTHORITIES).sort("la_code")
