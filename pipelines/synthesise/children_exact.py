"""Children over several quarters by the exact solver, where the quick way misses a printed count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.children import OF_AGE, QUARTERS_A_YEAR, Asked, Dealt, Quarters, age_at
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.proof import fewest_missed
from pipelines.synthesise.exact.solver import OutOfTimeError

_SECONDS = 10.0
_NOT_ADULT = 16
_MOST = 7
_BIRTH, _GROWN, _NOT_DEPENDENT = 1, 5, 50


def exact_children(
    sheets: Sequence[Sheet], asked: Asked, printed: Mapping[tuple[int, int | None], tuple[str, str, int]], rng: Draws
) -> Dealt | None:
    """People of each class with whom the fewest printed counts are missed, None where time runs out."""
    model = Model()
    terms: dict[tuple[int, int | None], list[tuple[int, int]]] = {}
    dependent: dict[Quarters, dict[int, int]] = {}
    not_dependent: dict[Quarters, dict[int, int]] = {}
    grown: dict[Quarters, int] = {}

    def count(variable: int, quarters: Quarters, born: int, is_dependent: bool) -> None:
        for k in quarters:
            age = age_at(k, born)
            if 0 <= age < OF_AGE:
                terms.setdefault((k, age), []).append((variable, 1))
            if is_dependent and born <= k:
                terms.setdefault((k, None), []).append((variable, 1))

    for quarters, group in asked.families.items():
        first, size = quarters[0], len(group)
        dependent[quarters] = {}
        for born in range(first - OF_AGE * QUARTERS_A_YEAR + 1, quarters[-1] + 1):
            most = size * _MOST if born <= first else size
            variable = model.variable(0, most, cost=_BIRTH if born > first else 0)
            dependent[quarters][born] = variable
            count(variable, quarters, born, True)
        grown[quarters] = model.variable(0, size * _MOST, cost=_GROWN)
        count(grown[quarters], quarters, first - OF_AGE * QUARTERS_A_YEAR, True)
        there = [(v, 1) for born, v in dependent[quarters].items() if born <= first]
        model.law([*there, (grown[quarters], 1)], size, size * _MOST, "every family has a child in each quarter")
        later = [(v, 1) for born, v in dependent[quarters].items() if born > first]
        if later:
            model.law(later, 0, size, "at most one child is born to a family")
    last = len(sheets) - 1
    for quarters in {**asked.families, **asked.others}:
        not_dependent[quarters] = {}
        youngest = last - _NOT_ADULT * QUARTERS_A_YEAR + 1
        for born in range(max(quarters[0] - OF_AGE * QUARTERS_A_YEAR + 1, youngest), min(quarters[0], 0)):
            variable = model.variable(0, _MOST, cost=_NOT_DEPENDENT)
            not_dependent[quarters][born] = variable
            count(variable, quarters, born, False)
    for (k, age), (table, column, number) in printed.items():
        model.printed(CellRef(str(sheets[k].quarter), table, column), terms.get((k, age), []), number)
    try:
        values = fewest_missed(model, _SECONDS).values
    except OutOfTimeError:
        return None
    made = Dealt()
    for quarters, births in dependent.items():
        oldest = quarters[0] - OF_AGE * QUARTERS_A_YEAR
        people = [born for born, v in births.items() for _ in range(values[v])]
        made.dependent[quarters] = people + [oldest - rng.randint(0, 7) for _ in range(values[grown[quarters]])]
    for quarters, births in not_dependent.items():
        made.not_dependent[quarters] = [born for born, v in births.items() for _ in range(values[v])]
    return made
