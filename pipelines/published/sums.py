"""Which printed figures are which others together, within a table and between tables, drawn up for one quarter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.published.headings import SEPARATOR, Layout
from pipelines.published.identity import Identity, Kind, Ref

Path = tuple[str, ...]  # the labels of a column path

# In these the first column is the total of all others; the other tables are spelt out below.
TABLES_SUMMED = frozenset(
    [
        *["A2", "A2P", "A2R", "A4", "A4P", "A4R", "A5P", "A5R", "A6", "A7", "A8", "A9", "A10", "A11"],
        *["A12", "A13", "P1", "P2", "P3", "P5", "R1", "R2", "R3", "R5", "MD1", "MD2", "MD3"],
        *["TA2", "TA3", "TA4", "TA4c", "TA4s", "TA5", "TA6", "TA8"],
    ]
)
TA_TYPES = "Total number of households"
TA_FAMILIES = "Total with children"
OUTSIDE_TA_TOTAL = "Duty owed, no accommodation secured"
OUT_OF_AREA = ("Total Sent to another local authority district",)
IN_PRINT = "published-tables §2"


def paths_of(layout: Layout, table: str) -> list[Path]:
    """The counted columns of a table in the published order; empty when the quarter has no such table."""
    return [tuple(c.column_path.split(SEPARATOR)) for c in layout.of(table) if c.measure == "count"]


def ref(table: str, path: Path) -> Ref:
    """How identities name a column."""
    return table, SEPARATOR.join(path)


def _sum(table: str, total: Path, parts: list[Path], what: str, kind: Kind = Kind.EQUAL, source: str = "") -> Identity:
    named = tuple(ref(table, part) for part in parts)
    return Identity(f"{table}: {what}", ref(table, total), named, kind, source=source or IN_PRINT)


def _parts(paths: list[Path], depth: int) -> list[Path]:
    """Columns that together make up their group: single columns, the totals of groups, or all of a group."""
    parts: list[Path] = []
    groups: dict[str, list[Path]] = {}
    for path in paths:
        if len(path) == depth + 1:
            parts.append(path)
        else:
            groups.setdefault(path[depth], []).append(path)
    for members in groups.values():
        total = _total(members, depth + 1)
        parts.extend([total] if total else _parts(members, depth + 1))
    return parts


def _total(members: list[Path], depth: int) -> Path | None:
    first = members[0]
    return first if len(first) == depth + 1 and first[-1].startswith("Total") else None


def _groups(paths: list[Path], depth: int) -> Iterator[list[Path]]:
    groups: dict[Path, list[Path]] = {}
    for path in paths:
        if len(path) > depth + 1:
            groups.setdefault(path[: depth + 1], []).append(path)
    for members in groups.values():
        yield members
        yield from _groups(members, depth + 1)


def within_tables(layout: Layout) -> Iterator[Identity]:
    """Totals of the tables and of their groups, read off the heading tree."""
    tree = "heading tree"
    for table in layout.tables:
        if table not in TABLES_SUMMED:
            continue
        paths = paths_of(layout, table)
        yield _sum(table, paths[0], _parts(paths[1:], 0), "total of the table", source=tree)
        for members in _groups(paths, 0):
            depth = len(members[0]) - 1
            if _total(members, depth):
                yield _sum(table, members[0], _parts(members[1:], depth), "total of a group", source=tree)


def within_listed(layout: Layout) -> Iterator[Identity]:
    """Sums within a table whose columns also hold figures that are no part of the total."""

    def pick(table: str, wanted: Callable[[Path], bool]) -> list[Path]:
        return [path for path in paths_of(layout, table) if wanted(path)]

    owed = "Assessed as owed a duty"
    no_duty = pick("A1", lambda p: p[-1].endswith("no duty owed"))
    a1 = pick("A1", lambda p: p[0] == owed)
    yield _sum("A1", ("Total initial assessments",), [a1[0], *no_duty], "total of the table")
    duties = [path for path in a1 if path[-1].endswith("duty owed")]
    yield _sum("A1", a1[0], duties, "duties owed")
    section_21 = [path for path in a1 if "Section 21" in path[-1]]
    yield _sum("A1", duties[0], section_21, "of which section 21", Kind.AT_LEAST)

    counts = pick("A3", lambda p: len(p) == 2 and p[0].startswith("Households with one or more"))
    yield _sum("A3", counts[0], counts[1:], "households by number of needs")
    total_of_needs = ("Total number of support needs",)
    a3 = paths_of(layout, "A3")
    needs = a3[a3.index(total_of_needs) + 1 :]
    yield _sum("A3", total_of_needs, needs, "needs")
    one, two, three_or_more = (ref("A3", path) for path in counts[1:])
    columns = tuple(ref("A3", path) for path in needs)
    source = "synthesis-facts §2: theorem of Gale and Ryser"
    yield Identity(
        "A3: households with 3+ needs beside each need", three_or_more, columns, Kind.DEGREES, (one, two), source
    )

    for table in ("P4", "R4"):
        if table in layout.tables:
            p4 = paths_of(layout, table)
            yield _sum(table, p4[0], [path for path in p4 if len(path) == 2], "destinations")

    total, *_ = paths_of(layout, "TA1")
    types = pick("TA1", lambda p: p[-1] == TA_TYPES and p[0] != OUTSIDE_TA_TOTAL)
    families = pick("TA1", lambda p: p[-1] == TA_FAMILIES and p[0] != OUTSIDE_TA_TOTAL)
    yield _sum("TA1", total, types, "types of accommodation")
    yield _sum("TA1", ("Total number of households in TA with children",), families, "families by type")

    if "TA9" in layout.tables:
        sent = pick("TA9", lambda p: p[0].startswith("Sent to:"))
        yield _sum("TA9", OUT_OF_AREA, sent, "regions sent to", Kind.AT_LEAST)
    if "TA9_TATYPE" in layout.tables:
        ta_type = paths_of(layout, "TA9_TATYPE")
        yield _sum("TA9_TATYPE", ta_type[0], ta_type[1:3], "total of the table")
        yield _sum("TA9_TATYPE", ta_type[2], ta_type[3:], "types of accommodation")
        household = paths_of(layout, "TA9_HHTYPE")
        with_children, without = (i for i, path in enumerate(household) if "Total households with" in path[0])
        last = len(household) - 1
        sums = {0: [with_children, without, last]}
        sums |= {with_children: [*range(with_children + 1, without)], without: [*range(without + 1, last)]}
        for total_at, parts_at in sums.items():
            parts = [household[i] for i in parts_at]
            yield _sum("TA9_HHTYPE", household[total_at], parts, "household types")


def between_tables(layout: Layout) -> Iterator[Identity]:
    """The same households counted in two tables."""

    def first(table: str) -> Ref:
        return ref(table, paths_of(layout, table)[0])

    def column(table: str, ends: str, starts: str = "") -> Ref | None:
        for c in layout.of(table):
            if c.measure == "count" and c.column_path.endswith(ends) and c.column_path.startswith(starts):
                return table, c.column_path
        return None

    def same(name: str, printed: Ref | None, *parts: Ref | None) -> Iterator[Identity]:
        if printed is not None and all(parts):
            yield Identity(name, printed, tuple(part for part in parts if part), source=IN_PRINT)

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
    a3 = paths_of(layout, "A3")
    yield from same("A3 households as in A1", both, *(ref("A3", path) for path in a3[:3]))
    if "P4" in layout.tables:
        yield from same("P4 total as in P1", first("P4"), column("P1", "Moved to alternative accommodation"))
    if "TA4" not in layout.tables:
        return
    in_ta = ("TA9", "Total number of households in TA")
    yield from same("TA9 households in TA as in TA1", in_ta, first("TA1"))
    for c in layout.of("TA4"):
        adults, children = ("TA4s", c.column_path), ("TA4c", c.column_path)
        yield from same("TA4 as in TA4c and TA4s", ("TA4", c.column_path), children, adults)
        if c.column_path.endswith(SEPARATOR + TA_TYPES):
            yield from same("TA4 type as in TA1", ("TA4", c.column_path), ("TA1", c.column_path))
            families = c.column_path.removesuffix(TA_TYPES) + TA_FAMILIES
            yield from same("TA4c type as in TA1", children, ("TA1", families))
    yield from same("TA4c total as in TA1", first("TA4c"), ("TA1", "Total number of households in TA with children"))
    out_of_area = ref("TA9", OUT_OF_AREA)
    yield from same("TA9 out of area as in TA1", out_of_area, column("TA1", "another local authority district"))
    for table in ("TA9_TATYPE", "TA9_HHTYPE"):
        if table in layout.tables:
            yield from same(f"{table} total as in TA9", first(table), out_of_area)


def _secured(layout: Layout, table: str) -> str:
    return next(
        c.column_path for c in layout.of(table) if c.column_path.startswith("Secured accommodation for 6+ months")
    )
