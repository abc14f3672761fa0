"""Sums that hold in print: which columns are which others together, and the cells where they do not.

Each identity says that one printed column of an authority equals a sum of others of the same quarter. Most
follow from the heading tree (a total is its parts); those between tables are listed by name. Source: the
published workbooks, where each was tested on every authority of every quarter at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from pipelines.published.headings import SEPARATOR, Layout, in_force, layout_for, read_data

Ref = tuple[str, str]  # table, column path

VIOLATION_SCHEMA = {
    "quarter": pl.String,
    "edition": pl.String,
    "table": pl.String,
    "column_path": pl.String,
    "la_code": pl.String,
    "printed": pl.Int64,
    "sum": pl.Int64,
    "identity": pl.String,
}
DEFECT_KEY = ["quarter", "edition", "table", "column_path", "la_code", "printed", "sum"]

# In these the first column is the total of all others; the other tables are spelt out below.
TABLES_SUMMED = frozenset(
    [
        *["A2", "A2P", "A2R", "A4", "A4P", "A4R", "A5P", "A5R", "A6", "A7", "A8", "A9", "A10", "A11"],
        *["A12", "A13", "P1", "P2", "P3", "P5", "R1", "R2", "R3", "R5", "MD1", "MD2", "MD3"],
        *["TA2", "TA3", "TA4", "TA4c", "TA4s", "TA5", "TA6", "TA8"],
    ]
)
TA_TYPES = "Total number of households"
OUTSIDE_TA_TOTAL = "Duty owed, no accommodation secured"


@dataclass(frozen=True)
class Identity:
    """``printed`` equals the sum of ``parts``, or with ``at_least`` is no less than it."""

    name: str
    printed: Ref
    parts: tuple[Ref, ...]
    at_least: bool = False


@lru_cache(maxsize=64)
def identities_for(quarter: str) -> tuple[Identity, ...]:
    """Every identity whose columns the quarter has, within tables first, then between tables."""
    layout = layout_for(quarter)
    found = [
        *(identity for table in layout.tables for identity in _within(layout, table)),
        *_within_listed(layout),
        *_between(layout),
    ]
    return tuple(found)


def _paths(layout: Layout, table: str) -> list[tuple[str, ...]]:
    return [tuple(c.column_path.split(SEPARATOR)) for c in layout.of(table) if c.measure == "count"]


def _parts(paths: list[tuple[str, ...]], depth: int) -> list[tuple[str, ...]]:
    """Columns that together make up their group: single columns, the totals of groups, or all of a group."""
    parts: list[tuple[str, ...]] = []
    groups: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) == depth + 1:
            parts.append(path)
        else:
            groups.setdefault(path[depth], []).append(path)
    for members in groups.values():
        total = _total(members, depth + 1)
        parts.extend([total] if total else _parts(members, depth + 1))
    return parts


def _total(members: list[tuple[str, ...]], depth: int) -> tuple[str, ...] | None:
    first = members[0]
    return first if len(first) == depth + 1 and first[-1].startswith("Total") else None


def _groups(paths: list[tuple[str, ...]], depth: int) -> Iterator[list[tuple[str, ...]]]:
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) > depth + 1:
            groups.setdefault(path[: depth + 1], []).append(path)
    for members in groups.values():
        yield members
        yield from _groups(members, depth + 1)


def _within(layout: Layout, table: str) -> Iterator[Identity]:
    """Totals of a table and of its groups, read off the heading tree."""
    if table not in TABLES_SUMMED:
        return
    paths = _paths(layout, table)
    yield _identity(table, paths[0], _parts(paths[1:], 0), "total of the table")
    for members in _groups(paths, 0):
        depth = len(members[0]) - 1
        if _total(members, depth):
            yield _identity(table, members[0], _parts(members[1:], depth), "total of a group")


def _identity(
    table: str, total: tuple[str, ...], parts: list[tuple[str, ...]], what: str, at_least: bool = False
) -> Identity:
    refs = tuple((table, SEPARATOR.join(part)) for part in parts)
    return Identity(f"{table}: {what}", (table, SEPARATOR.join(total)), refs, at_least)


def _within_listed(layout: Layout) -> Iterator[Identity]:
    """Sums within a table whose columns also hold figures that are no part of the total."""

    def pick(table: str, wanted: Callable[[tuple[str, ...]], bool]) -> list[tuple[str, ...]]:
        return [path for path in _paths(layout, table) if wanted(path)]

    owed = "Assessed as owed a duty"
    no_duty = pick("A1", lambda p: p[-1].endswith("no duty owed"))
    a1 = pick("A1", lambda p: p[0] == owed)
    yield _identity("A1", ("Total initial assessments",), [a1[0], *no_duty], "total of the table")
    duties = [path for path in a1 if path[-1].endswith("duty owed")]
    yield _identity("A1", a1[0], duties, "duties owed")
    section_21 = [path for path in a1 if "Section 21" in path[-1]]
    yield _identity("A1", duties[0], section_21, "of which section 21", at_least=True)

    counts = pick("A3", lambda p: len(p) == 2 and p[0].startswith("Households with one or more"))
    yield _identity("A3", counts[0], counts[1:], "households by number of needs")
    total_of_needs = ("Total number of support needs",)
    a3 = _paths(layout, "A3")
    yield _identity("A3", total_of_needs, a3[a3.index(total_of_needs) + 1 :], "needs")

    for table in ("P4", "R4"):
        if table in layout.tables:
            p4 = _paths(layout, table)
            yield _identity(table, p4[0], [path for path in p4 if len(path) == 2], "destinations")

    total, *_ = _paths(layout, "TA1")
    types = pick("TA1", lambda p: p[-1] == TA_TYPES and p[0] != OUTSIDE_TA_TOTAL)
    families = pick("TA1", lambda p: p[-1] == "Total with children" and p[0] != OUTSIDE_TA_TOTAL)
    yield _identity("TA1", total, types, "types of accommodation")
    yield _identity("TA1", ("Total number of households in TA with children",), families, "families by type")

    if "TA9" in layout.tables:
        sent = pick("TA9", lambda p: p[0].startswith("Sent to:"))
        yield _identity("TA9", OUT_OF_AREA, sent, "regions sent to", at_least=True)
    if "TA9_TATYPE" in layout.tables:
        ta_type = _paths(layout, "TA9_TATYPE")
        yield _identity("TA9_TATYPE", ta_type[0], ta_type[1:3], "total of the table")
        yield _identity("TA9_TATYPE", ta_type[2], ta_type[3:], "types of accommodation")
        household = _paths(layout, "TA9_HHTYPE")
        with_children, without = (i for i, path in enumerate(household) if "Total households with" in path[0])
        last = len(household) - 1
        sums = {0: [with_children, without, last]}
        sums |= {with_children: [*range(with_children + 1, without)], without: [*range(without + 1, last)]}
        for total_at, parts_at in sums.items():
            parts = [household[i] for i in parts_at]
            yield _identity("TA9_HHTYPE", household[total_at], parts, "household types")


OUT_OF_AREA = ("Total Sent to another local authority district",)


def _between(layout: Layout) -> Iterator[Identity]:
    """The same households counted in two tables."""

    def first(table: str) -> Ref:
        return table, SEPARATOR.join(_paths(layout, table)[0])

    def column(table: str, ends: str, starts: str = "") -> Ref | None:
        for c in layout.of(table):
            if c.measure == "count" and c.column_path.endswith(ends) and c.column_path.startswith(starts):
                return table, c.column_path
        return None

    def same(name: str, printed: Ref | None, *parts: Ref | None) -> Iterator[Identity]:
        if printed is not None and all(parts):
            yield Identity(name, printed, tuple(part for part in parts if part))

    owed = [("A1", c.column_path) for c in layout.of("A1") if c.column_path.startswith("Assessed as owed")]
    both, prevention, relief = owed[0], owed[1], owed[3]
    bases = {
        both: ["A2", "A4", "A6", "A8", "A9", "A10", "A11", "A12", "A13"],
        prevention: ["A2P", "A4P", "A5P"],
        relief: ["A2R", "A4R", "A5R"],
        ("P1", _secured(layout, "P1")): ["P2", "P3", "P5"],
        ("R1", _secured(layout, "R1")): ["R2", "R3", "R4", "R5"],
        column("MD1", "(acceptance)"): ["MD3"],
        first("TA1"): ["TA2", "TA3", "TA4", "TA5", "TA6"],
    }
    for base, tables in bases.items():
        for table in tables:
            if table in layout.tables:
                yield from same(f"{table} total as in {base[0] if base else ''}", first(table), base)
    a3 = _paths(layout, "A3")
    yield Identity("A3 households as in A1", both, tuple(("A3", SEPARATOR.join(p)) for p in a3[:3]))
    if "P4" in layout.tables:
        yield from same("P4 total as in P1", first("P4"), column("P1", "Moved to alternative accommodation"))
    if "TA4" not in layout.tables:
        return
    in_ta = ("TA9", "Total number of households in TA")
    yield from same("TA9 households in TA as in TA1", in_ta, first("TA1"))
    for c in layout.of("TA4"):
        adults, children = ("TA4s", c.column_path), ("TA4c", c.column_path)
        yield Identity("TA4 as in TA4c and TA4s", ("TA4", c.column_path), (children, adults))
        if c.column_path.endswith(SEPARATOR + TA_TYPES):
            yield Identity("TA4 type as in TA1", ("TA4", c.column_path), (("TA1", c.column_path),))
    families = ("TA1", "Total number of households in TA with children")
    yield Identity("TA4c total as in TA1", first("TA4c"), (families,))
    out_of_area = ("TA9", OUT_OF_AREA[0])
    yield from same("TA9 out of area as in TA1", out_of_area, column("TA1", "another local authority district"))
    for table in ("TA9_TATYPE", "TA9_HHTYPE"):
        if table in layout.tables:
            yield Identity(f"{table} total as in TA9", first(table), (out_of_area,))


def _secured(layout: Layout, table: str) -> str:
    return next(
        c.column_path for c in layout.of(table) if c.column_path.startswith("Secured accommodation for 6+ months")
    )


def check_identities(tidy: pl.DataFrame, edition: str = "first") -> pl.DataFrame:
    """Authority rows where an identity of the quarter does not hold (``VIOLATION_SCHEMA``), sorted.

    ``tidy`` is that of one workbook. A cell without a number takes part in no identity, so suppressed rows
    are not tested. ``printed`` is the printed total, ``sum`` what its parts add up to.
    """
    found = [pl.DataFrame(schema=VIOLATION_SCHEMA)]
    for (quarter,), rows in tidy.group_by("quarter", maintain_order=True):
        counts = rows.filter((pl.col("measure") == "count") & pl.col("la_code").str.contains(r"^E0[6-9]"))
        wide = counts.with_columns(ref=pl.col("table") + "|" + pl.col("column_path")).pivot(
            on="ref", index="la_code", values="value"
        )
        named = [(i, _names(i)) for i in identities_for(str(quarter))]
        present = [(i, names) for i, names in named if set(names) <= set(wide.columns)]
        differences = wide.select(
            (pl.col(names[0]) - _sum(names)).alias(str(at)) for at, (_, names) in enumerate(present)
        )
        for at, (identity, names) in enumerate(present):
            difference = differences[str(at)]
            broken = (difference < 0) if identity.at_least else (difference != 0)
            if broken.any():
                found.append(
                    wide.filter(broken).select(
                        quarter=pl.lit(quarter),
                        edition=pl.lit(edition),
                        table=pl.lit(identity.printed[0]),
                        column_path=pl.lit(identity.printed[1]),
                        la_code="la_code",
                        printed=pl.col(names[0]).cast(pl.Int64),
                        sum=_sum(names).cast(pl.Int64),
                        identity=pl.lit(identity.name),
                    )
                )
    return pl.concat(found).sort(*DEFECT_KEY, "identity")


def _names(identity: Identity) -> list[str]:
    return ["|".join(ref) for ref in (identity.printed, *identity.parts)]


def _sum(names: list[str]) -> pl.Expr:
    return pl.sum_horizontal(names[1:], ignore_nulls=False)


@lru_cache(maxsize=1)
def known_defects() -> pl.DataFrame:
    """One row per published cell known to contradict its parts: ``DEFECT_KEY`` and where that is recorded."""
    rows = list(read_data("published_defects.csv"))
    return pl.DataFrame(
        {
            "quarter": [row["quarter"] for row in rows],
            "edition": [row["edition"] for row in rows],
            "table": [row["table"] for row in rows],
            "column_path": [row["column"] for row in rows],
            "la_code": [row["authority"] for row in rows],
            "printed": [int(row["printed"]) for row in rows],
            "sum": [int(row["sum"]) for row in rows],
            "source": [row["source"] for row in rows],
        },
        schema={
            **{name: dtype for name, dtype in VIOLATION_SCHEMA.items() if name != "identity"},
            "source": pl.String,
        },
    )


def new_violations(violations: pl.DataFrame) -> pl.DataFrame:
    """Violations that are not among the known defects."""
    return violations.join(known_defects(), on=DEFECT_KEY, how="anti")


@dataclass(frozen=True)
class WrongColumn:
    """A column that is wrong in print for most authorities of a quarter."""

    table: str
    column_path: str
    reason: str


def wrong_columns(quarter: str) -> tuple[WrongColumn, ...]:
    """Columns of a quarter that a match against the published tables has to leave out, with the reason."""
    return tuple(
        WrongColumn(row["table"], row["column_path"], row["reason"])
        for row in read_data("wrong_columns.csv")
        if in_force(row, quarter)
    )
