"""The authority's row of every table that MHCLG publishes, from its own cases.

Each file of ``sql/tables/`` gives one row per cell and reference behind it, so that a figure and the list of cases that
make it up come from one query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

import sql
from pipelines.emit.tables.cells import MEAN, MEDIAN, CellRule, bases, cell_rules, zero_shares
from pipelines.errors import InputError, UsageError
from pipelines.published.cells import NOT_APPLICABLE, NOT_PUBLISHED
from pipelines.published.headings import Column, Layout, layout_for
from pipelines.published.reader import TIDY_SCHEMA
from pipelines.side_files import read_rows
from pipelines.transform import SENT, create, edition

SCHEMA = {name: TIDY_SCHEMA[name] for name in TIDY_SCHEMA if name not in ("sheet", "cell")}
"""Columns of ``official.csv`` (design §7)."""

BASES: tuple[str, ...] = (
    "base_assessed",
    "base_owed",
    "base_ended",
    "base_prevention_ended",
    "base_relief_ended",
    "base_decided",
    "base_in_ta",
)
"""Populations that several tables count; each reads only those before it and the marts."""

DAYS_TABLE = "TA7"
Projections = dict[tuple[str, str], float]


def prepare(con: duckdb.DuckDBPyConnection) -> Layout:
    """Create the populations of the reporting period that the marts were built for, and give its layout.

    Raises:
        UsageError: the quarter is before the first published one.
    """
    row = con.execute("select quarter from reporting_period").fetchone()
    assert row is not None
    layout = layout_for(row[0])
    for name in BASES:
        create(con, "tables", name)
    return layout


def read_projections(path: Path) -> Projections:
    """Households in area by (authority, quarter), in thousands; columns ``la_code, quarter, households_000s``.

    Raises:
        InputError: the file cannot be read or lacks a column.
    """
    rows = [row.cells for row in read_rows(path, ("la_code", "quarter", "households_000s"), what="projections file")]
    try:
        return {(row["la_code"], row["quarter"]): float(row["households_000s"]) for row in rows}
    except ValueError:
        raise InputError(
            f"The projections file {path.name} has a cell of households_000s that is not a number."
        ) from None


def compute_tables(con: duckdb.DuckDBPyConnection, projections: Projections | None = None) -> pl.DataFrame:
    """Every cell of every table of the quarter, unsuppressed, in the published order (columns ``SCHEMA``).

    Counts are households, or persons and needs where the column says so; percentages are fractions; rates are per
    1,000 households and need ``projections``. A figure that no case of the authority can give has no value and the
    note ``not published``.
    """
    row = con.execute("select la_code, quarter from reporting_period").fetchone()
    assert row is not None
    la_code, quarter = row
    thousands = (projections or {}).get((la_code, quarter))
    cells: list[tuple[Any, ...]] = []
    with edition(con, SENT):
        layout = prepare(con)
        for table in layout.tables:
            figures = _Figures(con, table, quarter, thousands)
            cells += [
                (la_code, quarter, table, column.column_path, column.measure, *figures.of(column))
                for column in layout.of(table)
            ]
    return pl.DataFrame(cells, schema=SCHEMA, orient="row")


class _Figures:
    """Counts, or days, of one table's cells."""

    def __init__(self, con: duckdb.DuckDBPyConnection, table: str, quarter: str, thousands: float | None) -> None:
        self.rules = cell_rules(quarter)
        self.table = table
        self.base = bases(quarter).get(table)
        self.zero_shares = zero_shares(quarter)
        self.thousands = thousands
        self.counts: dict[str, int] = {}
        self.days: dict[str, dict[str, float]] = {}
        query = sql.text(relation_of(table))
        if table == DAYS_TABLE:
            for cell, median, total, count in con.execute(
                f"select cell, median(days), sum(days), count(*) from ({query}) group by cell"
            ).fetchall():
                # MHCLG cuts the mean to whole days and prints the median as it is (synthesis-facts §2).
                self.days[cell] = {MEDIAN: float(median), MEAN: float(int(total) // int(count))}
        else:
            found = con.execute(f"select cell, count(*) from ({query}) group by cell").fetchall()
            self.counts = dict(found)

    def of(self, column: Column) -> tuple[float | None, str]:
        rule = self.rules[self.table, column.column_path]
        if column.measure == "thousands":
            return (self.thousands, "") if self.thousands is not None else (None, NOT_PUBLISHED)
        if not rule.is_computable:
            return None, NOT_PUBLISHED
        if column.measure == "days":
            # No household of the type is printed as 0 days (published-tables §2, defect 8).
            return self.days.get(rule.cells[0], {}).get(rule.statistic, 0.0), ""
        if column.measure == "count":
            return float(self._count(rule)), ""
        if column.measure == "rate":
            if not self.thousands:
                return None, NOT_PUBLISHED
            return self._count(rule) / self.thousands, ""
        assert self.base is not None, f"{self.table} has percentages and no base"
        base = self._count(self.rules[self.table, self.base.column_path])
        if base == 0:
            printed_as_zero = (self.table, column.column_path) in self.zero_shares
            return (0.0, "") if printed_as_zero and column.position == 2 else (None, NOT_APPLICABLE)
        return self._count(rule) / base, ""

    def _count(self, rule: CellRule) -> int:
        return sum(self.counts[cell] for cell in rule.matching(self.counts))


def evidence(con: duckdb.DuckDBPyConnection, table: str) -> pl.DataFrame:
    """What stands behind one table: one row per count column and reference, columns ``column_path, reference``.

    A reference is the case's; where persons or needs are counted it is ``case#person_no`` or ``case#need``.

    Raises:
        UsageError: the quarter has no such table.
    """
    with edition(con, SENT):
        return _evidence(con, table, prepare(con))


def _evidence(con: duckdb.DuckDBPyConnection, table: str, layout: Layout) -> pl.DataFrame:
    columns = layout.of(table)
    if not columns:
        raise UsageError(f"There is no table {table} in {layout.quarter}. Tables: {', '.join(layout.tables)}.")
    rules = cell_rules(layout.quarter)
    wanted = {
        column.column_path: rules[table, column.column_path]
        for column in columns
        if column.measure in ("count", "days") and not column.column_path.endswith("Mean (days)")
    }
    found = references(con, relation_of(table), wanted)
    rows = [(path, reference) for path, behind in found.items() for reference in behind]
    return pl.DataFrame(rows, schema={"column_path": pl.String(), "reference": pl.String()}, orient="row")


def references(con: duckdb.DuckDBPyConnection, relation: str, wanted: Mapping[str, CellRule]) -> dict[str, list[str]]:
    """The references that each rule counts in one relation of cells, sorted, by the name that the rule is given.

    Args:
        con: the edition in use, with the populations of ``prepare``.
        relation: path of the relation in ``sql``; one row per cell and reference.
        wanted: rule by name.
    """
    found = con.execute(f"select cell, reference from ({sql.text(relation)}) order by cell, reference").pl()
    behind = {key[0]: part["reference"].to_list() for key, part in found.group_by("cell", maintain_order=True)}
    return {
        name: _plain(sorted(one for cell in rule.matching(behind) for one in behind[cell]))
        for name, rule in wanted.items()
    }


def relation_of(table: str) -> str:
    """Path in ``sql`` of the relation that gives the cells of a published table."""
    return f"tables/{table.lower()}.sql"


def explanation(con: duckdb.DuckDBPyConnection, tables: Sequence[str] | None = None) -> pl.DataFrame:
    """What stands behind the tables, all or those named: ``table, column_path, reference, edition`` (internal).

    Raises:
        UsageError: the quarter has no such table.
    """
    with edition(con, SENT):
        layout = prepare(con)
        parts = [
            _evidence(con, name, layout).select(pl.lit(name).alias("table"), "column_path", "reference")
            for name in tables or layout.tables
        ]
    return pl.concat(parts).with_columns(edition=pl.lit("internal"))


def explain(con: duckdb.DuckDBPyConnection, table: str, column_path: str) -> list[str]:
    """The references behind one cell, sorted; their number is the cell's count.

    Raises:
        UsageError: the quarter has no such table or column.
    """
    rows = evidence(con, table)
    if column_path not in {column.column_path for column in layout_of(con).of(table)}:
        raise UsageError(f"Table {table} has no column of that path in this quarter.")
    return rows.filter(pl.col("column_path") == column_path)["reference"].to_list()


def layout_of(con: duckdb.DuckDBPyConnection) -> Layout:
    """The layout of the quarter that the marts were built for."""
    row = con.execute("select quarter from reporting_period").fetchone()
    assert row is not None
    return layout_for(row[0])


def _plain(references: list[str]) -> list[str]:
    """Case references alone where each case stands once, as under a single support need."""
    cases = [reference.partition("#")[0] for reference in references]
    needs = {reference.partition("#")[2] for reference in references}
    one_need = len(needs) == 1 and not next(iter(needs)).isdigit()
    return cases if one_need and len(set(cases)) == len(references) else references
