"""Section about the caseload: who waits, at which stage, who comes and who leaves."""

from __future__ import annotations

from datetime import date

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
from pipelines.emit.pages.plots import BARS_DRAWN
from pipelines.emit.pages.view import ALL, View, end_of, is_known
from pipelines.emit.pages.words import STAGES, Missing, Value, clean, month, number
from pipelines.period import Quarter


def open_cases(view: View, first_day: date, stage: str = ALL, *, team: str = ALL, officer: str = ALL) -> Value:
    """Open cases at a month's end."""
    if not view.is_stock_on_record("applications", first_day):
        return Missing.UNKNOWN
    key = {"first_day": first_day, "team": team, "officer": officer, "stage": stage}
    return view.value("case_open_month", "open_cases", key, absent=0)


def past_day_56(view: View, first_day: date) -> Value:
    """Households owed relief for more than 56 days and without a main duty decision at a month's end."""
    if not view.is_stock_on_record("applications", first_day):
        return Missing.UNKNOWN
    return view.value("case_watch_month", "relief_past_56_days", {"first_day": first_day})


def undecided_in_ta(view: View, first_day: date) -> Value:
    """Households in temporary accommodation without a main duty decision at a month's end."""
    if not all(view.is_stock_on_record(subject, first_day) for subject in ("applications", "ta")):
        return Missing.UNKNOWN
    return view.value("case_watch_month", "in_ta_without_decision", {"first_day": first_day})


def flow(view: View, column: str, first_day: date) -> Value:
    """Cases that came (``arrivals``) or were closed (``closures``) in a month."""
    if not view.is_on_record("applications", first_day):
        return Missing.UNKNOWN
    return view.value("case_flow_month", column, {"first_day": first_day, "team": ALL}, absent=0)


def closures(view: View, quarter: Quarter) -> Value:
    """Cases closed in a quarter, counted for it: three rounded months can be far from it."""
    return _of_quarter(view, "closures", quarter)


def applications(view: View, quarter: Quarter) -> Value:
    """Applications of a quarter, without those for advice only."""
    return _of_quarter(view, "applications", quarter)


def _of_quarter(view: View, column: str, quarter: Quarter) -> Value:
    if not view.is_on_record("applications", quarter.first_day):
        return Missing.UNKNOWN
    return view.value("case_arrivals_quarter", column, {"first_day": quarter.first_day})


def caseload(view: View) -> Section:
    """The section, with its charts and tables."""
    text = (
        "An open case has applied and has not been closed. Its stage is where it stands on the way through the"
        " Homelessness Reduction Act.",
        _waits(view),
    )
    reason = view.begin("applications").reason
    return Section(
        "caseload",
        "Caseload",
        (*text, reason) if reason else text,
        held(
            view,
            ("case_watch_month", _past_day_56),
            ("case_flow_month", _flow),
            ("case_open_month", _stages),
            ("case_open_month", _who),
        ),
    )


def _waits(view: View) -> str:
    """How the cases past day 56 and the stage after relief hang together."""
    said = (
        f"A case past day 56 stands at “{STAGES['relief']}” until relief is ended, and only then at"
        f" “{STAGES['decision']}”."
    )
    if not view.edition.has("reconciliation_figures"):
        return said
    lines = view.edition.table("reconciliation_figures").filter(subject="waiting for a main duty decision")
    past, owed, _, stage = (abs(value) for value in lines.sort("line_no")["households"])
    return f"{said} On {view.end} {number(past)} were past day 56, {number(owed)} of them still owed relief;" + (
        f" the stage held {number(stage)}."
    )


def _past_day_56(view: View) -> Figure:
    now, before = past_day_56(view, view.last_month), past_day_56(view, end_of(view.quarter.shift(-1)))
    columns = (
        ("Past day 56", lambda first: past_day_56(view, first)),
        ("In temporary accommodation without a decision", lambda first: undecided_in_ta(view, first)),
    )
    points = series(view.months_of("applications"), ("Past day 56", columns[0][1]))
    title = "Households past day 56 of relief without a decision"
    if is_known(now):
        verb = "is" if now == 1 else "are"
        title = sentence(f"{households(view, now)} {verb} past day 56 without a decision")
        title += moved(view, now, before, f"in {end_of(view.quarter.shift(-1)):%B}")
    return figure(
        "past-day-56",
        title,
        f"Line chart by month end of households owed the relief duty for more than 56 days and without a main duty"
        f" decision. {title}.",
        plan("lines", points),
        monthly(
            "Households that wait for a main duty decision, at each month’s end",
            view.months_of("applications"),
            columns,
        ),
        is_drawn=is_worth_drawing(points),
        what=f"Households owed the relief duty for more than 56 days without a main duty decision, {view.place}, at"
        f" each month’s end to {view.end}",
    )


def _flow(view: View) -> Figure:
    columns = (
        ("New applications", lambda first: flow(view, "arrivals", first)),
        ("Cases closed", lambda first: flow(view, "closures", first)),
    )
    points = series(view.months_of("applications"), *columns)
    came, closed = applications(view, view.quarter), closures(view, view.quarter)
    title = "New applications and closed cases"
    if is_known(came) and is_known(closed):
        applied, ended = (
            counted(view, came, "application", "applications"),
            counted(view, closed, "closed case", "closed cases"),
        )
        title = sentence(f"{applied} and {ended} in {view.quarter.words}")
    return figure(
        "arrivals-and-closures",
        title,
        f"Line chart by month. Solid line: new applications. Dashed line: cases closed. {title}.",
        plan("lines", points),
        monthly("New applications and closed cases each month", view.months_of("applications"), columns),
        is_drawn=is_worth_drawing(points),
        what=f"New applications and cases closed each month, {view.place}, to {month(view.last_month)}",
    )


def _stages(view: View) -> Figure:
    year_before = end_of(view.quarter.shift(-4))
    found = [(label, open_cases(view, view.last_month, stage), stage) for stage, label in STAGES.items()]
    everyone = open_cases(view, view.last_month)
    bars = []
    for label, value, stage in found:
        before = open_cases(view, year_before, stage)
        said = f"; a year before {on_bar(view, before)}" if is_known(before) else ""
        bars.append((label, drawn(value), f"{on_bar(view, value)}{said}"))
    known = [(value, label) for label, value, _ in found if not isinstance(value, Missing)]
    title = "Open cases by stage"
    if known and is_known(everyone) and max(known)[0]:
        most, label = max(known)
        title = f"{label}: {about(view, most)} of {number(everyone)} open cases are at this stage"
    columns = [
        *((label, lambda first, stage=stage: open_cases(view, first, stage)) for stage, label in STAGES.items()),
        ("All", lambda first: open_cases(view, first)),
    ]
    return figure(
        "caseload-by-stage",
        title,
        f"Bar chart of open cases on {view.end}, one bar for each stage. {title}.",
        plan("bars", bars),
        monthly("Open cases at each month’s end, by stage", view.months_of("applications"), columns),
        is_drawn=are_worth_drawing(value for _, value, _ in found),
        what=f"Open cases by stage, {view.place}, on {view.end}{year_before_words(view, 'applications')}",
    )


def _who(view: View) -> Figure:
    """Open cases by officer (internal) or by team."""
    who = "officer" if view.internal else "team"
    last = view.last_month
    key = (who, "stage")
    names = {
        str(row[who])
        for row in view.rows("case_open_month", "first_day", "team", "officer", "stage").values()
        if row["first_day"] == last and row[who] != ALL and row["stage"] == ALL and row["open_cases"] != 0
    }

    def held(name: str, stage: str) -> Value:
        return open_cases(view, last, stage, **{who: name})

    def age(name: str) -> Value:
        base = {"team": ALL, "officer": ALL, "stage": ALL} | ({key[0]: name} if name != ALL else {})
        return view.value("case_age", "median_age_days", base)

    rows = sorted(((name, held(name, ALL)) for name in names), key=lambda row: (-(drawn(row[1]) or 0), row[0]))
    table = Table(
        f"Open cases on {view.end}, by {who} and stage",
        (who.capitalize(), *STAGES.values(), "All", "Median days since application"),
        tuple(
            (
                "All" if name == ALL else clean(name),
                *(number(held(name, stage)) for stage in (*STAGES, ALL)),
                number(age(name), "median"),
            )
            for name in (*(name for name, _ in rows), ALL)
        ),
    )
    known = [value for _, value in rows if not isinstance(value, Missing)]
    title = f"Open cases by {who}"
    if len(known) > 1:
        name, most = rows[0]
        middle = sorted(known)[len(known) // 2]
        title = f"Half of the {len(rows)} {who}s hold {about(view, middle)} open cases or more;"
        title += f" most, {about(view, most)}, are with {clean(name)}"
    more = f" The chart shows the {BARS_DRAWN} with most cases." if len(rows) > BARS_DRAWN else ""
    return figure(
        f"caseload-by-{who}",
        title,
        f"Bar chart of open cases on {view.end}, one bar for each of {len(rows)} {who}s.{more}",
        plan("bars", [(name, drawn(value), number(value)) for name, value in rows]),
        table,
        is_drawn=len(rows) > 1 and are_worth_drawing(value for _, value in rows),
        what=f"Open cases by {who}, {view.place}, on {view.end}",
        why_not=f"There is no chart: fewer than two {who}s with open cases are on record or may be named.",
    )
