"""The findings for officers: a CSV of them all, workbooks to work through, and the rows set aside.

Findings of one cause are one row in all of them (``grouping``).
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import polars as pl

from pipelines.emit.findings.grouping import group
from pipelines.emit.findings.workbook import NOBODY, Contents, book, book_of_one, parts_of
from pipelines.emit.workbooks.model import Book
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.whole import into

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700

_LONGEST = 60
_NAMES_OF_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


def write_findings(
    findings: pl.DataFrame, set_aside: pl.DataFrame, folder: Path, contents: Contents, *, by: str | None = None
) -> None:
    """Write ``findings.csv``, ``findings.xlsx`` and, where rows were set aside, ``set_aside.csv`` (mode 0600).

    Args:
        findings: one row per finding and record, in the columns of design §7.
        set_aside: one row per row of the export that was not loaded, with the reason.
        folder: made if need be.
        contents: what the workbook holds.
        by: ``officer`` or ``team``: also one workbook for each of them, in ``by_officer/`` or ``by_team/``.
    """
    with into(folder) as new:
        _write_all(findings, set_aside, new, contents, by)


def _write_all(
    findings: pl.DataFrame, set_aside: pl.DataFrame, folder: Path, contents: Contents, by: str | None
) -> None:
    group(findings).write_csv(folder / "findings.csv")
    (folder / "findings.csv").chmod(PRIVATE)
    if set_aside.height:
        descriptor = os.open(folder / "set_aside.csv", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "wb") as handle:
            set_aside.write_csv(handle)
    _write(book(contents), folder / "findings.xlsx")
    if by is not None:
        _write_each(contents, folder / f"by_{by}", by)


def _write_each(contents: Contents, folder: Path, by: str) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    parts = list(parts_of(contents.lines, by))
    names = file_names([name or NOBODY for name, _ in parts])
    for (name, lines), stem in zip(parts, names, strict=True):
        gone = contents.resolved.filter(pl.col(by).eq_missing(name))
        own = replace(contents, lines=lines, resolved=gone)
        _write(book_of_one(own, name or NOBODY), folder / f"{stem}.xlsx")


def file_names(names: list[str]) -> list[str]:
    """A file name for each, without ending: letters, digits, dots and dashes, no two alike on any system."""
    taken: set[str] = set()
    found = []
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9.-]+", "_", name)[:_LONGEST].strip("._") or "unnamed"
        if _NAMES_OF_DEVICES.fullmatch(stem.partition(".")[0]):
            stem = f"_{stem}"
        number, own = 1, stem
        while own.casefold() in taken:
            number += 1
            own = f"{stem}-{number}"
        taken.add(own.casefold())
        found.append(own)
    return found


def _write(contents: Book, path: Path) -> None:
    # Nobody else may read it while it is written either.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE))
    path.chmod(PRIVATE)
    write_xlsx(contents, path)
