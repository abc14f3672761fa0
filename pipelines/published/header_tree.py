"""Which column of a sheet is which published column: found by its labels, never by its place."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pipelines.published.grids import Grid
from pipelines.published.headings import MEASURES, SEPARATOR, clean_label, columns_ever, read_data

Path_ = tuple[str, ...]

_FLAT_PERCENT = re.compile(r"\s*(\(%\)|\(percentage\)|percentage|%)(\s*\[note \d+\])*$", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """One printed heading label and the columns that its cell, or its merged cells, cover.

    ``reach`` is the last column up to which a label that is not merged may head a group: the next label of
    its row ends it.
    """

    row: int
    first_column: int
    last_column: int
    reach: int
    text: str
    visible: bool


@dataclass(frozen=True)
class Match:
    """One column of the sheet (from 0) and the published column that it is."""

    column: int
    column_path: str
    measure: str


@dataclass(frozen=True)
class _Claim:
    rank: tuple[bool, int, bool, int]
    path: Path_
    leaf: Label


def heading_labels(grid: Grid, rows: range) -> list[Label]:
    """Labels of the heading rows, cleaned, with the columns that they cover; one of merged cells is seen in any row."""
    spans = {(r1, c1): (r2, c2) for r1, c1, r2, c2 in grid.merges}
    labels = []
    for row in rows:
        texts = [(c, _text(cell)) for c, cell in enumerate(grid.values[row])]
        filled = [(c, text) for c, text in texts if text]
        for (column, text), (following, _) in pairwise([*filled, (grid.width(), "")]):
            last_row, last = spans.get((row, column), (row, column))
            reach = max(last, following - 1)
            visible = any(covered not in grid.hidden_rows for covered in range(row, last_row + 1))
            labels.append(Label(row, column, last, reach, clean_label(text), visible))
    return labels


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _key(label: str) -> str:
    # One edition of a quarter prints "due to.." and "temporary accommodation", the next "due to:" and "TA".
    return label.rstrip(" .:").casefold().replace("temporary accommodation", "ta")


def match_columns(table: str, layout_paths: set[Path_], labels: list[Label]) -> list[Match]:
    """Every column whose labels spell a path that the table has in the quarter, or had in any other.

    Of the paths that a column's labels spell, the one whose last label is visible and lowest is taken, since
    working rows above it may be left visible by mistake; then one that the quarter is known to have; then the
    one with most ancestors. The column right of a count, under the same label or none, is its percentage.
    """
    known = columns_ever()[table]
    by_key: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        by_key[_key(label.text)].append(label)
    best: dict[int, _Claim] = {}

    def claim(column: int, new: _Claim) -> None:
        if column not in best or new.rank > best[column].rank:
            best[column] = new

    for path in known:
        for leaf in by_key.get(_key(path[-1]), ()):
            if _has_ancestors(path[:-1], leaf, by_key):
                rank = (leaf.visible, leaf.row, path in layout_paths, len(path))
                for column in range(leaf.first_column, leaf.last_column + 1):
                    claim(column, _Claim(rank, path, leaf))
    return _with_measures(known, best)


def _has_ancestors(ancestors: Path_, leaf: Label, by_key: dict[str, list[Label]]) -> bool:
    row = leaf.row
    for text in reversed(ancestors):
        above = [
            label.row
            for label in by_key.get(_key(text), ())
            if label.row < row and label.first_column <= leaf.first_column <= label.reach
        ]
        if not above:
            return False
        row = max(above)
    return True


def _with_measures(known: dict[Path_, frozenset[str]], best: dict[int, _Claim]) -> list[Match]:
    matches = []
    columns: dict[tuple[Path_, Label], list[int]] = defaultdict(list)
    for column in sorted(best):
        columns[best[column].path, best[column].leaf].append(column)
    for (path, leaf), covered in columns.items():
        name = SEPARATOR.join(path)
        has_percent = "percent" in known[path]
        if has_percent and (_FLAT_PERCENT.search(leaf.text) or known[path] == {"percent"}):
            matches.append(Match(covered[0], name, "percent"))
            continue
        matches.append(Match(covered[0], name, next(iter(known[path] - {"percent"}))))
        right = covered[0] + 1
        if has_percent and (right in covered or right not in best):
            matches.append(Match(right, name, "percent"))
    return sorted(matches, key=lambda match: match.column)


def flat_key(label: str) -> str:
    """A label of a flat heading row, folded: without note marks, percent sign and punctuation."""
    text = _FLAT_PERCENT.sub("", re.sub(r"\[note \d+\]", " ", label.casefold()).rstrip())
    text = re.sub(r"(\d)-(\d)", r"\1 to \2", text)
    text = re.sub(r"(\d)\+", r"\1 or over", text)
    text = re.sub(r"(\d) years\b", r"\1", text)
    return " ".join(re.sub(r"[^a-z0-9 ]", " ", text).split())


def _total_last(label: str) -> str:
    return f"{label.removeprefix('Total ')} Total" if label.startswith("Total ") else label


def run_together(path: Path_) -> set[str]:
    """The folded labels that a column path gives in one row: its labels in order, a leading "Total" put last."""
    return {flat_key(" ".join(path)), flat_key(" ".join([*path[:-1], _total_last(path[-1])]))}


@lru_cache(maxsize=64)
def listed_names(table: str) -> dict[tuple[str, str], list[Path_]]:
    """Other names of a column path in the flat layout of 2026 (``schemas/tables/aliases_2026.csv``), as labels.

    Each is kept for the path and every measure that a column of it may have.
    """
    names: dict[tuple[str, str], list[Path_]] = defaultdict(list)
    for row in read_data("aliases_2026.csv"):
        if row["table"] == table:
            for measure in MEASURES:
                names[row["column_path"], measure].append(tuple(row["printed"].split(SEPARATOR)))
    return dict(names)
