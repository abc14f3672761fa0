"""What became of every file of an export and of every row in it: nothing may be left over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.extract.exports import ExportFile, shown
from pipelines.extract.tables import Loaded

SHOWN = 10
"""Files not read that fit on the screen."""

NO_TABLE = "no table of the source profile names it"
NO_ROWS = "a file of this kind holds no rows"

_PARTS = ("rows_read", "rows_loaded", "rows_set_aside", "rows_left_out")
_HEADINGS = ("rows", "loaded", "set aside", "left out by the profile")


@dataclass(frozen=True)
class FileCount:
    """Rows of one file (or sheet). Empty rows hold nothing and are not counted.

    Raises:
        ValueError: the rows read are not those loaded, set aside and left out by the profile.
    """

    name: str
    sha256: str
    bytes: int
    rows_read: int
    rows_loaded: int
    """Rows of which at least one section holds something."""
    rows_set_aside: int
    """Rows that could not be loaded; each has a finding and is kept whole."""
    rows_left_out: int
    """Rows that the profile lets go (``allow_unused_rows``)."""
    encoding: str
    delimiter: str

    def __post_init__(self) -> None:
        if self.rows_read != self.rows_loaded + self.rows_set_aside + self.rows_left_out:
            raise ValueError(
                f"{self.name}: {self.rows_read} rows read are not {self.rows_loaded} loaded, {self.rows_set_aside} set"
                f" aside and {self.rows_left_out} left out"
            )


@dataclass(frozen=True)
class NotRead:
    """One file or sheet of which no row was read, and why."""

    name: str
    why: str


def count_rows(loaded: Loaded) -> FileCount:
    """The account of one file, after every section has been built: each part counted by itself."""
    file: ExportFile = loaded.located.file
    return FileCount(
        name=loaded.name,
        sha256=file.digest.sha256,
        bytes=file.digest.bytes,
        rows_read=loaded.text.rows_read,
        rows_loaded=loaded.rows_held,
        rows_set_aside=len(loaded.text.bad) - loaded.rows_of_footer + len(loaded.set_aside),
        rows_left_out=loaded.rows_left_out + loaded.rows_of_footer,
        encoding=loaded.text.encoding,
        delimiter=loaded.text.delimiter,
    )


def account(read: Sequence[Mapping[str, Any]], not_read: Iterable[Mapping[str, Any]]) -> list[str]:
    """The account of an export as lines for the screen: one a file, and their sum.

    Args:
        read: one entry a file read, with the names of ``FileCount``.
        not_read: one entry a file not read, with the names of ``NotRead``.
    """
    names = [shown(item["name"]) for item in read]
    total = {part: sum(int(item[part]) for item in read) for part in _PARTS}
    width = max((len(name) for name in [*names, "all"]), default=0)
    sizes = [max(len(f"{total[part]:,}"), len(heading)) for part, heading in zip(_PARTS, _HEADINGS, strict=True)]

    def line(name: str, cells: Iterable[str]) -> str:
        return f"  {name:{width}}  " + "  ".join(f"{cell:>{size}}" for cell, size in zip(cells, sizes, strict=True))

    lines = [line("", _HEADINGS)]
    lines += [line(name, [f"{item[part]:,}" for part in _PARTS]) for name, item in zip(names, read, strict=True)]
    if len(read) > 1:
        lines.append(line("all", [f"{total[part]:,}" for part in _PARTS]))
    others = list(not_read)
    lines += [f"  {shown(item['name'])}: not read, {item['why']}" for item in others[:SHOWN]]
    if len(others) > SHOWN:
        lines.append(f"  … and {len(others) - SHOWN:,} more files that were not read")
    return lines
