"""``hclic findings``: lists without values, notes that stay, waivers that a run applies and that end."""

from __future__ import annotations

import csv
import io
import sys
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.findings import ERROR, WARNING, Finding, frame
from pipelines.findings_id import with_ids
from pipelines.link.references import empty_map
from pipelines.warehouse import waivers
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, sections_of

VALUE = "12/34/5678"
CASE = f"{LA}_000000000001"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A warehouse of two runs; the second has one finding more, and one that was there is put right."""
    path = tmp_path / "w.duckdb"
    said = {"message": "The day is wrong.", "action": "Correct it.", "case_ref": CASE, "value": VALUE}
    ones = [
        Finding("V-01", ERROR, section="main", fields="assess_date", officer="HO01", kind="fix", **said),
        Finding("H-11", WARNING, section="main", fields="php_date", officer="HO02", kind="fix", **said),
        Finding("L-05", WARNING, section="prevention", fields="prevention_start", kind="casework", **said),
    ]
    with Warehouse(path) as store:
        for number, (day, found) in enumerate([(date(2025, 11, 24), ones[:2]), (date(2025, 11, 25), ones[1:])]):
            run = {"run_id": f"run-{number}", "la_code": LA, "quarter": "2025-Q4", "as_at": day, "result": "running"}
            store.freeze(run, sections_of(main=[{"case_ref": CASE}]), empty_map())
            store.save_findings(run["run_id"], with_ids(frame(found), "2025-Q4"))
            store.save_ledger(run["run_id"], {"inputs": [{"sha256": str(number)}]}, "blocked")
    return path


def hclic(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, *words: str
) -> tuple[int, str]:
    """Exit status, and all that stood on the screen."""
    monkeypatch.setattr(sys, "argv", ["hclic", "findings", *words, "--warehouse", str(file)])
    with pytest.raises(SystemExit) as end:
        main()
    printed = capsys.readouterr()
    assert VALUE not in printed.out + printed.err
    return int(end.value.code or 0), printed.out + printed.err


def listed(text: str) -> list[tuple[str, str]]:
    return [(row["rule_id"], row["state"]) for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), [("H-11", "open"), ("L-05", "new")]),
        (("--state", "new"), [("L-05", "new")]),
        (("--state", "resolved"), [("V-01", "resolved")]),
        (("--kind", "fix"), [("H-11", "open")]),
        (("--officer", "ho02"), [("H-11", "open")]),
        (("--rule", "L-05"), [("L-05", "new")]),
        (("--state", "back"), []),
        (("--quarter", "2025-Q4", "--authority", LA), [("H-11", "open"), ("L-05", "new")]),
    ],
    ids=lambda one: " ".join(one) if one and isinstance(one[0], str) else "",
)
def test_the_findings_of_the_newest_run_are_listed_as_asked(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: tuple[str, ...],
    expected: list[tuple[str, str]],
) -> None:
    code, text = hclic(monkeypatch, capsys, file, "list", *asked, "--format", "csv")
    assert (code, listed(text)) == (0, expected)


def test_the_table_says_state_day_kind_and_case(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = hclic(monkeypatch, capsys, file, "list", "--state", "open")
    assert "as at 2025-11-25. 1 finding." in text
    assert "STILL OPEN since 24 November 2025  H-11  to fix for this return" in text
    assert CASE in text


def test_a_note_is_kept_and_goes_to_a_file_only(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = hclic(monkeypatch, capsys, file, "list", "--rule", "H-11", "--format", "csv")
    finding_id = next(csv.DictReader(io.StringIO(text)))["finding_id"]
    assert hclic(monkeypatch, capsys, file, "note", finding_id, "Mrs Roe will call", "--by", "Ann")[0] == 0
    _, text = hclic(monkeypatch, capsys, file, "list", "--format", "json")
    assert "Mrs Roe" not in text
    out = tmp_path / "notes.csv"
    assert hclic(monkeypatch, capsys, file, "notes", "--out", str(out)) == (
        0,
        f"1 note written to {out}. Handle the file as personal data.\n",
    )
    assert "Mrs Roe will call,Ann" in out.read_text() and out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("note", "0123456789abcdef", "text"), "There is no finding with that id"),
        (("note", "0123456789abcdef", "  "), "The note is empty"),
        (("waive", "--rule", "Q-99"), "There is no rule Q-99"),
        (("waive",), "Name what is waived"),
        (("waive", "0123456789abcdef", "--rule", "V-01"), "Name what is waived"),
        (("waive", "0123456789abcdef"), "The newest run has no finding with that id"),
        (("waive", "--rule", "R-not-run"), "cannot be waived"),
        (("waive", "--rule", "V-01", "--record", "placement_no=1"), "--record needs --case"),
        (("unwaive", "7"), "There is no waiver 7"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_cannot_be_is_refused_with_a_sentence(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    sentence: str,
) -> None:
    more = ("--owner", "Lead", "--reason", "Seen", "--expires", "2099-01-01") if words[0] == "waive" else ()
    code, text = hclic(monkeypatch, capsys, file, *words, *more)
    assert code == 2 and sentence in text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--owner", " ", "--reason", "Seen", "--expires", "2099-01-01"), "needs its owner"),
        (("--owner", "Lead", "--reason", "Seen", "--expires", "2020-01-01"), "is past"),
        (("--owner", "Lead", "--reason", "Seen", "--expires", "soon"), "is not a date"),
    ],
)
def test_a_waiver_needs_an_owner_a_reason_and_a_day_to_come(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, ...],
    sentence: str,
) -> None:
    code, text = hclic(monkeypatch, capsys, file, "waive", "--rule", "V-01", *given)
    assert code == 2 and sentence in text


def test_a_waiver_is_given_listed_renewed_and_withdrawn(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--owner", "Lead", "--reason", "Seen", "--case", CASE, "--rule", "V-01")
    assert hclic(monkeypatch, capsys, file, "waive", *more, "--expires", "2098-01-01")[1].startswith(
        "Waiver 1 is given"
    )
    assert hclic(monkeypatch, capsys, file, "waive", *more, "--expires", "2099-01-01")[1].startswith(
        "Waiver 2 is given"
    )
    _, text = hclic(monkeypatch, capsys, file, "waivers")
    assert text == f"   2  V-01  {CASE}  until 1 January 2099  Lead: Seen\n"
    assert hclic(monkeypatch, capsys, file, "unwaive", "2")[0] == 0
    assert hclic(monkeypatch, capsys, file, "unwaive", "2")[0] == 2
    # The one that it renewed does not come back.
    with Warehouse(file) as store:
        assert waivers.in_force(store.connection, LA, date(2098, 1, 1)).is_empty()
    assert hclic(monkeypatch, capsys, file, "waive", *more, "--expires", "2098-01-01")[0] == 0
    with Warehouse(file) as store:
        assert waivers.in_force(store.connection, LA, date(2098, 1, 1))["waiver_no"].to_list() == [3]
        assert waivers.in_force(store.connection, LA, date(2098, 1, 2)).is_empty()
