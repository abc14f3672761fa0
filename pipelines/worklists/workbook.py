"""The worklists as a workbook: a cover and one sheet each, to filter on screen and to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from pipelines.emit.pages.words import clean_column
from pipelines.emit.workbooks.model import DAY, Book, Cell, Column, Listing, Sheet, Style
from pipelines.worklists.about import About
from pipelines.worklists.lists import NOTE, Worklist

TITLE = Style("title", bold=True, size=14)
QUESTION = Style("question", bold=True)
HEADING = Style("heading", bold=True, wrap=True, is_on_top=True, is_boxed=True)
TEXT = Style("text", wrap=True, is_on_top=True)
DAYS = Style("day", DAY, is_on_top=True)
ANSWER = Style("answer", wrap=True, is_on_top=True, is_boxed=True)
ANSWER_WIDTH, NOTE_WIDTH = 12, 24
NOTHING = "There is nobody on this list."

_COVER = ("Worklist", "On it", "What is asked", "Who is on it")


def book(lists: Sequence[Worklist], about: About) -> Book:
    """The workbook: text is text, days are days, and no cell holds a formula."""
    sheets = [_cover(lists, about), *(_sheet(one, about) for one in lists)]
    return Book(about.made, sheets, title=f"Worklists {about.title}")


def _cover(lists: Sequence[Worklist], about: About) -> Sheet:
    said = (
        f"Worklists: {about.title}",
        about.state.sentence,
        *about.sentences,
        f"Made by hclic {about.software_version}, {about.made_words}.",
    )
    cells = [Cell(row, 0, line, TITLE if row == 0 else None) for row, line in enumerate(said)]
    top = len(said) + 1
    cells += [Cell(top, column, title, HEADING) for column, title in enumerate(_COVER)]
    for row, one in enumerate(lists, start=top + 1):
        cells += [
            Cell(row, 0, one.title, is_link=True),
            Cell(row, 1, one.rows.height, TEXT),
            Cell(row, 2, one.question, TEXT),
            Cell(row, 3, " ".join(one.about), TEXT),
        ]
    widths = (Column(28), Column(8), Column(40), Column(70))
    return Sheet("Cover", cells, widths, is_printed_wide=True, footer=about.footer)


def _sheet(one: Worklist, about: About) -> Sheet:
    """Title, question, who is on it, the headings, and the rows."""
    opening = (one.title, one.question, *one.about, about.as_at)
    heading = len(opening)
    titles = [column.title for column in one.columns] + list(one.answers)
    return Sheet(
        one.title,
        _cells(one, opening, titles),
        (
            *(Column(column.width) for column in one.columns),
            *(Column(NOTE_WIDTH if title == NOTE else ANSWER_WIDTH) for title in one.answers),
        ),
        frozen_rows=heading + 1,
        filtered=(one.rows.height, len(titles)) if one.rows.height else None,
        heading_row=heading,
        is_printed_wide=True,
        footer=f"{one.title}. {about.footer}",
        listing=_listing(one, heading + 1),
    )


def _cells(one: Worklist, opening: Sequence[str], titles: Sequence[str]) -> Iterator[Cell]:
    for row, line in enumerate(opening):
        yield Cell(row, 0, line, {0: TITLE, 1: QUESTION}.get(row))
    heading = len(opening)
    for column, title in enumerate(titles):
        yield Cell(heading, column, title, HEADING)
    if not one.rows.height:
        yield Cell(heading + 1, 0, NOTHING)


def _listing(one: Worklist, first: int) -> Listing:
    """The rows, each followed by empty cells in which to write."""
    rows = one.rows.with_columns(clean_column(pl.col(pl.String)))
    styles = [DAYS if kind == pl.Date else TEXT for kind in rows.dtypes]
    answers = [pl.lit("").alias(f"answer {number}") for number in range(len(one.answers))]
    return Listing(rows.with_columns(answers), (*styles, *(ANSWER for _ in answers)), first)
