"""Columns of another file, beside each row by its key."""

from __future__ import annotations

import pytest

from pipelines.errors import InputError
from tests.extract.steps.shaped import made, places

MEMBERS = """
file = "members"
join = { file = "people", on = { "Person no" = "PERSON_ID" } }
[table.people]
case_ref = "Case"
forename = "Name"
"""
TWO = "Case,Person no\n1,P1\n1,P2"


def test_a_row_gets_the_cells_of_the_row_with_its_key_and_both_places() -> None:
    found = made(MEMBERS, members=TWO, people="PERSON_ID,Name,Shoe\np2,Bo,44\nP1 ,Al,43\nP3,Cy,42")
    assert found.column("Case", "Name") == [("1", "Al"), ("1", "Bo")]
    assert found.column("_at") == [places((1, 2), (2, 3)), places((1, 3), (2, 2))]
    assert "Shoe" not in found.rows[0]
    assert found.kinds == []


def test_capitals_tell_keys_apart_where_the_profile_says_so() -> None:
    exact = MEMBERS.replace('"PERSON_ID" }', '"PERSON_ID" }, exact = true, optional = true')
    found = made(exact, members="Case,Person no\n1,P1\n2,p1", people="PERSON_ID,Name\np1,Bo\nP1,Al")
    assert found.column("Case", "Name") == [("1", "Al"), ("2", "Bo")]
    assert found.kinds == []


def test_a_key_with_several_rows_is_an_error_and_multiplies_nothing() -> None:
    found = made(MEMBERS, members=TWO, people="PERSON_ID,Name\nP1,Al\nP1,Ali\nP2,Bo")
    assert found.column("Name") == ["Al", "Bo"]
    assert found.message("X-81") == (
        "the table, column 'Person no': for 1 row there are several in people, so the join would multiply them; the"
        " first one was taken."
    )
    assert found.said[0].at == (1, 2)


def test_several_rows_for_a_key_become_rows_where_the_profile_says_so() -> None:
    many = MEMBERS.replace('"PERSON_ID" }', '"PERSON_ID" }, many = true')
    found = made(many, members=TWO, people="PERSON_ID,Name\nP1,Al\nP1,Ali\nP2,Bo")
    assert found.column("Name") == ["Al", "Ali", "Bo"]
    assert found.kinds == []


def test_of_several_rows_for_a_key_the_last_is_taken_by_its_date() -> None:
    last = MEMBERS.replace('"PERSON_ID" }', '"PERSON_ID" }, keep = "last", order_by = "Since"')
    people = "PERSON_ID,Name,Since\nP1,Al,02/01/2025\nP1,Ali,01/12/2024\nP2,Bo,"
    found = made(last, members=TWO, people=people)
    assert found.column("Name") == ["Al", "Bo"]
    assert found.kinds == []


@pytest.mark.parametrize(("matched", "kinds"), [(0, ["X-83"]), (1, ["X-82"]), (2, []), (3, [])])
def test_under_half_of_the_rows_with_a_key_is_an_error_and_exactly_half_is_not(matched: int, kinds: list[str]) -> None:
    members = "Case,Person no\n1,P1\n2,P2\n3,P3\n4,P4\n5,"
    people = "PERSON_ID,Name\n" + "\n".join(f"P{one},N" for one in range(1, matched + 1)) + "\nQ,N"
    assert made(MEMBERS, members=members, people=people).kinds == kinds
    optional = MEMBERS.replace('"PERSON_ID" }', '"PERSON_ID" }, optional = true')
    found = made(optional, members=members, people=people)
    assert [(one.problem, one.softened) for one in found.said] == ([("X-83", True)] if not matched else [])


def test_rows_of_the_other_file_are_chosen_by_where_and_prefixed_when_joined_twice() -> None:
    twice = """
file = "cases"
[[table.join]]
file = "people"
on = { "Case" = "Case" }
where = { "Role" = ["applicant"] }
[[table.join]]
file = "people"
on = "Case"
where = { "Role" = "Partner" }
prefix = "Partner "
optional = true
[table.people]
case_ref = "Case"
forename = "Name"
surname = "Partner Name"
"""
    people = "Case,Role,Name\n1,Applicant,Al\n1,Partner,Bo\n2,Applicant,Cy"
    found = made(twice, cases="Case\n1\n2", people=people)
    assert found.column("Name", "Partner Name") == [("Al", "Bo"), ("Cy", None)]
    assert found.column("_at", "_at:Partner Name") == [
        (places((1, 2), (2, 2), (2, 3)), places((2, 3))),
        (places((1, 3), (2, 4)), None),
    ]
    assert found.kinds == []


def test_a_heading_of_both_files_is_read_from_the_tables_own_with_an_error() -> None:
    both = MEMBERS.replace('forename = "Name"', 'forename = "Name"\nsurname = "Note"')
    found = made(both, members="Case,Person no,Note\n1,P1,own", people="PERSON_ID,Name,Note\nP1,Al,theirs")
    assert found.column("Note", "_at:Note") == [("own", places((1, 2)))]
    assert found.message("X-85") == (
        "the table, column 'Note': the column is in people too and differs in 1 row; the table's own was read."
    )
    same = made(both, members="Case,Person no,Note\n1,P1,Own", people="PERSON_ID,Name,Note\nP1,Al,own\nP2,Bo,x")
    assert (same.kinds, same.column("Note", "Name")) == ([], [("Own", "Al")])


def test_a_text_that_means_blank_is_no_key() -> None:
    members, people = "Case,Person no\n1,P1\n2,n/a\n3,-", "PERSON_ID,Name\nP1,Al\nN/A,Nobody\nN/A,None"
    found = made(MEMBERS, members=members, people=people)
    assert (found.kinds, found.column("Name")) == ([], ["Al", None, None])


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError) as refused:
        made(MEMBERS, members=TWO, people="Name,PERSONID\nAl,P1")
    assert str(refused.value) == (
        "[[table]] members, join: people has no column 'PERSON_ID'. Its column 2 has a heading close to it. Correct the"
        " heading in the source profile, or add the column to the export."
    )


def test_headings_and_values_may_hold_quotation_marks() -> None:
    odd = """
file = "cases"
join = { file = "people", on = { "Say \\"no\\"" = "It's" }, where = { "A'b" = "o'clock" }, prefix = "\\"" }
[table.people]
case_ref = "Case"
forename = "\\"Name; drop table x"
"""
    people = "It's,A'b,Name; drop table x\nk,O’Clock,Al\nk,other,Bo"
    assert made(odd, cases='Case,"Say ""no"""\n1,k', people=people).column('"Name; drop table x') == ["Al"]
