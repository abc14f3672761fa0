"""What the cells of a sheet do not tell: merged cells, hidden rows, formulas without a result, how far it reaches.

A sheet's XML is searched as bytes, some of it at a time: an XML parser takes ten times as long for a large sheet.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 4 * 1024**2
LONGEST_ROW = 64 * 1024**2
"""Bytes after which a cut is made wherever it falls."""

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d+)"')


@dataclass(frozen=True)
class Marks:
    """What the cells of one sheet do not tell. Rows are numbered from 1."""

    cells: int = 0
    """Cells of the rectangle that the sheet spans."""
    hidden_rows: tuple[int, ...] = ()
    merged: tuple[tuple[int, int], ...] = ()
    """First and last row of each merged range."""
    errors: tuple[tuple[int, str], ...] = ()
    """Row and column letters of each cell that shows an error of its formula, such as #REF!."""
    unreckoned: tuple[tuple[int, str], ...] = ()
    """Row and column letters of each formula whose result is not in the file."""


def marks_of(archive: zipfile.ZipFile) -> dict[str, Marks]:
    """The marks of each sheet by its name; the parts of the archive were looked at by ``zips``.

    Raises:
        KeyError: a part that every workbook has is missing.
    """
    if "content.xml" in archive.namelist():
        with archive.open("content.xml") as stream:
            return _of_ods(_chunks(iter(lambda: stream.read(CHUNK), b""), b"<table:table-row"))
    found = {}
    for name, part in _xlsx_parts(archive):
        with archive.open(part) as stream:
            found[name] = _of_xlsx(_chunks(iter(lambda: stream.read(CHUNK), b""), b"row "))
    return found


def _chunks(pieces: Iterator[bytes], cut_before: bytes) -> Iterator[bytes]:
    """The pieces, cut where a row begins."""
    rest = b""
    for piece in pieces:
        rest += piece
        cut = rest.rfind(cut_before)
        cut = rest.rfind(b"<", 0, cut + 1) if cut > 0 else -1
        if cut < 0 and len(rest) > LONGEST_ROW:
            cut = len(rest)
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _xlsx_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name of each sheet and of the part that holds it."""
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", archive.read("xl/_rels/workbook.xml.rels").decode()):
        values = _attributes(tag)
        targets[values.get("Id", "")] = values.get("Target", "").removeprefix("/xl/")
    names = set(archive.namelist())
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", archive.read("xl/workbook.xml").decode()):
        values = _attributes(tag)
        part = f"xl/{targets.get(next((values[key] for key in values if key.endswith(':id')), ''), '')}"
        if part in names:
            yield values.get("name", ""), part


def _attributes(tag: str) -> dict[str, str]:
    pairs = re.findall(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return {name: html.unescape(double or single) for name, double, single in pairs}


def _of_xlsx(chunks: Iterator[bytes]) -> Marks:
    columns: set[bytes] = set()
    last_row = 0
    hidden: list[int] = []
    merged: list[tuple[int, int]] = []
    errors: list[tuple[int, str]] = []
    unreckoned: list[tuple[int, str]] = []
    for chunk in chunks:
        columns |= set(re.findall(rb' r="([A-Z]{1,3})\d+"[^>]*[^>/]>', chunk))
        filled = chunk.rfind(b"c>")  # the end of the last cell that holds something
        if at := list(_CELL.finditer(chunk, max(chunk.rfind(b"<row", 0, filled), 0), max(filled, 0))):
            last_row = max(last_row, int(at[-1][2]))
        for tag in _tags_with(chunk, b'hidden="'):
            if _ROW.fullmatch(tag) and _HIDDEN.search(tag) and (number := _NUMBER.search(tag)):
                hidden.append(int(number[1]))
        for tag in _tags_with(chunk, b't="e"'):
            if cell := _CELL.match(tag):
                errors.append((int(cell[2]), cell[1].decode()))
        for end in (b"</f></c>", b"/></c>"):
            for place in _places(chunk, end):
                start = chunk.rfind(b"<c ", 0, place)
                cell = _CELL.match(chunk, start) if start >= 0 else None
                if cell and b"<f" in chunk[start:place] and b"<v" not in chunk[start:place]:
                    unreckoned.append((int(cell[2]), cell[1].decode()))
        for first, last in re.findall(rb'mergeCell ref="[A-Z]+(\d+):[A-Z]+(\d+)"', chunk):
            merged.append((int(first), int(last)))
    width = max((number_of(letters.decode()) for letters in columns), default=0)
    return Marks(width * last_row, tuple(hidden), tuple(merged), tuple(errors), tuple(unreckoned))


def _places(chunk: bytes, what: bytes) -> Iterator[int]:
    place = chunk.find(what)
    while place >= 0:
        yield place
        place = chunk.find(what, place + 1)


def _tags_with(chunk: bytes, what: bytes) -> Iterator[bytes]:
    for place in _places(chunk, what):
        yield chunk[chunk.rfind(b"<", 0, place) : chunk.find(b">", place) + 1]


def number_of(letters: str) -> int:
    """Number of the column of those letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)\b([^>]*)>")
_ODS_COUNT = re.compile(rb'number-(columns|rows)-(repeated|spanned)="(\d+)"')


def _of_ods(chunks: Iterator[bytes]) -> dict[str, Marks]:
    found: dict[str, _OdsSheet] = {}
    sheet = _OdsSheet()
    for chunk in chunks:
        for kind, rest in _ODS_TAG.findall(chunk):
            if kind == b"table":
                sheet = found.setdefault(_attributes(rest.decode()).get("table:name", ""), _OdsSheet())
            elif kind == b"table-row":
                sheet.begin_row(rest)
            else:
                sheet.add_cell(rest)
    return {name: one.marks() for name, one in found.items()}


class _OdsSheet:
    """Counts through the tags of one sheet; rows and cells may stand for many equal ones."""

    def __init__(self) -> None:
        self.row = self.next_row = self.column = self.width = self.last_row = 0
        self.hidden: list[int] = []
        self.merged: list[tuple[int, int]] = []
        self.errors: list[tuple[int, str]] = []

    def begin_row(self, tag: bytes) -> None:
        repeated = _ods_counts(tag).get((b"rows", b"repeated"), 1)
        self.row, self.next_row, self.column = self.next_row + 1, self.next_row + repeated, 0
        if b'visibility="collapse"' in tag or b'visibility="filter"' in tag:
            self.hidden.append(self.row)

    def add_cell(self, tag: bytes) -> None:
        counts = _ods_counts(tag) if b"number-" in tag else {}
        self.column += counts.get((b"columns", b"repeated"), 1)
        if b"value-type=" in tag:
            self.width, self.last_row = max(self.width, self.column), max(self.last_row, self.next_row)
        down, across = counts.get((b"rows", b"spanned"), 1), counts.get((b"columns", b"spanned"), 1)
        if down > 1 or across > 1:
            self.merged.append((self.row, self.row + down - 1))
        if b'calcext:value-type="error"' in tag:
            self.errors.append((self.row, letters_of(self.column)))

    def marks(self) -> Marks:
        hidden = tuple(row for row in self.hidden if row <= self.last_row)
        return Marks(self.width * self.last_row, hidden, tuple(self.merged), tuple(self.errors))


def _ods_counts(tag: bytes) -> dict[tuple[bytes, bytes], int]:
    return {(what, how): int(number) for what, how, number in _ODS_COUNT.findall(tag)}


def letters_of(number: int) -> str:
    """Letters of the column of that number: 1 is A, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
