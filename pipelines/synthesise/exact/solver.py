"""HiGHS asked for an answer to a model, or for the rows that admit none.

What HiGHS computes in floating point is checked in whole numbers here: an answer row by row, a contradiction by its
weighted sum of rows (Farkas' lemma). Needs the extra ``exact``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from time import monotonic
from typing import Any

from pipelines.synthesise.exact.model import FREE, Model

_SECONDS = 60.0
_WHOLE = 1e-6
# HiGHS takes a number this large for no bound.
_INFINITE = 1e30


class OutOfTimeError(RuntimeError):
    """The solver found neither an answer nor a proof that there is none in the time that it was given."""


@dataclass(frozen=True)
class Contradiction:
    """Rows that cannot hold together: row numbers and multipliers, none where these could not be checked."""

    rows: tuple[int, ...]
    multipliers: tuple[Fraction, ...]

    @property
    def is_checked(self) -> bool:
        """Whether the weighted sum was computed in whole numbers and cannot hold."""
        return bool(self.multipliers)


def is_installed() -> bool:
    """Whether the solver can be asked at all."""
    return find_spec("highspy") is not None


class Solver:
    """One model in HiGHS; rows can be left out and taken back between questions.

    ``seconds`` are for all questions together.
    """

    def __init__(self, model: Model, seconds: float = _SECONDS) -> None:
        import highspy
        import numpy as np

        self.model = model
        self._until = monotonic() + seconds
        self._highspy = highspy
        starts, index, value = [0], [], []
        for row in model.rows:
            index += [v for v, _ in row.terms]
            value += [float(c) for _, c in row.terms]
            starts.append(len(index))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(model.lows), len(model.rows)
        lp.col_cost_ = np.array(model.costs, dtype=float)
        lp.col_lower_ = np.array(model.lows, dtype=float)
        lp.col_upper_ = np.array(model.highs, dtype=float)
        lows = (-_INFINITE if row.low <= -FREE else row.low for row in model.rows)
        highs = (_INFINITE if row.high >= FREE else row.high for row in model.rows)
        lp.row_lower_ = np.array(list(lows), dtype=float)
        lp.row_upper_ = np.array(list(highs), dtype=float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(value, dtype=float)
        self._lp = lp
        self._kept: Any = None
        self._left_out: frozenset[int] = frozenset()

    def _again(self, without: frozenset[int]) -> Any:
        """The model as it was asked last, so that an answer to nearly the same question is near."""
        if self._kept is None:
            self._kept = self._fresh(without)
        else:
            for number in sorted(without ^ self._left_out):
                row = self.model.rows[number]
                is_out = number in without
                low = -_INFINITE if is_out or row.low <= -FREE else row.low
                high = _INFINITE if is_out or row.high >= FREE else row.high
                self._kept.changeRowBounds(number, low, high)
            self._kept.setOptionValue("time_limit", self._kept.getRunTime() + self._seconds_left())
        self._left_out = without
        return self._kept

    def _seconds_left(self) -> float:
        left = self._until - monotonic()
        if left <= 0:
            raise OutOfTimeError("The solver was given no more time.")
        return left

    def _fresh(self, without: frozenset[int]) -> Any:
        highs = self._highspy.Highs()
        highs.silent()
        highs.setOptionValue("time_limit", self._seconds_left())
        # One thread and a fixed seed: the same question has the same answer.
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("random_seed", 0)
        highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        highs.setOptionValue("mip_feasibility_tolerance", 1e-9)
        highs.passModel(self._lp)
        for number in without:
            highs.changeRowBounds(number, -_INFINITE, _INFINITE)
        return highs

    def answer(self, without: frozenset[int] = frozenset(), *, best: bool = False) -> list[int] | None:
        """Whole values of all variables with which every row but ``without`` holds, or None when there are none.

        With ``best`` no other values have a smaller sum of costs, else hardly smaller. Raises ``OutOfTimeError``.
        """
        import numpy as np

        values = self._run(self._again(without))
        if values is None:
            return None
        if any(abs(v - round(v)) > _WHOLE for v in values):
            kinds = np.full(len(values), int(self._highspy.HighsVarType.kInteger), dtype=np.uint8)
            highs = self._fresh(without)
            highs.changeColsIntegrality(len(values), np.arange(len(values), dtype=np.int32), kinds)
            # Any whole answer will do: how likely it is decides only between answers that cost no search.
            highs.setOptionValue("mip_rel_gap", 0.0 if best else 0.05)
            values = self._run(highs)
            if values is None:
                return None
        whole = [round(v) for v in values]
        wrong = self._broken(whole, without)
        if wrong is not None:
            raise OutOfTimeError(f"The answer does not hold in whole numbers: {wrong}.")
        return whole

    def _run(self, highs: Any) -> list[float] | None:
        status = self._highspy.HighsModelStatus
        highs.run()
        found = highs.getModelStatus()
        if found == status.kInfeasible:
            return None
        if found != status.kOptimal and highs.getInfo().primal_solution_status != 2:
            raise OutOfTimeError("The solver was given no more time.")
        return list(highs.getSolution().col_value)

    def _broken(self, values: list[int], without: frozenset[int]) -> str | None:
        for number, row in enumerate(self.model.rows):
            if number not in without and not row.low <= sum(c * values[v] for v, c in row.terms) <= row.high:
                return row.says
        bounds = zip(values, self.model.lows, self.model.highs, strict=True)
        return None if all(low <= v <= high for v, low, high in bounds) else "a bound"

    def contradiction(self, without: frozenset[int], may_give_way: Iterable[int]) -> Contradiction | None:
        """The rows of a weighted sum that cannot hold, checked in whole numbers; None when fractions could hold.

        ``may_give_way`` are the rows that are tested; the others are taken as given.
        """
        import numpy as np

        highs = self._fresh(without)
        n, m = len(self.model.lows), len(self.model.rows)
        highs.changeColsCost(n, np.arange(n, dtype=np.int32), np.zeros(n))
        for number in may_give_way:
            if number not in without:
                for sign in (1.0, -1.0):
                    highs.addCol(1.0, 0.0, _INFINITE, 1, np.array([number], dtype=np.int32), np.array([sign]))
        highs.run()
        if highs.getModelStatus() != self._highspy.HighsModelStatus.kOptimal:
            raise OutOfTimeError("The laws of the model alone have no answer.")
        if highs.getInfo().objective_function_value < _WHOLE:
            return None
        duals = list(highs.getSolution().row_dual)[:m]
        kept = {i: d for i, d in enumerate(duals) if abs(d) > 1e-9}
        if not kept:
            return None
        smallest = min(map(abs, kept.values()))
        for scale in (1.0, smallest):
            weighted = {i: Fraction(d / scale).limit_denominator(1000) for i, d in kept.items()}
            for sign in (1, -1):
                signed = {i: sign * y for i, y in weighted.items() if y}
                if self._cannot_hold(signed):
                    return Contradiction(tuple(signed), tuple(signed.values()))
        return Contradiction(tuple(kept), ())

    def _cannot_hold(self, weighted: dict[int, Fraction]) -> bool:
        """Whether the weighted sum of the rows is out of reach of the variables within their bounds."""
        columns: dict[int, Fraction] = {}
        most = Fraction(0)
        for number, weight in weighted.items():
            row = self.model.rows[number]
            most += max(weight * row.low, weight * row.high)
            for variable, coefficient in row.terms:
                columns[variable] = columns.get(variable, Fraction(0)) + weight * coefficient
        least = sum(
            (min(c * self.model.lows[v], c * self.model.highs[v]) for v, c in columns.items()),
            start=Fraction(0),
        )
        return least > most
