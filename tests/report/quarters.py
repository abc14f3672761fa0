"""Editions with made-up tables: what a report is written from, without cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.metrics.editions import Edition
from pipelines.period import Quarter

NOW = Quarter(2025, 3)
BEFORE, YEAR_BEFORE = NOW.shift(-1), NOW.shift(-4)


def edition(*, internal: bool = False, as_at: date = NOW.last_day, **tables: pl.DataFrame) -> Edition:
    """An edition of July to September 2025 that holds these tables and no other."""
    con = duckdb.connect(":memory:")
    con.execute(
        "create table reporting_period as select 'E06000034' as la_code, '2025-Q3' as quarter, ?::date as as_at",
        [as_at],
    )
    made = _Given(con, internal)
    made._frames.update(tables)
    return made


class _Given(Edition):
    def has(self, name: str) -> bool:
        return name in self._frames


def arrivals(now: int | None, before: int | None, year_before: int | None) -> pl.DataFrame:
    """Applications of the three quarters that a report compares; none: left out."""
    values = [year_before, before, now]
    return pl.DataFrame(
        {
            "first_day": [quarter.first_day for quarter in (YEAR_BEFORE, BEFORE, NOW)],
            "applications": values,
            "note": ["suppressed" if value is None else "" for value in values],
        },
        schema_overrides={"applications": pl.Int64},
    )


def stock(now: int | None, before: int | None, year_before: int | None, kind: str = "all") -> pl.DataFrame:
    """Households in temporary accommodation on the three quarters' last days."""
    values = [year_before, before, now]
    return pl.DataFrame(
        {
            "dimension": ["all" if kind == "all" else "type"] * 3,
            "value": [kind] * 3,
            "first_day": [quarter.last_day.replace(day=1) for quarter in (YEAR_BEFORE, BEFORE, NOW)],
            "stock": values,
            "note": ["suppressed" if value is None else "" for value in values],
        },
        schema_overrides={"stock": pl.Int64},
    )


def first_stage(*rows: tuple[Quarter, int, int]) -> pl.DataFrame:
    """Prevention duties that ended and those with accommodation, by quarter."""
    return pl.DataFrame(
        [
            {"first_day": quarter.first_day, "owed_prevention": 30, "owed_relief": 129} | _ended(*counts)
            for quarter, *counts in rows
        ]
    )


def _ended(ended: int, prevented: int) -> dict[str, Any]:
    return {"prevention_ended": ended, "prevented": prevented, "note": ""}


def reasons(*rows: tuple[str, int | None, int | None, int | None]) -> pl.DataFrame:
    """Reasons of the quarter: label, households, rank, rank a year before."""
    columns = ("label", "count_cases", "rank_no", "rank_no_year_before")
    return pl.DataFrame(
        rows, schema=dict(zip(columns, (pl.String, *[pl.Int64] * 3), strict=True)), orient="row"
    ).select(
        pl.lit(NOW.first_day).alias("first_day"),
        pl.col("label").str.to_lowercase().alias("reasonloss"),
        *columns,
        pl.when(pl.col("count_cases").is_null()).then(pl.lit("suppressed")).otherwise(pl.lit("")).alias("note"),
    )


def endings(**groups: int | None) -> pl.DataFrame:
    """How relief duties ended in the quarter; underscores stand for blanks."""
    return pl.DataFrame(
        [
            {
                "duty": "relief",
                "first_day": NOW.first_day,
                "outcome_group": name.strip("_").replace("_", " "),
                "count_cases": count,
                "note": "suppressed" if count is None else "",
            }
            for name, count in groups.items()
        ],
        schema_overrides={"count_cases": pl.Int64},
    )
