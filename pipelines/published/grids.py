"""Sheets of an XLSX or ODS file as grids of values with their real addresses, merged cells and hidden rows.

Values come from calamine. It tells neither hidden rows nor the merged cells of ODS, so both are read from the
file's own XML.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from pipelines import zips
from pipelines.errors import InputError

Cell = object
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0

# Published workbooks unpack to less than 200 MB; more than this is not one of them.
LIMITS = zips.Limits(total=1 << 30)
# Headings end above this row in every layout, so merged cells further down are of no interest.
HEADING_ROWS = 40

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ODS_TABLE = re.compile(rb"<table:table\s[^>]*>")
_ODS_ROW_END = b"</table:table-row>"
_RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass
class Grid:
    """One sheet: ``values[row][column]`` from cell A1, both from 0."""

    sheet: str
    values: Sequence[Sequence[Cell]]
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)

    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.values), default=0)


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Column counted from 0 of its letters: A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def read_grids(path: Path, wanted: Callable[[str], bool]) -> tuple[list[str], list[Grid]]:
    """All sheet names in order, and the grids of the wanted ones.

    Raises ``InputError`` when the file is absent or is no readable XLSX or ODS workbook.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path.name} in that place.")
    try:
        with zips.open_zip(path, LIMITS, packed=path.stat().st_size) as archive:
            if "content.xml" in archive.namelist():
                shapes = _ods_shapes(archive, wanted)
            elif "xl/workbook.xml" in archive.namelist():
                shapes = _xlsx_shapes(archive, wanted)
            else:
                raise InputError(f"{path.name} is not an XLSX or ODS workbook.")
        workbook = CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
        grids = []
        for name in names:
            if wanted(name):
                merges, hidden = shapes.get(name, ([], set()))
                values = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                grids.append(Grid(sheet=name, values=values, merges=merges, hidden_rows=hidden))
        workbook.close()
    except zips.ZipRefusedError as refused:
        if refused.reason == zips.TOO_LARGE:
            raise InputError(f"{path.name} unpacks to more than a published workbook can hold.") from None
        raise InputError(f"{path.name} is not a readable XLSX or ODS workbook.") from None
    except (etree.XMLSyntaxError, CalamineError, KeyError, ValueError):
        raise InputError(f"{path.name} is not a readable XLSX or ODS workbook.") from None
    return names, grids


def _iterparse(stream: IO[bytes], tags: Sequence[str]) -> etree.iterparse[tuple[str, etree._Element]]:
    return etree.iterparse(
        stream,
        events=("end",),
        tag=tags,
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        huge_tree=True,
    )


Shapes = dict[str, tuple[list[Merge], set[int]]]


def _xlsx_shapes(archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> Shapes:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    targets = {
        rel.get("Id"): str(rel.get("Target")).removeprefix("/xl/")
        for rel in etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    }
    shapes: Shapes = {}
    for sheet in etree.fromstring(archive.read("xl/workbook.xml"), parser).iter(f"{_SHEET}sheet"):
        name = str(sheet.get("name"))
        if not wanted(name):
            continue
        merges: list[Merge] = []
        hidden: set[int] = set()
        with archive.open(f"xl/{targets[sheet.get(_REL)]}") as stream:
            for _, element in _iterparse(stream, (f"{_SHEET}row", f"{_SHEET}mergeCell")):
                if element.tag == f"{_SHEET}row":
                    if element.get("hidden") in ("1", "true"):
                        hidden.add(int(str(element.get("r"))) - 1)
                elif match := _RANGE.fullmatch(str(element.get("ref"))):
                    c1, r1, c2, r2 = match.groups()
                    if int(r1) <= HEADING_ROWS:
                        merges.append((int(r1) - 1, column_number(c1), int(r2) - 1, column_number(c2)))
                element.clear()
        shapes[name] = (merges, hidden)
    return shapes


def _ods_shapes(archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> Shapes:
    content = archive.read("content.xml")
    root = content[: content.index(b">", content.index(b"<office:document-content")) + 1]
    shapes: Shapes = {}
    for start in _ODS_TABLE.finditer(content):
        # Parsing whole sheets takes longer than all else; headings end in the first rows.
        end = content.find(b"</table:table>", start.end())
        last = start.end()
        for _ in range(HEADING_ROWS):
            following = content.find(_ODS_ROW_END, last, end)
            if following < 0:
                break
            last = following + len(_ODS_ROW_END)
        parser = etree.XMLPullParser(
            events=("start", "end"), no_network=True, resolve_entities=False, load_dtd=False, huge_tree=True
        )
        parser.feed(root + content[start.start() : last])
        name, merges, hidden = _ods_headings(parser)
        if wanted(name):
            shapes[name] = (merges, hidden)
    return shapes


def _ods_headings(parser: etree.XMLPullParser) -> tuple[str, list[Merge], set[int]]:
    name, row = "", 0
    merges: list[Merge] = []
    hidden: set[int] = set()
    for event, element in parser.read_events():
        if not isinstance(element, etree._Element):
            continue
        if event == "start" and element.tag == f"{_TABLE}table":
            name = str(element.get(f"{_TABLE}name"))
        if event == "end" and element.tag == f"{_TABLE}table-row" and row < HEADING_ROWS:
            repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            merges.extend(_ods_merges(element, row))
            if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                hidden.update(range(row, min(row + repeated, HEADING_ROWS)))
            row += repeated
    return name, merges, hidden


def _ods_merges(row_element: etree._Element, row: int) -> list[Merge]:
    merges = []
    column = 0
    for cell in row_element:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        across = int(cell.get(f"{_TABLE}number-columns-spanned", "1"))
        down = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
        if across > 1 or down > 1:
            merges.append((row, column, row + down - 1, column + across - 1))
        column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
    return merges
