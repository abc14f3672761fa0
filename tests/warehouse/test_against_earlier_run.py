"""Since the last frozen run: what no officer would have done on purpose is told, lawful changes are silent."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pytest

import sql
from pipelines.period import Quarter
from pipelines.run.comparing import NOTHING, compare_sections, words_of
from pipelines.settings import Settings, values
from pipelines.validate import Context
from pipelines.validate.kinds import INCOMPLETE
from pipelines.warehouse.comparing import earlier_run
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, empty_map, sections_of

Q2, Q3, Q4 = Quarter(2025, 2), Quarter(2025, 3), Quarter(2025, 4)
APPLIED = date(2025, 9, 1)
BIRTHS = (date(1985, 2, 3), date(2015, 6, 7))
Case = dict[str, Any]


def ref(number: int) -> str:
    return f"{LA}_{number:012d}"


def case(number: int, **changed: Any) -> Case:
    """An open case owed the relief duty, of two people, in one open placement; ``changed`` replaces parts of it."""
    people = [
        {"person_no": no, "date_of_birth": birth, "forename": name, "surname": f"Roe{number}"}
        for no, (birth, name) in enumerate(zip(BIRTHS, ("Ann", "Bea"), strict=True), start=1)
    ]
    # No two households have a date of birth in common.
    people = [{**one, "date_of_birth": one["date_of_birth"] + timedelta(days=40 * number)} for one in people]
    made = {
        "ref": ref(number),
        "main": {"application_date": APPLIED, "assess_date": APPLIED, "assess1": "relief", "officer": "A. Officer"},
        "people": people,
        "relief": {"relief_start": APPLIED},
        "prevention": None,
        "placements": [{"placement_no": 1, "entry_date": date(2025, 9, 5), "ta_type": "bb"}],
    }
    return {**made, **changed}


def closed(number: int) -> Case:
    return case(number, main={**case(number)["main"], "assess1": "not_threatened_56"}, relief=None, placements=[])


def state(*cases: Case) -> dict[str, pl.DataFrame]:
    given: dict[str, list[dict[str, Any]]] = {}
    for one in cases:
        rows = {
            "main": [one["main"]],
            "people": one["people"],
            "relief": [one["relief"]],
            "prevention": [one["prevention"]],
            "temporary_accommodation": one["placements"],
        }
        for name, listed in rows.items():
            given.setdefault(name, []).extend({"case_ref": one["ref"], **row} for row in listed if row is not None)
    return sections_of(**given)


def freeze(store: Warehouse, sections: dict[str, pl.DataFrame], *, counted: int | None = None) -> None:
    """The run of 2025-Q3, with the part of its ledger that a comparison reads."""
    run = {"run_id": "run-3", "la_code": LA, "quarter": str(Q3), "as_at": Q3.last_day, "result": "clean"}
    store.freeze(run, sections, empty_map())
    store.save_ledger("run-3", {"cases": {"open": counted}}, "clean")


def compare(
    before: list[Case],
    now: list[Case],
    *,
    as_at: date = date(2025, 12, 30),
    settings: Settings | None = None,
    counted: int | None = None,
) -> pl.DataFrame:
    """The findings on ``now``, as 2025-Q4, after ``before`` was frozen as 2025-Q3.

    By default a preview: assessments of a quarter that is not over are not compared.
    """
    with Warehouse(None) as store:
        freeze(store, state(*before), counted=counted)
        _, found = compare_sections(state(*now), store, Context(LA, Q4, as_at, settings or Settings()), ["now"])
    return found


def told(found: pl.DataFrame) -> list[tuple[str, str | None, str | None]]:
    return found.select("rule_id", "case_ref", "fields").rows()


# --- case by case: what becomes of one case each, compared at once ---------------------------------------------------

ENDED = {"placement_no": 1, "entry_date": date(2025, 9, 5), "ta_type": "bb", "exit_date": date(2025, 9, 10)}
OPEN = {"placement_no": 2, "entry_date": date(2025, 9, 5), "ta_type": "bb"}
DAY, NEXT = date(2025, 9, 2), date(2025, 9, 3)


def people(number: int, *changed: dict[str, Any]) -> list[dict[str, Any]]:
    """The first people of the case, each with something changed."""
    return [{**one, **more} for one, more in zip(case(number)["people"], changed, strict=False)]


def started(number: int, part: str, field: str, day: date | None) -> Case:
    return case(number, **{part: {**(case(number)[part] or {}), field: day}})


def nameless(number: int, birth: date, applied: date) -> Case:
    person = {"person_no": 1, "date_of_birth": birth}
    return case(number, people=[person], main={**case(number)["main"], "application_date": applied})


RELIEF_ENDED = {"relief_start": APPLIED, "relief_end": date(2025, 11, 1), "relief_outcome": "secured_6"}
OTHERS = (
    {"forename": "Zoe", "surname": "Zed", "date_of_birth": date(1970, 1, 1)},
    {"forename": "Yan", "surname": "Zed", "date_of_birth": date(1999, 9, 9)},
)
BORN = {"person_no": 3, "date_of_birth": date(2025, 11, 1), "forename": "Cid", "surname": "Roe"}
MARRIED = {"surname": "Married"}

STORIES: list[tuple[str, Case | None, Case | None, str | None, str | None]] = []
"""What happens, the case before and now, the id that is told and the field."""


def story(what: str, before: Case | None, now: Case | None, told: str | None = None, field: str | None = None) -> None:
    STORIES.append((what, before, now, told, field))


story("an open case is gone", case(1), None, "C-01", "case_ref")
story("a closed case is gone", closed(2), None)
story("a case is new", None, case(3))
story("a case was closed", case(4), case(4, relief=RELIEF_ENDED, placements=[{**OPEN, "exit_date": date(2025, 11, 1)}]))
story("an open placement is gone", case(5), case(5, placements=[]), "C-02", "entry_date")
story("an ended placement is gone", case(6, placements=[ENDED, OPEN]), case(6, placements=[OPEN]))
story(
    "an ended one of its day does not stand for it",
    case(7, placements=[ENDED, OPEN]),
    case(7, placements=[ENDED]),
    "C-02",
    "entry_date",
)
story("a placement is numbered anew", case(8, placements=[OPEN]), case(8, placements=[{**OPEN, "placement_no": 1}]))
story("a placement has an exit", case(9, placements=[OPEN]), case(9, placements=[{**OPEN, "exit_date": DAY}]))
story(
    "one of two placements of a day is gone",
    case(10, placements=[OPEN, {**OPEN, "placement_no": 3}]),
    case(10, placements=[OPEN]),
    "C-02",
    "entry_date",
)
story(
    "a first night has changed",
    case(11, placements=[OPEN]),
    case(11, placements=[{**OPEN, "entry_date": date(2025, 9, 6)}]),
    "C-03",
    "entry_date",
)
for place, (part, field) in enumerate(
    [("main", "application_date"), ("relief", "relief_start"), ("prevention", "prevention_start")]
):
    numbers = range(20 + 3 * place, 23 + 3 * place)
    moved, lost, filled = ([started(number, part, field, day) for day in (DAY, NEXT, None)] for number in numbers)
    story(f"{field} has changed", moved[0], moved[1], "C-03", field)
    story(f"{field} is blank now", lost[0], lost[2], "C-03", field)
    story(f"{field} was filled in", filled[2], filled[0])
story(
    "a date of birth has changed",
    case(31),
    case(31, people=people(31, {}, {"date_of_birth": date(2015, 6, 8)})),
    "C-03",
    "date_of_birth",
)
story(
    "people are numbered anew and another is born",
    case(32),
    case(32, people=[*people(32, {"person_no": 2}, {"person_no": 1}), BORN]),
)
story(
    "the reference names other people, whatever else has changed",
    case(33),
    case(33, people=people(33, *OTHERS), main={**case(33)["main"], "application_date": NEXT}, placements=[]),
    "C-04",
    "case_ref",
)
story("a person alone has another surname", case(34, people=people(34, {})), case(34, people=people(34, MARRIED)))
story(
    "a person alone has another date of birth",
    case(35, people=people(35, {})),
    case(35, people=people(35, {"date_of_birth": date(1990, 1, 1)})),
    "C-03",
    "date_of_birth",
)
story(
    "without names, the same application: a correction",
    nameless(36, date(1980, 1, 1), APPLIED),
    nameless(36, date(1980, 1, 2), APPLIED),
    "C-03",
    "date_of_birth",
)
story(
    "without names, another application: other people",
    nameless(37, date(1981, 1, 1), APPLIED),
    nameless(37, date(1966, 5, 5), NEXT),
    "C-04",
    "case_ref",
)
KEYED_AGAIN, AGAIN = ref(38), ref(99)
story("a case is keyed again, before", case(38), None)
story("a case is keyed again, now", None, {**case(38), "ref": AGAIN}, "C-03", "case_ref")
story("another new case of the day is not taken for it", None, case(39))
story("a case without names is gone", nameless(40, date(1982, 1, 1), APPLIED), None, "C-01", "case_ref")
story("another without names has come that day", None, nameless(41, date(1983, 1, 1), APPLIED))
story("one person has left and another has come", case(42), case(42, people=people(42, {}, OTHERS[1])))


@cache
def all_told() -> pl.DataFrame:
    # Enough others that what is gone is less than a tenth, and no headline moves.
    others = [case(number) for number in range(100, 200)]
    before = [before for _, before, _, _, _ in STORIES if before is not None]
    now = [now for _, _, now, _, _ in STORIES if now is not None]
    return compare([*before, *others], [*now, *others])


@pytest.mark.parametrize(
    ("before", "now", "expected", "field"), [one[1:] for one in STORIES], ids=[one[0] for one in STORIES]
)
def test_what_is_told_of_a_case(before: Case | None, now: Case | None, expected: str | None, field: str | None) -> None:
    (case_ref,) = {one["ref"] for one in (before, now) if one is not None}
    wanted = [] if expected is None else [(expected, case_ref, field)]
    assert told(all_told().filter(pl.col("case_ref") == case_ref)) == wanted


def test_nothing_else_is_told() -> None:
    known = {one["ref"] for _, before, now, _, _ in STORIES for one in (before, now) if one is not None}
    assert set(all_told()["case_ref"]) <= known
    assert set(all_told()["severity"]) == {"warning"}


def the(case_ref: str) -> dict[str, Any]:
    (found,) = all_told().filter(pl.col("case_ref") == case_ref).to_dicts()
    return found


def test_a_finding_names_the_day_of_the_export_it_compares_with_and_who_holds_the_case() -> None:
    gone = the(ref(1))
    assert "in the export of 30 September 2025" in gone["message"]
    assert gone["officer"] == the(ref(5))["officer"] == "A. Officer"


def test_values_stand_in_their_column_and_those_of_people_nowhere() -> None:
    assert (the(ref(5))["value"], the(ref(5))["record_key"]) == ("2025-09-05", "placement_no=1")
    assert the(ref(20))["value"] == "2025-09-02 -> 2025-09-03"
    assert the(AGAIN)["value"] == f"{KEYED_AGAIN} -> {AGAIN}"
    assert (the(ref(31))["value"], the(ref(31))["record_key"]) == ("[masked]", "person_no=2")
    assert the(ref(33))["value"] is None
    text = all_told().drop("value").write_csv()
    assert not any(word in text for word in ("Zoe", "Zed", "Roe", "2015", "1970", "2025-09-02"))


# --- a tenth of the open cases, and headline counts ------------------------------------------------------------------

MANY = [case(number) for number in range(1, 41)]


@pytest.mark.parametrize(("gone", "counted"), [(4, None), (5, None), (4, 40), (5, 40)])
def test_more_than_a_tenth_of_the_open_cases_gone_is_an_error_of_the_return(gone: int, counted: int | None) -> None:
    """Counted from its history, or by the earlier run itself; a closed case counts neither way."""
    found = compare([*MANY, *(closed(number) for number in range(60, 80))], MANY[gone:], counted=counted)
    errors = found.filter(pl.col("severity") == "error")
    assert (found["rule_id"] == "C-01").sum() == gone
    assert errors.select("rule_id", "scope", "case_ref").rows() == [("C-06", "return", None)] * (gone > 4)
    if gone > 4:
        assert errors["message"][0].startswith(
            "5 of the 40 cases that were open in the export of 30 September 2025 are not"
        )


def test_cases_that_were_keyed_again_count_among_those_that_are_gone() -> None:
    again = [{**case(number), "ref": ref(900 + number)} for number in range(1, 6)]
    found = compare(MANY, [*again, *MANY[5:]])
    (error,) = found.filter(pl.col("rule_id") == "C-06").to_dicts()
    assert "5 of them seem to be here under another reference" in error["message"]
    assert "migration map" in error["action"]


def test_the_share_is_a_setting() -> None:
    assert "C-06" not in compare(MANY, MANY[5:], settings=Settings(gone_share_limit=0.125))["rule_id"]


def counts(*quarters: int, now: int, settings: Settings | None = None) -> bool:
    """Whether a headline count of ``now`` is told after quarters with these."""
    with duckdb.connect(":memory:") as con:
        con.execute("create schema before")
        con.execute(
            "create table before.earlier_count (headline varchar, value double, quarter_no integer,"
            " is_compared boolean, is_last_of_quarter boolean)"
        )
        rows = [("cases", count, place, place == len(quarters) - 1, True) for place, count in enumerate(quarters)]
        con.executemany("insert into before.earlier_count values (?, ?, ?, ?, ?)", rows)
        con.execute(
            "create table before.count_now as select 'cases' as headline, 'Cases' as what, ?::double as value,"
            " false as is_average, 100 as cases",
            [now],
        )
        named = {name: value for name, value in values(settings or Settings()).items() if name.startswith("count_")}
        con.execute(
            f"create table setting as select {', '.join(f'? as {name}' for name in named)}", list(named.values())
        )
        return bool(con.execute(sql.text("against_last_run/C-05.sql")).fetchall())


@pytest.mark.parametrize(("now", "expected"), [(50, False), (49, True), (150, False), (151, True)])
def test_with_a_short_history_a_count_may_move_by_half(now: int, expected: bool) -> None:
    assert counts(100, 100, now=now) is expected
    # Three changes are short.
    assert counts(100, 80, 120, 100, now=now) is expected


@pytest.mark.parametrize(("now", "expected"), [(70, False), (69, True), (125, False), (126, True)])
def test_with_a_history_a_count_may_move_as_it_did_before_or_by_a_quarter(now: int, expected: bool) -> None:
    # Four changes: one of them down to seven tenths, none up by more than a quarter.
    assert counts(100, 70, 80, 90, 100, now=now) is expected


@pytest.mark.parametrize(("now", "expected"), [(29, False), (30, True)])
def test_a_change_of_fewer_than_twenty_is_not_told(now: int, expected: bool) -> None:
    assert counts(10, 10, now=now) is expected


def test_counts_that_come_from_nothing_are_told() -> None:
    assert counts(0, now=20) and not counts(0, now=19)


def test_people_per_case_that_fall_by_more_than_a_quarter_are_told() -> None:
    before = [case(number) for number in range(1, 61)]
    halved = [case(number, people=case(number)["people"][:1]) for number in range(1, 61)]
    messages = compare(before, halved).filter(pl.col("rule_id") == "C-05")["message"].to_list()
    (message,) = messages
    assert message.startswith("The number of people per case is 1.00, after 2.00 in the export of ")


def test_assessments_are_compared_when_the_quarter_is_over() -> None:
    # All 40 were assessed in the quarter before.
    over = compare(MANY, MANY, as_at=date(2025, 12, 31))
    assert [one.split(" is ")[0] for one in over["message"]] == ["The number of assessments in the quarter"]
    assert told(compare(MANY, MANY, as_at=date(2025, 12, 30))) == []


# --- which run -------------------------------------------------------------------------------------------------------


def run(
    store: Warehouse,
    run_id: str,
    *,
    quarter: Quarter = Q3,
    as_at: date | None = None,
    result: str = "clean",
    errors: tuple[str, ...] = (),
    inputs: str = "before",
) -> None:
    """One more run, of which only the ledger is kept."""
    store.connection.execute(
        "insert into runs (run_id, run_order, la_code, quarter, as_at, result)"
        " select ?, count(*) + 1, ?, ?, ?, ? from runs",
        [run_id, LA, str(quarter), as_at or quarter.last_day, result],
    )
    book = {
        "inputs": [{"sha256": inputs}],
        "findings": {"by_rule": [{"rule_id": one, "severity": "error"} for one in errors]},
    }
    store.save_ledger(run_id, book, result)


def compared(store: Warehouse, *, quarter: Quarter = Q4, as_at: date | None = None, inputs: str = "now") -> str | None:
    found = earlier_run(
        store,
        authority=LA,
        quarter=quarter,
        as_at=as_at or quarter.last_day,
        inputs=[inputs],
        incomplete=INCOMPLETE,
    )
    return found and found.run_id


def test_the_first_run_has_nothing_to_compare_with_and_says_so() -> None:
    with Warehouse(None) as store:
        assert compared(store) is None
        earlier, found = compare_sections(state(case(1)), store, Context(LA, Q4, Q4.last_day), ["now"])
    assert words_of(earlier) == NOTHING and found.is_empty()


def test_it_is_the_newest_by_its_own_day_and_then_by_its_order() -> None:
    with Warehouse(None) as store:
        run(store, "third")
        run(store, "second again", quarter=Q2)
        assert compared(store) == "third"
        run(store, "third again")
        assert compared(store) == "third again"


def test_a_run_as_at_a_later_day_is_not_it() -> None:
    with Warehouse(None) as store:
        run(store, "second", quarter=Q2)
        run(store, "later", as_at=date(2025, 11, 1))
        assert compared(store, quarter=Q3, as_at=date(2025, 10, 31)) == "second"
        assert compared(store, quarter=Q3, as_at=date(2025, 11, 1)) == "later"


def test_a_run_on_the_same_bytes_is_not_it() -> None:
    with Warehouse(None) as store:
        run(store, "before")
        run(store, "the same", quarter=Q4, inputs="now")
        assert compared(store, inputs="now") == "before"
        assert compared(store, inputs="other") == "the same"


@pytest.mark.parametrize("kind", ["E-01", "E-02", "C-06"])
def test_a_run_that_was_found_incomplete_is_not_it(kind: str) -> None:
    with Warehouse(None) as store:
        run(store, "whole", quarter=Q2)
        run(store, "half", result="blocked", errors=(kind,))
        assert compared(store) == "whole"


def test_a_blocked_attempt_at_the_quarter_does_not_hide_what_changed_since_the_last_return() -> None:
    with Warehouse(None) as store:
        run(store, "last quarter", result="blocked", errors=("L-06",))
        run(store, "attempt", quarter=Q4, result="blocked", inputs="one")
        assert compared(store) == "last quarter"
        run(store, "returned", quarter=Q4, inputs="two")
        assert compared(store) == "returned"


def test_the_first_attempt_at_a_quarter_is_better_than_nothing() -> None:
    with Warehouse(None) as store:
        run(store, "attempt", quarter=Q4, result="blocked")
        assert compared(store) == "attempt"


def test_a_run_that_did_not_end_is_not_it() -> None:
    with Warehouse(None) as store:
        run(store, "stopped", result="running")
        assert compared(store) is None
