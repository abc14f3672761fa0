"""What one edition of the dashboard says, in reading order."""

from __future__ import annotations

from pipelines.emit.pages.ahead import forecast
from pipelines.emit.pages.caseload import caseload
from pipelines.emit.pages.headlines import headlines
from pipelines.emit.pages.homes import accommodation, length_of_stay
from pipelines.emit.pages.money import cost
from pipelines.emit.pages.parts import Figure, Headline, Section, Table
from pipelines.emit.pages.sections import subjects
from pipelines.emit.pages.view import View


def sections(view: View, *, with_forecast: bool = False) -> tuple[Section, ...]:
    """Every section of the page, in reading order: what comes, what becomes of it, who stays, what it costs."""
    found = [
        caseload(view),
        *subjects(view.edition),
        accommodation(view),
        length_of_stay(view),
        cost(view),
        forecast(view, is_wanted=with_forecast),
    ]
    # One that is not named comes before the next quarters.
    found.sort(key=lambda section: IN_ORDER.index(section.ident) if section.ident in IN_ORDER else len(IN_ORDER) - 1.5)
    return tuple(found)


IN_ORDER = (
    "caseload",
    "main-reasons",
    "outcomes",
    "decisions",
    "temporary-accommodation",
    "flow",
    "length-of-stay",
    "stays-by-place",
    "out-of-area",
    "children",
    "beside-others",
    "cost",
    "forecast",
)


__all__ = ["Figure", "Headline", "Section", "Table", "headlines", "sections"]
