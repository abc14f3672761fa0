"""The files of an export: a single file, a folder, or a zip of them."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, partial
from pathlib import Path, PurePosixPath

from pipelines import zips
from pipelines.errors import InputError, PassingError
from pipelines.extract.decoding import MIB
from pipelines.extract.workbooks import Workbook

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
# The last two are opened only to say what to do instead.
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls", ".xlsb")
PARQUET_SUFFIXES = (".parquet",)
DATA_SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES)
# May hold a part of the export, but is not read: reported, so that nothing is left out unseen.
OTHER_SUFFIXES = (".zip", ".json", ".xml", ".html", ".htm")
KINDS = "CSV, XLSX, ODS or Parquet"

# An export of 60,000 cases unpacks to some 30 MB in nine files; these limits leave two orders of magnitude.
LARGEST_FILE = 512 * MIB
"""Bytes of one file. The largest of 600,000 cases, ten times those of the largest authority, has 175 million."""
LIMITS = zips.Limits(total=2 * 1024**3, ratio=200, ratio_from=16 * 1024**2, members=1_000)
REFUSED = {
    zips.DAMAGED: "The zip file {name} is damaged or cut off; make it again.",
    zips.TOO_MANY: "The zip file {name} holds more files than an export does.",
    zips.OUTSIDE: "The zip file {name} holds a file with a path outside it; it was not opened.",
    zips.LINK: "The zip file {name} holds a link to another file; it was not opened.",
    zips.ENCRYPTED: "The zip file {name} is protected by a password; unpack it first and give the folder.",
    zips.TOO_LARGE: "The zip file {name} would unpack to far more than a case export holds; it was not opened.",
}
_TOO_LARGE = f"The file {{name}} of the export has more than {LARGEST_FILE // MIB} MiB, far more than a table of cases."


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
            raise PassingError(
                f"The file {self.name} of the export was changed while it was read; start again when it is whole."
            )
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
    try:
        found = _found(export)
    except OSError:
        raise InputError(f"The export {shown(export.name)} cannot be opened; check that it may be read.") from None
    if not any(file.suffix in DATA_SUFFIXES for file in found):
        raise InputError(f"The export {shown(export.name)} holds no {KINDS} file; a zip within it is not opened.")
    return tuple(found)


def shown(name: str) -> str:
    """A file's name as it can be printed: what is no character of a text is shown as ``?``."""
    return "".join(one if one.isprintable() else "?" for one in name)


def _found(export: Path) -> list[ExportFile]:
    if export.is_dir():
        with os.scandir(export):
            pass  # the search below takes a folder that may not be read for an empty one
        paths = sorted(
            path
            for path in export.rglob("*")
            if path.suffix.lower() in (*DATA_SUFFIXES, *OTHER_SUFFIXES)
            and not _is_litter(path.name)
            and not path.is_dir()
        )
        return [ExportFile(shown(path.relative_to(export).as_posix()), _reader(path)) for path in paths]
    if export.is_file() and export.suffix.lower() == ".zip":
        return _zip_members(export)
    if export.is_file() and export.suffix.lower() in DATA_SUFFIXES:
        return [ExportFile(shown(export.name), _reader(export))]
    if export.exists():
        raise InputError(f"The export {shown(export.name)} is not a {KINDS} file, nor a folder or zip of them.")
    raise InputError("There is no export at that path.")


def names_of_other_files(export: Path) -> tuple[str, ...]:
    """Names of the files beside the data files that are of a kind without rows (``README.md``), sorted."""
    if export.is_dir():
        names = [path.relative_to(export).as_posix() for path in export.rglob("*") if path.is_file()]
    elif export.suffix.lower() == ".zip":
        with _opened(export) as packed:
            names = [entry.filename for entry in packed.infolist() if not entry.is_dir()]
    else:
        names = []
    known = (*DATA_SUFFIXES, *OTHER_SUFFIXES)
    paths = [PurePosixPath(name) for name in sorted(names)]
    return tuple(
        shown(str(path))
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
        name = shown(path.name)
        try:
            # A pipe or a device would keep the reader waiting.
            if not path.is_file():
                raise InputError(
                    f"In the export, {name} is no file, or a link to one that is not there; put the file itself there."
                )
            if path.stat().st_size > LARGEST_FILE:
                raise InputError(_TOO_LARGE.format(name=name))
            return path.read_bytes()
        except OSError:
            raise InputError(f"The file {name} of the export cannot be opened; check that it may be read.") from None

    return load


def _zip_members(path: Path) -> list[ExportFile]:
    with _opened(path) as packed:
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
            found.append(ExportFile(shown(str(name)), partial(_member, path, entry)))
    return found


def _member(path: Path, entry: zipfile.ZipInfo) -> bytes:
    with _opened(path) as packed:
        if entry.file_size > LARGEST_FILE:
            raise InputError(_TOO_LARGE.format(name=shown(entry.filename)))
        return packed.read(entry)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zips.open_zip(path, LIMITS, packed=path.stat().st_size) as packed:
            yield packed
    except zips.ZipRefusedError as refused:
        raise InputError(REFUSED[refused.reason].format(name=shown(path.name))) from None
    except ValueError:
        raise InputError(REFUSED[zips.DAMAGED].format(name=shown(path.name))) from None
