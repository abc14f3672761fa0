"""A person keeps their key from run to run, whatever number the export gives them."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.people.identity import SPANS, follow

BRAM = {"forename": "Bram", "surname": "Inkpen", "date_of_birth": date(2015, 1, 2), "relationship": "dependent_child"}
ORLA = {"forename": "Orla", "surname": "Inkpen", "date_of_birth": date(2015, 1, 2), "relationship": "dependent_child"}
ADA = {"forename": "Ada", "surname": "Inkpen", "date_of_birth": date(1988, 3, 7), "relationship": "main_applicant"}


def span(number: int, start: int, until: int | None, person: dict[str, Any], **changed: Any) -> dict[str, Any]:
    row = {"case_ref": "E06000034_000000000001", "person_no": number, "from_run": start, "until_run": until}
    return {**row, **person, **changed}


def keys(*spans: dict[str, Any]) -> dict[str, str]:
    """Forename, as last recorded, by the number in the key."""
    found = follow(pl.DataFrame(list(spans), schema=SPANS))
    return {key.rpartition("/")[2]: name for key, name in found.select("person_key", "forename").iter_rows()}


def test_a_household_that_stays_the_same_has_the_numbers_of_the_export() -> None:
    assert keys(span(1, 1, None, ADA), span(2, 1, None, BRAM)) == {"1": "Ada", "2": "Bram"}


def test_members_who_change_places_keep_their_keys() -> None:
    first = (span(1, 1, None, ADA), span(2, 1, 2, BRAM), span(3, 1, 2, ORLA))
    assert keys(*first, span(3, 2, None, BRAM), span(2, 2, None, ORLA)) == {"1": "Ada", "2": "Bram", "3": "Orla"}


def test_a_number_that_a_new_member_takes_over_is_not_theirs() -> None:
    new = {**BRAM, "forename": "Wren", "date_of_birth": date(2025, 8, 1)}
    assert keys(span(1, 1, None, ADA), span(2, 1, 2, BRAM), span(2, 2, None, new)) == {
        "1": "Ada",
        "2": "Bram",
        "3": "Wren",
    }


def test_a_name_put_right_is_still_the_person() -> None:
    assert keys(span(1, 1, 2, ADA, forename="Aad"), span(1, 2, None, ADA), span(2, 1, None, BRAM)) == {
        "1": "Ada",
        "2": "Bram",
    }


def test_a_birthday_put_right_is_still_the_person() -> None:
    right = span(2, 2, None, BRAM, date_of_birth=date(2015, 2, 1))
    assert keys(span(1, 1, None, ADA), span(2, 1, 2, BRAM), right) == {"1": "Ada", "2": "Bram"}


@pytest.mark.parametrize(
    "now",
    [
        {"nino": "QQ111111A", "forename": "Abram", "date_of_birth": date(2015, 2, 1), "person_no": 4},
        {"forename": "Abram", "relationship": "other_child"},
        {"forename": "Abram", "person_no": 4},
        {"date_of_birth": date(2015, 2, 1), "relationship": "other_child"},
        {"date_of_birth": date(2015, 2, 1), "person_no": 4},
    ],
    ids=["number of their own", "birthday, place", "birthday, role", "forename, place", "forename, role"],
)
def test_whatever_else_changes_one_sign_that_stays_is_enough(now: dict[str, Any]) -> None:
    before = {**BRAM, "nino": "QQ111111A" if "nino" in now else None}
    family = (span(1, 1, None, ADA), span(3, 1, None, {**ORLA, "date_of_birth": date(2017, 7, 7)}, relationship="x"))
    assert keys(*family, span(2, 1, 2, before), span(2, 2, None, before, **now)).keys() == {"1", "2", "3"}


def test_an_applicant_put_right_in_name_and_birthday_is_the_same() -> None:
    right = span(1, 2, None, ADA, forename="Adelheid", date_of_birth=date(1988, 7, 3))
    assert keys(span(1, 1, 2, ADA), right, span(2, 1, None, BRAM)) == {"1": "Adelheid", "2": "Bram"}


def test_a_child_with_nothing_in_common_is_somebody_else() -> None:
    other = span(2, 2, None, BRAM, forename="Wren", date_of_birth=date(2019, 4, 4))
    assert keys(span(1, 1, None, ADA), span(2, 1, 2, BRAM), other) == {"1": "Ada", "2": "Bram", "3": "Wren"}


def test_a_partner_who_becomes_the_applicant_is_the_same_person() -> None:
    idris = {"forename": "Idris", "surname": "Inkpen", "date_of_birth": date(1985, 5, 5)}
    found = keys(
        span(1, 1, 2, ADA),
        span(2, 1, 2, idris, relationship="partner"),
        span(1, 2, None, idris, relationship="main_applicant"),
        span(2, 2, None, ADA, relationship="partner"),
    )
    assert found == {"1": "Ada", "2": "Idris"}


def test_a_member_who_comes_back_is_the_same_person() -> None:
    back = (span(2, 1, 2, BRAM), span(4, 3, None, BRAM))
    assert keys(span(1, 1, None, ADA), *back) == {"1": "Ada", "2": "Bram"}


def test_a_member_who_left_is_last_known_by_their_last_row() -> None:
    found = follow(pl.DataFrame([span(1, 1, None, ADA), span(2, 1, 3, BRAM)], schema=SPANS))
    assert found["until_run"].to_list() == [None, 3]
    assert found["is_applicant"].to_list() == [True, False]


def test_twins_whose_order_changes_and_one_is_renamed_are_not_mixed_up() -> None:
    first = (span(2, 1, 2, BRAM), span(3, 1, 2, ORLA))
    assert keys(*first, span(3, 2, None, BRAM), span(2, 2, None, {**ORLA, "forename": "Orla Wren"})) == {
        "2": "Bram",
        "3": "Orla Wren",
    }
