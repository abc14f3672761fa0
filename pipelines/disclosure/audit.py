"""How well counts are hidden: what a reader can say of each from every figure and every relation between them.

A count is safe when two sets of counts that agree with all that is printed differ in it by enough. Most are shown to be
safe by changing a few counts so that every relation stays true; for the others a solver (HiGHS) looks for the least and
the most that the count can be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from pipelines.disclosure.rounding import NO_LIMIT
from pipelines.disclosure.system import System
from pipelines.disclosure.thresholds import FEWEST_VALUES

SLACK = "slack"
"""The first word in the name of what only makes an inequality an equation, and is no count of anybody."""

_AROUND = 300
"""Counts that the solver may change besides: those nearest to the one looked at, the others keep their value."""

_WHOLE = 1e-6
"""How far from a whole number a solution of the solver may be that is one."""

_LONGEST = 60
"""Counts that a change made by hand may touch before it is given up."""


def exposed(system: System, numbers: Iterable[int] | None = None) -> list[int]:
    """The printed or hidden counts that can be fewer than three values, by number.

    Counts whose value is known anyway, such as those of an official table, are none of them, and one that can be two
    values by what is known from elsewhere may be no fewer (``System.room``).
    """
    chosen = range(len(system.cells)) if numbers is None else numbers
    values = system.values
    least, most = list(values), list(values)
    doubtful = []
    for number in chosen:
        window = system.windows[number]
        wanted = _wanted(system, number)
        is_known = window.low == window.high and number not in system.known
        if is_known or not wanted or system.is_public(number) or system.cells[number][0] == SLACK:
            continue
        # Two at once say enough alone; one up and one down do together.
        for distance in (wanted, 1):
            for sign in (1, -1):
                if most[number] - least[number] >= wanted:
                    break
                change = _change(system, number, sign * distance)
                for other, by in change.items():
                    value = values[other] + by
                    # Tens of thousands of times: min and max would cost as much as all else here.
                    if value < least[other]:
                        least[other] = value
                    elif value > most[other]:
                        most[other] = value
        if most[number] - least[number] < wanted:
            doubtful.append(number)
    found = []
    for number in doubtful:
        wanted = _wanted(system, number)
        if most[number] - least[number] >= wanted:
            continue
        near = _Near(system, number, _AROUND)
        for sign in (1, -1):
            # Others in doubt are drawn along, so that one answer speaks for many.
            pulls = {
                other: sign / 64
                for other in near.free
                if other != number and most[other] - least[other] < FEWEST_VALUES - 1
            }
            for other, value in near.solved({**pulls, number: float(sign)}).items():
                least[other], most[other] = min(least[other], value), max(most[other], value)
            if most[number] - least[number] >= wanted:
                break
        if most[number] - least[number] < wanted:
            low, high = near.bounds(number)
            if high - low < wanted:
                found.append(number)
    return found


def _wanted(system: System, number: int) -> int:
    return min(system.room.get(number, FEWEST_VALUES - 1), FEWEST_VALUES - 1)


def _change(system: System, number: int, by: int) -> dict[int, int]:
    """Changes of some counts, ``by`` of this one, that leave every relation and figure true; none found: empty."""
    for totals_first in (True, False):
        found = _repaired(system, number, by, totals_first=totals_first)
        if found is not None:
            return found
    return {}


def _repaired(system: System, number: int, by: int, *, totals_first: bool) -> dict[int, int] | None:
    """Each relation that a change upsets is mended by its other counts, as far as the figures of each allow."""
    values, windows, equations = system.values, system.windows, system.equations
    changed: dict[int, int] = {}
    residual: dict[int, int] = {}
    waiting: deque[int] = deque()

    def apply(other: int, change: int) -> None:
        changed[other] = change
        for equation, factor in system.of_cell[other]:
            residual[equation] = residual.get(equation, 0) + factor * change
            waiting.append(equation)

    window = windows[number]
    if not window.low <= values[number] + by <= window.high:
        return None
    apply(number, by)
    while waiting:
        equation = waiting.popleft()
        off = residual[equation]
        if not off:
            continue
        terms = equations[equation]
        if totals_first:
            # Mostly what stands first is enough, and the others need not be looked at.
            factor, other = terms[0]
            if other not in changed and abs(factor) == 1:
                window, change = windows[other], -off * factor
                room = window.high - values[other] if change > 0 else values[other] - window.low
                if room >= abs(off) and len(changed) < _LONGEST:
                    apply(other, change)
                    continue
        candidates = []
        for place, (factor, other) in enumerate(terms):
            if other in changed:
                continue
            window = windows[other]
            up = -off * factor > 0
            room = window.high - values[other] if up else values[other] - window.low
            if room > 0:
                # What is to be mended first stands first; a count in few relations upsets few others.
                first = (place == 0) != totals_first
                candidates.append((first, -min(room, abs(off)), len(system.of_cell[other]), place, factor, other, room))
        candidates.sort()
        for _, _, _, _, factor, other, room in candidates:
            take = min(room, abs(off))
            apply(other, -factor * take if off > 0 else factor * take)
            off = residual[equation]
            if not off:
                break
        if off or len(changed) > _LONGEST:
            return None
    return changed


def bounds(system: System, number: int) -> tuple[int, int]:
    """The least and the most that a count can be, in whole numbers, by every relation there is."""
    return _Near(system, number, None).bounds(number)


class _Near:
    """The counts that are related to one, at most so many of the nearest, the others fixed at what they are.

    To fix some can only narrow what is found, so that what is safe here is safe.
    """

    def __init__(self, system: System, number: int, most: int | None) -> None:
        highspy = _highs()
        self.free = free = _around(system, number, most)
        self.place = place = {other: column for column, other in enumerate(free)}
        starts, columns, factors, right = [0], [], [], []
        for equation in sorted({equation for other in free for equation, _ in system.of_cell[other]}):
            fixed = 0
            for factor, other in system.equations[equation]:
                if other in place:
                    columns.append(place[other])
                    factors.append(float(factor))
                else:
                    fixed += factor * system.values[other]
            starts.append(len(columns))
            right.append(float(-fixed))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(free), len(right)
        lp.col_cost_ = np.zeros(len(free))
        windows = [system.windows[other] for other in free]
        lp.col_lower_ = np.array([float(window.low) for window in windows])
        lp.col_upper_ = np.array(
            [highspy.kHighsInf if window.high >= NO_LIMIT else float(window.high) for window in windows]
        )
        lp.row_lower_ = lp.row_upper_ = np.array(right)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(columns, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(factors)
        self._is_whole = False
        """Whether the solver is held to whole numbers, which costs it much: only where it does not come to them."""
        self.model = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1)):
            self.model.setOptionValue(option, value)
        self.model.passModel(lp)

    def solved(self, pulls: Mapping[int, float]) -> dict[int, int]:
        """The counts of a solution in which the weighted sum of these counts is the most."""
        costs = np.zeros(len(self.free))
        for other, pull in pulls.items():
            costs[self.place[other]] = -pull
        columns = np.arange(len(self.free), dtype=np.int32)
        self.model.changeColsCost(len(columns), columns, costs)
        self.model.run()
        solution = np.array(self.model.getSolution().col_value)
        if not self._is_whole and np.abs(solution - np.rint(solution)).max(initial=0) > _WHOLE:
            # Sums of counts: as good as always the best solution is one in whole numbers, found in a tenth of the time.
            whole = np.full(len(columns), _highs().HighsVarType.kInteger)
            self.model.changeColsIntegrality(len(columns), columns, whole)
            self._is_whole = True
            self.model.run()
            solution = np.array(self.model.getSolution().col_value)
        found = np.rint(solution).astype(int).tolist()
        return {other: found[column] for other, column in self.place.items()}

    def bounds(self, number: int) -> tuple[int, int]:
        """The least and the most that a count can be."""
        return self.solved({number: -1.0})[number], self.solved({number: 1.0})[number]


def _around(system: System, number: int, most: int | None) -> list[int]:
    seen, queue = {number: None}, deque([number])
    while queue and (most is None or len(seen) < most):
        for equation, _ in system.of_cell[queue.popleft()]:
            for _, other in system.equations[equation]:
                if other not in seen:
                    seen[other] = None
                    queue.append(other)
    return list(seen)


@cache
def _highs() -> Any:
    import highspy

    return highspy
