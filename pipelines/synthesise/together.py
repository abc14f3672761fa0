"""The files about all authorities that were made: what is whole, the list for ``hclic fleet run``, all clashes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import polars as pl

from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.synthesise.clashes import CLASH_SCHEMA
from pipelines.whole import clear, into, write

MANIFEST, CLASHES, RECORD = "manifest.csv", "clashes.csv", "made.csv"
PROFILE = "native"


@dataclass(frozen=True)
class Made:
    """One row of ``made.csv``: an authority whose folder is whole."""

    authority: str
    cases: int
    not_reached: int
    """Rows of its ``clashes.csv``."""
    free: int
    """Rows of its ``free.csv``."""
    made_of: str
    """Digest of all that decides its files: workbooks, seed, program."""
    files: str
    """Digest of its files."""


def digest_of(folder: Path) -> str:
    """Digest of the names and bytes of the files in a folder, hidden ones left out."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            found.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


class Record:
    """Which authorities of a folder are whole: ``made.csv``, one row each, written anew with each that is made.

    Args:
        out: the folder that holds a folder for each authority.
        made_of: as of ``Made``; rows of another are passed over.

    Raises:
        InputError: ``made.csv`` is another's file.
    """

    def __init__(self, out: Path, made_of: str) -> None:
        self._path = out / RECORD
        self._made: dict[str, Made] = {}
        clear(out)
        if not self._path.is_file():
            return
        with self._path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        try:
            made = [_read(row) for row in rows]
        except (KeyError, TypeError, ValueError):
            raise InputError(f"{self._path} is no list of made authorities. Give another folder as --out.") from None
        self._made = {one.authority: one for one in made if one.made_of == made_of}

    def whole(self, authority: str) -> Made | None:
        """What was made of an authority, if its files stand as they were written."""
        made, folder = self._made.get(authority), self._path.parent / authority
        if made is None or not folder.is_dir():
            return None
        clear(folder)
        return made if digest_of(folder) == made.files else None

    def add(self, made: Made) -> None:
        """Keep that an authority is whole.

        Raises:
            OSError: the file could not be written.
        """
        self._made[made.authority] = made
        write(self._path, _as_csv([_COLUMNS, *(astuple(self._made[code]) for code in sorted(self._made))]))


def _read(row: dict[str, str]) -> Made:
    cases, not_reached, free = (int(row[name]) for name in ("cases", "not_reached", "free"))
    return Made(row["authority"], cases, not_reached, free, row["made_of"], row["files"])


_COLUMNS = [one.name for one in fields(Made)]


def withdraw(out: Path) -> None:
    """Take away the files about all: they come back when all is made."""
    for name in (MANIFEST, CLASHES):
        (out / name).unlink(missing_ok=True)


def write_together(out: Path, authorities: Iterable[str], quarters: Sequence[Quarter]) -> pl.DataFrame:
    """Write ``manifest.csv`` and ``clashes.csv`` of the authorities that are whole; gives the clashes.

    ``manifest.csv`` has one row per authority and quarter, its columns named as the options of a run; ``export`` is
    relative to its folder. An export of several quarters is as at the end of the last one.
    """
    authorities = sorted(authorities)
    several = len(quarters) > 1
    as_at = [quarters[-1].last_day.isoformat()] if several else []
    rows: list[Sequence[object]] = [["authority", "export", "source", "quarter", *(["as_at"] if several else [])]]
    rows += [[code, code, PROFILE, str(quarter), *as_at] for code in authorities for quarter in quarters]
    clashes = pl.concat(
        pl.read_csv(out / code / "clashes.csv", schema=CLASH_SCHEMA).select(pl.lit(code).alias("authority"), pl.all())
        for code in authorities
    )
    with into(out) as new:
        (new / MANIFEST).write_bytes(_as_csv(rows))
        clashes.write_csv(new / CLASHES)
    return clashes


def _as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
