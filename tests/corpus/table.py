"""The corpus: all entries, by what is broken."""

from __future__ import annotations

from tests.corpus import of_beside, of_bytes, of_cells, of_files, of_options, of_profiles, of_references, of_rows
from tests.corpus.entry import Entry

AT_LEAST = 250


def entries() -> tuple[Entry, ...]:
    """Every entry."""
    parts = (of_bytes, of_rows, of_cells, of_references, of_files, of_profiles, of_options, of_beside)
    return tuple(entry for part in parts for entry in part.ENTRIES)
