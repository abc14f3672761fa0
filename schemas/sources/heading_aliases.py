"""How columns are called in exports: headings by field, for drafting a source profile. Nothing is read by them.

``heading_aliases.csv`` (section, field, heading, clear) is an own collection of how officers and reports call a field:
no vendor's layout is public, so none is copied. ``clear`` says how much a heading tells: ``yes`` by itself, ``perhaps``
where nothing speaks for another field, ``in its table`` only where the file or sheet is about the section.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

YES, PERHAPS, IN_ITS_TABLE = "yes", "perhaps", "in its table"


@dataclass(frozen=True)
class HeadingAlias:
    """One heading under which a field was seen, or is expected."""

    section: str
    field: str
    heading: str
    clear: str


@cache
def heading_aliases() -> tuple[HeadingAlias, ...]:
    """All headings, in the order of the file. ``case_ref`` stands under ``main`` and holds for every section."""
    with (files(__package__) / "heading_aliases.csv").open(encoding="utf-8") as handle:
        return tuple(
            HeadingAlias(row["section"], row["field"], row["heading"], row["clear"]) for row in csv.DictReader(handle)
        )
