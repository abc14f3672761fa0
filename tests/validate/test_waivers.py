"""Waivers: what they cover, until when, and what a broken file says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines import findings as found
from pipelines.errors import UsageError
from pipelines.link.references import Names
from pipelines.validate.waivers import EXPIRED, REPEATED, UNUSED, read_waivers

HEADING = "rule_id,case_ref,record_key,owner,reason,expires"
CASE, OTHER = "E06000034_000000000001", "E06000034_000000000002"


def written(folder: Path, *rows: str, heading: str = HEADING) -> Path:
    path = folder / "waivers.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return path


def some_findings() -> pl.DataFrame:
    return found.frame(
        found.Finding(rule_id, found.ERROR, "What is wrong.", "What to do.", case_ref=case, record_key=key)
        for rule_id, case, key in (
            ("L-13", CASE, "placement_no=1"),
            ("L-13", CASE, "placement_no=2"),
            ("L-13", OTHER, "placement_no=1"),
            ("V-01", CASE, None),
        )
    )


def waived(path: Path, as_at: date = date(2026, 1, 15)) -> tuple[pl.DataFrame, list[dict[str, object]]]:
    return read_waivers(path).apply(some_findings(), as_at=as_at)


@pytest.mark.parametrize(
    ("row", "errors_left"),
    [
        ("L-13,,,team.lead,Recorded by the old system.,2026-03-31", 4 - 3),
        (f"L-13,{CASE},,team.lead,Recorded by the old system.,2026-03-31", 4 - 2),
        (f"L-13,{CASE},placement_no=2,team.lead,Recorded by the old system.,2026-03-31", 4 - 1),
    ],
)
def test_a_waiver_covers_what_it_names_and_nothing_else(tmp_path: Path, row: str, errors_left: int) -> None:
    findings, applied = waived(written(tmp_path, row))
    assert findings.filter(pl.col("severity") == found.ERROR).height == errors_left
    assert findings.height == 4
    assert [entry["findings"] for entry in applied] == [4 - errors_left]


def test_a_waived_finding_names_owner_reason_and_expiry(tmp_path: Path) -> None:
    findings, applied = waived(written(tmp_path, f"V-01,{CASE},,team.lead,Paper file lost,2026-03-31"))
    action = findings.filter(pl.col("rule_id") == "V-01")["action"].to_list()
    assert action == ["Waived by team.lead until 31 March 2026: Paper file lost."]
    assert applied[0]["owner"] == "team.lead"
    assert applied[0]["expires"] == "2026-03-31"


@pytest.mark.parametrize(("as_at", "is_applied"), [(date(2026, 3, 31), True), (date(2026, 4, 1), False)])
def test_a_waiver_holds_until_the_end_of_its_last_day(tmp_path: Path, as_at: date, is_applied: bool) -> None:
    findings, applied = waived(written(tmp_path, "V-01,,,team.lead,Why,2026-03-31"), as_at)
    assert bool(applied) is is_applied
    notes = findings.filter(pl.col("rule_id") == EXPIRED)
    assert notes.height == (0 if is_applied else 1)
    assert notes["severity"].to_list() == ([] if is_applied else [found.WARNING])


def test_a_waiver_that_covers_nothing_is_a_warning(tmp_path: Path) -> None:
    findings, applied = waived(written(tmp_path, "L-06,,,team.lead,Why,2026-03-31"))
    assert applied == []
    assert findings.filter(pl.col("rule_id") == UNUSED)["message"].to_list() == [
        "The waiver in row 2 of waivers.csv covers no finding."
    ]
    assert findings.filter(pl.col("rule_id") == UNUSED).select("file", "row").rows() == [("waivers.csv", 2)]


def test_a_waiver_of_a_rule_that_does_not_exist_says_so(tmp_path: Path) -> None:
    findings, _ = waived(written(tmp_path, "L-O6,,,team.lead,Why,2026-03-31"))
    (message,) = findings.filter(pl.col("rule_id") == UNUSED)["message"]
    assert message == "The waiver in row 2 of waivers.csv covers no finding: no rule of ours has that rule_id."


@pytest.mark.parametrize("expires", ["31/03/2026", "2026-03-31", "31-Mar-2026"])
def test_the_day_of_expiry_may_be_written_as_in_the_uk(tmp_path: Path, expires: str) -> None:
    _, applied = waived(written(tmp_path, f"V-01,,,team.lead,Why,{expires}"))
    assert [entry["expires"] for entry in applied] == ["2026-03-31"]


def test_a_rule_id_may_be_in_small_letters(tmp_path: Path) -> None:
    _, applied = waived(written(tmp_path, "v-01,,,team.lead,Why,2026-03-31"))
    assert [entry["findings"] for entry in applied] == [1]


def test_a_waiver_that_repeats_another_is_named_beside_it(tmp_path: Path) -> None:
    row = f"V-01,{CASE},,team.lead,Why,2026-03-31"
    findings, applied = waived(written(tmp_path, row, row))
    assert len(applied) == 1
    assert findings.filter(pl.col("rule_id") == REPEATED)["message"].to_list() == [
        "The waiver in row 3 of waivers.csv covers the same as row 2, which is applied."
    ]


def test_a_waiver_that_was_renewed_below_the_expired_one_is_applied(tmp_path: Path) -> None:
    rows = (f"V-01,{CASE},,team.lead,Why,{day}" for day in ("2025-12-31", "2026-03-31"))
    findings, applied = waived(written(tmp_path, *rows))
    assert [entry["expires"] for entry in applied] == ["2026-03-31"]
    assert findings.filter(pl.col("rule_id").str.starts_with("W-"))["rule_id"].to_list() == [EXPIRED]


@pytest.mark.parametrize("named", ["HX/1", "hx/1", CASE.lower()])
def test_a_waiver_may_name_its_case_by_any_of_its_names(tmp_path: Path, named: str) -> None:
    waivers = read_waivers(written(tmp_path, f"V-01,{named},,team.lead,Why,2026-03-31"))
    _, applied = waivers.under(Names({"HX/1": CASE}).case).apply(some_findings(), as_at=date(2026, 1, 15))
    assert [entry["case_ref"] for entry in applied] == [CASE]


def test_the_first_waiver_that_covers_a_finding_answers_for_it(tmp_path: Path) -> None:
    path = written(tmp_path, f"L-13,{CASE},,first.owner,One,2026-03-31", "L-13,,,second.owner,Two,2026-03-31")
    _, applied = waived(path)
    assert [(entry["owner"], entry["findings"]) for entry in applied] == [("first.owner", 2), ("second.owner", 1)]


def test_an_empty_waiver_file_changes_nothing(tmp_path: Path) -> None:
    findings, applied = waived(written(tmp_path))
    assert applied == []
    assert findings.equals(found.combine([some_findings()]))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("V-01,,,,Why,2026-03-31", "The waiver file waivers.csv, row 2, has no owner."),
        ("V-01,,,team.lead,,2026-03-31", "The waiver file waivers.csv, row 2, has no reason."),
        ("V-01,,,team.lead,Why,", "The waiver file waivers.csv, row 2, has no expires."),
        (f",{CASE},,,,", "row 2, has no rule_id and no owner and no reason and no expires."),
        ("V-01,,,team.lead,Why,31/02/2026", "row 2, column expires: it is not a date like 31/03/2026 or 2026-03-31."),
        ("V-01,,,team.lead,Why,31/03/26", "row 2, column expires: it is not a date"),
        ("R-not-run,,,team.lead,Why,2026-03-31", "a rule that was not run"),
    ],
)
def test_a_broken_row_is_refused_with_its_number(tmp_path: Path, row: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_waivers(written(tmp_path, row))
    assert sentence in str(refused.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, heading="rule_id,case_ref,owner,reason")
    with pytest.raises(UsageError, match="no column record_key and no column expires"):
        read_waivers(path)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not be read"):
        read_waivers(tmp_path / "none.csv")


def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "waivers.csv"
    path.write_bytes(HEADING.encode() + b"\nV-01,,,\xff\xfe,Why,2026-03-31\n")
    with pytest.raises(UsageError, match="not text in UTF-8"):
        read_waivers(path)


def test_a_file_saved_by_excel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "waivers.csv"
    path.write_bytes(f"{HEADING}\r\nV-01,,,team.lead,Why,2026-03-31\r\n".encode("utf-8-sig"))
    assert [waiver.rule_id for waiver in read_waivers(path).rows] == ["V-01"]
