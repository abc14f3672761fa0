"""The rows of a return, out of ``sql/return``, spelt as the profile wants them, some hundred cases at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.emit.returns.problems import Problem
from pipelines.transform import create
from schemas.returns import Group, Mapped, Profile
from schemas.sections import SECTION, SECTIONS

CASES_AT_ONCE = 1_000
# What XML 1.0 cannot carry, escaped or not (production Char).
_UNWRITABLE = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]"

CODES_APART = "\t"
"""Parts the codes of a multi-code column in a row; no written value holds one, see ``escape``."""
# One escape for text and attributes alike: white space other than a blank as a reference, or a parser would fold it.
_ESCAPES: dict[str, str] = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_TABLE = str.maketrans({ord(mark): name for mark, name in _ESCAPES.items()})

Row = tuple[str | None, ...]
Case = dict[str, list[Row]]
"""Rows of one case by the name of their group. A row: the columns of ``head``, then the mapped ones."""


def escape(text: str) -> str:
    """The text as it stands in XML, in an element or an attribute."""
    return text.translate(_TABLE)


def head(group: Group) -> tuple[str, ...]:
    """Columns that a row starts with, unformatted."""
    return tuple(dict.fromkeys(("case_ref", *SECTION[group.section].key, *group.match)))


def relation(kind: str, section: str) -> str:
    """Name of the relation that feeds a section in that file."""
    return "return_personal" if kind == "personal" and section == "people" else f"return_{section}"


def create_relations(con: duckdb.DuckDBPyConnection, *, personal: bool) -> None:
    """Create the ``return_…`` temp tables from the sections as sent.

    Without ``personal`` none that holds a name, date of birth, address or National Insurance number is made.
    """
    names = [f"return_{section.name}" for section in SECTIONS] + (["return_personal"] if personal else [])
    for name in names:
        create(con, "return", name)


def drop_relations(con: duckdb.DuckDBPyConnection) -> None:
    """Drop them again: the personal ones above all must not outlive the writing."""
    for name in [f"return_{section.name}" for section in SECTIONS] + ["return_personal"]:
        con.execute(f"drop table if exists {name}")


def filter_sql(group: Group) -> tuple[str, list[str]]:
    """The group's filter as SQL and its parameters."""
    parts: list[str] = []
    values: list[str] = []
    for column, codes in group.where.items():
        parts.append(f"{column}::varchar in ({', '.join('?' * len(codes))})")
        values += codes
    for column, codes in group.unless.items():
        parts.append(f"coalesce({column}::varchar not in ({', '.join('?' * len(codes))}), true)")
        values += codes
    parts += [f"coalesce({column}::varchar <> '', false)" for column in group.filled]
    parts += [f"coalesce({column}::varchar = '', true)" for column in group.unfilled]
    return " and ".join(parts) or "true", values


@dataclass(frozen=True)
class Rows:
    """Reads the groups of one file."""

    con: duckdb.DuckDBPyConnection
    profile: Profile
    kind: str
    groups: tuple[Group, ...]
    problems: list[Problem]

    def cases(self) -> Iterator[tuple[str, Case]]:
        """Every case of the return with its rows, in order of case reference."""
        refs = [ref for (ref,) in self.con.execute("select case_ref from main order by case_ref").fetchall()]
        for start in range(0, len(refs), CASES_AT_ONCE):
            chunk = refs[start : start + CASES_AT_ONCE]
            grouped: dict[str, Case] = {ref: {} for ref in chunk}
            for group in self.groups:
                for row in self._read(group, chunk[0], chunk[-1]):
                    grouped[str(row[0])].setdefault(group.name, []).append(row)
            yield from grouped.items()

    def count(self) -> tuple[int, int]:
        """Cases that have rows of the first group, and those rows."""
        group = self.groups[0]
        found = self.con.execute(
            f"select count(distinct case_ref), count(*) from {relation(self.kind, group.section)}"
            " where case_ref in (select case_ref from main)"
        ).fetchone()
        assert found is not None
        return int(found[0]), int(found[1])

    def _read(self, group: Group, first: str, last: str) -> list[Row]:
        section = SECTION[group.section]
        condition, values = filter_sql(group)
        names = [*head(group), *(mapped.column.name for mapped in group.columns)]
        aliases = [f"{name} as c{index}" for index, name in enumerate(names)]
        frame = self.con.execute(
            f"select {', '.join(aliases)} from {relation(self.kind, group.section)} "
            f"where case_ref between ? and ? and {condition} order by {', '.join(section.key)}",
            [first, last, *values],
        ).pl()
        skip = len(head(group))
        spelt = frame.select(
            *(pl.col(f"c{index}").cast(pl.String) for index in range(skip)),
            *(self._spelt(mapped, f"c{skip + index}") for index, mapped in enumerate(group.columns)),
        )
        for index, mapped in enumerate(group.columns):
            spelt = self._report(group, mapped, f"c{skip + index}", frame, spelt)
        return spelt.rows()

    def _spelt(self, mapped: Mapped, name: str) -> pl.Expr:
        column, kind = pl.col(name), mapped.column.kind
        if kind == "date":
            return column.dt.strftime(escape(mapped.dates))
        if kind == "flag":
            false, true = map(escape, self.profile.flags)
            return pl.when(column).then(pl.lit(true)).when(~column).then(pl.lit(false)).alias(name)
        if kind in ("code", "codes"):
            listed = self.profile.official_values(mapped.column).items()
            official = {code: escape(value) for code, value in listed if value is not None}
            if kind == "code":
                return column.replace_strict(official, default=None, return_dtype=pl.String)
            each = pl.element().str.strip_chars().replace_strict(official, default=None, return_dtype=pl.String)
            return column.str.split(";").list.eval(each).list.join(CODES_APART, ignore_nulls=False)
        if kind == "text":
            return pl.when(column != "").then(column.str.replace_many(_ESCAPES)).alias(name)
        return column.cast(pl.String)

    def _report(
        self, group: Group, mapped: Mapped, name: str, frame: pl.DataFrame, spelt: pl.DataFrame
    ) -> pl.DataFrame:
        """Note the values that cannot be written; they are left out, and the problem blocks the return."""
        kind = mapped.column.kind
        if kind in ("code", "codes"):
            bad = frame[name].is_not_null() & spelt[name].is_null()
            message = "holds a code for which the return profile has no value."
        elif kind == "text":
            bad = spelt[name].str.contains(_UNWRITABLE).fill_null(False)
            message = "holds a control character, which XML cannot carry. Remove it in the case system."
            if bad.any():
                spelt = spelt.with_columns(pl.when(~bad).then(pl.col(name)).alias(name))
        else:
            return spelt
        for ref in sorted(set(spelt["c0"].filter(bad))) if bad.any() else ():
            self.problems.append(
                Problem(
                    "value",
                    f"{mapped.column.section}.{mapped.column.name} {message}",
                    case_ref=ref,
                    element="/".join(mapped.path) or ".",
                )
            )
        return spelt
