"""The files of an export: a single file, a folder, or a zip of them."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import IO

from pipelines import zips
from pipelines.errors import InputError, PassingError
from pipelines.extract.decoding import MIB, Text, decode
from pipelines.extract.workbooks import Workbook
from pipelines.sealed import is_sealed, opened, size_of

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
# The last two are opened only to say what to do instead.
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls", ".xlsb")
PARQUET_SUFFIXES = (".parquet",)
DATA_SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES)
# May hold a part of the export, but is not read: reported, so that nothing is left out unseen.
OTHER_SUFFIXES = (".zip", ".json", ".xml", ".html", ".htm")
KINDS = "CSV, XLSX, ODS or Parquet"

GIB = 1024 * MIB
# The largest export of which we have heard has 5 GiB; each of these leaves room for one several times as large.
LARGEST_TEXT = 32 * GIB
"""Bytes of one text file, or Parquet file of its own, which are read in parts."""
LARGEST_FILE = 512 * MIB
"""Bytes of one file that is read as a whole: a workbook, or a Parquet file within a zip."""
LIMITS = zips.Limits(total=32 * GIB, ratio=200, ratio_from=16 * 1024**2, members=1_000)
WHOLE = 64 * MIB
"""A file of no more bytes is read at once: the largest of 60,000 cases has 17 million."""
PART = 8 * MIB
"""Bytes of a larger one that are read at a time."""

Progress = Callable[[str, int], None]
"""Is told the name of a file and how many rows of it have been read so far."""


def no_progress(name: str, rows: int) -> None:
    """Tell nobody."""


REFUSED = {
    zips.DAMAGED: "The zip file {name} is damaged or cut off; make it again.",
    zips.TOO_MANY: "The zip file {name} holds more files than an export does.",
    zips.OUTSIDE: "The zip file {name} holds a file with a path outside it; it was not opened.",
    zips.LINK: "The zip file {name} holds a link to another file; it was not opened.",
    zips.ENCRYPTED: "The zip file {name} is protected by a password; unpack it first and give the folder.",
    zips.TOO_LARGE: "The zip file {name} would unpack to far more than a case export holds; it was not opened.",
}
_TOO_LARGE = "The file {name} of the export has more than {mib:,} MiB, far more than a table of cases."


@dataclass(frozen=True)
class Digest:
    """What is kept of a file's bytes when they are let go."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class ExportFile:
    """One data file of the export; read when asked for, and not kept: an export may be larger than the memory."""

    name: str
    size: Callable[[], int]
    """Gives the number of its bytes."""
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    """Opens it; an ``InputError`` says why it cannot be."""
    is_packed: bool = False
    """Whether it is part of a zip, where nothing can be read but from the beginning."""
    progress: Progress = no_progress

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
        """SHA-256, in hexadecimal, and number of the bytes.

        Raises:
            InputError: the file cannot be opened.
        """
        for _ in self.parts():
            pass
        found: Digest = self.__dict__["digest"]
        return found

    def parts(self) -> Iterator[bytes]:
        """The file's bytes, some at a time, or at once where they are few; the same ones at each call.

        Raises:
            InputError: the file cannot be opened, or is far too large.
            PassingError: it is another one than before, which shows at its end.
        """
        sha256, size = hashlib.sha256(), self.size()
        self._refuse_larger(size, LARGEST_TEXT)
        at_once, size = size + 1 if size <= WHOLE else PART, 0
        with self.opened() as stream:
            while part := stream.read(at_once):
                sha256.update(part)
                size += len(part)
                yield part
        self._same(Digest(sha256.hexdigest(), size))

    def read(self) -> bytes:
        """All of the file's bytes.

        Raises:
            InputError: the file cannot be opened, or is too large to be read at once.
            PassingError: it is another one than before.
        """
        self._refuse_larger(self.size(), LARGEST_FILE)
        return b"".join(self.parts())

    def text(self) -> Text:
        """The file's text; what was found out by looking through a large file is kept.

        Raises:
            UnreadableError: it is none.
        """
        if self.size() <= WHOLE:
            data = self.read()
            return replace(decode(lambda: iter((data,))), tell=self.tell)
        known: Text | None = self.__dict__.get("_text")
        if known is None:
            found = decode(self.parts, lambda lines: self.progress(f"{self.name}, first look", lines))
            known = self.__dict__["_text"] = replace(found, tell=self.tell)
        return known

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes]]:
        """The file, open to be read at any place.

        Raises:
            InputError: the file cannot be opened, or is too large to be read at once and in a zip.
            PassingError: it is another one than before.
        """
        if self.is_packed or self.size() <= WHOLE:
            yield io.BytesIO(self.read())
            return
        for _ in self.parts():
            pass
        with self.opened() as stream:
            before = os.fstat(stream.fileno())
            yield stream
            after = os.fstat(stream.fileno())
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            self._same(None)

    def tell(self, rows: int) -> None:
        """Say how many rows of it have been read so far."""
        self.progress(self.name, rows)

    def _refuse_larger(self, size: int, most: int) -> None:
        if size > most:
            raise InputError(_TOO_LARGE.format(name=self.name, mib=most // MIB))

    def _same(self, now: Digest | None) -> None:
        if self.__dict__.setdefault("digest", now) != now:
            raise PassingError(
                f"The file {self.name} of the export was changed while it was read; start again when it is whole."
            )

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


def files_of(export: Path, progress: Progress = no_progress) -> tuple[ExportFile, ...]:
    """The data files of the export, sorted by name; other files are left alone.

    ``progress`` is told the rows read now and then while a file is read.

    Raises:
        InputError: there is no such path, no data file in it, or the zip is damaged or unsafe.
    """
    try:
        found = _found(export, progress)
    except OSError:
        raise InputError(f"The export {shown(export.name)} cannot be opened; check that it may be read.") from None
    if not any(file.suffix in DATA_SUFFIXES for file in found):
        raise InputError(f"The export {shown(export.name)} holds no {KINDS} file; a zip within it is not opened.")
    return tuple(found)


def xml_files_of(export: Path) -> tuple[tuple[ExportFile, ...], tuple[str, ...]]:
    """The XML files of an export, sorted by name, and the names of its data files beside them.

    Raises:
        InputError: there is no such path, or the zip is damaged or unsafe.
    """
    try:
        if export.is_file() and export.suffix.lower() == ".xml":
            return (_on_disk(shown(export.name), export, no_progress),), ()
        found = _found(export, no_progress)
    except OSError:
        raise InputError(f"The export {shown(export.name)} cannot be opened; check that it may be read.") from None
    xml = tuple(file for file in found if file.suffix == ".xml")
    return xml, tuple(file.name for file in found if file.suffix in DATA_SUFFIXES)


def shown(name: str) -> str:
    """A file's name as it can be printed: what is no character of a text is shown as ``?``."""
    return "".join(one if one.isprintable() else "?" for one in name)


def _found(export: Path, progress: Progress) -> list[ExportFile]:
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
        return [_on_disk(shown(path.relative_to(export).as_posix()), path, progress) for path in paths]
    if export.is_file() and export.suffix.lower() == ".zip":
        return _zip_members(export, progress)
    if export.is_file() and export.suffix.lower() in DATA_SUFFIXES:
        return [_on_disk(shown(export.name), export, progress)]
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


def _on_disk(name: str, path: Path, progress: Progress) -> ExportFile:
    if path.suffix.lower() in PARQUET_SUFFIXES and is_sealed(path):
        return ExportFile(name, partial(size_of, path), partial(opened, path), is_packed=True, progress=progress)
    return ExportFile(name, partial(_size_of, path), partial(_open, path), progress=progress)


def _size_of(path: Path) -> int:
    with _explained(path):
        # A pipe or a device would keep the reader waiting.
        if not path.is_file():
            raise InputError(
                f"In the export, {shown(path.name)} is no file, or a link to one that is not there; put the file itself"
                " there."
            )
        return path.stat().st_size


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    with _explained(path), path.open("rb") as stream:
        yield stream


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        name = shown(path.name)
        raise InputError(f"The file {name} of the export cannot be opened; check that it may be read.") from None


def _zip_members(path: Path, progress: Progress) -> list[ExportFile]:
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
            file = ExportFile(
                shown(str(name)), partial(int, entry.file_size), partial(_member, path, entry), True, progress
            )
            found.append(file)
    return found


@contextmanager
def _member(path: Path, entry: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    with _opened(path) as packed, packed.open(entry) as stream:
        yield stream


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zips.open_zip(path, LIMITS, packed=path.stat().st_size) as packed:
            yield packed
    except zips.ZipRefusedError as refused:
        raise InputError(REFUSED[refused.reason].format(name=shown(path.name))) from None
    except ValueError:
        raise InputError(REFUSED[zips.DAMAGED].format(name=shown(path.name))) from None
