"""The columns of every published table in a quarter, in the published order.

Source: ``schemas/tables/headings.csv``, drawn from MHCLG's 31 quarterly workbooks April-June 2018 to
October-December 2025 by ``schemas/tables/build_headings.py``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import schemas.tables
from pipelines.errors import UsageError

DATA = Path(schemas.tables.__file__).parent
FIRST_QUARTER = "2018-Q2"
LAST_KNOWN_QUARTER = "2025-Q4"
SEPARATOR = " > "
MEASURES = ("count", "percent", "rate", "thousands", "days")

_QUARTER = re.compile(r"\d{4}-Q[1-4]")


@dataclass(frozen=True)
class Column:
    """One printed column, named in its table by ``column_path`` and ``measure``; ``position`` starts at 1."""

    table: str
    position: int
    column_path: str
    measure: str
    title: str
    unit: str


@dataclass(frozen=True)
class Layout:
    """All columns of one quarter in the published order; ``is_assumed`` after the last known quarter."""

    quarter: str
    columns: tuple[Column, ...]
    is_assumed: bool

    @property
    def tables(self) -> tuple[str, ...]:
        """Table names in the published order."""
        return tuple(dict.fromkeys(column.table for column in self.columns))

    def of(self, table: str) -> tuple[Column, ...]:
        """Columns of one table in the published order; empty when the quarter has no such table."""
        return tuple(column for column in self.columns if column.table == table)


def read_data(name: str) -> Iterator[dict[str, str]]:
    """Rows of one CSV file of ``schemas/tables``."""
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def in_force(row: dict[str, str], quarter: str) -> bool:
    """Whether a row holds then: both its quarters are inclusive, an empty last one is open."""
    last = row["valid_to_quarter"]
    return row["valid_from_quarter"] <= quarter and (not last or quarter <= last)


def data_in_force(name: str, quarter: str) -> Iterator[dict[str, str]]:
    """Those rows of one CSV file of ``schemas/tables`` that hold for the tables of a quarter."""
    # After the last known quarter the layout is that quarter's, and so are its rules.
    known = min(quarter, LAST_KNOWN_QUARTER)
    return (row for row in read_data(name) if in_force(row, known))


@lru_cache(maxsize=64)
def layout_for(quarter: str) -> Layout:
    """Columns of every table of a quarter, e.g. '2025-Q3' (July to September 2025; file period 202509).

    A quarter that was published again is given with the columns of the later edition. After the last known
    quarter its layout is used and ``is_assumed`` is true. Raises ``UsageError`` for a quarter before 2018-Q2,
    when the return began, or one not written like '2025-Q3'.
    """
    if not _QUARTER.fullmatch(quarter):
        raise UsageError("A quarter is written like 2025-Q3 (July to September 2025).")
    if quarter < FIRST_QUARTER:
        raise UsageError(f"No tables were published in this form before {FIRST_QUARTER}.")
    known = min(quarter, LAST_KNOWN_QUARTER)
    titles = {row["table"]: row for row in read_data("tables.csv") if in_force(row, known)}
    columns = [
        Column(
            table=row["table"],
            position=int(row["position"]),
            column_path=row["column_path"],
            measure=row["measure"],
            title=titles[row["table"]]["title"],
            unit=titles[row["table"]]["unit"],
        )
        for row in read_data("headings.csv")
        if in_force(row, known)
    ]
    order = {name: place for place, name in enumerate(dict.fromkeys(c.table for c in columns))}
    columns.sort(key=lambda c: (order[c.table], c.position))
    return Layout(quarter=quarter, columns=tuple(columns), is_assumed=quarter > LAST_KNOWN_QUARTER)


@lru_cache(maxsize=1)
def columns_ever() -> dict[str, dict[tuple[str, ...], frozenset[str]]]:
    """For each table, the measures that each column path (as a tuple of labels) had in any quarter."""
    found: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for row in read_data("headings.csv"):
        path = tuple(row["column_path"].split(SEPARATOR))
        found.setdefault(row["table"], {}).setdefault(path, set()).add(row["measure"])
    return {table: {path: frozenset(m) for path, m in paths.items()} for table, paths in found.items()}


@lru_cache(maxsize=1)
def _labels() -> tuple[dict[str, str], frozenset[str]]:
    printed = {row["printed"]: row["label"] for row in read_data("labels.csv")}
    clean = {label for paths in columns_ever().values() for path in paths for label in path}
    return printed, frozenset(clean)


# A mark is taken off only when what is left is a label that has been printed, so that "16-17", "75+" and
# the number of needs "2" survive while a footnote that is new next quarter does not hide its column.
_MARKS = re.compile(r"\s*(?:\[note \d+\](?:, ?)?|[\u00b9\u00b2\u00b3\u2070-\u2079]|\d(?:, ?\d)*)+$")


@lru_cache(maxsize=4096)
def clean_label(printed: str) -> str:
    """A printed label, white space folded, footnote marks removed; an unknown one is only folded."""
    known_printed, known = _labels()
    folded = " ".join(printed.replace("_x000D_", " ").split())
    if folded in known:
        return folded
    if folded in known_printed:
        return known_printed[folded]
    bare = folded
    while bare:
        shorter = _MARKS.sub("", bare) if _MARKS.search(bare) else bare
        if shorter == bare:
            break
        if shorter in known:
            return shorter
        bare = shorter
    return folded
