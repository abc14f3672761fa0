"""Files that a reader finds whole or not at all: written out of sight, each then moved to its name at once.

What a command writes where people look (``--out``, ``--to``) goes through ``into`` or ``written``. It is written in a
private folder beside its place. What a kill leaves there the next command that writes into that folder takes away; were
the files whole already, and some of them moved, it moves the others.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.private import PRIVATE_FILE, PRIVATE_FOLDER, WORK, clear_held, held_folder, private_folder
from pipelines.swap import lay_down, lay_down_names

PART = ".hclic-part-"
"""What the private folder's name begins with."""
_NEW, _WHOLE, _ADDED = "new", "whole", "added"


@contextmanager
def into(folder: Path, *, replaces: bool = True) -> Iterator[Path]:
    """A private folder to write files in, which move to the same names in ``folder`` when the block has ended well.

    The folder is made where it is not there. When the block raises, or is killed, nothing in it has changed; files that
    stand there under other names stay. Within a folder that is itself put in place whole, that of a run or of another
    such block, the files are written where they are.

    Args:
        folder: where readers look.
        replaces: whether a file that stands there gives way.

    Raises:
        OSError: the folder cannot be written, or a folder stands where a file is to go.
        FileExistsError: a file stands there that is not to give way.
    """
    if is_out_of_sight(folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        for one in _files(folder):
            with suppress(FileNotFoundError):  # another step of the run may be at work there
                _keep_private(one)
        return
    place = Path(os.path.realpath(folder))
    made = _make(place)
    try:
        clear(place)
        part, held = held_folder(place, PART)
        try:
            (part / _NEW).mkdir()
            with _of_the_place(part / _NEW, place):
                yield part / _NEW
                _put(part, place, replaces)
        finally:
            os.close(held)
            shutil.rmtree(part, ignore_errors=True)
    finally:
        for one in made:
            with suppress(OSError):
                one.rmdir()


@contextmanager
def written(path: Path, *, replaces: bool = True) -> Iterator[Path]:
    """A path to write one file at, which takes the place of ``path`` when the block has ended well.

    What is no file, as a pipe or a terminal, is written when the content is whole.

    Raises:
        OSError: the folder cannot be written, or ``path`` is a folder.
        FileExistsError: there is such a file, and it is not to give way.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file() and not place.is_dir():
        with private_folder() as folder:
            yield folder / place.name
            with (folder / place.name).open("rb") as source, place.open("wb") as target:
                shutil.copyfileobj(source, target)
        return
    with into(place.parent, replaces=replaces) as folder:
        yield folder / place.name


def write(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; gives ``path``.

    Raises:
        OSError: it could not be written.
    """
    with written(path) as new:
        new.write_bytes(content)
    return path


def clear(folder: Path) -> None:
    """Take away what killed commands left in the folder, and end their moves where the files were whole."""
    with suppress(OSError):
        for part in list(folder.glob(f"{PART}*")):
            if _is_ours(part):
                clear_held(part, _move_on)


def is_out_of_sight(folder: Path) -> bool:
    """Whether the folder stands in one that nobody looks into until it is whole: of a run, or a private one."""
    return any(
        name == WORK or name.startswith(PART) or (name.startswith(".") and name.endswith(".new"))
        for name in folder.absolute().parts
    )


def _make(folder: Path) -> list[Path]:
    """Make the folder; what was made for it, the innermost first, to be taken away where nothing came to stand."""
    missing = []
    for one in (folder, *folder.parents):
        if one.exists():
            break
        missing.append(one)
    for one in reversed(missing):
        one.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    # Where a file stands in the way.
    folder.mkdir(exist_ok=True)
    return missing


@contextmanager
def _of_the_place(new: Path, place: Path) -> Iterator[None]:
    """Errors name the file as its reader knows it."""
    try:
        yield
    except OSError as error:
        with suppress(ValueError, TypeError):
            error.filename = str(place / Path(error.filename).relative_to(new))
        raise


def _put(part: Path, place: Path, replaces: bool) -> None:
    new, whole = part / _NEW, part / (_WHOLE if replaces else _ADDED)
    for one in _files(new):
        _keep_private(one)
        there = place / one.relative_to(new)
        refused = errno.EISDIR if there.is_dir() else None if replaces or not there.exists() else errno.EEXIST
        if refused:
            raise OSError(refused, os.strerror(refused), str(there))
    lay_down(new)
    new.rename(whole)
    _move(whole, place)


def _keep_private(path: Path) -> None:
    path.chmod(path.stat().st_mode & stat.S_IRWXU | PRIVATE_FILE)


def _move_on(part: Path) -> None:
    for whole in (part / _WHOLE, part / _ADDED):
        if whole.is_dir():
            with suppress(OSError):
                _move(whole, part.parent)


def _move(whole: Path, place: Path) -> None:
    for folder in sorted(one for one in whole.rglob("*") if one.is_dir()):
        _make(place / folder.relative_to(whole))
    for one in _files(whole):
        target = place / one.relative_to(whole)
        if whole.name == _ADDED and target.exists():
            continue
        if target.is_symlink():
            with written(target) as new:
                shutil.copyfile(one, new)
            continue
        if os.name == "nt" and target.exists():
            # There a file that can only be read is not replaced.
            target.chmod(PRIVATE_FILE)
        one.replace(target)
    with suppress(OSError):
        lay_down_names(place)


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if not one.is_dir())


def _is_ours(part: Path) -> bool:
    found = part.lstat()
    return stat.S_ISDIR(found.st_mode) and (os.name != "posix" or found.st_uid == os.getuid())
