"""The authority's published rates beside its region, its nearest statistical neighbours and England."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.authority import authority_name, check_authority
from pipelines.errors import InputError, UsageError
from pipelines.published.cells import MISSING, NOT_APPLICABLE, NOT_PUBLISHED, NOT_READ, SUPPRESSED
from pipelines.published.needs import WAY_OUT
from pipelines.published.reader import AUTHORITY_CODE, PublishedWorkbook, read_workbook
from pipelines.whole import written
from schemas.codelists import codelist

ENGLAND = "E92000001"
MEASURES = Path(__file__).with_name("benchmark_measures.csv")
# Of a numerator and a denominator the graver reason is named.
_NOTES = (NOT_READ, MISSING, SUPPRESSED, NOT_APPLICABLE, NOT_PUBLISHED)

SCHEMA = {
    "quarter": pl.String(),
    "measure": pl.String(),
    "label": pl.String(),
    "unit": pl.String(),
    "table": pl.String(),
    "area_kind": pl.String(),
    "la_code": pl.String(),
    "area": pl.String(),
    "value": pl.Float64(),
    "note": pl.String(),
    "rank_no": pl.Int64(),
    "ranked_areas": pl.Int64(),
}


@dataclass(frozen=True)
class Neighbours:
    """Nearest statistical neighbours as the authority's file lists them; ``source`` says whose list it is."""

    source: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One figure of a published table: a printed cell, or one cell over another."""

    name: str
    label: str
    unit: str
    table: str
    numerator: str
    denominator: str
    numerator_measure: str


def measures() -> tuple[Measure, ...]:
    """The measures of ``benchmark_measures.csv`` in its order."""
    with MEASURES.open(encoding="utf-8", newline="") as handle:
        return tuple(Measure(*row.values()) for row in csv.DictReader(handle))


def read_neighbours(path: Path, authority: str) -> Neighbours:
    """The neighbours of one authority, from a TOML file that holds ``source`` and a table ``neighbours``.

    ::

        source = "CIPFA Nearest Neighbours Model 2024"
        [neighbours]
        E06000034 = ["E07000066", "E06000035"]

    Raises:
        InputError: the file cannot be read, is not of this form, or has no list for the authority.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InputError(f"{path.name} cannot be read as TOML: it lists nearest statistical neighbours.") from None
    source, lists = content.get("source"), content.get("neighbours")
    if not isinstance(source, str) or not source or not isinstance(lists, dict):
        raise InputError(f"{path.name} needs a source and a table [neighbours], a list of GSS codes an authority.")
    codes = lists.get(authority)
    if not isinstance(codes, list) or not codes:
        raise InputError(f"{path.name} has no list of neighbours for {authority}.")
    known = codelist("authority").codes
    if any(not isinstance(code, str) or not AUTHORITY_CODE.fullmatch(code) or code not in known for code in codes):
        raise InputError(f"{path.name}: the neighbours of {authority} are not all codes of English authorities.")
    if len(set(codes)) < len(codes) or authority in codes:
        raise InputError(f"{path.name}: a neighbour of {authority} is listed twice, or is the authority itself.")
    return Neighbours(source, tuple(codes))


def benchmarks(
    workbooks: Sequence[Path], authority: str, neighbours: Neighbours | None = None, headings: Path | None = None
) -> pl.DataFrame:
    """One row per quarter, measure and area (``SCHEMA``), read from published workbooks.

    ``area_kind`` is authority, neighbour, region or England. ``value`` is the published figure or the quotient of two;
    without one it is empty and ``note`` says why: suppressed, missing, not applicable, not published, or not read where
    the heading of a column could not be told (``headings`` is a mapping file for such). ``rank_no`` is
    the authority's place among itself and its neighbours that have a value (1 = highest), ``ranked_areas`` their
    number.

    Raises:
        InputError: a workbook cannot be read or lacks the authority.
        UsageError: the authority is not known, or two workbooks are of one quarter.
    """
    return of_books([read_workbook(path, headings=headings) for path in workbooks], authority, neighbours)


def of_books(books: Sequence[PublishedWorkbook], authority: str, neighbours: Neighbours | None = None) -> pl.DataFrame:
    """``benchmarks`` of workbooks that have been read, with every authority's cells in them.

    Raises:
        InputError: a workbook lacks the authority.
        UsageError: the authority is not known, or two workbooks are of one quarter.
    """
    check_authority(authority)
    listed = codelist("authority").codes[authority].extra
    areas = [("authority", authority, authority_name(authority))]
    areas += [("neighbour", code, authority_name(code)) for code in (neighbours.codes if neighbours else ())]
    areas += [("region", listed["region_code"] or "", listed["region"] or ""), ("England", ENGLAND, "England")]
    if len({book.quarter for book in books}) < len(books):
        raise UsageError("Two of the workbooks are of the same quarter.")
    rows = []
    for book in sorted(books, key=lambda book: book.quarter):
        rows += _of_quarter(book, areas)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


KEPT, LISTED = "benchmarks", "neighbours"
"""Kinds of the files that a run keeps (``run_file``): the published figures beside it, and the list of neighbours."""


def as_file(frame: pl.DataFrame) -> bytes:
    """A frame of ``benchmarks`` as the run keeps it."""
    return frame.write_csv().encode("utf-8")


def kept(con: duckdb.DuckDBPyConnection) -> tuple[pl.DataFrame, str] | None:
    """The published figures that the run of the connection keeps, and whose list of neighbours they rest on.

    None where the run was given no workbook.
    """
    row = con.execute("select count(*) from duckdb_tables() where table_name = 'run_file'").fetchone()
    assert row is not None
    found = dict(con.execute("select kind, content from run_file").fetchall()) if row[0] else {}
    if KEPT not in found:
        return None
    source = tomllib.loads(found[LISTED].decode("utf-8"))["source"] if LISTED in found else ""
    return pl.read_csv(found[KEPT], schema=SCHEMA).with_columns(pl.col("note").fill_null("")), source


def not_read(frame: pl.DataFrame) -> list[str]:
    """A sentence for each workbook of which measures are empty because a column could not be read."""
    said = []
    for (quarter,), rows in frame.filter(pl.col("note") == NOT_READ).group_by("quarter", maintain_order=True):
        names = ", ".join(rows["measure"].unique(maintain_order=True))
        said.append(f"Not read in the workbook of {quarter}, so that these measures are empty: {names}. {WAY_OUT}")
    return said


def _of_quarter(book: PublishedWorkbook, areas: list[tuple[str, str, str]]) -> list[dict[str, object]]:
    quarter = book.quarter
    unread: set[tuple[str, ...]] = {(column.table, column.column_path, column.measure) for column in book.unread}
    wanted = book.tidy.filter(pl.col("la_code").is_in([code for _, code, _ in areas]))
    cells = {
        tuple(row[:4]): row[4:]
        for row in wanted.select("la_code", "table", "column_path", "measure", "value", "note").iter_rows()
    }
    if not any(key[0] == areas[0][1] for key in cells):
        raise InputError(f"The workbook of {quarter} has no row for {areas[0][1]}.")
    rows: list[dict[str, object]] = []
    for measure in measures():
        found = [_figure(cells, measure, code, unread) for _, code, _ in areas]
        peers = [
            value
            for (kind, _, _), (value, _) in zip(areas, found, strict=True)
            if kind in ("authority", "neighbour") and value is not None
        ]
        for (kind, code, name), (value, note) in zip(areas, found, strict=True):
            ranks = kind == "authority" and value is not None and len(peers) > 1
            rows.append(
                {
                    "quarter": quarter,
                    "measure": measure.name,
                    "label": measure.label,
                    "unit": measure.unit,
                    "table": measure.table,
                    "area_kind": kind,
                    "la_code": code,
                    "area": name,
                    "value": value,
                    "note": note,
                    "rank_no": 1 + sum(peer > value for peer in peers) if ranks and value is not None else None,
                    "ranked_areas": len(peers) if ranks else None,
                }
            )
    return rows


def _figure(
    cells: dict[tuple[str, ...], tuple[float | None, str]],
    measure: Measure,
    code: str,
    unread: Set[tuple[str, ...]] = frozenset(),
) -> tuple[float | None, str]:
    """Value and note of one measure in one area."""

    def cell(path: str, kind: str) -> tuple[float | None, str]:
        place = (measure.table, path, kind)
        return cells.get((code, *place), (None, NOT_READ if place in unread else NOT_PUBLISHED))

    value, note = cell(measure.numerator, measure.numerator_measure)
    if not measure.denominator:
        return value, note
    base, base_note = cell(measure.denominator, "count")
    if value is None or base is None:
        return None, min((n for n in (note, base_note) if n), key=_NOTES.index)
    if base == 0:
        return None, NOT_APPLICABLE
    return value / base, ""


def write_benchmarks(frame: pl.DataFrame, out: Path) -> None:
    """Write a frame of ``benchmarks`` as CSV.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        with written(out) as new:
            frame.write_csv(new)
    except OSError:
        raise UsageError(f"{out.name} cannot be written in that folder.") from None
