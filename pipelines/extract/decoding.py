"""From the bytes of a text file to its text, or one sentence that says what else the bytes are."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

MIB = 1024**2
LONGEST_LINE = MIB
"""Bytes of one line. The longest that a spreadsheet can write into one cell is 32,767 characters."""

# Multi-byte UTF-8 sequences, by which a file in two encodings is told from one in Windows-1252.
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]{1,3}|\xc2[\x80-\xbf]")

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
WEB_PAGE = "it is a web page or XML, which some systems save under another name; export it as CSV or XLSX"


class UnreadableError(Exception):
    """The file is no table. The text says why, in words that fit after "cannot be read:"; never a value."""


@dataclass(frozen=True)
class Text:
    """The text of a file, lines parted by line feeds only."""

    text: str
    encoding: str
    is_damaged: bool
    """Whether some characters could not be decoded."""


def ole_kind(data: bytes) -> str | None:
    """What a file in Microsoft's old container is, in words; none where it is something else."""
    if not data.startswith(_OLE):
        return None
    return HAS_PASSWORD if _WITH_PASSWORD in data else OLD_WORKBOOK


def is_markup(data: bytes) -> bool:
    """Whether the bytes begin like a web page or XML."""
    return data[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP)


def decode(data: bytes) -> Text:
    """The text, whatever of UTF-8, UTF-16 and Windows-1252 it is in.

    Raises:
        UnreadableError: the bytes are no text, or a line of it is too long to be a row.
    """
    _refuse_other(data)
    _refuse_long_line(data)
    sixteen = _sixteen(data)
    if sixteen:
        text, encoding = _decode_sixteen(data, *sixteen)
        damaged = False
    else:
        text, encoding, damaged = _decode_eight(data)
    if (place := text.find("\0")) >= 0:
        raise UnreadableError(f"it holds binary data, not text, in row {text.count(chr(10), 0, place) + 1}")
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    # A slice of all of it is no copy.
    return Text(text.rstrip("\n\x1a") if text.endswith(("\n", "\x1a")) else text, encoding, damaged)


def _refuse_other(data: bytes) -> None:
    for begins, what in _NO_TEXT:
        if data.startswith(begins):
            raise UnreadableError(what)
    if what := ole_kind(data) or "":
        raise UnreadableError(what)
    if is_markup(data):
        raise UnreadableError(WEB_PAGE)


def _refuse_long_line(data: bytes) -> None:
    """Each step leaps to the last line end within reach: a long file costs no more than a look at its bytes."""
    start, end = 0, len(data)
    while end - start > LONGEST_LINE:
        reach = start + LONGEST_LINE
        found = max(data.rfind(b"\n", start, reach), data.rfind(b"\r", start, reach))
        if found < 0:
            lines = data.count(b"\n", 0, start) or data.count(b"\r", 0, start)
            raise UnreadableError(
                f"row {lines + 1:,} has more than {LONGEST_LINE:,} characters, which no row of a case export has"
            )
        start = found + 1


def _sixteen(data: bytes) -> tuple[str, int] | None:
    """Codec and length of the byte-order mark, where the bytes are UTF-16."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise UnreadableError("it is in UTF-32, not UTF-8")
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    # Without a mark the high bytes tell: nearly all are 0, and none of the low ones.
    head = data[:4096]
    even, odd, half = head[::2].count(0), head[1::2].count(0), max(len(head) // 4, 2)
    if odd >= half and not even:
        return "utf-16-le", 0
    if even >= half and not odd:
        return "utf-16-be", 0
    return None


def _decode_sixteen(data: bytes, codec: str, mark: int) -> tuple[str, str]:
    try:
        return data[mark:].decode(codec), "UTF-16 with BOM" if mark else "UTF-16"
    except UnicodeDecodeError:
        raise UnreadableError("it is in UTF-16 and damaged or cut off") from None


def _decode_eight(data: bytes) -> tuple[str, str, bool]:
    marked = data.startswith(codecs.BOM_UTF8)
    start, end = 3 if marked else 0, len(data)
    while end > start and data[end - 1] in b"\r\n\x1a":
        end -= 1  # here, because to strip the text would copy it
    body = memoryview(data)[start:end]
    try:
        return str(body, "utf-8"), "UTF-8 with BOM" if marked else "UTF-8", False
    except UnicodeDecodeError:
        if marked or _UTF8_SEQUENCE.search(body):
            return str(body, "utf-8", "replace"), "UTF-8", True
    if (place := data.find(b"\0")) >= 0:
        raise UnreadableError(f"it holds binary data, not text, in row {data.count(10, 0, place) + 1}")
    try:
        return str(body, "cp1252"), "Windows-1252", False
    except UnicodeDecodeError:
        raise UnreadableError("it is in neither UTF-8 nor Windows-1252") from None
