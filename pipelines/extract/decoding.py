"""From the bytes of a text file to its text, part by part, or one sentence that says what else the bytes are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

MIB = 1024**2
LONGEST_LINE = MIB
"""Bytes of one line. The longest that a spreadsheet can write into one cell is 32,767 characters."""

# Multi-byte UTF-8 sequences, by which a file in two encodings is told from one in Windows-1252.
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]{1,3}|\xc2[\x80-\xbf]")
_NOT_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")

# What stands after the last row: empty lines, and the end-of-file mark of old systems.
_END = "\r\n\x1a"
_HEAD = 4096
"""Bytes by which the kind of a file is told."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WITH_PASSWORD = "EncryptedPackage".encode("utf-16-le")

OLD_WORKBOOK = "it is a workbook in the old Excel format (.xls); save it as .xlsx or CSV"
HAS_PASSWORD = "it is protected by a password; save it without one"

_NO_TEXT = (
    (b"PK\x03\x04", "it is a workbook or zip file under the name of a text file"),
    (b"PAR1", "it is a Parquet file under the name of a text file"),
    (b"%PDF", "it is a PDF document, not a table"),
    (b"{\\rtf", "it is a word processor's document, not a table"),
    (b"\x1f\x8b", "it is packed by gzip; unpack it first"),
    (b"7z\xbc\xaf", "it is packed by 7-Zip; unpack it first"),
    (b"Rar!", "it is packed by RAR; unpack it first"),
    (b"SQLite format 3", "it is a database, not a text file"),
)
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<workbook", b"<head", b"<meta")
_DAMAGED_SIXTEEN = "it is in UTF-16 and damaged or cut off"
WEB_PAGE = "it is a web page or XML, which some systems save under another name; export it as CSV or XLSX"


class UnreadableError(Exception):
    """The file is no table. The text says why, in words that fit after "cannot be read:"; never a value."""


Parts = Callable[[], Iterator[bytes]]
"""Gives the bytes of a file, some at a time, anew at each call."""


@dataclass(frozen=True)
class Text:
    """The text of a file, lines parted by line feeds only and without empty ones at its end."""

    encoding: str
    is_damaged: bool
    """Whether some characters could not be decoded."""
    pieces: Callable[[], Iterator[str]]
    """Gives the text, some of it at a time, anew at each call."""
    tell: Callable[[int], None] = lambda rows: None
    """Is told now and then how many rows have been read."""


def ole_kind(parts: Iterable[bytes]) -> str | None:
    """What a file in Microsoft's old container is, in words; none where it is something else."""
    before = b""
    for part in parts:
        if not before and not part.startswith(_OLE):
            return None
        if _WITH_PASSWORD in before + part:
            return HAS_PASSWORD
        before = part[-len(_WITH_PASSWORD) :]
    return OLD_WORKBOOK if before else None


def is_markup(data: bytes) -> bool:
    """Whether the bytes begin like a web page or XML."""
    return data[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP)


def decode(parts: Parts, tell: Callable[[int], None] = lambda rows: None) -> Text:
    """The text, whatever of UTF-8, UTF-16 and Windows-1252 it is in; the bytes are looked through once to find out.

    ``tell`` is told now and then how many lines have been looked through.

    Raises:
        UnreadableError: the bytes are no text, or a line of it is too long to be a row.
    """
    look: _Look | None = None
    for part in _headed(parts()):
        if look is None:
            _refuse_other(part, parts)
            sixteen = _sixteen(part)
            look = _LookAtSixteen(*sixteen) if sixteen else _LookAtEight(part)
        if not look.goes_on_after(part):
            break
        tell(look.lines)
    found = (look or _LookAtEight(b"")).found()
    return Text(found.encoding, found.is_damaged, partial(_pieces, parts, found))


@dataclass(frozen=True)
class _Found:
    """How the bytes become text."""

    encoding: str
    codec: str
    start: int
    """Bytes of the byte-order mark."""
    end: int
    """Bytes to the end of the last row."""
    has_line_feeds: bool
    """Otherwise carriage returns part its lines."""
    is_damaged: bool = False


def _headed(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts, of which the first is long enough to tell the kind of the file."""
    first = b""
    for part in parts:
        first += part
        if len(first) >= _HEAD:
            break
    if first:
        yield first
    yield from parts


def _pieces(parts: Parts, found: _Found) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(found.codec)("replace" if found.is_damaged else "strict")
    place, held = 0, ""
    for part in parts():
        start, end = max(found.start - place, 0), found.end - place
        place += len(part)
        if end <= 0 or start >= len(part):
            continue  # read on, so that a change in the file is seen
        whole = start == 0 and end >= len(part)
        text = held + decoder.decode(part if whole else memoryview(part)[start:end])
        held = ""
        if not found.has_line_feeds:
            text = text.replace("\r", "\n")
        elif text.endswith("\r"):
            # The line feed that belongs to it may stand in the next part.
            text, held = text[:-1], "\r"
        if text:
            yield text.replace("\r\n", "\n")
    if text := held + decoder.decode(b"", final=True):
        yield text


def _refuse_other(head: bytes, parts: Parts) -> None:
    for begins, what in _NO_TEXT:
        if head.startswith(begins):
            raise UnreadableError(what)
    if head.startswith(_OLE):
        raise UnreadableError(ole_kind(_headed(parts())) or OLD_WORKBOOK)
    if is_markup(head):
        raise UnreadableError(WEB_PAGE)


def _sixteen(head: bytes) -> tuple[str, int] | None:
    """Codec and length of the byte-order mark, where the bytes are UTF-16."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise UnreadableError("it is in UTF-32, not UTF-8")
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    # Without a mark the high bytes tell: nearly all are 0, and none of the low ones.
    head = head[:_HEAD]
    even, odd, half = head[::2].count(0), head[1::2].count(0), max(len(head) // 4, 2)
    if odd >= half and not even:
        return "utf-16-le", 0
    if even >= half and not odd:
        return "utf-16-be", 0
    return None


class _Look:
    """What is found out by looking through the bytes, part by part."""

    def __init__(self) -> None:
        self.lines = 0
        """Line feeds so far."""
        self._place = 0
        self._returns = 0
        self._open = 0
        """Bytes since the last line end."""
        self._too_long: int | None = None
        self._binary: int | None = None
        self._end = 0
        self._ended = False
        """Whether a line feed has been seen, which may be one of those after the last row."""
        self._has_line_feeds = False

    def goes_on_after(self, part: bytes) -> bool:
        """Look at the next part; false where it is clear that the bytes are no table."""
        self._measure_lines(part)
        self._look_at(part)
        self.lines += part.count(b"\n")
        self._returns += 0 if self.lines else part.count(b"\r")
        self._place += len(part)
        return self._too_long is None and self._binary is None

    def _look_at(self, part: bytes) -> None:
        raise NotImplementedError

    def _measure_lines(self, part: bytes) -> None:
        """Each step leaps to the last line end within reach: a long file costs no more than a look at its bytes."""
        start, end = -self._open, len(part)
        while end - start > LONGEST_LINE:
            reach, begin = start + LONGEST_LINE, max(start, 0)
            found = max(part.rfind(b"\n", begin, reach), part.rfind(b"\r", begin, reach))
            if found < 0:
                lines = self.lines + part.count(b"\n", 0, begin)
                self._too_long = 1 + (lines or self._returns + part.count(b"\r", 0, begin))
                return
            start = found + 1
        begin = max(start, 0)
        found = max(part.rfind(b"\n", begin), part.rfind(b"\r", begin))
        self._open = end - (found + 1 if found >= 0 else start)

    def _see_end(self, text: bytes | str, filled: bytes | str, place: int) -> None:
        """``filled``: the text without what can stand after the last row; ``place``: bytes to the end of that."""
        feed: Any = "\n" if isinstance(text, str) else b"\n"
        if filled:
            self._has_line_feeds = self._has_line_feeds or self._ended or feed in filled
            self._end = place
        self._ended = self._ended or feed in text

    def found(self) -> _Found:
        """What was found out.

        Raises:
            UnreadableError: the bytes are no text.
        """
        if self._too_long is not None:
            raise UnreadableError(
                f"row {self._too_long:,} has more than {LONGEST_LINE:,} characters, which no row of a case export has"
            )
        if self._binary is not None:
            raise UnreadableError(f"it holds binary data, not text, in row {self._binary}")
        return self._kind()

    def _kind(self) -> _Found:
        raise NotImplementedError


class _LookAtSixteen(_Look):
    def __init__(self, codec: str, mark: int) -> None:
        super().__init__()
        self._codec, self._mark = codec, mark
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._line_feeds = 0

    def _look_at(self, part: bytes) -> None:
        try:
            text = self._decoder.decode(part[self._mark :] if not self._place else part)
        except UnicodeDecodeError:
            raise UnreadableError(_DAMAGED_SIXTEEN) from None
        if (place := text.find("\0")) >= 0:
            self._binary = self._line_feeds + text.count("\n", 0, place) + 1
        self._line_feeds += text.count("\n")
        filled = text.rstrip(_END)
        decoded = self._place + len(part) - len(self._decoder.getstate()[0])
        self._see_end(text, filled, decoded - 2 * (len(text) - len(filled)))

    def _kind(self) -> _Found:
        if self._decoder.getstate()[0]:
            raise UnreadableError(_DAMAGED_SIXTEEN)
        name = "UTF-16 with BOM" if self._mark else "UTF-16"
        return _Found(name, self._codec, self._mark, self._end, self._has_line_feeds)


class _LookAtEight(_Look):
    def __init__(self, head: bytes) -> None:
        super().__init__()
        self._mark = 3 if head.startswith(codecs.BOM_UTF8) else 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._has_sequence = False
        self._is_windows = True
        self._before = b""
        """Bytes at the end of the part before, by which a character may begin."""

    def _look_at(self, part: bytes) -> None:
        if (place := part.find(b"\0")) >= 0:
            self._binary = self.lines + part.count(b"\n", 0, place) + 1
        filled = part if part[-1:] not in (b"\r", b"\n", b"\x1a") else part.rstrip(_END.encode())
        self._see_end(part, filled, self._place + len(filled))
        if self._is_utf8 and part.isascii() and not self._before:
            return
        both = self._before + part
        if self._is_utf8:
            try:
                # The mark is no character of the text.
                text = self._decoder.decode(part[self._mark :] if not self._place else part)
                self._has_sequence = self._has_sequence or not text.isascii()
                self._before = self._decoder.getstate()[0]
            except UnicodeDecodeError:
                self._is_utf8 = False
        if not self._is_utf8:
            self._has_sequence = self._has_sequence or _UTF8_SEQUENCE.search(both) is not None
            self._is_windows = self._is_windows and _NOT_WINDOWS.search(both) is None
            self._before = part[-1:]

    def _kind(self) -> _Found:
        if self._is_utf8 and self._before:
            # Cut off within a character.
            self._is_utf8 = False
            self._has_sequence = self._has_sequence or _UTF8_SEQUENCE.search(self._before) is not None
            self._is_windows = _NOT_WINDOWS.search(self._before) is None
        end = max(self._end, self._mark)
        if self._is_utf8:
            name = "UTF-8 with BOM" if self._mark else "UTF-8"
            return _Found(name, "utf-8", self._mark, end, self._has_line_feeds)
        if self._mark or self._has_sequence:
            return _Found("UTF-8", "utf-8", self._mark, end, self._has_line_feeds, is_damaged=True)
        if not self._is_windows:
            raise UnreadableError("it is in neither UTF-8 nor Windows-1252")
        return _Found("Windows-1252", "cp1252", 0, end, self._has_line_feeds)
