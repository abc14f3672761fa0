"""What is known at the quarter's end: a day after it is masked with all that depends on it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from schemas.sections import SECTION
from tests.transform.test_marts import case, person, placed
from tests.transform.warehouse import QUARTER, built, ref, rows_of

DAY = timedelta(days=1)
LAST = QUARTER.last_day
NEXT, EARLIER = LAST + DAY, date(2025, 11, 1)
Row = dict[str, Any]

# By section: each day that can lie after the quarter, and the columns that are then not known.
DEPENDS: dict[str, dict[str, tuple[str, ...]]] = {
    "main": {
        "application_date": (),
        "assess_date": ("assess1",),
        **dict.fromkeys(
            (
                *("php_date", "officer_since", "first_contact_date", "last_activity_date", "recorded_date"),
                *("assess_notified_date", "closed_date"),
            ),
            (),
        ),
    },
    "prevention": {
        "prevention_end": (
            *("prevention_outcome", "prevention_activity", "accom_pr", "prevention_accom_la"),
            "prevention_end_notified_date",
        ),
        "prevention_notified_date": (),
        "prevention_end_notified_date": (),
    },
    "relief": {
        "relief_end": (
            *("relief_outcome", "relief_activity", "relief_accom", "relief_accom_la", "referred_la"),
            "relief_end_notified_date",
        ),
        "relief_notified_date": (),
        "relief_end_notified_date": (),
    },
    "final_duties": {
        "main_duty_end": ("main_duty_outcome", "main_accom", "main_accom_la", "main_duty_end_notified_date"),
        "main_decision_notified_date": (),
        "main_duty_end_notified_date": (),
    },
    "reviews": {"review_outcome_date": ("review_outcome", "appeal"), "decision_notified_date": ()},
    "temporary_accommodation": {"exit_date": ("exit_reason",), "last_seen_date": (), "last_rent_date": ()},
}
# The day on which a record begins: after the quarter, there is none.
BEGINS = {
    "prevention": "prevention_start",
    "relief": "relief_start",
    "final_duties": "main_decision_date",
    "reviews": "review_requested_date",
    "temporary_accommodation": "entry_date",
}
EXAMPLES = [(section, day) for section, days in DEPENDS.items() for day in (None, *days)]
EXAMPLES += list(BEGINS.items())


def filled(section: str, number: int, **days: date) -> Row:
    """A record with every column filled, each day on the quarter's last but those given."""
    by_kind = {"date": LAST, "integer": 1, "number": 1.0, "flag": True}
    values = {column.name: by_kind.get(column.kind, "x") for column in SECTION[section].columns}
    return values | {"case_ref": number} | days


def caseload() -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {"main": []}
    for number, (section, day) in enumerate(EXAMPLES, start=1):
        if section != "main":
            rows["main"].append(case(number))
        rows.setdefault(section, []).append(filled(section, number, **({day: NEXT} if day else {})))
    return rows


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with built(as_at=LAST + 20 * DAY, **caseload()) as con:
        yield con


@pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=[f"{section}-{day}" for section, day in EXAMPLES])
def test_a_day_after_the_quarter_is_masked_with_what_depends_on_it(con: duckdb.DuckDBPyConnection, place: int) -> None:
    section, day = EXAMPLES[place]
    cursor = con.execute(f"select * from quarter_end.{section} where case_ref = '{ref(place + 1)}'")
    columns = [column[0] for column in cursor.description or []]
    found = cursor.fetchall()
    if day is not None and day == BEGINS.get(section):
        assert found == []
        return
    ((*values,),) = found
    recorded = filled(section, place + 1) | {"case_ref": ref(place + 1)}
    masked = {day, *DEPENDS[section][day]} if day else set()
    assert dict(zip(columns, values, strict=True)) == {
        column: None if column in masked else recorded[column] for column in columns
    }


# Day of the application, of the assessment and of the entry into a placement, and whether the case is known.
KNOWN: list[tuple[date | None, date | None, date | None, bool]] = [
    (LAST, None, None, True),
    (NEXT, None, None, False),
    (NEXT, NEXT, None, False),
    (NEXT, LAST, None, True),
    (None, None, None, True),
    (NEXT, None, LAST, True),
    (NEXT, None, NEXT, False),
]


def test_a_case_is_known_by_its_application_its_assessment_or_its_placement_with_all_that_belongs_to_it() -> None:
    numbers = range(1, len(KNOWN) + 1)
    with built(
        as_at=LAST + 20 * DAY,
        main=[
            case(n, application_date=applied, assess_date=assessed)
            for n, (applied, assessed, _, _) in zip(numbers, KNOWN, strict=True)
        ],
        people=[person("main_applicant", n) for n in numbers],
        support_needs=[{"case_ref": n, "support_need": "drug"} for n in numbers],
        assistance=[{"case_ref": n, "support_need": "drug", "assistance": "provided"} for n in numbers],
        temporary_accommodation=[
            placed(entry, number=n) for n, (_, _, entry, _) in zip(numbers, KNOWN, strict=True) if entry
        ],
    ) as con:
        known = {(ref(n),) for n, (_, _, _, is_known) in zip(numbers, KNOWN, strict=True) if is_known}
        for section in ("main", "people", "support_needs"):
            assert set(rows_of(con, f"select case_ref from quarter_end.{section}")) == known, section
        # Of a case that goes on, what was done about a need is not known yet.
        assert set(rows_of(con, "select case_ref from quarter_end.assistance")) == known


def test_who_is_born_after_the_quarter_is_not_in_the_household_yet_unless_heading_it() -> None:
    people = [
        person("main_applicant", no=1, date_of_birth=NEXT, age=30),
        person("other_child", no=2, date_of_birth=LAST),
        person("other_child", no=3, date_of_birth=NEXT),
        person("other_child", no=4),
    ]
    with built(as_at=LAST + 20 * DAY, main=[case()], people=people) as con:
        found = rows_of(con, "select person_no, date_of_birth, age from quarter_end.people order by 1")
    assert found == [(1, None, 30), (2, LAST, None), (4, None, None)]


# Whatever ends on the last day is known by then; the first of what ends later keeps what was done about a need unknown.
ENDINGS: list[dict[str, Row]] = [
    {"main": {"assess_date": LAST}},
    {"main": {"assess_date": NEXT}},
    *({"prevention": {"prevention_start": EARLIER, "prevention_end": day}} for day in (LAST, NEXT)),
    *({"relief": {"relief_start": EARLIER, "relief_end": day}} for day in (LAST, NEXT)),
    *({"final_duties": {"main_decision_date": day, "main_decision": "withdrew"}} for day in (LAST, NEXT)),
    *(
        {"final_duties": {"main_decision_date": EARLIER, "main_decision": "accepted", "main_duty_end": day}}
        for day in (LAST, NEXT)
    ),
]


def test_what_was_done_about_a_need_is_known_once_the_case_has_ended() -> None:
    sections: dict[str, list[Row]] = {"main": [], "assistance": []}
    for number, given in enumerate(ENDINGS, start=1):
        sections["main"].append(case(number, **given.get("main", {})))
        sections["assistance"].append({"case_ref": number, "support_need": "drug", "assistance": "provided"})
        for name, row in given.items():
            if name != "main":
                sections.setdefault(name, []).append({"case_ref": number, **row})
    with built(as_at=LAST + 20 * DAY, **sections) as con:
        found = rows_of(con, "select case_ref from quarter_end.assistance order by 1")
    assert found == [(ref(number),) for number in range(1, len(ENDINGS) + 1, 2)]


def test_only_the_placement_that_names_a_duty_of_later_is_sent_under_the_interim_duty() -> None:
    with built(
        as_at=LAST + 20 * DAY,
        main=[case(1), case(2), case(3)],
        final_duties=[{"case_ref": n, "main_decision_date": NEXT, "main_decision": "accepted"} for n in (1, 3)],
        temporary_accommodation=[
            placed(EARLIER, taduty="s189b_2"),
            placed(EARLIER, no=2, taduty="s193_2"),
            placed(EARLIER, number=2, no=2, taduty="s193_2"),
            placed(EARLIER, number=2, no=3, taduty="unheard_of"),
            # A record that stands twice stays two records.
            placed(EARLIER, number=3, taduty="s193_2"),
            placed(EARLIER, number=3, taduty="s193_2"),
        ],
    ) as con:
        found = rows_of(
            con, "select case_ref, taduty from quarter_end.temporary_accommodation order by 1, placement_no"
        )
    interim, later, other = [(ref(1), "s189b_2"), (ref(1), "s188_1")], (ref(3), "s188_1"), (ref(2), "unheard_of")
    assert found == [*interim, (ref(2), "s193_2"), other, later, later]


def test_what_is_recorded_without_the_day_of_its_end_is_kept() -> None:
    ends = {section: next(iter(days)) for section, days in DEPENDS.items() if section in BEGINS}
    rows = {section: [filled(section, 1) | {day: None}] for section, day in ends.items()}
    with built(as_at=LAST + 20 * DAY, main=[case()], **rows) as con:
        for section, day in ends.items():
            columns = DEPENDS[section][day]
            found = rows_of(con, f"select {', '.join(columns)} from quarter_end.{section}")
            assert found == [tuple(rows[section][0][column] for column in columns)], section
