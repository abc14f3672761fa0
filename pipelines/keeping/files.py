"""Files that are written whole or not at all, private from their first byte, with their digest beside them."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import InputError, UsageError
from pipelines.run.lock import REPLACING

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
UNFINISHED = REPLACING
"""Ending of the hidden folder in which a file is written before it appears under its name."""
COPYING = ".backing-up"
"""The same of a backup: whoever writes one holds the folder, so that any other that stands there was left by a kill."""
_BESIDE = ".new"
_BLOCK = 1 << 22


def not_written(folder: Path, error: OSError | None = None) -> UsageError | InputError:
    """The sentence for a folder into which a file could not be written."""
    if error is not None and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InputError(
            f"There is no space left in {folder}. Nothing was put in place. Make space, or name another folder."
        )
    return UsageError(f"The folder {folder} cannot be written. Nothing was put in place.")


@contextmanager
def unfinished(target: Path, ending: str = UNFINISHED) -> Iterator[Path]:
    """A private folder beside ``target`` to write it in; gone afterwards, as is what a killed call left there.

    The caller holds ``target``, so that nobody else is at work on it.

    Raises:
        UsageError: the folder cannot be written.
        InputError: there is no space left.
    """
    folder = target.with_name(f".{target.name}{ending}")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=PRIVATE_FOLDER)
        yield folder
    except OSError as error:
        raise not_written(target.parent, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_unfinished(folder: Path, stem: str) -> None:
    """Take away what killed backups left in the folder, of whatever name; of ``stem`` what an older version left.

    Among it is the digest of a file that never came to its name.
    """
    for left in folder.glob(f".*{COPYING}"):
        named = folder / left.name[1 : -len(COPYING)]
        digest = digest_file(named)
        digest.with_name(f".{digest.name}{_BESIDE}").unlink(missing_ok=True)
        if not named.exists():
            digest.unlink(missing_ok=True)
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f".{stem}*.copying"):
        shutil.rmtree(left, ignore_errors=True)


def copy_open(descriptor: int, target: Path) -> str:
    """Copy the open file to ``target``, private, and to the disk; the SHA-256 of what was read.

    Raises:
        OSError: it could not be written.
    """
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as written:
        while block := os.read(descriptor, _BLOCK):
            digest.update(block)
            written.write(block)
        written.flush()
        os.fsync(written.fileno())
    return digest.hexdigest()


def opened_to_copy(path: Path) -> int:
    """A descriptor of the file.

    To close it would end the locks that this process has on the file: it is closed after the database.

    Raises:
        OSError: the file cannot be read.
    """
    return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))


def copy(source: Path, target: Path) -> None:
    """Copy a file that no database has open to ``target``, private, and to the disk.

    Raises:
        OSError: one of the two could not be read or written.
    """
    with source.open("rb") as opened:
        copy_open(opened.fileno(), target)


def put_in_place(written: Path, target: Path) -> None:
    """Give the file its name, at once and whole, and have the disk know it.

    Raises:
        OSError: it could not.
    """
    with written.open("rb+") as opened:
        os.fsync(opened.fileno())
    written.replace(target)
    with suppress(OSError):  # Windows opens no folder
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write(content: bytes, target: Path) -> None:
    """Write a file beside its name, private, and put it in place.

    Raises:
        OSError: it could not be written.
    """
    beside = target.with_name(f".{target.name}{_BESIDE}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as opened:
        opened.write(content)
    put_in_place(beside, target)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def digest_file(path: Path) -> Path:
    """The file beside ``path`` that holds its digest, in the form of ``sha256sum``."""
    return path.with_name(f"{path.name}.sha256")


def write_digest(digest: str, path: Path) -> None:
    """Write the digest of ``path`` beside it.

    Raises:
        OSError: it could not be written.
    """
    write(f"{digest}  {path.name}\n".encode(), digest_file(path))


def read_digest(path: Path) -> str | None:
    """The digest that stands beside the file; None where none can be read."""
    try:
        words = digest_file(path).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return None
    return words[0].lower() if words and len(words[0]) == 64 else None
