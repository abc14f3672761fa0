"""The fewest printed cells that give way, each with those it clashes with and the sum that forces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import lcm

from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.solver import Contradiction, OutOfTimeError, Solver


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

    Raises:
        OutOfTimeError: not even an answer was found.
    """
    solver = Solver(model, seconds)
    rows_of: dict[CellRef, list[int]] = {}
    for number, row in enumerate(model.rows):
        if row.cell is not None:
            rows_of.setdefault(row.cell, []).append(number)
    clashes: list[Clash] = []
    proved = True
    while True:
        missed = _fewest_hit([clash.cells for clash in clashes], model)
        without = frozenset(n for cell in missed for n in rows_of[cell])
        values = solver.answer(without)
        if values is not None:
            break
        clash = _clash(solver, without, rows_of)
        if not clash.cells:
            raise OutOfTimeError("The laws of the model alone have no answer.")
        clashes.append(clash)
    if missed:
        values = _nearest(model, missed, rows_of, seconds, values)
    return Outcome(values, missed, tuple(clashes), proved)


def _clash(solver: Solver, without: frozenset[int], rows_of: dict[CellRef, list[int]]) -> Clash:
    """Cells that clash, none to spare: from a weighted sum of rows where there is one, else by leaving out in turn."""
    model = solver.model
    numbers = [n for rows in rows_of.values() for n in rows]
    found = solver.contradiction(without, numbers)
    every = frozenset(numbers)
    left_out = {model.rows[n].cell for n in without}
    if found is None:
        core = [cell for cell in rows_of if cell not in left_out]
    else:
        core = list(dict.fromkeys(c for n in found.rows if (c := model.rows[n].cell) is not None))
    # Few cells first: whether they clash alone is asked of each cell in turn.
    for cell in list(core):
        fewer = [c for c in core if c != cell]
        kept = frozenset(n for c in fewer for n in rows_of[c])
        if solver.answer(every - kept) is None:
            core = fewer
    kept = frozenset(n for c in core for n in rows_of[c])
    again = solver.contradiction(every - kept, kept)
    return Clash(tuple(core), _sentence(model, again, core))


def _sentence(model: Model, found: Contradiction | None, core: Sequence[CellRef]) -> str:
    """The sum that forces the clash, from its weights; without weights, that no whole numbers fit."""
    if found is None:
        names = ", ".join(f"{c.table} {c.column_path}" for c in core)
        return f"no whole numbers of households fit {names} together"
    scale = lcm(*(weight.denominator for weight in found.multipliers))
    sides: dict[bool, list[str]] = {True: [], False: []}
    sums = {True: 0, False: 0}
    laws: list[str] = []
    most = 0
    columns: dict[int, int] = {}
    for number, fraction in zip(found.rows, found.multipliers, strict=True):
        row, weight = model.rows[number], int(fraction * scale)
        for variable, coefficient in row.terms:
            columns[variable] = columns.get(variable, 0) + weight * coefficient
        if row.cell is None:
            most += max(weight * row.low, weight * row.high)
            if row.says not in laws:
                laws.append(row.says)
            continue
        side = weight > 0
        bound = row.high if side else row.low
        sides[side].append(f"{'' if abs(weight) == 1 else f'{abs(weight)} × '}{row.says} ({bound:,})")
        sums[side] += abs(weight) * bound
    least = sum(min(c * model.lows[v], c * model.highs[v]) for v, c in columns.items())
    # The weighted sum of the rows lies between what the variables allow (least) and what the rows do (most and cells).
    more = least - most
    large = [*sides[False], *([f"{more:,} more at least"] if more > 0 else [])]
    allowed = f" less {-more:,} at most" if more < 0 else ""
    because = f" ({'; '.join(laws)})" if laws else ""
    return (
        f"{' + '.join(sides[True]) or 'nothing'} = {sums[True]:,}, which can be no less than "
        f"{' + '.join(large) or 'nothing'}{allowed} = {sums[False] + more:,}{because}"
    )


def _fewest_hit(sets: list[tuple[CellRef, ...]], model: Model) -> frozenset[CellRef]:
    """The fewest cells of which every set holds one; of several such the ones with the highest priority."""
    if not sets:
        return frozenset()
    priority: dict[CellRef, int] = {}
    for row in model.rows:
        if row.cell is not None:
            priority[row.cell] = max(priority.get(row.cell, row.priority), row.priority)
    cells = sorted({cell for group in sets for cell in group})
    for size in range(1, len(sets) + 1):
        hits = [
            chosen
            for chosen in combinations(cells, size)
            if all(any(cell in group for cell in chosen) for group in sets)
        ]
        if hits:
            return frozenset(max(hits, key=lambda chosen: (sum(priority[c] for c in chosen), chosen)))
    raise AssertionError("A set of cells without a cell")


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
