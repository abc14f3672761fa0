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
    """Every section of the page, in reading order."""
    return (
        caseload(view),
        accommodation(view),
        length_of_stay(view),
        *subjects(view.edition),
        cost(view),
        forecast(view, is_wanted=with_forecast),
    )


__all__ = ["Figure", "Headline", "Section", "Table", "headlines", "sections"]
