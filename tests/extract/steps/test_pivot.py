"""Questions and answers, and events, in rows that become columns; and several rows that become one."""

from __future__ import annotations

import pytest

from pipelines.errors import InputError
from schemas.sources import ProfileError
from tests.extract.steps.shaped import made, places

ANSWERS = """
file = "answers"
ignore = ["Comment"]
pivot = { per = "Case", name = "Question", value = "Answer" }
[table.main]
case_ref = "Case"
application_date = "Applied on?"
benefits = { column = "Benefits", optional = true }
officer = "Asked by"
"""
HEAD = "Case,Question,Answer,Asked by\n"


def test_each_question_is_a_column_and_each_case_a_row() -> None:
    answers = f"{HEAD}1,Applied on?,01/02/2025,AB\n2,applied  on?,02/02/2025,CD\n1,Benefits,uc,AB\n1,Comment,x,AB"
    found = made(ANSWERS, answers=answers)
    assert found.column("Case", "Applied on?", "Benefits", "Asked by") == [
        ("1", "01/02/2025", "uc", "AB"),
        ("2", "02/02/2025", None, "CD"),
    ]
    assert found.column("_at") == [places((1, 2), (1, 4)), places((1, 3))]
    assert found.column("_at:Applied on?", "_at:Benefits") == [
        (places((1, 2)), places((1, 4))),
        (places((1, 3)), None),
    ]
    assert (found.kinds, found.steps) == ([], ["one column for each 'Question'"])


def test_a_question_answered_twice_is_blank_and_an_error_unless_the_answers_are_the_same() -> None:
    twice = f"{HEAD}1,Applied on?,01/02/2025,AB\n1,Benefits,uc,AB\n1,Applied on?,02/02/2025,AB\n1,Benefits,uc,AB"
    found = made(ANSWERS, answers=twice)
    assert found.column("Applied on?", "Benefits") == [(None, "uc")]
    assert found.message("X-94") == (
        "the table, column 'Applied on?': one 'Case' has several different values for it, so the cell is blank there: 1"
        " time."
    )
    assert (found.kinds, found.said[0].at) == (["X-94"], (1, 2))


def test_of_a_question_answered_twice_keep_takes_one() -> None:
    keep = ANSWERS.replace("pivot", 'keep = "last"\norder_by = "At"\npivot')
    answers = "Case,Question,Answer,Asked by,At\n1,Applied on?,x,AB,02/01/2025\n1,Applied on?,y,AB,01/02/2025\n"
    found = made(keep, answers=answers + "1,Benefits,uc,AB,01/01/2024\n2,Applied on?,z,AB,")
    assert found.column("Case", "Applied on?", "Benefits") == [("1", "y", "uc"), ("2", "z", None)]
    assert found.column("_at")[0] == places((1, 3), (1, 4))
    assert found.kinds == []


def test_answers_of_a_question_with_several_are_joined_each_once() -> None:
    several = ANSWERS.replace('"Answer" }', '"Answer", collect = ["benefits"] }')
    answers = f"{HEAD}1,Benefits,uc,AB\n1,Benefits,hb,AB\n1,Applied on?,x,AB\n1,Benefits,uc,AB"
    found = made(several, answers=answers)
    assert (found.column("Benefits"), found.kinds) == (["hb;uc"], [])
    apart = made(several, answers=f"{answers}\n1,Benefits,a;b,AB")
    assert apart.message("X-99") == (
        "the table, column 'Question': the text ';' by which cells are joined stands within 1 cell, so they would come"
        " apart in the wrong place."
    )


def test_a_question_that_nobody_was_asked_is_an_error_where_another_may_be_meant() -> None:
    found = made(ANSWERS, answers=f"{HEAD}1,Date applied,01/02/2025,AB\n1,Benefits,uc,AB")
    assert [(one.problem, one.softened, one.fields) for one in found.said] == [
        ("X-95", False, "application_date"),
        ("X-96", False, None),
    ]
    assert found.message("X-95") == (
        "the table, column 'Applied on?': no row has the text 'Applied on?' under 'Question', so the field is blank;"
        " not mapped there: 1 other text."
    )
    assert found.said[1].value == "Date applied"
    alone = made(ANSWERS, answers=f"{HEAD}1,Benefits,uc,AB")
    assert [(one.problem, one.softened) for one in alone.said] == [("X-95", True)]
    optional = made(ANSWERS, answers=f"{HEAD}1,Applied on?,x,AB\n1,Other,y,AB")
    assert [(one.problem, one.softened) for one in optional.said] == [("X-95", True), ("X-96", False)]


def test_another_column_that_differs_within_a_case_is_blank_and_an_error() -> None:
    found = made(ANSWERS, answers=f"{HEAD}1,Applied on?,x,AB\n1,Benefits,uc,CD\n2,Applied on?,x,\n2,Benefits,uc,CD")
    assert found.column("Asked by") == [None, "CD"]
    assert (found.kinds, found.said[0].column, found.said[0].at) == (["X-97"], "Asked by", (1, 2))


def test_columns_that_the_profile_does_not_name_are_a_warning() -> None:
    found = made(ANSWERS, answers="Case,Question,Answer,Asked by,Room\n1,Applied on?,x,A,9\n1,Benefits,uc,A,9")
    assert (found.kinds, found.said[0].value) == (["X-86"], "Room")


EVENTS = """
file = "log"
ignore = ["Letter sent"]
pivot = { name = "Event", value = ["Date", "Outcome"] }
[table.prevention]
when = ["Prevention accepted Date"]
case_ref = "Case"
prevention_start = "Prevention accepted Date"
prevention_end = "Prevention ended Date"
prevention_outcome = "Prevention ended Outcome"
"""


def test_a_log_of_events_gives_start_end_and_outcome_of_a_duty() -> None:
    log = "Case,Event,Date,Outcome\n1,Prevention accepted,01/01/2025,\n1,Letter sent,02/01/2025,\n"
    found = made(EVENTS, log=f"{log}1,Prevention ended,03/02/2025,secured\n2,Letter sent,01/01/2025,")
    wanted = ("Case", "Prevention accepted Date", "Prevention ended Date", "Prevention ended Outcome")
    assert found.column(*wanted) == [("1", "01/01/2025", "03/02/2025", "secured")]
    assert found.column("_at", "_at:Prevention ended Date") == [(places((1, 2), (1, 4)), places((1, 4)))]
    assert found.kinds == []


def test_labels_of_questions_and_answers_come_from_look_ups_before_and_after() -> None:
    ids = """
file = "answers"
codes_from = { column = "Q", file = "questions", key = "ID", label = "TEXT" }
pivot = { per = "Case", name = "Q", value = "A" }
[table.main]
case_ref = "Case"
application_date = "Applied on"
team = { column = "Team?", codes_from = { file = "lists", key = "ID", label = "TEXT", where = { "LIST" = "Teams" } } }
"""
    found = made(
        ids,
        answers="Case,Q,A\n1,q1,01/02/2025\n1,q2,7",
        questions="ID,TEXT\nq1,Applied on\nq2,Team?",
        lists="LIST,ID,TEXT\nTeams,7,North\nOther,7,South",
    )
    assert found.column("Applied on", "Team?", "_at:Team?") == [("01/02/2025", "North", places((1, 3)))]
    assert found.kinds == []


def test_places_of_answers_survive_a_join() -> None:
    joined = """
file = "answers"
join = { file = "questions", on = { "Q" = "ID" } }
pivot = { per = "Case", name = "TEXT", value = "A" }
[table.main]
case_ref = "Case"
application_date = "Applied on"
"""
    found = made(joined, answers="Case,Q,A\n1,q1,01/02/2025", questions="ID,TEXT\nq1,Applied on")
    assert found.column("_at", "_at:Applied on") == [(places((1, 2), (2, 2)), places((1, 2)))]


BENEFITS = """
file = "benefits"
collect = { into = "Benefits", column = "Benefit", by = ";" }
[table.main]
case_ref = "Case"
application_date = "Applied"
benefits = "Benefits"
"""


def test_several_rows_become_one_with_all_their_cells() -> None:
    found = made(BENEFITS, benefits="Case,Benefit,Applied\n1,uc,x\n2,hb,y\n1,hb,x\n1,,x\n3,,z")
    assert found.column("Case", "Benefits", "Applied") == [("1", "hb;uc", "x"), ("2", "hb", "y"), ("3", None, "z")]
    assert found.column("_at:Benefits")[0] == places((1, 2), (1, 4))
    assert found.kinds == []
    differ = made(BENEFITS, benefits="Case,Benefit,Applied\n1,uc,x\n1,h;b,y")
    assert (differ.kinds, differ.column("Applied")) == (["X-99", "X-97"], [None])


NEEDS = """
file = "cases"
unpivot = { columns = ["Need *"], name = "Need", value = "Ticked" }
[table.support_needs]
when = { "Ticked" = ["Y"] }
case_ref = "Case"
support_need = "Need"
"""


def test_columns_become_rows_named_by_what_the_star_stands_for() -> None:
    found = made(NEEDS, cases="Case,Need Old age,need  Mental health,Other\n1,Y,N,q\n2,,Y,\n3,,,")
    assert sorted(found.column("Case", "Need", "Ticked")) == [
        ("1", "Mental health", "N"),
        ("1", "Old age", "Y"),
        ("2", "Mental health", "Y"),
    ]
    assert found.column("_at")[0] == places((1, 2))
    assert found.kinds == []


def test_columns_that_the_mapping_names_or_ignores_become_no_rows() -> None:
    dated = NEEDS.replace("unpivot", 'ignore = ["Need notes"]\nunpivot') + 'officer = "Need assessed by"\n'
    dated = dated.replace("[table.support_needs]", "[table.main]").replace("support_need =", "team =")
    found = made(dated, cases="Case,Need Old age,Need assessed by,Need notes\n1,Y,AB,Y")
    assert found.column("Need", "Need assessed by", "Need notes") == [("Old age", "AB", "Y")]


def test_groups_of_columns_become_one_row_for_each_person() -> None:
    people = """
file = "cases"
ignore = ["Partner NI no"]
unpivot = { columns = { "Role" = "* role", "DOB" = ["* DOB", "* born"] }, name = "Who" }
[table.people]
case_ref = "Case"
relationship = "Role"
date_of_birth = "DOB"
forename = "Who"
"""
    head = "Case,Applicant role,Applicant DOB,PARTNER role,Partner born,Shoe size\n"
    found = made(people, cases=f"{head}1,main,a,partner,b,43\n2,main,,,,44")
    assert sorted(found.column("Case", "Who", "Role", "DOB")) == [
        ("1", "Applicant", "main", "a"),
        ("1", "PARTNER", "partner", "b"),
        ("2", "Applicant", "main", None),
    ]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (NEEDS.replace("Need *", "Needs *"), "unpivot: the table has no column like 'Needs \\*'"),
        (ANSWERS.replace('"Question"', '"Questions"'), "pivot: the table has no column 'Questions'. Its column 2"),
    ],
)
def test_columns_that_are_not_there_are_named(table: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        made(table, cases="Case,Question,Answer,Need A\n1,a,b,c")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (BENEFITS.replace('by = ";"', 'by = ","'), 'benefits is parted by ";" and collected by ","'),
        (BENEFITS + "[table.pivot]\n", "pivot: name is a text"),
        (NEEDS.replace("Need *", "* Need *"), r"a heading may hold one \* only"),
        (NEEDS.replace('value = "Ticked"', 'value = "Need"'), "must differ from each other"),
        (ANSWERS.replace('value = "Answer"', "x = 1"), '"x" is not known; it may be per, name, value, collect and by'),
        (ANSWERS.replace("pivot", 'collect = { column = "Answer" }\npivot'), "pivot and collect cannot stand together"),
    ],
)
def test_keys_that_cannot_be_meant_are_refused(table: str, sentence: str) -> None:
    with pytest.raises(ProfileError, match=sentence):
        made(table, cases="Case\n1")
