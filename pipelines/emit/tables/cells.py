"""Which cells of a table's SQL make up a printed column, and which columns are hidden below which base.

Source: ``schemas/tables/cells.csv`` and ``schemas/tables/suppression.csv``; the meaning of each column is that of the
notes under MHCLG's tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from pipelines.published.headings import LAST_KNOWN_QUARTER, Column, in_force, layout_for, read_data

MEDIAN = "median"
MEAN = "mean"


@dataclass(frozen=True)
class CellRule:
    """The cells whose references a column counts: codes, ``group.*`` or ``*``; empty where no case can tell."""

    cells: tuple[str, ...]
    statistic: str = ""
    """``median`` or ``mean`` of the days, truncated, instead of a count."""

    @property
    def is_computable(self) -> bool:
        """Whether the authority's own cases give the figure."""
        return bool(self.cells)

    def matching(self, cells: Iterable[str]) -> list[str]:
        """Those of ``cells`` that the column counts."""
        return [cell for cell in cells if any(_matches(cell, wanted) for wanted in self.cells)]


def _matches(cell: str, wanted: str) -> bool:
    return wanted in ("*", cell) or (wanted.endswith(".*") and cell.startswith(wanted[:-1]))


def _in_force(row: dict[str, str], quarter: str) -> bool:
    # After the last known quarter the layout is that quarter's, and so are its rules.
    return in_force(row, min(quarter, LAST_KNOWN_QUARTER))


@lru_cache(maxsize=64)
def cell_rules(quarter: str) -> dict[tuple[str, str], CellRule]:
    """The rule of every (table, column path) of a quarter.

    Raises:
        KeyError: a column of the layout has no rule.
    """
    layout = layout_for(quarter)
    found = {
        (table, row["column_path"]): CellRule(tuple(filter(None, row["cells"].split(";"))), row["statistic"])
        for row in read_data("cells.csv")
        if _in_force(row, quarter)
        for table in row["tables"].split()
    }
    return {(column.table, column.column_path): found[column.table, column.column_path] for column in layout.columns}


@dataclass(frozen=True)
class Suppression:
    """Columns of one table that are hidden when the count in the ``base`` column is below the limit."""

    table: str
    base: Column
    hidden: tuple[Column, ...]


@lru_cache(maxsize=64)
def suppressions(quarter: str) -> tuple[Suppression, ...]:
    """The suppression rules in force in a quarter, one per table and base."""
    layout = layout_for(quarter)
    rules = cell_rules(quarter)
    found = []
    for row in read_data("suppression.csv"):
        if not _in_force(row, quarter):
            continue
        keeps = tuple(filter(None, row["keeps"].split(";")))
        for table in row["tables"].split():
            columns = layout.of(table)
            if not columns:
                continue
            base = next(
                column
                for column in columns
                if column.measure == "count" and rules[table, column.column_path].cells == (row["base"],)
            )
            hidden = tuple(
                column
                for column in columns
                if fnmatchcase(column.column_path, row["hides"]) and not any(_is_kept(column, keep) for keep in keeps)
            )
            found.append(Suppression(table, base, hidden))
    return tuple(found)


def _is_kept(column: Column, pattern: str) -> bool:
    if pattern.startswith("@"):
        return column.position == int(pattern[1:])
    return fnmatchcase(column.column_path, pattern)


@lru_cache(maxsize=64)
def bases(quarter: str) -> dict[str, Column]:
    """For each table with percentages, the column that they are a share of."""
    return {rule.table: rule.base for rule in reversed(suppressions(quarter))}


@lru_cache(maxsize=64)
def zero_shares(quarter: str) -> frozenset[tuple[str, str]]:
    """Columns in which MHCLG prints the share of the total as 0, not as suppressed, where there is no household."""
    return frozenset(
        (rule.table, column.column_path)
        for rule in suppressions(quarter)
        for column in layout_for(quarter).of(rule.table)
        if column.position == 2 and column.measure == "percent" and column not in rule.hidden
    )
