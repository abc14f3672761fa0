"""An error on a case of another quarter is shown and does not block, in ``hclic check`` as in ``hclic run``."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.extract import extract
from pipelines.period import Quarter
from pipelines.run.check import Checked, check_export
from pipelines.run.concern import selection_of
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.run.summary import counts_without_personal_data, summarise
from pipelines.transform.selection import FORCED_SCHEMA

INPUT = Path(__file__).resolve().parents[1] / "golden" / "one-bad-case-blocks" / "input"
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
BAD = "E06000034_000000000002"
"""The case that is assessed before it applied (V-01)."""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Two cases of the quarter, the second with an error."""
    return Path(shutil.copytree(INPUT, tmp_path / "export"))


@pytest.fixture
def of_another_quarter(export: Path) -> Path:
    """The same, and the second case was applied for, assessed and ended two quarters before."""
    for name, changes in {
        "main.csv": {"2025-07-01": "2025-01-20", "2025-06-30": "2025-01-19", "2025-07-05": "2025-01-21"},
        "relief.csv": {"2025-07-03,,": "2025-01-20,2025-03-20,", "_end,,": ""},
    }.items():
        lines = (export / name).read_text(encoding="utf-8").splitlines()
        for old, new in changes.items():
            lines = [line.replace(old, new) if BAD in line else line for line in lines]
        (export / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    relief = (export / "relief.csv").read_text(encoding="utf-8")
    (export / "relief.csv").write_text(relief.replace("2025-03-20,", "2025-03-20,withdrew"), encoding="utf-8")
    return export


def forced(tmp_path: Path, action: str) -> Path:
    """A file that says so of the case with the error."""
    path = tmp_path / "forced.csv"
    path.write_text(f"case_ref,action,reason\n{BAD},{action},agreed with the head of housing\n", encoding="utf-8")
    return path


def check(export: Path, **given: Any) -> Checked:
    return check_export(export, authority=AUTHORITY, quarter=QUARTER, source="native", **given)


def run(export: Path, **given: Any) -> tuple[str, Path]:
    """How the run ended, and its folder."""
    typed = {"export": str(export), "authority": AUTHORITY, "quarter": str(QUARTER), "source": "native"}
    out = {"out": str(export.parent / "out"), "pages": False}
    wanted = Request.read({**typed, **out, **given}, started=datetime(2025, 10, 8, tzinfo=UTC))
    ended = make(wanted)
    return ended.result, ended.folder


def errors_in(folder: Path) -> list[tuple[Any, ...]]:
    found = pl.read_csv(folder / "findings" / "findings.csv").filter(pl.col("severity") == "error")
    return found.select("rule_id", "case_ref", "in_return").rows()


def test_an_error_on_a_case_of_the_quarter_blocks(export: Path) -> None:
    checked = check(export)
    assert checked.blocked
    assert "1 error that blocks, 0 errors on cases that are not in this return" in checked.table()


def test_an_error_on_a_case_of_another_quarter_is_shown_and_does_not_block(of_another_quarter: Path) -> None:
    checked = check(of_another_quarter)
    assert not checked.blocked
    assert "V-01" in checked.table() and "Not in this return." in checked.table()
    result, folder = run(of_another_quarter)
    assert result == "clean"
    assert errors_in(folder) == [("V-01", BAD, "no")]
    assert "0 errors that block, 1 error on cases that are not in this return" in summarise(folder)
    book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    assert book["findings"].items() >= {"errors": 1, "blocking": 0, "not_in_return": 1}.items()
    told = {row["what"]: row["count"] for row in counts_without_personal_data(folder)}
    assert told["errors that block"] == 0 and told["errors on cases that are not in this return"] == 1


def test_a_case_that_is_forced_out_frees_the_return_of_its_errors(export: Path, tmp_path: Path) -> None:
    assert not check(export, forced_cases=forced(tmp_path, "exclude")).blocked
    result, folder = run(export, forced_cases=str(forced(tmp_path, "exclude")))
    assert result == "clean"
    assert errors_in(folder) == [("V-01", BAD, "no")]


def test_a_case_without_its_row_of_main_can_be_forced_out(export: Path, tmp_path: Path) -> None:
    main = export / "main.csv"
    lines = main.read_text(encoding="utf-8").splitlines(keepends=True)
    main.write_text("".join(line for line in lines if BAD not in line), encoding="utf-8")
    assert check(export).blocked
    freed = check(export, forced_cases=forced(tmp_path, "exclude"))
    assert not freed.blocked and "REF-08" not in freed.findings["rule_id"]
    kept = check(export, forced_cases=forced(tmp_path, "include"))
    assert kept.blocked and "REF-08" in kept.findings["rule_id"]


def test_the_errors_of_a_case_that_is_forced_in_block(of_another_quarter: Path, tmp_path: Path) -> None:
    assert check(of_another_quarter, forced_cases=forced(tmp_path, "include")).blocked


def test_a_case_whose_date_of_assessment_is_not_understood_blocks(of_another_quarter: Path) -> None:
    main = of_another_quarter / "main.csv"
    main.write_text(main.read_text(encoding="utf-8").replace("2025-01-19", "early in 2025"), encoding="utf-8")
    checked = check(of_another_quarter)
    assert checked.blocked
    assert "May belong to this return." in checked.table()


def test_only_cases_whose_errors_block_are_left_out_for_them(of_another_quarter: Path) -> None:
    result, folder = run(of_another_quarter, exclude_cases_with_errors="the office is closed")
    assert result == "clean"
    book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    assert book["cases"]["excluded_for_errors"]["cases"] == []


def test_a_case_is_chosen_by_nothing_but_its_own_rows() -> None:
    """A check asks of the cases with errors only, a run of all: the answer is the same."""
    errors = INPUT.parents[3] / "data" / "sample" / "errors"
    sections = extract(errors, "native", authority=AUTHORITY, as_at=QUARTER.last_day).sections
    refs = sections["main"]["case_ref"].unique().sort()
    nobody = pl.DataFrame(schema=FORCED_SCHEMA)

    def chosen(cases: pl.Series) -> pl.DataFrame:
        of = {"authority": AUTHORITY, "quarter": QUARTER, "as_at": QUARTER.last_day}
        return selection_of(sections, cases, nobody, **of).sort("case_ref")  # type: ignore[arg-type]

    every = chosen(refs)
    assert 0 < every["is_selected"].sum() < every.height
    parts = [chosen(refs.gather_every(2, offset)) for offset in (0, 1)]
    assert pl.concat(parts).sort("case_ref").equals(every)
