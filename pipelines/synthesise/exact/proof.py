"""The fewest printed cells that give way, each with those it clashes with and the sum that forces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd, lcm

from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.solver import Contradiction, OutOfTimeError, Solver

# So many laws a sentence names; a chain of quarters can rest on dozens.
_LAWS = 8


@dataclass(frozen=True)
class Clash:
    """Printed cells that cannot hold together, none of them to spare, and why in a sentence."""

    cells: tuple[CellRef, ...]
    sentence: str


@dataclass(frozen=True)
class Outcome:
    """An answer that misses as few printed cells as can be, and the clashes that prove it.

    ``missed`` has the cells that give way; ``proved`` is false where time ran out before the proof was whole.
    """

    values: list[int]
    missed: frozenset[CellRef]
    clashes: tuple[Clash, ...]
    proved: bool


def fewest_missed(model: Model, seconds: float = 60.0) -> Outcome:
    """Values of all variables of the model that miss as few printed cells as possible.

    Clashes are found one after another, each between cells of which none can be spared; the cells that give way are
    the fewest that leave none of the clashes whole, so that fewer cannot be enough.

    Where the time is up, ``proved`` is false and the cells missed are those of every clash found so far; ``values`` is
    empty where even without them no answer was found.
    """
    alike = _alike(model)
    standing = {cells[0] for cells in alike}
    fewer = replace(model, rows=[row for row in model.rows if row.cell is None or row.cell in standing])
    rows_of: dict[CellRef, list[int]] = {}
    for number, row in enumerate(fewer.rows):
        if row.cell is not None:
            rows_of.setdefault(row.cell, []).append(number)
    clashes: list[Clash] = []
    try:
        values, missed = _settled(Solver(fewer, seconds), rows_of, alike, clashes)
    except OutOfTimeError:
        missed = frozenset(cell for clash in clashes for cell in clash.cells)
        values = _any_answer(fewer, missed, rows_of, seconds / 4)
        return _outcome(model, values, missed, alike, clashes, proved=False)
    if missed:
        values = _nearest(fewer, missed, rows_of, seconds, values)
    return _outcome(model, values, missed, alike, clashes, proved=True)


def _alike(model: Model) -> list[list[CellRef]]:
    """Cells that print the same of the same variables: all of them hold or none, and the first stands for all."""
    rows: dict[CellRef, list[tuple[object, ...]]] = {}
    for row in model.rows:
        if row.cell is not None:
            rows.setdefault(row.cell, []).append((row.terms, row.low, row.high))
    groups: dict[tuple[tuple[object, ...], ...], list[CellRef]] = {}
    for cell, printed in rows.items():
        groups.setdefault(tuple(printed), []).append(cell)
    return list(groups.values())


def _outcome(
    model: Model,
    values: list[int],
    missed: frozenset[CellRef],
    alike: list[list[CellRef]],
    clashes: list[Clash],
    *,
    proved: bool,
) -> Outcome:
    """The outcome with every cell that is alike to a missed one, each with a clash of its own."""
    says = {row.cell: row.says for row in model.rows if row.cell is not None}
    more: list[Clash] = []
    every = set(missed)
    for first, *others in alike:
        of_first = next((clash for clash in clashes if first in clash.cells), None)
        if first in missed and of_first is not None:
            for other in others:
                cells = tuple(other if cell == first else cell for cell in of_first.cells)
                more.append(Clash(cells, of_first.sentence.replace(says[first], says[other])))
                every.add(other)
    return Outcome(values, frozenset(every), (*clashes, *more), proved)


def _settled(
    solver: Solver,
    rows_of: dict[CellRef, list[int]],
    alike: list[list[CellRef]],
    clashes: list[Clash],
) -> tuple[list[int], frozenset[CellRef]]:
    """Values and the cells that give way; each clash is added to ``clashes`` when it is found."""
    while True:
        missed = _fewest_hit([clash.cells for clash in clashes], solver.model, alike)
        without = frozenset(n for cell in missed for n in rows_of[cell])
        values = solver.answer(without)
        if values is not None:
            return values, missed
        clash = _clash(solver, without, rows_of)
        if not clash.cells:
            raise OutOfTimeError("The laws of the model alone have no answer.")
        clashes.append(clash)


def _any_answer(
    model: Model, missed: frozenset[CellRef], rows_of: dict[CellRef, list[int]], seconds: float
) -> list[int]:
    try:
        return Solver(model, seconds).answer(frozenset(n for cell in missed for n in rows_of[cell])) or []
    except OutOfTimeError:
        return []


def _clash(solver: Solver, without: frozenset[int], rows_of: dict[CellRef, list[int]]) -> Clash:
    """Cells that clash, none to spare: from a weighted sum of rows where there is one, else by leaving out in turn."""
    model = solver.model
    numbers = [n for rows in rows_of.values() for n in rows]
    found = solver.contradiction(without, numbers)
    every = frozenset(numbers)
    left_out = {model.rows[n].cell for n in without}

    def clash(cells: Sequence[CellRef]) -> bool:
        return solver.answer(every - {n for c in cells for n in rows_of[c]}) is None

    core = [cell for cell in rows_of if cell not in left_out]
    if found is not None:
        fewer = list(dict.fromkeys(c for n in found.rows if (c := model.rows[n].cell) is not None))
        if found.is_checked or clash(fewer):
            core = fewer
    # Large parts are left out first, so that a clash of few among many cells takes few questions.
    size = max(len(core) // 2, 1) if len(core) > 8 else 1
    while True:
        place = 0
        while place < len(core):
            fewer = core[:place] + core[place + size :]
            if len(core) > 1 and clash(fewer):
                core = fewer
            else:
                place += size
        if size == 1:
            break
        size = max(size // 2, 1)
    kept = frozenset(n for c in core for n in rows_of[c])
    return Clash(tuple(core), _sentence(model, solver.contradiction(every - kept, kept), core))


def _sentence(model: Model, found: Contradiction | None, core: Sequence[CellRef]) -> str:
    """The sum that forces the clash, from its weights; without weights, that no whole numbers fit."""
    if found is None or not found.is_checked:
        names = ", ".join(f"{c.table} {c.column_path}" for c in core)
        return f"no whole numbers of households fit {names} together"
    scale = lcm(*(weight.denominator for weight in found.multipliers))
    weights = [int(weight * scale) for weight in found.multipliers]
    # Printed cells are whole: what all their weights share is taken out of the sum, and the rest rounded up.
    shared = gcd(*(w for n, w in zip(found.rows, weights, strict=True) if model.rows[n].cell is not None)) or 1
    sides: dict[bool, list[str]] = {True: [], False: []}
    sums = {True: 0, False: 0}
    laws: list[str] = []
    most = 0
    columns: dict[int, int] = {}
    for number, weight in zip(found.rows, weights, strict=True):
        row = model.rows[number]
        for variable, coefficient in row.terms:
            columns[variable] = columns.get(variable, 0) + weight * coefficient
        if row.cell is None:
            most += max(weight * row.low, weight * row.high)
            if row.says not in laws:
                laws.append(row.says)
            continue
        side = weight > 0
        bound = row.high if side else row.low
        times = abs(weight) // shared
        sides[side].append(f"{'' if times == 1 else f'{times:,} × '}{row.says} ({bound:,})")
        sums[side] += times * bound
    least = sum(min(c * model.lows[v], c * model.highs[v]) for v, c in columns.items())
    # The weighted sum of the rows lies between what the variables allow (least) and what the rows do (most and cells).
    more = -((most - least) // shared)
    large = [*sides[False], *([f"{more:,} more at least"] if more > 0 else [])]
    allowed = f" less {-more:,} at most" if more < 0 else ""
    told = [*laws[:_LAWS], *([f"and {len(laws) - _LAWS} more"] if len(laws) > _LAWS else [])]
    because = f" ({'; '.join(told)})" if laws else ""
    return (
        f"{' + '.join(sides[True]) or 'nothing'} = {sums[True]:,}, which can be no less than "
        f"{' + '.join(large) or 'nothing'}{allowed} = {sums[False] + more:,}{because}"
    )


def _fewest_hit(sets: list[tuple[CellRef, ...]], model: Model, alike: list[list[CellRef]]) -> frozenset[CellRef]:
    """The fewest cells of which every set holds one; of several such the ones with the highest priority.

    A cell that stands for others that are alike counts as all of them.

    Raises ``OutOfTimeError``.
    """
    if not sets:
        return frozenset()
    priority: dict[CellRef, int] = {}
    for row in model.rows:
        if row.cell is not None:
            priority[row.cell] = max(priority.get(row.cell, row.priority), row.priority)
    cells = sorted({cell for group in sets for cell in group})
    first = max(abs(priority[cell]) for cell in cells)
    steep = 1 + len(cells) * (2 * first + 1)
    choice = Model()
    number = {group[0]: len(group) for group in alike}
    of_cell = {cell: choice.variable(0, 1, steep * number[cell] + first - priority[cell]) for cell in cells}
    for group in sets:
        choice.law([(of_cell[cell], 1) for cell in group], 1, len(group), "one of the clash gives way")
    values = Solver(choice).answer(best=True)
    if values is None:
        raise AssertionError("A set of cells without a cell")
    return frozenset(cell for cell, variable in of_cell.items() if values[variable])


def _nearest(
    model: Model, missed: frozenset[CellRef], rows_of: dict[CellRef, list[int]], seconds: float, values: list[int]
) -> list[int]:
    """An answer in which the missed cells are as near to what is printed as they can be."""
    elastic = Model(list(model.lows), list(model.highs), list(model.costs), [])
    given_up = {n for cell in missed for n in rows_of[cell]}
    steep = 1 + 1000 * max((abs(c) for c in model.costs), default=0)
    for number, row in enumerate(model.rows):
        if number not in given_up:
            elastic.rows.append(row)
            continue
        over, under = (elastic.variable(cost=steep) for _ in range(2))
        elastic.rows.append(replace(row, terms=(*row.terms, (over, -1), (under, 1)), cell=None))
    try:
        near = Solver(elastic, seconds).answer()
    except OutOfTimeError:
        near = None
    return values if near is None else near[: len(model.lows)]
