"""Sheets of an XLSX workbook as text. Row numbers are those that a user sees."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from threading import Lock
from typing import Any

from pipelines import zips
from pipelines.extract.tabular import TextTable, UnreadableError, from_cells

# A sheet's XML is some ten times its packed size; far beyond that a workbook is made to exhaust memory.
LIMITS = zips.Limits(total=2 * 1024**3, ratio=200, ratio_from=64 * 1024**2)


class Workbook:
    """One workbook, opened once.

    Raises:
        UnreadableError: the bytes are no workbook, or would unpack to a size beyond the limits.
    """

    def __init__(self, data: bytes) -> None:
        import python_calamine

        self._turn = Lock()

        try:
            with zips.open_zip(io.BytesIO(data), LIMITS, packed=len(data)):
                pass
        except zips.ZipRefusedError as refused:
            if refused.reason == zips.TOO_LARGE:
                raise UnreadableError("unpacked it would be far larger than a case export can be") from None
            raise UnreadableError("it is not a whole XLSX workbook") from None
        except ValueError:
            raise UnreadableError("it is not a whole XLSX workbook") from None
        try:
            self._book = python_calamine.load_workbook(io.BytesIO(data))
            self.sheets: tuple[str, ...] = tuple(self._book.sheet_names)
        except Exception as error:
            if isinstance(error, (KeyboardInterrupt, MemoryError)):
                raise
            raise UnreadableError("it is not a whole XLSX workbook, or has a password") from None

    def read(self, sheet: str, name: str, header_row: int) -> TextTable:
        """The sheet as text."""
        try:
            # The reader refuses to be used by two threads at once.
            with self._turn:
                cells = self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except Exception as error:
            if isinstance(error, (KeyboardInterrupt, MemoryError)):
                raise
            raise UnreadableError("the sheet is damaged") from None
        return from_cells(name, [[_text(cell) for cell in row] for row in cells], header_row)


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
