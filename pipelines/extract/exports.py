"""The files of an export: a single file, a folder, or a zip of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

from pipelines import zips
from pipelines.errors import InputError, PassingError
from pipelines.extract.workbooks import Workbook

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
PARQUET_SUFFIXES = (".parquet",)
DATA_SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES)
# May hold a part of the export, but is not read: reported, so that nothing is left out unseen.
OTHER_SUFFIXES = (".zip", ".xls", ".xlsb", ".ods", ".json", ".xml")

# An export of 60,000 cases unpacks to some 30 MB in nine files; these limits leave two orders of magnitude.
LIMITS = zips.Limits(total=2 * 1024**3, ratio=200, ratio_from=16 * 1024**2, members=1_000)
REFUSED = {
    zips.DAMAGED: "The zip file is damaged or cut off; make it again.",
    zips.TOO_MANY: "The zip holds more files than an export does.",
    zips.OUTSIDE: "The zip holds a file with a path outside it; it was not opened.",
    zips.LINK: "The zip holds a link to another file; it was not opened.",
    zips.ENCRYPTED: "The zip is encrypted; unpack it first and give the folder.",
    zips.TOO_LARGE: "The zip would unpack to far more than a case export holds; it was not opened.",
}


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


def names_of_other_files(export: Path) -> tuple[str, ...]:
    """Names of the files beside the data files that are of a kind without rows (``README.md``), sorted."""
    if export.is_dir():
        names = [path.relative_to(export).as_posix() for path in export.rglob("*") if path.is_file()]
    elif export.suffix.lower() == ".zip":
        with zips.open_zip(export, LIMITS, packed=export.stat().st_size) as packed:
            names = [entry.filename for entry in packed.infolist() if not entry.is_dir()]
    else:
        names = []
    known = (*DATA_SUFFIXES, *OTHER_SUFFIXES)
    paths = [PurePosixPath(name) for name in sorted(names)]
    return tuple(
        str(path)
        for path in paths
        if path.suffix.lower() not in known
        and "__MACOSX" not in path.parts
        and not any(_is_litter(part) for part in path.parts)
    )


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
        with zips.open_zip(path, LIMITS, packed=path.stat().st_size) as packed:
            found = []
            for entry in sorted(packed.infolist(), key=lambda one: one.filename):
                name = PurePosixPath(entry.filename)
                suffixes = (*DATA_SUFFIXES, *OTHER_SUFFIXES)
                if (
                    entry.is_dir()
                    or name.suffix.lower() not in suffixes
                    or _is_litter(name.name)
                    or "__MACOSX" in name.parts
                ):
                    continue
                data = packed.read(entry)
                found.append(ExportFile(str(name), lambda data=data: data))  # type: ignore[misc]
    except zips.ZipRefusedError as refused:
        raise InputError(REFUSED[refused.reason]) from None
    except ValueError:
        raise InputError(REFUSED[zips.DAMAGED]) from None
    return found
