"""The program that reads one workbook: a process of its own, since the reader may end with the file it is given.

The reader (calamine) is not written in Python: a workbook made or damaged in the right place ends the whole process,
and no exception says so. Here that ends this process alone.

Run as a program, this file reads from its standard input a line of JSON (the size of the workbook, the bytes it may
take), then the workbook. It answers with one line: the names of the sheets, or that it is no workbook. Then each line
it is given is the name of a sheet; it answers with where the sheet's cells begin, lines of rows and ``null``. It
imports little, so that it is there at once.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

ROWS_AT_ONCE = 2_000
REFUSED = "refused"
DAMAGED = "damaged"


def given(value: Any) -> dict[str, Any]:
    """A cell that JSON has no form for; ``taken`` brings it back."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": [value.days, value.seconds, value.microseconds]}
    return {"text": str(value)}


def taken(value: dict[str, Any]) -> Any:
    """A cell that ``given`` made ready."""
    ((kind, held),) = value.items()
    if kind == "seconds":
        return timedelta(*held)
    if kind == "datetime":
        return datetime.fromisoformat(held)
    if kind == "date":
        return date.fromisoformat(held)
    return time.fromisoformat(held) if kind == "time" else held


def _keep_to(memory: int) -> None:
    """Have the system refuse this process more than ``memory`` bytes; nothing where it has no such limit."""
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _say(answers: BinaryIO, value: Any) -> None:
    answers.write(json.dumps(value, default=given, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    answers.flush()


def _tell(answers: BinaryIO, sheet: Any) -> None:
    _say(answers, sheet.start)
    rows = iter(sheet.iter_rows()) if sheet.start is not None else iter(())
    while some := list(islice(rows, ROWS_AT_ONCE)):
        _say(answers, some)
    _say(answers, None)


def main() -> None:
    """Answer what stands on the standard input until it ends."""
    import python_calamine

    source, answers = sys.stdin.buffer, sys.stdout.buffer
    asked = json.loads(source.readline())
    data = source.read(asked["size"])
    _keep_to(asked["memory"])
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        names = list(book.sheet_names)
    except BaseException:
        # The reader's own panics are no exceptions of Python's usual kind.
        _say(answers, {REFUSED: True})
        return
    _say(answers, names)
    while line := source.readline():
        try:
            _tell(answers, book.get_sheet_by_name(json.loads(line)))
        except BaseException:
            _say(answers, {DAMAGED: True})


if __name__ == "__main__":
    main()
