"""``hclic published --defects``: the printed figures that contradict others, over a folder of workbooks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import InputError
from pipelines.published.command import told, write_whole
from pipelines.published.identities import check_identities, known_of, readable_identities
from pipelines.published.mapping import read_mapping
from pipelines.published.reader import read_workbook

# The columns of the file, in order, and of what ``check_identities`` finds. ``file`` follows: its place in the folder.
COLUMNS = {
    "quarter": "quarter",
    "edition": "edition",
    "table": "table",
    "column": "column_path",
    "authority": "la_code",
    "printed": "printed",
    "must_be": "must_be",
    "sum": "sum",
    "identity": "identity",
}
WORKBOOK_ENDINGS = (".ods", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class WorkbookRead:
    """One workbook: rows it gives, identities tested, and the names of those of which a column was not read."""

    file: str
    quarter: str
    edition: str
    rows: int
    tested: int
    untested: tuple[str, ...]
    known: tuple[str, ...]
    """What is known of its contradictions beyond their figures, a sentence each."""
    columns: str
    """How the columns were told, in a sentence; empty where the layout is known."""


@dataclass(frozen=True)
class DefectsSummary:
    """What was read of a folder and what was not, with the reason, each in the order of the file names."""

    workbooks: tuple[WorkbookRead, ...]
    not_read: tuple[tuple[str, str], ...]
    rows: int
    out: Path


def defects(folder: Path, authority: str | None, out: Path, headings: Path | None = None) -> DefectsSummary:
    """Write one row per printed figure and identity that it breaks, of every workbook in ``folder`` and below it.

    ``folder`` may be a single workbook. The same workbooks under the same names give the same bytes. ``headings`` is a
    mapping file for workbooks whose layout is not known. Raises ``InputError`` when there is nothing in that place or
    none of it is such a workbook, or for a mapping file that is none, ``UsageError`` for a place not to be written.
    """
    if headings is not None:
        read_mapping(headings)
    if not folder.exists():
        raise InputError(f"There is no file or folder {folder.name} in that place.")
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    workbooks: list[WorkbookRead] = []
    rows: list[pl.DataFrame] = []
    not_read: list[tuple[str, str]] = []
    first_of: dict[str, str] = {}
    for path in files:
        name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
        if path.name.startswith((".", "~$")):
            not_read.append((name, "It is a hidden file, or one that an office programme left behind."))
            continue
        if path.suffix.lower() not in WORKBOOK_ENDINGS:
            not_read.append((name, "It is neither an ODS nor an XLSX file."))
            continue
        try:
            book = read_workbook(path, authority, headings)
        except InputError as error:
            not_read.append((name, str(error)))
            continue
        if book.sha256 in first_of:
            not_read.append((name, f"It is the same file as {first_of[book.sha256]}."))
            continue
        first_of[book.sha256] = name
        violations = check_identities(book.tidy, book.edition)
        found = defects_of(violations, name)
        tested, untested = readable_identities(book.tidy)
        workbooks.append(
            WorkbookRead(
                file=name,
                quarter=book.quarter,
                edition=book.edition,
                rows=found.height,
                tested=len(tested),
                untested=tuple(identity.name for identity in untested),
                known=tuple(known_of(violations)),
                columns=told(book.matched, len(book.unread)) if book.layout.is_assumed else "",
            )
        )
        rows.append(found)
    if not workbooks and folder.is_file():
        raise InputError(not_read[0][1] if folder.name in not_read[0][1] else f"{folder.name}: {not_read[0][1]}")
    if not workbooks:
        raise InputError(f"{folder.name} holds no detailed local authority workbook that can be read.")
    together = sort_defects(rows)
    write_defects(together, out)
    return DefectsSummary(tuple(workbooks), tuple(not_read), together.height, out)


def defects_of(violations: pl.DataFrame, file: str) -> pl.DataFrame:
    """What ``check_identities`` found in one workbook, with the columns of the file."""
    return violations.select(
        *(pl.col(column).alias(name) for name, column in COLUMNS.items()),
        file=pl.lit(file),
    )


def sort_defects(rows: list[pl.DataFrame]) -> pl.DataFrame:
    """Those of all workbooks together by quarter, edition, table and column, then authority: the order of the file."""
    together = pl.concat(rows)
    return together.sort(together.columns)


def write_defects(rows: pl.DataFrame, out: Path) -> None:
    """Write them as CSV, whole or not at all. Raises ``UsageError`` when it cannot."""
    write_whole(out, rows.write_csv)
