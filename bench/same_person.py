"""How well the same person is found under two references: precision and recall on invented people with known slips.

``python -m bench.same_person [--cases 300 3000 60000] [--write]``: people by seed, some of them under a second
reference with slips of the keyboard, linked by ``pipelines.people``; prints the tables, or writes
``bench/same_person.md``.

The rates of slips are assumed, as the model's m probabilities are, but they are not those: a rate here is what one
record of two gets wrong, and towns are measured in which there are few slips and many, and many names and few. Names
are made of syllables, none is drawn from a register. With many names the commonest forename has about 2 in 100 people
and the commonest surname 1 in 100; with few names 5 and 3 in 100.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import polars as pl

from pipelines.people.candidates import THRESHOLD
from pipelines.people.linking import PERSON, Linked, link
from pipelines.people.model import REPEATS

RESULTS = Path(__file__).with_name("same_person.md")
SEED = 20260
THRESHOLDS = (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
AUTHORITY = "E06000034"
LAST_DAY = date(2025, 9, 30)
STREETS = ("Invented Row", "Nowhere Street", "Sample Close", "Specimen Road", "Imaginary Lane", "Placeholder Way")


@dataclass(frozen=True)
class Slips:
    """Shares of second records in which each thing went another way."""

    name: str
    forename_typo: float = 0.03
    forename_short: float = 0.03
    forename_longer: float = 0.03
    forename_other: float = 0.015
    exchanged: float = 0.005
    surname_typo: float = 0.03
    surname_married: float = 0.04
    surname_double: float = 0.02
    day_and_month: float = 0.015
    one_figure: float = 0.02
    other_birthday: float = 0.01
    no_birthday: float = 0.01
    no_nino: float = 0.30
    nino_typo: float = 0.02
    other_nino: float = 0.01
    moved: float = 0.60
    address_typo: float = 0.10
    names: tuple[int, int] = (400, 6_000)
    """How many forenames and surnames there are to bear."""


FEW = Slips("few slips, many names")
FEW_NAMES = Slips("few slips, few names", names=(60, 150))
MANY = Slips(
    "many slips, many names",
    forename_typo=0.08,
    forename_short=0.06,
    forename_longer=0.06,
    forename_other=0.04,
    exchanged=0.02,
    surname_typo=0.08,
    surname_married=0.08,
    surname_double=0.04,
    day_and_month=0.04,
    one_figure=0.05,
    other_birthday=0.03,
    no_birthday=0.04,
    no_nino=0.60,
    nino_typo=0.05,
    other_nino=0.03,
    moved=0.80,
    address_typo=0.15,
)


@dataclass
class Human:
    """One person, as they are."""

    number: int
    forename: str
    surname: str
    born: date
    nino: str | None
    address: str | None
    twin_of: int | None = None
    family: int = 0
    namesake_of: int | None = None


@dataclass
class Town:
    """``rows``: one per person and reference, in the columns of the linking, and ``human``: who it is."""

    rows: list[dict[str, object]] = field(default_factory=list)
    humans: dict[int, Human] = field(default_factory=dict)


class Maker:
    """Makes a town by a seed."""

    def __init__(self, cases: int, slips: Slips, seed: int) -> None:
        self.cases, self.slips, self.draw = cases, slips, random.Random(seed)
        syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ai", "el", "or", "an", "is")]
        self.draw.shuffle(syllables)
        forenames, surnames = slips.names
        self._forenames = self._names(syllables, forenames, 2)
        self._surnames = self._names(syllables, surnames, 3)
        self._hostels = [f"{number} Hostel Yard" for number in range(1, max(3, cases // 2_000) + 1)]
        self.town, self._case, self._next = Town(), 0, 0

    def _names(self, syllables: list[str], count: int, parts: int) -> tuple[list[str], list[float]]:
        found: dict[str, None] = {}
        while len(found) < count:
            found["".join(self.draw.choice(syllables) for _ in range(parts)).capitalize()] = None
        weights = [1 / (rank + 10) ** 0.9 for rank in range(count)]
        return list(found), [sum(weights[: rank + 1]) for rank in range(count)]

    def forename(self) -> str:
        """One of the forenames, common ones more often."""
        names, cumulated = self._forenames
        return self.draw.choices(names, cum_weights=cumulated)[0]

    def surname(self) -> str:
        """One of the surnames, common ones more often."""
        names, cumulated = self._surnames
        return self.draw.choices(names, cum_weights=cumulated)[0]

    def make(self) -> Town:
        """Households until there are enough cases, a share of them twice."""
        while self._case < self.cases:
            household = self._household()
            self._record(household, is_first=True)
            if self.draw.random() < 0.04:
                again = [human for human in household if human is household[0] or self.draw.random() < 0.85]
                self._record(again, is_first=False)
            self._relatives(household)
        return self.town

    def _human(self, ages: tuple[int, int], surname: str, address: str | None, nino: float, family: int) -> Human:
        self._next += 1
        days = self.draw.randint(int(ages[0] * 365.25), int((ages[1] + 1) * 365.25) - 1)
        born = LAST_DAY - timedelta(days=days)
        if self.draw.random() < 0.015:
            born = born.replace(month=1, day=1)
        number = (
            f"QQ{self.draw.randint(0, 999_999):06d}{self.draw.choice('ABCD')}" if self.draw.random() < nino else None
        )
        human = Human(self._next, self.forename(), surname, born, number, address, family=family)
        self.town.humans[human.number] = human
        return human

    def _household(self) -> list[Human]:
        draw, surname = self.draw, self.surname()
        kind = draw.random()
        address = (
            None
            if kind < 0.2
            else draw.choice(self._hostels)
            if kind < 0.25
            else f"{draw.randint(1, 250)} {self.surname()} {draw.choice(STREETS)}"
        )
        family = self._next + 1
        household = [self._human((17, 68), surname, address, 0.7, family)]
        if draw.random() < 0.3:
            other = surname if draw.random() < 0.6 else self.surname()
            household.append(self._human((17, 68), other, address, 0.5, family))
        for _ in range(draw.choices((0, 1, 2, 3, 4), (42, 20, 20, 12, 6))[0]):
            child = self._human((0, 17), surname if draw.random() < 0.85 else self.surname(), address, 0.0, family)
            household.append(child)
            if draw.random() < 0.015:
                twin = replace(child, number=self._next + 1, forename=self.forename(), twin_of=child.number)
                self._next += 1
                self.town.humans[twin.number] = twin
                household.append(twin)
        return household

    def _relatives(self, household: list[Human]) -> None:
        """Grown children of the family who apply on their own: some have left this household, some bear its name."""
        draw, parent = self.draw, household[0]
        for child in household[1:]:
            if child.born.year <= 2009 and draw.random() < 0.1:
                self._record([child], is_first=False)
        if (LAST_DAY - parent.born).days > 40 * 365 and draw.random() < 0.04:
            son = self._human((17, 21), parent.surname, parent.address, 0.6, parent.family)
            if draw.random() < 0.25:
                son.forename, son.namesake_of = parent.forename, parent.number
            self._record([son], is_first=True)

    def _record(self, household: list[Human], *, is_first: bool) -> None:
        self._case += 1
        moved = f"{self.draw.randint(1, 250)} {self.surname()} {self.draw.choice(STREETS)}"
        has_moved, surname = self.draw.random() < self.slips.moved, self.surname()
        for number, human in enumerate(household, start=1):
            row: dict[str, object] = {
                "person_key": f"{AUTHORITY}_{self._case:012d}/{number}",
                "case_ref": f"{AUTHORITY}_{self._case:012d}",
                "forename": human.forename,
                "surname": human.surname,
                "date_of_birth": human.born,
                "nino": human.nino,
                "last_address": human.address,
                "human": human.number,
            }
            if not is_first:
                row |= self._slipped(human, number, moved if has_moved else human.address, surname)
            self.town.rows.append(row)

    def _slipped(self, human: Human, number: int, address: str | None, married: str) -> dict[str, object]:
        draw, slips = self.draw, self.slips
        forename, surname, born, nino = human.forename, human.surname, human.born, human.nino
        chance = draw.random()
        for share, changed in (
            (slips.forename_typo, self._typo(forename)),
            (slips.forename_short, forename[: draw.choice((1, 3))]),
            (slips.forename_longer, f"{forename} {self.forename()}"),
            (slips.forename_other, self.forename()),
        ):
            if 0 <= chance < share:
                forename = changed
            chance -= share
        chance = draw.random()
        for share, changed in (
            (slips.surname_typo, self._typo(surname)),
            (slips.surname_married if number == 1 else slips.surname_married / 4, married),
            (slips.surname_double, f"{surname}-{married}"),
        ):
            if 0 <= chance < share:
                surname = changed
            chance -= share
        if draw.random() < slips.exchanged:
            forename, surname = surname, forename
        birthday = self._birthday(born)
        if nino is not None:
            chance = draw.random()
            if chance < slips.no_nino:
                nino = None
            elif chance < slips.no_nino + slips.nino_typo:
                nino = f"QQ{self._figures(nino[2:8])}{nino[8]}"
            elif chance < slips.no_nino + slips.nino_typo + slips.other_nino:
                nino = f"QQ{draw.randint(0, 999_999):06d}A"
        if address is not None and draw.random() < slips.address_typo:
            address = self._typo(address).replace("Road", "Rd").upper()
        return {
            "forename": forename,
            "surname": surname,
            "date_of_birth": birthday,
            "nino": nino,
            "last_address": address,
        }

    def _birthday(self, born: date) -> date | None:
        draw, slips = self.draw, self.slips
        chance = draw.random()
        if chance < slips.no_birthday:
            return None
        chance -= slips.no_birthday
        if chance < slips.day_and_month and born.day <= 12:
            return born.replace(day=born.month, month=born.day)
        chance -= slips.day_and_month
        if 0 <= chance < slips.one_figure:
            return self._one_figure(born)
        chance -= slips.one_figure
        if 0 <= chance < slips.other_birthday:
            return born + timedelta(days=draw.randint(-900, 900))
        return born

    def _one_figure(self, born: date) -> date:
        while True:
            text = list(born.isoformat())
            place = self.draw.choice((2, 3, 5, 6, 8, 9))
            text[place] = str(self.draw.randint(0, 9))
            try:
                found = date.fromisoformat("".join(text))
            except ValueError:
                continue
            if found <= LAST_DAY and found != born:
                return found

    def _figures(self, figures: str) -> str:
        place = self.draw.randrange(len(figures) - 1)
        if self.draw.random() < 0.5:
            return figures[:place] + figures[place + 1] + figures[place] + figures[place + 2 :]
        return figures[:place] + str(self.draw.randint(0, 9)) + figures[place + 1 :]

    def _typo(self, text: str) -> str:
        place = self.draw.randrange(1, max(2, len(text) - 1))
        kind = self.draw.randrange(4)
        letter = self.draw.choice("abcdefghijklmnopqrstuvwxyz")
        if kind == 0:
            return text[:place] + text[place + 1 :]
        if kind == 1:
            return text[:place] + letter + text[place:]
        if kind == 2:
            return text[:place] + letter + text[place + 1 :]
        return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


@dataclass(frozen=True)
class Measured:
    """What came of one town. ``true``: pairs of one person by key, ``found``: the pairs above the lowest threshold with
    their weight."""

    cases: int
    slips: Slips
    people: int
    seconds: float
    memory: float
    true: dict[tuple[str, str], int]
    linked: Linked
    town: Town

    def at(self, threshold: float) -> tuple[int, int, int]:
        """Pairs listed, right ones among them, and right ones that are missed."""
        pairs = self.linked.pairs.filter(pl.col("match_weight") >= threshold).select("person_a", "person_b").rows()
        right = sum(pair in self.true for pair in pairs)
        return len(pairs), right, len(self.true) - right


def measure(cases: int, slips: Slips, seed: int = SEED) -> Measured:
    """Make a town and link it."""
    town = Maker(cases, slips, seed).make()
    people = pl.DataFrame(town.rows, infer_schema_length=None)
    refs: dict[int, list[str]] = {}
    for row in town.rows:
        refs.setdefault(int(str(row["human"])), []).append(str(row["person_key"]))
    true = {
        (min(pair), max(pair)): human
        for human, keys in refs.items()
        for pair in combinations(keys, 2)
        if pair[0].rpartition("/")[0] != pair[1].rpartition("/")[0]
    }
    begun = time.perf_counter()
    linked = link(people.select(PERSON), min(THRESHOLDS))
    seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(people["case_ref"].n_unique(), slips, people.height, seconds, memory, true, linked, town)


def wrong_kinds(measured: Measured, threshold: float) -> Counter[str]:
    """What the wrong pairs at a threshold are."""
    who = {str(row["person_key"]): measured.town.humans[int(str(row["human"]))] for row in measured.town.rows}
    kinds: Counter[str] = Counter()
    rows = measured.linked.pairs.filter(pl.col("match_weight") >= threshold).select("person_a", "person_b").rows()
    for pair in rows:
        if pair in measured.true:
            continue
        one, other = who[pair[0]], who[pair[1]]
        if other.number in (one.twin_of, one.number) or one.number == other.twin_of:
            kinds["twins"] += 1
        elif one.namesake_of == other.number or other.namesake_of == one.number:
            kinds["parent and child of one name"] += 1
        elif one.family == other.family:
            kinds["others of one family"] += 1
        else:
            kinds["strangers"] += 1
    return kinds


def missed_kinds(measured: Measured, threshold: float) -> Iterator[tuple[str, int, int]]:
    """By what is recorded: pairs of one person, and those of them that are found."""
    rows = {str(row["person_key"]): row for row in measured.town.rows}
    found = set(measured.linked.pairs.filter(pl.col("match_weight") >= threshold).select("person_a", "person_b").rows())
    counted: dict[str, list[int]] = {}
    for pair in measured.true:
        one, other = rows[pair[0]], rows[pair[1]]
        kind = (
            "with a National Insurance number on both"
            if one["nino"] and other["nino"]
            else "with one missing on one of them"
            if measured.town.humans[measured.true[pair]].nino
            else "with none anywhere, most of them children"
        )
        tally = counted.setdefault(kind, [0, 0])
        tally[0] += 1
        tally[1] += pair in found
    for kind, (all_of, found_of) in sorted(counted.items()):
        yield kind, all_of, found_of


def report(all_measured: list[Measured]) -> Iterator[str]:
    """The tables in Markdown."""
    yield "# The same person, two references: what is found\n"
    yield (
        "Written by `python -m bench.same_person --write`. People invented by a seed, with slips of our choosing: what"
        " an authority finds depends on its own data.\n"
    )
    for measured in all_measured:
        repeated = len(measured.true) / measured.people
        yield f"## {measured.cases:,} cases, {measured.people:,} people, {measured.slips.name}\n"
        yield (
            f"{len(measured.true):,} pairs are one person: {repeated:.1%} of the people stand there once more, where"
            f" the model assumes {REPEATS:.0%}. Linked in {measured.seconds:.0f} s on one thread; the process had"
            f" {measured.memory:,.0f} MiB at most."
        )
        yield "\n| threshold | pairs listed | right | wrong | missed | precision | recall |"
        yield "|--:|--:|--:|--:|--:|--:|--:|"
        for threshold in THRESHOLDS:
            listed, right, missed = measured.at(threshold)
            precision = f"{right / listed:.1%}" if listed else "–"
            mark = " (default)" if threshold == THRESHOLD else ""
            yield (
                f"| {threshold:.0f}{mark} | {listed:,} | {right:,} | {listed - right:,} | {missed:,} | {precision} |"
                f" {right / max(1, right + missed):.1%} |"
            )
        wrong = wrong_kinds(measured, THRESHOLD)
        told = ", ".join(f"{count:,} {kind}" for kind, count in wrong.most_common()) or "none"
        yield f"\nWrong at the default: {told}. Found of the pairs"
        yield (
            "; ".join(
                f"{kind}: {found_of:,} of {all_of:,}" for kind, all_of, found_of in missed_kinds(measured, THRESHOLD)
            )
            + ".\n"
        )


def main() -> None:
    """Measure and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[300, 3_000, 60_000])
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    measured = []
    for cases in given.cases:
        for slips in (FEW, MANY, FEW_NAMES):
            measured.append(measure(cases, slips))
            print(f"{cases:,} cases, {slips.name}: linked in {measured[-1].seconds:.1f} s", flush=True)
    text = "\n".join(report(measured)) + "\n"
    if given.write:
        RESULTS.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
