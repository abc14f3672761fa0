"""The people of a case: as many, as old and as dependent as the tables count them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache

from pipelines.synthesise import codes
from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import Case, Stay
from pipelines.synthesise.children import age_at
from pipelines.synthesise.names import FORENAMES, STREETS, SURNAMES

_ONE = timedelta(days=1)


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 28 February for the 29th."""
    month, number = day.month, day.day
    return date(day.year - years, month, 28 if month == 2 and number == 29 else number)


@cache
def born_between(day: date, youngest: int, oldest: int) -> tuple[date, date]:
    """First and last date of birth of somebody aged between the two on ``day``."""
    return years_before(day, oldest + 1) + _ONE, years_before(day, youngest)


def draw_birth(low: date, high: date, rng: random.Random) -> date:
    """A date of birth between two, never 29 February."""
    day = low + timedelta(days=rng.randint(0, max((high - low).days, 0)))
    if day.month == 2 and day.day == 29:
        day = day - _ONE if day > low else day + _ONE
    return day


def make_people(case: Case, calendar: Calendar) -> None:
    """Fill in the people; where the composition is not known, an applicant and a member of whom nothing is."""
    rng = calendar.rng
    household = case.household or "single_adult_male"
    surname = rng.choice(SURNAMES)
    sex = _sex(household, rng)
    applicant = _person(1, "main_applicant", sex, surname, rng)
    applicant["date_of_birth"] = _applicant_birth(case, calendar)
    applicant["ethnicity"] = case.ethnicity or rng.choice(("white_british",) * 6 + ("black_african", "asian_other"))
    applicant["sexual_orientation"] = case.orientation or "heterosexual"
    applicant["gender_identity"] = case.gender_identity or "same"
    applicant["dependent"] = False
    people = [applicant]
    stay = case.stays[-1] if case.stays else None
    _children(people, case, stay, household, surname, calendar)
    _adults(people, household, surname, rng)
    if household == "nk":
        people.append({"relationship": "nk", "sex": "nk"})
    pneed = None if case.decision is None else case.decision.pneed
    if pneed == "pregnant":
        someone = next((p for p in people if p["sex"] == "female"), applicant)
        someone["pregnant"] = True
    for number, person in enumerate(people, start=1):
        person["person_no"] = number
    case.people = people


def _sex(household: str, rng: random.Random) -> str:
    if household.endswith("_male"):
        return "male"
    if household.endswith("_female"):
        return "female"
    if household.endswith("_other"):
        return rng.choice(("other", "nk"))
    return "female" if rng.random() < 0.6 else "male"


def _person(number: int, relationship: str, sex: str, surname: str, rng: random.Random) -> dict[str, object]:
    names = FORENAMES.get(sex, FORENAMES["other"])
    return {
        "person_no": number,
        "relationship": relationship,
        "sex": sex,
        "forename": rng.choice(names),
        "surname": surname,
        "dependent": False,
        "pregnant": False,
    }


def _applicant_birth(case: Case, calendar: Calendar) -> date | None:
    """A date of birth that puts the applicant into every age band asked for, None where the band is not known."""
    rng = calendar.rng
    low, high = date.min, date.max
    asked: list[tuple[date, str, int | None]] = []
    if case.assessed is not None and case.assessed_on is not None and case.age is not None:
        asked.append((case.assessed_on, case.age, None))
    for stay in case.stays:
        if stay.kind != "own" or case.assessed is None:
            asked.append((calendar.quarters[stay.quarter].last_day, stay.age or "nk", stay.own_age))
    if not asked:
        band = case.age if case.age in codes.AGES else _likely_band(case, rng)
        asked.append((case.assessed_on or case.applied_on or calendar.start, band, None))
    if any(band == "nk" for _, band, _ in asked):
        return None
    for day, band, own_age in asked:
        youngest, oldest = codes.AGES[band]
        if own_age is not None:
            youngest = oldest = own_age
        first, last = born_between(day, youngest, oldest)
        if max(low, first) <= min(high, last):
            low, high = max(low, first), min(high, last)
    return draw_birth(low, high, rng)


def _likely_band(case: Case, rng: random.Random) -> str:
    pneed = None if case.decision is None else case.decision.pneed
    if pneed == "old_age":
        return rng.choice(("65-74", "75+"))
    if pneed == "young_16_17":
        return "16-17"
    if pneed == "care_18_20":
        return "18-24"
    family = case.household in codes.FAMILIES
    return rng.choice(("25-34", "35-44", "25-34", "18-24") if family else ("18-24", "25-34", "35-44", "45-54", "55-64"))


def _children(
    people: list[dict[str, object]],
    case: Case,
    stay: Stay | None,
    household: str,
    surname: str,
    calendar: Calendar,
) -> None:
    rng = calendar.rng
    if stay is not None and stay.members is not None:
        for member in stay.members:
            born = draw_birth(*calendar.days_of(member.born), rng)
            age = age_at(stay.quarter, member.born)
            people.append(_member(age, member.dependent, born, surname, rng))
        return
    day = calendar.end if stay is None else calendar.quarters[stay.quarter].last_day
    members: list[tuple[int, bool]] = []
    if stay is not None:
        members = list(stay.minors) + [(rng.choice((18, 18, 19, 20)), True) for _ in range(stay.grown)]
    elif household in codes.FAMILIES:
        youngest = (calendar.end - calendar.start).days // 365 + (len(calendar.quarters) > 1)
        members = [(rng.randint(youngest, 15), True) for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    for age, dependent in members:
        low, high = born_between(day, age, age)
        if len(calendar.quarters) > 1 and low < calendar.start <= high:
            # Born before the window opens, so that the household is the same in every quarter of it.
            high = calendar.start - _ONE
        people.append(_member(age, dependent, draw_birth(low, high, rng), surname, rng))


def _member(age: int, dependent: bool, born: date, surname: str, rng: random.Random) -> dict[str, object]:
    relationship = "dependent_child" if dependent else "other_child" if age < 16 else "other"
    person = _person(0, relationship, rng.choice(("male", "female")), surname, rng)
    person["dependent"] = dependent
    person["date_of_birth"] = born
    return person


def _adults(people: list[dict[str, object]], household: str, surname: str, rng: random.Random) -> None:
    grown = sum(p["relationship"] == "other" for p in people)
    missing = 0
    if household.startswith("couple"):
        missing = 1
    elif household.startswith("three"):
        missing = max(2 + (rng.random() < 0.2) - grown, 0)
    applicant = people[0]
    for i in range(missing):
        is_partner = i == 0 and (household.startswith("couple") or rng.random() < 0.5)
        sex = "male" if applicant["sex"] == "female" else "female"
        if not is_partner:
            sex = rng.choice(("male", "female"))
        person = _person(0, "partner" if is_partner else "other_adult", sex, surname, rng)
        born = applicant.get("date_of_birth")
        if isinstance(born, date):
            low = born - timedelta(days=3000)
            high = min(born + timedelta(days=2000), date(2000, 1, 1))
            person["date_of_birth"] = draw_birth(min(low, high), high, rng)
        else:
            person["age"] = rng.randint(25, 60)
        people.append(person)


def finish_people(case: Case, serial: int, rng: random.Random) -> None:
    """National Insurance numbers (QQ is never issued), addresses and consent."""
    street = f"{rng.randint(1, 240)} {rng.choice(STREETS)}"
    seen: set[tuple[object, object]] = set()
    for place, person in enumerate(case.people):
        if person["relationship"] == "nk":
            continue
        born = person.get("date_of_birth")
        for _ in range(8):
            key = (person["forename"], born)
            if key not in seen:
                break
            sex = str(person["sex"])
            person["forename"] = rng.choice(FORENAMES.get(sex, FORENAMES["other"]))
        seen.add((person["forename"], born))
        adult = person["relationship"] not in {"dependent_child", "other_child"}
        person["nino"] = f"QQ{serial % 100_000:05d}{place % 10}{'ABCD'[place % 4]}" if adult else None
        person["last_address"] = street if place == 0 else None
        person["personal_data_consent"] = place > 0 or rng.random() < 0.9 if adult else None
        person["lives_with_applicant"] = True
