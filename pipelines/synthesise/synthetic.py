"""Invented households whose official tables are the published row of an authority, over one or several quarters."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.published.identities import wrong_columns
from pipelines.synthesise.assessed import assessed
from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import Case
from pipelines.synthesise.cells import OTHERS_CASES, Book, Sheet, of_interest
from pipelines.synthesise.clashes import CLASH_SCHEMA, NO_SOLVER, NOT_PROVED, OUT_OF_TIME, as_counted, as_noted, missed
from pipelines.synthesise.continuing import continuing_stays
from pipelines.synthesise.districts import settle, stays
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import deal_days
from pipelines.synthesise.ended import decisions, main_endings, prevention_endings, relief_endings
from pipelines.synthesise.exact.solver import is_installed
from pipelines.synthesise.frames import sections
from pipelines.synthesise.history import date_case
from pipelines.synthesise.household import make_people
from pipelines.synthesise.link import Linker, Quartered
from pipelines.synthesise.occupants import describe
from schemas.law import FIRST_DAY_OF_HRA

if TYPE_CHECKING:
    from pipelines.synthesise.recount import Recounter

MOST_WITHOUT_SOLVER = 2
"""Over more quarters with printed durations only the solver finds days that do not contradict each other."""
FREE_SCHEMA = {name: pl.String() for name in ("quarter", "table", "column_path", "measure", "reason")}


@dataclass(frozen=True)
class Synthetic:
    """What was made: the nine sections, the printed cells that are not reached, and the cells that were free."""

    authority: str
    quarters: tuple[Quarter, ...]
    sections: dict[str, pl.DataFrame]
    clashes: pl.DataFrame
    """One row per printed cell that the rows do not give: what is printed, what they give, and what is proved of it."""
    free: pl.DataFrame
    """One row per cell that sets no aim, and why."""


def synthesise(
    published: Sequence[pl.DataFrame | Book],
    authority: str,
    seed: int,
    *,
    recounted: bool = False,
    recounter: Recounter | None = None,
) -> Synthetic:
    """Households of one authority whose official tables equal the published rows wherever those can hold together.

    ``published`` holds one tidy frame (``pipelines.published.reader``), or a ``Book`` of it where many authorities are
    made, for each quarter, consecutive and in order; rows of other authorities are ignored, England's say what is
    likely where the authority's cell is not printed.
    With ``recounted`` the finished rows are counted by the official tables and every printed cell that they do not give
    is listed; without it those that the dealing knows of, in half the time. Who makes many authorities gives the
    ``recounter`` to count them in.
    The same frames, authority and seed give the same households. Households are invented: only totals are real.

    Raises:
        InputError: a frame lacks the authority or holds more than one quarter.
        UsageError: the quarters do not follow each other, or there are more than ``MOST_WITHOUT_SOLVER`` with
            printed durations and no solver.
    """
    sheets = [_book(given, authority).sheet(authority) for given in published]
    check_quarters(sheets)
    with _all_kept():
        return _made(sheets, [sheet.quarter for sheet in sheets], authority, seed, recounted, recounter)


def check_quarters(sheets: Sequence[Sheet]) -> None:
    """See that the quarters can be made as one caseload: nothing of it depends on the authority.

    Raises:
        UsageError: they do not follow each other, or there are too many with printed durations and no solver.
    """
    quarters = [sheet.quarter for sheet in sheets]
    if not sheets or any(b != a.shift(1) for a, b in pairwise(quarters)):
        raise UsageError("The published workbooks must be of quarters that follow each other, in order.")
    dated = any(sheet.paths("TA4") for sheet in sheets)
    if len(quarters) > MOST_WITHOUT_SOLVER and dated and not is_installed():
        raise UsageError(
            f"{len(quarters)} quarters were given, some of which print how long households have been in temporary "
            f"accommodation. Over more than {MOST_WITHOUT_SOLVER} the solver is needed: install hclic with the extra "
            "'exact', or give two quarters."
        )


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


def _made(
    sheets: list[Sheet],
    quarters: list[Quarter],
    authority: str,
    seed: int,
    recounted: bool,
    recounter: Recounter | None,
) -> Synthetic:
    free = pl.concat([_free(sheet) for sheet in sheets])
    asked: list[set[str]] = [set() for _ in sheets]
    while True:
        made, cases = _cases(sheets, quarters, authority, seed, asked)
        rows = sections(cases, authority, quarters[-1].last_day, seed)
        ours = _recount(rows, authority, quarters, recounter) if recounted else {}
        clashes = [
            _clashes(sheet, quarter, ours.get(sheet.quarter), free) for sheet, quarter in zip(sheets, made, strict=True)
        ]
        more = [_unasked(quarter, listed) for quarter, listed in zip(made, clashes, strict=True)]
        # What the dealing did not note may yet be a contradiction: then all is dealt again from what is settled.
        if not any(_contradict(sheet, tables) for sheet, tables in zip(sheets, more, strict=True)):
            break
        asked = [tables | quarter.judged for tables, quarter in zip(more, made, strict=True)]
    listed = pl.DataFrame([row for of_quarter in clashes for row in of_quarter], schema=CLASH_SCHEMA)
    listed = listed.sort(["quarter", "table", "column_path"], maintain_order=True)
    return Synthetic(authority, tuple(quarters), rows, listed, free)


def _clashes(sheet: Sheet, quarter: _Quarter, ours: pl.DataFrame | None, free: pl.DataFrame) -> list[dict[str, object]]:
    if ours is None:
        return as_noted(sheet, quarter.sheet, quarter.why)
    aimless = free.filter(quarter=str(sheet.quarter)).select("table", "column_path", "measure").rows()
    return as_counted(sheet, quarter.sheet, quarter.why, ours, set(aimless))


def _unasked(quarter: _Quarter, listed: list[dict[str, object]]) -> set[str]:
    """Tables with a miss about which the solver was not asked."""
    return {str(row["table"]) for row in listed if row["kind"] == NOT_PROVED} - quarter.judged


def _contradict(sheet: Sheet, tables: set[str]) -> bool:
    if not tables or not is_installed():
        return False
    from pipelines.synthesise.exact.settle import settle as settle_cells

    return bool(settle_cells(sheet, tables).sheet.proofs)


def _recount(
    rows: dict[str, pl.DataFrame], authority: str, quarters: list[Quarter], recounter: Recounter | None
) -> dict[Quarter, pl.DataFrame]:
    if recounter is not None:
        return recounter.recount(rows, authority, quarters)
    # Read here: whoever makes hundreds of authorities without a recount needs none of its modules.
    from pipelines.synthesise.recount import recount

    return recount(rows, authority, quarters)


def _book(given: pl.DataFrame | Book, authority: str) -> Book:
    return given if isinstance(given, Book) else Book(of_interest(given, authority))


@dataclass
class _Quarter:
    """What one quarter's tables ask for, dealt from ``sheet``: the printed one, or one settled by the solver."""

    sheet: Sheet
    asked: Quartered
    why: dict[str, str] = field(default_factory=dict)
    """For a table why what it misses has no proof."""
    judged: set[str] = field(default_factory=set)
    """Tables about which the solver was asked."""


def _cases(
    sheets: list[Sheet], quarters: list[Quarter], authority: str, seed: int, asked: list[set[str]]
) -> tuple[list[_Quarter], list[Case]]:
    calendar = Calendar(quarters, Draws(f"{seed} {authority} dates"))
    linker = Linker(Draws(f"{seed} {authority} links"), quarters[0].first_day <= FIRST_DAY_OF_HRA)
    made = [
        _quarter(sheet, number, f"{seed} {authority} {sheet.quarter}", tables)
        for number, (sheet, tables) in enumerate(zip(sheets, asked, strict=True))
    ]
    if len(sheets) > 1:
        _continue(made, f"{seed} {authority} stays")
    for number, quarter in enumerate(made):
        linker.add(number, quarter.asked)
        last = quarters[number].last_day
        linker.place(number, quarter.asked.stays, (last - quarters[0].first_day).days, (last - FIRST_DAY_OF_HRA).days)
    for case in linker.cases:
        date_case(case, calendar)
        make_people(case, calendar)
    return made, linker.cases


def _quarter(sheet: Sheet, number: int, seed: str, also: set[str]) -> _Quarter:
    """One quarter dealt from what is printed; where a cell is missed, from what the solver settles.

    The solver is asked about the tables with a missed cell and about those in ``also``.
    """
    asked = _ask(sheet, number, Draws(seed))
    tables = missed(sheet) | also
    if not is_installed():
        return _Quarter(sheet, asked, dict.fromkeys((table for table, _, _ in sheet.cells), NO_SOLVER))
    if not tables:
        return _Quarter(sheet, asked)
    # Read here: few authorities need the solver.
    from pipelines.synthesise.exact.settle import settle as settle_cells

    while True:
        settled = settle_cells(sheet, tables)
        for used in (settled.sheet, settled.full):
            asked = _ask(used, number, Draws(seed))
            if not missed(used):
                break
        if missed(used) <= tables:
            break
        tables |= missed(used)
    why = dict.fromkeys(settled.out_of_time, OUT_OF_TIME)
    return _Quarter(used, asked, why, set(settled.judged))


def _continue(made: list[_Quarter], seed: str) -> None:
    """Put the stays of a caseload that goes on from quarter to quarter in place of those of each quarter alone."""
    for quarter in made:
        noted = quarter.sheet.clashes
        noted[:] = [row for row in noted if not str(row["table"]).startswith("TA")]
    several = continuing_stays([quarter.sheet for quarter in made], seed)
    for quarter, rows in zip(made, several, strict=True):
        quarter.asked.stays = rows


def _ask(sheet: Sheet, number: int, rng: Draws) -> Quartered:
    sheet.clashes.clear()
    stock = settle(sheet, rng)
    rows = stays(stock, number)
    deal_days(sheet, rows, rng)
    describe(sheet, stock, rows, rng)
    return Quartered(
        assessed(sheet, number, rng),
        prevention_endings(sheet, number, rng),
        relief_endings(sheet, number, rng),
        decisions(sheet, number, rng),
        main_endings(sheet, number, rng),
        rows,
    )


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
