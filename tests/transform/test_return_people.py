"""Who stands in the return and in its personal file, and under which of the household's names."""

from __future__ import annotations

from datetime import date, timedelta

from pipelines.emit.returns.rows import create_relations
from pipelines.transform import SENT, use
from tests.transform.test_marts import case, person
from tests.transform.warehouse import QUARTER, built, ref, rows_of

LAST = QUARTER.last_day
NEXT = LAST + timedelta(days=1)
BORN = date(1990, 12, 31)


def test_the_personal_file_names_who_is_sent_and_has_not_refused() -> None:
    people = [
        person("main_applicant", 1, forename="Ann", date_of_birth=BORN, personal_data_consent=True),
        person("partner", 1, no=2, forename="Ben", date_of_birth=BORN + timedelta(days=1)),
        person("other_adult", 1, no=3, forename="Cem", age=40, personal_data_consent=False),
        person("other_child", 1, no=4, forename="Dee", date_of_birth=NEXT),  # not born yet
        person("main_applicant", 2, forename="Eve"),
        person("main_applicant", 3, forename="Fay"),  # not in the return
    ]
    main = [case(n, assess_date=LAST, assess1="relief") for n in (1, 2)] + [case(3)]
    with built(as_at=LAST + timedelta(days=20), main=main, people=people) as con:
        use(con, SENT)
        create_relations(con, personal=True)
        sent = rows_of(con, "select case_ref, person_no, age from return_people order by 1, 2")
        named = rows_of(con, "select case_ref, person_no, forename, date_of_birth from return_personal order by 1, 2")
    assert sent == [(ref(1), 1, 35), (ref(1), 2, 34), (ref(1), 3, 40), (ref(2), 1, None)]
    assert named == [
        (ref(1), 1, "Ann", BORN),
        (ref(1), 2, "Ben", BORN + timedelta(days=1)),
        (ref(2), 1, "Eve", None),
    ]
