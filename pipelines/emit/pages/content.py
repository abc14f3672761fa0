"""What one edition of the dashboard says, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.emit.pages.cases_and_homes import accommodation, caseload
from pipelines.emit.pages.figures import Edition
from pipelines.emit.pages.headlines import headlines
from pipelines.emit.pages.parts import Figure, Headline, Section, Table
from pipelines.emit.pages.sections import subjects
from pipelines.emit.pages.time_and_money import cost, forecast, length_of_stay

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition as Released


def sections(view: Edition, released: Released) -> tuple[Section, ...]:
    """Every section of the page, in reading order; ``released`` holds the metrics of the same edition."""
    first = (caseload(view), accommodation(view), length_of_stay(view))
    return (*first, *subjects(released), cost(view), forecast(view))


__all__ = ["Figure", "Headline", "Section", "Table", "headlines", "sections"]
