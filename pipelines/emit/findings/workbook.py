"""The findings as a workbook for officers: what to do, case by case, and who does it.

An officer's columns hold an officer's words. The text of a cell is always text; no formula is made of data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from pipelines.emit.workbooks.model import DAY, NUMBER, Book, Cell, Column, Listing, Sheet, Style, Value
from pipelines.findings import CASEWORK, COME_BACK, FIX, NEW, TIDY, WAIVED
from pipelines.findings import OPEN as STILL_OPEN
from pipelines.period import in_words
from pipelines.state import RunState
from pipelines.validate.catalogue import plain

ID, NOTE = "Finding", "Your note"
"""Headings by which notes are found again."""

BLOCKS, TO_FIX, TO_TIDY, CASES = "What blocks", "To fix", "To tidy", "Casework"
BY_RULE, BY_OFFICER, RESOLVED, SET_ASIDE = "By rule", "By officer", "Resolved", "Set aside"
NOT_RUN, COVER = "Rules not run", "Cover"

NOBODY = "Nobody named"
KINDS = {FIX: "To fix for this return", TIDY: "To tidy", CASEWORK: "Casework"}
STATES = {NEW: "New", STILL_OPEN: "Still open", COME_BACK: "Come back", WAIVED: "Waived"}

_TITLE = Style("title", bold=True, size=14)
_HEADING = Style("heading", bold=True, wrap=True, is_on_top=True, is_boxed=True)
_TEXT = Style("text", wrap=True, is_on_top=True)
_DAY = Style("day", DAY, is_on_top=True)
_COUNT = Style("count", NUMBER, is_on_top=True)
_NOTE = Style("note", wrap=True, is_on_top=True, is_boxed=True)
_LEFT = Style("left", is_on_top=True)

_LINE = (
    ("Officer", "officer", 9, _TEXT),
    ("Team", "team", 12, _TEXT),
    ("Your reference", "your_reference", 13, _TEXT),
    ("H-CLIC reference", "case_ref", 24, _TEXT),
    ("What is wrong", "what", 44, _TEXT),
    ("What to do", "todo", 44, _TEXT),
    ("What is recorded now", "recorded", 38, _TEXT),
    ("In this return?", "in_return", 8, _TEXT),
    ("Since", "since", 11, _DAY),
    ("State", "state", 9, _TEXT),
    (NOTE, "note", 24, _NOTE),
)
_NOT_PRINTED = (("Where in the export", "place", 28, _TEXT), (ID, "finding_id", 18, _LEFT))
"""For whoever looks after the export, and for reading notes back; beside the printed columns."""

_LINKED = {"your_reference": "link", "why": "page"}
"""Columns whose texts lead somewhere, and where the address stands."""

_GONE = (*_LINE[:6], ("Since", "since", 11, _DAY), ("Put right by", "resolved_on", 12, _DAY), *_LINE[10:])


@dataclass(frozen=True)
class Contents:
    """What the workbook is made of.

    ``lines``, ``resolved``: one row per finding or group, as ``officers_frame`` gives them; ``resolved`` besides with
    ``resolved_on``, the day of the export in which it was put right. ``set_aside``: one row per row of the export that
    was not loaded: file, row, reason. ``not_run``: id of each rule that could not be run, and why.
    """

    title: str
    state: RunState
    as_at: date
    lines: pl.DataFrame
    resolved: pl.DataFrame
    set_aside: pl.DataFrame
    not_run: Sequence[tuple[str, str]]
    made: datetime
    notices: Sequence[str] = ()


def book(contents: Contents) -> Book:
    """The whole workbook: a sheet for each kind of work, one each for rules, officers and what was not read."""
    return Book(contents.made, tuple(_sheets(contents)), title=f"Findings {contents.title}")


def book_of_one(contents: Contents, whose: str) -> Book:
    """The workbook of one officer or team: the sheets of work, what is resolved, and the cover."""
    sheets = (*_work(contents), _resolved(contents), _cover(contents, whose))
    return Book(contents.made, sheets, title=f"Findings {contents.title}, {whose}")


def _sheets(contents: Contents) -> Iterator[Sheet]:
    yield from _work(contents)
    yield _by_rule(contents)
    yield _by_officer(contents)
    yield _resolved(contents)
    yield _set_aside(contents)
    yield _not_run(contents)
    yield _cover(contents)


def _parts(lines: pl.DataFrame) -> tuple[tuple[str, str, pl.DataFrame], ...]:
    """Name of the sheet, what it says when it is empty, and its lines."""
    blocks = pl.col("blocks").fill_null(value=False)
    rest = lines.filter(~blocks)
    return (
        (BLOCKS, "Nothing blocks this return.", lines.filter(blocks)),
        (TO_FIX, "There is nothing else to fix for this return.", rest.filter(pl.col("kind") == FIX)),
        (CASES, "There is no casework to look at.", rest.filter(pl.col("kind") == CASEWORK)),
        (TO_TIDY, "There is nothing to tidy.", rest.filter(pl.col("kind") == TIDY)),
    )


def _work(contents: Contents) -> Iterator[Sheet]:
    for name, nothing, lines in _parts(contents.lines):
        yield _listed(contents, name, lines, (*_LINE, *_NOT_PRINTED), nothing, printed=len(_LINE))


def _listed(
    contents: Contents,
    name: str,
    rows: pl.DataFrame,
    columns: Sequence[tuple[str, str, float, Style]],
    nothing: str,
    *,
    printed: int | None = None,
) -> Sheet:
    """A sheet of a frame, a line each, under headings that stay in sight and are printed on every page."""
    cells = [Cell(0, place, title, _HEADING) for place, (title, *_) in enumerate(columns)]
    if rows.is_empty():
        cells.append(Cell(1, 0, nothing, _LEFT))
    return Sheet(
        name,
        cells,
        tuple(Column(width, style) for _, _, width, style in columns),
        frozen_rows=1,
        filtered=(rows.height, len(columns)) if rows.height else None,
        is_printed_wide=True,
        printed_columns=printed,
        footer=f"{name}. {contents.title}. {contents.state.label}",
        listing=_listing(rows, columns),
    )


def _listing(rows: pl.DataFrame, columns: Sequence[tuple[str, str, float, Style]]) -> Listing:
    names = [name for _, name, _, _ in columns]
    links = {names.index(name): rows[of] for name, of in _LINKED.items() if name in names and of in rows}
    words = rows.with_columns(pl.col("state").replace(STATES)) if "state" in names else rows
    return Listing(words.select(names), tuple(style for *_, style in columns), 1, links)


def _by_rule(contents: Contents) -> Sheet:
    """One line per rule, with one of its findings as the example."""
    order = {FIX: 0, CASEWORK: 1, TIDY: 2}
    rules = (
        contents.lines.sort("blocks", "your_reference", descending=[True, False], nulls_last=True, maintain_order=True)
        .group_by("rule_id", "kind", maintain_order=True)
        .agg(
            pl.col("count").sum().alias("findings"),
            pl.col("count").filter(pl.col("blocks")).sum().alias("blocking"),
            pl.col("case_ref").drop_nulls().n_unique().alias("cases"),
            pl.col("count").filter(pl.col("state") == NEW).sum().alias("new"),
            *(pl.col(name).first() for name in ("what", "todo", "your_reference", "recorded", "link", "rule_page")),
        )
        .with_columns(pl.col("kind").replace_strict(order, default=9, return_dtype=pl.Int64).alias("_order"))
        .sort("_order", pl.col("blocking") == 0, "findings", "rule_id", descending=[False, False, True, False])
        .with_columns(
            pl.col("kind").replace(KINDS),
            pl.col("rule_id").replace_strict(_reasons(contents.lines), return_dtype=pl.String).alias("why"),
            pl.format("external:{}", pl.col("rule_page")).alias("page"),
        )
    )
    columns = (
        ("Kind", "kind", 14, _TEXT),
        ("What is wrong", "what", 46, _TEXT),
        ("Why it matters", "why", 46, _TEXT),
        ("What to do", "todo", 46, _TEXT),
        ("Findings", "findings", 10, _COUNT),
        ("That block", "blocking", 10, _COUNT),
        ("Cases", "cases", 10, _COUNT),
        ("New", "new", 8, _COUNT),
        ("For example", "your_reference", 14, _TEXT),
        ("What is recorded there", "recorded", 38, _TEXT),
        ("Rule, for support", "rule_id", 12, _TEXT),
    )
    return _listed(contents, BY_RULE, rules, columns, "There are no findings.")


def _reasons(lines: pl.DataFrame) -> dict[str, str | None]:
    known = {rule_id: plain(rule_id) for rule_id in lines["rule_id"].unique()}
    return {rule_id: words.why or None if words else None for rule_id, words in known.items()}


def _by_officer(contents: Contents) -> Sheet:
    """One line per officer and team, with how much of each kind of work is theirs."""

    def of(kind: str) -> pl.Expr:
        return pl.col("count").filter((pl.col("kind") == kind) & ~pl.col("blocks")).sum().alias(kind)

    rows = (
        contents.lines.group_by(pl.col("officer").fill_null(NOBODY), pl.col("team").fill_null(""))
        .agg(
            pl.col("count").filter(pl.col("blocks")).sum().alias("blocking"),
            of(FIX),
            of(CASEWORK),
            of(TIDY),
            pl.col("count").filter(pl.col("state") == NEW).sum().alias("new"),
            pl.col("case_ref").drop_nulls().n_unique().alias("cases"),
            pl.col("since").min(),
        )
        .sort(pl.col("officer") == NOBODY, "officer", "team")
    )
    columns = (
        ("Officer", "officer", 24, _TEXT),
        ("Team", "team", 24, _TEXT),
        (BLOCKS, "blocking", 14, _COUNT),
        (TO_FIX, FIX, 12, _COUNT),
        (CASES, CASEWORK, 12, _COUNT),
        (TO_TIDY, TIDY, 12, _COUNT),
        ("New", "new", 10, _COUNT),
        ("Cases", "cases", 10, _COUNT),
        ("Oldest since", "since", 14, _DAY),
    )
    return _listed(contents, BY_OFFICER, rows, columns, "There are no findings.")


def _resolved(contents: Contents) -> Sheet:
    nothing = "Nothing was put right since the run before, or there is none to compare with."
    return _listed(contents, RESOLVED, contents.resolved, _GONE, nothing)


def _set_aside(contents: Contents) -> Sheet:
    columns = (("File", "file", 30, _TEXT), ("Row", "row", 10, _COUNT), ("Why it was not read", "reason", 90, _TEXT))
    return _listed(contents, SET_ASIDE, contents.set_aside, columns, "No row of the export was set aside.")


def _not_run(contents: Contents) -> Sheet:
    said = [
        {"rule_id": rule_id, "what": words.message if (words := plain(rule_id)) else None, "reason": reason}
        for rule_id, reason in contents.not_run
    ]
    rows = pl.DataFrame(said, schema=dict.fromkeys(("rule_id", "what", "reason"), pl.String()))
    columns = (
        ("What was not looked for", "what", 60, _TEXT),
        ("Why", "reason", 60, _TEXT),
        ("Rule, for support", "rule_id", 14, _TEXT),
    )
    return _listed(contents, NOT_RUN, rows, columns, "Every rule was run.")


def _cover(contents: Contents, whose: str | None = None) -> Sheet:
    parts = _parts(contents.lines)
    said: list[tuple[Value, Value | None]] = [
        (f"Findings: {contents.title}" + (f", {whose}" if whose else ""), None),
        (contents.state.sentence, None),
        (f"Export of {in_words(contents.as_at)}.", None),
        *((notice, None) for notice in contents.notices),
        *((name, int(lines["count"].sum())) for name, _, lines in parts),
        (RESOLVED, int(contents.resolved["count"].sum())),
        ("Write into the column Your note of any sheet, in this file, and save it: the next run reads it back.", None),
        (
            "The column Finding at the right end tells which finding a line is: leave it. Sort and filter freely.",
            None,
        ),
        ("Casework is advice about a case, such as a duty past its time. It is no error in the data.", None),
        ("To tidy: of the record, or of a case that is not in this return. It does not block.", None),
        ("What has one cause is one line; Where in the export names its rows.", None),
        ("Handle as personal data: values of the cases stand in this workbook.", None),
        (f"Made {in_words(contents.made.date())}, {contents.made:%H:%M}.", None),
    ]
    cells = [
        cell
        for row, (words, count) in enumerate(said)
        for cell in (
            Cell(row, 0, words, _TITLE if row == 0 else _TEXT),
            Cell(row, 1, count, _COUNT),
        )
    ]
    return Sheet(COVER, cells, (Column(110), Column(10)), is_printed_wide=True)


def parts_of(lines: pl.DataFrame, by: str) -> Iterable[tuple[str | None, pl.DataFrame]]:
    """The lines of each officer or team by name, in the order of the names; at the end those of nobody."""
    for name in sorted(lines[by].drop_nulls().unique()):
        yield name, lines.filter(pl.col(by) == name)
    nobody = lines.filter(pl.col(by).is_null())
    if nobody.height:
        yield None, nobody
