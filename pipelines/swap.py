"""Two folders change places at once, where the system can: who opens the one always finds a whole folder."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_AT_THE_WORKING_FOLDER = -100
_EXCHANGE = 2


@cache
def _exchanging() -> Any:
    """The system's own exchange of two paths; None where it has none, as Windows."""
    if sys.platform not in ("linux", "darwin"):
        return None
    library = ctypes.CDLL(None)
    if sys.platform == "darwin":
        swap = getattr(library, "renamex_np", None)
        return swap and (lambda one, other: swap(one, other, _EXCHANGE))
    rename = getattr(library, "renameat2", None)
    return rename and (lambda one, other: rename(_AT_THE_WORKING_FOLDER, one, _AT_THE_WORKING_FOLDER, other, _EXCHANGE))


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one disk change places; false, and nothing done, where system or disk cannot.

    Linux can on its own file systems, macOS on APFS; Windows cannot, nor can most network shares.
    """
    swap = _exchanging()
    return swap is not None and swap(os.fsencode(one), os.fsencode(other)) == 0


def lay_down(*paths: Path) -> None:
    """Have the disk itself hold these files, and all below these folders, so that a power cut leaves none empty."""
    if os.name == "nt":  # A folder cannot be opened there, and a file only to write.
        return
    for path in paths:
        for one in [*path.rglob("*"), path] if path.exists() else []:
            lay_down_names(one)


def lay_down_names(folder: Path) -> None:
    """Have the disk itself hold a folder's list of names, or a file's content, but not what is below it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
