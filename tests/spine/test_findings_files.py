"""``findings.csv`` and ``findings.xlsx`` hold groups; waivers and cases that are left out go by case all the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

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
