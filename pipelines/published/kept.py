"""What was read of a published workbook, kept in the user's cache folder so that it is not read again.

A copy is found by the digest of the workbook's bytes, of whatever else was given, and of the program that reads it,
so that another version never serves what this one would read otherwise. A copy that is missing, cut off, or not
one of ours is as none: the workbook is read. Nothing here ever stops a command.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import json
import os
from dataclasses import asdict, astuple
from functools import cache
from importlib.metadata import version
from pathlib import Path

import platformdirs
import polars as pl

import schemas.tables
from pipelines import sheet_child, sheet_reader, whole, zips
from pipelines.published.assumed import Matched
from pipelines.published.figures import TIDY_SCHEMA, Figures, Remark
from pipelines.published.flat import Candidate

VARIABLE = "HCLIC_CACHE"
# All workbooks since 2018 in two editions take half of it.
LIMIT_BYTES = 100_000_000

_MAGIC = b"hclic published workbook, read"
_SUFFIX = ".read"
READER = Path(__file__).parent
TABLES = Path(schemas.tables.__file__).parent


def folder() -> Path | None:
    """Where copies are kept, there or not: ``HCLIC_CACHE``, else the platform's place; None where it is "off"."""
    said = os.environ.get(VARIABLE)
    if said is None:
        base = platformdirs.user_cache_path("hclic", appauthor=False)
        # Without a home folder the place would be one named "~" in the folder at hand.
        return base / "published" if base.is_absolute() else None
    return None if said.strip().lower() in ("", "off") else Path(said) / "published"


@cache
def program() -> str:
    """Digest of what decides the reading beside the workbook: our own code and tables, and the parser."""
    parts = [f"python-calamine {version('python-calamine')}".encode()]
    files = [
        *READER.glob("*.py"),
        *TABLES.glob("*.csv"),
        *(Path(inspect.getfile(one)) for one in (zips, sheet_reader, sheet_child)),
    ]
    for path in sorted(files):
        parts += [path.name.encode(), path.read_bytes()]
    return _digest(parts)


def key(**given: str) -> str:
    """Name of a copy: a digest of all that decides what it says."""
    return _digest([program().encode(), *(f"{name}={value}".encode() for name, value in sorted(given.items()))])


def _digest(parts: list[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def fetch(name: str) -> Figures | None:
    """The copy of that name, if there is a whole one."""
    place = folder()
    if place is None or not _is_ours(place):
        return None
    path = place / f"{name}{_SUFFIX}"
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    head, _, rest = content.partition(b"\n")
    if head != _head(name, rest):
        return None
    facts, _, frame = rest.partition(b"\n")
    said = json.loads(facts)
    tidy = pl.read_parquet(io.BytesIO(frame))
    matched = tuple(
        Matched(**{**one, "candidates": tuple(Candidate(**candidate) for candidate in one["candidates"])})
        for one in said["matched"]
    )
    return Figures(tidy, said["quarter"], tuple(Remark(*remark) for remark in said["remarks"]), matched)


def keep(name: str, figures: Figures) -> None:
    """Keep a copy, whole or not at all; the oldest go where there would be more than ``LIMIT_BYTES`` of them."""
    place = folder()
    if place is None:
        return
    facts = {
        "quarter": figures.quarter,
        "remarks": [astuple(remark) for remark in figures.remarks],
        "matched": [asdict(one) for one in figures.matched],
    }
    frame = io.BytesIO()
    figures.tidy.select(list(TIDY_SCHEMA)).write_parquet(frame, compression="zstd")
    rest = json.dumps(facts, ensure_ascii=False).encode() + b"\n" + frame.getvalue()
    # A folder that cannot be written, or a full disk, costs the next command its time and this one nothing.
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(place):
            return
        whole.write(place / f"{name}{_SUFFIX}", _head(name, rest) + b"\n" + rest)
        _forget_the_oldest(place)


def _head(name: str, rest: bytes) -> bytes:
    return b" ".join([_MAGIC, name.encode(), hashlib.sha256(rest).hexdigest().encode()])


def _is_ours(place: Path) -> bool:
    """Whether nobody else could have put figures there: what is kept is believed."""
    try:
        found = place.stat()
    except OSError:
        return False
    return os.name != "posix" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)


def _forget_the_oldest(place: Path) -> None:
    found = []
    for path in place.glob(f"*{_SUFFIX}"):
        # Another process may be clearing up as well.
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            found.append((stat.st_mtime_ns, stat.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= LIMIT_BYTES:
            break
        path.unlink(missing_ok=True)
        total -= size
