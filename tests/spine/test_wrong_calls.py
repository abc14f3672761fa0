"""What a wrong call says, and that it leaves nothing behind. Small inputs of the golden scenarios are used."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipelines.cli import main

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
EXPORT = GOLDEN / "prevention-secured-alternative" / "input"


def call(out: Path, *more: str) -> list[str]:
    quarter = (EXPORT.parent / "cmd.txt").read_text().split("--quarter ")[1].split()[0]
    return [
        *("hclic", "run", str(EXPORT), "--authority", "E06000034", "--quarter", quarter),
        *("--source", "native", "--out", str(out), "--no-pages", *more),
    ]


def status(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> int:
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def ledger_of(out: Path) -> dict[str, object]:
    (found,) = out.glob("E06000034/*/ledger.json")
    book: dict[str, object] = json.loads(found.read_text())
    return book


def test_a_wrong_published_workbook_stops_the_run_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "published.csv").write_text("a,b\n")
    out = tmp_path / "out"
    assert status(monkeypatch, call(out, "--published", str(tmp_path / "published.csv"))) == 3
    assert not out.exists()


def test_an_export_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = call(tmp_path / "out")
    arguments[2] = str(tmp_path / "nowhere")
    assert status(monkeypatch, arguments) == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["", "\0\0", "case;action;reason\n", "case_ref,action\n"])
def test_a_file_of_forced_cases_without_its_columns_is_refused(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "forced.csv").write_text(content)
    assert status(monkeypatch, call(tmp_path / "out", "--forced-cases", str(tmp_path / "forced.csv"))) == 3
    assert capsys.readouterr().err.startswith("hclic: The file of forced cases")


def test_a_forced_case_that_the_export_does_not_hold_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "forced.csv").write_text("case_ref,action,reason\nE06000034_000000999999,include,late\n")
    status(monkeypatch, call(tmp_path / "out", "--forced-cases", str(tmp_path / "forced.csv")))
    said = "forced.csv, row 2, column case_ref: the export holds no case"
    assert said in capsys.readouterr().out
    assert any(said in notice for notice in ledger_of(tmp_path / "out")["notices"])  # type: ignore[attr-defined]


def test_the_ledger_names_the_files_beside_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "forced.csv").write_text("case_ref,action,reason\n")
    status(monkeypatch, call(tmp_path / "out", "--forced-cases", str(tmp_path / "forced.csv")))
    # printf 'case_ref,action,reason\n' | sha256sum
    digest = "67dce5ad7e5c452063d9beb513eb4dcdc84ef7179abb1b8ca63b28204cc503b1"
    assert ledger_of(tmp_path / "out")["files_beside"] == [
        {"what": "forced_cases", "name": "forced.csv", "sha256": digest}
    ]


def test_notices_beyond_a_screenful_are_counted_and_left_to_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipelines.run.summary.SHOWN", 1)
    (tmp_path / "forced.csv").write_text("case_ref,action,reason\nE06000034_000000999999,include,late\n")
    forced = ("--forced-cases", str(tmp_path / "forced.csv"))
    status(monkeypatch, call(tmp_path / "out", *forced, "--as-at", "2025-09-29"))
    shown = capsys.readouterr().out
    assert shown.count("Note  ") == 2
    # A preview, a first run, and a forced case that is not there.
    assert "and 2 more: ledger.json, notices" in shown
    assert len(ledger_of(tmp_path / "out")["notices"]) == 3  # type: ignore[arg-type]


def test_the_ledger_says_that_a_provisional_return_was_not_checked_against_the_official_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status(monkeypatch, call(tmp_path / "out")) == 0
    profile = ledger_of(tmp_path / "out")["return_profile"]
    assert profile["provisional"] is True  # type: ignore[index]
    assert "NOT been checked against MHCLG's XSD" in profile["means"]  # type: ignore[index]
