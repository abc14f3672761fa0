"""What a portal said beside our findings: agreed, ours only, theirs only, and the rules that are to be written."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result
from xlsxwriter import Workbook

from pipelines.commands import official
from pipelines.emit.returns.portal.compare import Comparison, compare, read_run
from pipelines.emit.returns.portal.response import parse_columns, read_response
from pipelines.emit.returns.portal.words import FieldNames, normalised
from pipelines.errors import HclicError, InputError, UsageError
from pipelines.findings import Finding, combine, frame
from tests.returns.cases import AUTHORITY, ref

NAMES = FieldNames.of(None)
CLOSED = Finding(
    "L-06",
    "error",
    "The relief duty ended before it started.",
    "Correct the dates.",
    section="relief",
    case_ref=ref(1),
    fields="relief_start, relief_end",
    in_return="yes",
)


def _finding(number: int, rule_id: str, message: str, fields: str, section: str, **more: Any) -> Finding:
    given = {"severity": "error", "in_return": "yes", **more}
    return Finding(
        rule_id=rule_id, message=message, action="", section=section, case_ref=ref(number), fields=fields, **given
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The outputs of a run of five cases, of which the council calls the first ``H/17``."""
    folder = tmp_path / "2025-Q4"
    (folder / "findings").mkdir(parents=True)
    book = {"title": "Invented Council, October to December 2025", "authority": {"code": AUTHORITY}}
    (folder / "ledger.json").write_text(json.dumps(book), encoding="utf-8")
    local = ["H/17", "2", *map(ref, (3, 4, 5))]
    lines = [f"{local[number - 1]},{ref(number)},issued" for number in range(1, 6)]
    (folder / "reference_map.csv").write_text("\n".join(["local_ref,case_ref,origin", *lines]) + "\n", encoding="utf-8")
    found = [
        CLOSED,
        _finding(2, "L-06", CLOSED.message, "relief_start, relief_end", "relief"),
        _finding(3, "N-02", "No ethnicity is recorded.", "ethnicity", "people", severity="warning"),
        _finding(4, "N-02", "No ethnicity is recorded.", "ethnicity", "people", in_return="no"),
    ]
    combine([frame(found)]).write_csv(folder / "findings" / "findings.csv")
    return folder


def _response(
    folder: Path, *rows: tuple[str, ...], headings: tuple[str, ...] = ("Case Ref", "Element", "Message")
) -> Path:
    path = folder / "errors.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([headings, *rows])
    return path


def _compared(run: Path, *rows: tuple[str, ...]) -> Comparison:
    response = read_response(_response(run.parent, *rows), {})
    return compare(read_run(run), response, NAMES, {})


def _cli(*arguments: object) -> Result:
    return CliRunner().invoke(official.app, ["compare", *map(str, arguments)])


# --- what is the same -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "message", "sure"),
    [
        ("", "The relief duty ended before it started.", "by message"),
        ("", "Relief duty ended before it started (20/12/2025)", "by words"),
        ("", "End of the relief duty is before the relief duty started", "by words"),
        ("RELIEF_END", "Date is out of range", "by field"),
        ("/Return/Case[3]/RELIEF/RELIEF_END", "Date is out of range", "by field"),
        ("relief.relief_end", "Date is out of range", "by field"),
        ("", "RELIEF_END is out of range", "by field"),
    ],
)
def test_the_same_of_the_same_case_is_agreed(element: str, message: str, sure: str, run: Path) -> None:
    found = _compared(run, (ref(1), element, message))
    assert [(pair.ours and pair.ours.rule_id, pair.sure) for pair in found.agreed] == [("L-06", sure)]
    assert not found.theirs_only


def test_a_rule_that_the_portal_names_is_agreed(run: Path) -> None:
    path = _response(run.parent, (ref(1), "l-06", "x"), headings=("Reference", "Rule", "Message"))
    found = compare(read_run(run), read_response(path, {}), NAMES, {})
    assert [pair.sure for pair in found.agreed] == ["by rule"]


def test_the_same_of_another_case_is_not_agreed(run: Path) -> None:
    found = _compared(run, (ref(3), "RELIEF_END", CLOSED.message))
    assert not found.agreed
    assert [pair.theirs and pair.theirs.case_ref for pair in found.theirs_only] == [ref(3)]
    assert sorted(pair.ours.case_ref for pair in found.ours_only if pair.ours) == [ref(1), ref(2), ref(3)]


def test_findings_of_cases_that_are_not_in_the_return_are_left_out_and_counted(run: Path) -> None:
    found = _compared(run, (ref(1), "", "x"))
    assert found.run.left_out == 1
    assert ref(4) not in {pair.ours.case_ref for pair in found.ours_only if pair.ours}


@pytest.mark.parametrize(
    "given",
    [
        ref(1),
        ref(1).lower(),
        f" {ref(1)} ",
        "H/17",
        "h/17",
        "000000000001",
        f"{AUTHORITY}_1",
        f"{AUTHORITY} 000000000001",
    ],
)
def test_a_case_is_found_under_either_reference_in_any_case_of_letters(given: str, run: Path) -> None:
    assert read_run(run).case(given) == ref(1)


def test_a_local_reference_goes_before_a_number_that_looks_like_ours(run: Path) -> None:
    assert read_run(run).case("2") == ref(2)
    assert read_run(run).case("77") is None and read_run(run).case("H/18") is None


def test_a_case_that_the_run_does_not_have_is_reported(run: Path) -> None:
    found = _compared(run, (ref(99), "", "Missing"), ("", "", "The file has no header"))
    assert [said.row for said in found.unknown] == [2]
    assert [pair.theirs and pair.theirs.case_ref for pair in found.theirs_only] == [None]


# --- messages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Case E06000034_000000000001: end 20/12/2025 is before start 2025-12-21", "Case …: end … is before start …"),
        ("Open for 57 days on 1 October 2025", "Open for … days on …"),
        ("Value 'O''Brien' is not allowed", "Value … is not allowed"),
        ('Value "Smith" of £1,250.50 is too high', "Value … of … is too high"),
        ("ERR_102: s193 duty (L-06)", "ERR_102: s193 duty (L-06)"),
        ("H/17 has no outcome", "… has no outcome"),
        ("On Dec 3rd, 2025  there\nare 2, 3 and 4", "On … there are … and …"),
    ],
)
def test_a_message_loses_references_dates_numbers_and_values(message: str, expected: str) -> None:
    assert normalised(message, ("H/17",)) == expected


# --- rules to write -------------------------------------------------------------------------------------------------


def test_what_only_the_portal_says_becomes_rules_to_write(run: Path) -> None:
    path = _response(
        run.parent,
        (ref(3), "PHP_DATE", "Plan dated 01/10/2025 before application"),
        (ref(4), "PHP_DATE", "Plan dated 2025-10-03 before application"),
        (ref(4), "ACCOM_PR", "Unexpected 17"),
    )
    result = _cli(path, "--run-folder", run)
    assert result.exit_code == 0, result.output
    table = pl.read_csv(run / "portal" / "rules_to_write.csv")
    assert table.select("portal_message", "count", "cases", "fields", "example_case_refs").rows() == [
        ("Plan dated … before application", 2, 2, "main.php_date", f"{ref(3)}, {ref(4)}"),
        ("Unexpected …", 1, 1, "prevention.accom_pr", ref(4)),
    ]
    nearest = table["nearest_rule"].to_list()
    assert nearest[0] == "L-01q", "the rule on the order of plan and application"
    assert "Theirs only  3; different messages among them: 2" in result.output


def test_a_rule_that_an_officer_decided_is_agreed_the_next_time(run: Path) -> None:
    rows = [(ref(2), "", "Nothing in common here 12")]
    assert _cli(_response(run.parent, *rows), "--run-folder", run).exit_code == 0
    table = run / "portal" / "rules_to_write.csv"
    lines = pl.read_csv(table, infer_schema=False).with_columns(rule_id=pl.lit("l-06"))
    decided = run.parent / "decided.csv"
    lines.write_csv(decided)
    result = _cli(_response(run.parent, *rows), "--run-folder", run, "--decided", decided)
    assert result.exit_code == 0 and "Theirs only  0" in result.output
    everything = pl.read_csv(run / "portal" / "compared.csv")
    assert everything.filter(outcome="agreed").select("by_what", "rule_id", "case_ref").rows() == [
        ("by hand", "L-06", ref(2))
    ]


# --- what is read ---------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_below_its_title_by_headings_that_are_named(run: Path) -> None:
    path = run.parent / "errors.xlsx"
    with Workbook(str(path)) as book:
        book.add_worksheet("About").write(0, 0, "Submitted")
        sheet = book.add_worksheet("Errors")
        sheet.write(0, 0, "Validation report")
        for column, cell in enumerate(("Household", "What", "Where")):
            sheet.write(2, column, cell)
        for column, cell in enumerate((ref(1), CLOSED.message, "relief_end")):
            sheet.write(3, column, cell)
    result = _cli(path, "--run-folder", run, "--columns", 'case=Household, message="What",field=where')
    assert result.exit_code == 0, result.output
    assert "1 rows read = 1 compared + 0 on cases that are not in this run + 0 that say nothing" in result.output
    assert "Agreed       1" in result.output


@pytest.mark.parametrize(
    "headings",
    [
        ("Case Reference", "Field Name", "Error Message"),
        ("CASE_REF", "element", "Description"),
        ("Ref", "XPath", "Error"),
    ],
)
def test_usual_headings_are_recognised(headings: tuple[str, ...], run: Path) -> None:
    path = _response(run.parent, (ref(1), "a", "b"), headings=headings)
    assert [(said.case, said.field, said.message) for said in read_response(path, {}).said] == [(ref(1), "a", "b")]


def test_every_row_is_accounted_for(run: Path) -> None:
    path = _response(run.parent, (ref(1), "", "said"), (ref(2), "", ""), (ref(99), "", "said"), ("", "", ""))
    output = _cli(path, "--run-folder", run).output
    assert "3 rows read = 1 compared + 1 on cases that are not in this run + 1 that say nothing" in output


def test_headings_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[columns]\ncase = "Household"\nmessage = "What, why"\n', encoding="utf-8")
    assert parse_columns(str(tmp_path / "c.toml")) == {"case": "Household", "message": "What, why"}


def test_no_value_reaches_the_screen_and_the_files_are_private(run: Path) -> None:
    path = _response(run.parent, (ref(3), "PRIVATE", "PRIVATE Smith, born 1 May 1990"), ("PRIVATE", "", "PRIVATE"))
    result = _cli(path, "--run-folder", run)
    assert result.exit_code == 0 and "PRIVATE" not in result.output and "Smith" not in result.output
    files = sorted((run / "portal").iterdir())
    assert [path.name for path in files] == ["by_rule.csv", "compared.csv", "compared.xlsx", "rules_to_write.csv"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "no row of headings with the case reference and the message"),
        (b"a,b\n1,2\n", "no row of headings with the case reference and the message"),
        (b"Case Ref,Message\n", "has the headings and no row under them"),
        (b"Case Ref,Message\nA,\x00\n", "cannot be read: it holds binary data, not text, in row 2"),
    ],
)
def test_a_response_that_cannot_be_used_is_refused_in_a_sentence(text: bytes, told: str, run: Path) -> None:
    path = run.parent / "errors.csv"
    path.write_bytes(text)
    with pytest.raises(InputError) as refused:
        read_response(path, {})
    assert told in str(refused.value) and "errors.csv" in str(refused.value)
    assert refused.value.exit_code == 3


def test_a_workbook_that_is_none_is_refused(run: Path) -> None:
    path = run.parent / "errors.xlsx"
    path.write_text("Case Ref,Message\n")
    result = _cli(path, "--run-folder", run)
    assert isinstance(result.exception, InputError) and "errors.xlsx cannot be read" in str(result.exception)


@pytest.mark.parametrize("given", ["case", "household=X", 'case=""', "case=A message=B,", "nowhere.toml"])
def test_columns_that_are_not_understood_are_refused(given: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_columns(given)
    assert "olumns" in str(refused.value)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    result = _cli(_response(tmp_path, (ref(1), "", "x")), "--run-folder", tmp_path)
    assert isinstance(result.exception, HclicError) and result.exception.exit_code == 3
    assert "does not hold the outputs of a run" in str(result.exception)
