"""What the keys of a ``[[table]]`` say of its rows: joined, translated, turned, thinned out before they are mapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Other:
    """Another file or sheet, or (``source``) an input or a statement of the profile, whose rows are looked into."""

    file: str | None = None
    sheet: str | None = None
    source: str = ""

    @property
    def name(self) -> str:
        """What steps and messages call its rows; the same for two keys that look into the same file."""
        if self.file and self.sheet:
            return f"{self.file} [{self.sheet}]"
        return self.source or self.sheet or self.file or ""


@dataclass(frozen=True)
class Keep:
    """Of rows that are the same by ``per``, one is kept: the first or the last by ``order_by``."""

    last: bool
    order_by: tuple[str, ...] = ()
    per: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """``last by 'Updated'``."""
        by = " and ".join(f"'{one}'" for one in self.order_by)
        return ("last" if self.last else "first") + (f" by {by}" if by else "")


@dataclass(frozen=True)
class Join:
    """Columns of another file, put beside each row by equal keys; at most one row of it for each."""

    other: Other
    on: tuple[tuple[str, str], ...]
    """Heading here, heading there."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefix: str = ""
    keep: Keep | None = None
    optional: bool = False
    """Not every row need have one there."""
    many: bool = False
    """A row may have several there, and becomes as many rows."""
    exact: bool = False
    """Keys that differ only in capitals are different."""


@dataclass(frozen=True)
class Cell:
    """A column whose cells a look-up file translates."""

    heading: str
    """With ``{n}`` where the column repeats."""
    into: str
    """Heading of the labels: the same, unless other fields read the keys or use another look-up."""
    by: str | None = None
    """What parts several keys in one cell."""
    repeat: int = 0
    personal: bool = False
    local: bool = False
    section: str | None = None
    fields: str | None = None


@dataclass(frozen=True)
class Lookup:
    """A file of keys and labels, by which cells are translated."""

    other: Other
    key: str
    label: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where_same: Mapping[str, str] = field(default_factory=dict)
    """Heading there → heading of the row that must hold the same."""
    keep_others: bool = False
    """Cells that are no key stay as they are."""
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: one row for each text that ``*`` stands for in the headings."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    """Heading of the cells → patterns of the headings they stood under."""
    name: str
    """Heading of the text that ``*`` stood for, or of the whole heading where the pattern has none."""


@dataclass(frozen=True)
class Pivot:
    """Rows that become columns: one row for each ``per``, one column for each text under ``name``."""

    per: tuple[str, ...]
    name: str
    values: tuple[str, ...]
    single: bool
    """Columns are headed by the text alone; otherwise by the text and the heading of the value."""
    several: tuple[str, ...] = ()
    """Texts under ``name`` that may occur several times; their values are joined."""
    by: str = ";"


@dataclass(frozen=True)
class Collect:
    """Several rows that become one: the cells of a column joined into one."""

    per: tuple[str, ...]
    column: str
    into: str
    by: str = ";"


@dataclass(frozen=True)
class Wanted:
    """A heading that the mapping reads."""

    heading: str
    section: str | None = None
    field: str | None = None
    optional: bool = False


@dataclass(frozen=True)
class Taken:
    """Which rows a section takes (its ``when``)."""

    values: Mapping[str, tuple[str, ...]]
    filled: tuple[str, ...]


@dataclass(frozen=True)
class Spelling:
    """How the cells of the export are written (``[options]``)."""

    dates: tuple[str, ...] = ()
    """Names of the accepted forms of dates."""
    blanks: tuple[str, ...] = ()
    """Further texts that mean an empty cell."""
    two_digit_years: int | None = None
    """The last of the hundred years that two digits stand for."""


@dataclass(frozen=True)
class Shape:
    """All of it for one table, in the order in which it is applied."""

    place: str
    joins: tuple[Join, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    unpivot: Unpivot | None = None
    keep: Keep | None = None
    pivot: Pivot | None = None
    collect: tuple[Collect, ...] = ()
    cells: tuple[Lookup, ...] = ()
    """Look-ups of single columns (``codes_from`` of a column)."""
    wanted: tuple[Wanted, ...] = ()
    ignore: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()
    """One for each section that the rows feed; empty where one takes all rows."""
    spelling: Spelling = Spelling()

    @property
    def others(self) -> tuple[Other, ...]:
        """The other files it looks into, each once."""
        joined = [one.other for one in self.joins]
        return tuple(dict.fromkeys([*joined, *(one.other for one in (*self.lookups, *self.cells))]))
