"""The list of candidates as files for officers, and their answers read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.emit.workbooks.frames import frame_sheet
from pipelines.emit.workbooks.model import Book, Cell, Column, Sheet, Style
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import InputError, UsageError
from pipelines.paths import refuse_address
from pipelines.people.answers import DIFFERENT, SAME, UNSURE
from pipelines.people.candidates import Candidates
from pipelines.sheet_reader import BrokenWorkbookError, SheetReader
from pipelines.side_files import read_rows
from pipelines.whole import into, written

PRIVATE = 0o600
WORKBOOK, LIST, NUMBERS = "same_person.xlsx", "same_person.csv", "person_numbers.csv"
SHEET = "To answer"

HEADINGS = {
    "pair": "Pair",
    "answer": "Your answer",
    "likelihood": "How likely",
    "match_weight": "Weight",
    "reference_a": "First reference",
    "role_a": "First role",
    "reference_b": "Second reference",
    "role_b": "Second role",
    "for": "What speaks for one person",
    "against": "What speaks against",
    "not_recorded": "Not recorded of one of them",
    "others": "Further people they may share",
    "one_case": "One case?",
    "answered": "Answered before",
    "officer_a": "First officer",
    "team_a": "First team",
    "exported_a": "First state",
    "officer_b": "Second officer",
    "team_b": "Second team",
    "exported_b": "Second state",
    "person_a": "First person",
    "person_b": "Second person",
}
"""Columns of the workbook, in order."""
_WIDTHS = {"for": 44, "against": 34, "one_case": 30, "answered": 30, "person_a": 27, "person_b": 27, "answer": 18}
_ANSWER_WORDS = {
    SAME: ("same", "the same", "same person", "the same person", "yes"),
    DIFFERENT: ("not the same", "not same", "different", "not the same person", "different people", "no"),
    UNSURE: ("not sure", "unsure", "do not know", "don't know", "?"),
    "case": (
        "same case",
        "one case",
        "the same case",
        "same person one case",
        "same person, one case",
        "re-keyed",
        "rekeyed",
    ),
}
_BY_WORD = {word: decision for decision, words in _ANSWER_WORDS.items() for word in words}
_BOLD, _WRAPPED = Style("bold", bold=True), Style("wrapped", wrap=True, is_on_top=True)


@dataclass(frozen=True)
class Read:
    """One answer of a file."""

    person_a: str
    person_b: str
    decision: str
    is_one_case: bool
    match_weight: float | None


def write_candidates(found: Candidates, folder: Path, *, authority: str, made: datetime) -> tuple[Path, Path]:
    """Write the workbook and the list (mode 0600); where they stand.

    Neither holds a name, a date of birth, a number or an address: the officer looks both references up.

    Args:
        found: the candidates.
        folder: made if it is not there.
        authority: its name, for the cover.
        made: the time of the command, printed on the cover only.

    Raises:
        UsageError: an address instead of a folder.
    """
    refuse_address(folder, "folder")
    listed, book = folder / LIST, folder / WORKBOOK
    rows = found.to_answer.with_columns(answer=pl.lit(None, pl.String()))
    sheets = (
        Sheet("Cover", _cover(found, authority, made), (Column(100),)),
        _sheet(SHEET, rows),
        _sheet("Answered", found.answered.with_columns(answer=pl.lit(None, pl.String())), without=("answer",)),
    )
    with into(folder) as new:
        rows.write_csv(new / LIST)
        write_xlsx(Book(made, sheets, title=f"The same person, two references: {authority}"), new / WORKBOOK)
    return book, listed


def write_private(rows: pl.DataFrame, path: Path) -> None:
    """Write a CSV that only its owner may read."""
    with written(path) as new:
        rows.write_csv(new)


def read_answers(path: Path) -> list[Read]:
    """The answers of a workbook or list that was written here; rows without an answer are passed over.

    Raises:
        UsageError: an address instead of a file.
        InputError: the file cannot be read, lacks a column, or an answer is none of those that the cover names. The
            sentence does not repeat it.
    """
    refuse_address(path, "file of answers")
    return [answer for row in _rows(path) if (answer := _answer(row)) is not None]


def _rows(path: Path) -> list[tuple[str, Mapping[str, str]]]:
    """The place of each row in words, and its cells by column."""
    needed = ("person_a", "person_b", "answer")
    if path.suffix.lower() != ".xlsx":
        found = read_rows(path, needed, what="file of answers", optional=("match_weight",))
        return [(row.place, row.cells) for row in found]
    try:
        cells = list(SheetReader(path.read_bytes()).rows(SHEET))
    except (BrokenWorkbookError, OSError):
        raise InputError(
            f"The file of answers {path.name} could not be read: it is not the workbook that hclic people candidates"
            f" wrote, or has no sheet {SHEET}."
        ) from None
    headings = [str(cell).strip() for cell in cells[0]] if cells else []
    places = {name: headings.index(HEADINGS[name]) for name in HEADINGS if HEADINGS[name] in headings}
    if missing := [HEADINGS[name] for name in needed if name not in places]:
        raise InputError(
            f"The file of answers {path.name}, sheet {SHEET}, has no column {' and no column '.join(missing)}."
        )
    return [
        (
            f"The file of answers {path.name}, sheet {SHEET}, row {number}",
            {name: str(line[at]).strip() for name, at in places.items() if at < len(line)},
        )
        for number, line in enumerate(cells[1:], start=2)
    ]


def _answer(row: tuple[str, Mapping[str, str]]) -> Read | None:
    place, cells = row
    said = re.sub(r"\s+", " ", cells.get("answer", "").strip().casefold().rstrip(".!")).replace("’", "'")
    if not said:
        return None
    decision = _BY_WORD.get(said)
    if decision is None:
        raise InputError(
            f"{place}, column {HEADINGS['answer']}: the answer is not one of: same, same case, not the same, not sure."
        )
    if not cells.get("person_a") or not cells.get("person_b"):
        raise InputError(f"{place}: it names no pair of people.")
    try:
        weight = float(cells.get("match_weight") or "nan")
    except ValueError:
        weight = float("nan")
    return Read(
        cells["person_a"],
        cells["person_b"],
        SAME if decision == "case" else decision,
        decision == "case",
        None if weight != weight else weight,
    )


def _sheet(name: str, rows: pl.DataFrame, without: tuple[str, ...] = ()) -> Sheet:
    shown = [column for column in HEADINGS if column not in without]
    titled = rows.select(pl.col(column).alias(HEADINGS[column]) for column in shown)
    widths = {HEADINGS[column]: width for column, width in _WIDTHS.items()}
    return frame_sheet(
        name,
        titled,
        width=lambda title: widths.get(title, max(11, min(24, len(title) + 2))),
        styles={HEADINGS[column]: _WRAPPED for column in ("for", "against", "not_recorded", "one_case", "answered")},
    )


def _cover(found: Candidates, authority: str, made: datetime) -> tuple[Cell, ...]:
    lines = (
        f"The same person, two references: {authority}",
        f"{found.to_answer.height:,} pairs to answer, of {found.people:,} people in {found.cases:,} cases;"
        f" {found.answered.height:,} pairs were answered before.",
        "Look both references up in your casework system, and write into the column Your answer:",
        "same: it is one person under two references (one person may have applied twice: that is right).",
        "same case: it is one person and one case that was keyed again under a new reference.",
        "not the same: they are two people. The pair is not shown again unless what is recorded changes.",
        "not sure: the pair is shown again next time.",
        "Then: hclic people answers FILE --warehouse FILE --by YOUR-NAME",
        "How likely: words for the weight. Each point more makes it twice as likely that it is one person.",
        "No answer changes a case. Handle as personal data: this says whose households belong together.",
        f"Made {made:%d %B %Y %H:%M}.",
    )
    return tuple(Cell(row, 0, line, _BOLD if row == 0 else _WRAPPED) for row, line in enumerate(lines))


def as_words(decision: str, *, is_one_case: bool) -> str:
    """A decision as the screen says it."""
    return {SAME: "one person, one case" if is_one_case else "one person", DIFFERENT: "two people", UNSURE: "not sure"}[
        decision
    ]


def check_name(said_by: str) -> str:
    """The name of who answers.

    Raises:
        UsageError: it is blank.
    """
    if not said_by.strip():
        raise UsageError("Say who answers: --by NAME.")
    return said_by.strip()
