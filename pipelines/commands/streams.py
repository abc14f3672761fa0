"""Standard output and error: what they cannot show or take never ends a command, and is never taken for its result."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "×": "x", "£": "GBP ", "\u00a0": " "}
"""What stands for a sign that a screen lacks; any other is shown as a question mark."""

NOT_SHOWN = "What was to be shown could not be written: standard output is full or closed."
_HANDLER = "hclic-plain"


class Shown:
    """Whether all that was to be shown could be: a reader such as ``head`` that has read enough lacks nothing."""

    def __init__(self) -> None:
        self.is_lost = False

    def lose(self, error: OSError) -> None:
        """Note that the stream did not take what it was given."""
        self.is_lost = self.is_lost or not isinstance(error, BrokenPipeError)


class _Forgiving(io.FileIO):
    """A stream that says it has written what it could not."""

    def __init__(self, number: int, shown: Shown) -> None:
        super().__init__(number, "w", closefd=False)
        self._shown = shown

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data) or 0
        except OSError as error:
            self._shown.lose(error)
            return len(memoryview(data).cast("B"))


@contextmanager
def forgiving() -> Iterator[Shown]:
    """Inside, both streams take any text: signs that they lack are replaced, and what cannot be written is lost.

    A stream that somebody else has put in place, as a test does, stays as it is.
    """
    codecs.register_error(_HANDLER, _plainly)
    shown, errors = Shown(), Shown()
    shown.is_lost = sys.stdout is None
    _occupy()
    before = sys.stdout, sys.stderr
    if sys.stdout is sys.__stdout__:
        sys.stdout = _opened(sys.__stdout__, 1, shown)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _opened(sys.__stderr__, 2, errors)
    try:
        yield shown
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if all(before):
            sys.stdout, sys.stderr = before


def _opened(stream: Any, number: int, shown: Shown) -> io.TextIOWrapper:
    if stream is not None and os.name == "nt" and stream.isatty():
        # The console of Windows takes every sign, through a device of its own.
        stream.reconfigure(errors=_HANDLER)
        return stream
    buffered = io.BufferedWriter(_Forgiving(number, shown))
    encoding = "utf-8" if stream is None else stream.encoding
    # PYTHONUNBUFFERED is set where somebody reads along: a service's log, a container.
    is_by_line = stream is None or stream.line_buffering or stream.write_through
    return io.TextIOWrapper(buffered, encoding=encoding, errors=_HANDLER, line_buffering=is_by_line)


def _plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def _occupy() -> None:
    """Open the numbers 0 to 2 where they are closed: else a file with cases could get one, and be printed into."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
