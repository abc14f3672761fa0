"""What committees ask of a quarter, one module a subject: each reads its metrics of one edition and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    return tuple(section for section in made if section is not None)
