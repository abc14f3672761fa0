"""Forecasts of one authority's own series, for pages, reports and the what-if of cost.

A pure function of an edition's tables, so that a forecast gives no more away than they do. Applications are read from
``case_arrivals_quarter``, temporary accommodation from ``stock_month``; series begin where ``history_start`` says that
the export is whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from pipelines.metrics.forecast.api import forecast_series
from pipelines.metrics.forecast.coherent import fitted_flow, fitted_parts
from pipelines.metrics.forecast.grid import MINIMUM_FOR_MODEL
from pipelines.metrics.forecast.measures import STOCK_TOTAL, labels, of_ta_type
from pipelines.metrics.forecast.record import record_of, without_record
from pipelines.period import Quarter

APPLICATIONS, ARRIVALS, EXITS = "applications", "ta_arrivals", "ta_exits"

LABELS = {
    APPLICATIONS: "Applications",
    ARRIVALS: "Households that came into temporary accommodation",
    EXITS: "Households that left temporary accommodation",
}

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
        scaled errors on published quarters that the model had not seen), ``cover_80, series, sentence``; only the
        sentence where too few quarters are known for the model.
    why_none: a sentence where there is no row; else empty.
    remarks: sentences on what is not forecast beside them, and why.
    """

    rows: pl.DataFrame
    record: pl.DataFrame
    why_none: str
    remarks: tuple[str, ...] = ()


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
    rows, remarks = _coherent(result.forecast, history)
    wanted = rows["measure"].unique(maintain_order=True).to_list()
    record = record_of({measure: LIKE.get(measure, measure) for measure in wanted})
    few = result.evaluation.filter(pl.col("observed") < MINIMUM_FOR_MODEL)["unique_id"].to_list()
    return Forecasts(rows, without_record(record, few), "", remarks)


def lines(forecasts: Forecasts) -> list[str]:
    """The forecasts in sentences: each measure with its quarters and ranges, and how such forecasts did."""
    if forecasts.why_none:
        return [forecasts.why_none]
    said = []
    for row in forecasts.record.iter_rows(named=True):
        rows = forecasts.rows.filter(pl.col("measure") == row["measure"])
        said.append(f"{label(row['measure'])}: {rows['last_value'][0]:,} in the last quarter known")
        said += [
            f"  {Quarter.parse(one['quarter']).words}: {one['point']:,}, 80% range {one['lo_80']:,} to {one['hi_80']:,}"
            for one in rows.iter_rows(named=True)
        ]
        said.append(f"  {row['sentence']}")
    return [*said, *forecasts.remarks]


def label(measure: str) -> str:
    """A measure of ``Forecasts`` in words: MHCLG's heading where there is one."""
    return LABELS.get(measure) or labels()[measure]


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


def _coherent(forecast: pl.DataFrame, history: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The forecasts in whole numbers that add up, one row per measure and quarter; and what had to be left out."""
    raw = {(row["unique_id"], row["quarter"]): row for row in forecast.iter_rows(named=True)}
    found = {key: _whole(row) for key, row in raw.items()}
    quarters = forecast["quarter"].unique().sort().to_list()
    types = [measure for measure in of_ta_type().values() if (measure, quarters[0]) in raw]
    before = _last(history, STOCK_TOTAL)
    remarks: list[str] = []
    if types and not _adds_up(history, types, before):
        found = {key: row for key, row in found.items() if key[0] not in types}
        remarks.append("Types are not forecast: not every type is known in every quarter, or they do not add up.")
        types = []
    has_flows = all((name, quarters[0]) in raw for name in (STOCK_TOTAL, ARRIVALS, EXITS))
    contradicted = False
    for quarter in quarters if before is not None else ():
        stock = found[STOCK_TOTAL, quarter]["point"]
        assert isinstance(stock, int) and before is not None
        if types:
            fitted = fitted_parts(stock, [raw[name, quarter]["point"] for name in types], _widths(raw, types, quarter))
            for name, point in zip(types, fitted, strict=True):
                _move(found[name, quarter], point)
        if has_flows:
            came, left = raw[ARRIVALS, quarter], raw[EXITS, quarter]
            widths = _widths(raw, [ARRIVALS, EXITS], quarter)
            flows = fitted_flow(stock - round(before), came["point"], left["point"], (widths[0], widths[1]))
            for name, point in zip((ARRIVALS, EXITS), flows, strict=True):
                row = raw[name, quarter]
                contradicted |= not row["lo_80"] <= point <= row["hi_80"]
                _move(found[name, quarter], point)
        before = float(stock)
    if contradicted:
        found = {key: row for key, row in found.items() if key[0] not in (ARRIVALS, EXITS)}
        remarks.append(
            "Arrivals and exits are not forecast: as many more arrivals than exits as in the last quarters would carry"
            " the stock out of what such stocks did elsewhere. Either exits are missing, or the growth is new."
        )
    order = [APPLICATIONS, STOCK_TOTAL, ARRIVALS, EXITS, *types]
    rows = sorted(found.values(), key=lambda row: (order.index(str(row["measure"])), str(row["quarter"])))
    return pl.DataFrame(rows, schema=ROWS), tuple(remarks)


def _whole(row: dict[str, Any]) -> dict[str, object]:
    counts = {name: round(row[name]) for name in ("point", "lo_80", "hi_80", "last_value")}
    return {"measure": row["unique_id"], "quarter": row["quarter"], **counts, "model": row["model"]}


def _adds_up(history: pl.DataFrame, types: list[str], stock: float | None) -> bool:
    """Whether the types are the stock; one of which a quarter is hidden would be forecast otherwise than internally."""
    known = history.filter(pl.col("unique_id").is_in(types))
    return bool(known["value"].is_not_null().all()) and sum(_last(history, name) or 0.0 for name in types) == stock


def _widths(raw: dict[tuple[str, str], dict[str, Any]], names: list[str], quarter: str) -> list[float]:
    return [raw[name, quarter]["hi_80"] - raw[name, quarter]["lo_80"] for name in names]


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
