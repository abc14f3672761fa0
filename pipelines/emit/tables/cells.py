"""Which cells of a table's SQL make up a printed column, and what its percentages are shares of.

Source: ``schemas/tables/cells.csv``; the meaning of each column is that of the notes under MHCLG's tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipelines.disclosure.official import suppressions
from pipelines.published.headings import Column, data_in_force, layout_for

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


@lru_cache(maxsize=64)
def cell_rules(quarter: str) -> dict[tuple[str, str], CellRule]:
    """The rule of every (table, column path) of a quarter.

    Raises:
        KeyError: a column of the layout has no rule.
    """
    layout = layout_for(quarter)
    found = {
        (table, row["column_path"]): CellRule(tuple(filter(None, row["cells"].split(";"))), row["statistic"])
        for row in data_in_force("cells.csv", quarter)
        for table in row["tables"].split()
    }
    return {(column.table, column.column_path): found[column.table, column.column_path] for column in layout.columns}


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
