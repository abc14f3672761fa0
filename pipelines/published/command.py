"""``hclic published``: a published workbook as one CSV file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError
from pipelines.published.assumed import CONFIDENCES, Matched
from pipelines.published.cells import plain_number
from pipelines.published.reader import Problem, read_workbook
from pipelines.whole import written


@dataclass(frozen=True)
class PublishedSummary:
    """What was read: counts of rows (cells) and areas, the quarter and edition, and what did not fit."""

    quarter: str
    edition: str
    sha256: str
    tables: int
    areas: int
    cells: int
    cells_without_number: int
    layout_is_assumed: bool
    problems: tuple[Problem, ...]
    out: Path
    columns: str
    """How the columns were told, in a sentence; empty where the layout is known."""
    written: tuple[Path, ...]
    """Every file written, ``out`` first."""


def published(
    workbook: Path, authority: str | None, out: Path, headings: Path | None = None, proposal: Path | None = None
) -> PublishedSummary:
    """Write one row per published cell to ``out``, by area, then in the published order of columns.

    Where the layout is only assumed, a file beside it says how each column was told. ``headings`` is a mapping
    file; ``proposal`` is where one is written of the headings that were not told, to be filled in. Each file is
    written whole or not at all. Raises ``InputError`` for a workbook or a mapping file that cannot be read, or a
    workbook that lacks the authority, ``UsageError`` for a code that is none or a place that cannot be written.
    """
    book = read_workbook(workbook, authority, headings)
    tidy = book.tidy.sort("la_code", maintain_order=True)
    write_tidy(tidy, out)
    written = [out]
    if book.layout.is_assumed:
        written.append(out.with_name(f"{out.stem}_columns.csv"))
        write_lines(mapping_lines(book.matched), written[-1])
    if proposal is not None:
        written.append(proposal)
        write_lines(mapping_lines(one for one in book.matched if not one.column_path), proposal)
    return PublishedSummary(
        quarter=book.quarter,
        edition=book.edition,
        sha256=book.sha256,
        tables=tidy["table"].n_unique(),
        areas=tidy["la_code"].n_unique(),
        cells=tidy.height,
        cells_without_number=tidy["value"].null_count(),
        layout_is_assumed=book.layout.is_assumed,
        problems=tuple(book.problems),
        out=out,
        columns=told(book.matched, len(book.unread)) if book.layout.is_assumed else "",
        written=tuple(written),
    )


def told(matched: Sequence[Matched], unread: int) -> str:
    """How the columns of an assumed layout were told, in a sentence."""
    known = Counter(one.confidence for one in matched if one.column_path)
    counted = ", ".join(f"{known[name]} {name}" for name in CONFIDENCES if known[name])
    left = len(matched) - sum(known.values())
    return (
        f"{sum(known.values())} columns were read ({counted or 'none'}); {left} headings could not be told "
        f"and {unread} columns of the last known layout were not read."
    )


def mapping_lines(matched: Iterable[Matched]) -> Iterator[list[str]]:
    """Lines of a mapping file, its heading first: what each column was taken for, and the two nearest."""
    nearest = [f"{what}_{number}" for number in (1, 2) for what in ("candidate", "candidate_measure", "score")]
    yield ["table", "column", "heading", "column_path", "measure", "confidence", "score", "margin", *nearest]
    for one in matched:
        said = [f"{one.score:.3f}", f"{one.margin:.3f}"] if one.column_path else ["", ""]
        line = [one.table, one.column, one.heading, one.column_path, one.measure, one.confidence, *said]
        for candidate in one.candidates:
            line += [candidate.column_path, candidate.measure, f"{candidate.score:.3f}"]
        yield [*line, *[""] * (8 + 6 - len(line))]


def write_lines(lines: Iterable[Sequence[str]], out: Path) -> None:
    """Write a mapping file; whole or not at all. Raises ``UsageError`` when it cannot be written."""

    def write(part: Path) -> None:
        with part.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(lines)

    write_whole(out, write)


def write_tidy(tidy: pl.DataFrame, out: Path) -> None:
    """Write a tidy frame as CSV, numbers plain; whole or not at all. Raises ``UsageError`` when it cannot."""
    # As many different numbers as a tenth of the cells.
    different = tidy["value"].drop_nulls().unique()
    plain = [plain_number(value) for value in different]
    written = tidy.with_columns(
        pl.col("value").replace_strict(different, plain, return_dtype=pl.String),
        # An empty text would be written in quotation marks.
        *(pl.col(name).replace("", None) for name, kind in tidy.schema.items() if kind == pl.String),
    )
    text = io.BytesIO()
    written.write_csv(text)
    write_whole(out, lambda part: part.write_bytes(text.getbuffer()))


def write_whole(out: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file that then takes the place of ``out``. Raises ``UsageError`` when it cannot be."""
    try:
        with written(out) as new:
            write(new)
    except OSError:
        raise UsageError(f"{out.name} cannot be written in that folder.") from None
