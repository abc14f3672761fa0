"""Sections about cost and about what is to be expected."""

from __future__ import annotations

from datetime import date

from pipelines import shown
from pipelines.emit.pages.homes import in_ta
from pipelines.emit.pages.parts import (
    Figure,
    Section,
    Table,
    are_worth_drawing,
    drawn,
    figure,
    is_worth_drawing,
    monthly,
    plan,
    series,
)
from pipelines.emit.pages.view import ALL, View, is_known, months_of, total, type_labels
from pipelines.emit.pages.words import UNKNOWN_MARK, Missing, Value, number
from pipelines.period import Quarter

NO_RATE = "There is no cost: placements carry no rate, and no file of rates or invoices was given."


def cost_of_month(view: View, column: str, first_day: date, ta_type: str = ALL) -> Value:
    """Cost of temporary accommodation in a month, in pounds: ``gross``, ``net``."""
    if not view.is_on_record("ta", first_day):
        return Missing.UNKNOWN
    absent: Value = 0 if has_cost(view) else Missing.UNKNOWN
    return view.value("cost_type_month", column, {"first_day": first_day, "ta_type": ta_type}, absent=absent)


def cost_of_quarter(view: View, column: str, quarter: Quarter, ta_type: str = ALL) -> Value:
    """The same in a quarter: the sum of its months."""
    return total([cost_of_month(view, column, first, ta_type) for first in months_of(quarter)])


def has_cost(view: View) -> bool:
    """Whether any night of the months shown has a price."""
    rows = view.rows("cost_type_month", "first_day", "ta_type").values()
    return any(row["gross"] or row.get("gross_known") for row in rows)


def basis(view: View) -> str:
    """What the amounts rest on: internally with the names of the files, else without."""
    row = view.edition.table("cost_basis").row(0, named=True)
    return str(row["basis" if view.edition.internal else "basis_for_sharing"])


def cost(view: View) -> Section:
    """The section, with its charts and tables."""
    if not view.edition.has("cost_type_month"):
        return Section("cost", "Cost", ("Cost is in the internal edition.",), ())
    if not has_cost(view):
        return Section("cost", "Cost", (NO_RATE,), ())
    has_net = any(is_known(cost_of_month(view, "net", first)) for first in view.months)
    kinds = {"gross": "Gross", "net": "Net of subsidy"} if has_net else {"gross": "Gross"}
    text = (
        "Nights in a placement times its nightly rate. Net is gross less the most that housing benefit subsidy pays"
        f" back. A month is {UNKNOWN_MARK} if the rate of any of its nights is missing. Basis: {basis(view)}."
    )
    if not has_net:
        text += " There is no net figure: Local Housing Allowance rates of January 2011 were not given for every area."
    return Section("cost", "Cost", (text,), (_by_month(view, kinds), _by_type(view, kinds)))


def _by_month(view: View, kinds: dict[str, str]) -> Figure:
    columns = [(label, lambda first, name=name: cost_of_month(view, name, first)) for name, label in kinds.items()]
    points = series(view.months_of("ta"), *columns)
    now, before = (cost_of_quarter(view, "gross", quarter) for quarter in (view.quarter, view.quarter.shift(-1)))
    title = "Cost of temporary accommodation each month"
    if not isinstance(now, Missing):
        title = f"Temporary accommodation cost {number(now, '£')} in {view.quarter.words}"
        if not isinstance(before, Missing):
            difference = shown.rounded(now) - shown.rounded(before)
            less_or_more = "more" if difference > 0 else "less"
            title += f", {number(abs(difference), '£')} {less_or_more} than in the quarter before" if difference else ""
    return figure(
        "cost-by-month",
        title,
        "Line chart of the cost of temporary accommodation by month, in pounds."
        + (" Solid line: gross. Dashed line: net of housing benefit subsidy." if len(kinds) > 1 else "")
        + f" {title}.",
        plan("lines", points, "£"),
        monthly("Cost of temporary accommodation each month", view.months_of("ta"), columns, "£"),
        is_drawn=is_worth_drawing(points),
        what=f"Cost of temporary accommodation each month, {', '.join(kinds.values()).lower()}, {view.place}",
    )


def _by_type(view: View, kinds: dict[str, str]) -> Figure:
    rows = []
    for code, label in type_labels(view.quarter).items():
        values = [cost_of_quarter(view, name, view.quarter, code) for name in kinds]
        if values[0] not in (0, Missing.UNKNOWN) or in_ta(view, view.last_month, code) not in (0, Missing.UNKNOWN):
            rows.append((label, values))
    rows.sort(key=lambda row: -(drawn(row[1][0]) or 0))
    known = [(label, value) for label, (value, *_) in rows if not isinstance(value, Missing)]
    title = "Cost by type"
    if known:
        label, most = known[0]
        title = f"{label}: {number(most, '£')} in the quarter"
    return figure(
        "cost-by-type",
        title,
        f"Bar chart of the gross cost in {view.quarter.words}, by type of accommodation. {title}.",
        plan("bars", [(label, drawn(value), number(value, "£")) for label, value in known]),
        Table(
            f"Cost in {view.quarter.words}, by type",
            ("Type", *kinds.values()),
            tuple((label, *(number(value, "£") for value in values)) for label, values in rows),
        ),
        is_drawn=are_worth_drawing(values[0] for _, values in rows),
        why_not="There is no chart: the cost of most types is not known or may not be shown.",
        what=f"Gross cost by type of temporary accommodation (table TA1), {view.place}, {view.quarter.words}",
    )
