"""What became of every file of an export and of every row in it: nothing may be left over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.extract.exports import shown
from pipelines.extract.locate import Located
from pipelines.extract.tables import Loaded

SHOWN = 10
"""Files not read that fit on the screen."""

NO_TABLE = "no table of the source profile names it"
NO_ROWS = "a file of this kind holds no rows"

HELD, ASIDE = 2, 1
"""What became of a row of which steps made others: some section holds one of them; or one is set aside."""

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


@dataclass(frozen=True)
class StepCount:
    """What one step of the source profile did with the rows that it reads."""

    name: str
    """What messages call it: statement people."""
    reads: tuple[tuple[str, int, int], ...]
    """Each relation it reads, with its rows and how many of the rows of files in it made no row of the step's."""
    gives: int
    """Rows that it makes."""


def count_files(loaded: Sequence[Loaded]) -> tuple[FileCount, ...]:
    """The account of each file, sorted by name, after every section has been built: each part counted by itself.

    A file that is read both by itself and by steps is counted once: a row that either has loaded is loaded.
    """
    by_name: dict[str, list[Loaded]] = {}
    for one in loaded:
        by_name.setdefault(one.name, []).append(one)
    return tuple(_count(same[0]) if len(same) == 1 else _count_together(same) for _, same in sorted(by_name.items()))


def _count(loaded: Loaded) -> FileCount:
    made = loaded.fates
    held, aside, left = loaded.rows_held, len(loaded.set_aside), loaded.rows_left_out
    if made is not None:
        in_steps = loaded.text.numbers.height - aside - left
        held, more = made.filter(pl.col("fate") == HELD).height, made.filter(pl.col("fate") == ASIDE).height
        aside, left = aside + more, left + in_steps - held - more
    return _file_count(
        loaded,
        held,
        set_aside=len(loaded.text.bad) - loaded.rows_of_footer + aside,
        left_out=left + loaded.rows_of_footer + loaded.text.rows_skipped,
    )


def _count_together(same: Sequence[Loaded]) -> FileCount:
    held, aside = pl.Series(dtype=pl.Int64()), pl.Series(dtype=pl.Int64())
    for one in same:
        made = one.fates if one.fates is not None else pl.DataFrame(schema={"_row": pl.Int64(), "fate": pl.Int64()})
        held = pl.concat([held, one.rows_of(one.held), made.filter(pl.col("fate") == HELD).get_column("_row")])
        aside = pl.concat([aside, one.rows_of(one.set_aside), made.filter(pl.col("fate") == ASIDE).get_column("_row")])
    first = same[0]
    bad = len(first.text.bad) - first.rows_of_footer
    aside = aside.filter(~aside.is_in(held.implode()))
    loaded, set_aside = held.n_unique(), aside.n_unique() + bad
    return _file_count(first, loaded, set_aside=set_aside, left_out=first.text.rows_read - loaded - set_aside)


def _file_count(loaded: Loaded, held: int, *, set_aside: int, left_out: int) -> FileCount:
    located = loaded.located
    assert isinstance(located, Located)
    return FileCount(
        name=loaded.name,
        sha256=located.file.digest.sha256,
        bytes=located.file.digest.bytes,
        rows_read=loaded.text.rows_read,
        rows_loaded=held,
        rows_set_aside=set_aside,
        rows_left_out=left_out,
        encoding=loaded.text.encoding,
        delimiter=loaded.text.delimiter,
    )


def _of_steps(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = []
    for item in steps:
        read = [
            f"{rows:,} of {shown(name)}" + (f", {lost:,} of them in no row it gives" if lost else "")
            for name, rows, lost in item["reads"]
        ]
        lines.append(f"  {shown(item['name'])}: reads {' and '.join(read) or 'no file'}; gives {int(item['gives']):,}")
    return lines


def account(
    read: Sequence[Mapping[str, Any]],
    not_read: Iterable[Mapping[str, Any]],
    steps: Iterable[Mapping[str, Any]] = (),
) -> list[str]:
    """The account of an export as lines for the screen: one a file, and their sum; then one a step.

    Args:
        read: one entry a file read, with the names of ``FileCount``.
        not_read: one entry a file not read, with the names of ``NotRead``.
        steps: one entry a step of the source profile, with the names of ``StepCount``.
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
    return lines + _of_steps(steps)
