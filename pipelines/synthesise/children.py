"""Children in temporary accommodation over several quarters: TA1's children and TA8's ages, from quarters of birth.

Who was born in a quarter reaches each age in the quarter of the same season: the quarter of birth gives the age at the
end of every quarter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.synthesise.applicants import YOUNG
from pipelines.synthesise.case import Member, Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.codes import FAMILIES
from pipelines.synthesise.deal import split
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.stock import Stock
from pipelines.synthesise.tracks import Margin, Track, by_quarters, settle_margin

Quarters = tuple[int, ...]
OF_AGE = 18
_NOT_ADULT = 16
QUARTERS_A_YEAR = 4
_PLENTY = 10**9
_MANY = 5
_GROWN = 8
"""Dependants of age are 18 or 19 when the household comes."""


def age_at(quarter: int, born: int) -> int:
    """Age at the end of a quarter of somebody born in another, negative before birth."""
    return (quarter - born) // QUARTERS_A_YEAR


@dataclass
class Asked:
    """What the quarters ask of children."""

    families: dict[Quarters, list[Track]]
    others: dict[Quarters, list[Track]]
    children: list[int]
    """Dependants at the end of each quarter."""
    ages: list[dict[int, int] | None]
    """Others under 18 than main applicants by age, None where no table has them."""

    def room(self) -> dict[tuple[int, int], int]:
        """How many of each age each quarter takes."""
        return {(k, age): n for k, ages in enumerate(self.ages) if ages is not None for age, n in ages.items()}


@dataclass
class Dealt:
    """Quarters of birth of the people of each class of households."""

    dependent: dict[Quarters, list[int]] = field(default_factory=dict)
    not_dependent: dict[Quarters, list[int]] = field(default_factory=dict)


def own_ages(tracks: Sequence[Track], margins: Sequence[Margin | None], rng: Draws) -> None:
    """Single years of age of the main applicants of 16 and 17, as TA8 has room for them."""
    room = {(k, int(age)): n for k, m in enumerate(margins) if m is not None for age, n in m.values.items()}
    for track in tracks:
        births = own_births(track)
        if not births:
            continue
        rng.shuffle(births)
        young = [stay.quarter for stay in track.stays if stay.age == YOUNG and stay.kind != "own"]
        born = max(births, key=lambda b: min((room.get((k, age_at(k, b)), _PLENTY) for k in young), default=0))
        be_born(track, born)
        _take(room, [(k, age_at(k, born)) for k in young], 1)


def own_births(track: Track) -> list[int]:
    """Quarters in which a main applicant who is 16 or 17 can have been born; none for any other."""
    young = [stay.quarter for stay in track.stays if stay.age == YOUNG]
    if not young:
        return []
    grown = next((s.quarter for s in track.stays if s.quarter > young[-1] and s.age != YOUNG), None)
    of_age = [grown] if grown is not None else range(young[-1] + 1, young[-1] + 9)
    births = [quarter - OF_AGE * QUARTERS_A_YEAR for quarter in of_age]
    return [born for born in births if age_at(young[0], born) >= _NOT_ADULT]


def be_born(track: Track, born: int) -> None:
    """Give a main applicant of 16 or 17 the single years of age that follow from a quarter of birth."""
    for stay in track.stays:
        if stay.age == YOUNG:
            stay.own_age = age_at(stay.quarter, born)


def ages_printed(
    sheets: Sequence[Sheet], stocks: Sequence[Stock], tracks: Sequence[Track], rng: Draws
) -> list[Margin | None]:
    """TA8 of each quarter, settled."""
    young = Counter(s.quarter for t in tracks for s in t.stays if s.age == YOUNG and s.kind != "own")
    found = []
    for k, (sheet, stock) in enumerate(zip(sheets, stocks, strict=True)):
        paths = sheet.paths("TA8")
        total = sheet.count("TA8", paths[0]) if paths else None
        found.append(settle_margin(sheet, "TA8", stock.children + young[k] if total is None else total, str, rng))
    return found


def asked_of(stocks: Sequence[Stock], margins: Sequence[Margin | None], tracks: Sequence[Track]) -> Asked:
    """What is left for children once the main applicants of 16 and 17 are counted."""
    applicants = _applicants(tracks)
    ages = [
        None if m is None else {int(a): max(n - applicants[(k, int(a))], 0) for a, n in m.values.items()}
        for k, m in enumerate(margins)
    ]
    families = by_quarters([t for t in tracks if t.household in FAMILIES])
    others = by_quarters([t for t in tracks if t.household not in FAMILIES])
    return Asked(families, others, [stock.children for stock in stocks], ages)


def pack_children(asked: Asked, rng: Draws) -> Dealt:
    """The longest there first, in proportion to what all their quarters have; who is there for one takes the rest."""
    made = Dealt()
    room = asked.room()
    left = list(asked.children)
    sizes = [sum(len(f) for q, f in asked.families.items() if k in q) for k in range(len(left))]
    extra = [max(n - size, 0) / size if size else 0.0 for n, size in zip(left, sizes, strict=True)]
    minors = [
        1.0 if ages is None else min(sum(ages.values()) / max(n, 1), 1.0)
        for ages, n in zip(asked.ages, asked.children, strict=True)
    ]
    spare = [max(n - size, 0) for n, size in zip(left, sizes, strict=True)]
    for quarters in sorted(asked.families, key=lambda q: (-len(q), q)):
        if len(quarters) > 1:
            size = len(asked.families[quarters])
            more = int(size * min(extra[k] for k in quarters) + rng.random())
            seats = size + min(more, *(spare[k] for k in quarters))
            born = _births(asked, quarters, size, seats - size, sizes, room, rng)
            young = round((seats - len(born)) * min(minors[k] for k in quarters))
            people = _arriving(quarters, young, room, rng)
            people += _of_age(quarters, seats - len(born) - len(people), rng)
            made.dependent[quarters] = people + born
            for k in quarters:
                there = sum(b <= k for b in made.dependent[quarters])
                left[k] -= there
                spare[k] -= there - size
    for k in range(len(left)):
        _last(asked, made, k, left[k], room, rng)
    return made


def _births(
    asked: Asked,
    quarters: Quarters,
    size: int,
    most: int,
    sizes: Sequence[int],
    room: dict[tuple[int, int], int],
    rng: Draws,
) -> list[int]:
    """Children born while their household is there, as many as its share of those under one."""
    born: list[int] = []
    for q in range(quarters[0] + 1, quarters[-1] + 1):
        ages = asked.ages[q]
        if ages is None:
            continue
        wanted = int(size * ages.get(0, 0) / QUARTERS_A_YEAR / max(sizes[q], 1) + rng.random())
        cells = [(k, age_at(k, q)) for k in quarters if k >= q]
        number = max(min(wanted, most - len(born), *(room.get(cell, _PLENTY) for cell in cells)), 0)
        _take(room, cells, number)
        born += [q] * number
    return born


def _take(room: dict[tuple[int, int], int], cells: Sequence[tuple[int, int]], number: int) -> None:
    for cell in cells:
        if cell in room:
            room[cell] -= number


def _arriving(quarters: Quarters, seats: int, room: dict[tuple[int, int], int], rng: Draws) -> list[int]:
    """Quarters of birth of so many children born before the household came, as all its quarters have room."""
    births = list(range(quarters[0] - OF_AGE * QUARTERS_A_YEAR + 1, quarters[0] + 1))
    rng.shuffle(births)
    cells = {b: [(k, age_at(k, b)) for k in quarters if age_at(k, b) < OF_AGE] for b in births}
    rooms = [min((room.get(cell, _PLENTY) for cell in cells[b]), default=_PLENTY) for b in births]
    people: list[int] = []
    shares = split(seats, [float(max(min(r, seats), 0)) for r in rooms], rng)
    for born, share in [*zip(births, shares, strict=True), *((b, seats) for b in births)]:
        number = max(min(share, seats - len(people), *(room.get(cell, _PLENTY) for cell in cells[born])), 0)
        _take(room, cells[born], number)
        people += [born] * number
    return people


def _of_age(quarters: Quarters, number: int, rng: Draws) -> list[int]:
    oldest = quarters[0] - OF_AGE * QUARTERS_A_YEAR
    return [oldest - rng.randint(0, _GROWN - 1) for _ in range(number)]


def _last(asked: Asked, made: Dealt, k: int, left: int, room: dict[tuple[int, int], int], rng: Draws) -> None:
    """Those who are there in this quarter only take what is left of its children."""
    alone = asked.families.get((k,), [])
    seats = max(left, len(alone)) if alone else 0
    if asked.ages[k] is None:
        made.dependent[(k,)] = _arriving((k,), seats, room, rng)
        return
    pool = [age for age in range(OF_AGE) for _ in range(max(room[(k, age)], 0))]
    surplus = len(pool) - seats
    if surplus > 0:
        # The youngest: they count as no adults in any quarter.
        taken, pool = pool[:surplus], pool[surplus:]
        if alone or (k,) in asked.others:
            made.not_dependent[(k,)] = [_born(k, age, rng) for age in taken]
    rng.shuffle(pool)
    people = [_born(k, age, rng) for age in pool[:seats]]
    made.dependent[(k,)] = people + _of_age((k,), seats - len(people), rng)


def _born(quarter: int, age: int, rng: Draws) -> int:
    return quarter - QUARTERS_A_YEAR * age - rng.randrange(QUARTERS_A_YEAR)


def seat_children(asked: Asked, dealt: Dealt, tracks: Sequence[Track], rng: Draws) -> None:
    """Give the people to the households of their class, each family one child at least before any has two."""
    for track in tracks:
        members: list[Member] = []
        for stay in track.stays:
            stay.members = members
        if track.household in FAMILIES and not track.placed:
            members += [Member(rng.randint(-64, -8), True) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    for quarters, group in asked.families.items():
        _seat(group, dealt.dependent.get(quarters, []), quarters[0], rng)
    for quarters, people in dealt.not_dependent.items():
        _seat_others(asked, quarters, people, rng)
    for track in tracks:
        for stay in track.stays:
            _describe(stay)


def _describe(stay: Stay) -> None:
    members = stay.members or []
    ages = [(age_at(stay.quarter, member.born), member.dependent) for member in members]
    stay.minors = [(age, dependent) for age, dependent in ages if 0 <= age < OF_AGE]
    stay.grown = sum(age >= OF_AGE and dependent for age, dependent in ages)
    stay.children = sum(age >= 0 and dependent for age, dependent in ages)


def _seat(group: Sequence[Track], people: Sequence[int], first: int, rng: Draws) -> None:
    there = [born for born in people if born <= first]
    rng.shuffle(there)
    # Those born before the window first: the household is a family in every quarter that counts its case.
    there.sort(key=lambda born: born >= 0)
    order = list(group)
    rng.shuffle(order)
    for track, born in zip(order, there, strict=False):
        track.stays[0].members.append(Member(born, True))  # type: ignore[union-attr]
    for born in [*there[len(order) :], *(b for b in people if b > first)]:
        track = rng.choice(order)
        if len(track.stays[0].members or []) >= _MANY:
            track = rng.choice(order)
        track.stays[0].members.append(Member(born, True))  # type: ignore[union-attr]


def _seat_others(asked: Asked, quarters: Quarters, people: Sequence[int], rng: Draws) -> None:
    """Members who are no dependants: of 16 and over only where that makes no other household of it."""
    anyone = [*asked.others.get(quarters, []), *asked.families.get(quarters, [])]
    many = [track for track in anyone if track.household.startswith("three_adults")]
    for born in people:
        places = many if many and age_at(quarters[-1], born) >= 16 else anyone
        if places:
            rng.choice(places).stays[0].members.append(Member(born, False))  # type: ignore[union-attr]


def printed_counts(
    sheets: Sequence[Sheet], margins: Sequence[Margin | None]
) -> dict[tuple[int, int | None], tuple[str, str, int]]:
    """Table, column and count of each printed figure of children, by quarter and age; ``None`` for all dependants."""
    found: dict[tuple[int, int | None], tuple[str, str, int]] = {}
    for k, (sheet, margin) in enumerate(zip(sheets, margins, strict=True)):
        path = sheet.find("TA1", "Total number of children")
        count = None if path is None else sheet.count("TA1", path)
        if path is not None and count is not None:
            found[(k, None)] = ("TA1", path, count)
        for column, ages, number in () if margin is None else margin.printed:
            if len(ages) == 1:
                found[(k, int(next(iter(ages))))] = ("TA8", column, number)
    return found


def misses(
    dealt: Dealt, tracks: Sequence[Track], printed: Mapping[tuple[int, int | None], tuple[str, str, int]]
) -> int:
    """How many printed counts the people do not give."""
    reached = _applicants(tracks)
    for people, dependent in ((dealt.dependent, True), (dealt.not_dependent, False)):
        for quarters, births in people.items():
            for born, n in Counter(births).items():
                for k in quarters:
                    if 0 <= age_at(k, born) < OF_AGE:
                        reached[(k, age_at(k, born))] += n
                    if dependent and born <= k:
                        reached[(k, None)] += n
    return sum(reached[key] != number for key, (_, _, number) in printed.items())


def _applicants(tracks: Sequence[Track]) -> Counter[tuple[int, int | None]]:
    return Counter((s.quarter, s.own_age) for t in tracks for s in t.stays if s.age == YOUNG and s.kind != "own")
