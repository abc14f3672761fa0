"""What committees ask of a quarter, one module a subject: each reads its metrics of one edition and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.authority import authority_name
from pipelines.emit.pages.parts import Section
from pipelines.emit.pages.sections import beside, children, decisions, flow, out_of_area, outcomes, reasons, stays

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

SUBJECTS = (
    reasons.section,
    outcomes.section,
    decisions.section,
    flow.section,
    stays.section,
    out_of_area.section,
    children.section,
    beside.section,
)
"""In reading order."""


def subjects(edition: Edition) -> tuple[Section, ...]:
    """A section for each subject on which the edition has a figure."""
    made = (section(edition) for section in SUBJECTS)
    return tuple(_placed(section, authority_name(edition.la_code)) for section in made if section is not None)


def _placed(section: Section, place: str) -> Section:
    """The section with the authority's name in what each figure says of itself."""
    figures = (replace(figure, what=f"{figure.said_below}, {place}") for figure in section.figures)
    return replace(section, figures=tuple(figures))
