"""Sections about the caseload and the households in temporary accommodation."""

from __future__ import annotations

from pipelines.emit.pages.figures import ALL, Edition
from pipelines.emit.pages.parts import (
    Figure,
    Section,
    Table,
    drawn,
    figure,
    from_to,
    has,
    latest,
    monthly,
    plan,
    series,
    short,
)
from pipelines.emit.pages.plots import BARS_DRAWN
from pipelines.emit.pages.words import STAGES, TYPES, Missing, Value, clean, day, month, number


def caseload(view: Edition) -> Section:
    """The section, with its charts and tables."""
    figures, last = view.figures, view.figures.last_month
    months = figures.months
    end = day(figures.quarter.last_day)
    stages = list(STAGES.items())
    by_stage = series(view, months, *((label, ("open", ALL, stage)) for stage, label in stages))
    total = from_to(
        "Open cases in all",
        view.count("open", months[0], ALL, ALL),
        view.count("open", last, ALL, ALL),
        f"at the end of {month(months[0])}",
        f"on {end}",
    )
    flows = series(view, months, ("New applications", ("arrivals",)), ("Cases closed", ("closures",)))
    return Section(
        "caseload",
        "Caseload",
        (
            "An open case has applied and has not been closed. Its stage is where it stands on the way through the"
            " Homelessness Reduction Act.",
        ),
        (
            _who(view),
            figure(
                "caseload-by-stage",
                "Open cases by stage",
                f"Five small line charts of open cases at each month’s end, one for each stage. {total}.",
                plan("panels", by_stage, [label for _, label in stages], "Open cases"),
                monthly(
                    view,
                    "Open cases at each month’s end, by stage",
                    [*((label, ("open", ALL, stage)) for stage, label in stages), ("All", ("open", ALL, ALL))],
                ),
                is_drawn=has(by_stage),
            ),
            figure(
                "arrivals-and-closures",
                "New applications and closed cases",
                "Line chart by month. Solid line: new applications. Dashed line: cases closed."
                f" {latest(view, 'arrivals', 'new applications')} {latest(view, 'closures', 'cases closed')}",
                plan("lines", flows, "Cases in the month"),
                monthly(
                    view,
                    "New applications and closed cases each month",
                    [("New applications", ("arrivals",)), ("Cases closed", ("closures",))],
                ),
                is_drawn=has(flows),
            ),
        ),
    )


def _who(view: Edition) -> Figure:
    """Open cases by officer (internal) or by team."""
    figures, last = view.figures, view.figures.last_month
    rows: list[tuple[str, dict[str, Value], Value]] = []
    if view.internal:
        who = "officer"
        for officer, stages, age in figures.officers:
            counts: dict[str, Value] = {stage: stages.get(stage, 0) for stage in (*STAGES, ALL)}
            rows.append((officer, counts, Missing.UNKNOWN if age is None else age))
    else:
        who = "team"
        for team in figures.teams:
            counts = {stage: view.count("open", last, team, stage) for stage in (*STAGES, ALL)}
            rows.append((team, counts, view.amount("age", team)))
    points = [(name, drawn(counts[ALL]), number(counts[ALL])) for name, counts, _ in rows]
    total = ("All", *(number(view.count("open", last, ALL, stage)) for stage in (*STAGES, ALL)))
    end = day(figures.quarter.last_day)
    table = Table(
        f"Open cases on {end}, by {who} and stage",
        (who.capitalize(), *STAGES.values(), "All", "Median days since application"),
        (
            *tuple(
                (clean(name), *(number(counts[stage]) for stage in (*STAGES, ALL)), number(age))
                for name, counts, age in rows
            ),
            (*total, number(view.amount("age", ALL))),
        ),
    )
    more = f" The chart shows the {BARS_DRAWN} with most cases." if len(rows) > BARS_DRAWN else ""
    return figure(
        f"caseload-by-{who}",
        f"Open cases by {who}",
        f"Bar chart of open cases on {end}, one bar for each of {len(rows)} {who}s.{more}",
        plan("bars", points, "Open cases"),
        table,
        is_drawn=any(value is not None for _, value, _ in points),
    )


def accommodation(view: Edition) -> Section:
    """The section, with its charts and tables."""
    figures, last = view.figures, view.figures.last_month
    end = day(figures.quarter.last_day)
    months = figures.months
    stock = series(view, months, ("Households", ("stock", ALL)))
    flow = tuple(
        (short(quarter), label, drawn(view.count(name, quarter)))
        for label, name in (("Moved in", "entries"), ("Left", "exits"))
        for quarter in figures.quarters
    )
    by_type = series(view, months, *((TYPES[name], ("stock", name)) for name in figures.types))
    families = series(view, months, ("Families in bed and breakfast", ("bb_families",)), ("Over 6 weeks", ("bb_over",)))
    said = from_to(
        "Households",
        view.count("stock", months[0], ALL),
        view.count("stock", last, ALL),
        f"at the end of {month(months[0])}",
        f"on {end}",
    )
    return Section(
        "temporary-accommodation",
        "Temporary accommodation",
        (
            "A household in two placements counts once, under the one it entered last. Households that made their own"
            " arrangements are left out.",
        ),
        (
            figure(
                "ta-stock",
                "Households in temporary accommodation",
                f"Line chart by month end. {said}.",
                plan("lines", stock, "Households"),
                monthly(
                    view,
                    "Households in temporary accommodation at each month’s end, and those that moved in and left",
                    [("At month end", ("stock", ALL)), ("Moved in", ("entries",)), ("Left", ("exits",))],
                ),
                is_drawn=has(stock),
            ),
            figure(
                "ta-flow",
                "Households moving in and leaving",
                "Line chart by quarter. Solid line: moved in. Dashed line: left.",
                plan("lines", flow, "Households in the quarter"),
                Table(
                    "Households that moved in and left each quarter",
                    ("Quarter", "Moved in", "Left"),
                    tuple(
                        (quarter.words, *(number(view.count(name, quarter)) for name in ("entries", "exits")))
                        for quarter in figures.quarters
                    ),
                ),
                is_drawn=has(flow),
            ),
            figure(
                "ta-by-type",
                "Households by type of accommodation",
                f"{len(figures.types)} small line charts of households at each month’s end, one for each type."
                f" {_largest(view)}",
                plan("panels", by_type, [TYPES[name] for name in figures.types], "Households"),
                monthly(
                    view,
                    "Households at each month’s end, by type of accommodation",
                    [*((TYPES[name], ("stock", name)) for name in figures.types), ("All", ("stock", ALL))],
                ),
                is_drawn=has(by_type),
            ),
            figure(
                "bb-families",
                "Families in bed and breakfast",
                "Line chart by month end. Solid line: families with children in bed and breakfast. Dashed line: those"
                " there for more than 6 weeks in all.",
                plan("lines", families, "Families"),
                monthly(
                    view,
                    "Families with children in bed and breakfast at each month’s end",
                    [("Families", ("bb_families",)), ("Over 6 weeks", ("bb_over",))],
                ),
                is_drawn=has(families),
            ),
        ),
    )


def _largest(view: Edition) -> str:
    counts = [(view.count("stock", view.figures.last_month, name), name) for name in view.figures.types]
    known = [(value, name) for value, name in counts if not isinstance(value, Missing)]
    if not known:
        return ""
    value, name = max(known)
    return f"Most on {day(view.figures.quarter.last_day)}: {TYPES[name].lower()}, {number(value)} households."
