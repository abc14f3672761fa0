"""What the bytes of a file say, as texts: in every encoding it may be, unescaped, and unpacked where it is packed."""

from __future__ import annotations

import bz2
import gzip
import html
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote

_PACKED: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
"""How a file begins that holds one other, and what unpacks it."""
_ARCHIVE, _PARQUET, _SQLITE, _OLD_OFFICE = b"PK\x03\x04", b"PAR1", b"SQLite format 3\x00", b"\xd0\xcf\x11\xe0"
_CLOSED = (b"%PDF", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd")
"""How a file begins whose texts are packed in a way that nothing here unpacks: PDF, 7z, RAR, Zstandard."""
_FAULTS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
_ESCAPED, _QUOTED = re.compile(r"&#|&[a-z]+;"), re.compile(r"%[0-9a-fA-F]{2}")
_WIDE = 4
"""Of so many bytes one is a zero, at least, where each character takes two."""


class ClosedError(Exception):
    """The bytes hold texts that cannot be read here."""


def is_without_spaces(content: bytes) -> bool:
    """Whether texts stand in the bytes with nothing between them, as in the file of a database or an old workbook."""
    return content.startswith((_SQLITE, _OLD_OFFICE))


def decoded(block: bytes) -> Iterator[str]:
    """The block as text, in each way in which it may be meant."""
    text = block.decode("utf-8", "replace")
    yield text
    if "\ufffd" in text:
        yield block.decode("cp1252", "replace")
    if block.count(0) * _WIDE > len(block):
        yield block.decode("utf-16-le", "replace")
        yield block.decode("utf-16-be", "replace")
    if _ESCAPED.search(text):
        yield html.unescape(text)
    if _QUOTED.search(text):
        yield unquote(text)


def parts(content: bytes) -> Iterator[bytes]:
    """What is packed in the bytes: files of an archive, or the one that was compressed.

    Raises:
        ClosedError: they are damaged, locked by a password, or packed in another way.
    """
    if content.startswith(_CLOSED):
        raise ClosedError
    try:
        for begin, unpack in _PACKED.items():
            if content.startswith(begin):
                yield unpack(content)
        if content.startswith(_ARCHIVE):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    yield archive.read(name)
        elif content.startswith(_PARQUET):
            yield from _columns(content)
    except _FAULTS:
        raise ClosedError from None


def _columns(content: bytes) -> Iterator[bytes]:
    """The texts of each column of a Parquet file, one a line."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        for batch in ParquetFile(io.BytesIO(content)).iter_batches():
            for column in batch.columns:
                yield "\n".join(dict.fromkeys(str(one) for one in column.to_pylist() if one is not None)).encode()
    except ArrowException:
        raise ClosedError from None
