"""Zip files that carry no time of writing."""

from __future__ import annotations

import zipfile

# The earliest time that a zip entry can carry.
_TIME = (1980, 1, 1, 0, 0, 0)


def entry(name: str, *, is_packed: bool = True) -> zipfile.ZipInfo:
    """An entry whose bytes say nothing of the hour of writing."""
    found = zipfile.ZipInfo(name, _TIME)
    found.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    return found
