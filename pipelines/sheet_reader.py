"""Sheets of a workbook that comes from outside, read in a process of its own (``sheet_child``).

A workbook that ends the reader, fills the memory or takes for ever costs that process, not the one that asks. Few such
processes wait at a time: the one that was asked longest ago is ended, and started again when it is asked anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pipelines import sheet_child

MEMORY = 4 << 30
"""Bytes that the process may take: four times what a workbook may be when it is unpacked."""
SECONDS = 300.0
"""How long it may be silent. The largest export that was tried answers within 20."""
MOST_WAITING = 4

_waiting: list[weakref.ref[SheetReader]] = []
_turn = threading.Lock()


class BrokenWorkbookError(Exception):
    """The workbook or one of its sheets cannot be read. ``is_reader_ended``: it took the reading process with it."""

    def __init__(self, *, is_reader_ended: bool = False) -> None:
        super().__init__("the workbook cannot be read")
        self.is_reader_ended = is_reader_ended


class SheetReader:
    """One workbook, by its bytes.

    Raises:
        BrokenWorkbookError: it is no workbook that can be read.
    """

    def __init__(self, data: bytes, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._data, self._memory, self._seconds = data, memory, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._at_work = threading.Lock()
        with self._at_work:
            self.names: tuple[str, ...] = self._start()

    def rows(self, sheet: str) -> Iterator[list[Any]]:
        """The sheet's rows from the first one on, each from column A on, of one length: text, numbers, days, times.

        They are taken to their end, or let go, before another sheet is asked for.

        Raises:
            BrokenWorkbookError: the sheet cannot be read, or is none of the workbook's.
        """
        # One sheet at a time: the process answers in the order in which it is asked.
        with self._at_work:
            self._ask(sheet)
            start = self._answer()
            before = [""] * start[1] if start else []
            try:
                while (some := self._answer()) is not None:
                    for row in some:
                        yield before + [sheet_child.taken(cell) if type(cell) is dict else cell for cell in row]
            except GeneratorExit:
                self.close()
                raise

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _start(self) -> tuple[str, ...]:
        # What the program is told by its environment, a key or a password among it, is not the workbook's to know.
        environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-P", "-B", sheet_child.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._process = process
        weakref.finalize(self, _end, process)
        _wait_with(self)
        self._write(json.dumps({"size": len(self._data), "memory": self._memory}).encode() + b"\n" + self._data)
        return tuple(self._answer())

    def _ask(self, sheet: str) -> None:
        if self._process is None:
            self._start()
        _wait_with(self)
        self._write(json.dumps(sheet).encode() + b"\n")

    def _write(self, words: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(words)
            self._process.stdin.flush()
        except OSError:
            self._ended()

    def _answer(self) -> Any:
        process = self._process
        if process is None or process.stdout is None:
            raise BrokenWorkbookError(is_reader_ended=True)
        # A workbook on which the reader works for ever ends like one that ends the reader.
        limit = threading.Timer(self._seconds, process.kill)
        limit.daemon = True
        limit.start()
        try:
            line = process.stdout.readline()
        finally:
            limit.cancel()
        if not line.endswith(b"\n"):
            self._ended()
        said = json.loads(line.decode("utf-8", "surrogatepass"))
        if isinstance(said, dict):
            raise BrokenWorkbookError
        return said

    def _ended(self) -> None:
        self.close()
        raise BrokenWorkbookError(is_reader_ended=True)


def _wait_with(reader: SheetReader) -> None:
    """Count the reader as the one asked last, and end the process of the one asked longest ago where there are many."""
    with _turn:
        known = [other for one in _waiting if (other := one()) is not None and other is not reader]
        for other in known[: max(0, len(known) + 1 - MOST_WAITING)]:
            # One that is at work is left; it is ended when it is the oldest again.
            if other._at_work.acquire(blocking=False):
                other.close()
                other._at_work.release()
        _waiting[:] = [weakref.ref(one) for one in (*known, reader) if one._process is not None]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            # What was still to be written has no reader any more.
            with suppress(OSError):
                stream.close()
    process.wait()
