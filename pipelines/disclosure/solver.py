"""The arithmetic of small numbers: which cells of sums that share cells must go so that none can be worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

_PRIME = (1 << 61) - 1

Cell = TypeVar("Cell", bound=Hashable)
"""Whatever names a cell; a line is a total and its parts."""


def suppressed_cells(
    values: Mapping[Cell, int], lines: Sequence[tuple[Cell, Sequence[Cell]]], threshold: int
) -> set[Cell]:
    """The cells to leave out: counts from 1 to ``threshold - 1``, and as many more as keep those from being worked out.

    Afterwards, in every line, (a) the parts left out beside a shown total are at least two and sum to ``threshold`` or
    more, and (b) no chain of additions and subtractions over any lines yields a cell that was left out. Of the cells
    that could be left out besides, the smallest that is not 0 goes first, and a total only when it has no part left.
    The guard for a total of two tables is a line that joins their cells.
    """
    rank = {cell: number for number, cell in enumerate(values)}
    known = [(total, tuple(parts)) for total, parts in lines if total in values]
    known = [(total, tuple(part for part in parts if part in values)) for total, parts in known]
    lines_of: dict[Cell, list[int]] = defaultdict(list)
    for number, (total, parts) in enumerate(known):
        for cell in (total, *parts):
            lines_of[cell].append(number)
    hidden = {cell for cell, value in values.items() if 0 < value < threshold}
    waiting = dict.fromkeys(sorted({number for cell in hidden for number in lines_of[cell]}))

    def hide(cell: Cell) -> None:
        hidden.add(cell)
        waiting.update(dict.fromkeys(lines_of[cell]))

    while True:
        while waiting:
            number = next(iter(waiting))
            del waiting[number]
            chosen = _one_more(known[number], values, hidden, rank, threshold)
            if chosen is not None:
                hide(chosen)
        derivable = _derivable(known, lines_of, hidden, rank)
        if derivable is None:
            return hidden
        beside = [
            cell
            for number in lines_of[derivable]
            for cell in (known[number][0], *known[number][1])
            if cell not in hidden
        ]
        if not beside:
            return hidden
        hide(min(beside, key=lambda cell: (values[cell] == 0, values[cell], rank[cell])))


def _one_more(
    line: tuple[Cell, Sequence[Cell]],
    values: Mapping[Cell, int],
    hidden: set[Cell],
    rank: Mapping[Cell, int],
    threshold: int,
) -> Cell | None:
    """A further cell to leave out of a line that has a hidden one, or None when its hidden cells are safe within it."""
    total, parts = line
    gone = [part for part in parts if part in hidden]
    left = [part for part in parts if part not in hidden]
    # With all parts shown, adding them gives a total that is left out.
    enough = len(gone) > 1 and sum(values[part] for part in gone) >= threshold
    if gone if total in hidden else enough:
        return None
    if not left:
        return None if total in hidden else total
    return min(left, key=lambda part: (values[part] == 0, values[part], rank[part]))


def _derivable(
    lines: Sequence[tuple[Cell, Sequence[Cell]]],
    lines_of: Mapping[Cell, list[int]],
    hidden: set[Cell],
    rank: Mapping[Cell, int],
) -> Cell | None:
    """The first hidden cell that the lines determine, by elimination over the hidden cells of each connected part."""
    seen: set[Cell] = set()
    for start in sorted(hidden, key=lambda cell: rank[cell]):
        if start in seen:
            continue
        numbers: set[int] = set()
        queue = [start]
        seen.add(start)
        while queue:
            cell = queue.pop()
            for number in lines_of.get(cell, ()):
                if number in numbers:
                    continue
                numbers.add(number)
                for other in (lines[number][0], *lines[number][1]):
                    if other in hidden and other not in seen:
                        seen.add(other)
                        queue.append(other)
        rows = []
        for number in sorted(numbers):
            total, parts = lines[number]
            row = dict.fromkeys((part for part in parts if part in hidden), 1)
            if total in hidden:
                row[total] = _PRIME - 1
            rows.append(row)
        found = _determined(rows)
        if found:
            return min(found, key=lambda cell: rank[cell])
    return None


def _determined(rows: Iterable[dict[Cell, int]]) -> list[Cell]:
    """Cells that a system of linear equations fixes: after elimination they stand alone in their row."""
    pivots: dict[Cell, dict[Cell, int]] = {}
    for equation in rows:
        row = dict(equation)
        for pivot in [cell for cell in row if cell in pivots]:
            _subtract(row, pivots[pivot], row.get(pivot, 0))
        if not row:
            continue
        pivot = next(iter(row))
        inverse = pow(row[pivot], _PRIME - 2, _PRIME)
        row = {cell: value * inverse % _PRIME for cell, value in row.items()}
        for other in pivots.values():
            if pivot in other:
                _subtract(other, row, other[pivot])
        pivots[pivot] = row
    return [pivot for pivot, row in pivots.items() if len(row) == 1]


def _subtract(row: dict[Cell, int], other: Mapping[Cell, int], factor: int) -> None:
    for cell, value in other.items():
        changed = (row.get(cell, 0) - factor * value) % _PRIME
        if changed:
            row[cell] = changed
        else:
            row.pop(cell, None)


def lines_of_table(
    keys: Sequence[tuple[Any, ...]], total: Hashable = "all"
) -> list[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """Lines of a table in long form: along each dimension, the row that holds ``total`` and the others beside it.

    A table that is the total of two others is one more dimension: its name is ``total``, theirs are anything else.
    """
    lines = []
    for dimension in range(len(keys[0]) if keys else 0):
        groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for key in keys:
            groups[key[:dimension] + key[dimension + 1 :]].append(key)
        for group in groups.values():
            totals = [key for key in group if key[dimension] == total]
            if totals and len(group) > 1:
                lines.append((totals[0], [key for key in group if key[dimension] != total]))
    return lines
