"""A finding lives from run to run: what nobody put right is not resolved, and what stood there before is not new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.findings import ERROR, INCOMPLETE, RETURN, WARNING, Finding, combine, frame
from pipelines.findings_id import with_ids
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.warehouse import asking, life
from pipelines.warehouse.asked import stored
from pipelines.warehouse.store import Warehouse
from schemas import rules as rule_book
from schemas.rules import RULES, rules_in_force
from tests.warehouse.stored import LA, sections_of

Q3, Q4 = "2025-Q3", "2025-Q4"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2025, 11, day) for day in (24, 25, 26, 27))
RULE, OTHER_RULE = "H-11", "H-93"
PLACEMENT_RULE = "L-26d"


def a_finding(case: str | None = "1", rule: str = RULE, **given: Any) -> Finding:
    said = {"severity": WARNING, "message": "Something is wrong.", "action": "Mend it.", "section": "main"}
    return Finding(**{"rule_id": rule, "case_ref": case, "fields": "php_date", **said, **given})


def on_placement(number: int, case: str = "1", **given: Any) -> Finding:
    where = {"section": "temporary_accommodation", "record_key": f"placement_no={number}", "fields": "exit_date"}
    return a_finding(case, PLACEMENT_RULE, **{**where, **given})


class Days:
    """A warehouse of one authority, to which runs are added; each says what became of the findings."""

    def __init__(self) -> None:
        self.store = Warehouse(None)
        self.number = 0

    def run(
        self,
        day: date,
        *found: Finding,
        cases: Iterable[str] = ("1", "2"),
        placements: Iterable[tuple[str, int, date]] = (),
        quarter: str = Q4,
        run_id: str | None = None,
        result: str = "clean",
        **ledger: Any,
    ) -> life.Life:
        """One more run with these findings and cases; ``ledger`` replaces parts of what it says of itself."""
        self.number += 1
        name = run_id or f"run-{self.number}"
        sections = sections_of(
            main=[{"case_ref": one} for one in cases],
            temporary_accommodation=[
                {"case_ref": case, "placement_no": no, "entry_date": entry} for case, no, entry in placements
            ],
        )
        run = {"run_id": name, "la_code": LA, "quarter": quarter, "as_at": day, "return_profile": "provisional"}
        self.store.freeze({**run, "result": "running"}, sections, empty_map())
        entered = {(case, f"placement_no={no}"): str(entry) for case, no, entry in placements}
        rows = combine([frame(found)])
        keys = rows.select("case_ref", "record_key").rows()
        known_as = [entered.get(key, key[1]) for key in keys]
        ided = with_ids(rows.with_columns(pl.Series("known_as", known_as, pl.String)), quarter).drop("known_as")
        self.store.save_findings(name, ided)
        kinds = rows.select("rule_id", "severity").unique().rows()
        book = {
            "inputs": [{"name": "main.csv", "sha256": f"bytes of run {self.number}"}],
            "findings": {"by_rule": [{"rule_id": rule, "severity": severity} for rule, severity in kinds]},
            **ledger,
        }
        self.store.save_ledger(name, book, result)
        told = life.life_of(self.store.connection, stored(self.store.connection, name))
        life.keep_continued(self.store.connection, stored(self.store.connection, name), told)
        return told


@pytest.fixture
def days() -> Days:
    return Days()


def states(told: life.Life) -> list[str]:
    return sorted(told.states["state"])


def counted(told: life.Life) -> tuple[list[str], int, dict[str, int]]:
    """The states, the number of those resolved, and those of which nothing can be said."""
    return states(told), told.resolved.height, dict(told.not_judged)


def test_a_finding_is_new_then_open_then_resolved_and_then_come_back(days: Days) -> None:
    first = days.run(MONDAY, a_finding())
    assert counted(first) == (["new"], 0, {}) and first.before is None
    second = days.run(TUESDAY, a_finding(), a_finding("2"))
    assert counted(second) == (["new", "open"], 0, {})
    assert second.before is not None and second.before.as_at == MONDAY
    third = days.run(WEDNESDAY, a_finding("2"))
    assert counted(third) == (["open"], 1, {})
    assert third.resolved.select("case_ref", "since", "resolved_run", "resolved_on", "state").rows() == [
        ("1", "2025-11-24", "run-3", "2025-11-26", "resolved")
    ]
    fourth = days.run(THURSDAY, a_finding(), a_finding("2"))
    assert dict(fourth.states.select("state", "since").iter_rows()) == {
        "come back": "2025-11-24",
        "open": "2025-11-25",
    }
    assert sorted(fourth.states["seen_runs"]) == [3, 3]
    assert set(fourth.states["first_run"]) == {"run-1", "run-2"}


def test_what_was_resolved_is_told_once(days: Days) -> None:
    days.run(MONDAY, a_finding())
    assert days.run(TUESDAY).resolved.height == 1
    assert days.run(WEDNESDAY).resolved.height == 0


def test_a_case_that_is_gone_from_the_export_resolves_nothing_and_comes_back_as_it_was(days: Days) -> None:
    days.run(MONDAY, a_finding())
    assert counted(days.run(TUESDAY, cases=["2"])) == ([], 0, {"case": 1})
    assert counted(days.run(WEDNESDAY, a_finding())) == (["open"], 0, {})


def test_what_was_put_right_while_the_case_was_gone_is_resolved_when_it_is_there_again(days: Days) -> None:
    days.run(MONDAY, a_finding())
    days.run(TUESDAY, cases=["2"])
    assert days.run(WEDNESDAY).resolved.height == 1


@pytest.mark.parametrize("how", ["not_run", "not_asked"])
def test_a_rule_that_was_not_run_resolves_nothing(days: Days, how: str) -> None:
    rules = {"not_run": [{"rule_id": RULE, "reason": "it failed"}]} if how == "not_run" else {"not_asked": [RULE]}
    days.run(MONDAY, a_finding(), a_finding(rule=OTHER_RULE))
    told = days.run(TUESDAY, rules=rules)
    assert told.resolved["rule_id"].to_list() == [OTHER_RULE] and told.not_judged == {"rule": 1}
    assert counted(days.run(WEDNESDAY, a_finding(), a_finding(rule=OTHER_RULE))) == (["come back", "open"], 0, {})


def test_a_rule_whose_validity_has_ended_resolves_nothing(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = replace(RULES[0], rule_id="ended", valid_by="quarter", valid_to=Quarter.parse(Q3).last_day)
    monkeypatch.setattr(asking, "rules_in_force", lambda day: rules_in_force(day, [ended]))
    monkeypatch.setitem(rule_book.RULE, "ended", ended)
    days.run(MONDAY, a_finding(rule="ended"), quarter=Q3)
    assert counted(days.run(TUESDAY)) == ([], 0, {"rule": 1})


@pytest.mark.parametrize("kind", INCOMPLETE)
def test_an_export_that_is_old_or_not_whole_resolves_nothing_and_nothing_is_compared_with_it(
    days: Days, kind: str
) -> None:
    days.run(MONDAY, a_finding())
    old = a_finding(None, kind, severity=ERROR, scope=RETURN, section=None, fields=None)
    told = days.run(TUESDAY, old, a_finding("2"))
    assert (told.resolved.height, told.not_judged) == (0, {"export": 1})
    third = days.run(WEDNESDAY, a_finding(), a_finding("2"))
    assert third.before is not None and third.before.as_at == MONDAY
    assert counted(third) == (["new", "open"], 0, {})


def test_an_answered_for_old_export_is_compared_with(days: Days) -> None:
    days.run(MONDAY, a_finding())
    waived = a_finding(None, "E-02", severity=WARNING, scope=RETURN, section=None, fields=None)
    assert days.run(TUESDAY, waived).resolved.height == 1


def test_a_run_for_another_quarter_between_two_of_this_one_changes_nothing(days: Days) -> None:
    days.run(MONDAY, a_finding())
    days.run(TUESDAY, a_finding("2"), quarter=Q3)
    told = days.run(WEDNESDAY, a_finding(), a_finding("2"))
    assert told.before is not None and told.before.as_at == MONDAY
    # What Tuesday's run told stood there before.
    assert counted(told) == (["open", "open"], 0, {})


def test_the_first_run_of_a_quarter_goes_on_from_the_last_of_the_quarter_before(days: Days) -> None:
    days.run(MONDAY, a_finding(), a_finding("2"), quarter=Q3)
    told = days.run(TUESDAY, a_finding())
    assert told.before is not None and str(told.before.quarter) == Q3
    assert counted(told) == (["open"], 1, {})


def test_what_is_asked_of_a_quarter_is_not_resolved_by_another_quarter(days: Days) -> None:
    of_quarter = a_finding(rule="L-17a", section="temporary_accommodation", fields="ta_type")
    of_return = a_finding(None, "C-05", scope=RETURN, section=None, fields=None)
    days.run(MONDAY, of_quarter, of_return, quarter=Q3)
    assert counted(days.run(TUESDAY, quarter=Q4)) == ([], 0, {"quarter": 2})


def test_a_run_of_an_earlier_day_made_later_is_put_in_its_place(days: Days) -> None:
    days.run(MONDAY, a_finding())
    days.run(WEDNESDAY, a_finding(), a_finding("2"))
    between = days.run(TUESDAY, a_finding())
    assert between.before is not None and between.before.as_at == MONDAY
    assert counted(between) == (["open"], 0, {})
    told = days.run(THURSDAY, a_finding("2"))
    assert told.before is not None and told.before.as_at == WEDNESDAY
    assert counted(told) == (["open"], 1, {})


def test_a_run_made_again_is_compared_with_the_one_before_it_and_not_with_itself(days: Days) -> None:
    days.run(MONDAY, a_finding())
    once = days.run(TUESDAY, a_finding("2"), run_id="tuesday")
    again = days.run(TUESDAY, a_finding("2"), run_id="tuesday")
    assert counted(once) == counted(again) == (["new"], 1, {})


def test_the_same_export_run_again_the_same_day_keeps_what_is_new(days: Days) -> None:
    same = {"inputs": [{"name": "main.csv", "sha256": "the same"}]}
    days.run(MONDAY, a_finding())
    days.run(TUESDAY, a_finding("2"), **same)
    told = days.run(TUESDAY, a_finding("2"), **same)
    assert told.before is not None and told.before.as_at == MONDAY
    assert counted(told) == (["new"], 1, {})


def test_a_run_that_did_not_end_is_not_compared_with(days: Days) -> None:
    days.run(MONDAY, a_finding())
    days.run(TUESDAY, result="running")
    assert counted(days.run(WEDNESDAY, a_finding())) == (["open"], 0, {})


def test_a_blocked_run_of_the_same_quarter_is_compared_with(days: Days) -> None:
    days.run(MONDAY, a_finding(), result="blocked")
    told = days.run(TUESDAY, a_finding(), a_finding("2"), result="blocked")
    assert counted(told) == (["new", "open"], 0, {})


PLACED = ("1", 1, date(2025, 10, 1))


def test_a_record_that_was_taken_out_resolves_its_findings(days: Days) -> None:
    days.run(MONDAY, on_placement(2), placements=[PLACED, ("1", 2, date(2025, 11, 1))])
    assert days.run(TUESDAY, placements=[PLACED]).resolved.height == 1


def test_a_record_is_not_taken_for_gone_where_a_file_less_was_read(days: Days) -> None:
    two = [{"name": name, "sha256": name} for name in ("main.csv", "ta.csv")]
    days.run(MONDAY, on_placement(1), a_finding(), placements=[PLACED], inputs=two)
    told = days.run(TUESDAY)
    assert told.resolved["rule_id"].to_list() == [RULE] and told.not_judged == {"not read": 1}


def test_a_correction_of_the_natural_key_goes_on_as_the_same_finding(days: Days) -> None:
    days.run(MONDAY, on_placement(1), placements=[PLACED])
    moved = ("1", 1, date(2025, 10, 11))
    told = days.run(TUESDAY, on_placement(1), placements=[moved])
    assert counted(told) == (["open"], 0, {}) and told.states["since"].to_list() == ["2025-11-24"]
    later = days.run(WEDNESDAY, on_placement(1), placements=[moved])
    assert counted(later) == (["open"], 0, {}) and later.states["since"].to_list() == ["2025-11-24"]
    assert days.run(THURSDAY, placements=[moved]).resolved["since"].to_list() == ["2025-11-24"]


def test_two_records_that_are_both_there_are_two_findings(days: Days) -> None:
    both = [PLACED, ("1", 2, date(2025, 11, 1))]
    days.run(MONDAY, on_placement(1), placements=both)
    assert counted(days.run(TUESDAY, on_placement(2), placements=both)) == (["new"], 1, {})


@pytest.mark.parametrize(
    ("misread", "is_hidden"),
    [
        ({"fields": "php_date"}, True),
        ({"fields": None}, True),
        ({"fields": "officer"}, False),
        ({"fields": "php_date", "section": "relief"}, False),
        ({"fields": "php_date", "case": "2"}, False),
        ({"fields": "php_date", "case": None, "scope": RETURN}, True),
    ],
    ids=["the cell", "the row", "another cell", "another section", "another case", "the column"],
)
def test_what_cannot_be_read_any_more_hides_a_finding_and_mends_nothing(
    days: Days, misread: dict[str, Any], is_hidden: bool
) -> None:
    days.run(MONDAY, a_finding())
    told = days.run(TUESDAY, a_finding(**{"rule": "X-30", "severity": ERROR, **misread}))
    assert (told.resolved.height, told.not_judged) == ((0, {"not read": 1}) if is_hidden else (1, {}))


def test_what_changed_since_a_run_is_not_resolved_when_it_is_compared_with_another(days: Days) -> None:
    changed = a_finding(rule="C-03", fields="application_date")
    days.run(MONDAY, changed, compared_with={"run_id": "the last return"})
    assert counted(days.run(TUESDAY, compared_with={"run_id": "another"})) == ([], 0, {})
    days.run(WEDNESDAY, changed, compared_with={"run_id": "the last return"})
    assert days.run(THURSDAY, compared_with={"run_id": "the last return"}).resolved.height == 1


def test_what_is_said_of_waivers_is_not_resolved_by_a_run_without_any(days: Days) -> None:
    about = a_finding(None, "W-expired", scope=RETURN, section=None, fields=RULE)
    days.run(MONDAY, about, files_beside=[{"what": "waivers"}])
    assert counted(days.run(TUESDAY)) == ([], 0, {"rule": 1})
    days.run(WEDNESDAY, about, files_beside=[{"what": "waivers"}])
    assert days.run(THURSDAY, files_beside=[{"what": "waivers"}]).resolved.height == 1


def test_a_waived_finding_is_waived_and_open_again_and_not_new_when_the_waiver_has_ended(days: Days) -> None:
    waiver = {"rule_id": RULE.lower(), "case_ref": "1", "record_key": None, "findings": 1}
    days.run(MONDAY, a_finding(), a_finding("2"))
    told = days.run(TUESDAY, a_finding(), a_finding("2"), waivers=[waiver])
    assert states(told) == ["open", "waived"] and not told.states["is_waiver_over"].any()
    after = days.run(WEDNESDAY, a_finding(), a_finding("2"))
    assert states(after) == ["open", "open"] and after.states["is_waiver_over"].sum() == 1
    assert set(after.states["since"]) == {"2025-11-24"}
    # It is said once.
    assert not days.run(THURSDAY, a_finding(), a_finding("2")).states["is_waiver_over"].any()


def test_the_counts_of_the_last_runs_are_those_that_each_told(days: Days) -> None:
    told = {"by_kind_and_state": [{"kind": "fix", "state": "new", "findings": 7}]}
    days.run(MONDAY, a_finding())
    days.run(TUESDAY, a_finding(), findings={"life": told})
    counts = life.counts_by_run(days.store.connection, LA)
    assert counts.select("run_id", "as_at", "kind", "state", "findings").rows() == [
        ("run-1", MONDAY, None, "new", 1),
        ("run-2", TUESDAY, "fix", "new", 7),
    ]
    assert life.counts_by_run(days.store.connection, LA, last=1)["run_id"].to_list() == ["run-2"]


def test_another_authority_s_runs_say_nothing(days: Days) -> None:
    days.run(MONDAY, a_finding())
    days.store.connection.execute("update runs set la_code = 'E06000033'")
    days.store.connection.execute("update history.findings set authority = 'E06000033'")
    assert counted(days.run(TUESDAY, a_finding())) == (["new"], 0, {})
