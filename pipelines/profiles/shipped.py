"""Whether an export has the layout of a shipped profile, so that none need be written."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pipelines.extract.parsing import fold
from pipelines.profiles.sheets import Sheet
from schemas.sources import load, profile_names

FITS = 0.95
"""Share of the headings of a shipped profile that must be there, and of its tables."""


def shipped_layout(sheets: Sequence[Sheet]) -> str | None:
    """Name of the shipped profile whose files and headings the export has."""
    for name in profile_names():
        profile = load(name)
        plain = [table for table in profile.tables if not table.source]
        found = wanted = tables = 0
        for table in plain:
            # The first repeat stands for all: how many there are is up to the export.
            headings = {
                fold(heading.replace("{n}", "1"))
                for feed in table.feeds
                for source in feed.columns.values()
                for heading in source.columns
                if not source.optional
            }
            have = next((set(map(fold, one.headings)) for one in sheets if _is(one, table.file, table.sheet)), set())
            wanted += len(headings)
            found += len(headings & have)
            tables += bool(have)
        if plain and tables >= FITS * len(plain) and found >= FITS * wanted:
            return name
    return None


def _is(sheet: Sheet, file: str | None, name: str | None) -> bool:
    wanted = fold(name or file or "")
    return fnmatchcase(fold(sheet.label), wanted)
