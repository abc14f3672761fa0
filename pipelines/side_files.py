"""The one reader of the small CSV files that stand beside an export: waivers, forced cases, maps, rates, series."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import HclicError, InputError

COMMENT = "#"
LARGEST = 256 * 1024**2
"""Bytes: a reference map of a million cases has less than a fifth."""
LONGEST_CELL = 10_000

_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=([,;\t|])", re.IGNORECASE)
# What no text has: a file with these is something else, or was damaged.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A line of its own after the last one: where it is not, a quotation mark was left open.
_END = "\x00"
_PACKED = {b"PK\x03\x04": "a workbook or zip file", bytes.fromhex("d0cf11e0a1b11ae1"): "a workbook", b"PAR1": "Parquet"}


@dataclass(frozen=True)
class SideRow:
    """One row of the file: its number, the headings being row 1, and its cells by column, stripped; blank is ``""``."""

    number: int
    cells: dict[str, str]
    place: str = field(default="", compare=False)
    """How a sentence about the row begins: ``The waiver file waivers.csv, row 2``."""

    def at(self, column: str) -> str:
        """How a sentence about one of its cells begins."""
        return f"{self.place}, column {column}"


def read_rows(
    path: Path,
    columns: Sequence[str],
    *,
    what: str,
    optional: Sequence[str] = (),
    only: bool = False,
    comments: bool = False,
    error: type[HclicError] = InputError,
) -> list[SideRow]:
    """Every row of a CSV file in UTF-8 (or UTF-16 with its mark) that holds anything. No message repeats a cell.

    The delimiter is found by the headings; these compare without regard to case, blanks and dashes.

    Args:
        path: the file.
        columns: the columns it must have.
        what: what the file is, for the sentences: ``waiver file``.
        optional: columns it may have; without one its cells are blank.
        only: refuse columns that are neither.
        comments: leave out lines that begin with ``#``.
        error: the kind of fault that a wrong file is.

    Raises:
        HclicError: of the kind ``error``: the file cannot be read, is no text, lacks a column, has one twice or one
            that is not known, has a row with more cells than headings, or an open quotation mark.
    """
    known = [*columns, *optional]
    file = f"The {what} {path.name}"
    lines = io.StringIO(_text(path, file, error), newline="").readlines()
    before = 0
    delimiter = ""
    if lines and (sep := _SEP.fullmatch(lines[0].strip())):
        delimiter, before, lines = sep[1], 1, lines[1:]
    first = next((line for line in lines if not (comments and line.startswith(COMMENT))), "")
    if not first.strip(_DELIMITERS + " \r\n"):
        raise error(f"{file} is empty: it has no column {' and no column '.join(columns)}.")
    records = _records(lines, delimiter or _delimiter(first, known), before, file, comments=comments, error=error)
    _, record = next(records)
    headings = [_folded(heading) for heading in record]
    _check_headings(headings, columns, known, file, only=only, error=error)
    rows = []
    for number, record in records:
        if not any(cell.strip() for cell in record):
            continue
        place = f"{file}, row {number}"
        if any(cell.strip() for cell in record[len(headings) :]):
            raise error(f"{place}, has more cells than there are headings.")
        given = dict(zip(headings, (cell.strip() for cell in record), strict=False))
        cells = {name: given.get(name, "") for name in known}
        for name, cell in cells.items():
            if len(cell) > LONGEST_CELL:
                raise error(f"{place}, column {name}: the cell is longer than {LONGEST_CELL:,} characters.")
        rows.append(SideRow(number, cells, place))
    return rows


def rows_named(numbers: Sequence[int]) -> str:
    """``row 2``, ``rows 2 and 5``, ``rows 2, 3, 4 and 97 more``."""
    ordered = sorted(numbers)
    shown = [str(number) for number in ordered[:3]]
    if len(ordered) > len(shown) + 1:
        return f"rows {', '.join(shown)} and {len(ordered) - len(shown):,} more"
    shown = [str(number) for number in ordered]
    if len(shown) == 1:
        return f"row {shown[0]}"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"


def _text(path: Path, file: str, error: type[HclicError]) -> str:
    if path.is_dir():
        raise error(f"{file} could not be read: it is a folder. Give the file.")
    try:
        if path.stat().st_size > LARGEST:
            raise error(f"{file} is far larger than such a file can be.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise error(f"{file} could not be read: there is no such file.") from None
    except OSError:
        raise error(f"{file} could not be read.") from None
    for start, kind in _PACKED.items():
        if data.startswith(start):
            raise error(f"{file} is {kind}, not text. Save it as CSV UTF-8.")
    codec = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        raise error(f"{file} is not text in UTF-8. Save it as CSV UTF-8.") from None
    if found := _CONTROL.search(text):
        row = text.count("\n", 0, found.start()) + 1
        raise error(f"{file}, row {row}, holds a control character, which no such file has. Save it as CSV UTF-8.")
    return text


def _folded(heading: str) -> str:
    return re.sub(r"[\s\-_]+", "_", heading.strip()).casefold()


def _delimiter(line: str, known: Sequence[str]) -> str:
    """The one that parts the line into most headings; the comma where none does."""

    def hits(mark: str) -> int:
        return len({_folded(cell) for cell in next(csv.reader([line], delimiter=mark), [])} & set(known))

    return max(_DELIMITERS, key=hits)


def _records(
    lines: Sequence[str], delimiter: str, before: int, file: str, *, comments: bool, error: type[HclicError]
) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number; lines above the headings and comments count."""
    passed = before

    def kept() -> Iterator[str]:
        nonlocal passed
        for line in lines:
            if comments and line.startswith(COMMENT):
                passed += 1
            else:
                yield line
        yield _END

    number = before
    try:
        for count, record in enumerate(csv.reader(kept(), delimiter=delimiter), start=1):
            if record == [_END]:
                return
            number = passed + count
            if record and record[-1].endswith(_END):
                raise error(f"{file}, row {number}: a quotation mark opens there and is never closed.")
            yield number, record
    except csv.Error:
        raise error(f"{file} could not be read: it is not a CSV file from row {number + 1} on.") from None


def _check_headings(
    headings: Sequence[str],
    columns: Sequence[str],
    known: Sequence[str],
    file: str,
    *,
    only: bool,
    error: type[HclicError],
) -> None:
    shown = ", ".join(known)
    if missing := [name for name in columns if name not in headings]:
        raise error(f"{file} has no column {' and no column '.join(missing)}. Its columns are {shown}.")
    if doubled := [name for name in known if headings.count(name) > 1]:
        raise error(f"{file} has the column {doubled[0]} twice. Keep one.")
    if only and set(headings) - {*known, ""}:
        raise error(f"{file} has a column that is not known. Its columns are {shown}.")
