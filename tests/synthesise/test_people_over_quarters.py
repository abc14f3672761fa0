"""People in temporary accommodation over several quarters: what one caseload can give is given."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.synthesise import codes
from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import Case, Member, Stay
from pipelines.synthesise.cells import Cell, Sheet
from pipelines.synthesise.children import age_at, own_births
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.ended import REGIONS
from pipelines.synthesise.exact.model import CellRef
from pipelines.synthesise.history import date_case
from pipelines.synthesise.household import make_people
from pipelines.synthesise.residents import describe_chain
from pipelines.synthesise.stock import HEADS, Stock
from pipelines.synthesise.tracks import Printed, Track, Way, deal_ways
from schemas.ages import age_on

FIRST = Quarter.parse("2025-Q2")
FAMILIES = ("single_parent_female", "couple_children", "three_adults_children")
OTHERS = ("single_adult_male", "couple_no_children", "three_adults_no_children")
KINDS = ("bb", "nightly", "hostel")


@dataclass
class Household:
    """One real household of an invented truth."""

    name: str
    born: int
    ethnicity: str
    away: bool
    region: str
    kind: str
    members: list[Member] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    nights: int = 0

    def band(self, quarter: int) -> str:
        age = age_at(quarter, self.born)
        return next(band for band, (low, high) in codes.AGES.items() if low <= age <= high)


def arrive(quarter: int, ethnicities: list[str], rng: random.Random) -> Household:
    is_family = rng.random() < 0.6
    born = quarter - 4 * rng.choice((16, 17, 17, 19, 23, 30, 33, 41, 52, 63)) - rng.randrange(4)
    name = rng.choice(FAMILIES if is_family else OTHERS)
    made = Household(
        name, born, rng.choice(ethnicities), rng.random() < 0.3, rng.choice(REGIONS), rng.choice((*KINDS, "own"))
    )
    if is_family:
        made.members = [
            Member(quarter - 4 * rng.randint(0, 19) - rng.randrange(4), True) for _ in range(rng.choice((1, 2, 4)))
        ]
    return made


def truth(size: int, quarters: int, staying: float, seed: int) -> tuple[list[Sheet], list[Stock], list[list[Stay]]]:
    """Sheets that print what invented households are, and their stays, of whose people nothing is said."""
    rng = random.Random(f"{size} {quarters} {staying} {seed}")
    sheets = [Sheet("E06000034", FIRST.shift(k), {}, {}) for k in range(quarters)]
    ethnicities = [codes.ethnicity(path) for path in sheets[0].paths("TA6")[1:] if not path.endswith("Total")]
    there: list[Household] = []
    found: list[list[Stay]] = []
    stocks = []
    for k, sheet in enumerate(sheets):
        there = [household for household in there if rng.random() < staying]
        new = [arrive(k, ethnicities, rng) for _ in range(max(size - len(there), 1))]
        for household in there:
            if household.members and rng.random() < 0.05:
                household.members.append(Member(k, True))
            if household.kind != "own" and rng.random() < 0.2:
                household.kind = rng.choice(KINDS)
        there += new
        for household in there:
            days = household.stays[-1].days + 91 if household.stays else rng.randint(0, 80)
            stay = Stay(k, household.kind, household.name, household.away, days=days)
            stay.stayed = bool(household.stays)
            if household.stays:
                household.stays[-1].later = stay
            household.stays.append(stay)
            household.nights += min(days, 91) if household.kind == "bb" else 0
        found.append([household.stays[-1] for household in there])
        stocks.append(count(sheet, k, there))
    return sheets, stocks, found


def count(sheet: Sheet, k: int, there: list[Household]) -> Stock:
    placed = [household for household in there if household.kind != "own"]
    ages = Counter(age_at(k, h.born) for h in placed if h.band(k) == "16-17")
    ages.update(age_at(k, m.born) for h in placed for m in h.members if m.born <= k)
    young = sum(h.kind == "bb" and h.band(k) == "16-17" for h in placed)
    over = sum(h.kind == "bb" and bool(h.members) and h.nights > 42 for h in placed)
    children = sum(m.born <= k for h in placed for m in h.members)
    put(sheet, "TA5", Counter(h.band(k) for h in placed), band_of)
    put(sheet, "TA6", Counter(h.ethnicity for h in placed), codes.ethnicity)
    put(sheet, "TA8", Counter({str(age): n for age, n in ages.items() if age < 18}), str)
    put(sheet, "TA9", Counter(f"Sent to: {h.region}" for h in there if h.away), str, only="Sent to:")
    for words, number in (
        (("Total number of children",), children),
        ((HEADS["bb"], "Total with children and resident more than 6 weeks"), over),
        ((HEADS["bb"], "Total with 16/17"), young),
    ):
        path = sheet.find("TA1", *words)
        assert path is not None
        sheet.cells[("TA1", path, "count")] = Cell("TA1", path, "count", float(number), "")
    kinds = Counter(h.kind for h in there)
    families = Counter(h.kind for h in there if h.members)
    return Stock(dict(kinds), dict(families), children, over, 0, young, sum(h.away for h in there))


def band_of(path: str) -> str:
    return path if path in codes.AGES else "nk"


def put(sheet: Sheet, table: str, counts: Mapping[str, int], code: Callable[[str], str], only: str = "") -> None:
    for path in sheet.paths(table)[1:]:
        if path.startswith(only) and not path.endswith("Total"):
            sheet.cells[(table, path, "count")] = Cell(table, path, "count", float(counts.get(code(path), 0)), "")
    if not only:
        total = sheet.paths(table)[0]
        sheet.cells[(table, total, "count")] = Cell(table, total, "count", float(sum(counts.values())), "")


def missed(sheets: list[Sheet], found: list[list[Stay]]) -> list[str]:
    """Printed cells that the stays do not give."""
    wrong = []
    for sheet, rows in zip(sheets, found, strict=True):
        placed = [row for row in rows if row.kind != "own"]
        ours = Sheet(sheet.authority, sheet.quarter, {}, {})
        ages = Counter(str(age) for row in placed for age, _ in row.minors)
        ages.update(str(row.own_age) for row in placed if row.age == "16-17")
        put(ours, "TA5", Counter(str(row.age) for row in placed), band_of)
        put(ours, "TA6", Counter(str(row.ethnicity) for row in placed), codes.ethnicity)
        put(ours, "TA8", ages, str)
        put(ours, "TA9", Counter(f"Sent to: {row.region}" for row in rows if row.away), str, only="Sent to:")
        for words, number in (
            (("Total number of children",), sum(row.children for row in placed)),
            ((HEADS["bb"], "Total with children and resident more than 6 weeks"), sum(r.over_six_weeks for r in rows)),
            ((HEADS["bb"], "Total with 16/17"), sum(r.kind == "bb" and r.age == "16-17" for r in rows)),
        ):
            path = sheet.find("TA1", *words) or ""
            ours.cells[("TA1", path, "count")] = Cell("TA1", path, "count", float(number), "")
        wrong += [
            f"{sheet.quarter} {key[0]} {key[1]}: {cell.value} printed, {ours.cells[key].value} reached"
            for key, cell in sheet.cells.items()
            if ours.cells[key].value != cell.value
        ]
    return wrong


@pytest.mark.parametrize(
    ("size", "quarters", "staying"), [(9, 2, 0.9), (9, 3, 0.6), (9, 8, 0.8), (25, 4, 0.95), (25, 8, 0.95), (40, 3, 0.5)]
)
def test_what_a_caseload_over_quarters_gives_is_reached_in_every_cell(size: int, quarters: int, staying: float) -> None:
    sheets, stocks, found = truth(size, quarters, staying, seed=1)
    describe_chain(sheets, stocks, found, "test")
    wrong = missed(sheets, found)
    assert not wrong, "\n".join(wrong)


def test_people_stay_who_they_are() -> None:
    sheets, stocks, found = truth(25, 6, 0.9, seed=2)
    describe_chain(sheets, stocks, found, "test")
    bands = list(codes.AGES)
    for stay in (stay for rows in found for stay in rows if stay.later is not None):
        later = stay.later
        assert later is not None
        assert later.ethnicity == stay.ethnicity
        assert later.members is stay.members
        assert bands.index(later.age or "") - bands.index(stay.age or "") in (0, 1)
        if stay.household in codes.FAMILIES:
            assert stay.children >= 1, "a family has a child in each of its quarters"
        if stay.over_six_weeks and later.kind == "bb":
            assert later.over_six_weeks, "nights in bed and breakfast add up"


def test_every_family_is_one_when_its_quarters_begin() -> None:
    sheets, stocks, found = truth(25, 8, 0.95, seed=3)
    describe_chain(sheets, stocks, found, "test")
    for k, rows in enumerate(found):
        for stay in rows:
            if stay.household in codes.FAMILIES:
                assert any(member.dependent and member.born <= k for member in stay.members or [])


@pytest.mark.parametrize("born", [0, 3, -1, -40, -68])
@pytest.mark.parametrize("last", [False, True])
def test_a_child_has_the_age_of_its_quarter_of_birth_whichever_day_it_is_born(born: int, last: bool) -> None:
    days = Calendar([FIRST], Draws(1)).days_of(born)
    for k in range(born, born + 80):
        counted = FIRST.shift(k).last_day
        assert pl.select(age_on(pl.lit(days[last]), counted)).item() == age_at(k, born)


def test_a_child_is_born_on_a_day_of_its_quarter_and_not_before() -> None:
    stays = [Stay(k, "hostel", "single_parent_female", authority="E06000034", duty="s193", days=400) for k in (0, 1)]
    stays[0].later, stays[1].stayed = stays[1], True
    for stay in stays:
        stay.age, stay.members = "25-34", [Member(-20, True), Member(1, True)]
    case = Case(household="single_parent_female", stays=stays, legacy=True, old=True)
    calendar = Calendar([FIRST, FIRST.shift(1)], Draws(1))
    date_case(case, calendar)
    make_people(case, calendar)
    births = [person["date_of_birth"] for person in case.people[1:]]
    assert isinstance(births[1], date)
    assert FIRST.last_day < births[1] <= FIRST.last_day + timedelta(days=92)


@pytest.mark.parametrize(
    ("bands", "ages"),
    [(("16-17",), {(16,), (17,)}), (("16-17", "18-24"), {(17,)}), (("16-17",) * 5, {(16, 16, 16, 16, 17)})],
)
def test_an_applicant_of_16_or_17_turns_18_when_the_band_says_so(
    bands: tuple[str, ...], ages: set[tuple[int, ...]]
) -> None:
    stays = [Stay(k, "hostel", "single_adult_male", age=band) for k, band in enumerate(bands)]
    young = [k for k, band in enumerate(bands) if band == "16-17"]
    found = {tuple(age_at(k, born) for k in young) for born in own_births(Track(stays))}
    assert ages <= found
    assert all(16 <= age <= 17 for years in found for age in years)
    for born in own_births(Track(stays)):
        assert all(age_at(k, born) >= 18 for k, band in enumerate(bands) if band != "16-17")


def test_what_the_quick_way_misses_the_solver_reaches() -> None:
    ref = [CellRef(str(FIRST.shift(k)), "TA6", "a") for k in (0, 1, 2)]
    sizes = {(0, 1): 1, (1, 2): 1, (0, 2): 1}
    counts = {(0, "a"): 1, (0, "b"): 1, (1, "a"): 2, (1, "b"): 0, (2, "a"): 1, (2, "b"): 1}
    printed = [Printed(ref[k], frozenset({(k, "a")}), counts[(k, "a")]) for k in (0, 1, 2)]

    def ways(key: tuple[int, ...]) -> list[Way]:
        return [Way(tuple((k, value) for k in key)) for value in ("b", "a")]

    dealt = deal_ways(sizes, ways, {}, printed)
    assert dealt == {(0, 1): [0, 1], (1, 2): [0, 1], (0, 2): [1, 0]}


@pytest.mark.parametrize(("first", "stays_over"), [("2024-Q1", True), ("2023-Q4", False)])
def test_over_six_weeks_stays_so_only_since_nights_add_up(first: str, stays_over: bool) -> None:
    quarters = [Quarter.parse(first), Quarter.parse(first).shift(1)]
    sheets = [Sheet("E06000034", quarter, {}, {}) for quarter in quarters]
    stays = [Stay(k, "bb", "single_parent_female", days=60 + 91 * k) for k in (0, 1)]
    stays[0].later, stays[1].stayed = stays[1], True
    stocks = [Stock({"bb": 1}, {"bb": 1}, 1, over, 0, 0, 0) for over in (1, 0)]
    describe_chain(sheets, stocks, [[stay] for stay in stays], "test")
    assert stays[0].over_six_weeks
    assert stays[1].over_six_weeks is stays_over


@pytest.mark.parametrize(
    ("kinds", "over"),
    [
        (("bb",) * 8, (False,) * 8),
        (("bb", "hostel", "bb", "hostel", "bb"), (False,) * 5),
        (("hostel", "bb", "bb", "bb"), (False, False, True, True)),
        (("bb", "bb", "hostel", "bb"), (False, True, False, True)),
    ],
)
def test_nights_in_bed_and_breakfast_are_over_six_weeks_just_where_they_are_counted_so(
    kinds: tuple[str, ...], over: tuple[bool, ...]
) -> None:
    stays = [
        Stay(k, kind, "single_parent_female", authority="E06000034", duty="s193", days=30 + 91 * k)
        for k, kind in enumerate(kinds)
    ]
    for stay, is_over in zip(stays, over, strict=True):
        stay.over_six_weeks, stay.children = is_over, 1
        stay.later = stays[stay.quarter + 1] if stay is not stays[-1] else None
        stay.stayed = stay.quarter > 0
    for seed in range(20):
        case = Case(household="single_parent_female", stays=stays, legacy=True, old=True)
        calendar = Calendar([FIRST.shift(k) for k in range(len(kinds))], Draws(seed))
        date_case(case, calendar)
        for stay in stays:
            last = calendar.last_days[stay.quarter]
            there = [row for row in case.placements if row.kind == "bb" and row.entry <= last]
            nights = sum((min(row.exit or last, last) - row.entry).days for row in there)
            assert stay.kind != "bb" or (nights > 42) == stay.over_six_weeks, (seed, stay.quarter, nights)
