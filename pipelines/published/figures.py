"""Every figure in the bytes of a published workbook of any layout since 2018, as one tidy table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from pipelines.errors import InputError
from pipelines.published.assumed import Matched, matches_of, read_columns
from pipelines.published.cells import MISSING, NOT_PUBLISHED, SUPPRESSED, UnreadableCellError, read_cell
from pipelines.published.doubts import doubtful, taken_back
from pipelines.published.flat import EXACT, LISTED
from pipelines.published.grids import Grid, column_letters, read_grids
from pipelines.published.header_tree import Label, Match, heading_labels, match_columns
from pipelines.published.headings import FIRST_QUARTER, SEPARATOR, Layout, columns_ever, layout_for, read_data
from pipelines.published.mapping import Mapping, check_mapping, unmet

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
# Addresses are put together at the end.
_READ = {name: kind for name, kind in TIDY_SCHEMA.items() if name != "cell"} | {"letters": pl.String, "row": pl.Int32}

AUTHORITY_CODE = re.compile(r"E0[6-9]\d{6}")
ZERO_FOR_SUPPRESSED = "0% beside a suppressed count, read as suppressed"
_AREA_CODE = re.compile(r"E(0[6-9]|12|92)\d{6}")
# The code stands in the first column of every layout that is known; one that is not may begin with the name.
_CODE_COLUMNS = 4
_FIRST_FIGURE_COLUMN = 2

_MONTH_QUARTER = {"mar": 1, "jun": 2, "sep": 3, "dec": 4}
_TITLE_QUARTER = re.compile(
    r"(?:\b(?:to|ending|\d{1,2}(?:st|nd|rd|th)?)\s+|[a-z]\s?[-\u2013\u2014]\s?)"
    r"(Mar(?:ch)?|June?|Sept?(?:ember)?|Dec(?:ember)?),?\s+(\d{4})",
    re.IGNORECASE,
)
_NOT_TABLES = re.compile(
    r"^('file:|(?:table[ _]of[ _])?contents|cover|notes?(?:\b|_)|.*drop[ _]?down|information|all[ _]figures)",
    re.IGNORECASE,
)
_TABLE_NAMES = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in columns_ever()}


@dataclass(frozen=True)
class Remark:
    """One thing that did not fit, of a sheet or, with ``la_code``, of one area's cell in it.

    ``label`` is a heading or a cell address, never a figure.
    """

    kind: str
    sheet: str
    table: str
    label: str
    la_code: str = ""


@dataclass(frozen=True)
class Figures:
    """What the bytes say; ``tidy`` has one row per area, table, column path and measure (``TIDY_SCHEMA``).

    ``matched`` has one entry per column of figures where the layout is assumed, and none where it is known.
    """

    tidy: pl.DataFrame
    quarter: str
    remarks: tuple[Remark, ...]
    matched: tuple[Matched, ...] = ()


def table_of(sheet: str) -> str | None:
    """Table of a sheet name: 'A1 - Apr-Jun 18', 'A2R_', 'Table A2p' are A1, A2R, A2P; None for another sheet."""
    name = re.sub(r"^\s*table[\s_]+", "", sheet, flags=re.IGNORECASE)
    # "TA9_TATYPE" is a table of its own, "TA9_Out of area" is TA9.
    for part in (name, re.sub(r"\s+-\s.*$", "", name), re.split(r"[\s_:]", name.strip(), maxsplit=1)[0]):
        if table := _TABLE_NAMES.get(re.sub(r"[^a-z0-9]", "", part.lower())):
            return table
    return None


def renamed_codes(seen: set[str]) -> dict[str, str]:
    """Old codes of authorities whose new code is among those seen, and that new code."""
    changes = {row["old_code"]: row["new_code"] for row in read_data("code_changes.csv")}
    return {old: new for old, new in changes.items() if new in seen}


def read_figures(data: bytes, name: str, quarter_named: str | None, mapping: Mapping | None = None) -> Figures:
    """Every figure of a workbook: areas in the order of a sheet, column by column in the order of its sheets.

    ``name`` is what messages call the workbook; ``quarter_named`` is its quarter where no title says one;
    ``mapping`` says which columns the headings of a layout are that is not known. An
    authority whose code changed is given the code of the workbook's other sheets, so that its rows join. Raises
    ``InputError`` when the bytes are no such workbook.
    """
    names, grids = read_grids(data, name, lambda sheet: table_of(sheet) is not None)
    if not grids:
        raise InputError(f"{name} has no sheet named like one of MHCLG's homelessness tables.")
    codes = {id(grid): _codes(grid) for grid in grids}
    quarter = _quarter_of(grids, codes) or quarter_named
    if quarter is None:
        raise InputError(f"{name} names its quarter neither in a table title nor in the file name.")
    if quarter < FIRST_QUARTER:
        raise InputError(f"{name} is of a quarter before {FIRST_QUARTER}, when these tables began.")
    layout = layout_for(quarter)
    if mapping is not None and layout.is_assumed:
        check_mapping(mapping, layout)
    reader = _Reader(quarter, layout, codes, mapping)
    for sheet in names:
        if table_of(sheet) is None and not _NOT_TABLES.match(sheet):
            reader.remarks.append(Remark("unknown sheet", sheet, "", sheet))
    for grid in grids:
        reader.read_sheet(grid)
    for table in layout.tables:
        if table not in reader.tables_read:
            reader.remarks.append(Remark("missing table", "", table, table))
    tidy = _out_of_area_notes(reader.tidy())
    if layout.is_assumed:
        tidy = reader.settle(tidy)
    return Figures(tidy, quarter, tuple(reader.remarks), tuple(reader.matched))


def _quarter_of(grids: list[Grid], codes: dict[int, dict[str, int]]) -> str | None:
    said: Counter[str] = Counter()
    for grid in grids:
        for row in grid.values[: max(3, min(codes[id(grid)].values(), default=0))]:
            title = " ".join(str(cell) for cell in row[:3] if cell)
            if match := _TITLE_QUARTER.search(" ".join(title.split())):
                said[f"{match[2]}-Q{_MONTH_QUARTER[match[1][:3].lower()]}"] += 1
                break
    return max(sorted(said), key=lambda quarter: said[quarter]) if said else None


def _codes(grid: Grid) -> dict[str, int]:
    """First row of each area code: stray rows below a table repeat regions.

    Of the first columns the one with the most authorities is read; another names the region of an authority.
    """
    best: dict[str, int] = {}
    most = 0
    for column in range(_CODE_COLUMNS):
        rows: dict[str, int] = {}
        for number, row in enumerate(grid.values):
            if column < len(row) and (code := _area_code(row[column])):
                rows.setdefault(code, number)
        authorities = sum(1 for code in rows if AUTHORITY_CODE.fullmatch(code))
        if authorities > most or not best:
            best, most = rows or best, authorities
    return best


def _area_code(cell: object) -> str | None:
    if type(cell) is not str or "E" not in cell:
        return None
    code = cell.strip()
    return code if _AREA_CODE.fullmatch(code) else None


class _Reader:
    """Gathers the cells of all sheets of one workbook."""

    def __init__(self, quarter: str, layout: Layout, codes: dict[int, dict[str, int]], mapping: Mapping | None) -> None:
        self.quarter = quarter
        self.mapping = mapping
        self.matched: list[Matched] = []
        self.layout = layout
        self.remarks: list[Remark] = []
        self.tables_read: set[str] = set()
        self.columns: dict[str, list[object]] = {name: [] for name in _READ}
        self.codes = codes
        self.renamed = renamed_codes({code for of_sheet in codes.values() for code in of_sheet})

    def read_sheet(self, grid: Grid) -> None:
        table = table_of(grid.sheet)
        codes = self.codes[id(grid)]
        if table is None:
            return
        if not codes:
            self._remark("no area rows", grid, table, table)
            return
        if table in self.tables_read:
            self._remark("repeated table", grid, table, table)
            return
        self.tables_read.add(table)
        expected = {(c.column_path, c.measure) for c in self.layout.of(table)}
        paths = {tuple(path.split(SEPARATOR)) for path, _ in expected}
        labels = heading_labels(grid, range(0 if self.layout.is_assumed else 1, min(codes.values())))
        if self.layout.is_assumed:
            self._read_assumed(grid, table, codes, labels)
            return
        matches: dict[tuple[str, str], Match] = {}
        for match in self._known_columns(grid, table, match_columns(table, paths, labels)):
            if (match.column_path, match.measure) in matches:
                self._remark("repeated column", grid, table, match.column_path)
            else:
                matches[match.column_path, match.measure] = match
        for path, measure in sorted(expected - set(matches)):
            self._remark("missing column", grid, table, _named(path, measure))
        if expected:
            for path, measure in sorted(set(matches) - expected):
                self._remark("column not in this quarter's layout", grid, table, _named(path, measure))
        self._unknown_columns(grid, table, {m.column for m in matches.values()}, labels)
        self._unseen(grid, table, {m.column for m in matches.values()})
        self._read_rows(grid, table, codes, matches)

    def _known_columns(self, grid: Grid, table: str, stacked: list[Match]) -> list[Match]:
        """Columns of a known quarter, found by stacked headings, or by one flat row where these say less.

        So an authority's own workbook is read, or one published again in the later layout. No sum guards what is
        guessed here, so that only labels count that are known.
        """
        columns = self.layout.of(table)
        if {(c.column_path, c.measure) for c in columns} <= {(m.column_path, m.measure) for m in stacked}:
            return stacked
        codes = self.codes[id(grid)]
        rows = [row for code, row in codes.items() if AUTHORITY_CODE.fullmatch(code)]
        told = read_columns(
            grid, table, columns, heading_labels(grid, range(min(codes.values()))), rows, (), self.quarter
        )
        flat = matches_of([one for one in told if one.confidence in (EXACT, LISTED)])
        return flat if len(flat) > len(stacked) else stacked

    def _read_assumed(self, grid: Grid, table: str, codes: dict[str, int], labels: list[Label]) -> None:
        rows = [row for code, row in codes.items() if AUTHORITY_CODE.fullmatch(code)]
        given = self.mapping.of(table, grid.sheet) if self.mapping else ()
        matched = read_columns(grid, table, self.layout.of(table), labels, rows, given, self.quarter)
        self.matched.extend(matched)
        matches = matches_of(matched)
        self._unseen(grid, table, {match.column for match in matches})
        self._read_rows(grid, table, codes, {(match.column_path, match.measure): match for match in matches})

    def settle(self, tidy: pl.DataFrame) -> pl.DataFrame:
        """Take back the columns with which sums do not hold; remark on what is not read. For an assumed layout."""
        doubts = {doubt.matched: doubt.identity for doubt in doubtful(tidy, self.matched, self.quarter)}
        back = pl.DataFrame(
            [(one.table, one.column_path) for one in doubts], schema=["table", "column_path"], orient="row"
        ).cast(pl.String)
        tidy = tidy.join(back, on=["table", "column_path"], how="anti", maintain_order="left")
        gone = {(one.table, one.column_path) for one in doubts}
        self.matched = [taken_back(m) if (m.table, m.column_path) in gone else m for m in self.matched]
        for (table, path), rest in sorted((key, doubts[m]) for m in doubts for key in [(m.table, m.column_path)]):
            label = f"{path} ({rest})"
            self.remarks.append(Remark("column with which a sum does not hold, not read", "", table, label))
        read = {(m.table, m.column_path, m.measure) for m in self.matched}
        for one in self.matched:
            if not one.column_path:
                near = " or ".join(_named(c.column_path, c.measure) for c in one.candidates)
                label = f"{one.column}: {one.heading or '(no label)'}" + (f" (nearest: {near})" if near else "")
                self.remarks.append(Remark("unknown column", one.sheet, one.table, label))
        for column in self.layout.columns:
            if (column.table, column.column_path, column.measure) not in read and column.table in self.tables_read:
                label = _named(column.column_path, column.measure)
                self.remarks.append(Remark("missing column", "", column.table, label))
        for line in unmet(self.mapping, (m.line for m in self.matched)) if self.mapping else ():
            label = f"row {line.number}: {line.heading}"
            self.remarks.append(Remark("line of the mapping file that meets no heading", "", line.table, label))
        return tidy

    def _remark(self, kind: str, grid: Grid, table: str, label: str, la_code: str = "") -> None:
        self.remarks.append(Remark(kind, grid.sheet, table, label, la_code))

    def _unknown_columns(self, grid: Grid, table: str, matched: set[int], labels: list[Label]) -> None:
        """Columns of figures beside the table, or in it, that no label makes one of its columns."""
        codes = self.codes[id(grid)]
        rows = [grid.values[row] for code, row in codes.items() if AUTHORITY_CODE.fullmatch(code)]
        for column in range(_FIRST_FIGURE_COLUMN, grid.width()):
            if column in matched or not any(column < len(row) and isinstance(row[column], int | float) for row in rows):
                continue
            above = [label for label in labels if label.first_column <= column <= label.last_column]
            visible = [label for label in above if label.visible] or above
            named = max(visible, key=lambda label: label.row).text if visible else "(no label)"
            self._remark("unknown column", grid, table, f"{column_letters(column)}: {named}")

    def _unseen(self, grid: Grid, table: str, matched: set[int]) -> None:
        """What would be an area or a figure, were it not covered by merged cells."""
        areas = {row: self.renamed.get(code, code) for code, row in self.codes[id(grid)].items()}
        for (row, column), cell in sorted(grid.unseen.items(), key=lambda item: item[0]):
            address = f"{column_letters(column)}{row + 1}"
            if column < _CODE_COLUMNS and _area_code(cell):
                self._remark("area code under merged cells", grid, table, address)
            elif row in areas and column in matched:
                self._remark("figure under merged cells", grid, table, address, areas[row])

    def _read_rows(self, grid: Grid, table: str, codes: dict[str, int], matches: dict[tuple[str, str], Match]) -> None:
        areas = [self.renamed.get(code, code) for code in codes]
        numbers = [row + 1 for row in codes.values()]
        rows = [grid.values[row] for row in codes.values()]
        zero_for_suppressed: list[Remark] = []
        suppressed: dict[str, set[int]] = {}
        out = self.columns
        many = len(areas)
        for match in matches.values():
            column = match.column
            hidden = suppressed.setdefault(match.column_path, set())
            letters = column_letters(column)
            for area, row in enumerate(rows):
                cell = row[column] if column < len(row) else None
                value: float | None
                # Nine of ten cells, and a call for each of a quarter of a million is half of the time.
                if type(cell) is float:
                    value, note = cell, ""
                else:
                    try:
                        value, note = read_cell(cell)
                    except UnreadableCellError:
                        value, note = None, NOT_PUBLISHED
                        self._remark("unreadable cell", grid, table, f"{letters}{numbers[area]}", areas[area])
                if note == SUPPRESSED and match.measure == "count":
                    hidden.add(area)
                # 2024-Q1 and 2024-Q4 print 0% beside a suppressed count.
                if value == 0 and match.measure == "percent" and area in hidden:
                    value, note = None, SUPPRESSED
                    zero = (ZERO_FOR_SUPPRESSED, grid.sheet, table, f"{letters}{numbers[area]}", areas[area])
                    zero_for_suppressed.append(Remark(*zero))
                out["value"].append(value)
                out["note"].append(note)
            out["la_code"].extend(areas)
            out["quarter"].extend([self.quarter] * many)
            out["table"].extend([table] * many)
            out["column_path"].extend([match.column_path] * many)
            out["measure"].extend([match.measure] * many)
            out["sheet"].extend([grid.sheet] * many)
            out["letters"].extend([letters] * many)
            out["row"].extend(numbers)
        self.remarks.extend(zero_for_suppressed)

    def tidy(self) -> pl.DataFrame:
        """The cells read so far (``TIDY_SCHEMA``)."""
        read = pl.DataFrame(self.columns, schema=_READ)
        return read.with_columns(cell=pl.concat_str("letters", "row")).select(list(TIDY_SCHEMA))


def _named(path: str, measure: str) -> str:
    return path if measure == "count" else f"{path} ({measure})"


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
