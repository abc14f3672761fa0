"""Folders and files that only their owner may read, and folders for the meantime that no kill leaves behind for long.

Whoever works with case data beside its own files does so in a ``private_folder``: never in the working directory, and
never in the system's folder for temporary files, where what a killed process leaves stays for anybody to find.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: a file that is open there cannot be removed, which serves as well.
    fcntl = None  # type: ignore[assignment]

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
UMASK = 0o077

WORK = ".hclic-work"
"""Folder beside the warehouse in which the private folders of the commands at work stand; it goes with the last."""

_TRIES = 20
_TAKEN_AWAY = "The folder for the meantime was taken away each time."
_MARK = "in-use"
"""File of a private folder that its process holds locked: the system lets go of it when the process is gone."""


def keep_to_owner() -> None:
    """Have this process, and those that it starts, make files and folders that only their owner may read.

    Called at the edge before anything is opened: DuckDB makes its write-ahead log and its spill by the umask alone.
    """
    os.umask(UMASK)


def is_private(path: Path) -> bool | None:
    """Whether only the owner of a file or folder may read or write it; None where modes do not say (Windows).

    Raises:
        OSError: there is no such file.
    """
    return None if os.name != "posix" else not path.stat().st_mode & 0o077


@contextmanager
def private_folder(beside: Path | None = None) -> Iterator[Path]:
    """A folder of mode 0700 for the block, removed at its end; what killed processes left beside it goes first.

    Args:
        beside: a file in whose folder it stands; where that cannot be written, or without one, it stands in the user's
            cache folder.

    Raises:
        OSError: no place can be written.
    """
    folder, held = _made(beside)
    try:
        yield folder
    finally:
        # On Windows a file that is open cannot be removed.
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()


def clear_left(folder: Path) -> None:
    """Remove the private folders in ``folder`` whose processes are gone; those of processes at work stay."""
    place = folder / WORK
    if not place.is_dir():
        return
    with suppress(OSError):
        _refuse_others(place)
        for entry in list(place.iterdir()):
            clear_held(entry)
        # Fails while another process is at work in it.
        place.rmdir()


def own_place() -> Path:
    """The folder of this user for what stands beside no warehouse: of ``HCLIC_WORK``, or the user's cache folder."""
    if named := os.environ.get("HCLIC_WORK"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("hclic", appauthor=False)


def _made(beside: Path | None) -> tuple[Path, int]:
    """A new private folder and the descriptor that holds it, at the first place that can be written."""
    places = ([] if beside is None else [beside.resolve().parent]) + [own_place()]
    for folder in places:
        with suppress(OSError):
            clear_left(folder)
            return _made_in(folder / WORK)
    last = Path(tempfile.gettempdir()) / f"hclic-{_user()}"
    last.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    _refuse_others(last)
    clear_left(last)
    return _made_in(last / WORK)


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def _made_in(place: Path) -> tuple[Path, int]:
    for _ in range(_TRIES):
        place.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        _refuse_others(place)
        # The last one out takes the place away, and who clears up may take away what is not locked yet: once more.
        with suppress(FileNotFoundError):
            if made := _held_in(place, f"{os.getpid()}-"):
                return made
    raise OSError(_TAKEN_AWAY)


def held_folder(place: Path, prefix: str) -> tuple[Path, int]:
    """A new folder in ``place``, for its owner alone, and the descriptor that holds it until it is closed.

    On a file system that knows no locks it is made all the same, and nobody but its process takes it away.

    Raises:
        OSError: the place cannot be written.
    """
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            if made := _held_in(place, prefix, without_locks=True):
                return made
        if not place.is_dir():
            break
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))


def _held_in(place: Path, prefix: str, *, without_locks: bool = False) -> tuple[Path, int] | None:
    """A marked folder; None where somebody who cleared up took it away before it was marked."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    try:
        held = os.open(folder / _MARK, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        raise
    is_ours = _is_taken(held)
    if (is_ours or (is_ours is None and without_locks)) and os.fstat(held).st_nlink:
        return folder, held
    os.close(held)
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _refuse_others(folder: Path) -> None:
    """Raise OSError where somebody else could have laid the folder, or may write to it."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (
        os.name == "posix" and (found.st_uid != os.getuid() or found.st_mode & 0o077)
    ):
        raise PermissionError("The folder belongs to somebody else.")


def _is_taken(descriptor: int) -> bool | None:
    """Whether the lock is ours now: not where another process has it; None where the file system knows no locks."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Nothing is cleared there: its process may be at work.
            return None
    return True


def clear_held(entry: Path, before: Callable[[Path], object] | None = None) -> None:
    """Remove a folder of ``held_folder`` whose process is gone, after ``before`` did with it what is to be done.

    Raises:
        OSError: it cannot be looked into.
    """
    mark = entry / _MARK
    try:
        held = os.open(mark, os.O_RDWR)
    except FileNotFoundError:
        # Killed between making the folder and marking it: it is empty, unless another process is about to mark it.
        with suppress(OSError):
            entry.rmdir()
        return
    try:
        if not _is_taken(held):
            return
        if fcntl is None:
            os.close(held)
            held = -1
            mark.unlink()
        if before is not None:
            before(entry)
        shutil.rmtree(entry, ignore_errors=True)
    except PermissionError:
        # Windows: its process is at work.
        return
    finally:
        if held >= 0:
            os.close(held)
