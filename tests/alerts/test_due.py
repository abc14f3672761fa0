"""Which alerts are due, to the day, and about whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.alerts.config import Near
from pipelines.alerts.due import case_alerts
from pipelines.alerts.kinds import is_reference
from pipelines.transform import RECORDED, build_facts, load_sections, prepare
from tests.alerts.stored_cases import LA, Q4, case, config, ref, relief
from tests.transform.warehouse import in_memory, section_frame

DAY = date(2025, 11, 14)
OLD = date(2025, 1, 10)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def due(**sections: Any) -> dict[tuple[str, str], date]:
    """Day by kind and subject of the alerts about case 1."""
    with in_memory() as con:
        load_sections(con, {name: section_frame(name, rows) for name, rows in sections.items()})
        prepare(con, run_id="run", la_code=LA, quarter=Q4, as_at=DAY)
        build_facts(con, RECORDED)
        found, unusable = case_alerts(con, LA, config(near=Near(7, 7, 7, 10), days_back=28))
    assert ({alert.case_ref for alert in found} <= {ref(1)}, unusable) == (True, 0)
    return {(alert.kind, alert.subject): alert.about_on for alert in found}


# The day a duty begins is its day 1, so that after n days it is day n + 1.
@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (47, None),
        (48, "day_56_near"),
        (54, "day_56_near"),
        (55, "day_56_near"),
        (56, "day_57_passed"),
        (56 + 28, "day_57_passed"),
        (56 + 29, None),
    ],
)
@pytest.mark.parametrize("duty", ["prevention", "relief"])
def test_a_duty_is_told_from_a_week_before_its_56th_day_and_again_on_day_57(
    duty: str, after: int, kind: str | None
) -> None:
    rows = [{"case_ref": 1, f"{duty}_start": ago(after)}]
    found = due(main=[case(1, ago(after), assess1="prevention" if duty == "prevention" else "relief")], **{duty: rows})
    day = ago(after) + timedelta(days=55 if kind == "day_56_near" else 56)
    assert found == ({(kind, duty): day} if kind else {})


def test_relief_past_day_57_waits_for_the_decision_also_where_the_duty_has_ended() -> None:
    ended = [relief(1, ago(60), relief_end=ago(3), relief_outcome="elapsed_56")]
    assert due(main=[case(1, ago(60))], relief=ended) == {("day_57_passed", "relief"): ago(4)}
    decided = [{"case_ref": 1, "main_decision": "not_homeless", "main_decision_date": ago(1)}]
    assert due(main=[case(1, ago(60))], relief=ended, final_duties=decided) == {}


def family(*stays: tuple[date, date | None], children: bool = True, pregnant: bool = False) -> dict[str, Any]:
    people = [{"case_ref": 1, "person_no": 1, "relationship": "main", "age": 30, "pregnant": pregnant or None}]
    if children:
        people.append({"case_ref": 1, "person_no": 2, "relationship": "child", "age": 6})
    return {
        "main": [case(1, OLD)],
        "people": people,
        "temporary_accommodation": [
            {
                "case_ref": 1,
                "placement_no": no,
                "entry_date": entry,
                "exit_date": left,
                "ta_type": "bb",
                "taduty": "s188_1",
            }
            for no, (entry, left) in enumerate(stays, 1)
        ],
    }


@pytest.mark.parametrize(
    ("nights", "kind", "about"),
    [
        (34, None, 0),
        (35, "bb_limit_near", 7),
        (41, "bb_limit_near", 1),
        (42, "bb_limit_near", 0),
        (43, "bb_limit_passed", 0),
        (50, "bb_limit_passed", -7),
    ],
)
def test_a_family_is_told_before_42_nights_in_bed_and_breakfast_and_once_they_are_passed(
    nights: int, kind: str | None, about: int
) -> None:
    found = due(**family((ago(nights), None)))
    assert found == ({(kind, "bed and breakfast"): DAY + timedelta(days=about)} if kind else {})


def test_nights_in_bed_and_breakfast_count_over_all_placements() -> None:
    # 30 nights, two weeks elsewhere, then 12: 42 on the day.
    found = due(**family((ago(56), ago(26)), (ago(12), None)))
    assert found == {("bb_limit_near", "bed and breakfast"): DAY}


def test_the_limit_is_for_families_and_for_those_who_are_there_now() -> None:
    assert due(**family((ago(40), None), children=False)) == {}
    assert due(**family((ago(50), DAY))) == {}
    assert set(due(**family((ago(40), None), children=False, pregnant=True))) == {
        ("bb_limit_near", "bed and breakfast")
    }


@pytest.mark.parametrize("days", [-29, -28, 0, 7, 8])
def test_a_review_is_told_from_a_week_before_it_is_due_until_it_is_decided(days: int) -> None:
    review = {"case_ref": 1, "review_no": 1, "review_requested_date": ago(60), "review_due_date": DAY + timedelta(days)}
    found = due(main=[case(1, OLD, assess1=None)], reviews=[review])
    assert found == ({("review_due", "review 1"): DAY + timedelta(days)} if -28 <= days <= 7 else {})


def test_a_decided_review_is_not_told() -> None:
    review = {"case_ref": 1, "review_no": 1, "review_requested_date": ago(30), "review_due_date": DAY}
    decided = {**review, "review_outcome_date": DAY, "review_outcome": "upheld"}
    assert due(main=[case(1, OLD, assess1=None)], reviews=[decided]) == {}


@pytest.mark.parametrize(
    ("outcome", "follows", "is_told"),
    [
        ("homeless", True, True),
        ("refused_coop", False, False),
        ("refused_coop", True, True),
        ("secured_existing", False, False),
    ],
)
def test_a_case_moves_when_relief_follows_prevention_and_a_refusal_alone_is_no_move(
    outcome: str, follows: bool, is_told: bool
) -> None:
    ended = [{"case_ref": 1, "prevention_start": ago(20), "prevention_end": ago(2), "prevention_outcome": outcome}]
    found = due(
        main=[case(1, ago(20), assess1="prevention")],
        prevention=ended,
        relief=[relief(1, ago(2))] if follows else [],
    )
    assert found == ({("moved_to_relief", "relief"): ago(2)} if is_told else {})


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("HX123", True),
        ("2025/00123", True),
        ("Ottoline", False),
        ("7 Invented Close", False),
        ("01/02/1980", False),
        ("1980-02-01", False),
        ("QQ123456C", False),
        ("HX1\nBcc: x@y.example", False),
        ("", False),
    ],
)
def test_a_council_reference_is_shown_only_where_it_can_be_nothing_else(text: str, is_one: bool) -> None:
    assert is_reference(text) is is_one
