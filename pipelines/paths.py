"""Paths that a user gives."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.errors import UsageError

# A path object folds the two slashes of an address into one; a drive has one letter only.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def refuse_address(path: Path, what: str) -> None:
    """Refuse a database address where a file or folder is meant: it may hold a password, which a path would keep.

    Raises:
        UsageError: it is an address. The sentence does not repeat it.
    """
    if _ADDRESS.match(str(path)):
        raise UsageError(f"The {what} is a path. A database address is not accepted here.")
