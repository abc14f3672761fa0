"""A published workbook of any layout since 2018 as one tidy table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import polars as pl

from pipelines.errors import InputError, UsageError
from pipelines.published import kept
from pipelines.published.assumed import Matched
from pipelines.published.figures import (
    AUTHORITY_CODE,
    TIDY_SCHEMA,
    ZERO_FOR_SUPPRESSED,
    Remark,
    read_figures,
    renamed_codes,
    table_of,
)
from pipelines.published.headings import Column, Layout, layout_for
from pipelines.published.mapping import read_mapping

__all__ = [
    "AUTHORITY_CODE",
    "KEY",
    "TIDY_SCHEMA",
    "Problem",
    "PublishedWorkbook",
    "edition_of",
    "read_workbook",
    "table_of",
]

KEY = ["la_code", "quarter", "table", "column_path", "measure"]

_FILE_PERIOD = re.compile(r"(20\d{2})(03|06|09|12)(?!\d)")


@dataclass(frozen=True)
class Problem:
    """One thing about a sheet that did not fit: ``label`` is a heading or a cell address, never a figure."""

    kind: str
    sheet: str
    table: str
    label: str

    def __str__(self) -> str:
        """One line for the screen."""
        place = ", ".join(part for part in (self.table, self.sheet if self.sheet != self.table else "") if part)
        return f"{self.kind}: {place}: {self.label}" if place and self.label != place else f"{self.kind}: {self.label}"


@dataclass
class PublishedWorkbook:
    """One workbook; ``tidy`` has one row per area, table, column path and measure (``TIDY_SCHEMA``)."""

    tidy: pl.DataFrame
    quarter: str
    edition: str
    sha256: str
    problems: list[Problem] = field(default_factory=list)
    matched: list[Matched] = field(default_factory=list)
    """How each column of figures was told, where the layout is assumed; empty where it is known."""

    @property
    def unread(self) -> list[Column]:
        """Columns of the quarter's layout that were not read, in the published order."""
        if self.matched:
            read = {(one.table, one.column_path, one.measure) for one in self.matched}
        else:
            read = set(self.tidy.select("table", "column_path", "measure").unique().iter_rows())
        return [c for c in self.layout.columns if (c.table, c.column_path, c.measure) not in read]

    @property
    def layout(self) -> Layout:
        """The columns that the quarter is known, or after 2025-Q4 assumed, to have."""
        return layout_for(self.quarter)


def edition_of(path: Path) -> str:
    """Which edition a file name says it is: what follows the period, such as 'revised', else 'first'."""
    match = _FILE_PERIOD.search(path.stem)
    rest = path.stem[match.end() :] if match else ""
    return rest.strip("_- ").lower() or "first"


def read_workbook(path: Path | str, authority: str | None = None, headings: Path | None = None) -> PublishedWorkbook:
    """Every figure of a published workbook, or of one authority in it.

    Areas are authorities (E06-E09), regions (E12) and England (E92); rows come column by column in the published
    order. An authority whose code changed is given the code of the workbook's other sheets, so that its rows
    join. Units: see ``measure`` (percentages are fractions). ``headings`` is a mapping file
    (``mapping``) for a layout that is not known; a file that is none, or names columns that are none, raises
    ``InputError``. What is read is kept for the next time (``kept``).
    Raises ``InputError`` when the file is no such workbook or lacks the authority, ``UsageError`` when the
    authority is no GSS code.
    """
    path = Path(path)
    if authority is not None and not AUTHORITY_CODE.fullmatch(authority):
        raise UsageError("An authority is given by its GSS code, such as E06000034.")
    if not path.is_file():
        raise InputError(f"There is no file {path.name} in that place.")
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    named = _quarter_of_name(path)
    # Whatever else decides what is read of these bytes belongs here as well.
    mapping = None if headings is None else read_mapping(headings)
    key = kept.key(workbook=sha256, quarter_named=named or "", headings=mapping.sha256 if mapping else "")
    figures = kept.fetch(key)
    if figures is None:
        figures = read_figures(data, path.name, named, mapping)
        kept.keep(key, figures)
    tidy, remarks = figures.tidy, figures.remarks
    if authority is not None:
        authority = renamed_codes(set(tidy["la_code"].unique())).get(authority, authority)
        tidy = tidy.filter(pl.col("la_code") == authority)
        remarks = tuple(remark for remark in remarks if remark.la_code in ("", authority))
        if tidy.is_empty():
            raise InputError(f"{path.name} has no row for that authority.")
    problems = list(_problems(remarks))
    if named and named != figures.quarter:
        problems.insert(0, Problem("file name says another quarter than the titles", "", "", named))
    return PublishedWorkbook(tidy, figures.quarter, edition_of(path), sha256, problems, list(figures.matched))


def _problems(remarks: tuple[Remark, ...]) -> Iterator[Problem]:
    for (kind, sheet, table), group in groupby(remarks, key=lambda remark: (remark.kind, remark.sheet, remark.table)):
        labels = [remark.label for remark in group]
        if kind == ZERO_FOR_SUPPRESSED:
            labels = [f"{len(labels)} cells"]
        yield from (Problem(kind, sheet, table, label) for label in labels)


def _quarter_of_name(path: Path) -> str | None:
    match = _FILE_PERIOD.search(path.stem)
    return f"{match[1]}-Q{int(match[2]) // 3}" if match else None
