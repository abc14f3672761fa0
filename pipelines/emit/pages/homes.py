"""Sections about temporary accommodation: who is in it, how long they stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pipelines.emit.pages.parts import (
    Figure,
    Section,
    Table,
    about,
    are_worth_drawing,
    counted,
    drawn,
    figure,
    held,
    households,
    is_worth_drawing,
    monthly,
    moved,
    on_bar,
    plan,
    sentence,
    series,
    year_before_words,
)
from pipelines.emit.pages.view import ALL, View, end_of, is_known, months_of, total, type_labels
from pipelines.emit.pages.words import Missing, Value, number
from pipelines.metrics.stays.survival import MIN_ENDED, WINDOW_DAYS
from pipelines.period import Quarter

NOT_HELD = ("Lengths of stays are in the internal edition only.",)
_MONTHS_IN_YEAR, _DAYS_IN_YEAR = 12, 365.25


def in_ta(view: View, first_day: date, ta_type: str = ALL) -> Value:
    """Households in temporary accommodation at a month's end, own arrangements left out."""
    return _stock(view, "stock", first_day, ta_type)


def ta_flow(view: View, column: str, first_day: date) -> Value:
    """Households that moved in (``entries``) or left (``exits``) in a month."""
    return _stock(view, column, first_day)


def ta_flow_of_quarter(view: View, column: str, quarter: Quarter) -> Value:
    """The same in a quarter: counted for it where the edition has that, else the sum of its months."""
    if view.edition.has("stock_quarter") and view.is_on_record("ta", quarter.first_day):
        key = {"first_day": quarter.first_day, "dimension": ALL, "value": ALL}
        found = view.value("stock_quarter", column, key)
        if is_known(found):
            return found
    return total([ta_flow(view, column, first) for first in months_of(quarter)])


def _stock(view: View, column: str, first_day: date, ta_type: str = ALL) -> Value:
    is_on_record = view.is_stock_on_record if column == "stock" else view.is_on_record
    if not is_on_record("ta", first_day):
        return Missing.UNKNOWN
    key = {"first_day": first_day, "dimension": ALL if ta_type == ALL else "type", "value": ta_type}
    return view.value("stock_month", column, key, absent=0)


def families_in_bb(view: View, first_day: date, *, over_6_weeks: bool = False) -> Value:
    """Families with children in bed and breakfast at a month's end; those there for more than 6 weeks."""
    if not view.is_stock_on_record("ta", first_day):
        return Missing.UNKNOWN
    column = "count_families_over_42" if over_6_weeks else "count_families"
    return view.value("stay_bb_month", column, {"first_day": first_day})


def so_far(view: View, column: str, quarter: Quarter, ta_type: str = ALL) -> Value:
    """Mean or median days of the stays in progress on a quarter's last day."""
    if not view.is_stock_on_record("ta", end_of(quarter)):
        return Missing.UNKNOWN
    key = {"day": quarter.last_day, "dimension": ALL if ta_type == ALL else "type", "value": ta_type}
    return view.value("stay_in_progress_summary", column, key)


def completed(view: View, column: str, quarter: Quarter) -> Value:
    """Mean or median days of the stays that ended in a quarter."""
    if not view.is_on_record("ta", quarter.first_day):
        return Missing.UNKNOWN
    key = {"period": "quarter", "first_day": quarter.first_day, "dimension": ALL, "value": ALL}
    return view.value("stay_completed", column, key)


def accommodation(view: View) -> Section:
    """The section, with its charts and tables."""
    text = [
        "A household in two placements counts once, under the one it entered last. Households that made their own"
        " arrangements are left out."
    ]
    if reason := view.begin("ta").reason:
        text.append(reason)
    return Section(
        "temporary-accommodation",
        "Temporary accommodation",
        tuple(text),
        held(view, ("stock_month", _in_ta), ("stock_month", _by_type), ("stay_bb_month", _families)),
    )


def _in_ta(view: View) -> Figure:
    now, before = in_ta(view, view.last_month), in_ta(view, end_of(view.quarter.shift(-1)))
    points = series(view.months_of("ta"), ("Households", lambda first: in_ta(view, first)))
    title = "Households in temporary accommodation"
    if is_known(now):
        title = sentence(f"{households(view, now)} {'is' if now == 1 else 'are'} in temporary accommodation")
        title += moved(view, now, before, f"in {end_of(view.quarter.shift(-1)):%B}")
    columns = (
        ("At month end", lambda first: in_ta(view, first)),
        ("Moved in", lambda first: ta_flow(view, "entries", first)),
        ("Left", lambda first: ta_flow(view, "exits", first)),
    )
    caption = "Households in temporary accommodation at each month’s end, and those that moved in and left"
    return figure(
        "ta-stock",
        title,
        f"Line chart by month end. {title}.",
        plan("lines", points),
        monthly(caption, view.months_of("ta"), columns),
        is_drawn=is_worth_drawing(points),
        what=f"Households in temporary accommodation, {view.place}, at each month’s end to {view.end}",
    )


def _types(view: View) -> dict[str, str]:
    """Labels of the types in which a household was in the months shown."""
    labels = type_labels(view.quarter)
    return {
        code: label
        for code, label in labels.items()
        if any(in_ta(view, first, code) not in (0, Missing.UNKNOWN) for first in view.months_of("ta"))
    }


def _by_type(view: View) -> Figure:
    types, year_before = _types(view), end_of(view.quarter.shift(-4))
    everyone = in_ta(view, view.last_month)
    found = [(in_ta(view, view.last_month, code), code, label) for code, label in types.items()]
    found.sort(key=lambda row: -(drawn(row[0]) or 0))
    bars = []
    for value, code, label in found:
        before = in_ta(view, year_before, code)
        said = f"; a year before {on_bar(view, before)}" if is_known(before) else ""
        bars.append((label, drawn(value), f"{on_bar(view, value)}{said}"))
    known = [(value, label) for value, _, label in found if not isinstance(value, Missing)]
    title = "Households by type of accommodation"
    if known and is_known(everyone) and known[0][0]:
        most, label = known[0]
        title = f"{label}: {about(view, most)} of {number(everyone)} households"
    columns = [
        *((label, lambda first, code=code: in_ta(view, first, code)) for code, label in types.items()),
        ("All", lambda first: in_ta(view, first)),
    ]
    return figure(
        "ta-by-type",
        title,
        f"Bar chart of households on {view.end}, one bar for each type of accommodation. {title}.",
        plan("bars", bars),
        monthly("Households at each month’s end, by type of accommodation", view.months_of("ta"), columns),
        is_drawn=are_worth_drawing(value for value, _, _ in found),
        what=f"Households by type of temporary accommodation (table TA1), {view.place}, on {view.end}"
        f"{year_before_words(view, 'ta')}",
    )


def _families(view: View) -> Figure:
    columns = (
        ("Families", lambda first: families_in_bb(view, first)),
        ("Over 6 weeks", lambda first: families_in_bb(view, first, over_6_weeks=True)),
    )
    points = series(view.months_of("ta"), *columns)
    now, over = columns[0][1](view.last_month), columns[1][1](view.last_month)
    title = "Families in bed and breakfast"
    if is_known(now) and is_known(over):
        title = sentence(
            f"{counted(view, now, 'family is', 'families are')} in bed and breakfast,"
            f" {'none' if over == 0 and not view.slack else about(view, over)} for more than 6 weeks"
        )
    most = max((value for _, _, value in points if value is not None), default=0)
    # Of so small counts the rounding is all that a course would show.
    is_course = most > 2 * (view.slack + 1) if view.slack else most > 0
    why_not = "There is no chart: every figure is 0."
    if view.slack:
        why_not = f"There is no chart: every figure is {f'{number(most)} or less' if most else f'0 to {view.slack}'}"
        why_not += ", and steps of the rounding would look like a course." if most else "."
    return figure(
        "bb-families",
        title,
        "Line chart by month end. Solid line: families with children in bed and breakfast. Dashed line: those there for"
        f" more than 6 weeks in all. {title}.",
        plan("lines", points),
        monthly("Families with children in bed and breakfast at each month’s end", view.months_of("ta"), columns),
        is_drawn=is_worth_drawing(points) and is_course,
        what=f"Families with children in bed and breakfast, {view.place}, at each month’s end to {view.end}",
        why_not="" if is_course else why_not,
    )


def length_of_stay(view: View) -> Section:
    """The section, with its charts and tables."""
    text = (
        "“Average stay” has three meanings, so each figure here is named. In progress: how long households that are"
        " still in temporary accommodation have been there. Completed: how long those that left had stayed. Survival"
        " estimate: how long a new stay can be expected to last, worked out from both.",
    )
    found = held(
        view,
        ("stay_in_progress_bands", _bands),
        ("stay_in_progress_summary", _typical),
        ("stay_in_progress_summary", _by_type_now),
        ("stay_survival_month", survival),
    )
    return Section("length-of-stay", "Length of stay", text if found else NOT_HELD, found)


def _bands(view: View) -> Figure:
    bands: dict[str, list[Value]] = {}
    for row in view.rows("stay_in_progress_bands", "day", "dimension", "value", "band_no").values():
        if row["day"] == view.quarter.last_day and row["dimension"] == ALL:
            count = row["count_households"]
            bands.setdefault(row["band"], []).append(Missing.HIDDEN if count is None else count)
    counts = {band: total(values) for band, values in bands.items()}
    everyone = in_ta(view, view.last_month)
    long = [values for band, values in bands.items() if band[:1] != "L" and "to 1 year" not in band]
    over = total([value for values in long for value in values])
    title = "Stays in progress by length"
    if is_known(over) and is_known(everyone) and everyone:
        title = (
            f"{number(over)} of {number(everyone)} households have been in temporary accommodation for a year or more"
        )
    return figure(
        "length-bands",
        title,
        f"Bar chart of households in temporary accommodation on {view.end}, by time since their stay began. {title}.",
        plan("bars", [(band, drawn(value), number(value)) for band, value in counts.items()]),
        Table(
            f"Stays in progress on {view.end}, by length so far",
            ("Length so far", "Households"),
            (*((band, number(value)) for band, value in counts.items()), ("All", number(everyone))),
        ),
        is_drawn=are_worth_drawing(counts.values()),
        what=f"Households in temporary accommodation by time since their stay began, {view.place}, on {view.end}",
    )


def _typical(view: View) -> Figure:
    def of(kind: str, column: str, first_day: date) -> Value:
        quarter = Quarter.containing(first_day)
        return so_far(view, column, quarter) if kind == "so far" else completed(view, column, quarter)

    days = [quarter.first_day for quarter in view.quarters_of("ta")]
    points = series(
        days,
        ("In progress", lambda day: of("so far", "median_days", day)),
        ("Completed", lambda day: of("completed", "median_days", day)),
    )
    median = so_far(view, "median_days", view.quarter)
    title = "Median stay: in progress and completed"
    if is_known(median):
        title = (
            f"Half of the households have been in temporary accommodation for {number(median, 'median')} days or more"
        )
    return figure(
        "typical-stay",
        title,
        "Line chart by quarter, in days. Solid line: median of stays in progress at the quarter’s end. Dashed line:"
        f" median of stays completed in the quarter. {title}.",
        plan("lines", points, "", True),
        Table(
            "Length of stays in days, by quarter",
            ("Quarter", "In progress: mean", "In progress: median", "Completed: mean", "Completed: median"),
            tuple(
                (
                    quarter.words,
                    *(number(so_far(view, f"{name}_days", quarter), name) for name in ("mean", "median")),
                    *(number(completed(view, f"{name}_days", quarter), name) for name in ("mean", "median")),
                )
                for quarter in view.quarters_of("ta")
            ),
        ),
        is_drawn=is_worth_drawing(points),
        what=f"Median days of stays in progress and of stays completed, {view.place}, by quarter",
    )


def _by_type_now(view: View) -> Figure:
    bars: list[tuple[str, float | None, str]] = []
    rows: list[tuple[str, ...]] = []
    for code, label in (*_types(view).items(), (ALL, "All")):
        count = in_ta(view, view.last_month, code)
        if count == 0:
            continue
        mean, median = (so_far(view, f"{kind}_days", view.quarter, code) for kind in ("mean", "median"))
        if is_known(median):
            bars.append((label, drawn(median), f"{number(median, 'median')} days"))
        rows.append((label, number(count), number(mean, "mean"), number(median, "median")))
    by_type = sorted((bar for bar in bars if bar[0] != "All"), key=lambda bar: -(bar[1] or 0))
    title = "Median stay in progress by type"
    if by_type:
        label, _, said = by_type[0]
        title = f"{label}: the longest stays so far, {said} at the median"
    return figure(
        "stay-by-type",
        title,
        f"Bar chart of the median days that households had been in temporary accommodation on {view.end}, by the type"
        f" they were in on that day. {title}.",
        plan("bars", [*by_type, *(bar for bar in bars if bar[0] == "All")]),
        Table(
            f"Stays in progress on {view.end}, by type, in days",
            ("Type", "Households", "Mean days", "Median days"),
            tuple(rows),
        ),
        is_drawn=bool(by_type),
        what=f"Median days in temporary accommodation so far by type (table TA1), {view.place}, on {view.end}",
    )


def survival(view: View) -> Figure:
    """The survival estimate, where the export holds all stays that ended in the year that it is made from."""
    title = "How long a stay lasts: survival estimate"
    begun = view.begin("ta").stock_from
    if begun is None or begun > view.quarter.last_day - timedelta(days=WINDOW_DAYS):
        # Stays that ended and are missing would make every stay look long.
        said = (
            f"There is no survival estimate: it needs all stays that ended in the {WINDOW_DAYS} days up to the end of"
            " the quarter, and the export is not complete that far back."
        )
        return Figure("survival", title, said, None, None)
    found = sorted(view.rows("stay_survival_month", "by", "value", "month_no").items())
    curve = [row for (by, _, _), row in found if by == ALL and row["share"] is not None]
    if len(curve) < 2:
        said = (
            f"There is no survival estimate: fewer than {MIN_ENDED} stays ended in the {WINDOW_DAYS} days up to the end"
            " of the quarter."
        )
        return Figure("survival", title, said, None, None)
    steps = [
        (round(row["month_no"] * _DAYS_IN_YEAR / _MONTHS_IN_YEAR), row["share"], row["lower"], row["upper"])
        for row in curve
    ]
    title = _survival_title(curve)
    return figure(
        "survival",
        title,
        "Curve that falls from 100% as households leave, in the area of its 95% limits. From stays seen in the"
        f" {WINDOW_DAYS} days up to the end of the quarter, by the method of Kaplan and Meier. {title}.",
        plan("curve", steps),
        Table(
            "Estimated share of households still in temporary accommodation, with 95% limits",
            ("Time since the stay began", "Still there", "Lower limit", "Upper limit"),
            tuple(
                (
                    f"{row['month_no']} months",
                    *(number(Missing.UNKNOWN if row[name] is None else row[name], "%") for name in _LIMITS),
                )
                for row in curve
                if row["month_no"] in _MARKS
            ),
        ),
        is_drawn=True,
        what=f"Estimated share of stays that last longer, by months since they began, {view.place}, with 95% limits",
    )


_LIMITS = ("share", "lower", "upper")
_MARKS = (3, 6, 12, 24, 36, 60)


def _survival_title(curve: Sequence[dict[str, object]] | Sequence[object]) -> str:
    rows = {row["month_no"]: row["share"] for row in curve}  # type: ignore[index]
    marked = [month for month in (12, 24, 6, 3) if month in rows]
    if not marked:
        return "How long a stay lasts: survival estimate"
    share = rows[marked[0]]
    return f"{number(share, '%')} of stays are expected to last more than {marked[0]} months"
