"""What MHCLG hides in its tables, quarter by quarter (source: ``schemas/tables/suppression.csv``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

import polars as pl

from pipelines.disclosure.policies import Breakdown, hide_as_mhclg
from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.published.headings import Column, data_in_force, layout_for


@dataclass(frozen=True)
class Suppression:
    """Columns of one table that are hidden when the count in the ``base`` column is below the limit."""

    table: str
    base: Column
    hidden: tuple[Column, ...]


@lru_cache(maxsize=64)
def suppressions(quarter: str) -> tuple[Suppression, ...]:
    """The suppression rules in force in a quarter, one per table and base."""
    return tuple(rule for row in data_in_force("suppression.csv", quarter) for rule in of_row(row, quarter))


def of_row(row: Mapping[str, str], quarter: str) -> Iterator[Suppression]:
    """What a row of ``suppression.csv`` says of the columns of a quarter, one per table, whether in force then or not.

    A table that the quarter has not is left out.
    """
    layout, paths = layout_for(quarter), _paths(quarter)
    keeps = tuple(filter(None, row["keeps"].split(";")))
    for table in row["tables"].split():
        columns = layout.of(table)
        if not columns:
            continue
        base = next(
            column
            for column in columns
            if column.measure == "count" and column.column_path in paths[table, row["base"]]
        )
        hidden = tuple(
            column
            for column in columns
            if fnmatchcase(column.column_path, row["hides"]) and not any(_is_kept(column, keep) for keep in keeps)
        )
        yield Suppression(table, base, hidden)


@lru_cache(maxsize=64)
def _paths(quarter: str) -> dict[tuple[str, str], set[str]]:
    """Column paths of a table by what is counted in them."""
    paths: dict[tuple[str, str], set[str]] = {}
    for row in data_in_force("cells.csv", quarter):
        for table in row["tables"].split():
            paths.setdefault((table, row["cells"]), set()).add(row["column_path"])
    return paths


def _is_kept(column: Column, pattern: str) -> bool:
    if pattern.startswith("@"):
        return column.position == int(pattern[1:])
    return fnmatchcase(column.column_path, pattern)


def suppress(tidy: pl.DataFrame, below: int = OFFICIAL_BASE_BELOW) -> pl.DataFrame:
    """The rows of tables of one quarter or several with what MHCLG hides hidden, in the same order."""
    parts = [
        hide_as_mhclg(
            part,
            (
                Breakdown(
                    rule.table,
                    rule.base.column_path,
                    tuple((column.column_path, column.measure) for column in rule.hidden),
                )
                for rule in suppressions(str(quarter))
            ),
            below,
        )
        for (quarter,), part in tidy.group_by("quarter", maintain_order=True)
    ]
    return pl.concat(parts) if parts else tidy
