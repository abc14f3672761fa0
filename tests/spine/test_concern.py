"""Which errors concern the quarter's return: those of its cases, and those that may be why a case is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipelines import findings as found
from pipelines.period import Quarter
from pipelines.run.concern import concern, selection_of
from pipelines.transform.selection import APPLIED, CODES_READ, DATES_READ, FORCED_SCHEMA
from schemas.sections import SECTION, SECTIONS

QUARTER = Quarter(2025, 3)
AS_AT = date(2025, 10, 20)
FIRST, LAST = QUARTER.first_day, QUARTER.last_day
DAY = timedelta(days=1)
OLD = date(2023, 3, 20)
NOBODY = pl.DataFrame(schema=FORCED_SCHEMA)

Case = dict[str, dict[str, Any]]
"""One row by section."""


def old_case(**sections: dict[str, Any]) -> Case:
    """A case that was applied for and assessed in an old quarter, with these rows."""
    main = {"application_date": OLD, "assess_date": OLD, "assess1": "relief", **sections.pop("main", {})}
    return {"main": main, **sections}


def frames(cases: Mapping[str, Case]) -> dict[str, pl.DataFrame]:
    """The nine sections that hold the cases, by reference."""
    out = {}
    for section in SECTIONS:
        number = (
            {section.key[1]: 1}
            if section.many and SECTION[section.name].column(section.key[1]).kind == "integer"
            else {}
        )
        rows = [
            {"case_ref": ref, **number, **case[section.name]} for ref, case in cases.items() if section.name in case
        ]
        out[section.name] = pl.DataFrame(rows, schema={one.name: one.dtype for one in section.columns})
    return out


def error(ref: str | None, **given: Any) -> found.Finding:
    """An error on a case that says nothing of its dates, or another one."""
    plain = {"rule_id": "H-07", "section": "main", "fields": "reasonloss"}
    return found.Finding(**{**plain, "severity": found.ERROR, "message": "m", "action": "a", "case_ref": ref, **given})


def marks(cases: Mapping[str, Case], *errors: found.Finding, forced: pl.DataFrame = NOBODY) -> list[str | None]:
    """``in_return`` of each of the errors."""
    sections, rows = frames(cases), found.frame(errors)
    refs = pl.Series(list(cases), dtype=pl.String())
    chosen = selection_of(sections, refs, forced, authority="E06000034", quarter=QUARTER, as_at=AS_AT)
    return concern(rows, sections, chosen, forced, quarter=QUARTER, as_at=AS_AT)["in_return"].to_list()


def with_rows(section: str, name: str, day: date) -> Case:
    """An old case in which one date is the day given, and what that date needs is there."""
    before = {
        "prevention_end": {"prevention_start": OLD},
        "relief_end": {"relief_start": OLD},
        "main_duty_end": {"main_decision_date": OLD, "main_decision": "accepted"},
        "main_decision_date": {"main_decision": "npn"},
        "exit_date": {"entry_date": OLD},
        "entry_date": {"exit_date": day},
        "review_outcome_date": {"review_requested_date": OLD},
    }
    return old_case(**{section: {**before.get(name, {}), name: day}})


TRIGGERS = [(section, name) for section, names in DATES_READ.items() for name in names]
BOUNDARY = {"the day before": FIRST - DAY, "the first day": FIRST, "the last day": LAST, "the day after": LAST + DAY}


@pytest.fixture(scope="module")
def at_the_boundary() -> dict[str, str | None]:
    """``in_return`` of an error on a case by trigger and day."""
    cases = {
        f"{name} {when}": with_rows(section, name, day) for section, name in TRIGGERS for when, day in BOUNDARY.items()
    }
    return dict(zip(cases, marks(cases, *(error(ref) for ref in cases)), strict=True))


@pytest.mark.parametrize("when", BOUNDARY)
@pytest.mark.parametrize("name", [name for _, name in TRIGGERS])
def test_an_error_blocks_by_the_day_of_each_trigger(name: str, when: str, at_the_boundary: dict[str, str]) -> None:
    # A household that leaves the day after was in temporary accommodation on the last day.
    stayed = name == "exit_date" and when == "the day after"
    inside = stayed or when in ("the first day", "the last day")
    assert at_the_boundary[f"{name} {when}"] == (found.YES if inside else found.NO)


def test_a_household_that_is_in_temporary_accommodation_on_the_last_day_is_in_the_return() -> None:
    placed = {ref: {"entry_date": OLD, "exit_date": end} for ref, end in {"stays": None, "left": FIRST - DAY}.items()}
    cases = {ref: old_case(temporary_accommodation=row) for ref, row in placed.items()}
    assert marks(cases, error("stays"), error("left")) == [found.YES, found.NO]


PREVENTION = {"prevention_start": OLD, "prevention_end": OLD + 9 * DAY}
RELIEF = {"relief_start": OLD, "relief_end": OLD + 9 * DAY}
DOUBTS: dict[str, tuple[Case, dict[str, Any], str]] = {
    "a date that was not understood": (
        old_case(),
        {"rule_id": "X-30", "fields": "assess_date", "value": "soon"},
        found.UNKNOWN,
    ),
    "a date that was not understood and that nothing is chosen by": (
        old_case(),
        {"rule_id": "X-30", "fields": "php_date", "value": "soon"},
        found.NO,
    ),
    "a code that was not understood": (old_case(), {"rule_id": "X-35", "fields": "lastaccom"}, found.NO),
    "the outcome of the assessment, not understood, of an old case": (
        old_case(),
        {"rule_id": "X-35", "fields": "assess1"},
        found.NO,
    ),
    "the outcome of the assessment, not understood, of a case that may be for advice alone": (
        old_case(main={"assess_date": LAST, "assess1": None, "advice_only": True}),
        {"rule_id": "X-35", "fields": "assess1"},
        found.UNKNOWN,
    ),
    "a decision, not understood, where the main duty ended in the quarter": (
        old_case(main={"advice_only": False}, final_duties={"main_decision_date": OLD, "main_duty_end": LAST}),
        {"rule_id": "X-35", "section": "final_duties", "fields": "main_decision"},
        found.UNKNOWN,
    ),
    "a row that was set aside": (old_case(), {"rule_id": "X-27", "section": None, "fields": None}, found.UNKNOWN),
    "a placement that was set aside as a double": (
        old_case(),
        {"rule_id": "X-25", "section": "temporary_accommodation", "fields": "case_ref, placement_no"},
        found.UNKNOWN,
    ),
    "a person who was set aside as a double": (
        old_case(),
        {"rule_id": "X-25", "section": "people", "fields": "case_ref, person_no"},
        found.NO,
    ),
    "a case that stands there twice": (old_case(), {"rule_id": "REF-04", "fields": "case_ref"}, found.UNKNOWN),
    "an end that is not there": (
        old_case(relief={"relief_start": OLD}),
        {
            "rule_id": "H-71",
            "section": "relief",
            "fields": "relief_outcome, relief_end",
            "value": "relief_outcome=secured_6m; relief_end=(blank)",
        },
        found.UNKNOWN,
    ),
    "an entry that is not there": (
        old_case(),
        {"section": "temporary_accommodation", "fields": "entry_date", "value": "(blank)"},
        found.UNKNOWN,
    ),
    "an outcome that is not there": (
        old_case(relief=RELIEF),
        {
            "section": "relief",
            "fields": "relief_outcome, relief_end",
            "value": "relief_outcome=(blank); relief_end=2023-03-29",
        },
        found.NO,
    ),
    "a date after the export was taken": (
        old_case(relief={"relief_start": OLD, "relief_end": AS_AT + DAY}),
        {"rule_id": "L-01g", "section": "relief", "fields": "relief_start, relief_end"},
        found.UNKNOWN,
    ),
    "dates in disorder in an old case": (
        old_case(prevention={"prevention_start": OLD, "prevention_end": OLD - DAY}),
        {"rule_id": "L-01c", "section": "prevention", "fields": "prevention_start, prevention_end"},
        found.NO,
    ),
    "dates in disorder in a case applied for in the quarter": (
        old_case(main={"application_date": FIRST, "assess_date": OLD}),
        {"rule_id": "V-01", "fields": "application_date, assess_date"},
        found.UNKNOWN,
    ),
    "day and month exchanged": (
        old_case(main={"application_date": date(2025, 6, 20), "assess_date": date(2025, 2, 7)}),
        {"rule_id": "V-01", "fields": "application_date, assess_date"},
        found.UNKNOWN,
    ),
    "last year's number": (
        old_case(prevention={"prevention_start": date(2025, 6, 20), "prevention_end": date(2024, 7, 1)}),
        {"rule_id": "L-01c", "section": "prevention", "fields": "prevention_start, prevention_end"},
        found.UNKNOWN,
    ),
    "another decade": (
        old_case(relief={"relief_start": date(2025, 6, 20), "relief_end": date(2015, 9, 30)}),
        {"rule_id": "L-01f", "section": "relief", "fields": "relief_start, relief_end"},
        found.UNKNOWN,
    ),
    "another decade, and in no case in the quarter": (
        old_case(relief={"relief_start": date(2025, 6, 20), "relief_end": date(2015, 10, 1)}),
        {"rule_id": "L-01f", "section": "relief", "fields": "relief_start, relief_end"},
        found.NO,
    ),
    "an exit of last year that may have been after the quarter": (
        old_case(temporary_accommodation={"entry_date": date(2025, 6, 20), "exit_date": date(2024, 10, 2)}),
        {"rule_id": "L-26a", "section": "temporary_accommodation", "fields": "entry_date, exit_date"},
        found.UNKNOWN,
    ),
    "a date of another section": (
        old_case(main={"assess_date": date(2024, 7, 1)}, relief=RELIEF),
        {"rule_id": "L-01h", "section": "relief", "fields": "relief_start, main.assess_date"},
        found.UNKNOWN,
    ),
}


@pytest.fixture(scope="module")
def in_doubt() -> dict[str, str | None]:
    """``in_return`` of one error on each case of ``DOUBTS``."""
    cases = {name: case for name, (case, _, _) in DOUBTS.items()}
    return dict(
        zip(cases, marks(cases, *(error(name, **given) for name, (_, given, _) in DOUBTS.items())), strict=True)
    )


@pytest.mark.parametrize("name", DOUBTS)
def test_what_may_be_why_a_case_is_not_in_the_return_blocks(name: str, in_doubt: dict[str, str]) -> None:
    assert in_doubt[name] == DOUBTS[name][2]


def test_an_error_without_a_case_or_on_a_case_without_an_application_may_belong() -> None:
    orphan: Case = {"temporary_accommodation": {"entry_date": OLD, "exit_date": OLD + DAY}}
    assert marks({"orphan": orphan}, error(None), error("orphan")) == [found.UNKNOWN, found.UNKNOWN]


def test_an_error_of_the_return_as_a_whole_is_of_no_case() -> None:
    assert marks({"old": old_case()}, error(None, scope=found.RETURN)) == [None]


def forced(**action: str) -> pl.DataFrame:
    return pl.DataFrame([(ref, what, "reason") for ref, what in action.items()], schema=FORCED_SCHEMA, orient="row")


def test_a_case_that_is_forced_out_frees_the_return_of_all_its_errors() -> None:
    cases = {"now": old_case(main={"assess_date": LAST}), "gone": {}}
    wrong = (error("now"), error("now", rule_id="X-30", fields="assess_date"), error("gone", rule_id="X-27"))
    assert marks(cases, *wrong) == [found.YES, found.YES, found.UNKNOWN]
    assert marks(cases, *wrong, forced=forced(now="exclude", gone="exclude")) == [found.NO] * 3


def test_the_errors_of_a_case_that_is_forced_in_block() -> None:
    assert marks({"old": old_case()}, error("old"), forced=forced(old="include")) == [found.YES]


def test_the_columns_that_the_selection_reads_are_those_that_can_lose_a_case() -> None:
    """Each column in turn is blank, and each date wrong too: what loses a case is what the selection reads."""
    cases = {name: with_rows(section, name, LAST) for section, name in TRIGGERS}
    cases["assess1"] = old_case(main={"assess_date": LAST, "assess1": "relief", "advice_only": True})
    cases["not assessed"] = old_case(main={"assess_date": None, "assess1": None}, relief={"relief_start": LAST})
    changed: dict[str, Case] = {}
    for section in SECTIONS:
        for column in section.columns:
            wrong = (None, OLD, LAST + DAY) if column.kind == "date" else (None,)
            for name, case in cases.items():
                if section.name in case and column.name not in section.key:
                    for value in wrong:
                        rows = {**case[section.name], column.name: value}
                        changed[f"{section.name}.{column.name} {name} {value}"] = {**case, section.name: rows}
    every = {**cases, **changed}
    refs = pl.Series(list(every), dtype=pl.String())
    chosen = selection_of(frames(every), refs, NOBODY, authority="E06000034", quarter=QUARTER, as_at=AS_AT)
    kept = set(chosen.filter("is_selected")["case_ref"])
    assert kept >= set(cases)
    lost = {ref.split(" ")[0] for ref in changed if ref not in kept}
    read = {f"{part}.{name}" for listed in (DATES_READ, CODES_READ) for part, names in listed.items() for name in names}
    assert lost == read | {".".join(APPLIED)}
