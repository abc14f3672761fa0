"""Sheets of an XLSX or ODS workbook as text. Row numbers are those that a user sees."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from pipelines import zips
from pipelines.extract.decoding import (
    HAS_PASSWORD,
    MIB,
    OLD_WORKBOOK,
    WEB_PAGE,
    UnreadableError,
    is_markup,
    ole_kind,
)
from pipelines.extract.sheet_marks import Marks, marks_of
from pipelines.extract.tabular import TextTable, from_cells
from pipelines.sheet_reader import BrokenWorkbookError, SheetReader

# A sheet's XML is some ten times its packed size; far beyond that a workbook is made to exhaust memory.
LIMITS = zips.Limits(total=1024 * MIB, ratio=200, ratio_from=64 * MIB)
MOST_CELLS = 15_000_000
"""Cells of one sheet, blank ones among them; each takes some 100 bytes while it is read."""
NOT_WHOLE = "it is not a whole XLSX or ODS workbook, or has a password"
ENDS_THE_READER = "the workbook is damaged in a way that ends the reader; open it, save it anew, or export it as CSV"
TOO_LARGE = "unpacked it would be far larger than a case export can be; export it as CSV"


class Workbook:
    """One workbook, opened once.

    Raises:
        UnreadableError: the bytes are no workbook, or would unpack to a size beyond the limits.
    """

    def __init__(self, data: bytes) -> None:
        try:
            with zips.open_zip(io.BytesIO(data), LIMITS, packed=len(data)) as archive:
                names = set(archive.namelist())
                if "xl/workbook.bin" in names:
                    raise UnreadableError(OLD_WORKBOOK.replace(".xls)", ".xlsb)"))
                if "content.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise UnreadableError(HAS_PASSWORD)
                self._marks = marks_of(archive)
        except zips.ZipRefusedError as refused:
            if refused.reason == zips.TOO_LARGE:
                raise UnreadableError(TOO_LARGE) from None
            raise UnreadableError(_instead_of_a_workbook(data)) from None
        except (ValueError, KeyError):
            raise UnreadableError(_instead_of_a_workbook(data)) from None
        for marks in self._marks.values():
            if marks.cells > MOST_CELLS:
                raise UnreadableError(
                    f"a sheet spans {marks.cells:,} cells, more than the {MOST_CELLS:,} that are read"
                )
        try:
            self._reader = SheetReader(data)
        except BrokenWorkbookError as broken:
            raise UnreadableError(ENDS_THE_READER if broken.is_reader_ended else NOT_WHOLE) from None
        self.sheets: tuple[str, ...] = self._reader.names

    def marks(self, sheet: str) -> Marks:
        """What the sheet's cells do not tell."""
        return self._marks.get(sheet, Marks())

    def read(self, sheet: str, name: str, header_row: int, keep: Sequence[int] = ()) -> TextTable:
        """The sheet as text; ``header_row`` and ``keep`` as of ``from_cells``."""
        try:
            rows = ([_text(cell) for cell in row] for row in self._reader.rows(sheet))
            return from_cells(name, rows, header_row, keep)
        except BrokenWorkbookError as broken:
            raise UnreadableError(ENDS_THE_READER if broken.is_reader_ended else "the sheet is damaged") from None


def _instead_of_a_workbook(data: bytes) -> str:
    if what := ole_kind([data]):
        return what
    if is_markup(data):
        return WEB_PAGE
    if data and not data.startswith(b"PK") and b"\0" not in data[:4096]:
        return "it is a text file under the name of a workbook; name it .csv"
    return "it is not a whole XLSX or ODS workbook"


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return str(cell)
