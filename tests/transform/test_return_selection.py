"""Which cases the quarter's return holds: each trigger (hclic-spec 1.5) on the days beside both ends of the quarter."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

import sql
from pipelines.transform.selection import FORCED_SCHEMA, select_cases
from tests.transform.warehouse import LA, QUARTER, built, ref

DAY = timedelta(days=1)
FIRST, LAST = QUARTER.first_day, QUARTER.last_day
EARLIER = date(2025, 5, 1)
IN_TA = "in temporary accommodation on the last day"
Sections = dict[str, list[dict[str, Any]]]


def selection(
    sections: Sections, forced: list[tuple[str, str, str]] | None = None
) -> dict[str, tuple[bool, str | None]]:
    """Whether each case is in the return, and by which triggers."""
    chosen = pl.DataFrame(forced or [], schema=FORCED_SCHEMA, orient="row")
    with built(as_at=LAST + timedelta(days=14), **sections) as con:
        found = select_cases(con, chosen)
    return {
        ref: (selected, triggers)
        for ref, selected, triggers in found.select("case_ref", "is_selected", "triggers").rows()
    }


def only(sections: Sections, forced: list[tuple[str, str, str]] | None = None) -> tuple[bool, str | None]:
    """The same of the only case."""
    return selection(sections, forced)[ref(1)]


def main(**values: Any) -> dict[str, Any]:
    return {"la_code": LA, "case_ref": 1, "application_date": EARLIER, **values}


ASSESSED = main(assess_date=EARLIER, assess1="prevention")
PREVENTION = {"case_ref": 1, "prevention_start": EARLIER}
RELIEF = {"case_ref": 1, "relief_start": EARLIER}
ENDED_RELIEF = {**RELIEF, "relief_end": date(2025, 7, 1), "relief_outcome": "elapsed_56"}
ACCEPTED = {"case_ref": 1, "main_decision_date": date(2025, 7, 2), "main_decision": "accepted"}
PLACED = {"case_ref": 1, "placement_no": 1, "ta_type": "bb"}
REVIEW = {"case_ref": 1, "review_no": 1, "review_requested_date": EARLIER, "decision_reviewed": "suitability"}


def assessed(day: date) -> Sections:
    return {"main": [main(assess_date=day, assess1="prevention")], "prevention": [PREVENTION]}


def assessed_as_owed_nothing(day: date) -> Sections:
    return {"main": [main(assess_date=day, assess1="not_threatened_56")]}


def prevention_owed(day: date) -> Sections:
    return {"main": [ASSESSED], "prevention": [{**PREVENTION, "prevention_start": day}]}


def prevention_ended(day: date) -> Sections:
    ended = {**PREVENTION, "prevention_end": day, "prevention_outcome": "homeless"}
    return {"main": [ASSESSED], "prevention": [ended], "relief": [RELIEF]}


def relief_owed(day: date) -> Sections:
    return {"main": [ASSESSED], "relief": [{**RELIEF, "relief_start": day}]}


def relief_ended(day: date) -> Sections:
    return {"main": [ASSESSED], "relief": [{**RELIEF, "relief_end": day, "relief_outcome": "elapsed_56"}]}


def main_duty_accepted(day: date) -> Sections:
    return {"main": [ASSESSED], "relief": [ENDED_RELIEF], "final_duties": [{**ACCEPTED, "main_decision_date": day}]}


def decided_as_owed_nothing(day: date) -> Sections:
    decided = {"case_ref": 1, "main_decision_date": day, "main_decision": "no_priority_need"}
    return {"main": [ASSESSED], "relief": [ENDED_RELIEF], "final_duties": [decided]}


def main_duty_ended(day: date) -> Sections:
    ended = {**ACCEPTED, "main_duty_end": day, "main_duty_outcome": "contact_lost"}
    return {"main": [ASSESSED], "relief": [ENDED_RELIEF], "final_duties": [ended]}


def placed_for_no_night(day: date) -> Sections:
    return {"main": [ASSESSED], "temporary_accommodation": [{**PLACED, "entry_date": day, "exit_date": day}]}


def review_requested(day: date) -> Sections:
    return {"main": [ASSESSED], "reviews": [{**REVIEW, "review_requested_date": day}]}


def review_decided(day: date) -> Sections:
    return {"main": [ASSESSED], "reviews": [{**REVIEW, "review_outcome_date": day, "review_outcome": "upheld"}]}


TRIGGERS = {
    assessed: "assessed",
    assessed_as_owed_nothing: "assessed; closed",
    prevention_owed: "duty owed",
    prevention_ended: "duty changed",
    relief_owed: "duty owed",
    relief_ended: "duty changed",
    main_duty_accepted: "duty owed",
    decided_as_owed_nothing: "closed; duty owed",
    main_duty_ended: "closed; duty changed",
    placed_for_no_night: "placed; placement changed",
    review_requested: "review",
    review_decided: "review",
}


PLACEMENTS = [
    (EARLIER, None, IN_TA),
    (EARLIER, LAST + DAY, IN_TA),
    (EARLIER, LAST, "placement changed"),
    (EARLIER, FIRST, "placement changed"),
    (EARLIER, FIRST - DAY, None),
    (FIRST - DAY, None, IN_TA),
    (FIRST, None, f"{IN_TA}; placed"),
    (LAST, None, f"{IN_TA}; placed"),
    (LAST, LAST, "placed; placement changed"),
    (LAST + DAY, None, None),
]


def placed(entry: date, left: date | None) -> Sections:
    return {"main": [ASSESSED], "temporary_accommodation": [{**PLACED, "entry_date": entry, "exit_date": left}]}


EXAMPLES = [
    (f"{event.__name__}-{day}", event(day), triggers if inside else None)
    for event, triggers in TRIGGERS.items()
    for day, inside in ((FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False))
] + [(f"in_from_{entry}_to_{left}", placed(entry, left), triggers) for entry, left, triggers in PLACEMENTS]


def together() -> Sections:
    """Every example as a case of one caseload, numbered from 1."""
    rows_of: Sections = {}
    for number, (_, sections, _) in enumerate(EXAMPLES, start=1):
        for name, rows in sections.items():
            rows_of.setdefault(name, []).extend({**row, "case_ref": number} for row in rows)
    return rows_of


@cache
def found() -> dict[str, tuple[bool, str | None]]:
    """The examples of one caseload, judged at once."""
    return selection(together())


def test_each_trigger_and_each_event_that_is_one_has_an_example() -> None:
    text = sql.text("return/return_selection.sql")
    named = re.findall(r"when '(\w+)' then '([^']+)'", text)
    shown = {name for _, _, triggers in EXAMPLES if triggers for name in triggers.split("; ")}
    assert shown == {trigger for _, trigger in named} | {IN_TA}
    with built(as_at=LAST + timedelta(days=14), **together()) as con:
        happened = {event for (event,) in con.execute("select distinct event from events").fetchall()}
    assert {event for event, _ in named} == happened - {"applied"}


@pytest.mark.parametrize("number", range(1, len(EXAMPLES) + 1), ids=[name for name, _, _ in EXAMPLES])
def test_a_case_is_in_the_return_by_its_event_from_the_first_to_the_last_day_of_the_quarter(number: int) -> None:
    """Or because the household is in accommodation at the end of the last day, however long ago it was placed."""
    _, _, triggers = EXAMPLES[number - 1]
    assert found()[ref(number)] == (triggers is not None, triggers)


def test_an_application_alone_is_no_trigger() -> None:
    assert only({"main": [main(application_date=FIRST)]}) == (False, None)


ADVICE = main(application_date=FIRST, assess_date=FIRST, assess1="not_threatened_56", advice_only=True)


def test_a_case_of_advice_only_is_in_the_return_only_when_it_was_placed() -> None:
    assert only({"main": [ADVICE]}) == (False, "assessed; closed")
    placement = {**PLACED, "entry_date": FIRST, "exit_date": FIRST + DAY}
    selected, triggers = only({"main": [ADVICE], "temporary_accommodation": [placement]})
    assert selected and triggers is not None and "placed" in triggers


def test_a_case_assessed_as_not_threatened_and_not_marked_as_advice_is_in_the_return() -> None:
    assert only({"main": [{**ADVICE, "advice_only": None}]})[0]


def test_a_forced_case_is_in_or_out_whatever_its_triggers_say() -> None:
    assert only(assessed(EARLIER), [(ref(1), "include", "asked for by DELTA")]) == (True, None)
    assert only(assessed(FIRST), [(ref(1), "exclude", "sent by the other authority")]) == (False, "assessed")


def test_the_forcing_of_one_case_leaves_the_others_alone() -> None:
    other = {**main(assess_date=FIRST, assess1="prevention"), "case_ref": 2}
    found = selection({"main": [ASSESSED, other]}, [(ref(1), "include", "asked for by DELTA")])
    assert found == {ref(1): (True, None), ref(2): (True, "assessed")}
