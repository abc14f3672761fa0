"""A run and a check compare with the last frozen run, say which it was, and stop when the cases are gone."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main
from pipelines.period import Quarter
from pipelines.run.check import check_export
from pipelines.run.comparing import NOTHING
from pipelines.run.request import Request
from pipelines.run.run import Ended, make
from pipelines.run.summary import summarise

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "golden" / "local-references-are-issued" / "input"
AUTHORITY = "E06000034"
REFERENCED = "E06000034_000000030363"
"""The other case of that export."""


def export_of(folder: Path, *, local: str, active: str) -> Path:
    """An export of two open cases, one without an H-CLIC reference; ``active`` is the day of its last activity."""
    shutil.copytree(TINY, folder)
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text().replace("HB/2024/7", local).replace("2025-09-26", active))
    return folder


def run(export: Path, folder: Path, quarter: str, **given: str) -> Ended:
    typed = {"authority": AUTHORITY, "source": "native", "pages": False, "out": str(folder / "out")}
    started = datetime(2026, 4, 8, tzinfo=UTC)
    return make(Request.read({**typed, "export": str(export), "quarter": quarter, **given}, started=started))


def ledger_of(ended: Ended) -> dict[str, Any]:
    book: dict[str, Any] = json.loads((ended.folder / "ledger.json").read_text())
    return book


def errors_of(book: dict[str, Any]) -> list[str]:
    return [one["rule_id"] for one in book["findings"]["by_rule"] if one["severity"] == "error"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """The folder, and the first run, of July to September."""
    folder = tmp_path_factory.mktemp("first")
    export = export_of(folder / "export", local="HB/2024/7", active="2025-09-26")
    return folder, run(export, folder, "2025-Q3")


def test_the_first_run_says_that_it_had_nothing_to_compare_with(first: tuple[Path, Ended]) -> None:
    book = ledger_of(first[1])
    assert book["compared_with"] is None and NOTHING in book["notices"]
    assert f"Note      {NOTHING}" in summarise(first[1].folder)


def copied(first: tuple[Path, Ended], tmp_path: Path) -> Path:
    shutil.copytree(first[0], tmp_path, dirs_exist_ok=True)
    return tmp_path / "out" / "warehouse.duckdb"


def test_a_run_whose_open_cases_are_gone_is_blocked_until_someone_answers_for_it(
    first: tuple[Path, Ended], tmp_path: Path
) -> None:
    copied(first, tmp_path)
    other = export_of(tmp_path / "other", local="HB/2025/1", active="2025-12-30")
    ended = run(other, tmp_path, "2025-Q4")
    book, before = ledger_of(ended), ledger_of(first[1])
    assert ended.result == "blocked" and errors_of(book) == ["C-06"]
    assert book["compared_with"] == {"run_id": before["run_id"], "quarter": "2025-Q3", "as_at": "2025-09-30"}
    assert f"Compared with run {before['run_id']}, as at 2025-09-30." in book["notices"]
    findings = (ended.folder / "findings" / "findings.csv").read_text()
    # The case has come back under another reference, and is named by the council's own too.
    assert "C-03,warning" in findings and "HB/2025/1" in findings

    # Made again on the same export it does not compare with itself.
    waivers = tmp_path / "waivers.csv"
    waivers.write_text("rule_id,case_ref,record_key,owner,reason,expires\nC-06,,,Head,archive moved,2026-06-30\n")
    waived = run(other, tmp_path, "2025-Q4", waivers=str(waivers))
    assert waived.result == "clean"
    assert ledger_of(waived)["compared_with"] == book["compared_with"]
    assert "Waived by Head" in (waived.folder / "findings" / "findings.csv").read_text()


def test_a_check_compares_with_the_warehouse_and_leaves_it_as_it_was(first: tuple[Path, Ended], tmp_path: Path) -> None:
    warehouse = copied(first, tmp_path)
    other = export_of(tmp_path / "other", local="HB/2025/1", active="2025-12-30")
    bytes_before, names_before = warehouse.read_bytes(), sorted(path.name for path in warehouse.parent.iterdir())
    checked = check_export(other, authority=AUTHORITY, quarter=Quarter(2025, 4), source="native", warehouse=warehouse)
    assert checked.blocked and "C-06" in checked.findings["rule_id"]
    assert f"Compared with run {ledger_of(first[1])['run_id']}, as at 2025-09-30." in checked.table()
    # No reference is issued: the new case is named as the council does.
    assert set(checked.findings["case_ref"].drop_nulls()) == {"HB/2025/1", REFERENCED}
    assert warehouse.read_bytes() == bytes_before
    assert sorted(path.name for path in warehouse.parent.iterdir()) == names_before


def test_a_case_that_a_run_has_named_is_known_to_a_check(first: tuple[Path, Ended], tmp_path: Path) -> None:
    warehouse = copied(first, tmp_path)
    same = export_of(tmp_path / "other", local="HB/2024/7", active="2025-12-30")
    checked = check_export(same, authority=AUTHORITY, quarter=Quarter(2025, 4), source="native", warehouse=warehouse)
    assert not checked.blocked
    assert set(checked.findings["case_ref"].drop_nulls()) == {"E06000034_900000000001", REFERENCED}


def test_a_check_without_its_warehouse_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--authority", AUTHORITY, "--quarter", "2025-Q3", "--source", "native"]
    arguments = ["hclic", "check", str(TINY), *place, "--warehouse", str(tmp_path / "none.duckdb")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 3
    assert "There is no warehouse none.duckdb" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
