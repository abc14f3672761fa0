"""Sections about length of stay, cost and what is to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.disclosure.thresholds import SUPPRESS_BELOW
from pipelines.emit.pages.figures import ALL, Edition, Forecast, Step
from pipelines.emit.pages.parts import Figure, Section, Table, drawn, figure, has, plan, short
from pipelines.emit.pages.words import TYPES, UNKNOWN_MARK, Missing, Value, day, month, number
from pipelines.metrics.stays.survival import MIN_ENDED, WINDOW_DAYS


def length_of_stay(view: Edition) -> Section:
    """The section, with its charts and tables."""
    figures, last = view.figures, view.figures.last_month
    end = day(figures.quarter.last_day)
    bands = [(band, view.count("band", band)) for band in figures.bands]
    typical: list[tuple[str, str, float | None]] = []
    for name, cell in (("In progress", "so_far_median"), ("Completed", "completed_median")):
        for quarter in figures.quarters:
            key = figures.end_of(quarter) if cell == "so_far_median" else quarter
            rest = (ALL,) if cell == "so_far_median" else ()
            typical.append((short(quarter), name, drawn(view.amount(cell, key, *rest))))
    return Section(
        "length-of-stay",
        "Length of stay",
        (
            "“Average stay” has three meanings, so each figure here is named. In progress: how long households that are"
            " still in temporary accommodation have been there. Completed: how long those that left had stayed."
            " Survival estimate: how long a new stay can be expected to last, worked out from both.",
        ),
        (
            figure(
                "length-bands",
                "Stays in progress by length",
                f"Bar chart of households in temporary accommodation on {end}, by time since their stay began.",
                plan("bars", [(band, drawn(value), number(value)) for band, value in bands], "Households"),
                Table(
                    f"Stays in progress on {end}, by length so far",
                    ("Length so far", "Households"),
                    (
                        *((band, number(value)) for band, value in bands),
                        ("All", number(view.count("stock", last, ALL))),
                    ),
                ),
                is_drawn=any(not isinstance(value, Missing) for _, value in bands),
            ),
            figure(
                "typical-stay",
                "Median stay: in progress and completed",
                "Line chart by quarter, in days. Solid line: stays in progress at the quarter’s end. Dashed line: stays"
                " completed in the quarter.",
                plan("lines", typical, "Days (median)"),
                Table(
                    "Length of stays in days, by quarter",
                    ("Quarter", "In progress: mean", "In progress: median", "Completed: mean", "Completed: median"),
                    tuple(
                        (
                            quarter.words,
                            *(
                                number(view.amount(f"so_far_{name}", figures.end_of(quarter), ALL), name)
                                for name in ("mean", "median")
                            ),
                            *(number(view.amount(f"completed_{name}", quarter), name) for name in ("mean", "median")),
                        )
                        for quarter in figures.quarters
                    ),
                ),
                is_drawn=has(tuple(typical)),
            ),
            _by_type_now(view),
            *_survival(view),
        ),
    )


def _by_type_now(view: Edition) -> Figure:
    figures, last = view.figures, view.figures.last_month
    points, rows = [], []
    for name in (*figures.types, ALL):
        households = view.count("stock", last, name)
        if households == 0:
            continue
        label = "All" if name == ALL else TYPES[name]
        mean, median = (view.amount(f"so_far_{kind}", last, name) for kind in ("mean", "median"))
        points.append((label, drawn(median), number(median, "median")))
        rows.append((label, number(households), number(mean, "mean"), number(median, "median")))
    end = day(figures.quarter.last_day)
    return figure(
        "stay-by-type",
        "Median stay in progress by type",
        f"Bar chart of the median days that households had been in temporary accommodation on {end}, by the type they"
        " were in on that day.",
        plan("bars", points, "Days (median)"),
        Table(
            f"Stays in progress on {end}, by type, in days",
            ("Type", "Households", "Mean days", "Median days"),
            tuple(rows),
        ),
        is_drawn=any(value is not None for _, value, _ in points),
    )


MARKS = ((91, "3 months"), (183, "6 months"), (365, "1 year"), (730, "2 years"), (1095, "3 years"), (1826, "5 years"))


def _survival(view: Edition) -> tuple[Figure, ...]:
    figures = view.figures
    title = "How long a stay lasts: survival estimate"
    if len(figures.curves.get(ALL, ())) < 2:
        said = (
            f"There is no survival estimate: fewer than {MIN_ENDED} stays ended in the {WINDOW_DAYS} days up to the end"
            " of the quarter."
        )
        return (Figure("survival", title, said, None, None),)
    method = (
        f" From stays seen in the {WINDOW_DAYS} days up to the end of the quarter, by the method of Kaplan and Meier;"
        f" drawn as far as at least {SUPPRESS_BELOW} stays are followed."
    )
    found = [
        figure(
            "survival",
            title,
            "Curve that falls from 100% as households leave, in the area of its 95% limits."
            f" {_median(figures.survival[ALL], 'stays')}{method}",
            plan("curves", [("All", *step) for step in _steps(view, ALL)]),
            Table(
                "Estimated share of households still in temporary accommodation, with 95% limits",
                ("After", "Still there", "Lower limit", "Upper limit"),
                tuple((words, *limits) for words, *limits in _marked(figures.curves[ALL])),
            ),
            is_drawn=True,
        )
    ]
    types = [name for name in TYPES if len(figures.curves.get(name, ())) > 1]
    if types:
        steps = [(TYPES[name], *step) for name in types for step in _steps(view, name)]
        found.append(
            figure(
                "survival-by-type",
                "Survival estimate by type",
                f"{len(types)} small curves, one for each type with at least {MIN_ENDED} completed spells; a spell ends"
                " when the household leaves the type."
                + "".join(f" {TYPES[name]}: {_median(figures.survival[name], 'spells').lower()}" for name in types)
                + method,
                plan("curves", steps),
                Table(
                    "Estimated share of households still in the type, with 95% limits",
                    ("Type and time", "Still there", "Lower limit", "Upper limit"),
                    tuple(
                        (f"{TYPES[name]}, {words}", *limits)
                        for name in types
                        for words, *limits in _marked(figures.curves[name])
                    ),
                ),
                is_drawn=True,
            )
        )
    return tuple(found)


def _median(summary: dict[str, Any], what: str) -> str:
    median = summary["median"]
    if median is None:
        return f"More than half of {what} last longer than can be seen."
    return f"Half of {what} last {median:,} days or less."


def _steps(view: Edition, name: str) -> list[Step]:
    """A curve as drawn: its value at each week; for sharing at each month, rounded.

    Every step of the whole curve is the day on which a household left.
    """
    steps = view.figures.curves[name]
    every, digits = (7, 6) if view.internal else (365.25 / 12, 2)
    drawn_at = [round(count * every) for count in range(int(steps[-1][0] / every) + 1)]
    values = []
    place = 0
    for at in drawn_at:
        while place + 1 < len(steps) and steps[place + 1][0] <= at:
            place += 1
        _, share, low, high = steps[place]
        values.append(
            (
                at,
                round(share, digits),
                None if low is None else round(low, digits),
                None if high is None else round(high, digits),
            )
        )
    return values


def _marked(steps: Sequence[Step]) -> list[tuple[str, ...]]:
    """Rows of a curve at round times, as far as it goes."""
    rows = []
    for at, words in MARKS:
        if at <= steps[-1][0]:
            _, share, low, high = [step for step in steps if step[0] <= at][-1]
            limits = (number(Missing.UNKNOWN if limit is None else limit, "%") for limit in (low, high))
            rows.append((words, number(share, "%"), *limits))
    return rows


def cost(view: Edition) -> Section:
    """The section, with its charts and tables."""
    figures = view.figures
    if not figures.has_cost:
        text = "There is no cost: placements carry no rate, and no file of rates or invoices was given."
        return Section("cost", "Cost", (text,), ())
    points = [
        (first, label, drawn(view.amount(name, first)))
        for name, label in (("gross", "Gross"), ("net", "Net of subsidy"))
        for first in figures.months
    ]
    has_net = any(label != "Gross" and value is not None for _, label, value in points)
    shown = [point for point in points if has_net or point[1] == "Gross"]
    head, names = (("Month", "Gross", "Net"), ("gross", "net")) if has_net else (("Month", "Gross"), ("gross",))
    found = [
        figure(
            "cost-by-month",
            "Cost each month",
            "Line chart of the cost of temporary accommodation by month, in pounds."
            + (" Solid line: gross. Dashed line: net of housing benefit subsidy." if has_net else ""),
            plan("lines", shown, "Pounds in the month", "~s"),
            Table(
                "Cost of temporary accommodation each month",
                head,
                tuple(
                    (month(first), *(number(view.amount(name, first), "£") for name in names))
                    for first in figures.months
                ),
            ),
            is_drawn=has(tuple(points)),
        )
    ]
    if view.internal and figures.cost_by_type:
        rows = [
            (TYPES[name], gross if gross is not None else Missing.UNKNOWN, net if net is not None else Missing.UNKNOWN)
            for name, gross, net in figures.cost_by_type
        ]
        found.append(
            figure(
                "cost-by-type",
                "Cost by type",
                f"Bar chart of the gross cost in {figures.quarter.words}, by type of accommodation.",
                plan("bars", [(name, drawn(gross), number(gross, "£")) for name, gross, _ in rows], "Pounds"),
                Table(
                    f"Cost in {figures.quarter.words}, by type",
                    ("Type", "Gross", "Net"),
                    tuple((name, number(gross, "£"), number(net, "£")) for name, gross, net in rows),
                ),
                is_drawn=any(drawn(gross) is not None for _, gross, _ in rows),
            )
        )
    text = (
        "Nights in a placement times its nightly rate. Net is gross less the most that housing benefit subsidy pays"
        f" back. A month is {UNKNOWN_MARK} if the rate of any of its nights is missing."
    )
    if not has_net:
        text += " There is no net figure: Local Housing Allowance rates of January 2011 were not given for every area."
    return Section("cost", "Cost", (text,), tuple(found))


def forecast(view: Edition) -> Section:
    """The section, with its charts and tables."""
    figures = view.figures
    text = (
        "An expected range, not a target: four in five quarters are expected to fall within the shaded area if things"
        " go on as before."
    )
    title = "Next 4 quarters"
    if not figures.forecasts:
        why = figures.forecast_refused or "There is no forecast on this page: the command hclic dashboard makes one."
        return Section("forecast", title, (why,), ())
    names = {"arrivals": "New applications", "stock": "Households in temporary accommodation"}
    found = []
    for name, label in names.items():
        ahead = figures.forecasts.get(name)
        if ahead is None:
            continue
        keys = [
            (name, quarter) if name == "arrivals" else (name, figures.end_of(quarter), ALL)
            for quarter in figures.quarters
        ]
        values = [view.count(*key) for key in keys]
        ident = f"forecast-{name}"
        if any(value is Missing.HIDDEN for value in values):
            found.append(Figure(ident, label, "There is no forecast here: it rests on small numbers.", None, None))
        elif not ahead.rows:
            found.append(Figure(ident, label, f"There is no forecast: {ahead.reason}.", None, None))
        else:
            found.append(_fan(view, ident, label, values, ahead))
    return Section("forecast", title, (text,), tuple(found))


def _fan(view: Edition, ident: str, label: str, values: Sequence[Value], forecast: Forecast) -> Figure:
    past = [
        (short(quarter), float(value))
        for quarter, value in zip(view.figures.quarters, values, strict=True)
        if not isinstance(value, Missing)
    ]
    ahead = [
        (short(view.figures.quarter.shift(step)), point, low, high)
        for step, (_, point, low, high) in enumerate(forecast.rows, 1)
    ]
    table = Table(
        f"{label}: expected in the next 4 quarters",
        ("Quarter", "Expected", "80% range: from", "80% range: to"),
        tuple((words, *(number(value) for value in rest)) for words, *rest in forecast.rows),
    )
    method = f" Method: {forecast.model}." if forecast.model else ""
    return figure(
        ident,
        label,
        "Line chart by quarter. Solid line with points: counted. Dashed line: expected, in the shaded area of its 80%"
        f" range.{method}",
        plan("fan", past, ahead, label.split(" in ")[0]),
        table,
        is_drawn=bool(past),
    )
