"""Extract: from a case export to the nine sections, with every row and every cell accounted for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.errors import InputError, UsageError
from pipelines.extract.assemble import build_section, derive_dependents
from pipelines.extract.exports import ExportFile, files_of
from pipelines.extract.locate import Located, locate_tables
from pipelines.extract.notes import SET_ASIDE, Notes
from pipelines.extract.tables import Loaded, load_table
from pipelines.extract.tabular import TextTable, UnreadableError
from schemas.sections import SECTIONS
from schemas.sources import ProfileError, load

__all__ = ["SET_ASIDE", "Extracted", "FileCount", "extract"]

READERS = 1
"""Files read ahead of the one that is laid into sections; the order of the result does not depend on it."""


@dataclass(frozen=True)
class FileCount:
    """Rows of one file (or sheet): read = loaded + set aside. Empty rows hold nothing and are not counted."""

    name: str
    sha256: str
    bytes: int
    rows_read: int
    rows_loaded: int
    rows_set_aside: int
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Extracted:
    """What an export holds, and what is wrong with it."""

    sections: dict[str, pl.DataFrame]
    """Each section's columns and types, with ``_file`` and ``_row``, sorted by key."""
    findings: pl.DataFrame
    set_aside: pl.DataFrame
    """``file, row, reason, content``: holds personal data."""
    files: tuple[FileCount, ...]


def extract(export: Path, profile: str, *, authority: str, as_at: date) -> Extracted:
    """Read an export through a source profile.

    Args:
        export: a CSV, XLSX or Parquet file, or a folder or zip of them.
        profile: name of a shipped source profile, or path of one.
        authority: code of the authority, for exports that do not hold it.
        as_at: day the export was taken; ages are counted on it where a dependent flag is derived.

    Raises:
        UsageError: the profile cannot be used.
        InputError: the export as a whole cannot be read.
    """
    try:
        source = load(profile)
    except ProfileError as error:
        raise UsageError(str(error)) from None
    notes = Notes(source)
    located, damaged = locate_tables(source, files_of(export), notes)
    loaded: list[Loaded] = []
    counts: list[FileCount] = []
    for one, text in _read_ahead(located):
        if isinstance(text, UnreadableError):
            notes.add("X-03", one.name, why=str(text), section=one.table.feeds[0].section)
            counts.append(_count(one.name, one.file))
        else:
            loaded.append(load_table(one, text, source, notes))
        del text
    if not loaded and (located or damaged):
        raise InputError("No file of the export can be read; export it again as CSV (UTF-8), XLSX or Parquet.")
    if not loaded:
        raise InputError("No file of the export has a name that the source profile expects.")
    sections = {}
    for section in SECTIONS:
        frame = build_section(section, loaded, authority, notes)
        if section.name == "people":
            frame = derive_dependents(frame, as_at, loaded, notes)
        sections[section.name] = frame.drop("_t", "_i")
        for table in loaded:
            table.keep_places_of(section.name)
    counts += [_count(one.name, one.located.file, one) for one in loaded]
    return Extracted(
        sections=sections,
        findings=notes.findings(),
        set_aside=notes.rows_set_aside(),
        files=tuple(sorted(counts, key=lambda count: count.name)),
    )


def _read_ahead(located: Sequence[Located]) -> Iterator[tuple[Located, TextTable | UnreadableError]]:
    """Each table with its text, in order; a few are read meanwhile, so that few are held at once."""
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        coming = deque(pool.submit(_read, one) for one in located[:READERS])
        for number, one in enumerate(located):
            text = coming.popleft().result()
            if number + READERS < len(located):
                coming.append(pool.submit(_read, located[number + READERS]))
            yield one, text


def _read(located: Located) -> TextTable | UnreadableError:
    try:
        return located.read()
    except UnreadableError as error:
        return error


def _count(name: str, file: ExportFile, loaded: Loaded | None = None) -> FileCount:
    read = loaded.text.rows_read if loaded else 0
    aside = len(loaded.text.bad) + len(loaded.set_aside) if loaded else 0
    return FileCount(
        name=name,
        sha256=file.digest.sha256,
        bytes=file.digest.bytes,
        rows_read=read,
        rows_loaded=read - aside,
        rows_set_aside=aside,
        encoding=loaded.text.encoding if loaded else "",
        delimiter=loaded.text.delimiter if loaded else "",
    )
