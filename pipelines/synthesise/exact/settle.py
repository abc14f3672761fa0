"""A consistent sheet of one quarter: the printed cells, those that must give way as the exact model settles them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipelines.synthesise.cells import Cell, Sheet
from pipelines.synthesise.exact import flows, snapshot
from pipelines.synthesise.exact.model import CellRef, Proof
from pipelines.synthesise.exact.printed import Tables
from pipelines.synthesise.exact.proof import Clash, Outcome, fewest_missed

SECONDS = 20.0
"""Seconds for each group of tables that bind each other."""

_PARTS: tuple[tuple[tuple[str, ...], Callable[[Sheet, frozenset[str]], Tables]], ...] = (
    (flows.ASSESSED, lambda sheet, _: flows.assessed(sheet)),
    (flows.PREVENTION, lambda sheet, _: flows.prevention_ended(sheet)),
    (flows.RELIEF, lambda sheet, _: flows.relief_ended(sheet)),
    (flows.DECIDED, lambda sheet, _: flows.decided(sheet)),
    (flows.MAIN_ENDED, lambda sheet, _: flows.main_ended(sheet)),
    (snapshot.SNAPSHOT, lambda sheet, asked: snapshot.in_accommodation(sheet, with_days="TA7" in asked)[0]),
)
"""Tables that bind each other in print; no printed cell binds two of these groups together."""


@dataclass
class Settled:
    """``sheet`` holds together as far as it is proved; ``full`` also fills what is not printed.

    Both know the cells that give way (``Sheet.proofs``); ``out_of_time`` has the tables left without a proof.
    """

    sheet: Sheet
    full: Sheet
    out_of_time: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()
    """Tables that the solver was asked about."""


def settle(sheet: Sheet, tables: Iterable[str], seconds: float | None = None) -> Settled:
    """Ask the solver about every table that is bound to one of ``tables``; needs the extra ``exact``.

    Medians and means are asked about only where TA7 is among them.

    ``seconds`` are given to each group of tables that bind each other.
    """
    asked = frozenset(tables)
    found = Settled(_copy(sheet), _copy(sheet))
    for group, build in _PARTS:
        if asked.isdisjoint(group):
            continue
        built = build(sheet, asked)
        found.judged |= asked.union(group) if "TA7" in asked else asked.union(group) - {"TA7"}
        outcome = fewest_missed(built.model, SECONDS if seconds is None else seconds)
        if not outcome.proved:
            found.out_of_time |= set(group)
        if not outcome.values:
            continue
        _put(found, built, outcome)
    return found


def _copy(sheet: Sheet) -> Sheet:
    return Sheet(sheet.authority, sheet.quarter, dict(sheet.cells), sheet.england)


def _put(found: Settled, built: Tables, outcome: Outcome) -> None:
    reached = built.reached(outcome.values)
    bound = {(cell.table, cell.column_path) for cell in built.model.cells}
    for (table, path), value in reached.items():
        key = (table, path, "count")
        cell = found.full.cells.get(key) or Cell(table, path, "count", None, "")
        found.full.cells[key] = cell._replace(value=float(value))
        gives_way = CellRef(built.quarter, table, path) in outcome.missed
        if cell.value is not None and (gives_way or (table, path) not in bound):
            found.sheet.cells[key] = cell._replace(value=float(value))
    for missed in sorted(outcome.missed):
        key = (missed.table, missed.column_path, "days")
        for settled in (found.sheet, found.full):
            if key in settled.cells:
                settled.cells[key] = settled.cells[key]._replace(value=None)
        if outcome.proved:
            clash = _clash_of(missed, outcome)
            others = tuple(cell for cell in clash.cells if cell != missed)
            for settled in (found.sheet, found.full):
                settled.proofs[missed.table, missed.column_path] = Proof(others, clash.sentence)


def _clash_of(cell: CellRef, outcome: Outcome) -> Clash:
    """A clash of the cell, rather one from which no other cell gives way."""
    of_cell = [clash for clash in outcome.clashes if cell in clash.cells]
    return min(of_cell, key=lambda clash: (len(outcome.missed.intersection(clash.cells)), len(clash.cells)))
