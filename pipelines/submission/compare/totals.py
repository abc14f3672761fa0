"""Which totals moved between two runs, by how much, for which reason and by which cases."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.emit.tables.build import compute_tables, explanation
from pipelines.submission import sent
from pipelines.submission.compare.reasons import NOT_KNOWN, SETTING, SOFTWARE, joined
from pipelines.submission.compare.stages import BY_SOFTWARE, Side, Steps
from pipelines.transform import SENT
from pipelines.warehouse.quarter import OpenQuarter
from schemas.sections import SECTIONS

OF_RETURN = "return"
"""In place of a table's name: rows of the return by section."""

TOTALS = {
    **dict.fromkeys(("table", "column_path", "measure"), pl.String()),
    **dict.fromkeys(("before", "after", "difference"), pl.Float64()),
    **dict.fromkeys(("reason", "came", "went"), pl.String()),
}
"""One row per total that moved: before, after and the difference; the cases that came into it and went out of it. A
total without value (not applicable) is null."""

_CELL = ("table", "column_path")
_SAME = 1e-9
"""Figures that are nearer than this are one: they were written with fewer digits than they have."""


def totals_between(steps: Steps, of_case: Mapping[str, str]) -> pl.DataFrame:
    """The rows of each section in the return, then the cells of MHCLG's tables that are not the same.

    Args:
        steps: the two runs, as today's software makes their editions.
        of_case: reasons by case.
    """
    a = _totals(steps.a.opened).rename({"value": "before"})
    b = _totals(steps.b.opened).rename({"value": "after"})
    joined_up = a.join(b, on=[*_CELL, "measure"], how="full", coalesce=True, maintain_order="left_right")
    moved = joined_up.filter(pl.col("before").ne_missing(pl.col("after")))
    if moved.is_empty():
        return pl.DataFrame(schema=TOTALS)
    behind = _behind(steps, sorted(set(moved["table"]) - {OF_RETURN}))
    other = {SETTING} if steps.settings else set()
    other |= {SOFTWARE for by, found in steps.between if by == BY_SOFTWARE and found.height}
    of_table: dict[str, set[str]] = {}
    rows = []
    for table, path, measure, before, after in moved.iter_rows():
        came, went = behind.get((table, path), (set(), set()))
        kinds = {kind for ref in came | went for kind in of_case.get(_case(ref), "").split("; ") if kind}
        of_table.setdefault(table, set()).update(kinds)
        difference = None if before is None or after is None else after - before
        rows.append([table, path, measure, before, after, difference, kinds, _listed(came), _listed(went)])
    every = {kind for text in of_case.values() for kind in text.split("; ")}
    for row in rows:
        # A share follows from its counts, and rows of a section from the cases that have any.
        kinds = row[6] or of_table.get(row[0]) or other or every or {NOT_KNOWN}
        row[6] = joined(kinds)
    return pl.DataFrame(rows, schema=TOTALS, orient="row")


def counted_otherwise(side: Side) -> list[str]:
    """The tables that the run wrote with figures that today's software does not count; none where they are not kept."""
    content = sent.output_of(side.book, "tables/official_internal.csv")
    if content is None:
        return []
    then = pl.read_csv(content, columns=[*_CELL, "measure", "value"], infer_schema=False)
    then = then.with_columns(pl.col("value").cast(pl.Float64(), strict=False))
    now = compute_tables(side.opened.connection).select(*_CELL, "measure", "value")
    both = then.join(now, on=[*_CELL, "measure"], how="full", coalesce=True, suffix="_now")
    close = (pl.col("value") - pl.col("value_now")).abs() < _SAME
    moved = both.filter(
        ~pl.when(pl.col("value").is_null()).then(pl.col("value_now").is_null()).otherwise(close.fill_null(False))
    )
    return sorted(set(moved["table"]))


def _totals(opened: OpenQuarter) -> pl.DataFrame:
    """One row per total: table, column_path, measure, value; of a section the number of its rows as sent."""
    con = opened.connection
    sections = [
        (
            OF_RETURN,
            section.label,
            "count",
            float(con.execute(f"select count(*) from {SENT}.{section.name}").fetchall()[0][0]),
        )
        for section in SECTIONS
    ]
    own = pl.DataFrame(
        sections, schema={**{n: pl.String() for n in (*_CELL, "measure")}, "value": pl.Float64()}, orient="row"
    )
    return pl.concat([own, compute_tables(con).select(*_CELL, "measure", "value")])


def _behind(steps: Steps, tables: list[str]) -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """By cell: the references that came into it and those that went."""
    found: list[dict[tuple[str, str], set[str]]] = []
    for side in (steps.a, steps.b):
        cells: dict[tuple[str, str], set[str]] = {}
        known = (
            explanation(side.opened.connection, tables)
            if tables
            else pl.DataFrame(schema={n: pl.String() for n in ("table", "column_path", "reference")})
        )
        for table, path, ref in known.select("table", "column_path", "reference").iter_rows():
            cells.setdefault((table, path), set()).add(ref)
        for section in SECTIONS:
            rows = side.opened.connection.execute(
                f"select case_ref, count(*) from {SENT}.{section.name} group by case_ref"
            ).fetchall()
            # A case whose number of rows changed comes in with its new number, and goes with its old one.
            cells[OF_RETURN, section.label] = {f"{ref}#{count}" for ref, count in rows}
        found.append(cells)
    before, after = found
    return {
        cell: (after.get(cell, set()) - before.get(cell, set()), before.get(cell, set()) - after.get(cell, set()))
        for cell in before.keys() | after.keys()
    }


def _case(reference: str) -> str:
    return reference.partition("#")[0]


def _listed(references: set[str]) -> str:
    return "; ".join(sorted({_case(one) for one in references}))
