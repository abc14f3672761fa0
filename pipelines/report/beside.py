"""The authority beside its region, England and its neighbours, in MHCLG's published figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.metrics.benchmarks import benchmarks, kept, read_neighbours
from pipelines.period import Quarter
from pipelines.report.blocks import Block, Bullets, Heading, Paragraph, Quoted, Table
from pipelines.report.breakdowns import printed
from pipelines.report.charts import Charts
from pipelines.report.quantities import Cell, Gap, Quantity, median_of
from pipelines.report.sentences import Name, Part, When, said, sentence

METRIC = "benchmarks"
UNITS = {"rate per 1000": "rate", "fraction": "fraction", "households": ""}
CHART = "beside-ta-rate"
SPOKEN_OF = ("ta_rate", "homeless_rate", "threatened_rate", "share_prevented")
"""Measures that are said in a sentence; all stand in the table."""


@dataclass(frozen=True)
class Published:
    """What published workbooks say of the authority and the areas beside it: rows of ``benchmarks``."""

    rows: pl.DataFrame
    source_of_neighbours: str = ""


def read(workbooks: list[Path], authority: str, neighbours: Path | None = None) -> Published:
    """The published figures of the newest of the workbooks.

    Raises:
        InputError: a workbook or the list of neighbours cannot be read, or a workbook lacks the authority.
        UsageError: two workbooks are of one quarter.
    """
    listed = read_neighbours(neighbours, authority) if neighbours else None
    rows = benchmarks(workbooks, authority, listed)
    newest = rows.filter(pl.col("quarter") == pl.col("quarter").max())
    return Published(newest, listed.source if listed else "")


def of_run(con: duckdb.DuckDBPyConnection) -> Published | None:
    """The newest published figures that the run of the connection keeps; None where it was given no workbook."""
    found = kept(con)
    return None if found is None else Published(found[0].filter(pl.col("quarter") == pl.col("quarter").max()), found[1])


def other_areas(published: Published, charts: Charts | None = None) -> Iterator[Block]:
    """The part of the document: some measures in sentences, and all in a table."""
    rows = published.rows
    areas = dict(rows.select("area_kind", "area").unique(maintain_order=True).rows())
    quarter = Quarter.parse(rows["quarter"][0])
    has_neighbours = "neighbour" in areas
    yield Heading(1, "Beside other areas")
    yield Paragraph(
        (
            sentence(
                "These are the figures that MHCLG published for ",
                When(quarter.words),
                ". They can differ from the others of this report, which come from the council’s own records.",
            ),
        )
    )
    spoken = [parts for name in SPOKEN_OF if (parts := _spoken(rows, name, areas, has_neighbours))]
    if spoken:
        yield Bullets(tuple(sentence(*parts, ".") for parts in spoken))
    head = ["Published measure", *(areas[kind] for kind in ("authority", "region", "England"))]
    if has_neighbours:
        head.append("Middle of the neighbours")
    table = [
        (label, *(printed(value, UNITS[unit]) for value in _values(rows, name, has_neighbours)))
        for name, label, unit in rows.select("measure", "label", "unit").unique(maintain_order=True).rows()
    ]
    yield Table(f"Published figures, {quarter.words}", tuple(head), tuple(table))
    if charts is not None and (picture := charts.picture(CHART)) is not None:
        yield picture
    if has_neighbours:
        names = rows.filter(area_kind="neighbour")["area"].unique(maintain_order=True).to_list()
        yield Quoted(f"{', '.join(names)}. List: {published.source_of_neighbours}", term="Neighbours")


def _spoken(rows: pl.DataFrame, measure: str, areas: dict[str, str], has_neighbours: bool) -> list[Part]:
    one = rows.filter(measure=measure)
    if one.is_empty():
        return []
    unit, values = UNITS[one["unit"][0]], _values(rows, measure, has_neighbours)
    places = [f" in {areas['authority']}", f" in {areas['region']}", " in England", " in the middle of the neighbours"]
    parts: list[Part] = []
    for value, place in zip(values, places, strict=False):
        if isinstance(value, Quantity):
            parts += [", " if parts else ": ", said(value, unit), place]
    return [Name(one["label"][0]), *parts] if isinstance(values[0], Quantity) and len(parts) > 3 else []


def _values(rows: pl.DataFrame, measure: str, has_neighbours: bool) -> list[Quantity | Gap]:
    one = rows.filter(measure=measure)
    found: list[Quantity | Gap] = [_one(one.filter(area_kind=kind)) for kind in ("authority", "region", "England")]
    if has_neighbours:
        known = [_one(row) for row in one.filter(area_kind="neighbour").iter_slices(1)]
        of_them = [value for value in known if isinstance(value, Quantity)]
        found.append(median_of(of_them) if of_them else Gap.UNKNOWN)
    return found


def _one(row: pl.DataFrame) -> Quantity | Gap:
    if row.is_empty() or row["value"][0] is None:
        return Gap.UNKNOWN
    key = tuple((column, str(row[column][0])) for column in ("quarter", "measure", "la_code"))
    return Quantity.of(Cell(METRIC, key, "value", row["value"][0]))
