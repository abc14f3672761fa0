"""Why each of our figures differs from the printed one, as far as it can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb
import polars as pl

import sql
from pipelines.emit.tables.cells import bases, cell_rules
from pipelines.emit.tables.closing import Closed, Target, close, days_agree
from pipelines.emit.tables.contributions import Cell, Contributions, contributions
from pipelines.emit.tables.printed_defects import Defect, contradictions, copied_columns, defects
from pipelines.emit.tables.readings import CODED, ONLY_HERE, Candidate, Reading, candidates, read, sizes_of
from pipelines.emit.tables.suppositions import Supposition, suppositions
from pipelines.published.headings import Layout, layout_for
from pipelines.transform import RECORDED, SENT, edition

DEFECT = "published defect"
FOLLOWS = "follows from counts"
RETIRED = "retired code"
UNKNOWN = "unknown"
FACTS = (ONLY_HERE, "household only in print", CODED)
"""Kinds that state what is so, not why."""

MANY = 50
"""Of more cases that would all close a difference alike, none is named: such a list points to nobody."""

ROUNDED = 0.0051
"""Half of the last printed digit of a share, and a little."""

CASES = {
    "case_ref": pl.String(),
    "local_ref": pl.String(),
    "stands_for": pl.String(),
    "reason_kind": pl.String(),
    "reason": pl.String(),
    "cells": pl.String(),
    "effect": pl.String(),
    "edition": pl.String(),
}
"""Columns of the internal file of cases: one row per case and what is supposed of it."""

Earlier = Callable[[], Mapping[str, pl.DataFrame] | None]


@dataclass
class _Parts:
    """Of one cell: kinds and sentences, and how much of the difference (ours − published) each accounts for."""

    parts: list[tuple[str, str, float]] = field(default_factory=list)

    def add(self, kind: str, words: str, size: float) -> None:
        self.parts.append((kind, words, size))


@dataclass(frozen=True)
class _Rows:
    """The two rows by cell: counts that are printed, our counts where both are numbers, and our days and theirs."""

    printed: Mapping[Cell, int]
    ours: Mapping[Cell, int]
    days: Mapping[tuple[str, str], float]
    region: str | None
    """The authority's own, of which a share of TA9 is."""
    right: Mapping[Cell, int] = field(default_factory=dict)
    """The printed counts as the rest of their row says they should be."""

    @staticmethod
    def of(cells: pl.DataFrame, quarter: str, region: str | None) -> _Rows:
        counts = cells.filter((pl.col("measure") == "count") & pl.col("published").is_not_null())
        both = counts.filter(pl.col("ours").is_not_null())
        rules = cell_rules(quarter)
        days = cells.filter((pl.col("measure") == "days") & pl.col("published").is_not_null())
        return _Rows(
            {(table, path): int(n) for table, path, n in counts["table", "column_path", "published"].iter_rows()},
            {(table, path): int(n) for table, path, n in both["table", "column_path", "ours"].iter_rows()},
            {
                (rule.cells[0], rule.statistic): n
                for table, path, n in days["table", "column_path", "published"].iter_rows()
                if (rule := rules.get((table, path))) and rule.cells
            },
            region,
        )


def with_reasons(
    con: duckdb.DuckDBPyConnection, cells: pl.DataFrame, *, quarter: str, cut_off: date, earlier: Earlier | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells with ``reason_kind, reason, explained, left``, and the cases that would close differences (``CASES``).

    ``explained`` is how much of the difference the reason accounts for, ``left`` the rest; what is left is unknown.
    """
    region = con.execute(
        "select region_code from codelist_authority inner join reporting_period on code = la_code"
    ).fetchone()
    rows = _Rows.of(cells, quarter, region[0] if region else None)
    wrong = defects(quarter, rows.printed, rows.ours)
    rows = replace(rows, right={cell: n - wrong[cell].size if cell in wrong else n for cell, n in rows.printed.items()})
    copied = copied_columns(quarter, rows.printed)
    target = Target({cell: rows.right[cell] - n for cell, n in rows.ours.items()}, frozenset(copied), rows.days)
    is_open = any(n for cell, n in target.differences.items() if cell not in copied)
    is_open |= cells.filter((pl.col("measure") == "days") & (pl.col("difference") != 0)).height > 0
    layout = layout_for(quarter)
    ours, found = Contributions(), Closed((), {})
    if is_open:
        ours = contributions(con, SENT)
        # A date moves a household into a population or out of it: where none differs in size, no date is the reason.
        moved = any(sizes_of(target.differences, layout).values())
        before = earlier() if earlier else None
        found = close(target, suppositions(con, ours, cut_off=cut_off, earlier=before, moved=moved), ours)
    left = target.less(found.chosen)
    facts = read(left, layout)
    retired = _retired(con, left, facts, ours) if is_open else {}
    parts: dict[Cell, _Parts] = {cell: _Parts() for cell in rows.ours}
    _add_defects(parts, wrong, copied, left)
    _add_chosen(parts, target, found)
    for cell, reading in facts.items():
        kind, words = (RETIRED, retired[cell]) if cell in retired else (reading.kind or UNKNOWN, reading.words)
        parts[cell].add(kind, words, -left.differences[cell] if kind != UNKNOWN else 0)
    broken = _broken(quarter, rows.printed)
    of_days = _Days(left, ours, found, layout)
    told = [_told(row, parts, rows, of_days, broken, quarter) for row in cells.iter_rows(named=True)]
    columns = ("reason_kind", "reason", "explained", "left")
    types = (pl.String, pl.String, pl.Float64, pl.Float64)
    explained = cells.with_columns(
        pl.Series(name, [row[at] for row in told], dtype=kind)
        for at, (name, kind) in enumerate(zip(columns, types, strict=True))
    )
    closing = candidates(left, facts, ours, layout) if is_open else []
    return explained, _cases(con, target, left, found, closing)


def _add_defects(
    parts: Mapping[Cell, _Parts], wrong: Mapping[Cell, Defect], copied: Mapping[Cell, str], left: Target
) -> None:
    for cell, defect in wrong.items():
        words = f"Published defect: {defect.reason} ({-defect.size:+,} would be right)"
        parts[cell].add(DEFECT, words, -defect.size)
    for cell, reason in copied.items():
        if cell in parts and left.differences[cell]:
            parts[cell].add(DEFECT, f"Published defect: {reason}", -left.differences[cell])


def _add_chosen(parts: Mapping[Cell, _Parts], target: Target, found: Closed) -> None:
    kinds = {one.kind.name: one.kind for one in found.chosen}
    for name, kind in kinds.items():
        of_kind = [one for one in found.chosen if one.kind.name == name]
        for cell in dict.fromkeys(cell for one in of_kind for cell in target.seen(one.effect)):
            here = [one for one in of_kind if cell in target.seen(one.effect)]
            more = len({other.case_ref for one in here for other in found.instead[one]})
            words = f"{kind.reason}: {len(here):,} case{'' if len(here) == 1 else 's'}"
            words += f", or another of {more:,} alike" if more else ""
            parts[cell].add(name, words, -sum(one.effect[cell] for one in here))


def _retired(
    con: duckdb.DuckDBPyConnection, left: Target, facts: Mapping[Cell, Reading], ours: Contributions
) -> dict[Cell, str]:
    """Cells of an equal total where every case behind our surplus, and no more than it, uses a retired code."""
    found: dict[Cell, str] = {}
    with edition(con, RECORDED):
        rows = con.execute(sql.text("suspects/retired_code.sql")).fetchall()
    for field_name in dict.fromkeys(row[1] for row in rows):
        tables = {table for _, name, counted_in in rows if name == field_name for table in counted_in}
        cases = {ref for ref, name, _ in rows if name == field_name}
        coded = {
            cell: left.differences[cell] for cell, fact in facts.items() if fact.kind == CODED and cell[0] in tables
        }
        for table in dict.fromkeys(cell[0] for cell in coded):
            own = {cell: n for cell, n in coded.items() if cell[0] == table}
            surplus = {cell: n for cell, n in own.items() if n < 0}
            behind = {cell: {ref for ref, vector in ours.counts.items() if cell in vector} for cell in surplus}
            if surplus and all(behind[cell] <= cases and len(behind[cell]) == -n for cell, n in surplus.items()):
                words = "Retired code used after its retirement: every case behind our figure in this table's column"
                found |= dict.fromkeys(own, f"{words}; print has them under another")
    return found


def _broken(quarter: str, printed: Mapping[Cell, int]) -> dict[Cell, str]:
    """What can be said of cells whose printed sum does not hold, where it cannot be said which of them is wrong."""
    found: dict[Cell, str] = {}
    for identity, over in contradictions(quarter, printed):
        for cell in (identity.printed, *identity.parts):
            found.setdefault(
                cell,
                f"the printed sum does not hold ({identity.name}): its total is {abs(over):,} too"
                f" {'large' if over > 0 else 'small'} for its parts",
            )
    return found


@dataclass(frozen=True)
class _Days:
    """What is known of the days of each type of accommodation."""

    left: Target
    ours: Contributions
    found: Closed
    layout: Layout

    def reason(self, row: Mapping[str, Any]) -> tuple[str, str]:
        kind = cell_rules(self.layout.quarter)[row["table"], row["column_path"]].cells[0]
        touching = [
            one
            for one in self.found.chosen
            if kind in {stay[0] for stay in (one.days, self.ours.days.get(one.case_ref)) if stay}
        ]
        of_type = {name: n for name, n in self.left.days.items() if name[0] == kind}
        if touching and days_agree(Target({}, days=of_type), self.ours, self.found.chosen):
            return touching[0].kind.name, f"{touching[0].kind.reason}: with that the days agree"
        rules = cell_rules(self.layout.quarter)
        for cell, n in self.left.differences.items():
            counted = rules[cell].cells
            if (
                n
                and cell[0] in ("TA1", "TA4")
                and counted
                and all(name in (f"type.{kind}", kind) or name.startswith(f"{kind}.") for name in counted)
            ):
                return FOLLOWS, "Follows from the households of this type, who are not the same in TA1 or TA4"
        return UNKNOWN, "Not known: the households of this type are the same in number"


Told = tuple[str, str, float | None, float | None]


def _told(
    row: Mapping[str, Any],
    parts: Mapping[Cell, _Parts],
    rows: _Rows,
    of_days: _Days,
    broken: Mapping[Cell, str],
    quarter: str,
) -> Told:
    difference = row["difference"]
    if difference is None or difference == 0:
        return "", "", None, None
    cell = row["table"], row["column_path"]
    if row["measure"] == "count":
        known = [part for part in parts[cell].parts if part[0] != UNKNOWN]
        explained = sum(size for _, _, size in known)
        left = difference - explained
        said = [words for _, words, _ in known]
        if left:
            unknown = next((words for kind, words, _ in parts[cell].parts if kind == UNKNOWN), "")
            said.append(f"Not known{f': {unknown}' if unknown else ''}{f'; {broken[cell]}' if cell in broken else ''}")
        kinds = [*dict.fromkeys(kind for kind, _, _ in known), *([UNKNOWN] if left else [])]
        return "; ".join(kinds), ". ".join(said), float(explained), float(left)
    if row["measure"] == "days":
        kind, words = of_days.reason(row)
    elif row["measure"] == "percent":
        kind, words = _share(row, rows, quarter)
    else:
        kind, words = UNKNOWN, "Not known"
    return (kind, words, 0.0, difference) if kind == UNKNOWN else (kind, words, difference, 0.0)


def _share(row: Mapping[str, Any], rows: _Rows, quarter: str) -> tuple[str, str]:
    """Whether a share differs because its counts do: then the printed share is the printed count over its base."""
    base = bases(quarter).get(row["table"])
    count = _counted(row, quarter, rows.region)
    over = (row["table"], base.column_path) if base else None
    if count is None or over is None or not rows.printed.get(over) or count not in rows.printed:
        return UNKNOWN, "Not known: the counts that the share is of are not all printed"
    if any(
        figures[over] and abs(row["published"] - figures[count] / figures[over]) <= ROUNDED
        for figures in (rows.printed, rows.right)
    ):
        return FOLLOWS, "Follows from counts that differ"
    if rows.ours.get(count) == rows.printed[count] and rows.ours.get(over) == rows.printed[over]:
        return (
            DEFECT,
            "Published defect: the printed share is not the printed count over its base, and that count is ours",
        )
    return UNKNOWN, "Not known: the printed share is not the printed count over its base"


def _counted(row: Mapping[str, Any], quarter: str, region: str | None) -> Cell | None:
    """The count that a share is of: that of its own column, or one of the table that counts the same."""
    rules, layout = cell_rules(quarter), layout_for(quarter)
    counts = [column.column_path for column in layout.of(row["table"]) if column.measure == "count"]
    if row["column_path"] in counts:
        return row["table"], row["column_path"]
    wanted = rules[row["table"], row["column_path"]].cells
    if wanted == ("own_region",):
        wanted = (f"sent.{region}",)
    return next(((row["table"], path) for path in counts if rules[row["table"], path].cells == wanted), None)


def _cases(
    con: duckdb.DuckDBPyConnection, target: Target, left: Target, found: Closed, closing: Sequence[Candidate]
) -> pl.DataFrame:
    """The internal file: cases taken for the reason, those that would do as well, and those that would close a fact."""
    local = dict(
        con.execute(f"select case_ref, any_value(local_ref) from {RECORDED}.main group by case_ref").fetchall()
    )
    rows: list[tuple[str | None, ...]] = []

    def add(ref: str, stands: str, kind: str, words: str, effect: Mapping[Cell, int]) -> None:
        named = sorted(effect.items())
        cells = "; ".join(f"{table}: {path}" for (table, path), _ in named)
        rows.append(
            (ref, local.get(ref), stands, kind, words, cells, "; ".join(f"{n:+d}" for _, n in named), "internal")
        )

    def suppose(one: Supposition, stands: str) -> None:
        add(one.case_ref, stands, one.kind.name, one.words, target.seen(one.effect))

    for one in found.chosen:
        suppose(one, "taken for the reason")
        for other in found.instead[one]:
            suppose(other, "would do as well")
    alike: dict[tuple[str, tuple[Cell, ...]], list[Candidate]] = {}
    for candidate in closing:
        alike.setdefault((candidate.kind, candidate.cells), []).append(candidate)
    for (kind, cells), group in alike.items():
        if len(group) <= MANY:
            what = "not counted" if kind == ONLY_HERE else "coded as print has it"
            for candidate in group:
                words = f"Would close it if it were {what}; one of {len(group):,} that stand there alike"
                add(candidate.case_ref, "would close it", kind, words, {cell: -1 for cell in cells})
    return pl.DataFrame(rows, schema=CASES, orient="row")
