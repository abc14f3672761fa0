"""Keys in cells, translated by a look-up file."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.findings import MASK
from schemas.sources import ProfileError
from tests.extract.steps.shaped import made, places

LOOK_UP = 'file = "lookups", key = "ID", label = "TEXT"'
CASES = """
file = "cases"
[table.main]
case_ref = "Case"
assess1 = { column = "Decision", codes_from = { LOOK_UP, where = { "LIST" = "Decision" } } }
""".replace("LOOK_UP", LOOK_UP)
LOOKUPS = "LIST,ID,TEXT\nDecision,1,Relief duty owed\ndecision,2,Prevention duty owed\nReason,1,Rent\nReason,3,Violence"


def test_a_cell_becomes_the_label_of_its_key_in_the_list_that_is_meant() -> None:
    found = made(CASES, cases="Case,Decision\n1,2\n2,1\n3,", lookups=LOOKUPS)
    assert found.column("Case", "Decision") == [("1", "Prevention duty owed"), ("2", "Relief duty owed"), ("3", None)]
    assert found.column("_at") == [places((1, 2)), places((1, 3)), places((1, 4))]
    assert found.kinds == []


def test_a_cell_that_is_a_label_already_stays() -> None:
    found = made(CASES, cases="Case,Decision\n1,relief  DUTY owed", lookups=LOOKUPS)
    assert (found.column("Decision"), found.kinds) == (["relief  DUTY owed"], [])


def test_a_key_that_the_look_up_lacks_is_blank_and_an_error() -> None:
    found = made(CASES, cases="Case,Decision\n1,1\n2,3\n3,3\n4,7", lookups=LOOKUPS)
    assert found.column("Decision") == ["Relief duty owed", None, None, None]
    assert found.message("X-89") == (
        "the table, column 'Decision': the look-up lookups lacks the key in 3 cells, read as blank."
    )
    (said,) = found.said
    assert (said.value, said.at, said.fields, said.softened) == ("3; 7", (1, 3), "assess1", False)


def test_a_local_field_makes_a_lacking_key_a_warning_and_a_personal_one_hides_it() -> None:
    local = CASES.replace("assess1", "team")
    (said,) = made(local, cases="Case,Decision\n1,9", lookups=LOOKUPS).said
    assert (said.problem, said.softened, said.value) == ("X-89", True, "9")
    personal = CASES.replace("table.main", "table.people").replace("assess1", "surname")
    (said,) = made(personal, cases="Case,Decision\n1,9", lookups=LOOKUPS).said
    assert (said.value, said.softened) == (MASK, False)


@pytest.mark.parametrize(("text", "kinds"), [("relief duty OWED", []), ("Relief duty", ["X-88"])])
def test_two_labels_for_a_key_are_an_error_unless_they_are_the_same(text: str, kinds: list[str]) -> None:
    found = made(CASES, cases="Case,Decision\n1,1\n2,2", lookups=f"{LOOKUPS}\nDecision,1,{text}")
    assert found.kinds == kinds
    assert found.column("Decision")[1] == "Prevention duty owed"
    assert (found.column("Decision")[0] is None) == bool(kinds)


def test_an_empty_look_up_is_an_error_of_its_own() -> None:
    found = made(CASES, cases="Case,Decision\n1,1", lookups="LIST,ID,TEXT\nReason,1,Rent")
    assert found.message("X-87") == (
        "the table, column 'Decision': the look-up lookups has no entry, so 1 cell can only be read as blank."
    )
    assert found.kinds == ["X-87"]
    assert made(CASES, cases="Case,Decision\n1,", lookups="LIST,ID,TEXT\nReason,1,Rent").kinds == []


def test_a_look_up_of_a_constant_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"main\.assess1: codes_from needs a column whose cells it looks up"):
        made(CASES.replace("column =", "constant ="), cases="Case,Decision\n1,1", lookups=LOOKUPS)


def test_several_keys_in_one_cell_are_translated_one_by_one() -> None:
    benefits = CASES.replace("assess1", "benefits").replace('"Decision" } }', '"Reason" } }, separator = ","')
    found = made(benefits, cases='Case,Decision\n1,"3, 1"\n2,"1,8"', lookups=LOOKUPS)
    assert found.column("Decision") == ["Violence,Rent", None]
    assert found.kinds == ["X-89"]


def test_two_fields_read_one_column_by_two_lists() -> None:
    both = """
file = "cases"
[table.main]
case_ref = "Case"
local_ref = "Code"
team = { column = "Code", codes_from = { LOOK_UP, where = { "LIST" = "Decision" } } }
officer = { column = "Code", codes_from = { LOOK_UP, where = { "LIST" = "Reason" } } }
""".replace("LOOK_UP", LOOK_UP)
    found = made(both, cases="Case,Code\n1,1", lookups=LOOKUPS)
    want: list[Any] = [("1", "Rent", "Relief duty owed")]
    assert found.column("Code", "Code (lookups)", "Code (lookups 2)") == want
    assert found.column("_at:Code (lookups 2)") == [places((1, 2))]


def test_columns_that_repeat_are_translated_as_far_as_the_file_has_them() -> None:
    people = """
file = "cases"
[table.people]
repeat = 3
case_ref = "Case"
relationship = { column = "Person {n}", codes_from = { LOOK_UP } }
""".replace("LOOK_UP", LOOK_UP)
    found = made(people, cases="Case,Person 1,Person 2\n1,a,b", lookups="ID,TEXT\na,Applicant\nb,Partner")
    assert found.column("Person 1", "Person 2") == [("Applicant", "Partner")]


def test_the_list_may_stand_in_another_column_of_the_row_and_other_texts_may_stay() -> None:
    answers = """
file = "answers"
codes_from = { column = "Answer", LOOK_UP, where = { "LIST" = { column = "Question" } }, others = "keep" }
[table.main]
case_ref = "Case"
team = "Answer"
""".replace("LOOK_UP", LOOK_UP)
    found = made(answers, answers="Case,Question,Answer\n1,reason,1\n1,Decision,1\n1,Date,01/02/2025", lookups=LOOKUPS)
    assert found.column("Answer") == ["Rent", "Relief duty owed", "01/02/2025"]
    assert found.kinds == []
