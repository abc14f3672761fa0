"""Where the authority's own printed row contradicts itself, and by how much: only that is a published defect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.emit.tables.contributions import Cell
from pipelines.published.identities import WrongColumn, identities_for, wrong_columns
from pipelines.published.identity import Identity, Kind


@dataclass(frozen=True)
class Defect:
    """``size``: how much more is printed than the rest of the row allows."""

    size: int
    reason: str


def defects(quarter: str, printed: Mapping[Cell, int], ours: Mapping[Cell, int]) -> dict[Cell, Defect]:
    """The printed counts that their own row refutes, among those that are not ours.

    A sum that does not hold names no culprit. A cell is one where putting right what is printed there mends every sum
    that it stands in, and where the row itself points to it: more sums than one, a column known to be wrong in that
    quarter, or nothing left over once it is put right.

    Args:
        quarter: whose identities hold.
        printed: every count that is printed as a number in the authority's row.
        ours: our counts of the same cells.
    """
    equal = [one for one in identities_for(quarter) if one.kind is Kind.EQUAL and _members(one) <= printed.keys()]
    known = {
        (item.table, item.column_path): item.reason
        for items in _by_table(quarter).values()
        for item in items
        if not any(_copied(item, cell) for item in items for cell in printed)
    }
    sums: dict[Cell, list[int]] = {}
    for at, one in enumerate(equal):
        for cell in (one.printed, *one.parts):
            sums.setdefault(cell, []).append(at)
    row, found = dict(printed), {}
    while culprit := _culprit(row, ours, equal, sums, known):
        cell, stands_for, why = culprit
        found[cell] = Defect(printed[cell] - stands_for, why)
        row[cell] = stands_for
    found |= _out_of_bounds(quarter, row, ours)
    return found


def copied_columns(quarter: str, printed: Mapping[Cell, int]) -> dict[Cell, str]:
    """Columns that print another column's figures in this very row, with the reason: nothing can be told from them."""
    found: dict[Cell, str] = {}
    for table, items in _by_table(quarter).items():
        own = [item for item in items if (table, item.column_path) in printed]
        copies = [
            printed[table, item.column_path] == printed[other]
            for item in own
            for other in printed
            if _copied(item, other)
        ]
        if copies and all(copies):
            found |= {(table, item.column_path): item.reason for item in own}
    return found


def _by_table(quarter: str) -> dict[str, list[WrongColumn]]:
    found: dict[str, list[WrongColumn]] = {}
    for item in wrong_columns(quarter):
        found.setdefault(item.table, []).append(item)
    return found


def _copied(item: WrongColumn, other: Cell) -> bool:
    """Whether the column is known to print the figures of another, which its reason names by table and path."""
    return other[0] != item.table and f"prints {other[0]} {other[1]} " in f"{item.reason} "


def contradictions(quarter: str, printed: Mapping[Cell, int]) -> Iterator[tuple[Identity, int]]:
    """The sums of the row that do not hold, each with what the total has more than its parts."""
    for one in identities_for(quarter):
        if one.kind is Kind.EQUAL and _members(one) <= printed.keys() and (over := _over(one, printed)):
            yield one, over


def _members(one: Identity) -> set[Cell]:
    return {one.printed, *one.parts}


def _over(one: Identity, row: Mapping[Cell, int]) -> int:
    return row[one.printed] - sum(row[part] for part in one.parts)


def _stands_for(one: Identity, cell: Cell, row: Mapping[Cell, int]) -> int:
    """What the other cells of an identity say that this one should be."""
    return row[cell] - _over(one, row) if cell == one.printed else row[cell] + _over(one, row)


def _culprit(
    row: Mapping[Cell, int],
    ours: Mapping[Cell, int],
    equal: Sequence[Identity],
    sums: Mapping[Cell, Sequence[int]],
    known: Mapping[Cell, str],
) -> tuple[Cell, int, str] | None:
    """The cell that is to be put right next, what the row says that it should be, and why; ``sums`` names its sums."""
    broken = {at for at, one in enumerate(equal) if _over(one, row)}
    candidates: list[tuple[int, bool, bool, Cell, int]] = []
    for cell in dict.fromkeys(cell for at in sorted(broken) for cell in (equal[at].printed, *equal[at].parts)):
        if cell not in ours or ours[cell] == row[cell]:
            continue
        said = {_stands_for(equal[at], cell, row) for at in sums[cell]}
        if len(said) == 1 and (value := said.pop()) >= 0:
            mended = len(broken.intersection(sums[cell]))
            candidates.append((mended, cell in known, ours[cell] == value, cell, value))
    for mended, is_known, closes, cell, value in sorted(candidates, reverse=True):
        own = broken.intersection(sums[cell])
        rivals = [other for other in candidates if other[3] != cell and own.intersection(sums[other[3]])]
        if (closes and not any(other[2] for other in rivals if other[0] >= mended)) or (
            (is_known or mended > 1) and all((other[0], other[1]) < (mended, is_known) for other in rivals)
        ):
            return cell, value, known.get(cell) or "the other printed figures of the row add up to another"
    return None


def _out_of_bounds(quarter: str, row: Mapping[Cell, int], ours: Mapping[Cell, int]) -> dict[Cell, Defect]:
    """Printed figures beyond what others leave room for, by how far, where one alone of them is not ours."""
    found: dict[Cell, Defect] = {}
    for one in identities_for(quarter):
        if one.kind is Kind.EQUAL or not row.keys() >= set(one.refs):
            continue
        low, high = one.bounds(row)
        above = max(0, row[one.printed] - high) if high is not None else 0
        below = max(0, low - row[one.printed]) if low is not None else 0
        differing = [cell for cell in one.refs if cell in ours and ours[cell] != row[cell]]
        if len(differing) != 1 or bool(above) == bool(below):
            continue
        cell = differing[0]
        size = above - below if cell == one.printed else below - above
        if (row[cell] - ours[cell]) * size > 0 and (cell == one.printed or one.kind is not Kind.DEGREES):
            found[cell] = Defect(size, f"the other printed figures of the row leave no room for it ({one.name})")
    return found
