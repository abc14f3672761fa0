"""Writes the quality report, so that only its owner may read it, and no half-written file is ever in its place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import HclicError, OutputError
from pipelines.run.ledger import software_version
from pipelines.submission.qa.answers import Answer, read_answers
from pipelines.submission.qa.book import report_book, write_cases
from pipelines.submission.qa.page import CASES, REPORT, cases_page, report_page
from pipelines.submission.qa.report import Report
from pipelines.warehouse.explanations import Explanation
from pipelines.whole import into

BOOK, CASES_BOOK = "quality_report.xlsx", "quality_cases.xlsx"
SUFFIX = "-quality"
"""The report stands beside the run's output folder, which the next run replaces: what was written in it would go."""


def folder_for(run_folder: Path) -> Path:
    """Where the report of a run's output folder stands."""
    return run_folder.with_name(f"{run_folder.name}{SUFFIX}")


def write(report: Report, folder: Path, made: datetime, said: list[Explanation]) -> tuple[list[Path], Path | None]:
    """Write the two workbooks and the two pages.

    A workbook that stands there with explanations that were not read in is kept under another name.

    Args:
        made: when, for the footer.
        said: every explanation of the quarter that is kept.

    Returns:
        the files, and the workbook that was kept, if there was one.

    Raises:
        OutputError: a file cannot be written.
    """
    software = software_version()
    try:
        with into(folder) as new:
            write_xlsx(report_book(report, report.returned.run.as_at, software), new / BOOK)
            (new / REPORT).write_text(report_page(report, made, software), encoding="utf-8")
            write_cases(report, new / CASES_BOOK)
            (new / CASES).write_text(cases_page(report, made, software), encoding="utf-8")
            kept = _keep(folder / BOOK, said)
    except OSError:
        raise OutputError(
            f"The quality report could not be written to {folder}: close its files where they are open, see that there"
            " is room, and give the command again."
        ) from None
    return [folder / name for name in (BOOK, REPORT, CASES_BOOK, CASES)], kept


def _keep(path: Path, said: list[Explanation]) -> Path | None:
    """Set a workbook aside that holds explanations which are not kept."""
    if not path.exists():
        return None
    known = {(one.speaks_of, one.explanation) for one in said}
    try:
        lost = any(_key(one) not in known for one in read_answers(path))
    except HclicError:
        lost = True
    if not lost:
        return None
    number = 1
    while (aside := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    path.replace(aside)
    return aside


def _key(answer: Answer) -> tuple[tuple[str, int | None, str, int | None], str]:
    return (answer.total, answer.value, answer.compared_with, answer.was), answer.text
