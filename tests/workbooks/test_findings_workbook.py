"""The workbook that officers work through, opened by another library than wrote it."""

from __future__ import annotations

import math
import re
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines import findings as found
from pipelines.emit.findings.files import file_names, write_findings
from pipelines.emit.findings.officers import officers_frame
from pipelines.emit.findings.workbook import Contents
from pipelines.extract import SET_ASIDE
from pipelines.state import BLOCKED, RunState
from schemas.rules import RULE

MADE = datetime(2025, 10, 8, 9, 30, tzinfo=UTC)
FIRST, SECOND = "E06000034_000000000001", "E06000034_000000000002"
SHEETS = [
    "What blocks",
    "To fix",
    "Casework",
    "To tidy",
    "By rule",
    "By officer",
    "Resolved",
    "Set aside",
    "Rules not run",
    "Cover",
]
OF_WORK = SHEETS[:4]
OFFICERS_COLUMNS = [
    "Officer",
    "Team",
    "Your reference",
    "H-CLIC reference",
    "What is wrong",
    "What to do",
    "What is recorded now",
    "In this return?",
    "Since",
    "State",
    "Your note",
]


def finding(**given: Any) -> found.Finding:
    """An error on a case of the return, with what is given."""
    rule = RULE[given.get("rule_id", "H-07")]
    said = {
        "rule_id": rule.rule_id,
        "severity": found.ERROR,
        "message": rule.message,
        "action": rule.action,
        "section": rule.section,
        "case_ref": FIRST,
        "fields": "assess1, reasonloss",
        "value": "assess1=prevention; reasonloss=(blank)",
        "local_ref": "HB/1",
        "officer": "HO01",
        "team": "Options",
        "file": "main.csv",
        "row": 2,
        "in_return": "yes",
        "kind": found.FIX,
        "finding_id": "0123456789abcdef",
        "state": "new",
        "since": "2025-10-07",
    }
    return found.Finding(**{**said, **given})


EXAMPLES = (
    finding(),
    finding(severity=found.WARNING, case_ref=SECOND, officer="HO02", finding_id="b" * 16, state="open"),
    finding(
        severity=found.WARNING,
        kind=found.CASEWORK,
        rule_id="L-07",
        finding_id="c" * 16,
        officer=None,
        team=None,
        fields="relief_start, relief_end",
        value="relief_start=2025-07-03; relief_end=(blank)",
    ),
    finding(in_return="no", kind=found.TIDY, finding_id="d" * 16, note="Asked the landlord."),
)


def written(
    folder: Path,
    findings: tuple[found.Finding, ...] = EXAMPLES,
    *,
    resolved: tuple[found.Finding, ...] = (),
    case_url: str | None = None,
    by: str | None = None,
    **more: Any,
) -> Path:
    """The folder with the files of these findings."""
    rows = found.frame(findings)
    gone = officers_frame(found.frame(resolved), case_url=case_url)
    contents = Contents(
        title="Thurrock (E06000034), July to September 2025",
        state=RunState(BLOCKED, 1),
        as_at=date(2025, 10, 8),
        lines=officers_frame(rows, case_url=case_url),
        resolved=gone.with_columns(pl.lit(date(2025, 10, 8)).alias("resolved_on")),
        **{"set_aside": pl.DataFrame(schema=SET_ASIDE), "not_run": (), "made": MADE, **more},
    )
    write_findings(rows, pl.DataFrame(schema=SET_ASIDE), folder, contents, by=by)
    return folder


def opened(path: Path) -> dict[str, Worksheet]:
    book = openpyxl.load_workbook(path)
    return {name: book[name] for name in book.sheetnames}


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Worksheet]:
    return opened(written(tmp_path_factory.mktemp("workbook")) / "findings.xlsx")


def test_each_kind_of_work_has_its_sheet_and_what_blocks_stands_first(book: dict[str, Worksheet]) -> None:
    assert list(book) == SHEETS
    assert [[row["Finding"] for row in rows_of(book[name])] for name in OF_WORK] == [
        ["0123456789abcdef"],
        ["b" * 16],
        ["c" * 16],
        ["d" * 16],
    ]


def test_an_officer_reads_references_sentences_labels_and_days(book: dict[str, Worksheet]) -> None:
    (row,) = rows_of(book["What blocks"])
    assert list(row) == [*OFFICERS_COLUMNS, "Where in the export", "Finding"]
    assert (row["Your reference"], row["H-CLIC reference"]) == ("HB/1", FIRST)
    assert row["What is recorded now"].startswith("Assessment outcome: Threatened with homelessness")
    assert (row["In this return?"], row["State"], row["Since"].date()) == ("Yes", "New", date(2025, 10, 7))
    assert next(iter(book["What blocks"]["I"][1:])).number_format == "dd/mm/yyyy"
    assert rows_of(book["To tidy"])[0]["Your note"] == "Asked the landlord."


def test_no_code_column_name_or_date_of_a_machine_stands_in_an_officer_s_column(book: dict[str, Worksheet]) -> None:
    for name in OF_WORK:
        for row in rows_of(book[name]):
            for title in OFFICERS_COLUMNS:
                if title not in ("H-CLIC reference", "Since"):
                    assert not re.search(r"[a-z]_[a-z]|\d{4}-\d\d-\d\d|assess1|reasonloss", str(row[title])), row[title]


@pytest.mark.parametrize("name", OF_WORK)
def test_a_sheet_is_wrapped_filtered_frozen_and_prints_landscape_one_page_wide_under_its_headings(
    book: dict[str, Worksheet], name: str
) -> None:
    sheet = book[name]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:M2"
    assert sheet.page_setup.orientation == "landscape"
    # One page wide is what a file says by saying nothing.
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_area == f"'{name}'!$A$1:$K$2"
    assert all(cell.alignment.wrap_text for cell in (sheet["E2"], sheet["F2"], sheet["G2"]))


def test_fifty_errors_print_on_at_most_five_pages(tmp_path: Path) -> None:
    """By the widths, the height of a line (15 points) and the space of a landscape A4 page with its margins."""
    errors = [rule for rule in RULE.values() if rule.severity == found.ERROR]
    longest = sorted(errors, key=lambda rule: -len(rule.message) - len(rule.action))
    fifty = tuple(
        finding(rule_id=rule.rule_id, finding_id=f"{number:016}", case_ref=f"E06000034_{number:012}")
        for number, rule in enumerate(longest[:50])
    )
    sheet = opened(written(tmp_path, fifty) / "findings.xlsx")["What blocks"]
    # Neighbours of one width are one entry of the file.
    spans = sheet.column_dimensions.values()
    widths = [span.width for span in spans for _ in range(span.min, span.max + 1)][: len(OFFICERS_COLUMNS)]
    # A character of the standard font is 7 pixels, at 96 to the inch; 72 points are an inch.
    scale = min(1.0, (11.69 - 0.8) * 96 / (sum(widths) * 7))
    room = (8.27 - 1.1) * 72 / scale
    heights = [
        15 * max(math.ceil(len(str(cell.value or "")) * 1.1 / width) for cell, width in zip(row, widths, strict=False))
        for row in sheet.iter_rows(min_row=2)
    ]
    heading, pages, left = 30, 1, room - 30
    for height in heights:
        if height > left:
            pages, left = pages + 1, room - heading
        left -= height
    assert pages <= 5, f"{pages} pages at a scale of {scale:.2f}"
    assert scale > 0.5, "the print is too small to read"


def test_a_row_is_as_high_as_its_longest_text_asks_in_every_program(book: dict[str, Worksheet]) -> None:
    sheet = book["What blocks"]
    lines = math.ceil(len(str(sheet["F2"].value)) / sheet.column_dimensions["E"].width)
    assert lines > 1
    assert 15 * lines <= sheet.row_dimensions[2].height <= 15 * (lines + 2)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+44 20", "-1", "http://example.org", "007", "{=1}"])
def test_text_of_the_data_is_text_wherever_it_stands(tmp_path: Path, text: str) -> None:
    hostile = finding(officer=text, team=text, local_ref=text, value=text, note=text, message=text)
    sheet = opened(written(tmp_path, (hostile,)) / "findings.xlsx")["What blocks"]
    for letter in "ABCEK":
        cell = sheet[f"{letter}2"]
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_no_cell_of_the_workbook_holds_a_formula(book: dict[str, Worksheet]) -> None:
    assert {cell.data_type for sheet in book.values() for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_a_reference_leads_to_the_case_where_the_source_profile_says_how(tmp_path: Path) -> None:
    sheet = opened(written(tmp_path, case_url="https://cases.example/?ref={local_ref}") / "findings.xlsx")[
        "What blocks"
    ]
    assert sheet["C2"].hyperlink.target == "https://cases.example/?ref=HB%2F1"
    assert sheet["C2"].value == "HB/1"


def test_by_rule_counts_each_rule_with_one_example_and_leads_to_its_page(book: dict[str, Worksheet]) -> None:
    rows = rows_of(book["By rule"])
    assert [(row["Kind"], row["Findings"], row["That block"], row["Rule, for support"]) for row in rows] == [
        ("To fix for this return", 2, 1, "H-07"),
        ("Casework", 1, 0, "L-07"),
        ("To tidy", 1, 0, "H-07"),
    ]
    assert rows[0]["For example"] == "HB/1"
    assert book["By rule"]["C2"].hyperlink.target == "rules.html"


def test_by_officer_counts_what_is_whose_and_names_what_is_nobody_s_last(book: dict[str, Worksheet]) -> None:
    rows = rows_of(book["By officer"])
    assert [
        (row["Officer"], row["What blocks"], row["To fix"], row["Casework"], row["To tidy"], row["New"]) for row in rows
    ] == [("HO01", 1, 0, 0, 1, 2), ("HO02", 0, 1, 0, 0, 0), ("Nobody named", 0, 0, 1, 0, 1)]


def test_what_is_resolved_set_aside_and_not_run_has_its_sheet(tmp_path: Path) -> None:
    aside = pl.DataFrame([("main.csv", 4, "No reference", "a,b")], schema=SET_ASIDE, orient="row")
    book = opened(
        written(tmp_path, resolved=(finding(),), set_aside=aside, not_run=(("L-07", "the data lack a column"),))
        / "findings.xlsx"
    )
    (gone,) = rows_of(book["Resolved"])
    assert (gone["Your reference"], gone["Put right by"].date()) == ("HB/1", date(2025, 10, 8))
    assert rows_of(book["Set aside"]) == [{"File": "main.csv", "Row": 4, "Why it was not read": "No reference"}]
    (rule,) = rows_of(book["Rules not run"])
    assert (rule["What was not looked for"], rule["Why"]) == (RULE["L-07"].message, "the data lack a column")


def test_an_empty_sheet_says_so_in_a_sentence(tmp_path: Path) -> None:
    book = opened(written(tmp_path, ()) / "findings.xlsx")
    assert book["What blocks"]["A2"].value == "Nothing blocks this return."
    assert book["Resolved"]["A2"].value.startswith("Nothing was put right")
    assert book["Rules not run"]["A2"].value == "Every rule was run."


def test_the_cover_says_how_the_run_stands_and_how_much_there_is(book: dict[str, Worksheet]) -> None:
    said = {row[0]: row[1] for row in book["Cover"].iter_rows(values_only=True)}
    assert any(str(line).startswith("The return of these cases is blocked: 1 error") for line in said)
    assert [said[name] for name in OF_WORK] == [1, 1, 1, 1]


def test_each_officer_gets_a_private_file_of_their_own_findings(tmp_path: Path) -> None:
    folder = written(tmp_path, by="officer", resolved=(finding(officer="HO02"),)) / "by_officer"
    assert {path.name for path in folder.iterdir()} == {"HO01.xlsx", "HO02.xlsx", "Nobody_named.xlsx"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    book = opened(folder / "HO02.xlsx")
    assert list(book) == [*OF_WORK, "Resolved", "Cover"]
    assert [row["Finding"] for row in rows_of(book["To fix"])] == ["b" * 16]
    assert len(rows_of(book["Resolved"])) == 1
    assert book["Cover"]["A1"].value.endswith(", HO02")


def test_a_staff_code_of_any_kind_makes_a_file_name_of_its_own() -> None:
    assert file_names(["../../etc/x", "A/B", "a_b", "CON", "nul.txt", "", "…", "Zoë"]) == [
        "etc_x",
        "A_B",
        "a_b-2",
        "_CON",
        "_nul.txt",
        "unnamed",
        "unnamed-2",
        "Zo",
    ]


def test_the_same_findings_make_the_same_bytes(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one"), written(tmp_path / "two")
    assert (one / "findings.xlsx").read_bytes() == (two / "findings.xlsx").read_bytes()
