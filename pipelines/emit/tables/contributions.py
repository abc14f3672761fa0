"""What each case adds to each count of the official tables: the vectors that a reconciliation reckons with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

import duckdb
import polars as pl

import sql
from pipelines.emit.tables.build import DAYS_TABLE, prepare
from pipelines.emit.tables.cells import MEAN, MEDIAN, CellRule, cell_rules
from pipelines.published.headings import Layout
from pipelines.transform import edition

Cell = tuple[str, str]
"""Table and column path of a count."""

Vector = dict[Cell, int]
"""What is added to each count; a cell that is not named is not touched."""


@dataclass
class Contributions:
    """``counts``: by case, what it adds to each count. ``days``: by case, its type of accommodation and its days."""

    counts: dict[str, Vector] = field(default_factory=dict)
    days: dict[str, tuple[str, int]] = field(default_factory=dict)

    def of(self, case_ref: str) -> Vector:
        """The counts of one case; nothing for a case that no table counts."""
        return self.counts.get(case_ref, {})


def contributions(con: duckdb.DuckDBPyConnection, edition_name: str) -> Contributions:
    """What each case of an edition adds to the tables of the quarter that it was built for."""
    with edition(con, edition_name):
        layout = prepare(con)
        rules = cell_rules(layout.quarter)
        counted = con.execute(
            " union all ".join(
                f"select '{table}' as table_name, cell, split_part(reference, '#', 1) as case_ref, count(*) as found"
                f" from ({sql.text(f'tables/{table.lower()}.sql')}) group by all"
                for table in layout.tables
                if table != DAYS_TABLE
            )
        ).pl()
        days = (
            con.execute(f"select cell, reference, days from ({sql.text('tables/ta7.sql')})").fetchall()
            if DAYS_TABLE in layout.tables
            else []
        )
    columns = _columns(counted.select("table_name", "cell").unique().iter_rows(), layout, rules)
    by_case = (
        counted.join(columns, on=["table_name", "cell"])
        .group_by("case_ref", "table_name", "column_path")
        .agg(pl.col("found").sum())
        .sort("case_ref", "table_name", "column_path")
    )
    found = Contributions(days={case_ref: (cell, int(stay)) for cell, case_ref, stay in days})
    for case_ref, table, path, count in by_case.iter_rows():
        found.counts.setdefault(case_ref, {})[table, path] = int(count)
    return found


def _columns(cells: Iterable[tuple[str, ...]], layout: Layout, rules: Mapping[Cell, CellRule]) -> pl.DataFrame:
    """One row per cell of a table's SQL and count column that holds it."""
    counts: dict[str, list[tuple[str, CellRule]]] = {}
    for column in layout.columns:
        if column.measure == "count":
            counts.setdefault(column.table, []).append((column.column_path, rules[column.table, column.column_path]))
    rows = [(table, cell, path) for table, cell in cells for path, rule in counts[table] if rule.matching([cell])]
    return pl.DataFrame(rows, schema=["table_name", "cell", "column_path"], orient="row")


def plus(*vectors: Mapping[Cell, int]) -> Vector:
    """The sum of vectors, without what cancels out."""
    total: Vector = {}
    for vector in vectors:
        for cell, count in vector.items():
            total[cell] = total.get(cell, 0) + count
    return {cell: count for cell, count in total.items() if count}


def minus(vector: Mapping[Cell, int]) -> Vector:
    """The vector that takes away what this one adds."""
    return {cell: -count for cell, count in vector.items()}


STATISTICS: dict[str, Callable[[list[int]], float]] = {
    # MHCLG cuts the mean to whole days and prints the median as it is (synthesis-facts §2).
    MEDIAN: lambda days: float(median(days)) if days else 0.0,
    MEAN: lambda days: float(sum(days) // len(days)) if days else 0.0,
}
