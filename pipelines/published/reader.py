"""A published workbook of any layout since 2018 as one tidy table."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.errors import InputError, UsageError
from pipelines.published.cells import MISSING, NOT_PUBLISHED, SUPPRESSED, UnreadableCellError, read_cell
from pipelines.published.grids import Grid, column_letters, read_grids
from pipelines.published.header_tree import Label, Match, heading_labels, match_columns
from pipelines.published.headings import FIRST_QUARTER, SEPARATOR, Layout, columns_ever, layout_for, read_data

TIDY_SCHEMA = {
    "la_code": pl.String,
    "quarter": pl.String,
    "table": pl.String,
    "column_path": pl.String,
    "measure": pl.String,
    "value": pl.Float64,
    "note": pl.String,
    "sheet": pl.String,
    "cell": pl.String,
}
KEY = ["la_code", "quarter", "table", "column_path", "measure"]

AUTHORITY_CODE = re.compile(r"E0[6-9]\d{6}")
_AREA_CODE = re.compile(r"E(0[6-9]|12|92)\d{6}")
# The code stands in the first column; further right the same codes name the region of an authority.
_CODE_COLUMNS = 1
_FIRST_FIGURE_COLUMN = 2

_MONTH_QUARTER = {"march": 1, "june": 2, "september": 3, "december": 4}
_TITLE_QUARTER = re.compile(
    r"\b(?:to|\d{1,2}(?:st|nd|rd|th)?)\s+(March|June|September|December),?\s+(\d{4})", re.IGNORECASE
)
_FILE_PERIOD = re.compile(r"(20\d{2})(03|06|09|12)(?!\d)")
_NOT_TABLES = re.compile(r"^('file:|contents|cover|notes?\b|.*drop[ _]?down|information)", re.IGNORECASE)
_TABLE_NAMES = {name.lower(): name for name in columns_ever()}


@dataclass(frozen=True)
class Problem:
    """One thing about a sheet that did not fit: ``label`` is a heading or a cell address, never a figure."""

    kind: str
    sheet: str
    table: str
    label: str


@dataclass
class PublishedWorkbook:
    """One workbook; ``tidy`` has one row per area, table, column path and measure (``TIDY_SCHEMA``)."""

    tidy: pl.DataFrame
    quarter: str
    edition: str
    sha256: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        """The columns that the quarter is known, or after 2025-Q4 assumed, to have."""
        return layout_for(self.quarter)


def edition_of(path: Path) -> str:
    """Which edition a file name says it is: what follows the period, such as 'revised', else 'first'."""
    match = _FILE_PERIOD.search(path.stem)
    rest = path.stem[match.end() :] if match else ""
    return rest.strip("_- ").lower() or "first"


def table_of(sheet: str) -> str | None:
    """Table of a sheet name: 'A1 - Apr-Jun 18', 'A2R_', 'A2p' are A1, A2R, A2P; None for another sheet."""
    name = re.sub(r"\s+-\s.*$", "", sheet.strip()).rstrip("_ ").replace(" ", "_")
    return _TABLE_NAMES.get(name.lower())


def read_workbook(path: Path | str, authority: str | None = None) -> PublishedWorkbook:
    """Every figure of a published workbook, or of one authority in it.

    Areas are authorities (E06-E09), regions (E12) and England (E92); rows come column by column in the published
    order. An authority whose code changed is given the code of the workbook's other sheets, so that its rows
    join. Units: see ``measure`` (percentages are fractions). Raises ``InputError`` when the file is no such
    workbook or lacks the authority, ``UsageError`` when the authority is no GSS code.
    """
    path = Path(path)
    if authority is not None and not AUTHORITY_CODE.fullmatch(authority):
        raise UsageError("An authority is given by its GSS code, such as E06000034.")
    names, grids = read_grids(path, lambda sheet: table_of(sheet) is not None)
    if not grids:
        raise InputError(f"{path.name} has no sheet named like one of MHCLG's homelessness tables.")
    quarter = _quarter_of(grids, path)
    if quarter < FIRST_QUARTER:
        raise InputError(f"{path.name} is of a quarter before {FIRST_QUARTER}, when these tables began.")
    layout = layout_for(quarter)
    reader = _Reader(quarter, layout, authority, grids)
    if (said := _quarter_of_name(path)) and said != quarter:
        reader.problems.append(Problem("file name says another quarter than the titles", "", "", said))
    for name in names:
        if table_of(name) is None and not _NOT_TABLES.match(name):
            reader.problems.append(Problem("unknown sheet", name, "", name))
    for grid in grids:
        reader.read_sheet(grid)
    for table in layout.tables:
        if table not in reader.tables_read:
            reader.problems.append(Problem("missing table", "", table, table))
    tidy = pl.DataFrame(reader.columns, schema=TIDY_SCHEMA)
    if authority is not None and tidy.is_empty():
        raise InputError(f"{path.name} has no row for that authority.")
    return PublishedWorkbook(
        tidy=_out_of_area_notes(tidy),
        quarter=quarter,
        edition=edition_of(path),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        problems=reader.problems,
    )


def _quarter_of(grids: list[Grid], path: Path) -> str:
    said: Counter[str] = Counter()
    for grid in grids:
        for row in grid.values[:3]:
            title = " ".join(str(cell) for cell in row[:3] if cell)
            if match := _TITLE_QUARTER.search(" ".join(title.split())):
                said[f"{match[2]}-Q{_MONTH_QUARTER[match[1].lower()]}"] += 1
                break
    if said:
        return max(sorted(said), key=lambda quarter: said[quarter])
    if named := _quarter_of_name(path):
        return named
    raise InputError(f"{path.name} names its quarter neither in a table title nor in the file name.")


def _quarter_of_name(path: Path) -> str | None:
    match = _FILE_PERIOD.search(path.stem)
    return f"{match[1]}-Q{int(match[2]) // 3}" if match else None


def _codes(grid: Grid) -> dict[str, int]:
    """First row of each area code: stray rows below a table repeat regions."""
    rows: dict[str, int] = {}
    for number, row in enumerate(grid.values):
        for cell in row[:_CODE_COLUMNS]:
            if code := _area_code(cell):
                rows.setdefault(code, number)
    return rows


def _area_code(cell: object) -> str | None:
    code = cell.strip() if isinstance(cell, str) else ""
    return code if _AREA_CODE.fullmatch(code) else None


class _Reader:
    """Gathers the cells of all sheets of one workbook."""

    def __init__(self, quarter: str, layout: Layout, authority: str | None, grids: list[Grid]) -> None:
        self.quarter = quarter
        self.layout = layout
        self.problems: list[Problem] = []
        self.tables_read: set[str] = set()
        self.columns: dict[str, list[object]] = {name: [] for name in TIDY_SCHEMA}
        self.codes = {id(grid): _codes(grid) for grid in grids}
        self.renamed = self._renamed()
        self.authority = self.renamed.get(authority, authority) if authority else None

    def _renamed(self) -> dict[str, str]:
        """Old codes that a workbook mixes with their successors."""
        seen = {code for codes in self.codes.values() for code in codes}
        changes = {row["old_code"]: row["new_code"] for row in read_data("code_changes.csv")}
        return {old: new for old, new in changes.items() if new in seen}

    def read_sheet(self, grid: Grid) -> None:
        table = table_of(grid.sheet)
        codes = self.codes[id(grid)]
        if table is None:
            return
        if not codes:
            self.problems.append(Problem("no area rows", grid.sheet, table, table))
            return
        if table in self.tables_read:
            self.problems.append(Problem("repeated table", grid.sheet, table, table))
            return
        self.tables_read.add(table)
        expected = {(c.column_path, c.measure) for c in self.layout.of(table)}
        paths = {tuple(path.split(SEPARATOR)) for path, _ in expected}
        labels = heading_labels(grid, range(1, min(codes.values())))
        matches: dict[tuple[str, str], Match] = {}
        for match in match_columns(table, paths, labels):
            if (match.column_path, match.measure) in matches:
                self._problem("repeated column", grid, table, match.column_path)
            else:
                matches[match.column_path, match.measure] = match
        for path, measure in sorted(expected - set(matches)):
            self._problem("missing column", grid, table, _named(path, measure))
        if expected:
            for path, measure in sorted(set(matches) - expected):
                self._problem("column not in this quarter's layout", grid, table, _named(path, measure))
        self._unknown_columns(grid, table, {m.column for m in matches.values()}, labels)
        self._unseen(grid, table, {m.column for m in matches.values()})
        self._read_rows(grid, table, codes, matches)

    def _problem(self, kind: str, grid: Grid, table: str, label: str) -> None:
        self.problems.append(Problem(kind, grid.sheet, table, label))

    def _unknown_columns(self, grid: Grid, table: str, matched: set[int], labels: list[Label]) -> None:
        """Columns of figures beside the table, or in it, that no label makes one of its columns."""
        rows = [row for code, row in self.codes[id(grid)].items() if AUTHORITY_CODE.fullmatch(code)]
        for column in range(_FIRST_FIGURE_COLUMN, grid.width()):
            if column in matched or not any(_is_figure(grid.values[row], column) for row in rows):
                continue
            above = [label for label in labels if label.first_column <= column <= label.last_column]
            visible = [label for label in above if label.visible] or above
            named = max(visible, key=lambda label: label.row).text if visible else "(no label)"
            self._problem("unknown column", grid, table, f"{column_letters(column)}: {named}")

    def _unseen(self, grid: Grid, table: str, matched: set[int]) -> None:
        """What would be an area or a figure, were it not covered by merged cells."""
        rows = set(self.codes[id(grid)].values())
        for (row, column), cell in sorted(grid.unseen.items(), key=lambda item: item[0]):
            address = f"{column_letters(column)}{row + 1}"
            if column < _CODE_COLUMNS and _area_code(cell):
                self._problem("area code under merged cells", grid, table, address)
            elif row in rows and column in matched:
                self._problem("figure under merged cells", grid, table, address)

    def _read_rows(self, grid: Grid, table: str, codes: dict[str, int], matches: dict[tuple[str, str], Match]) -> None:
        areas = [(self.renamed.get(code, code), row) for code, row in codes.items()]
        if self.authority is not None:
            areas = [(code, row) for code, row in areas if code == self.authority]
        zero_for_suppressed = 0
        suppressed: dict[str, set[int]] = {}
        out = self.columns
        for match in matches.values():
            hidden = suppressed.setdefault(match.column_path, set())
            letters = column_letters(match.column)
            for _, number in areas:
                row = grid.values[number]
                try:
                    value, note = read_cell(row[match.column] if match.column < len(row) else None)
                except UnreadableCellError:
                    value, note = None, NOT_PUBLISHED
                    self._problem("unreadable cell", grid, table, f"{letters}{number + 1}")
                if match.measure == "count" and note == SUPPRESSED:
                    hidden.add(number)
                # 2024-Q1 and 2024-Q4 print 0% beside a suppressed count.
                if match.measure == "percent" and value == 0 and number in hidden:
                    value, note = None, SUPPRESSED
                    zero_for_suppressed += 1
                out["value"].append(value)
                out["note"].append(note)
                out["cell"].append(f"{letters}{number + 1}")
            many = len(areas)
            out["la_code"].extend(code for code, _ in areas)
            out["quarter"].extend([self.quarter] * many)
            out["table"].extend([table] * many)
            out["column_path"].extend([match.column_path] * many)
            out["measure"].extend([match.measure] * many)
            out["sheet"].extend([grid.sheet] * many)
        if zero_for_suppressed:
            self._problem(
                "0% beside a suppressed count, read as suppressed",
                grid,
                table,
                f"{zero_for_suppressed} cells",
            )


def _named(path: str, measure: str) -> str:
    return path if measure == "count" else f"{path} ({measure})"


def _is_figure(row: object, column: int) -> bool:
    return isinstance(row, list) and column < len(row) and isinstance(row[column], int | float)


def _out_of_area_notes(tidy: pl.DataFrame) -> pl.DataFrame:
    """Read '..' as suppressed in the two tables behind TA9 where TA9's own total is suppressed.

    2025-Q2 republished prints '..' there for what TA9 prints as '-' (published-tables.md §2, defect 6).
    """
    hidden = tidy.filter(
        (pl.col("table") == "TA9")
        & (pl.col("column_path") == "Total Sent to another local authority district")
        & (pl.col("note") == SUPPRESSED)
    )["la_code"]
    smeared = (
        pl.col("table").is_in(["TA9_TATYPE", "TA9_HHTYPE"])
        & (pl.col("note") == MISSING)
        & pl.col("la_code").is_in(hidden.to_list())
    )
    return tidy.with_columns(note=pl.when(smeared).then(pl.lit(SUPPRESSED)).otherwise(pl.col("note")))
