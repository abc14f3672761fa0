"""The headings of a table, held against those that the source profile expects."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable

import polars as pl

from pipelines.extract.mapping import Columns
from pipelines.extract.notes import Notes, Place
from pipelines.extract.parsing import fold
from pipelines.extract.sheet_marks import letters_of
from pipelines.extract.tabular import TextTable
from schemas.sections import SECTION
from schemas.sources import Feed, Table
from schemas.sources.readings import JOINER

# Comparing spellings takes some 0.1 ms a pair: of more headings than these nobody would read the hints.
COMPARED = 100
COMPARED_CHARS = 80


def nearest(heading: str, known: Iterable[str]) -> list[str]:
    """The known folded heading that is nearest, if one is near."""
    folded = fold(heading)
    return difflib.get_close_matches(folded, known, n=1, cutoff=0.75) if len(folded) <= COMPARED_CHARS else []


def check_headings(
    table: Table, text: TextTable, columns: Columns, notes: Notes, also: frozenset[str] = frozenset()
) -> bool:
    """Report what is missing, unknown or double; false where no heading at all is known.

    ``also``: folded headings that steps of the profile read in the same file.
    """
    expected = {fold(heading): heading for heading in table.headings()}
    present = [fold(heading) for heading in text.headings]
    if not any(present):
        notes.add("X-05", text.name)
        return False
    if not any(heading in expected for heading in present):
        notes.add("X-06", text.name, row=table.header_row)
        return False
    missing = [heading for heading in expected.values() if fold(heading) not in present]
    beyond = [index for feed in table.feeds if feed.repeat for index in _beyond_repeat(text, feed, expected, notes)]
    _unknown(table, text, expected | dict.fromkeys(also, ""), missing, beyond, notes)
    times = Counter(present)
    for heading in dict.fromkeys(one for one in present if one in expected and times[one] > 1):
        notes.add("X-07", Place(text.name, column=expected[heading]))
    for feed in table.feeds:
        _missing(table, text, columns, feed, expected, notes)
    return True


def check_letters(table: Table, text: TextTable, columns: Columns, notes: Notes) -> None:
    """Let findings name columns by letter and heading, and report a first case in the place of the headings.

    Where letters name the columns, nothing else tells that the row of the headings is one.
    """
    notes.name_columns(text)
    if not table.reading.letters or not table.header_row:
        return
    refs = {name for feed in table.feeds if (name := columns.get((*feed.columns["case_ref"].columns, "")[0]))}
    row = text.above.get(table.header_row, ())
    first = next(text.blocks(), pl.DataFrame())
    for name in refs if first.height else ():
        over = row[int(name[1:])].strip() if int(name[1:]) < len(row) else ""
        shapes = {_shape(one) for one in first.get_column(name).drop_nulls().head(COMPARED)}
        if over and any(one.isdigit() for one in over) and _shape(over) in shapes:
            notes.add("X-10", text.name, row=table.header_row)
            return


def _shape(text: str) -> str:
    """The text with every digit a 9 and every letter an A."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", text))


def _beyond_repeat(text: TextTable, feed: Feed, expected: dict[str, str], notes: Notes) -> list[int]:
    """Filled columns of more repeats than the profile says: whole people would be lost, so it is an error."""
    names = sorted({name for source in feed.columns.values() for name in source.columns if "{n}" in name})
    patterns = [re.compile(r"(\d{1,4})".join(map(re.escape, fold(name).split("{n}")))) for name in names]
    found: dict[int, str] = {}
    for index, heading in enumerate(map(fold, text.headings)):
        for name, pattern in zip(names, patterns, strict=True):
            number = pattern.fullmatch(heading) if heading not in expected else None
            if number and int(number[1]) > feed.repeat:
                found[index] = name.replace("{n}", number[1])
    cells: Counter[int] = Counter()
    for block in text.blocks() if found else ():
        cells.update({index: block.get_column(f"c{index}").count() for index in found})
    filled = [index for index in found if cells[index]]
    if filled:
        notes.add(
            "X-45",
            Place(text.name, column=found[filled[0]]),
            section=feed.section,
            record_key=text.name,
            repeat=feed.repeat,
            count=f"{cells.total():,}",
        )
    return filled


def _unknown(
    table: Table, text: TextTable, expected: dict[str, str], missing: list[str], told: list[int], notes: Notes
) -> None:
    folded = {fold(heading): heading for heading in missing}
    over = text.headings if not table.reading.letters else text.titles or [""] * len(text.headings)
    blank = text.blank_columns([index for index, heading in enumerate(over) if not heading.strip()])
    known = {*told, *blank}
    unknown = [index for index, one in enumerate(text.headings) if fold(one) not in expected and index not in known]
    for index in unknown[:COMPARED]:
        heading = over[index]
        near = [] if table.reading.letters else nearest(heading, folded)
        hint = f" Did you mean '{folded[near[0]]}'?" if near else ""
        # The heading itself stays out of the message: where the headings are missing it is a value.
        place = Place(text.name, position=position(index))
        notes.add("X-08", place, value=heading or None, near=hint)
    if len(unknown) > COMPARED:
        notes.add("X-69", text.name, count=f"{len(unknown) - COMPARED:,}")


def _missing(
    table: Table, text: TextTable, columns: Columns, feed: Feed, expected: dict[str, str], notes: Notes
) -> None:
    section = SECTION[feed.section]
    unknown = {fold(heading): index for index, heading in enumerate(text.headings) if fold(heading) not in expected}
    wanted: dict[str, tuple[str | None, bool]] = {}
    for slot in range(1, max(feed.repeat, 1) + 1):
        names = [name for source in feed.columns.values() for name in source.columns if "{n}" in name]
        if slot > 1 and not any(columns.get(name.replace("{n}", str(slot))) for name in names):
            continue
        for name, source in feed.columns.items():
            if not source.optional:
                local = section.column(name).local
                wanted |= {one.replace("{n}", str(slot)): (name, local) for one in source.columns}
        for heading in (*feed.when_filled, *feed.when_value):
            wanted.setdefault(heading.replace("{n}", str(slot)), (None, False))
    for heading, (field, local) in wanted.items():
        if columns.get(heading) is not None:
            continue
        near = nearest(heading, unknown) if len(unknown) <= COMPARED and not table.reading.letters else []
        near = near or [one for one in unknown if one.endswith(fold(JOINER + heading))][:1]
        hint = f" Column {unknown[near[0]] + 1} has a heading close to it." if near else ""
        notes.add(
            "X-09",
            Place(text.name, column=heading),
            section=feed.section,
            fields=field,
            local=local,
            near=hint,
        )


def position(index: int) -> str:
    """A column by its place from 0: column 3 (C)."""
    return f"column {index + 1} ({letters_of(index + 1)})"
