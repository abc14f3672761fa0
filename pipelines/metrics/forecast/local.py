"""Forecasts of one authority's own series, for pages, reports and the what-if of cost.

A pure function of an edition's tables, so that a forecast gives no more away than they do. Applications are read from
``case_arrivals_quarter``, temporary accommodation from ``stock_month``; series begin where ``history_start`` says that
the export is whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from pipelines.metrics.forecast.api import forecast_series
from pipelines.metrics.forecast.coherent import fitted_flow, fitted_parts
from pipelines.metrics.forecast.labels import LAST_VALUE
from pipelines.metrics.forecast.measures import STOCK_TOTAL, of_ta_type
from pipelines.metrics.forecast.record import record_of
from pipelines.period import Quarter

APPLICATIONS, ARRIVALS, EXITS = "applications", "ta_arrivals", "ta_exits"

LIKE = {APPLICATIONS: "assessments"}
"""The published measure that a local series is like, where it has another name; arrivals and exits are like none."""

ROWS = {
    "measure": pl.String,
    "quarter": pl.String,
    "point": pl.Int64,
    "lo_80": pl.Int64,
    "hi_80": pl.Int64,
    "last_value": pl.Int64,
    "model": pl.String,
}


class Figures(Protocol):
    """What is read of an edition (``pipelines.metrics.editions.Edition``)."""

    @property
    def quarter(self) -> Quarter:
        """The quarter that the figures are about."""

    def has(self, name: str) -> bool:
        """Whether there is such a table."""

    def table(self, name: str) -> pl.DataFrame:
        """The table; what stays behind is null."""


@dataclass(frozen=True)
class Forecasts:
    """What is expected of the next quarters.

    rows: one row per measure and quarter ahead: ``measure`` (``applications``, ``ta_households`` and, where they are
        known, ``ta_arrivals, ta_exits`` and a measure per type: ``ta_bb`` …), ``quarter`` (``2025-Q4``), ``point,
        lo_80, hi_80, last_value`` (whole households; flows by quarter, stocks on its last day) and ``model`` (see
        ``labels.MODEL_LABELS``). Types add up to ``ta_households``, and that is the stock before plus
        ``ta_arrivals`` less ``ta_exits``.
    record: one row per measure: ``measure, like, model_error, last_value_error, seasonal_naive_error`` (mean absolute
        scaled errors on published quarters that the model had not seen), ``cover_80, series, sentence``.
    why_none: a sentence where there is no row; else empty.
    """

    rows: pl.DataFrame
    record: pl.DataFrame
    why_none: str


def local_forecasts(edition: Figures, horizon: int = 4) -> Forecasts:
    """Forecast applications and households in temporary accommodation for the ``horizon`` quarters after the edition's.

    Raises:
        UsageError: the horizon is less than a quarter.
    """
    history = local_history(edition)
    if history.is_empty():
        return _none("There is no forecast: no whole quarter is on record yet.")
    result = forecast_series(history, horizon, (80,))
    if result.forecast.is_empty():
        return _none("There is no forecast: the figures of the last quarters are not known, or rest on small numbers.")
    rows = _coherent(result.forecast, history)
    wanted = rows["measure"].unique(maintain_order=True).to_list()
    return Forecasts(rows, record_of({measure: LIKE.get(measure, measure) for measure in wanted}), "")


def local_history(edition: Figures) -> pl.DataFrame:
    """One row per series and whole quarter on record: ``unique_id, group, quarter, value``; empty where not known."""
    frames = [_applications(edition), *_temporary_accommodation(edition)]
    columns: dict[str, type[pl.DataType]] = {
        "unique_id": pl.String,
        "group": pl.String,
        "quarter": pl.String,
        "value": pl.Float64,
    }
    rows = pl.concat([pl.DataFrame(schema=columns), *frames])
    known = rows.filter(pl.col("value").is_not_null())["unique_id"].unique()
    return rows.filter(pl.col("unique_id").is_in(known.implode()) & (pl.col("quarter") <= str(edition.quarter))).sort(
        "unique_id", "quarter"
    )


def _applications(edition: Figures) -> pl.DataFrame:
    table = edition.table("case_arrivals_quarter").select(quarter=_quarter(), value="applications")
    return _from_start(edition, "applications", table, "value").select(
        unique_id=pl.lit(APPLICATIONS),
        group=pl.lit(LIKE[APPLICATIONS]),
        quarter="quarter",
        value=pl.col("value").cast(pl.Float64),
    )


def _temporary_accommodation(edition: Figures) -> list[pl.DataFrame]:
    table = edition.table("stock_month").with_columns(quarter=_quarter())
    total = table.filter(pl.col("dimension") == "all").sort("first_day")
    flows = [name for name in ("entries", "exits") if name in table.columns]
    by_quarter = _from_start(
        edition,
        "ta",
        total.group_by("quarter", maintain_order=True).agg(
            # A quarter of which a month is hidden is not known.
            pl.col("stock").last(),
            *(pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name) for name in flows),
        ),
        "stock",
    )
    found = [_series(by_quarter, STOCK_TOTAL, "stock", STOCK_TOTAL)]
    names = {"entries": ARRIVALS, "exits": EXITS}
    found += [_series(by_quarter, names[name], name, names[name]) for name in flows]
    measure_of = of_ta_type()
    types = (
        table.filter((pl.col("dimension") == "type") & pl.col("value").is_in(list(measure_of)))
        .sort("first_day")
        .group_by("value", "quarter", maintain_order=True)
        .agg(pl.col("stock").last())
        .join(by_quarter.select("quarter"), on="quarter", how="semi")
    )
    found += [
        _series(types.filter(pl.col("value") == code), measure, "stock", measure)
        for code, measure in measure_of.items()
    ]
    return found


def _series(table: pl.DataFrame, name: str, column: str, group: str) -> pl.DataFrame:
    return table.select(
        unique_id=pl.lit(name), group=pl.lit(group), quarter="quarter", value=pl.col(column).cast(pl.Float64)
    )


def _quarter() -> pl.Expr:
    day = pl.col("first_day")
    return pl.format("{}-Q{}", day.dt.year(), day.dt.quarter())


def _from_start(edition: Figures, subject: str, table: pl.DataFrame, column: str) -> pl.DataFrame:
    """The quarters from which the export is whole; without that, those after the first in which anything is counted."""
    if edition.has("history_start"):
        starts = edition.table("history_start").filter(pl.col("subject") == subject)
        first = starts["first_quarter"].drop_nulls().to_list()
        return table.filter(pl.col("quarter") >= str(Quarter.containing(first[0]))) if first else table.clear()
    begun = table.filter(pl.col(column) > 0)["quarter"].min()
    return table.clear() if begun is None else table.filter(pl.col("quarter") > begun)


def _coherent(forecast: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """The forecasts in whole numbers that add up, one row per measure and quarter."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for row in forecast.iter_rows(named=True):
        found[row["unique_id"], row["quarter"]] = {
            "measure": row["unique_id"],
            "quarter": row["quarter"],
            "point": round(row["point"]),
            "lo_80": round(row["lo_80"]),
            "hi_80": round(row["hi_80"]),
            "last_value": round(row["last_value"]),
            "model": row["model"] or LAST_VALUE,
        }
    raw = {(row["unique_id"], row["quarter"]): row for row in forecast.iter_rows(named=True)}
    quarters = forecast["quarter"].unique().sort().to_list()
    types = [measure for measure in of_ta_type().values() if (measure, quarters[0]) in found]
    last = {name: _last(history, name) for name in (STOCK_TOTAL, ARRIVALS, EXITS, *types)}
    before = last[STOCK_TOTAL]
    # Known throughout: a type of which a quarter is hidden would be forecast otherwise than in the internal edition.
    unknown = history.filter(pl.col("unique_id").is_in(types) & pl.col("value").is_null())
    adds_up = before is not None and unknown.is_empty() and sum(last[measure] or 0.0 for measure in types) == before
    if not adds_up:
        found = {key: row for key, row in found.items() if key[0] not in types}
    for quarter in quarters:
        if before is None:
            break
        total = found[STOCK_TOTAL, quarter]
        stock = int(str(total["point"]))
        if adds_up:
            ahead = [raw[measure, quarter] for measure in types]
            fitted = fitted_parts(
                stock, [row["point"] for row in ahead], [row["hi_80"] - row["lo_80"] for row in ahead]
            )
            for measure, point in zip(types, fitted, strict=True):
                _move(found[measure, quarter], point)
        if (ARRIVALS, quarter) in raw and (EXITS, quarter) in raw:
            came, left = raw[ARRIVALS, quarter], raw[EXITS, quarter]
            ranges = (came["hi_80"] - came["lo_80"], left["hi_80"] - left["lo_80"])
            arrivals, exits = fitted_flow(stock - round(before), came["point"], left["point"], ranges)
            _move(found[ARRIVALS, quarter], arrivals)
            _move(found[EXITS, quarter], exits)
        before = float(stock)
    order = [APPLICATIONS, STOCK_TOTAL, ARRIVALS, EXITS, *types]
    rows = sorted(found.values(), key=lambda row: (order.index(str(row["measure"])), str(row["quarter"])))
    return pl.DataFrame(rows, schema=ROWS)


def _move(row: dict[str, object], point: int) -> None:
    """Put a forecast elsewhere, and its range with it."""
    moved = point - int(str(row["point"]))
    row["point"] = point
    row["lo_80"] = min(point, max(int(str(row["lo_80"])) + moved, 0))
    row["hi_80"] = max(point, int(str(row["hi_80"])) + moved)


def _last(history: pl.DataFrame, name: str) -> float | None:
    """The value of the last quarter on record, if that one is known."""
    values = history.filter(pl.col("unique_id") == name).sort("quarter")["value"]
    return None if values.is_empty() else values[-1]


def _none(why: str) -> Forecasts:
    return Forecasts(pl.DataFrame(schema=ROWS), record_of({}), why)
