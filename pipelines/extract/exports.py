"""The files of an export: a single file, a folder, or a zip of them."""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

from pipelines.errors import InputError, PassingError
from pipelines.extract.workbooks import Workbook

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
PARQUET_SUFFIXES = (".parquet",)
DATA_SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES)
# May hold a part of the export, but is not read: reported, so that nothing is left out unseen.
OTHER_SUFFIXES = (".zip", ".xls", ".xlsb", ".ods", ".json", ".xml")

# An export of 60,000 cases unpacks to some 30 MB in nine files; these limits leave two orders of magnitude.
MAX_ZIP_MEMBERS = 1_000
MAX_ZIP_BYTES = 2 * 1024**3
MAX_ZIP_RATIO = 200
RATIO_MATTERS_FROM_BYTES = 16 * 1024**2


@dataclass(frozen=True)
class Digest:
    """What is kept of a file's bytes when they are let go."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class ExportFile:
    """One data file of the export; read when asked for, and not kept: an export may be larger than the memory."""

    name: str
    load: Callable[[], bytes]

    @property
    def stem(self) -> str:
        """Name without folder and suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """Suffix in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def is_workbook(self) -> bool:
        """Whether it holds sheets."""
        return self.suffix in WORKBOOK_SUFFIXES

    @cached_property
    def digest(self) -> Digest:
        """SHA-256, in hexadecimal, and number of the bytes."""
        data = self.load()
        return Digest(hashlib.sha256(data).hexdigest(), len(data))

    def read(self) -> bytes:
        """The file's bytes, the same ones at each call.

        Raises:
            InputError: the file cannot be opened.
            PassingError: it is another one than before.
        """
        data = self.load()
        now = Digest(hashlib.sha256(data).hexdigest(), len(data))
        if self.__dict__.setdefault("digest", now) != now:
            raise PassingError("A file of the export was changed while it was read; start again when it is whole.")
        return data

    @cached_property
    def workbook(self) -> Workbook:
        """The workbook in it.

        Raises:
            UnreadableError: it is none.
        """
        return Workbook(self.read())

    def matches(self, pattern: str) -> bool:
        """Whether the name without suffix (or the whole name) fits the pattern, in any case."""
        if self.suffix not in DATA_SUFFIXES:
            return False
        wanted = pattern.casefold()
        return fnmatchcase(self.stem.casefold(), wanted) or fnmatchcase(
            PurePosixPath(self.name).name.casefold(), wanted
        )


def files_of(export: Path) -> tuple[ExportFile, ...]:
    """The data files of the export, sorted by name; other files are left alone.

    Raises:
        InputError: there is no such path, no data file in it, or the zip is damaged or unsafe.
    """
    if export.is_dir():
        paths = sorted(
            path
            for path in export.rglob("*")
            if path.is_file() and path.suffix.lower() in (*DATA_SUFFIXES, *OTHER_SUFFIXES) and not _is_litter(path.name)
        )
        found = [ExportFile(path.relative_to(export).as_posix(), _reader(path)) for path in paths]
    elif export.is_file() and export.suffix.lower() == ".zip":
        found = _zip_members(export)
    elif export.is_file() and export.suffix.lower() in DATA_SUFFIXES:
        found = [ExportFile(export.name, _reader(export))]
    elif export.is_file():
        raise InputError("The export is not a CSV, XLSX or Parquet file, nor a folder or zip of them.")
    else:
        raise InputError("There is no export at that path.")
    if not any(file.suffix in DATA_SUFFIXES for file in found):
        raise InputError("The export holds no CSV, XLSX or Parquet file.")
    return tuple(found)


def _is_litter(name: str) -> bool:
    """Lock files of an open spreadsheet, and what other systems leave behind."""
    return name.startswith((".", "~$", "._"))


def _reader(path: Path) -> Callable[[], bytes]:
    def load() -> bytes:
        try:
            return path.read_bytes()
        except OSError:
            raise InputError("A file of the export cannot be opened; check that it may be read.") from None

    return load


def _zip_members(path: Path) -> list[ExportFile]:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            _refuse_unsafe(entries, path.stat().st_size)
            found = []
            for entry in sorted(entries, key=lambda one: one.filename):
                name = PurePosixPath(entry.filename)
                suffixes = (*DATA_SUFFIXES, *OTHER_SUFFIXES)
                if name.suffix.lower() not in suffixes or _is_litter(name.name) or "__MACOSX" in name.parts:
                    continue
                data = packed.read(entry)
                found.append(ExportFile(str(name), lambda data=data: data))  # type: ignore[misc]
    except InputError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise InputError("The zip file is damaged or cut off; make it again.") from None
    except Exception as error:
        # zlib and lzma raise errors of their own for damaged members.
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise InputError("The zip file is damaged or cut off; make it again.") from None
        raise
    return found


def _refuse_unsafe(entries: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    if len(entries) > MAX_ZIP_MEMBERS:
        raise InputError(f"The zip holds more than {MAX_ZIP_MEMBERS:,} files; an export does not.")
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
            raise InputError("The zip holds a file with a path outside it; it was not opened.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError("The zip holds a link to another file; it was not opened.")
        if entry.flag_bits & 0x1:
            raise InputError("The zip is encrypted; unpack it first and give the folder.")
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(packed_bytes, 1)
    if unpacked > MAX_ZIP_BYTES or (ratio > MAX_ZIP_RATIO and unpacked > RATIO_MATTERS_FROM_BYTES):
        raise InputError("The zip would unpack to far more than a case export holds; it was not opened.")
