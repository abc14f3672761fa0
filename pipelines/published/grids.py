"""Sheets of an XLSX or ODS file as grids of what is seen: values at their real addresses, merged cells, hidden rows.

Values come from calamine. It tells neither hidden rows nor the merged cells of ODS, so both are read from the
file's own XML.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from pipelines import zips
from pipelines.errors import InputError
from pipelines.sheet_reader import BrokenWorkbookError, SheetReader

Cell = object
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0

# Published workbooks unpack to less than 200 MB; more than this is not one of them.
LIMITS = zips.Limits(total=1 << 30)

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

# Parsing whole sheets as XML takes longer than all else, so what is wanted of them is looked for in their text.
_XLSX_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_XLSX_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_XLSX_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_XLSX_ROWS_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_XLSX_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*?\bref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
_ODS_TABLE = re.compile(rb"<table:table\s[^>]*>")
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>")
_ODS_ROW_END = b"</table:table-row>"
_ODS_REPEATED = re.compile(rb"""\btable:number-rows-repeated=["'](\d+)["']""")
_ODS_HIDDEN = re.compile(rb"""\btable:visibility=["'](?:collapse|filter)["']""")


@dataclass
class Grid:
    """One sheet: ``values[row][column]`` from cell A1, both from 0.

    What stands under merged cells, beside their first one, is seen by nobody: it is empty here, and kept in
    ``unseen`` by row and column.
    """

    sheet: str
    values: list[list[Cell]]
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    unseen: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for first_row, first_column, last_row, last_column in self.merges:
            for number, row in enumerate(self.values[first_row : last_row + 1], start=first_row):
                for column in range(first_column, min(last_column + 1, len(row))):
                    if (number, column) != (first_row, first_column) and row[column] not in ("", None):
                        self.unseen[number, column] = row[column]
                        row[column] = ""

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


def read_grids(data: bytes, workbook: str, wanted: Callable[[str], bool]) -> tuple[list[str], list[Grid]]:
    """All sheet names in order, and the grids of the wanted ones; ``workbook`` is what messages call it.

    Raises ``InputError`` when the bytes are no readable XLSX or ODS workbook.
    """
    try:
        with zips.open_zip(io.BytesIO(data), LIMITS, packed=len(data)) as archive:
            if "content.xml" in archive.namelist():
                shapes = _ods_shapes(archive.read("content.xml"), wanted)
            elif "xl/workbook.xml" in archive.namelist():
                shapes = _xlsx_shapes(archive, wanted)
            else:
                raise InputError(f"{workbook} is not an XLSX or ODS workbook.")
        opened = SheetReader(data)
        names = list(opened.names)
        grids = []
        for name in names:
            if wanted(name):
                merges, hidden = shapes.get(name, ([], []))
                values: list[list[Cell]] = list(opened.rows(name))
                # The last row of a sheet may be said to be repeated a million times.
                seen = {row for rows in hidden for row in range(rows.start, min(rows.stop, len(values)))}
                grids.append(Grid(sheet=name, values=values, merges=merges, hidden_rows=seen))
        opened.close()
    except zips.ZipRefusedError as refused:
        if refused.reason == zips.TOO_LARGE:
            raise InputError(f"{workbook} unpacks to more than a published workbook can hold.") from None
        raise InputError(f"{workbook} is not a readable XLSX or ODS workbook.") from None
    except (etree.XMLSyntaxError, BrokenWorkbookError, KeyError, ValueError):
        raise InputError(f"{workbook} is not a readable XLSX or ODS workbook.") from None
    return names, grids


Shapes = dict[str, tuple[list[Merge], list[range]]]


def _parse(text: bytes) -> etree._Element:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=True)
    return etree.fromstring(text, parser)


def _xlsx_shapes(archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> Shapes:
    targets = {
        rel.get("Id"): str(rel.get("Target")).removeprefix("/xl/")
        for rel in _parse(archive.read("xl/_rels/workbook.xml.rels"))
    }
    shapes: Shapes = {}
    for sheet in _parse(archive.read("xl/workbook.xml")).iter(f"{_SHEET}sheet"):
        name = str(sheet.get("name"))
        if wanted(name):
            text = archive.read(f"xl/{targets[sheet.get(_REL)]}")
            rows_end = _XLSX_ROWS_END.search(text)
            end = rows_end.start() if rows_end else len(text)
            shapes[name] = (_xlsx_merges(text[end:]), _xlsx_hidden_rows(text, end))
    return shapes


def _xlsx_merges(text: bytes) -> list[Merge]:
    return [
        (int(r1) - 1, column_number(c1.decode()), int(r2) - 1, column_number(c2.decode()))
        for c1, r1, c2, r2 in _XLSX_MERGE.findall(text)
    ]


def _xlsx_hidden_rows(text: bytes, end: int) -> list[range]:
    hidden = []
    number = 0
    # Hidden rows stand among the headings: what follows the last of them need not be looked at.
    last = text.rfind(b"hidden=", 0, end)
    for row in _XLSX_ROW.finditer(text, 0, text.find(b">", last) + 1 if last >= 0 else 0):
        said = _XLSX_NUMBER.search(row[1])
        number = int(said[1]) if said else number + 1
        if _XLSX_HIDDEN.search(row[1]):
            hidden.append(range(number - 1, number))
    return hidden


def _ods_shapes(content: bytes, wanted: Callable[[str], bool]) -> Shapes:
    root = content[: content.index(b">", content.index(b"<office:document-content")) + 1]
    close = b"</office:document-content>"
    shapes: Shapes = {}
    for start in _ODS_TABLE.finditer(content):
        if start[0].endswith(b"/>"):
            continue
        name = str(_parse(root + start[0] + b"</table:table>" + close)[0].get(f"{_TABLE}name"))
        if not wanted(name):
            continue
        merges: list[Merge] = []
        hidden: list[range] = []
        end = content.find(b"</table:table>", start.end())
        for number, repeated, attributes, row in _ods_rows(content, start.end(), end):
            if _ODS_HIDDEN.search(attributes):
                hidden.append(range(number, number + repeated))
            if b"-spanned=" in row:
                merges.extend(_ods_merges(_parse(root + row + close)[0], number))
        shapes[name] = (merges, hidden)
    return shapes


def _ods_rows(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Number from 0, how often repeated, attributes and text of each row that is not an empty element."""
    number = 0
    while (close := content.find(_ODS_ROW_END, start, end)) >= 0:
        close += len(_ODS_ROW_END)
        while row := _ODS_ROW.search(content, start, close):
            said = _ODS_REPEATED.search(row[1])
            repeated = int(said[1]) if said else 1
            start = row.end()
            if not row[1].endswith(b"/"):
                yield number, repeated, row[1], content[row.start() : close]
                start = close
            number += repeated


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
