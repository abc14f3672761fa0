"""Cells that can be read and cannot be right are findings that name file, row and column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.extract import Extracted
from pipelines.findings import ERROR, MASK, WARNING

Read = Callable[..., Extracted]
Rewrite = Callable[[str, Callable[[str], str]], Path]


def only(extracted: Extracted) -> dict[str, str]:
    """The single finding of the export."""
    assert extracted.findings.height == 1, extracted.findings.rows()
    return extracted.findings.row(0, named=True)


@pytest.mark.parametrize(
    ("character", "number"),
    [("\x01", "U+0001"), ("\x0b", "U+000B"), ("\x1f", "U+001F"), ("\ufffe", "U+FFFE"), ("\uffff", "U+FFFF")],
)
def test_a_character_that_xml_cannot_hold_is_an_error_of_the_cell(
    rewrite: Rewrite, read: Read, character: str, number: str
) -> None:
    found = read(rewrite("people.csv", lambda text: text.replace("Ada", f"A{character}da")))
    finding = only(found)
    assert finding["message"] == (
        f"people.csv, row 2, column 'forename': the cell holds a character that a return in XML cannot hold ({number})."
    )
    assert (finding["rule_id"], finding["severity"], finding["value"]) == ("X-60", ERROR, MASK)
    assert (finding["file"], finding["row"], finding["fields"]) == ("people.csv", 2, "forename")
    assert found.sections["people"].get_column("forename")[0] is None


@pytest.mark.parametrize("text", ["A\ta", "Zo\u00eb", "\U0001f600", "O\u2019Neil", "\ufdd0", "\u0e01"])
def test_characters_that_xml_can_hold_are_kept(rewrite: Rewrite, read: Read, text: str) -> None:
    found = read(rewrite("people.csv", lambda whole: whole.replace("Ada", text)))
    assert found.findings.is_empty()
    assert found.sections["people"].get_column("forename")[0] == text


def test_such_a_character_in_a_local_field_is_a_warning_and_is_not_copied_into_the_findings(
    rewrite: Rewrite, read: Read
) -> None:
    found = read(rewrite("main.csv", lambda text: text.replace(",AB", ",A\x02B")))
    finding = only(found)
    assert (finding["severity"], finding["fields"], finding["value"]) == (WARNING, "officer", "A\ufffdB")


def test_such_a_character_in_a_code_is_not_copied_into_the_findings(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("support_needs.csv", lambda text: text.replace(",eet", ",e\x02et")))
    assert "\x02" not in only(found)["value"]


def test_a_reference_with_such_a_character_sets_the_row_aside_whatever_the_pattern_allows(
    rewrite: Rewrite, read: Read
) -> None:
    export = rewrite("reviews.csv", lambda text: text.replace("_000000000002", "_000000000002\x07"))
    profile = export.parent / "any.toml"
    text = Path("schemas/sources/native.toml").read_text(encoding="utf-8")
    profile.write_text(
        text.replace("[[table]]", '[options]\ncase_ref_pattern = ".+"\n\n[[table]]', 1), encoding="utf-8"
    )
    found = read(export, str(profile))
    finding = only(found)
    assert "reviews.csv, row 2, column 'case_ref'" in finding["message"]
    assert "(U+0007)" in finding["message"]
    assert found.sections["reviews"].is_empty()
    assert found.set_aside.height == 1


@pytest.mark.parametrize(
    ("file", "old", "day", "fits"),
    [
        ("people.csv", "1950-01-31", "1905-12-31", True),
        ("people.csv", "1950-01-31", "1905-12-30", False),
        ("people.csv", "1950-01-31", "0000-12-31", False),
        ("people.csv", "1950-01-31", "0001-01-01", False),
        ("people.csv", "1950-01-31", "01/01/1900", False),
        ("people.csv", "1950-01-31", "2035-12-31", True),
        ("people.csv", "1950-01-31", "2036-01-01", False),
        ("people.csv", "1950-01-31", "9999-12-31", False),
        ("relief.csv", "2025-09-03", "1977-12-01", True),
        ("relief.csv", "2025-09-03", "1977-11-30", False),
        ("relief.csv", "2025-09-03", "1025-09-03", False),
        ("relief.csv", "2025-09-03", "2100-01-01", False),
    ],
)
def test_a_day_outside_what_can_be_is_an_error_of_the_cell_and_taken_for_missing(
    rewrite: Rewrite, read: Read, file: str, old: str, day: str, fits: bool
) -> None:
    found = read(rewrite(file, lambda text: text.replace(old, day)))
    if fits:
        assert found.findings.is_empty()
        return
    finding = only(found)
    assert (finding["rule_id"], finding["severity"], finding["file"]) == ("X-62", ERROR, file)
    assert "the day cannot be right: it is not within" in finding["message"]
    assert f"{file}, row " in finding["message"]


def test_a_day_that_the_profile_calls_a_blank_is_one(rewrite: Rewrite, read: Read) -> None:
    export = rewrite("people.csv", lambda text: text.replace("1950-01-31", "1900-01-01"))
    profile = export.parent / "blanks.toml"
    text = Path("schemas/sources/native.toml").read_text(encoding="utf-8")
    profile.write_text(
        text.replace("[[table]]", '[options]\nblanks = ["1900-01-01"]\n\n[[table]]', 1), encoding="utf-8"
    )
    found = read(export, str(profile))
    assert found.findings.is_empty()
    assert found.sections["people"].filter(pl.col("person_no") == 1).get_column("date_of_birth").to_list() == [None] * 3


@pytest.mark.parametrize("text", ["#REF!", "#NAME?", "#DIV/0!", "Err:502"])
def test_the_error_of_a_formula_is_no_name(rewrite: Rewrite, read: Read, text: str) -> None:
    found = read(rewrite("people.csv", lambda whole: whole.replace("Ada", text)))
    assert only(found)["message"].startswith(
        "people.csv, row 2, column 'forename': the cell holds the error of a spread"
    )
    assert found.sections["people"].get_column("forename")[0] is None


@pytest.mark.parametrize(
    ("text", "rule_id"),
    [
        ("Zo\u00c3\u00ab", "X-63"),
        ("O\u00e2\u20ac\u2122Neil", "X-63"),
        ("A\u200bda", "X-64"),
        ("A\ufeffda", "X-64"),
        ("A\ufffdda", "X-64"),
        ("A\u0085da", "X-64"),
    ],
)
def test_text_that_looks_spoilt_is_a_warning_of_the_column_and_kept(
    rewrite: Rewrite, read: Read, text: str, rule_id: str
) -> None:
    found = read(rewrite("people.csv", lambda whole: whole.replace("Ada", text)))
    finding = only(found)
    assert (finding["rule_id"], finding["severity"], finding["row"]) == (rule_id, WARNING, 2)
    assert finding["message"].startswith("people.csv, row 2, column 'forename'")
    assert found.sections["people"].get_column("forename")[0] == text


def test_a_number_beyond_all_numbers_is_none(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("temporary_accommodation.csv", lambda text: text.replace("1045.5", "9" * 400)))
    assert only(found)["rule_id"] == "X-33"


def test_a_day_ahead_of_a_leap_day_is_counted_to_the_28th(tmp_path: Path) -> None:
    from pipelines.extract.cells import _years_from

    assert _years_from(date(2024, 2, 29), -1) == date(2023, 2, 28)
    assert _years_from(date(9999, 1, 1), 10) == date(9999, 1, 1)


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u00ad"])
def test_a_mark_that_takes_no_room_hides_neither_a_code_nor_a_heading(rewrite: Rewrite, read: Read, mark: str) -> None:
    found = read(rewrite("support_needs.csv", lambda text: text.replace("mental", f"men{mark}tal")))
    assert found.findings.is_empty()
    found = read(rewrite("support_needs.csv", lambda text: text.replace("support_need", f"support{mark}_need")))
    assert found.findings.is_empty()
