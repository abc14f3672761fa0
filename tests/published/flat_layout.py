"""Workbooks of January to March 2026 in one flat heading row, made from a workbook that is known cell by cell.

The figures are those of July to September 2025, so that what is read can be compared with the truth; the
headings are invented, in as many wordings as there are functions in ``wordings``. Nobody here had a workbook of
that layout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.published import figures
from pipelines.published.grids import Grid, column_number
from pipelines.published.headings import SEPARATOR, Column, layout_for
from pipelines.published.reader import PublishedWorkbook, read_workbook
from tests.published.workbooks import KEPT, read

QUARTER = "2026-Q1"
THURROCK = "E06000034"
AREAS = [THURROCK, "E92000001", "E12000001", "E12000004", "E12000007"]
SHORTHAND = {"suppressed": "[c]", "missing": "[x]", "not applicable": "[z]", "not published": "[x]"}
Key = tuple[str, str, str]  # table, column path, measure
Name = Callable[[Column], str]
Order = Callable[[str, list[Column]], list[Column]]


def _as_published(_: str, columns: list[Column]) -> list[Column]:
    return columns


@dataclass(frozen=True)
class Style:
    """One invented wording: how a column is named, and what else is done to the workbook."""

    name: str
    label: Name
    order: Order = _as_published
    dropped: frozenset[Key] = frozenset()
    added: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """For a table: place, label and the path whose figures the new column repeats, for plausible figures."""
    area_columns: tuple[str, ...] = ("Area code", "Area name", "Region code")
    rows_above: int = 3
    as_text: bool = False


@cache
def truth() -> dict[Key, dict[str, tuple[float | None, str]]]:
    """Value and note of every column by area code."""
    tidy = read(KEPT).tidy
    chosen = {*AREAS, *sorted(tidy.filter(pl.col("la_code").str.contains("^E0[6-9]"))["la_code"].unique())[::10]}
    cells: dict[Key, dict[str, tuple[float | None, str]]] = {}
    for code, table, path, measure, value, note in tidy.select(
        "la_code", "table", "column_path", "measure", "value", "note"
    ).iter_rows():
        if code in chosen:
            cells.setdefault((table, path, measure), {})[code] = (value, note)
    return cells


def _printed(cell: tuple[float | None, str], as_text: bool) -> object:
    value, note = cell
    if value is None:
        return SHORTHAND[note]
    return f"{value:,.0f}" if as_text and value.is_integer() else value


def sheets(style: Style) -> tuple[list[Grid], dict[tuple[str, int], Key]]:
    """The sheets, and which column each of their columns of figures truly is."""
    cells = truth()
    grids, true = [], {}
    layout = layout_for(QUARTER)
    for table in layout.tables:
        columns = [c for c in style.order(table, list(layout.of(table)))
                   if (table, c.column_path, c.measure) not in style.dropped]  # fmt: skip
        figures = [(style.label(c), (table, c.column_path, c.measure), True) for c in columns]
        for place, label, path in style.added.get(table, []):
            figures.insert(place, (label, (table, path, "count"), False))
        codes = sorted(cells[figures[0][1]], key=lambda code: (code[:3] not in ("E92", "E12"), code))
        areas = len(style.area_columns)
        head: list[object] = [*style.area_columns, *(label for label, _, _ in figures)]
        title: list[object] = [f"Table {table}: {columns[0].title}, England, January to March 2026 [note 1]"]
        above: list[list[object]] = [
            title,
            ["This worksheet contains one table. Some cells use shorthand, see the notes."],
            ["Some columns are long, [x] stands for missing and [c] for suppressed figures."],
            [],
        ]
        rows = [*above[: style.rows_above], head]
        for code in codes:
            area: list[object] = [code, f"Area {code}", "[z]"][:areas]
            rows.append([*area, *(_printed(cells[key].get(code, (None, "missing")), style.as_text)
                                  for _, key, _ in figures)])  # fmt: skip
        rows += [[], ["[note 1] Totals may not equal the sum of components."], ["Source: H-CLIC, E92000001"]]
        grids.append(Grid(sheet=table, values=rows))
        for place, (_, key, is_known) in enumerate(figures):
            if is_known:
                true[table, areas + place] = key
    return grids, true


def read_flat(style: Style, headings: Path | None = None) -> tuple[PublishedWorkbook, dict[tuple[str, int], Key]]:
    """The workbook as read, and which column each column of figures truly is."""
    grids, true = sheets(style)
    names = ["Cover", "Contents", "Notes", *(grid.sheet for grid in grids)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "read_grids", lambda *_: (names, grids))
        return read_workbook(KEPT, headings=headings), true


def read_right_and_wrong(book: PublishedWorkbook, true: dict[tuple[str, int], Key]) -> tuple[set[Key], list[str]]:
    """Columns that were read as what they are, and a sentence for each that was read as another."""
    right: set[Key] = set()
    wrong = []
    firsts = book.tidy.group_by("table", "column_path", "measure", maintain_order=True).agg(pl.col("cell").first())
    for table, path, measure, cell in firsts.iter_rows():
        column = column_number(cell.rstrip("0123456789"))
        is_truly = true.get((table, column))
        if is_truly == (table, path, measure):
            right.add((table, path, measure))
        else:
            wrong.append(f"{table} {cell}: read as {path} ({measure}), is {is_truly}")
    return right, wrong


def labels_of(column: Column) -> list[str]:
    """The labels of a column's path."""
    return column.column_path.split(SEPARATOR)
