"""What became of the prevention and relief duties that ended: rates with their bases, and their trend."""

from __future__ import annotations

from collections.abc import Sequence
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
from pipelines.emit.pages.words import Value, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

DUTIES = ("prevention", "relief")
WELL = "accommodated"
GROUPS = {
    WELL: "Secured accommodation for 6+ months",
    "56 days elapsed": "56 days elapsed",
    "homeless": "Homeless (including intentionally homeless)",
    "refused": "Refused an offer or to cooperate",
    "contact lost or withdrew": "Contact lost or withdrew",
    "other ending": "Other ending",
    "not known": "Not known",
}
"""Groups of endings by the words of the page; the first has the label of tables P1 and R1."""


def section(edition: Edition) -> Section | None:
    """Of each duty: how many ended with accommodation over eight quarters, and how those of the quarter ended."""
    say = Shares(edition.internal)
    ended = figures(edition, "outcome_quarter", "duty", "first_day", "outcome_group", absent=0)
    quarters = quarters_before(edition, "duties_ended", (Quarter.containing(day) for _, day, _ in ended.rows))
    made = [
        figure
        for duty in DUTIES
        if any(_count(ended, duty, quarter) != 0 for quarter in quarters)
        for figure in (_trend(say, ended, duty, quarters), _endings(say, ended, duty, edition.quarter))
    ]
    if not made:
        return None
    text = (
        "Duties that ended in the quarter, one for each household, by how they ended. A hollow point is a percentage of"
        f" fewer than {say.least}.",
        *history(edition, "duties_ended")[1],
    )
    return Section("outcomes", "Outcomes of prevention and relief", text, tuple(made))


def _count(ended: Figures, duty: str, quarter: Quarter, group: str = "all") -> Value:
    return ended.value("count_cases", duty, quarter.first_day, group)


def _trend(say: Shares, ended: Figures, duty: str, quarters: Sequence[Quarter]) -> Figure:
    counts = [(quarter, _count(ended, duty, quarter, WELL), _count(ended, duty, quarter)) for quarter in quarters]
    points = [
        (quarter.first_day, drawn(say.share(well, whole)), say.of(well, whole), say.is_of_few(whole))
        for quarter, well, whole in counts
    ]
    table = Table(
        f"{duty.capitalize()} duties that ended each quarter, and those with accommodation secured",
        ("Quarter", "Ended", GROUPS[WELL], "Share of those that ended"),
        tuple((q.words, number(whole), number(well), say.percent(well, whole)) for q, well, whole in counts),
    )
    title, ident = _trend_title(say, duty, counts), f"outcomes-{duty}"
    if not are_worth_drawing(points, say):
        said = f"There is no chart: too few {duty} duties ended for shares by quarter."
        if len(quarters) < 2:
            said = NO_EARLIER
        return Figure(ident, title, said, None, table)
    said = (
        f"Line chart by quarter: of the {duty} duties that ended, the share that ended with accommodation secured."
        f" {title}. The table holds every figure of the chart."
    )
    return Figure(ident, title, said, plan("rates", points), table)


def _trend_title(say: Shares, duty: str, counts: Sequence[tuple[Quarter, Value, Value]]) -> str:
    _, well, whole = counts[-1]
    if whole == 0:
        return f"No {duty} duty ended in the quarter"
    if not is_known(well) or not is_known(whole):
        return f"How often {duty} ended with accommodation secured"
    said = f"{say.of(well, whole)} {duty} duties ended with accommodation secured"
    if len(counts) < 2:
        return said
    before, well_before, whole_before = counts[-2]
    if not is_known(say.share(well_before, whole_before)):
        return said
    return f"{said}; {say.of(well_before, whole_before)} in {before.words}"


def _endings(say: Shares, ended: Figures, duty: str, quarter: Quarter) -> Figure:
    whole = _count(ended, duty, quarter)
    counts = [(label, _count(ended, duty, quarter, group)) for group, label in GROUPS.items()]
    found = sorted((item for item in counts if item[1] != 0), key=lambda item: -(drawn(item[1]) or 0))
    table = Table(
        f"{duty.capitalize()} duties that ended in {quarter.words}, by how they ended",
        ("How the duty ended", "Households", "Share of those that ended"),
        (
            *((label, number(count), say.percent(count, whole)) for label, count in found),
            ("All", number(whole), say.percent(whole, whole)),
        ),
    )
    shown = [(label, count) for label, count in found if is_known(count)]
    ident = f"outcomes-{duty}-endings"
    if not shown:
        said = f"There is no chart: no {duty} duty ended in {quarter.words}."
        if whole != 0:
            said = f"There is no chart: each way in which {duty} ended in {quarter.words} is of too few households."
        return Figure(ident, f"How {duty} ended", said, None, table)
    top, most = shown[0]
    title = f"{top} is how most {duty} duties ended: {say.of(most, whole)}"
    if not is_known(whole) or 2 * (drawn(most) or 0) <= (drawn(whole) or 0) or len(shown) < len(found):
        title = f"{top} is the most frequent way in which {duty} ended: {say.of(most, whole)}"
    bars = [(label, drawn(count), say.of(count, whole)) for label, count in shown]
    left_out = "" if len(shown) == len(found) else " Ways of ending with too few households are left out."
    said = f"Bar chart of how {duty} duties ended in {quarter.words}, one bar for each way.{left_out} {title}."
    return Figure(ident, title, said, plan("ranked", [(*bar, "") for bar in bars]), table)
