"""What a source profile says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.sources.errors import ProfileError
from schemas.sources.readings import Reading
from schemas.sources.shape import Lookup, Shape

__all__ = ["DATE_FORMATS", "DEFAULT_DATES", "Feed", "Profile", "ProfileError", "Source", "Table"]

DATE_FORMATS: dict[str, str] = {
    "iso": "yyyy-mm-dd",
    "uk": "dd/mm/yyyy",
    "month": "dd-Mon-yyyy",
    "us": "mm/dd/yyyy",
    "compact": "yyyymmdd",
    "serial": "Excel date number",
}
DEFAULT_DATES = ("iso", "uk", "month", "serial")


@dataclass(frozen=True)
class Source:
    """Where one section column comes from. ``{n}`` in a heading stands for the number of the repeat."""

    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str | None = None
    replace: Mapping[str, str] = field(default_factory=dict)
    """Text by the text that it stands for, replaced in the cell before all else."""
    split: str | None = None
    part: int = 1
    last: int | None = None
    """The last piece that is taken, where there may be several; they stay parted by ``split``."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Code by spelling, or yes and no by spelling of a flag; the spelling "" is an empty cell."""
    separator: str = ";"
    on: str | None = None
    """Of an age: the day on which it was taken."""
    per: str = "night"
    """Of an amount for one night: the period that the export gives it for."""
    optional: bool = False
    codes_from: Lookup | None = None
    """The look-up file that gives the label for each cell."""
    named: bool = True
    """Whether the profile names it; not where ``all_columns`` stands for it."""


@dataclass(frozen=True)
class Feed:
    """One section that the rows of a table feed."""

    section: str
    columns: Mapping[str, Source]
    when_filled: tuple[str, ...] = ()
    when_value: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeat: int = 0
    split_rows: tuple[str, str] | None = None
    """Column of the section whose cell holds several values, one row each, and what parts them."""
    adds_columns: bool = False


@dataclass(frozen=True)
class Table:
    """One file or sheet of the export."""

    file: str | None
    sheet: str | None
    optional: bool
    reading: Reading
    delimiter: str | None
    ignore: tuple[str, ...]
    allow_unused_rows: bool
    feeds: tuple[Feed, ...]
    name: str = ""
    """Of an ``[input.…]``: what statements and other tables call it."""
    source: str = ""
    """Name of the statement or input whose rows it reads (``from``), in place of a file or sheet."""
    shape: Shape | None = None
    """What becomes of its rows before they are mapped."""
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Heading → values of the rows that no section takes and that are rightly let go."""
    footer: tuple[str, ...] = ()
    """Beginnings of rows that close the report, or sum it up; such rows are left out."""

    @property
    def header_row(self) -> int:
        """The last row of headings; the rows of data stand below it."""
        return self.reading.header_row

    @property
    def label(self) -> str:
        """What messages call the table before its file is found."""
        if self.file and self.sheet:
            return f"{self.file} [{self.sheet}]"
        return self.file or self.sheet or self.source or self.name

    def headings(self) -> tuple[str, ...]:
        """Every heading that the profile knows of, ``{n}`` filled in."""
        found: dict[str, None] = {}
        for feed in self.feeds:
            for slot in range(1, max(feed.repeat, 1) + 1):
                names = [name for source in feed.columns.values() for name in source.columns]
                for name in (*names, *feed.when_filled, *feed.when_value):
                    found[name.replace("{n}", str(slot))] = None
        for name in (*self.leave_out, *self.ignore, *(name for one in self.reading.skip for name in one)):
            found[name] = None
        return tuple(found)


@dataclass(frozen=True)
class Profile:
    """One source profile, checked."""

    name: str
    title: str
    note: str
    illustration: bool
    dates: tuple[str, ...]
    blanks: tuple[str, ...]
    case_ref_pattern: str | None
    """What is found in every case reference; it decides alone."""
    two_digit_years: int | None
    """The last of the hundred years that two digits stand for; without it none are accepted, for a birth never."""
    codes: Mapping[str, Mapping[str, str]]
    tables: tuple[Table, ...]
    inputs: tuple[Table, ...] = ()
    """Files and sheets that statements and other tables read by a name; none feeds a section."""
    sql: Mapping[str, str] = field(default_factory=dict)
    """Named ``select`` statements over the files, in order; a later one may read an earlier one."""
    queries: Mapping[str, str] = field(default_factory=dict)
    """Named ``select`` statements that a database is asked, in its own SQL; what each gives is a file of that name."""
    statement_minutes: int = 10
    """How long a statement, or a query, may take."""
    case_url: str | None = None
    """Where a case opens in the council's own system, with ``{local_ref}`` for its reference."""
