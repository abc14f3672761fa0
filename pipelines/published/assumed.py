"""The columns of a sheet whose layout is not known, only assumed: each heading with how sure its column is.

After the last known quarter a table has one flat heading row, in wordings that are not known beforehand. A
heading is first compared with the labels as they are known, then with those listed, then by its words
(``flat``), at last by its place beside a column that is sure. What a mapping file says comes before all.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.published.by_sums import Figures, told_by_sums
from pipelines.published.cells import MISSING, NOT_APPLICABLE, SUPPRESSED, UnreadableCellError, read_cell
from pipelines.published.flat import (
    BY_PLACE,
    BY_SUMS,
    BY_WORDS,
    EXACT,
    LEAST_SCORE,
    LISTED,
    Candidate,
    Found,
    Heading,
    Key,
    Matcher,
)
from pipelines.published.grids import Grid, column_letters, column_number
from pipelines.published.header_tree import Label, Match, flat_key, listed_names, match_columns, run_together
from pipelines.published.headings import SEPARATOR, Column, clean_label
from pipelines.published.identities import identities_for
from pipelines.published.identity import Ref
from pipelines.published.mapping import GIVEN, Line
from pipelines.published.wording import PERCENT, wording

CONFIDENCES = (GIVEN, EXACT, LISTED, BY_WORDS, BY_SUMS, BY_PLACE)
"""How a column may have been told, the surest first."""
_FIGURE = frozenset(["", MISSING, SUPPRESSED])
# "A1.3 Withdrew application": the place of a column is no part of its heading.
_NUMBERED = re.compile(r"^\s*(?:[A-Z]{1,3}\d+\w*\s*[._:-]\s*\d+\s*[.:)]?|\(?\d+[.)]|\([a-z]\))\s+(?=\S)", re.IGNORECASE)
_PERCENT_TOLERANCE = 0.011
_MOST = 0.9
# What a label scores that names the leaf in full and no group.
_LEAST_BY_PLACE = 0.75


@dataclass(frozen=True)
class Matched:
    """One column of figures of a sheet and what it was taken for; without ``column_path`` it was not read.

    ``confidence`` is exact, listed, by words, by sums, by place or given; ``score`` is how near the words are (1 is the
    same words), ``margin`` how much nearer than to any other column; ``candidates`` are the two nearest.
    """

    sheet: str
    table: str
    column: str
    heading: str
    column_path: str
    measure: str
    confidence: str
    score: float
    margin: float
    candidates: tuple[Candidate, ...] = ()
    line: int = 0
    """Row of the mapping file that said so."""


@dataclass
class _Sheet:
    grid: Grid
    table: str
    columns: tuple[Column, ...]
    rows: Sequence[int]
    headings: list[Heading]
    found: dict[int, Found] = field(default_factory=dict)
    """What each heading is, by its place among ``headings``."""
    lines: dict[int, int] = field(default_factory=dict)
    """Rows of the mapping file that were used, by the place of the heading."""

    def taken(self) -> set[Key]:
        return {found.key for found in self.found.values() if found.key}

    def settle(self, at: int, key: Key, confidence: str) -> None:
        heading = self.headings[at]
        self.found[at] = Found(heading, key, confidence, 1.0, 1.0, ())

    def open(self) -> list[int]:
        return [at for at in range(len(self.headings)) if at not in self.found or self.found[at].key is None]


def read_columns(
    grid: Grid,
    table: str,
    columns: tuple[Column, ...],
    labels: list[Label],
    rows: Sequence[int],
    given: Sequence[Line],
    quarter: str,
) -> list[Matched]:
    """One entry per column of figures, in the order of the sheet; ``rows`` are those of authorities.

    ``columns`` are the table's in the layout that is assumed, ``given`` the lines of a mapping file for it.
    """
    headings, is_stacked = _headings(grid, labels, rows)
    sheet = _Sheet(grid, table, columns, rows, headings)
    _as_given(sheet, given)
    if is_stacked:
        _as_stacked(sheet, labels)
    _as_known(sheet)
    matcher = Matcher(columns, listed_names(table))
    _by_words(sheet, matcher)
    _by_place(sheet, matcher)
    _by_sums(sheet, matcher, quarter)
    _percentages_beside_counts(sheet)
    _percentages_checked(sheet)
    return [_matched(sheet, at) for at in range(len(sheet.headings))]


def matches_of(matched: Sequence[Matched]) -> list[Match]:
    """The columns that were read, as the reader takes them."""
    return [Match(column_number(m.column), m.column_path, m.measure) for m in matched if m.column_path]


def _matched(sheet: _Sheet, at: int) -> Matched:
    heading, found = sheet.headings[at], sheet.found.get(at)
    path, measure = found.key if found and found.key else ("", "")
    return Matched(
        sheet=sheet.grid.sheet,
        table=sheet.table,
        column=column_letters(heading.column),
        heading=heading.text,
        column_path=path,
        measure=measure,
        confidence=found.confidence if found and found.key else "",
        score=round(found.score, 3) if found else 0.0,
        margin=round(found.margin, 3) if found else 0.0,
        candidates=found.candidates if found else (),
        line=sheet.lines.get(at, 0),
    )


def _headings(grid: Grid, labels: list[Label], rows: Sequence[int]) -> tuple[list[Heading], bool]:
    """The columns of figures with their labels, run together from above where there are several heading rows.

    The second value says whether there are.
    """
    shown = {column: {_shown(grid, row, column) for row in rows} for column in range(1, grid.width())}
    first = next((column for column, notes in shown.items() if notes & _FIGURE), grid.width())
    # Left of the figures [z] stands for an area without a code or region.
    figures = [c for c, notes in shown.items() if notes & _FIGURE or (c > first and NOT_APPLICABLE in notes)]
    by_row: dict[int, list[Label]] = defaultdict(list)
    for label in labels:
        if label.visible:
            by_row[label.row].append(label)
    heads = [row for row, in_row in by_row.items() if len(in_row) > 1]
    headings = []
    for column in figures:
        above = [
            _as_printed(grid, label)
            for row in sorted(heads)
            for label in by_row[row]
            if label.first_column <= column <= (label.last_column if row == max(heads) else label.reach)
        ]
        headings.append(Heading(column, _NUMBERED.sub("", " ".join(dict.fromkeys(above)))))
    return headings, len(heads) > 1


def _as_printed(grid: Grid, label: Label) -> str:
    """A label with all its figures: in a flat row a note is marked [note 1], and "3" at the end is no footnote."""
    return " ".join(str(grid.values[label.row][label.first_column]).removesuffix(".0").split())


def _shown(grid: Grid, row: int, column: int) -> str:
    """The note of a cell, empty for a number; "text" for a cell that is neither."""
    values = grid.values[row]
    try:
        return read_cell(values[column] if column < len(values) else None)[1]
    except UnreadableCellError:
        return "text"


def _as_given(sheet: _Sheet, given: Sequence[Line]) -> None:
    for line in given:
        for at, heading in enumerate(sheet.headings):
            if line.meets(sheet.grid.sheet, column_letters(heading.column), heading.text):
                sheet.settle(at, (line.column_path, line.measure), GIVEN)
                sheet.lines[at] = line.number


def _as_stacked(sheet: _Sheet, labels: list[Label]) -> None:
    """Headings in several rows, as they were up to the last known quarter."""
    have = {(c.column_path, c.measure) for c in sheet.columns}
    paths = {tuple(path.split(SEPARATOR)) for path, _ in have}
    at_of = {heading.column: at for at, heading in enumerate(sheet.headings)}
    found = [(at_of.get(m.column), (m.column_path, m.measure)) for m in match_columns(sheet.table, paths, labels)]
    often = Counter(key for _, key in found)
    for at, key in found:
        if at is not None and at not in sheet.found and often[key] == 1 and key in have - sheet.taken():
            sheet.settle(at, key, EXACT)


def _as_known(sheet: _Sheet) -> None:
    """Headings that are a known path with its labels run together, or are listed."""
    measures: dict[str, set[str]] = defaultdict(set)
    for column in sheet.columns:
        measures[column.column_path].add(column.measure)
    names: dict[str, tuple[str, str]] = {}
    for (path, _), listed in listed_names(sheet.table).items():
        names.update({flat_key(SEPARATOR.join(labels)): (path, LISTED) for labels in listed})
    for path in measures:
        names.update({key: (path, EXACT) for key in run_together(tuple(path.split(SEPARATOR)))})
    claims: dict[Key, list[tuple[int, str]]] = defaultdict(list)
    taken = sheet.taken()
    for at in sheet.open():
        text = sheet.headings[at].text
        measure = wording(text).measure
        path, confidence = names.get(flat_key(text)) or names.get(flat_key(clean_label(text))) or ("", "")
        if not path:
            continue
        if measure == PERCENT or (measure and measure not in measures[path]):
            key = (path, measure)
        else:
            key = (path, next(iter(measures[path] - {PERCENT}), PERCENT))
        if key[1] in measures[path] and key not in taken:
            claims[key].append((at, confidence))
    for (path, measure), claimed in claims.items():
        if len(claimed) == 1:
            sheet.settle(claimed[0][0], (path, measure), claimed[0][1])
        elif len(claimed) == 2 and PERCENT in measures[path] and measure != PERCENT:
            # The same label over a count and, right of it, over its percentage.
            (first, confidence), (second, _) = claimed
            if sheet.headings[second].column == sheet.headings[first].column + 1 and _is_share(sheet, first, second):
                sheet.settle(first, (path, measure), confidence)
                sheet.settle(second, (path, PERCENT), BY_PLACE)


def _by_words(sheet: _Sheet, matcher: Matcher) -> None:
    have_percent = any(column.measure == PERCENT for column in sheet.columns)
    still = [at for at in sheet.open() if not (have_percent and _repeats_its_count(sheet, at))]
    for at, found in zip(still, matcher.match([sheet.headings[at] for at in still], sheet.taken()), strict=True):
        sheet.found[at] = found


def _repeats_its_count(sheet: _Sheet, at: int) -> bool:
    """Whether a heading says the same as the one at its left, and its figures are shares."""
    if at == 0 or sheet.headings[at].text != sheet.headings[at - 1].text:
        return False
    if sheet.headings[at].column != sheet.headings[at - 1].column + 1:
        return False
    return all(value is None or 0 <= value <= 1 for value in _numbers(sheet, at))


def _by_place(sheet: _Sheet, matcher: Matcher) -> None:
    """A label that leaves out its group, right after one that names it: "Single adult: Male", then "Female"."""
    order = [(c.column_path, c.measure) for c in sheet.columns]
    counts = [key for key in order if key[1] != PERCENT]
    named: set[int] = set()
    before: int | None = None
    for at, heading in enumerate(sheet.headings):
        found = sheet.found.setdefault(at, Found(heading, None, "", 0.0, 0.0, ()))
        said = wording(heading.text)
        if found.key is None and said.words and before is not None:
            previous = sheet.found[before].key
            near = matcher.scores(heading)
            best = max(near.values(), default=0.0)
            key = None
            if previous and said.measure == PERCENT and heading.column == sheet.headings[before].column + 1:
                key = (previous[0], PERCENT)
            elif previous and said.measure != PERCENT and before in named and previous in counts[:-1]:
                following = counts[counts.index(previous) + 1]
                if _group(following) == _group(previous) != "":
                    key = following
                    named.add(at)
            if key and best >= _LEAST_BY_PLACE and near.get(key) == best and key not in sheet.taken():
                sheet.found[at] = Found(heading, key, BY_PLACE, best, 0.0, found.candidates)
        now = sheet.found[at].key
        if now and now[1] != PERCENT:
            before = at
            if sheet.found[at].confidence != BY_PLACE and _names_its_group(said.words, now):
                named.add(at)
        elif now is None and said.measure != PERCENT and not _repeats_its_count(sheet, at):
            before = None


def _by_sums(sheet: _Sheet, matcher: Matcher, quarter: str) -> None:
    """Headings that say the same, by the totals that their columns make come out; then their percentages."""
    asked = [at for at in sheet.open() if wording(sheet.headings[at].text).measure != PERCENT]
    near = {at: matcher.allowed(sheet.headings[at]) for at in asked if not _repeats_its_count(sheet, at)}
    table, read = sheet.table, sheet.taken()
    choices: dict[Ref, dict[int, Figures]] = defaultdict(dict)
    for at, scores in near.items():
        for (path, measure), value in scores.items():
            if measure == "count" and (path, measure) not in read and value >= LEAST_SCORE:
                choices[table, path][at] = list(_numbers(sheet, at))
    if not choices:
        return
    places = {found.key[0]: at for at, found in sheet.found.items() if found.key and found.key[1] == "count"}
    known = {(table, path): list(_numbers(sheet, at)) for path, at in places.items()}
    own = [identity for identity in identities_for(quarter) if {of for of, _ in identity.refs} == {table}]
    have = {(column.column_path, column.measure) for column in sheet.columns}
    for (_, path), at in told_by_sums(own, known, choices).items():
        before = sheet.found[at]
        sheet.found[at] = Found(
            sheet.headings[at], (path, "count"), BY_SUMS, near[at][path, "count"], 0.0, before.candidates
        )
        following = at + 1
        if following in sheet.open() and (path, PERCENT) in have and _is_its_percentage(sheet, at, following):
            sheet.settle(following, (path, PERCENT), BY_PLACE)


def _is_its_percentage(sheet: _Sheet, at: int, following: int) -> bool:
    label, of = sheet.headings[following], sheet.headings[at]
    is_marked = wording(label.text).measure == PERCENT or label.text == of.text
    return is_marked and label.column == of.column + 1 and _is_share(sheet, at, following)


def _group(key: Key) -> str:
    return key[0].rpartition(SEPARATOR)[0]


def _names_its_group(words: Counter[str], key: Key) -> bool:
    group = _group(key)
    own = wording(group).words if group else Counter()
    return bool(own) and sum((words & own).values()) * 3 >= sum(own.values())


def _percentages_beside_counts(sheet: _Sheet) -> None:
    """A column without words of its own, or with the words of the count at its left, that is its percentage."""
    have = {(c.column_path, c.measure) for c in sheet.columns}
    for at in sheet.open():
        if at == 0:
            continue
        heading, left = sheet.headings[at], sheet.headings[at - 1]
        count = sheet.found[at - 1].key
        said = wording(heading.text)
        if count is None or count[1] == PERCENT or left.column + 1 != heading.column:
            continue
        key = (count[0], PERCENT)
        alike = not said.words or said.words == wording(left.text).words
        if alike and key in have and key not in sheet.taken() and _is_share(sheet, at - 1, at):
            sheet.settle(at, key, BY_PLACE)


def _percentages_checked(sheet: _Sheet) -> None:
    """Take back a percentage that is not its count over the first column, or that is printed as 44 for 0.44."""
    at_of = {found.key: at for at, found in sheet.found.items() if found.key}
    for key, at in at_of.items():
        found = sheet.found[at]
        if key[1] != PERCENT or found.confidence == GIVEN:
            continue
        count = at_of.get((key[0], "count"))
        is_wrong = count is not None and not _is_share(sheet, count, at)
        if _is_of_a_hundred(sheet, at) or (is_wrong and found.confidence not in (EXACT, LISTED)):
            candidates = (Candidate(*key, found.score), *(c for c in found.candidates if c.key != key))[:2]
            sheet.found[at] = Found(found.heading, None, "", found.score, found.margin, candidates)


def _is_of_a_hundred(sheet: _Sheet, at: int) -> bool:
    shares = [value for value in _numbers(sheet, at) if value]
    return sum(value > 1 + _PERCENT_TOLERANCE for value in shares) > (1 - _MOST) * len(shares)


def _is_share(sheet: _Sheet, count: int, share: int) -> bool:
    """Whether a column is, for most authorities, another one over the first column of the table."""
    first = (sheet.columns[0].column_path, sheet.columns[0].measure)
    base = next((at for at, found in sheet.found.items() if found.key == first), None)
    if base is None:
        return all(value is None or 0 <= value <= 1 for value in _numbers(sheet, share))
    agree = told = 0
    triples = zip(_numbers(sheet, base), _numbers(sheet, count), _numbers(sheet, share), strict=True)
    for total, part, said in triples:
        if total and part is not None and said is not None:
            told += 1
            agree += abs(part / total - said) < _PERCENT_TOLERANCE
    return agree >= _MOST * told


def _numbers(sheet: _Sheet, at: int) -> Iterator[float | None]:
    column = sheet.headings[at].column
    for number in sheet.rows:
        row = sheet.grid.values[number]
        try:
            yield read_cell(row[column] if column < len(row) else None)[0]
        except UnreadableCellError:
            yield None
