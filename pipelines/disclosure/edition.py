"""The shareable edition of the metrics: the one place where all its tables pass together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from pipelines.disclosure.policies import Cell, Links, blank, protect
from pipelines.disclosure.shareable import DIFFERENCES, SHAREABLE, Shareable
from pipelines.disclosure.solver import lines_of_table

CHARACTERISTICS = "outcome_characteristic"
"""Outcomes of a year by protected characteristic. Its figures compare a group with everyone else, so that a row leaves
whole or not at all, and it is not among ``SHAREABLE``."""

_KEY = ("duty", "characteristic", "value")
_OF_EVERYONE_ELSE = ("share_others", "difference", "difference_low", "difference_high")


def share(frames: Mapping[str, pl.DataFrame], year: Sequence[date] = ()) -> dict[str, pl.DataFrame]:
    """Metrics as they may be shared: small counts empty, and ``note`` says which rows they are in.

    All tables are treated together, because one number may stand in several of them.

    Args:
        frames: the internal edition of each metric by name, one row per its grain.
        year: first days of the quarters whose sum the outcomes by characteristic are.

    Raises:
        KeyError: a metric is not one that is shared.
    """
    unknown = [name for name in frames if not is_shared(name)]
    if unknown:
        raise KeyError(unknown[0])
    counted = {name: _kept(name, frames[name]) for name in SHAREABLE if name in frames}
    tables = _Tables()
    for name, frame in counted.items():
        if SHAREABLE[name].rounded is None:
            tables.add(name, SHAREABLE[name], frame)
    tables.join()
    characteristics = {name: _characteristics(frame) for name, frame in frames.items() if name == CHARACTERISTICS}
    totals = {total for frame in characteristics.values() for total in tables.add_years(frame, year)}
    hidden = protect(tables.cells, Links(tables.lines))
    duties = {str(duty) for duty, _ in totals & hidden}
    shared = {name: _without(name, frame, hidden) for name, frame in counted.items()}
    shared |= {name: _without_duties(frame, duties) for name, frame in characteristics.items()}
    return shared


def is_shared(name: str) -> bool:
    """Whether the shareable edition holds the metric."""
    return name in SHAREABLE or name == CHARACTERISTICS


def _kept(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows and columns of a metric that are shared at all."""
    how = SHAREABLE[name]
    for column, value in how.only.items():
        frame = frame.filter(pl.col(column) == value).drop(column)
    for column, values in how.rows_of.items():
        frame = frame.filter(pl.col(column).is_in(values))
    return frame.drop(how.drop)


def _cell(name: str, row: tuple[Any, ...], column: str) -> Cell:
    """The cell of a table; one number that stands in two tables is one cell."""
    if name == "outcome_quarter":
        return ("ended", *row)
    if name == "outcome_sustained" and column == "ended_with_accommodation" and row[0] != "all":
        return ("ended", *row, "accommodated")
    if name == "case_first_stage_quarter" and column in ("prevention_ended", "prevented"):
        return ("ended", "prevention", row[0], "all" if column == "prevention_ended" else "accommodated")
    return (name, row, column)


class _Tables:
    """All tables of the edition as cells and lines."""

    def __init__(self) -> None:
        self.cells: dict[Cell, int] = {}
        self.lines: list[tuple[Cell, Sequence[Cell]]] = []

    def add(self, name: str, how: Shareable, frame: pl.DataFrame) -> None:
        rows = frame.select(how.dimensions).rows()
        here: dict[tuple[tuple[Any, ...], str], Cell] = {}
        for column in how.counts:
            for row, value in zip(rows, frame[column].to_list(), strict=True):
                if value is not None:
                    here[row, column] = _cell(name, row, column)
                    self.cells[here[row, column]] = int(value)
        for column in how.counts:
            known = [row for row in rows if (row, column) in here]
            lines = _lines_of_breakdowns(known, how) if how.parts_of_all else lines_of_table(known)
            self.lines += [(here[total, column], [here[part, column] for part in parts]) for total, parts in lines]
        for row in rows:
            for total, parts in how.within.items():
                if (row, total) in here:
                    self.lines.append((here[row, total], [here[row, part] for part in parts]))
            for whole, part in DIFFERENCES.get(name, ()):
                if (row, whole) in here and (row, part) in here:
                    rest = (name, row, f"{whole} less {part}")
                    self.cells[rest] = self.cells[here[row, whole]] - self.cells[here[row, part]]
                    self.lines.append((here[row, whole], [here[row, part], rest]))

    def join(self) -> None:
        """Lines between tables: households owed a duty by duty and by reason are those of the table of plans."""
        for cell in [cell for cell in self.cells if cell[0] == "case_plans" and cell[2] == "owed_a_duty"]:
            day, team = cell[1]
            if team != "all":
                continue
            by_duty = [("case_first_stage_quarter", (day,), column) for column in ("owed_prevention", "owed_relief")]
            by_reason = [other for other in self.cells if other[0] == "reason_quarter" and other[1][0] == day]
            for parts in (by_duty, by_reason):
                if parts and sum(self.cells.get(part, 0) for part in parts) == self.cells[cell]:
                    self.lines.append((cell, list(parts)))

    def add_years(self, frame: pl.DataFrame, year: Sequence[date]) -> list[Cell]:
        """Totals of the outcomes by characteristic that are sums over quarters of another table; their cells."""
        shown = frame.filter(pl.col("value") == "all", pl.col("note") == "")
        added: list[Cell] = []
        for duty, ended, well in shown.select("duty", "ended", "accommodated").unique().rows():
            for group, count in (("all", ended), ("accommodated", well)):
                quarters: list[Cell] = [("ended", duty, day, group) for day in year]
                known = [cell for cell in quarters if cell in self.cells]
                # They are the same sum only where the window ends with a quarter.
                if known and sum(self.cells[cell] for cell in known) == count:
                    added.append((duty, group))
                    self.cells[duty, group] = count
                    self.lines.append(((duty, group), known))
        return added


def _lines_of_breakdowns(
    rows: Sequence[tuple[Any, ...]], how: Shareable
) -> list[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    assert how.parts_of_all is not None
    breakdown, value = (how.dimensions.index(column) for column in how.parts_of_all)
    parts: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        if row[breakdown] != "all":
            total = list(row)
            total[breakdown] = total[value] = "all"
            parts.setdefault((*total, row[breakdown]), []).append(row)
    known = set(rows)
    return [(key[:-1], found) for key, found in parts.items() if key[:-1] in known]


def _without(name: str, frame: pl.DataFrame, hidden: set[Cell]) -> pl.DataFrame:
    how = SHAREABLE[name]
    if how.rounded is not None:
        nearest = how.rounded
        return frame.with_columns(
            *((pl.col(column) + nearest // 2) // nearest * nearest for column in how.counts),
            note=pl.lit(f"rounded to the nearest {nearest}"),
        )
    rows = frame.select(how.dimensions).rows()
    gone = {column: [_cell(name, row, column) in hidden for row in rows] for column in how.counts}
    has_gap = pl.Series("note", [any(flags) for flags in zip(*gone.values(), strict=True)], dtype=pl.Boolean)
    columns = {column: pl.Series(flags, dtype=pl.Boolean) for column, flags in gone.items()}
    blanked = blank(frame, columns | dict.fromkeys(how.derived, has_gap), note=has_gap)
    return blanked.drop(how.counts) if how.without_counts else blanked


def _characteristics(frame: pl.DataFrame) -> pl.DataFrame:
    """Outcomes by characteristic, without the rows that are small or would give one away.

    Accommodated and not accommodated are the parts of ended, values the parts of the total, so neither gives the other
    away; all characteristics of a duty share its total.
    """
    figures = [name for name in frame.columns if name not in (*_KEY, "note")]
    hidden: set[tuple[str, str, str]] = set()
    for (duty,), of_duty in frame.group_by("duty", maintain_order=True):
        cells: dict[Cell, int] = {}
        groups: dict[str, list[str]] = {}
        rows = {(name, value): _row(name, value) for name, value in of_duty.select(*_KEY[1:]).rows()}
        for name, value, ended, well in of_duty.select(*_KEY[1:], "ended", "accommodated").rows():
            row = rows[name, value]
            cells |= {(row, "all"): ended, (row, "accommodated"): well, (row, "not"): ended - well}
            groups.setdefault(name, []).append(row)
        links = Links()
        for chosen in groups.values():
            links.sums += lines_of_table([cell for cell in cells if cell[0] in chosen])
        gone = {cell[0] for cell in protect(cells, links)}
        hidden |= {(str(duty), *key) for key, row in rows.items() if row in gone}
    touched = {key[:2] for key in hidden}
    keys = frame.select(*_KEY).rows()
    is_hidden = pl.Series([key in hidden for key in keys], dtype=pl.Boolean)
    # With the total shown, the share of everyone else could be turned back into the hidden counts.
    is_beside = pl.Series([key[:2] in touched for key in keys], dtype=pl.Boolean)
    flags = {name: is_beside if name in _OF_EVERYONE_ELSE else is_hidden for name in figures}
    return blank(frame, flags, note=is_hidden)


def _row(characteristic: str, value: str) -> str:
    return f"{characteristic}={value}" if value != "all" else "all"


def _without_duties(frame: pl.DataFrame, duties: set[str]) -> pl.DataFrame:
    """Outcomes by characteristic without any figure of these duties."""
    gone = frame.select(pl.col("duty").is_in(sorted(duties)))["duty"]
    return blank(frame, {name: gone for name in frame.columns if name not in (*_KEY, "note")}, note=gone)
