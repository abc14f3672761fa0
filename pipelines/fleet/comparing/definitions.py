"""What is compared: the counts of an authority, and the measures made of them (``counts.csv``, ``measures.csv``)."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from pipelines.period import Quarter
from pipelines.published.headings import data_in_force, layout_for

_HERE = Path(__file__).parent

HOUSEHOLDS = "households"
"""The denominator of rates: households in the authority's area, which MHCLG prints in thousands."""
SUBJECTS = {
    "rates": "Rates",
    "outcomes": "Outcomes",
    "stays": "Stays in temporary accommodation",
    "quality": "Quality of the data",
}
"""What the measures are about, in the order of the page."""
DAYS, FRACTION = "days", "fraction"
"""Units of measures; the others are rates per 1,000."""

OWN_RELATION = "fleet_compare"
"""The table under which figures are remembered that stand in no edition of the authority's own."""


@dataclass(frozen=True)
class Count:
    """One count of an authority.

    ``tables`` and ``cells`` say which columns of the official tables it is the sum of (``schemas/tables/cells.csv``);
    without them it comes from the run's ledger. ``sum_of`` and ``part_of`` name counts that it is the sum or a part of.
    """

    name: str
    label: str
    table: str
    cells: str
    is_public: bool
    """Whether MHCLG prints it, where no rule of its own hides it."""
    sum_of: tuple[str, ...]
    part_of: str
    hidden_part_of: str
    """The count that holds whatever MHCLG hides of this one, where it hides some of its columns and not others."""
    released: tuple[str, str, str]
    """Table, row and column under which the authority's own edition for sharing prints the same count, or empty."""

    def figure(self, quarter: Quarter) -> tuple[str, str, str]:
        """The name under which what is printed of it in a quarter is remembered (``warehouse.released``)."""
        day = str(quarter.first_day)
        if not self.released[0]:
            return OWN_RELATION, f"{day}|{self.name}", "count"
        month = str(quarter.last_day.replace(day=1))
        table, row, column = self.released
        return table, row.format(quarter=day, month=month), column


@dataclass(frozen=True)
class Measure:
    """One figure that is compared: a count over another, ``per`` so many; or days."""

    name: str
    subject: str
    label: str
    unit: str
    numerator: str
    denominator: str
    per: int


@cache
def counts() -> tuple[Count, ...]:
    """The counts of ``counts.csv`` in its order."""
    return tuple(
        Count(
            row["count_name"],
            row["label"],
            row["tables"],
            row["cells"],
            bool(row["is_public"]),
            tuple(filter(None, row["sum_of"].split(";"))),
            row["part_of"],
            row["hidden_part_of"],
            (row["released_table"], row["released_row"], row["released_column"]),
        )
        for row in _rows("counts.csv")
    )


@cache
def measures() -> tuple[Measure, ...]:
    """The measures of ``measures.csv`` in its order."""
    return tuple(
        Measure(
            row["measure"],
            row["subject"],
            row["label"],
            row["unit"],
            row["numerator"],
            row["denominator"],
            int(row["per"] or 1),
        )
        for row in _rows("measures.csv")
    )


def columns_of(quarter: Quarter) -> list[tuple[str, str, str]]:
    """Count, official table and column path, one row per column that a count of the quarter is the sum of.

    A count that the quarter's tables cannot give has no row.
    """
    paths: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in data_in_force("cells.csv", str(quarter)):
        for table in row["tables"].split():
            paths[table, row["cells"]].add(row["column_path"])
    layout = layout_for(str(quarter))
    found = []
    for count in counts():
        if not count.table:
            continue
        wanted = [
            path
            for alternative in count.cells.split("|")
            for pattern in alternative.split("&")
            for (table, cells), known in paths.items()
            if table == count.table and _is_meant(cells, pattern)
            for path in known
        ]
        columns = [
            column.column_path
            for column in layout.of(count.table)
            if column.measure == "count" and column.column_path in wanted
        ]
        found += [(count.name, count.table, path) for path in columns]
    return found


def _is_meant(cells: str, pattern: str) -> bool:
    """Whether the cells of a column are those that a count asks for; a star before a dot stands for each type."""
    return fnmatchcase(cells, pattern) if pattern.startswith("*.") else cells == pattern


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
