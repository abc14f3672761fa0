"""The guard at every zip file that comes from outside: an export, a workbook, a published table."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class Limits:
    """What is believed of a zip file; sizes in bytes, unpacked. ``ratio`` is unpacked to packed size."""

    total: int
    ratio: int | None = None
    ratio_from: int = 0
    """The ratio matters only above this size: small files of blanks pack well."""
    members: int | None = None


class ZipRefusedError(Exception):
    """The file is not opened. ``reason``: damaged, too many files, outside, link, encrypted or too large."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


DAMAGED, TOO_MANY, OUTSIDE, LINK, ENCRYPTED, TOO_LARGE = (
    "damaged",
    "too many files",
    "outside",
    "link",
    "encrypted",
    "too large",
)


@contextmanager
def open_zip(source: Path | BinaryIO, limits: Limits, *, packed: int) -> Iterator[zipfile.ZipFile]:
    """The zip file, once its entries have been looked at; ``packed`` is its size in bytes.

    Raises:
        ZipRefusedError: it is damaged (also found while a member is read), or unsafe to unpack.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            _refuse_unsafe(archive.infolist(), limits, packed)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, RuntimeError):
        raise ZipRefusedError(DAMAGED) from None
    except Exception as error:
        # zlib and lzma raise errors of their own for damaged members.
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise ZipRefusedError(DAMAGED) from None
        raise


def _refuse_unsafe(entries: list[zipfile.ZipInfo], limits: Limits, packed: int) -> None:
    files = [entry for entry in entries if not entry.is_dir()]
    if limits.members is not None and len(files) > limits.members:
        raise ZipRefusedError(TOO_MANY)
    for entry in files:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
            raise ZipRefusedError(OUTSIDE)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ZipRefusedError(LINK)
        if entry.flag_bits & 0x1:
            raise ZipRefusedError(ENCRYPTED)
    unpacked = sum(entry.file_size for entry in files)
    blown_up = limits.ratio is not None and unpacked / max(packed, 1) > limits.ratio and unpacked > limits.ratio_from
    if unpacked > limits.total or blown_up:
        raise ZipRefusedError(TOO_LARGE)
