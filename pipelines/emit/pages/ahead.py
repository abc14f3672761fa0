"""Section about the next quarters: what is expected of applications and of households in temporary accommodation."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.emit.pages.caseload import applications
from pipelines.emit.pages.homes import in_ta
from pipelines.emit.pages.parts import Figure, Section, Table, drawn, figure, plan
from pipelines.emit.pages.view import View, end_of, is_known
from pipelines.emit.pages.words import number
from pipelines.period import Quarter

TITLE = "Next 4 quarters"
NO_FORECAST = "There is no forecast on this page: the command hclic dashboard makes one."
_LABELS = {"applications": "New applications", "ta_households": "Households in temporary accommodation"}
"""Measures of ``metrics.forecast.local`` that have a chart."""


def forecast(view: View, *, is_wanted: bool) -> Section:
    """The section, with a chart for each series; ``is_wanted``: whether forecasts are made."""
    if not is_wanted:
        return Section("forecast", TITLE, (NO_FORECAST,), ())
    from pipelines.metrics.forecast.local import local_forecasts

    made = local_forecasts(view.edition)
    if made.why_none:
        return Section("forecast", TITLE, (made.why_none,), ())
    found, records = [], []
    for measure, label in _LABELS.items():
        rows = made.rows.filter(pl.col("measure") == measure).sort("quarter")
        if rows.is_empty():
            said = "There is no forecast: too few quarters are on record, or the figures rest on small numbers."
            found.append(Figure(f"forecast-{measure}", label, said, None, None))
            continue
        found.append(_fan(view, measure, rows))
        for row in made.record.filter(pl.col("measure") == measure).iter_rows(named=True):
            records.append(f"{label}: {row['sentence'][:1].lower()}{row['sentence'][1:]}")
    text = (
        "An expected range, not a target: four in five quarters are expected to fall within the shaded area if things"
        " go on as before."
    )
    return Section("forecast", TITLE, (text, *records), tuple(found))


def _fan(view: View, measure: str, rows: pl.DataFrame) -> Figure:
    from pipelines.metrics.forecast.labels import MODEL_LABELS

    label = _LABELS[measure]
    values = {
        quarter: applications(view, quarter) if measure == "applications" else in_ta(view, end_of(quarter))
        for quarter in view.quarters
    }
    past: list[tuple[date, float | None]] = [
        (quarter.first_day, drawn(value)) for quarter, value in values.items() if is_known(value)
    ]
    ahead = [
        (Quarter.parse(quarter), float(point), float(low), float(high))
        for quarter, point, low, high in rows.select("quarter", "point", "lo_80", "hi_80").iter_rows()
    ]
    last, point, low, high = ahead[-1]
    method = ", then ".join(dict.fromkeys(MODEL_LABELS[model] for model in rows["model"].to_list()))
    title = f"{label}: about {number(point)} expected in {last.words}, likely between {number(low)} and {number(high)}"
    return figure(
        f"forecast-{measure}",
        title,
        "Line chart by quarter. Solid line with points: counted. Dashed line: expected, in the shaded area of its 80%"
        f" range. Method: {method}. {title}.",
        plan("fan", past, [(quarter.first_day, *rest) for quarter, *rest in ahead]),
        Table(
            f"{label}: expected in the next 4 quarters",
            ("Quarter", "Expected", "80% range: from", "80% range: to", "If nothing changes"),
            tuple(
                (quarter.words, *(number(value) for value in rest), number(last_value))
                for (quarter, *rest), last_value in zip(ahead, rows["last_value"].to_list(), strict=True)
            ),
        ),
        is_drawn=bool(past),
        what=f"{label}, {view.place}, by quarter, and the next 4 with the range in which four of five should fall",
    )
