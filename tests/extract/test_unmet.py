"""A part of the source profile that meets nothing is said, and what it may have cost blocks the return."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from pipelines.extract import Extracted
from pipelines.extract.layouts import write_layout
from pipelines.findings import ERROR, MASK, WARNING
from pipelines.period import Quarter
from pipelines.run.check import check_export
from tests.extract.mapped import CASES, run

Read = Callable[..., Extracted]

EVENTS = """
[[table]]
file = "events"
allow_unused_rows = true
[table.relief]
when = { "Event" = ["Relief duty"] }
case_ref = "Case"
relief_start = "Date"
[table.final_duties]
when = { "Event" = ["Main duty ended"] }
case_ref = "Case"
main_duty_end = "Date"
"""
ONE_CASE = "Case,Applied\n1,2025-07-01\n"


def unmet(found: Extracted) -> list[dict[str, Any]]:
    """The findings of profile parts that meet nothing."""
    return found.findings.filter(pl.col("rule_id").str.contains("^X-4")).to_dicts()


def test_endings_that_a_misspelt_value_lets_go_block_the_return(tmp_path: Path, read: Read) -> None:
    events = "Case,Event,Date\n1,Relief duty,2025-07-01\n1,Main duty end,2025-09-01\n1,Letter sent,2025-09-01"
    (finding,) = unmet(run(tmp_path, read, CASES + EVENTS, cases=ONE_CASE, events=events))
    assert (finding["rule_id"], finding["severity"], finding["scope"]) == ("X-40", ERROR, "return")
    assert finding["message"] == (
        "events.csv, column 'Event': no row has 'Main duty ended', by which the source profile takes rows, and 2 rows"
        " have something else that the source profile does not name."
    )
    assert finding["value"] == "Main duty ended: Main duty end"
    assert finding["record_key"] == "events.csv, column 'Event'"


def test_a_value_that_is_not_there_is_a_warning_where_what_is_left_out_is_named(tmp_path: Path, read: Read) -> None:
    profile = CASES + EVENTS.replace("allow_unused_rows = true", 'leave_out = { "Event" = ["letter SENT"] }')
    found = run(
        tmp_path, read, profile, cases=ONE_CASE, events="Case,Event,Date\n1,Relief duty,2025-07-01\n1,Letter sent,"
    )
    (finding,) = unmet(found)
    assert (finding["rule_id"], finding["severity"]) == ("X-41", WARNING)
    assert (found.files[1].rows_loaded, found.files[1].rows_left_out) == (1, 1)


def test_rows_that_leave_out_does_not_name_are_set_aside(tmp_path: Path, read: Read) -> None:
    profile = CASES + EVENTS.replace("allow_unused_rows = true", 'leave_out = { "Event" = ["Letter", "Fax"] }')
    events = "Case,Event,Date\n1,Relief duty,2025-07-01\n1,Letter,\n1,Main duty end,2025-09-01"
    found = run(tmp_path, read, profile, cases=ONE_CASE, events=events)
    assert (found.files[1].rows_loaded, found.files[1].rows_set_aside, found.files[1].rows_left_out) == (1, 1, 1)
    assert found.findings.filter(severity=ERROR).get_column("rule_id").to_list() == ["X-27"]
    assert [(one["value"], one["message"]) for one in unmet(found)] == [
        (
            "Main duty ended: Main duty end",
            "events.csv, column 'Event': no row has 'Main duty ended', by which the source profile takes rows.",
        ),
        (None, "events.csv, column 'Event': no row has 'Fax', which the source profile leaves out."),
    ]


def test_the_values_of_a_column_are_one_finding_over_all_files_of_a_table(tmp_path: Path, read: Read) -> None:
    profile = CASES + EVENTS.replace('"events"', '"events*"').replace('["Relief duty"]', '["Relief duty", "Relief"]')
    found = run(
        tmp_path,
        read,
        profile,
        cases=ONE_CASE,
        events_july="Case,Event,Date\n1,RELIEF  duty,2025-07-01",
        events_august="Case,Event,Date\n1,Letter,2025-08-01",
    )
    (finding,) = unmet(found)
    assert finding["message"].startswith("events*, column 'Event': no row has 'Relief' or 'Main duty ended', by which")


def test_a_table_without_rows_meets_nothing_and_says_nothing(tmp_path: Path, read: Read) -> None:
    assert unmet(run(tmp_path, read, CASES + EVENTS, cases=ONE_CASE, events="Case,Event,Date")) == []


def test_conditions_that_are_met_apart_but_never_together_are_said(tmp_path: Path, read: Read) -> None:
    profile = CASES + EVENTS.replace('"Event" = ["Main duty ended"]', '"Event" = ["Main"], "State" = ["Ended"]')
    events = "Case,Event,State,Date\n1,Relief duty,Ended,2025-07-01\n1,Main,Open,2025-09-01"
    (finding,) = unmet(run(tmp_path, read, profile, cases=ONE_CASE, events=events))
    assert finding["rule_id"] == "X-40"
    assert (
        "took no row, because none has what all of 'Event' or 'State' should have, and 1 row has" in finding["message"]
    )


def test_a_column_that_takes_rows_but_is_blank_everywhere_is_said(tmp_path: Path, read: Read) -> None:
    more = '[table.relief]\nwhen = ["Relief"]\ncase_ref = "Case"\nrelief_start = "Relief"\n'
    (finding,) = unmet(run(tmp_path, read, CASES + more, cases="Case,Applied,Relief\n1,2025-07-01,"))
    assert finding["rule_id"] == "X-41"
    assert finding["message"].startswith("cases.csv: Relief")
    assert finding["message"].endswith("took no row, because nothing is filled in under 'Relief'.")


def test_the_nearest_text_of_a_personal_column_is_masked(tmp_path: Path, read: Read) -> None:
    more = """
[[table]]
file = "persons"
allow_unused_rows = true
[table.people]
when = { "Surname" = ["Smithe"] }
case_ref = "Case"
person_no = { constant = "2" }
surname = "Surname"
"""
    found = run(tmp_path, read, CASES + more, cases=ONE_CASE, persons="Case,Surname\n1,Smith\n")
    assert [one["value"] for one in unmet(found)] == [MASK]
    assert "'Smith'" not in str(found.findings.rows())


CODED = CASES.replace('dependent = { constant = "no" }', 'dependent = { constant = "no" }\nsex = "Sex"')


def test_spellings_of_codes_that_occur_nowhere_are_one_warning(tmp_path: Path, read: Read) -> None:
    codes = '[codes.sex]\nW = "female"\nMN = "male"\n[codes.assess1]\nP = "prevention"\n[codes.referral]\nQ = "no"\n'
    profile = CODED.replace('"Applied"', '"Applied"\nassess1 = { column = "Out", codes = { "R" = "relief" } }') + codes
    found = run(tmp_path, read, profile, cases="Case,Applied,Sex,Out\n1,2025-07-01,w,relief\n2,2025-07-01,W,relief")
    (finding,) = unmet(found)
    assert (finding["rule_id"], finding["severity"]) == ("X-46", WARNING)
    assert finding["message"] == (
        "4 spellings of codes in the source profile occur in no cell of the export: cases.csv, codes of 'Out' 'R';"
        " [codes.sex] 'MN'; [codes.assess1] 'P'; [codes.referral] 'Q'."
    )
    assert finding["value"] == "cases.csv, codes of 'Out': R; [codes.sex]: MN; [codes.assess1]: P; [codes.referral]: Q"


def test_a_spelling_close_to_one_that_is_not_understood_is_named_beside_it(tmp_path: Path, read: Read) -> None:
    profile = (
        CODED.replace('"Applied"', '"Applied"\nassess1 = "Outcome"') + '[codes.assess1]\n"Relief dutty" = "relief"\n'
    )
    found = run(tmp_path, read, profile, cases="Case,Applied,Sex,Outcome\n1,2025-07-01,F,Relief duty (s189B)")
    (finding,) = unmet(found)
    assert (finding["rule_id"], finding["fields"]) == ("X-43", "assess1")
    assert finding["value"] == "Relief dutty: Relief duty (s189B)"


def test_a_small_export_of_a_shipped_profile_gets_one_warning_for_its_codes(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame]
) -> None:
    write_layout(sections, "civica-style", tmp_path)
    found = read(tmp_path, "civica-style")
    assert found.findings.select("rule_id", "severity").rows() == [("X-46", "warning")]


def test_an_optional_file_that_is_not_there_is_a_warning_with_the_nearest_name(tmp_path: Path, read: Read) -> None:
    profile = CASES + EVENTS.replace('"events"', '"events"\noptional = true')
    (finding,) = unmet(run(tmp_path, read, profile, cases=ONE_CASE, evnets="Case,Event,Date"))
    assert (finding["rule_id"], finding["severity"]) == ("X-42", WARNING)
    assert finding["message"] == (
        "events: the export has no such file or sheet; the source profile calls it optional. The nearest that was not"
        " read: evnets.csv."
    )


@pytest.mark.parametrize("name", ["events 2025-09", "2025 events", "Eevnts"])
def test_a_missing_file_is_told_with_the_nearest_name(tmp_path: Path, read: Read, name: str) -> None:
    found = run(tmp_path, read, CASES + EVENTS, cases=ONE_CASE, **{name: "Case,Event,Date"})
    (message,) = found.findings.filter(rule_id="X-01").get_column("message")
    assert message == f"events: the export has no such file or sheet. The nearest that was not read: {name}.csv."


def test_optional_columns_that_no_file_has_are_one_warning_a_table(tmp_path: Path, read: Read) -> None:
    more = 'nationality = { column = "Nation", optional = true }\nofficer = { column = "Officer", optional = true }\n'
    profile = CASES.replace('application_date = "Applied"\n', 'application_date = "Applied"\n' + more)
    (finding,) = unmet(run(tmp_path, read, profile, cases="Case,Applied,Oficer\n1,2025-07-01,AB"))
    assert (finding["rule_id"], finding["severity"], finding["fields"]) == ("X-44", WARNING, "nationality, officer")
    assert finding["message"] == (
        "cases.csv: the file has no column 'Nation' or 'Officer', which the source profile calls optional; the fields"
        " are blank. A heading close to it stands over cases.csv, column 3."
    )


def test_people_beyond_the_repeats_of_the_profile_block_the_return(tmp_path: Path, read: Read) -> None:
    profile = """
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
[table.people]
repeat = 2
case_ref = "Case"
relationship = "P{n} is"
dependent = "P{n} child"
"""
    head = "Case,Applied,P1 is,P1 child,P2 is,P2 child,P3 is,P3 child,P4 is,P4 child"
    rows = "1,2025-07-01,Main applicant,no,Partner,no,Other,no,,\n2,2025-07-01,Main applicant,no,,,Other,,,"
    found = run(tmp_path, read, profile, cases=f"{head}\n{rows}")
    (finding,) = unmet(found)
    assert (finding["rule_id"], finding["severity"]) == ("X-45", ERROR)
    assert finding["message"] == (
        "cases.csv, column 'P3 is': the columns repeat more often than the source profile says (repeat = 2); 3 cells"
        " beyond it were not read."
    )


def test_a_sheet_that_the_workbook_lacks_is_not_replaced_by_another(tmp_path: Path, read: Read) -> None:
    (tmp_path / "in").mkdir()
    with xlsxwriter.Workbook(str(tmp_path / "in" / "cases.xlsx")) as book:
        for name in ("cases", "Open case"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Case", "Applied"])
            sheet.write_row(1, 0, [f"{len(name)}", "2025-07-01"])
    (tmp_path / "in" / "events.csv").write_text("Case,Event,Date\n", encoding="utf-8")
    profile = CASES.replace('file = "cases"', 'file = "cases"\nsheet = "Open cases"') + EVENTS
    (tmp_path / "mine.toml").write_text(profile, encoding="utf-8")
    found = read(tmp_path / "in", str(tmp_path / "mine.toml"))
    assert found.sections["main"].is_empty()
    assert found.findings.filter(rule_id="X-01").get_column("message").to_list() == [
        "cases [Open cases]: the export has no such file or sheet. The nearest that was not read:"
        " cases.xlsx [Open case]."
    ]
    assert found.findings.filter(rule_id="X-02").height == 2


def test_a_value_that_blocks_can_be_waived_with_owner_reason_and_expiry(tmp_path: Path, read: Read) -> None:
    run(tmp_path, read, CASES + EVENTS, cases=ONE_CASE, events="Case,Event,Date\n1,Main duty end,2025-09-01")
    waivers = tmp_path / "waivers.csv"
    waivers.write_text(
        "rule_id,case_ref,record_key,owner,reason,expires\n"
        "X-40,,\"events.csv, column 'Event'\",AB,no such events this quarter,2025-12-31\n",
        encoding="utf-8",
    )

    def severities(given: Path | None) -> list[str]:
        checked = check_export(
            tmp_path / "in",
            authority="E06000034",
            quarter=Quarter.parse("2025-Q3"),
            source=str(tmp_path / "mine.toml"),
            waivers=given,
        )
        return checked.findings.filter(rule_id="X-40").get_column("severity").to_list()

    assert severities(None) == [ERROR]
    assert severities(waivers) == [WARNING]


def test_codes_of_a_list_that_no_column_has_are_said(tmp_path: Path, read: Read) -> None:
    profile = CASES + '[codes.nationality]\nUK = "GB"\n'
    (finding,) = unmet(run(tmp_path, read, profile, cases=ONE_CASE))
    assert (finding["rule_id"], finding["value"]) == ("X-46", "[codes.nationality]: UK")


def test_cells_without_the_piece_that_the_profile_takes_are_counted(tmp_path: Path, read: Read) -> None:
    more = 'officer = { column = "Who", split = " - ", part = 2 }\nteam = { column = "Who", split = " - " }\n'
    profile = CASES.replace('application_date = "Applied"\n', 'application_date = "Applied"\n' + more)
    cases = "Case,Applied,Who\n1,2025-07-01,North - AB\n2,2025-07-01,North/CD\n3,2025-07-01,"
    found = run(tmp_path, read, profile, cases=cases)
    assert found.sections["main"].select("officer", "team").rows() == [
        ("AB", "North"),
        (None, "North/CD"),
        (None, None),
    ]
    (finding,) = unmet(found)
    assert (finding["rule_id"], finding["severity"], finding["fields"]) == ("X-47", WARNING, "officer")
    assert finding["message"] == (
        "cases.csv, column 'Who': 1 of 2 filled cells have no piece 2 when they are parted by ' - ', so officer is"
        " blank there."
    )


WIDE = """
[table.relief]
when = { "Duty" = ["Relif"] }
case_ref = "Case"
relief_start = "Start"
[table.prevention]
when = { "Duty" = ["Prevention"] }
case_ref = "Case"
prevention_start = "Start"
"""


def test_a_misspelt_value_blocks_where_another_section_takes_the_rows_too(tmp_path: Path, read: Read) -> None:
    cases = (
        "Case,Applied,Duty,Start\n1,2025-07-01,Relief,2025-07-02\n2,2025-07-01,Prevention,2025-07-02\n3,2025-07-01,,"
    )
    found = run(tmp_path, read, CASES + WIDE, cases=cases)
    (finding,) = unmet(found)
    assert (finding["rule_id"], finding["severity"], finding["value"]) == ("X-40", ERROR, "Relif: Relief")
    assert "no row has 'Relif', by which the source profile takes rows, and 1 row has something" in finding["message"]
    assert found.files[0].rows_left_out == 0


def test_what_rows_may_rightly_have_is_named_under_leave_out(tmp_path: Path, read: Read) -> None:
    profile = CASES.replace('file = "cases"', 'file = "cases"\nleave_out = { "Duty" = ["None owed"] }') + WIDE
    cases = "Case,Applied,Duty,Start\n1,2025-07-01,None owed,\n2,2025-07-01,Prevention,2025-07-02"
    assert [one["rule_id"] for one in unmet(run(tmp_path, read, profile, cases=cases))] == ["X-41"]


def test_a_second_spelling_of_a_value_that_is_met_is_a_warning(tmp_path: Path, read: Read) -> None:
    events = "Case,Event,Date\n1,Main duty ended,2025-07-01\n2,Main duty - ended,2025-07-01\n1,Relief duty,2025-07-02"
    (finding,) = unmet(run(tmp_path, read, CASES + EVENTS, cases=ONE_CASE + "2,2025-07-01", events=events))
    assert (finding["rule_id"], finding["severity"]) == ("X-48", WARNING)
    assert finding["message"] == (
        "events.csv, column 'Event': 1 row has a text close to 'Main duty ended', by which the source profile takes"
        " rows, but not the same."
    )
    assert finding["value"] == "Main duty ended: Main duty - ended"
