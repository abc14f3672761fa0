"""``findings.csv`` and ``findings.xlsx`` hold groups; waivers and cases that are left out go by case all the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from pipelines import findings as found
from pipelines.emit.findings import files
from pipelines.emit.findings.files import write_findings
from pipelines.extract import SET_ASIDE
from pipelines.period import Quarter
from pipelines.run.check import check_export
from pipelines.run.request import Request
from pipelines.run.run import make

INPUT = Path(__file__).resolve().parents[1] / "golden" / "one-bad-case-blocks" / "input"
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
FIRST, SECOND = "E06000034_000000000001", "E06000034_000000000002"
MADE = datetime(2025, 10, 8, tzinfo=UTC)


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    """Two cases of the quarter, both with the same unknown spelling of their last home."""
    export = Path(shutil.copytree(INPUT, tmp_path / "export"))
    main = export / "main.csv"
    text = main.read_text(encoding="utf-8").replace("2025-06-30", "2025-07-01")
    main.write_text(text.replace(",family,family,", ",famly,family,"), encoding="utf-8")
    return export


def test_a_waiver_that_names_a_case_covers_its_record_of_a_group_only(misspelt: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.csv"
    heading = "rule_id,case_ref,record_key,owner,reason,expires\n"
    waivers.write_text(heading + f"X-35,{FIRST},,Head of housing,known,2026-06-30\n", encoding="utf-8")
    checked = check_export(misspelt, authority=AUTHORITY, quarter=QUARTER, source="native", waivers=waivers)
    assert checked.blocked
    told = checked.shown.filter(pl.col("rule_id") == "X-35").select("severity", "case_ref", "row", "count")
    assert told.rows() == [("error", SECOND, 3, 1), ("warning", FIRST, 2, 1)]


def test_the_cases_of_a_group_are_left_out_one_by_one(misspelt: Path, tmp_path: Path) -> None:
    typed = {"export": str(misspelt), "authority": AUTHORITY, "quarter": str(QUARTER), "source": "native"}
    more = {"out": str(tmp_path / "out"), "pages": False, "exclude_cases_with_errors": "the profile is being mended"}
    ended = make(Request.read({**typed, **more}, started=MADE))
    book = json.loads((ended.folder / "ledger.json").read_text(encoding="utf-8"))
    assert book["cases"]["excluded_for_errors"]["cases"] == [FIRST, SECOND]
    rows = pl.read_csv(ended.folder / "findings" / "findings.csv").filter(pl.col("rule_id") == "X-35")
    assert rows.select("case_ref", "value", "in_return", "count", "rows").rows() == [(None, "famly", "no", 2, "2-3")]


def finding(**given: Any) -> found.Finding:
    plain = {"rule_id": "H-07", "severity": found.ERROR, "message": "m", "action": "a", "case_ref": FIRST}
    return found.Finding(**{**plain, "local_ref": "HB/1", "file": "main.csv", "row": 2, "in_return": "yes", **given})


def test_the_workbook_parts_what_blocks_from_what_does_not(tmp_path: Path) -> None:
    rows = found.frame(
        [
            finding(),
            finding(in_return="no", case_ref=SECOND),
            finding(in_return="unknown", rule_id="X-27"),
            finding(severity=found.WARNING),
        ]
    )
    write_findings(rows, pl.DataFrame(schema=SET_ASIDE), tmp_path, title="Thurrock", made=MADE)
    book = CalamineWorkbook.from_path(tmp_path / "findings.xlsx")
    must_fix = book.get_sheet_by_name("Must fix").to_python()
    assert must_fix[0][:2] == ["Case ref", "Local ref"]
    assert [(row[0], row[-2], row[-1]) for row in must_fix[1:]] == [(FIRST, "yes", "H-07"), (FIRST, "unknown", "X-27")]
    others = book.get_sheet_by_name("Not in this return").to_python()
    assert [row[0] for row in others[1:]] == [SECOND]
    assert len(book.get_sheet_by_name("All findings").to_python()) == 5
    assert "2 errors to correct" in book.get_sheet_by_name("Cover").to_python()[1][0]


def test_a_flood_of_one_rule_does_not_fill_the_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS_OF_RULE", 3)
    rows = found.frame([*(finding(case_ref=f"case {number}") for number in range(5)), finding(rule_id="H-08")])
    write_findings(rows, pl.DataFrame(schema=SET_ASIDE), tmp_path, title="Thurrock", made=MADE)
    book = CalamineWorkbook.from_path(tmp_path / "findings.xlsx")
    assert [row[-1] for row in book.get_sheet_by_name("Must fix").to_python()[1:]] == ["H-07"] * 3 + ["H-08"]
    cover = [row[0] for row in book.get_sheet_by_name("Cover").to_python()]
    assert "Of H-07 this workbook shows 3 lines of 5; findings.csv has them all." in cover
    assert cover[1].startswith("6 errors to correct")
    assert pl.read_csv(tmp_path / "findings.csv").height == 6
