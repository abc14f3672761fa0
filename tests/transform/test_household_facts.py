"""Who is a dependant and who an adult, and whose age is known: hclic-spec 2.10, Code of Guidance 8.6."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.transform.test_marts import LAST_DAY, case, person
from tests.transform.warehouse import built, ref

CHILD, OTHER = "dependent_child", "other_child"
# Relationship, what the export says, and whether the person is a dependant on the last day of the quarter.
DEPENDANTS: list[tuple[str, dict[str, Any], bool]] = [
    (OTHER, {"age": 15}, True),
    (OTHER, {"age": 16}, False),
    (OTHER, {"age": 16, "in_education": True}, True),
    (OTHER, {"age": 18, "in_education": True}, True),
    (OTHER, {"age": 19, "in_education": True}, False),
    (OTHER, {"age": 16, "unable_to_support": True}, True),
    (OTHER, {"age": 18, "unable_to_support": True}, True),
    (OTHER, {"age": 19, "unable_to_support": True}, False),
    (OTHER, {"age": 15, "lives_with_applicant": False}, False),
    (OTHER, {"age": 15, "lives_with_applicant": True}, True),
    (OTHER, {}, False),
    (CHILD, {}, True),
    (CHILD, {"age": 18}, True),
    (CHILD, {"age": 19}, False),
    # The export's own flag is believed, whatever the age; the heads of the household are never dependants.
    (OTHER, {"age": 40, "dependent": True}, True),
    (CHILD, {"age": 3, "dependent": False}, False),
    ("partner", {"age": 15}, False),
    ("partner", {"age": 15, "dependent": True}, False),
]
# What the export says, and whether the age is known.
KNOWN_AGES: list[tuple[dict[str, Any], bool]] = [
    ({"age": 30}, True),
    ({"date_of_birth": LAST_DAY.replace(year=1990)}, True),
    ({"age": 30, "date_of_birth": LAST_DAY.replace(year=1990)}, True),
    ({}, False),
]


@cache
def members() -> dict[tuple[str, int], tuple[bool, bool, bool]]:
    """Dependant, dependant when the case was assessed, and age known, of the second member of a case each."""
    people = [(relationship, values) for relationship, values, _ in DEPENDANTS]
    people += [("other_adult", values) for values, _ in KNOWN_AGES]
    rows = [
        one
        for number, (relationship, values) in enumerate(people, start=1)
        for one in (person("main_applicant", number, age=40), person(relationship, number, no=2, **values))
    ]
    with built(main=[case(number) for number in range(1, len(people) + 1)], people=rows) as con:
        found = con.execute(
            "select case_ref, person_no, is_dependent, was_dependent_at_assessment, is_age_known from ages"
        ).fetchall()
    return {(case_ref, number): (now, then, known) for case_ref, number, now, then, known in found}


@pytest.mark.parametrize("place", range(len(DEPENDANTS)), ids=[f"{one[0]}-{one[1]}" for one in DEPENDANTS])
def test_who_is_a_dependant(place: int) -> None:
    """An age without a day of birth is the same on every day."""
    expected = DEPENDANTS[place][2]
    assert members()[ref(place + 1), 2][:2] == (expected, expected)


@pytest.mark.parametrize("place", range(len(KNOWN_AGES)))
def test_an_age_is_known_by_a_number_or_a_day_of_birth(place: int) -> None:
    assert members()[ref(len(DEPENDANTS) + place + 1), 2][2] is KNOWN_AGES[place][1]


def test_who_is_no_dependant_and_sixteen_or_of_unknown_age_is_an_adult() -> None:
    """The heads always; hclic-spec 2.10, household composition."""
    others = [{"age": 16}, {"age": 15, "dependent": False}, {}, {"age": 15, "dependent": True}]
    people = [person("main_applicant", age=15), person("partner", no=2, age=15)]
    people += [person("other_adult", no=number, **values) for number, values in enumerate(others, start=3)]
    with built(main=[case()], people=people) as con:
        row = con.execute("select count_adults, count_dependent_children, count_people from members").fetchone()
    assert row == (4, 1, 6)
