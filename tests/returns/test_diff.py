"""Two returns beside each other: ``hclic diff``."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.emit.returns import load_profile, write_return
from pipelines.emit.returns.source.diff import SCHEMA, VALUES, Difference, diff_returns
from pipelines.emit.returns.source.diff_words import summary, without_values, write
from pipelines.errors import InputError, UsageError
from pipelines.findings import MASK
from schemas.returns import PROVISIONAL
from tests.returns import test_packs as packs
from tests.returns.cases import Rows, ref

EXAMPLE = Path(__file__).resolve().parents[2] / "data/sample/shapes/return/export"
CASE, PERSONAL = "hclic_case_E06000034_2025-Q3.xml", "hclic_personal_E06000034_2025-Q3.xml"
FIRST, SECOND = "E06000034_000000000002", "E06000034_000000000003"


def _case(text: str, number: str) -> str:
    (found,) = re.findall(rf"    <CASE>(?:(?!</CASE>).)*{number}.*?</CASE>\n", text, re.DOTALL)
    return str(found)


def _diff(tmp_path: Path, edit: Callable[[str], str], name: str = CASE) -> Difference:
    folder = tmp_path / "b"
    folder.mkdir()
    for one in (CASE, PERSONAL):
        text = (EXAMPLE / one).read_text(encoding="utf-8")
        changed = edit(text) if one == name else text
        assert changed != text or one != name
        (folder / one).write_text(changed, encoding="utf-8")
    profile = load_profile(PROVISIONAL)
    return diff_returns(EXAMPLE, folder, profile, profile)


def test_a_return_does_not_differ_from_itself() -> None:
    profile = load_profile(PROVISIONAL)
    found = diff_returns(EXAMPLE, EXAMPLE, profile, profile)
    assert found.rows.is_empty()
    assert found.rows.schema == SCHEMA
    assert "0  cases in both that differ" in summary(found)


def test_a_changed_field_is_told_with_case_row_element_labels_and_lines(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace("<TA_TYPE>nightly<", "<TA_TYPE>hostel<", 1))
    (row,) = found.rows.to_dicts()
    line = 1 + (EXAMPLE / CASE).read_text(encoding="utf-8").split("<PLACEMENT>")[0].count("\n")
    assert row == {
        "case_ref": FIRST,
        "change": "changed",
        "section": "temporary_accommodation",
        "record_key": "placement_no=1",
        "field": "ta_type",
        "element": "PLACEMENT/TA_TYPE",
        "before": "nightly",
        "before_label": "Other nightly paid, privately managed accommodation, self-contained",
        "after": "hostel",
        "after_label": row["after_label"],
        "file_a": CASE,
        "line_a": line,
        "file_b": CASE,
        "line_b": line,
    }
    assert row["after_label"].startswith("Hostel")


def test_a_value_that_is_gone_is_told_and_is_no_nought(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace("        <TA_TYPE>nightly</TA_TYPE>\n", "", 1))
    ((before, after),) = found.rows.select("before", "after").rows()
    assert (before, after) == ("nightly", None)


def test_cases_of_one_return_alone_are_told_once_each(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace(_case(t, FIRST), ""))
    assert found.rows.select("case_ref", "change").rows() == [(FIRST, "case only in A")]
    assert f"1  cases only in A: {FIRST}" in summary(found)


def test_rows_are_matched_by_their_key_and_shown_whole(tmp_path: Path) -> None:
    def without_the_first_placement(text: str) -> str:
        return re.sub(r"      <PLACEMENT>.*?</PLACEMENT>\n", "", text, count=1, flags=re.DOTALL)

    found = _diff(tmp_path, without_the_first_placement)
    (row,) = found.rows.to_dicts()
    assert (row["change"], row["record_key"], row["after"]) == ("row only in A", "placement_no=1", None)
    assert "ta_type: Other nightly paid" in row["before"]


def test_rows_without_numbers_are_matched_by_what_they_hold(tmp_path: Path) -> None:
    profile = load_profile(str(packs.PACKS / "attributes"))

    def written(name: str, change: Callable[[Rows], None]) -> Path:
        rows = packs._rows()
        change(rows)
        write_return(packs.connect(rows), profile, tmp_path / name, personal=False, software_version="0.1.0")
        return tmp_path / name

    def without_the_second_person(rows: Rows) -> None:
        rows["people"] = [r for r in rows["people"] if (r["case_ref"], r["person_no"]) != (ref(1), 2)]

    def as_son(rows: Rows) -> None:
        third: dict[str, Any] = next(r for r in rows["people"] if (r["case_ref"], r["person_no"]) == (ref(1), 3))
        third["sex"] = "male"

    a = written("a", as_son)
    b = written("b", lambda rows: (as_son(rows), without_the_second_person(rows))[0])
    found = diff_returns(a, b, profile, profile).rows
    assert found.select("case_ref", "change", "section").rows() == [(ref(1), "row only in A", "people")]


def test_the_order_of_cases_and_of_codes_in_a_field_is_no_difference(tmp_path: Path) -> None:
    text = (EXAMPLE / CASE).read_text(encoding="utf-8")
    case = _case(text, SECOND)
    moved = text.replace(case, "").replace("  </CASES>", f"{case}  </CASES>")
    several = re.findall(r"<BENEFITS>(\S+ [^<]+)</BENEFITS>", moved)
    for codes in several:
        moved = moved.replace(f"<BENEFITS>{codes}<", f"<BENEFITS>{' '.join(reversed(codes.split()))}<")
    assert moved != text
    assert _diff(tmp_path, lambda _: moved).rows.is_empty()


def test_personal_values_are_masked_in_the_file_too(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: re.sub(r"<SURNAME>[^<]*<", "<SURNAME>Changed<", t, count=1), PERSONAL)
    (row,) = found.rows.to_dicts()
    assert (row["section"], row["field"], row["before"], row["after"]) == ("personal", "surname", MASK, MASK)
    assert "Changed" not in found.rows.write_csv()


def test_a_value_that_is_not_understood_is_compared_as_written(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace("<TA_TYPE>nightly<", "<TA_TYPE>tent<", 1))
    assert found.rows["after"].to_list() == ["tent"]


def test_the_screen_shows_no_value(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace("<TA_TYPE>nightly<", "<TA_TYPE>hostel<"))
    shown = summary(found) + without_values(found, "csv") + without_values(found, "json")
    assert "ta_type" in shown
    assert "hostel" not in shown.casefold()
    assert "nightly" not in shown
    assert not set(VALUES) & set(json.loads(without_values(found, "json"))[0])


def test_what_the_profile_has_no_place_for_is_said_to_be_left_out(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace("<PERSON>", "<PERSON><SHOE_SIZE>9</SHOE_SIZE>", 2))
    assert "B has 2 elements or attributes for which the return profile has no place" in summary(found)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    found = _diff(tmp_path, lambda t: t.replace("<TA_TYPE>nightly<", "<TA_TYPE>hostel<", 1))
    for name in ("out.csv", "out.json"):
        out = tmp_path / name
        out.write_text("older", encoding="utf-8")
        out.chmod(0o644)
        write(found, out)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert "hostel" in out.read_text(encoding="utf-8")
    assert pl.read_csv(tmp_path / "out.csv").columns == list(SCHEMA)


def test_the_command_ends_with_0_where_they_differ_and_refuses_to_write_over_its_input(tmp_path: Path) -> None:
    other = tmp_path / "b.xml"
    text = (EXAMPLE / CASE).read_text(encoding="utf-8")
    other.write_text(text.replace("<TA_TYPE>nightly<", "<TA_TYPE>hostel<"), encoding="utf-8")
    ended = CliRunner().invoke(app, ["diff", str(EXAMPLE / CASE), str(other), "--out", str(tmp_path / "d.csv")])
    assert ended.exit_code == 0
    assert "Temporary accommodation: ta_type" in ended.output
    refused = CliRunner().invoke(app, ["diff", str(EXAMPLE / CASE), str(other), "--out", str(other)])
    assert isinstance(refused.exception, UsageError)
    (tmp_path / "broken.xml").write_text(text[:3000], encoding="utf-8")
    unread = CliRunner().invoke(app, ["diff", str(EXAMPLE / CASE), str(tmp_path / "broken.xml")])
    assert isinstance(unread.exception, InputError)
