"""What officers write beside a change: read from the workbook, or given on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import InputError, UsageError
from pipelines.sheet_reader import BrokenWorkbookError, SheetReader
from pipelines.submission.qa.asked import Asked
from pipelines.submission.qa.catalogue import total_named
from pipelines.submission.qa.report import Report
from pipelines.warehouse.explanations import Explanation

HEADINGS = ("Total", "Compared with", "This quarter", "Then", "Explanation", "Said by")
"""Headings of the columns that are read again."""

LONGEST = 4_000
"""Characters of an explanation; more is a paper of its own, which can be named here."""

_HEADINGS_WITHIN = 20
_NOT_TEXT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Answer:
    """One line of the workbook with an explanation: which change it speaks of, and what it says."""

    total: str
    compared_with: str
    value: int | None
    was: int | None
    text: str
    said_by: str | None


@dataclass(frozen=True)
class Taken:
    """What became of the answers of a workbook."""

    new: tuple[Explanation, ...]
    known: int
    """Answers that were given before in the same words."""
    past: int
    """Answers that speak of other figures than those of the return as it is now, or of a change nobody asked about."""


def read_answers(path: Path) -> list[Answer]:
    """The lines of a quality report's workbook that hold an explanation, as Excel or LibreOffice saved it.

    Columns may have moved, lines may be sorted or hidden, and sheets renamed: they are found by their headings.

    Raises:
        InputError: the workbook cannot be read, or is none of a quality report.
    """
    found: list[Answer] = []
    is_report = False
    try:
        book = SheetReader(path.read_bytes())
        for name in book.names:
            answers = _of_sheet(list(book.rows(name)))
            is_report = is_report or answers is not None
            found += answers or []
        book.close()
    except (BrokenWorkbookError, OSError):
        raise InputError(
            f"The workbook {path.name} cannot be read. Close it where it is open, and give it again."
        ) from None
    if not is_report:
        raise InputError(
            f"{path.name} is no workbook of a quality report: no sheet has the headings {', '.join(HEADINGS[:5])}. Give"
            " the workbook that hclic qa wrote."
        )
    return found


def _of_sheet(rows: Sequence[Sequence[object]]) -> list[Answer] | None:
    for place, row in enumerate(rows[:_HEADINGS_WITHIN]):
        titles = [str(cell).strip().casefold() for cell in row]
        at = {name: titles.index(name.casefold()) for name in HEADINGS if name.casefold() in titles}
        if not set(HEADINGS[:5]) <= at.keys():
            continue
        found = []
        for line in rows[place + 1 :]:
            cell = {name: line[number] for name, number in at.items()}
            text = words(str(cell["Explanation"]))
            if text:
                found.append(
                    Answer(
                        str(cell["Total"]).strip(),
                        str(cell["Compared with"]).strip(),
                        _whole(cell["This quarter"]),
                        _whole(cell["Then"]),
                        text,
                        words(str(cell.get("Said by", ""))) or None,
                    )
                )
        return found
    return None


def words(text: str) -> str:
    """An explanation as it is kept: without what is no character of a text."""
    return _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _whole(cell: object) -> int | None:
    if isinstance(cell, int | float) and float(cell).is_integer():
        return int(cell)
    text = str(cell).replace(",", "").strip()
    return int(text) if text.isdigit() else None


def take(report: Report, answers: Sequence[Answer], *, by: str, at: datetime) -> Taken:
    """Which of the answers are new explanations of changes that are asked about, with the same figures.

    Args:
        by: who says so, where the workbook does not tell.
        at: when, from the edge.

    Raises:
        UsageError: an explanation is too long.
    """
    speaks_of = {one.change.speaks_of: one for one in report.asked}
    new: dict[tuple[str, int, str, int], Explanation] = {}
    known = past = 0
    for answer in answers:
        if answer.value is None or answer.was is None:
            past += 1
            continue
        key = (answer.total, answer.value, answer.compared_with, answer.was)
        if (one := speaks_of.get(key)) is None:
            past += 1
        elif one.explained is not None and one.explained.explanation == answer.text:
            known += 1
        else:
            new[key] = _explanation(one, answer.text, answer.said_by or by, at)
    return Taken(tuple(new.values()), known, past)


def explain(
    report: Report, total: str, text: str, *, compared_with: str | None, by: str, at: datetime
) -> tuple[Explanation, ...]:
    """An explanation of one total, of each change of it that is asked about, or of that beside one quarter alone.

    Raises:
        UsageError: there is no such total, nothing is asked about it, or the explanation is empty or too long.
    """
    found = total_named(total, str(report.quarter))
    if found is None:
        raise UsageError("There is no total of that name. The quality report names them in its first column.")
    meant = [one for one in report.asked if one.change.total.ident == found.ident]
    if compared_with is not None:
        meant = [one for one in meant if str(one.change.earlier.quarter) == compared_with]
    if not meant:
        raise UsageError(
            f"No explanation of {found.name} is asked for: it did not change by so much"
            f"{'' if compared_with is None else f' since {compared_with}'}, or what it was is not known."
        )
    if not words(text):
        raise UsageError("The explanation is empty. Say why the total changed, in quotation marks.")
    return tuple(_explanation(one, words(text), by, at) for one in meant)


def _explanation(one: Asked, text: str, by: str, at: datetime) -> Explanation:
    if len(text) > LONGEST:
        raise UsageError(
            f"The explanation of {one.change.total.name} has more than {LONGEST:,} characters. Say it shorter, and name"
            " the paper that holds the rest."
        )
    total, value, quarter, was = one.change.speaks_of
    return Explanation(total, value, quarter, was, text, by, at.isoformat(timespec="seconds"))
