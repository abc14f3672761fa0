"""The export, the quarter and its own day belong together, or the run stops."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.errors import UsageError
from pipelines.period import Quarter, check_has_come, in_words
from pipelines.run.check import check_export
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.run.summary import summarise

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "golden" / "prevention-secured-alternative" / "input"
NOON = datetime(2025, 10, 8, 12, tzinfo=UTC)


def request(out: Path, **given: str) -> Request:
    typed = {"export": str(TINY), "authority": "E06000034", "source": "native", "out": str(out), "pages": False}
    return Request.read({**typed, "quarter": "2025-Q3", **given}, started=datetime(2026, 4, 8, tzinfo=UTC))


def test_the_september_sample_is_no_return_of_the_next_quarters() -> None:
    for quarter in (Quarter(2025, 4), Quarter(2026, 1)):
        checked = check_export(ROOT / "data/sample/native", authority="E06000034", quarter=quarter, source="native")
        errors = checked.findings.filter(checked.findings["severity"] == "error")
        assert checked.blocked and errors["rule_id"].to_list() == ["E-01"]
        assert "30 September 2025" in errors["message"][0] and in_words(quarter.last_day) in errors["message"][0]


def test_a_run_of_an_old_export_is_blocked_and_writes_no_return(tmp_path: Path) -> None:
    ended = make(request(tmp_path, quarter="2026-Q1"))
    assert ended.result == "blocked" and not (ended.folder / "return").exists()
    book = json.loads((ended.folder / "ledger.json").read_text())
    assert [one["rule_id"] for one in book["findings"]["by_rule"] if one["severity"] == "error"] == ["E-01"]


def test_a_file_of_settings_moves_the_limit_and_stands_in_the_ledger(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("stale_after_days = 3\n")
    ended = make(request(tmp_path, settings_file=str(settings)))
    book = json.loads((ended.folder / "ledger.json").read_text())
    # The newest date of that export lies four days before the quarter's end.
    assert ended.result == "blocked" and book["settings"]["stale_after_days"] == 3
    assert {"rule_id": "E-02", "severity": "error", "findings": 1, "blocking": 1} in book["findings"]["by_rule"]


def refused(quarter: Quarter, as_at: date | None, now: datetime = NOON) -> str:
    try:
        check_has_come(quarter, as_at, now)
    except UsageError as error:
        return str(error)
    return ""


def test_a_quarter_is_refused_until_it_has_begun() -> None:
    q4 = Quarter(2025, 4)
    assert "has not begun" in refused(q4, date(2025, 9, 30), datetime(2025, 9, 30, 22, 59, tzinfo=UTC))
    # Half past midnight in London.
    assert not refused(q4, date(2025, 10, 1), datetime(2025, 9, 30, 23, 30, tzinfo=UTC))


def test_a_quarter_that_is_not_over_needs_the_day_of_the_export() -> None:
    last = datetime(2025, 12, 31, 12, tzinfo=UTC)
    assert "--as-at" in refused(Quarter(2025, 4), None)
    assert not refused(Quarter(2025, 4), None, last)
    assert not refused(Quarter(2025, 4), date(2025, 10, 8))


def test_the_day_of_the_export_may_be_today_and_not_tomorrow() -> None:
    assert not refused(Quarter(2025, 3), date(2025, 10, 8))
    assert "lies in the future" in refused(Quarter(2025, 3), date(2025, 10, 9))


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("more", [("--quarter", "9998-Q1"), ("--quarter", "2025-Q3", "--as-at", "9998-01-01")])
def test_both_commands_refuse_the_future(
    command: str,
    more: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ("--out", str(tmp_path / "out")) if command == "run" else ()
    arguments = ["hclic", command, str(TINY), "--authority", "E06000034", "--source", "native", *out, *more]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("hclic: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stale_after_day = 3\n", "names no setting"),
        ("stale_after_days = -1\n", "whole number"),
        ("stale_after_days = true\n", "whole number"),
        ('stale_after_days = "14"\n', "whole number"),
        ('los_from = "house"\n', "one of stay, placement"),
        ("mask_after_quarter_end = 1\n", "true or false"),
        ('hra_first_day = "2018-04-03"\n', "a date such as"),
        ('ta_type_order = ["bb"]\n', "in your order"),
        ("stale_after_days 3\n", "is not TOML"),
    ],
)
def test_a_file_of_settings_that_cannot_be_used_is_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        request(tmp_path / "out", settings_file=str(tmp_path / "settings.toml"))


def test_a_file_of_settings_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"settings\.toml cannot be read"):
        request(tmp_path / "out", settings_file=str(tmp_path / "settings.toml"))


def test_a_run_that_is_blocked_says_why_on_the_screen(tmp_path: Path) -> None:
    ended = make(request(tmp_path, quarter="2025-Q4", as_at="2025-12-31"))
    shown = summarise(ended.folder)
    assert "E-01       1 blocking: Nothing in the export is dated in the quarter, October to December 2025." in shown
    assert "said to be of 31 December 2025" in shown
