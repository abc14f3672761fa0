"""What the extra for forecasts expects of the next quarters."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.emit.pages.figures import Figures, Forecast
from pipelines.period import Quarter


def read_forecasts(con: duckdb.DuckDBPyConnection, figures: Figures, since: dict[str, Quarter | None]) -> None:
    """Add the forecasts, or why there is none; ``since``: the first quarter on record of each series."""
    from pipelines.errors import HclicError
    from pipelines.metrics.forecast import MODEL_LABELS, forecast_series

    history = _history(con, figures, since)
    if history.is_empty():
        figures.forecast_refused = "There is no forecast: the records hold no earlier quarters."
        return
    try:
        result = forecast_series(history)
    except HclicError:
        figures.forecast_refused = "There is no forecast: the figures of earlier quarters cannot be read."
        return
    for row in result.evaluation.iter_rows(named=True):
        rows = result.forecast.filter(pl.col("unique_id") == row["unique_id"]).sort("quarter")
        figures.forecasts[row["unique_id"]] = Forecast(
            tuple(
                (Quarter.parse(item["quarter"]).words, item["point"], max(item["lo_80"], 0.0), item["hi_80"])
                for item in rows.iter_rows(named=True)
            ),
            row["reason"],
            MODEL_LABELS.get(row["model"] or "", ""),
        )


def _history(con: duckdb.DuckDBPyConnection, figures: Figures, since: dict[str, Quarter | None]) -> pl.DataFrame:
    """One row per series and quarter from the first whole one on record: unique_id, quarter, value."""
    queries = {
        "arrivals": "select date_trunc('quarter', first_day)::date, sum(arrivals) from case_flow_month"
        " where team = 'all' group by all order by all",
        "stock": "select date_trunc('quarter', first_day)::date, max_by(stock, first_day) from stock_month"
        " where dimension = 'all' group by all order by all",
    }
    rows = []
    for name, query in queries.items():
        start = since[name]
        for first_day, value in con.execute(query).fetchall() if start else ():
            quarter = Quarter.containing(first_day)
            if start is not None and start < quarter <= figures.quarter:
                rows.append((name, name, str(quarter), float(value)))
    columns = {"unique_id": pl.String, "group": pl.String, "quarter": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=columns, orient="row")
