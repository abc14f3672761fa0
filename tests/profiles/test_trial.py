"""``hclic profile test`` and ``hclic profile explain``."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.errors import UsageError
from pipelines.profiles.draft import draft
from pipelines.profiles.explain import render
from pipelines.profiles.trial import Trial, describe, try_out
from schemas.sources import load
from tests.conftest import ROOT

PROFILE = """
name = "mine"
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
reasonloss = "Reason"
[table.people]
case_ref = "Case"
relationship = { constant = "Main applicant" }
surname = "Surname"
"""


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Ten cases: a day that is none, a spelling of six cases, another of one, a column that is not read."""
    rows = [["Case", "Applied", "Reason", "Surname", "Mood"]]
    for one in range(10):
        reason = "Family asked to leave" if one < 6 else "Thrown out by Inkpen" if one == 6 else "Domestic abuse"
        rows.append([f"HA{one:03}", "soon" if one == 9 else f"0{one + 1}/07/2025", reason, "Inkpen", "cheerful"])
    with (tmp_path / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (tmp_path / "mine.toml").write_text(PROFILE, encoding="utf-8")
    return try_out(tmp_path / "cases.csv", str(tmp_path / "mine.toml"), authority="E06000034", as_at=date(2025, 9, 30))


def test_each_column_has_the_share_that_is_understood(trial: Trial) -> None:
    shares = {one.field: (one.understood, one.filled) for one in trial.columns}
    assert shares["application_date"] == (9, 10)
    assert shares["reasonloss"] == (3, 10)
    assert shares["surname"] == (10, 10)


def test_an_unknown_spelling_is_told_with_the_nearest_code_only_where_several_cases_have_it(trial: Trial) -> None:
    text = describe(trial)
    assert '"Family asked to leave": 6 cells; nearest: "Family asked to leave" = "family_friends"' in text
    assert "[masked]: 1 cells" in text
    for value in ("Inkpen", "soon", "cheerful"):
        assert value not in text


def test_what_is_left_to_do_names_fields_and_sections_that_nothing_feeds(trial: Trial) -> None:
    text = describe(trial)
    assert "Main: nothing feeds assess1 (needed when an assessment date is given)" in text
    assert "Reviews: no table feeds this section" in text
    assert "columns that are not read (1): Mood" in text


def test_the_verdict_counts_what_is_not_understood(trial: Trial) -> None:
    assert not trial.is_ready
    assert describe(trial).startswith("Not ready: 8 cells are not understood.")


def test_the_mapping_is_explained_in_plain_words() -> None:
    text = render(load("jigsaw-style"), "table")
    assert "Person 1…12 date of birth" in text
    assert "Reason the prevention duty ended." in text


def test_the_mapping_is_explained_as_csv_with_one_row_a_field_and_table() -> None:
    profile = load("civica-style")
    rows = list(csv.DictReader(io.StringIO(render(profile, "csv"))))
    assert len(rows) == sum(len(feed.columns) for table in profile.tables for feed in table.feeds)
    ta_type = next(row for row in rows if row["field"] == "ta_type")
    assert ta_type["from"] == "sheet PLACEMENT"
    assert "TAT01 → bb" in ta_type["steps"]


def test_the_steps_that_make_the_rows_are_told_in_words() -> None:
    shapes = ROOT / "data" / "sample" / "shapes"
    text = render(load(str(shapes / "questions-and-answers" / "profile.toml")), "table")
    assert "one row for each Case no, with Answer under the text of Question as heading" in text
    assert "Answer read as the label Text of the key Id in lookups" in text
    people = render(load(str(shapes / "one-row-per-person" / "profile.toml")), "table")
    assert "with the row of clients by Client no" in people


def test_a_return_needs_no_profile(tmp_path: Path) -> None:
    (tmp_path / "hclic_case.xml").write_text("<x/>", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        draft(tmp_path, "x")
    assert "A return needs no source profile" in str(refused.value)


def test_the_commands_are_called_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drafted.toml"
    (tmp_path / "cases.csv").write_text("Case ref,Date of application\n" + "HA0001,01/07/2025\n" * 1, encoding="utf-8")
    for arguments in (
        ["draft", str(tmp_path / "cases.csv"), "--out", str(out)],
        ["test", str(out), str(tmp_path / "cases.csv")],
        ["explain", str(out), "--format", "md"],
    ):
        monkeypatch.setattr("sys.argv", ["hclic", "profile", *arguments])
        with pytest.raises(SystemExit):
            main()
    shown = capsys.readouterr().out
    assert f"written  {out}" in shown
    assert "100.0% of         1 cells   Date of application" in shown
    assert "| Main | application_date |" in shown
