"""Temporary accommodation: households in it, how long they stay and what it costs, as counted by the metrics."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.disclosure.thresholds import SUPPRESS_BELOW
from pipelines.emit.pages.figures import ALL, Figures, dicts, months_of
from pipelines.emit.pages.words import TYPES
from pipelines.metrics.stays.survival import survival_curve, survival_summary
from pipelines.period import Quarter

FURTHEST_DAY = 1826
"""Survival curves are drawn for five years at most."""


def read_accommodation(con: duckdb.DuckDBPyConnection, figures: Figures, since: Quarter) -> None:
    """Add households in temporary accommodation, from the quarter ``since`` on."""
    counts, first = figures.counts, max(figures.months[0], since.first_day)
    seen = set()
    for row in dicts(
        con,
        "select dimension, value, first_day, stock, entries, exits from stock_month"
        " where dimension in ('all', 'type') and first_day >= $first",
        first=first,
    ):
        if row["dimension"] == ALL:
            counts["entries", row["first_day"]] = row["entries"]
            counts["exits", row["first_day"]] = row["exits"]
        elif row["stock"]:
            seen.add(row["value"])
        counts["stock", row["first_day"], row["value"]] = row["stock"]
    figures.types = tuple(name for name in TYPES if name in seen)
    for name in set(TYPES) - seen:
        for month in figures.months:
            counts.pop(("stock", month, name), None)
    for row in dicts(con, "select * from stay_bb_month where first_day >= $first", first=first):
        counts["bb_families", row["first_day"]] = row["count_families"]
        counts["bb_over", row["first_day"]] = row["count_families_over_42"]


def read_length_of_stay(con: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    """Add lengths of stays in progress and completed, and the survival curves."""
    last = figures.quarter.last_day
    ends = {quarter.last_day: figures.end_of(quarter) for quarter in figures.quarters}
    bands = con.execute(
        "select band, sum(count_households)::bigint as cases from stay_in_progress_bands"
        " where dimension = 'all' and day = ? group by band order by min(band_no)",
        [last],
    ).fetchall()
    figures.bands = tuple(band for band, _ in bands)
    for band, households in bands:
        figures.counts["band", band] = households
    for row in dicts(con, "select * from stay_in_progress_summary where dimension in ('all', 'type')"):
        if row["day"] not in ends or (row["dimension"] == "type" and row["day"] != last):
            continue
        month = ends[row["day"]]
        for name in ("mean", "median"):
            figures.add_amount(
                (f"so_far_{name}", month, row["value"]), row[f"{name}_days"], ("stock", month, row["value"])
            )
    for row in dicts(con, "select * from stay_completed where period = 'quarter' and dimension = 'all'"):
        quarter = Quarter.containing(row["first_day"])
        for name in ("mean", "median"):
            figures.add_amount((f"completed_{name}", quarter), row[f"{name}_days"], ("exits", quarter))
    for dimension in (ALL, "type"):
        found = survival_summary(con, dimension).filter(~pl.col("is_too_few"))
        for row in found.iter_rows(named=True):
            figures.survival[row["value"]] = row
        curve = survival_curve(con, dimension).filter(
            pl.col("value").is_in(found["value"].to_list()),
            ~pl.col("is_exhausted"),
            pl.col("at_risk") >= SUPPRESS_BELOW,
            pl.col("day") <= FURTHEST_DAY,
        )
        for row in curve.sort("value", "day").iter_rows(named=True):
            figures.curves.setdefault(row["value"], []).append(
                (row["day"], row["survival"], row["lower"], row["upper"])
            )


def read_cost(con: duckdb.DuckDBPyConnection, figures: Figures, since: Quarter) -> None:
    """Add the cost of each month and quarter; nothing where no rate is known."""
    rows = list(dicts(con, "select * from cost_type_month where first_day >= $first", first=figures.months[0]))
    if not any(row["gross_known"] for row in rows):
        return
    figures.has_cost = True
    months = {row["first_day"]: row for row in rows if row["ta_type"] == ALL}
    nothing = {"gross": 0, "net": 0}
    for month in figures.months:
        for name in ("gross", "net"):
            value = months.get(month, nothing)[name]
            if value is not None and month >= since.first_day:
                figures.add_amount((name, month), value, ("stock", month, ALL))
    for quarter in figures.quarters:
        for name in ("gross", "net"):
            parts = [(name, month) for month in months_of(quarter)]
            if all(part in figures.amounts for part in parts):
                total = sum(figures.amounts[part] for part in parts)
                figures.add_amount((name, quarter), total, ("stock", figures.end_of(quarter), ALL))
    in_quarter = [row for row in rows if row["first_day"] >= figures.quarter.first_day]
    for name in TYPES:
        part = [row for row in in_quarter if row["ta_type"] == name]
        if part:
            gross, net = (
                None if any(row[key] is None for row in part) else sum(row[key] for row in part) for key in nothing
            )
            figures.cost_by_type += ((name, gross, net),)
