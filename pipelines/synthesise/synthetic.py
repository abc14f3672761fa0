"""Invented households whose official tables are the published row of an authority, over one or several quarters."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.published.identities import wrong_columns
from pipelines.synthesise.assessed import assessed
from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import Case
from pipelines.synthesise.cells import OTHERS_CASES, Book, Sheet, of_interest
from pipelines.synthesise.continuing import continuing_stays
from pipelines.synthesise.districts import settle, stays
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import deal_days
from pipelines.synthesise.ended import decisions, main_endings, prevention_endings, relief_endings
from pipelines.synthesise.frames import sections
from pipelines.synthesise.history import date_case
from pipelines.synthesise.household import make_people
from pipelines.synthesise.link import Linker, Quartered
from pipelines.synthesise.occupants import describe
from schemas.law import FIRST_DAY_OF_HRA

CLASH_SCHEMA = {
    "quarter": pl.String(),
    "table": pl.String(),
    "column_path": pl.String(),
    "published": pl.Float64(),
    "reached": pl.Float64(),
    "reason": pl.String(),
    "cells": pl.String(),
}
MOST_QUARTERS = 2
"""Beyond two quarters the stays of one household are not yet dated as one."""
FREE_SCHEMA = {name: pl.String() for name in ("quarter", "table", "column_path", "measure", "reason")}


@dataclass(frozen=True)
class Synthetic:
    """What was made: the nine sections, the printed cells that cannot be reached, and the cells that were free."""

    authority: str
    quarters: tuple[Quarter, ...]
    sections: dict[str, pl.DataFrame]
    clashes: pl.DataFrame
    """One row per printed cell that contradicts others: what is printed, what the rows give, and the other cells."""
    free: pl.DataFrame
    """One row per cell that sets no aim, and why."""


def synthesise(published: Sequence[pl.DataFrame | Book], authority: str, seed: int) -> Synthetic:
    """Households of one authority whose official tables equal the published rows wherever those can hold together.

    ``published`` holds one tidy frame (``pipelines.published.reader``), or a ``Book`` of it where many authorities are
    made, for each quarter, consecutive and in order; rows of other authorities are ignored, England's say what is
    likely where the authority's cell is not printed.
    The same frames, authority and seed give the same households. Households are invented: only totals are real.

    Raises:
        InputError: a frame lacks the authority or holds more than one quarter.
        UsageError: the quarters do not follow each other, or are more than ``MOST_QUARTERS``.
    """
    sheets = [_book(given, authority).sheet(authority) for given in published]
    quarters = [sheet.quarter for sheet in sheets]
    if not sheets or any(b != a.shift(1) for a, b in pairwise(quarters)):
        raise UsageError("The published workbooks must be of quarters that follow each other, in order.")
    if len(quarters) > MOST_QUARTERS:
        raise UsageError(
            f"{len(quarters)} quarters were given and households can be invented over {MOST_QUARTERS} at most: over "
            "more their days in temporary accommodation do not hold together yet. Give two quarters."
        )
    with _all_kept():
        return _made(sheets, quarters, authority, seed)


@contextmanager
def _all_kept() -> Iterator[None]:
    """Nothing made is thrown away before the end: looking for garbage in between takes a fifth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _made(sheets: list[Sheet], quarters: list[Quarter], authority: str, seed: int) -> Synthetic:
    cases = _cases(sheets, quarters, authority, seed)
    clashes = [row for sheet in sheets for row in _merged(sheet)]
    return Synthetic(
        authority,
        tuple(quarters),
        sections(cases, authority, quarters[-1].last_day, seed),
        pl.DataFrame(clashes, schema=CLASH_SCHEMA).sort(["quarter", "table", "column_path"], maintain_order=True),
        pl.concat([_free(sheet) for sheet in sheets]),
    )


def _book(given: pl.DataFrame | Book, authority: str) -> Book:
    return given if isinstance(given, Book) else Book(of_interest(given, authority))


def _cases(sheets: list[Sheet], quarters: list[Quarter], authority: str, seed: int) -> list[Case]:
    calendar = Calendar(quarters, Draws(f"{seed} {authority} dates"))
    linker = Linker(Draws(f"{seed} {authority} links"), quarters[0].first_day <= FIRST_DAY_OF_HRA)
    several = continuing_stays(sheets, f"{seed} {authority} stays") if len(sheets) > 1 else []
    for number, sheet in enumerate(sheets):
        rng = Draws(f"{seed} {authority} {sheet.quarter}")
        if several:
            rows = several[number]
        else:
            stock = settle(sheet, rng)
            rows = stays(stock, number)
            deal_days(sheet, rows, rng)
            describe(sheet, stock, rows, rng)
        asked = Quartered(
            assessed(sheet, number, rng),
            prevention_endings(sheet, number, rng),
            relief_endings(sheet, number, rng),
            decisions(sheet, number, rng),
            main_endings(sheet, number, rng),
            rows,
        )
        linker.add(number, asked)
        last = quarters[number].last_day
        linker.place(number, rows, (last - quarters[0].first_day).days, (last - FIRST_DAY_OF_HRA).days)
    for case in linker.cases:
        date_case(case, calendar)
        make_people(case, calendar)
    return linker.cases


def _merged(sheet: Sheet) -> list[dict[str, object]]:
    """Clashes of a quarter, the known defect named, the last word on a cell kept."""
    wrong = {(w.table, w.column_path): w.reason for w in wrong_columns(str(sheet.quarter))}
    found: dict[tuple[str, str], dict[str, object]] = {}
    for row in sheet.clashes:
        key = (row["table"], row["column_path"])
        if key in wrong:
            row = {**row, "reason": f"known defect: {wrong[key]}"}
        found[key] = row
    return [row for row in found.values() if row["published"] != row["reached"]]


def _free(sheet: Sheet) -> pl.DataFrame:
    wrong = {(w.table, w.column_path): w.reason for w in wrong_columns(str(sheet.quarter)) if w.table == "A13"}
    rows = []
    for (table, path, measure), cell in sheet.cells.items():
        reason = None
        if measure in {"thousands", "rate"}:
            reason = "derived from household projections"
        elif path == OTHERS_CASES:
            reason = "counted from other authorities' cases"
        elif (table, path) in wrong:
            reason = f"known defect: {wrong[(table, path)]}"
        elif cell.value is None:
            reason = cell.note or "missing"
        if reason is not None:
            rows.append((str(sheet.quarter), table, path, measure, reason))
    return pl.DataFrame(rows, schema=FREE_SCHEMA, orient="row").sort(list(FREE_SCHEMA)[:4])
