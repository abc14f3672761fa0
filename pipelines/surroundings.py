"""What the machine refuses — room on a disk, memory, a folder that goes — as one sentence that says what to do."""

from __future__ import annotations

import errno
import mmap
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pipelines.errors import HclicError, PassingError, SurroundingsError, went_away

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
TOO_LARGE = frozenset({errno.EFBIG})
MEMORY = frozenset({errno.ENOMEM})
GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
AWAY = frozenset(
    {errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH}
    | {errno.ETIMEDOUT, errno.ESHUTDOWN, errno.ENODEV, errno.ENXIO, errno.ECONNABORTED, errno.ECONNRESET}
)
READ_ONLY = frozenset({errno.EROFS})
REFUSED = frozenset({errno.EACCES, errno.EPERM})
IN_USE = frozenset({errno.EBUSY, errno.ETXTBSY})
TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})

NO_MEMORY = (
    "There was not enough memory. Close other programs, or use a machine with more, and run again: a run goes on"
    " where it stood."
)
PROBE_BYTES = 1 << 16
PROBE_OF_MEMORY = 512 << 20
"""Bytes that are asked for, and given back, to see whether memory was what lacked: libraries reserve as much at a time,
and what they fail with where they do not get it seldom is a MemoryError."""
LEAST_MEMORY = 2 << 30
"""Bytes of address space without which the smallest run fails; most of it is reserved by libraries and never used."""
ROOM = 16 << 20
"""Bytes that are free on a disk before a step of a run, or the warehouse, is written: many times what one of a thousand
cases takes."""

# A share that another program of Windows holds a file of, or a part of one.
_IN_USE_IN_WINDOWS = frozenset({32, 33})
_KNOWN = FULL | TOO_LARGE | MEMORY | GONE | AWAY | READ_ONLY | REFUSED | IN_USE | TOO_MANY_FILES
# Libraries that are no Python say the error's words, or its number as Rust does.
_BY_WORDS = {os.strerror(number): number for number in sorted(_KNOWN)}
_OF_RUST = re.compile(r"\(os error (\d+)\)")
_OF_MEMORY = re.compile(r"out of memory|failed to allocate|bad_alloc|memory allocation", re.IGNORECASE)
# What a folder that cannot be written is called already says what to do, unless the disk itself is at fault.
_SAYS_MORE = FULL | TOO_LARGE | MEMORY | AWAY | READ_ONLY | TOO_MANY_FILES


def told(error: BaseException, *folders: Path) -> HclicError | None:
    """The sentence for an error that comes from the surroundings; None for any other, a fault of ours.

    Args:
        error: what was raised. A sentence of ours stands, unless a full disk or the like is behind it and not said.
        folders: where there was writing. They are tried where the error does not tell.
    """
    if isinstance(error, (SurroundingsError, PassingError)):
        return None
    number, path = _found(error)
    if isinstance(error, HclicError):
        return _sentence(number, path or _culprit(number, folders)) if number in _SAYS_MORE else None
    if number is None or (number in GONE and path is None):
        tried = next(_tried(folders), None)
        if tried is None:
            return None
        number, path = tried
    return _sentence(number, path or _culprit(number, folders))


def check_memory() -> None:
    """See that this account lets a process reserve what our libraries do, where a limit is set.

    Below it they fail in ways of their own: a name that is not there, a signal, a thread that cannot be started.

    Raises:
        SurroundingsError: the limit is lower.
    """
    try:
        import resource
    except ImportError:  # Windows knows no such limit.
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < LEAST_MEMORY:
        raise SurroundingsError(
            f"This account may use {limit >> 20:,} MB of memory, and hclic needs {LEAST_MEMORY >> 20:,} MB. Ask for a"
            " higher limit (ulimit -v), and run again."
        )


def told_of_memory() -> HclicError | None:
    """The sentence where memory is what lacks, whatever it was that failed; None where there is enough."""
    try:
        check_memory()
        mmap.mmap(-1, PROBE_OF_MEMORY).close()
    except SurroundingsError as error:
        return error
    except (OSError, MemoryError):
        return SurroundingsError(NO_MEMORY)
    return None


def check_room(folder: Path, wanted: int = ROOM) -> None:
    """See that a disk has room for what is about to be written, where it says how much there is.

    DuckDB ends the whole process, without a word of ours, when it cannot take back what it could not write.

    Raises:
        SurroundingsError: it has less.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < wanted:
        raise SurroundingsError(
            f"There is no room left on the disk of {folder}: {free >> 20:,} MB are free, and {wanted >> 20:,} MB are"
            " needed. Free some, and run again."
        )


def _found(error: BaseException) -> tuple[int | None, Path | None]:
    """Number and path of the first error of the system behind one; ``from None`` hides it from readers only."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen:
        seen.append(at)
        if isinstance(at, MemoryError) or type(at).__name__ == "OutOfMemoryException":
            return errno.ENOMEM, None
        if isinstance(at, OSError) and at.errno is not None:
            number = errno.EBUSY if getattr(at, "winerror", None) in _IN_USE_IN_WINDOWS else at.errno
            return number, Path(at.filename) if isinstance(at.filename, str) else None
        if (spelt := _spelt(str(at))) is not None:
            return spelt, None
        at = at.__cause__ or at.__context__
    return None, None


def _spelt(text: str) -> int | None:
    if (found := _OF_RUST.search(text)) and int(found[1]) in _KNOWN:
        return int(found[1])
    for words, number in _BY_WORDS.items():
        if words in text:
            return number
    return errno.ENOMEM if _OF_MEMORY.search(text) else None


def _tried(folders: tuple[Path, ...]) -> Iterator[tuple[int, Path]]:
    """Number and folder for each of the folders in which nothing can be written."""
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=folder) as handle:
                handle.write(bytes(PROBE_BYTES))
                handle.flush()
                os.fsync(handle.fileno())
        except OSError as refused:
            yield refused.errno or errno.EIO, folder


def _culprit(number: int | None, folders: tuple[Path, ...]) -> Path | None:
    """The folder that refuses for the same reason; without one, that of the folders with the least room."""
    refusing = [folder for other, folder in _tried(folders) if other == number]
    if refusing or number not in FULL:
        return refusing[0] if refusing else next(iter(folders), None)
    room: dict[Path, int] = {}
    for folder in folders:
        with suppress(OSError, AttributeError):
            held = os.statvfs(folder)
            room[folder] = held.f_bavail * held.f_frsize
    return min(room, key=lambda folder: room[folder], default=None)


def _sentence(number: int | None, path: Path | None) -> HclicError | None:
    place = "a file or folder" if path is None else str(path)
    if number in FULL:
        where = "the disk" if path is None else f"the disk of {path}"
        return SurroundingsError(f"There is no room left on {where}. Free some, and run again.")
    if number in TOO_LARGE:
        return SurroundingsError(
            f"{_capital(place)} would be larger than this account may write here. Ask for a higher limit of file"
            " sizes, and run again."
        )
    if number in MEMORY:
        return SurroundingsError(NO_MEMORY)
    if number in GONE:
        return went_away(_capital(place))
    if number in AWAY:
        return PassingError(f"The disk or network share of {place} does not answer. Connect it again, and run again.")
    if number in READ_ONLY:
        return SurroundingsError(f"{_capital(place)} can only be read. Make it writable, or name another folder.")
    if number in REFUSED:
        return SurroundingsError(
            f"This account has no right to {place}. Ask for the right to write there, or name another folder."
        )
    if number in IN_USE:
        return PassingError(f"Another program has {place} open. Close it there, and run again.")
    if number in TOO_MANY_FILES:
        return SurroundingsError("Too many files are open on this machine. Close other programs, and run again.")
    return None


def _capital(words: str) -> str:
    return words if words.startswith(("/", ".")) else words[0].upper() + words[1:]
