"""Children over several quarters by the exact solver, where the quick way misses a printed count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.synthesise.applicants import YOUNG
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.children import (
    OF_AGE,
    QUARTERS_A_YEAR,
    Asked,
    Dealt,
    Quarters,
    age_at,
    be_born,
    own_births,
)
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.solver import OutOfTimeError, Solver
from pipelines.synthesise.tracks import Track, nearest

_SECONDS = 10.0
_NOT_ADULT = 16
_MOST = 7
_GROWN = 8
Key = tuple[int, int | None]


class _People:
    """The model: how many of each class are born in each quarter."""

    def __init__(self, asked: Asked, quarters: int, *, likely_only: bool) -> None:
        self.model = Model()
        self.terms: dict[Key, list[tuple[int, int]]] = {}
        self.dependent: dict[Quarters, dict[int, int]] = {}
        self.grown: dict[Quarters, int] = {}
        self.others: dict[Quarters, dict[int, int]] = {}
        self.applicants: list[tuple[Track, dict[int, int]]] = []
        for key, group in asked.families.items():
            self._family(key, len(group), 1 if likely_only else _MOST)
        for key in () if likely_only else {**asked.families, **asked.others}:
            self._others(key, quarters - 1)

    def _count(self, variable: int, quarters: Sequence[int], born: int, *, is_dependent: bool) -> None:
        for k in quarters:
            age = age_at(k, born)
            if 0 <= age < OF_AGE:
                self.terms.setdefault((k, age), []).append((variable, 1))
            if is_dependent and born <= k:
                self.terms.setdefault((k, None), []).append((variable, 1))

    def _family(self, key: Quarters, size: int, births_each: int) -> None:
        first = key[0]
        oldest = first - OF_AGE * QUARTERS_A_YEAR
        births = self.dependent[key] = {}
        for born in range(oldest + 1, key[-1] + 1):
            births[born] = self.model.variable(0, size * _MOST)
            self._count(births[born], key, born, is_dependent=True)
        grown = self.grown[key] = self.model.variable(0, size * _MOST)
        self._count(grown, key, oldest, is_dependent=True)
        there = [(v, 1) for born, v in births.items() if born <= first]
        self.model.law([*there, (grown, 1)], size, size * _MOST, "every family has a child")
        later = [(v, 1) for born, v in births.items() if born > first]
        if later:
            self.model.law(later, 0, size * births_each, "so many children are born to a family at most")

    def _others(self, key: Quarters, last: int) -> None:
        """Members who are no dependants; none turns 16 in the window, or the household would have an adult more."""
        births = self.others[key] = {}
        first = max(key[0] - OF_AGE * QUARTERS_A_YEAR, last - _NOT_ADULT * QUARTERS_A_YEAR) + 1
        for born in range(first, min(key[0], 0)):
            births[born] = self.model.variable(0, _MOST, cost=1)
            self._count(births[born], key, born, is_dependent=False)

    def applicant(self, track: Track) -> None:
        """A main applicant of 16 or 17, born in one of the quarters in which that can be."""
        births = {born: self.model.variable(0, 1) for born in own_births(track)}
        self.model.law([(v, 1) for v in births.values()], 1, 1, "an applicant is born once")
        young = [stay.quarter for stay in track.stays if stay.age == YOUNG and stay.kind != "own"]
        for born, variable in births.items():
            self._count(variable, young, born, is_dependent=False)
        self.applicants.append((track, births))


def exact_children(
    sheets: Sequence[Sheet],
    asked: Asked,
    printed: Mapping[Key, tuple[str, str, int]],
    tracks: Sequence[Track],
    rng: Draws,
) -> Dealt | None:
    """People of each class who come as near to the printed counts as any, None where time runs out.

    ``printed`` counts main applicants of 16 and 17 in; their single years of age are given anew.
    """
    for likely_only in (True, False):
        people = _People(asked, len(sheets), likely_only=likely_only)
        for track in tracks:
            if own_births(track):
                people.applicant(track)
        for key, (table, column, number) in printed.items():
            cell = CellRef(str(sheets[key[0]].quarter), table, column)
            people.model.printed(cell, people.terms.get(key, []), number)
        values = _answer(people.model) if likely_only else nearest(people.model, _SECONDS)
        if values is not None:
            return _read(people, values, rng)
    return None


def _answer(model: Model) -> list[int] | None:
    try:
        return Solver(model, _SECONDS).answer()
    except OutOfTimeError:
        return None


def _read(people: _People, values: Sequence[int], rng: Draws) -> Dealt:
    made = Dealt()
    for key, births in people.dependent.items():
        oldest = key[0] - OF_AGE * QUARTERS_A_YEAR
        made.dependent[key] = [born for born, v in births.items() for _ in range(values[v])]
        made.dependent[key] += [oldest - rng.randrange(_GROWN) for _ in range(values[people.grown[key]])]
    for key, births in people.others.items():
        made.not_dependent[key] = [born for born, v in births.items() for _ in range(values[v])]
    for track, births in people.applicants:
        be_born(track, next(born for born, v in births.items() if values[v]))
    return made
