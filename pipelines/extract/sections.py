"""What all tables of an export gave, as the nine sections."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.extract.ages import date_ages
from pipelines.extract.assemble import build_section, derive_dependents
from pipelines.extract.lost_zeros import report_lost_zeros
from pipelines.extract.notes import Notes
from pipelines.extract.rates import report_rates
from pipelines.extract.tables import Loaded
from schemas.sections import SECTIONS


def sections_of(loaded: list[Loaded], *, authority: str, as_at: date, notes: Notes) -> dict[str, pl.DataFrame]:
    """Each section's columns and types, with ``_file`` and ``_row``, sorted by key."""
    sections: dict[str, pl.DataFrame] = {}
    for section in SECTIONS:
        frame = build_section(section, loaded, authority, notes)
        if section.name == "people":
            frame = date_ages(frame, sections["main"], as_at, loaded, notes)
            frame = derive_dependents(frame, as_at, loaded, notes)
        if section.name == "temporary_accommodation":
            report_rates(frame, loaded, notes)
        sections[section.name] = notes.placed(frame.drop("_t", "_i"))
        for table in loaded:
            table.keep_places_of(section.name)
    report_lost_zeros(sections, notes)
    return sections
