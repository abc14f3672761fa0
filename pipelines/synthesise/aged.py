"""An answer to the model of a chain that misses as few printed cells as can be, and the clashes that prove it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.proof import Clash, fewest_missed
from pipelines.synthesise.exact.solver import OutOfTimeError, Solver

_SECONDS = 20.0
_MANY = 24
_PRICE = 200
"""What a household off costs, in days off."""


@dataclass(frozen=True)
class Answer:
    """Values of the variables, the printed cells that give way, and the clashes that force them."""

    values: list[int]
    missed: frozenset[CellRef]
    clashes: tuple[Clash, ...]


def answer(model: Model, seconds: float = _SECONDS) -> Answer:
    """Values with which every printed cell holds, or all but as few as can be.

    Where the proof takes too long the cells are as little off together as can be, and ``clashes`` has what was proved.

    Raises:
        OutOfTimeError: no answer was found in the time.
    """
    found = fewest_missed(model, seconds)
    if found.values and found.proved:
        return Answer(found.values, found.missed, found.clashes)
    every = model.cells
    values = _near(model, every, seconds)
    missed = _off(model, values)
    fewer = _spared(model, missed, seconds) if len(missed) <= _MANY else missed
    if fewer != missed:
        values, missed = _near(model, fewer, seconds), fewer
    return Answer(values, missed, found.clashes)


def _near(model: Model, given_up: frozenset[CellRef], seconds: float) -> list[int]:
    """Values with which the cells that may give way are as little off together as can be; raises ``OutOfTimeError``."""
    values = Solver(_elastic(model, given_up), seconds).answer()
    if values is None:
        raise OutOfTimeError("The laws of the model alone have no answer.")
    return values[: len(model.lows)]


def _off(model: Model, values: list[int]) -> frozenset[CellRef]:
    return frozenset(
        row.cell
        for row in model.rows
        if row.cell is not None and not row.low <= sum(c * values[v] for v, c in row.terms) <= row.high
    )


def _spared(model: Model, missed: frozenset[CellRef], seconds: float) -> frozenset[CellRef]:
    """The cells that have to be missed still when the others of ``missed`` are."""
    solver = Solver(model, seconds)
    try:
        for cell in sorted(missed):
            fewer = missed - {cell}
            if solver.answer(frozenset(n for n, row in enumerate(model.rows) if row.cell in fewer)) is not None:
                missed = fewer
    except OutOfTimeError:
        pass
    return missed


def _elastic(model: Model, given_up: frozenset[CellRef]) -> Model:
    """The model in which some cells may be missed, at a price for each household or day that they are off."""
    # What is usual does not count against a printed cell.
    free = Model(list(model.lows), list(model.highs), [0] * len(model.costs), [])
    for row in model.rows:
        if row.cell not in given_up:
            free.rows.append(row)
            continue
        counts_days = any(abs(c) != 1 for _, c in row.terms)
        over, under = (free.variable(cost=1 if counts_days else _PRICE) for _ in range(2))
        free.rows.append(replace(row, terms=(*row.terms, (over, -1), (under, 1)), cell=None))
    return free
