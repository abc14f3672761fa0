"""Main duty decisions by the day of the relief duty on which they were made; day 57 is when it has run its 56 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.emit.pages.parts import Figure, Section, Table, drawn, plan
from pipelines.emit.pages.sections.reading import (
    NO_EARLIER,
    Figures,
    Shares,
    are_worth_drawing,
    figures,
    history,
    is_known,
    quarters_before,
)
from pipelines.emit.pages.words import Missing, Value, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

BANDS = {
    "by_day_57": "By day 57",
    "day_58_to_71": "Day 58 to 71",
    "day_72_to_85": "Day 72 to 85",
    "day_86_to_113": "Day 86 to 113",
    "after_day_113": "After day 113",
}
WITHOUT = "without_relief_duty"


def section(edition: Edition) -> Section | None:
    """Decisions made by day 57 over eight quarters, and those of the quarter by day."""
    say = Shares(edition.internal)
    found = figures(edition, "case_decision_day", "first_day", absent=0)
    quarters = quarters_before(edition, "applications", (Quarter.containing(key[0]) for key in found.rows))
    if not any(found.value("count_decisions", quarter.first_day) != 0 for quarter in quarters):
        return None
    text = (
        "Decisions whether the main duty is owed, by the quarter they were made in and by the day of the relief duty."
        " That duty starts on day 1 and has run its 56 days on day 57. A decision without a relief duty on record has"
        " no such day. A hollow point is a percentage of"
        f" fewer than {say.least}.",
        *history(edition, "applications")[1],
    )
    figures_made = (_trend(say, found, quarters), _days(say, found, edition.quarter))
    return Section("decisions", "Main duty decisions by day 57", text, figures_made)


def _base(found: Figures, quarter: Quarter) -> Value:
    """Decisions with a relief duty on record: all less those without."""
    every, without = (found.value(name, quarter.first_day) for name in ("count_decisions", WITHOUT))
    if isinstance(every, Missing):
        return every
    return without if isinstance(without, Missing) else int(every) - int(without)


def _trend(say: Shares, found: Figures, quarters: tuple[Quarter, ...]) -> Figure:
    counts = [(q, found.value("by_day_57", q.first_day), _base(found, q)) for q in quarters]
    points = [
        (q.first_day, drawn(say.share(part, whole)), say.of(part, whole), say.is_of_few(whole))
        for q, part, whole in counts
    ]
    table = Table(
        "Main duty decisions each quarter, by the day of the relief duty",
        ("Quarter", "Decisions", *BANDS.values(), "No relief duty on record", "Share by day 57"),
        tuple(
            (
                q.words,
                number(found.value("count_decisions", q.first_day)),
                *(number(found.value(name, q.first_day)) for name in (*BANDS, WITHOUT)),
                say.percent(part, whole),
            )
            for q, part, whole in counts
        ),
    )
    last, part, whole = counts[-1]
    if is_known(part) and is_known(whole) and whole:
        title = f"{say.of(part, whole)} main duty decisions of {last.words} were made by day 57"
    else:
        title = "Main duty decisions made by day 57"
    if not are_worth_drawing(points, say):
        said = "There is no chart: too few decisions were made for shares by quarter."
        if len(quarters) < 2:
            said = NO_EARLIER
        return Figure("decisions-trend", title, said, None, table)
    said = f"Line chart by quarter of the share of decisions that were made by day 57. {title}."
    return Figure("decisions-trend", title, said, plan("rates", points), table)


def _days(say: Shares, found: Figures, quarter: Quarter) -> Figure:
    rows = [(label, found.value(name, quarter.first_day)) for name, label in BANDS.items()]
    whole, median = _base(found, quarter), found.value("median_day", quarter.first_day)
    table = Table(
        f"Main duty decisions of {quarter.words}, by the day of the relief duty",
        ("Day of the relief duty", "Decisions", "Share"),
        tuple((label, number(value), say.percent(value, whole)) for label, value in rows),
    )
    known = [(label, drawn(value), say.of(value, whole), "") for label, value in rows if is_known(value)]
    ident, title = "decisions-days", f"On which day the decisions of {quarter.words} were made"
    if not isinstance(median, Missing) and median is not None and is_known(whole) and whole:
        title = f"Half of the decisions of {quarter.words} were made by day {number(median)}"
    if len(known) < 2 or not any(bar[1] for bar in known):
        said = f"There is no chart: too few decisions were made on known days in {quarter.words}."
        return Figure(ident, title, said, None, table)
    said = f"Bar chart of the decisions of {quarter.words} by the day of the relief duty. {title}."
    return Figure(ident, title, said, plan("ranked", known), table)
