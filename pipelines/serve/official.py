"""The official tables of a quarter as sent, and the cases behind each of their cells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines import shown
from pipelines.authority import authority_name
from pipelines.emit.tables.build import layout_of
from pipelines.emit.tables.workbook import SHORTHAND
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.published.headings import SEPARATOR, Column
from pipelines.serve.answering import answer, nothing, path_of, site_of
from pipelines.serve.opened import Opened
from pipelines.serve.paging import PAGE_ROWS, number_of, pages_of

router = APIRouter()


@contextmanager
def opened_quarter(request: Request, la_code: str, quarter: str) -> Iterator[Opened]:
    """The quarter that the address names, opened.

    Raises:
        Refused: the text is no quarter.
        UsageError: no case of the warehouse can tell that quarter, or there is no run of the authority.
    """
    try:
        asked = Quarter.parse(quarter)
    except UsageError:
        raise nothing("quarter") from None
    with site_of(request).quarters.open(la_code, asked) as opened:
        yield opened


def frame_of(opened: Opened) -> dict[str, Any]:
    """What every page of a quarter says of it."""
    quarter, run = opened.quarter, opened.quarter.run
    return {
        "la_code": run.la_code,
        "authority": authority_name(run.la_code),
        "quarter": quarter.quarter,
        "as_at": run.as_at,
        "state": quarter.state,
        "run_id": run.run_id,
        "is_exact": run.exact,
        "path_of": path_of,
    }


@dataclass(frozen=True)
class Cell:
    """One printed cell: ``ours`` unsuppressed, ``printed`` as MHCLG would print it."""

    position: int
    label: str
    measure: str
    ours: str
    printed: str
    cases: int | None
    """References behind it; None where none can be listed."""


@router.get("/tables/{la_code}/{quarter}")
def contents(request: Request, la_code: str, quarter: str) -> Response:
    """Every table of the quarter."""
    with opened_quarter(request, la_code, quarter) as opened:
        layout = layout_of(opened.con)
        listed = [(table, layout.of(table)[0].title) for table in layout.tables]
        return answer(request, "tables.html", tables=listed, is_assumed=layout.is_assumed, **frame_of(opened))


@router.get("/tables/{la_code}/{quarter}/{table}")
def one_table(request: Request, la_code: str, quarter: str, table: str) -> Response:
    """One table: each cell with its figure, and the way to the cases behind it."""
    with opened_quarter(request, la_code, quarter) as opened:
        columns = layout_of(opened.con).of(table)
        if not columns:
            raise nothing("table")
        cells = _cells(opened, table, columns)
        first = columns[0]
        return answer(request, "table.html", table=table, first=first, cells=cells, **frame_of(opened))


@router.get("/tables/{la_code}/{quarter}/{table}/{position}")
def behind(request: Request, la_code: str, quarter: str, table: str, position: str, page: str = "1") -> Response:
    """The cases behind one cell."""
    with opened_quarter(request, la_code, quarter) as opened:
        columns = layout_of(opened.con).of(table)
        cell = next((one for one in _cells(opened, table, columns) if str(one.position) == position), None)
        if cell is None or cell.cases is None:
            raise nothing("cell")
        path = next(column.column_path for column in columns if column.position == cell.position)
        references = opened.evidence(table).filter(pl.col("column_path") == path)["reference"]
        number = number_of(page, len(references))
        shown = references.slice((number - 1) * PAGE_ROWS, PAGE_ROWS).to_list()
        return answer(
            request,
            "behind.html",
            table=table,
            first=columns[0],
            cell=cell,
            rows=_told(opened, shown),
            page=number,
            pages=pages_of(len(references)),
            here=path_of("tables", la_code, quarter, table, position),
            **frame_of(opened),
        )


def _cells(opened: Opened, table: str, columns: tuple[Column, ...]) -> list[Cell]:
    if not columns:
        return []
    made = opened.tables()
    counts = dict(opened.evidence(table).group_by("column_path").len().iter_rows())
    listed = {
        c.column_path for c in columns if c.measure in ("count", "days") and not c.column_path.endswith("Mean (days)")
    }
    ours = made.internal.filter(pl.col("table") == table)
    printed = made.shown.filter(pl.col("table") == table)
    return [
        Cell(
            column.position,
            " › ".join(column.column_path.split(SEPARATOR)),
            column.measure,
            _figure(mine, why, column.measure),
            _figure(theirs, hidden, column.measure),
            counts.get(column.column_path, 0) if column.column_path in listed else None,
        )
        for column, (mine, why), (theirs, hidden) in zip(
            columns,
            ours.select("value", "note").iter_rows(),
            printed.select("value", "note").iter_rows(),
            strict=True,
        )
    ]


def _figure(value: float | None, note: str, measure: str) -> str:
    if note or value is None:
        return SHORTHAND.get(note, "[x]")
    if measure == "percent":
        return shown.percentage(value)
    return shown.decimal(value, 2)


@dataclass(frozen=True)
class Behind:
    """One reference behind a cell: the case, and which of its persons or needs is counted."""

    case_ref: str
    part: str
    local_ref: str | None
    officer: str | None


def _told(opened: Opened, references: list[str]) -> list[Behind]:
    cases = sorted({reference.partition("#")[0] for reference in references})
    known = {
        row[0]: row[1:]
        for row in opened.con.execute(
            "select case_ref, local_ref, officer from recorded.main where list_contains(?::varchar[], case_ref)",
            [cases],
        ).fetchall()
    }
    return [
        Behind(case, part, *known.get(case, (None, None)))
        for case, _, part in (reference.partition("#") for reference in references)
    ]
