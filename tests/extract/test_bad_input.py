"""Bad input is reported once, in words, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputError
from pipelines.extract import Extracted
from pipelines.extract.decoding import HAS_PASSWORD, OLD_WORKBOOK, WEB_PAGE
from pipelines.extract.layouts import write_layout
from pipelines.findings import ERROR, MASK, WARNING
from schemas.sections import SECTION

Read = Callable[..., Extracted]
Rewrite = Callable[[str, Callable[[str], str]], Path]
Balanced = Callable[[Extracted], None]


def only(extracted: Extracted, rule_id: str) -> dict[str, str]:
    """The single finding of the export, of that rule."""
    assert extracted.findings.get_column("rule_id").to_list() == [rule_id], extracted.findings.rows()
    return extracted.findings.row(0, named=True)


def lines(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    return lambda text: "\n".join(change(text.rstrip("\n").split("\n"))) + "\n"


def test_the_small_export_has_no_findings(export: Path, read: Read, balanced: Balanced) -> None:
    found = read(export)
    assert found.findings.rows() == []
    assert [count.rows_read for count in found.files] == [1, 1, 3, 5, 1, 2, 1, 3, 2]
    balanced(found)


def test_a_missing_file_is_an_error_and_not_zero_rows(export: Path, read: Read) -> None:
    (export / "reviews.csv").unlink()
    finding = only(read(export), "X-01")
    assert (finding["severity"], finding["scope"]) == (ERROR, "return")
    assert finding["message"] == "reviews: the export has no such file or sheet."


def test_a_file_with_headings_only_is_zero_rows(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("reviews.csv", lines(lambda rows: rows[:1])))
    assert found.findings.is_empty()
    assert found.sections["reviews"].height == 0


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_error(export: Path, read: Read, content: bytes) -> None:
    (export / "reviews.csv").write_bytes(content)
    assert only(read(export), "X-05")["severity"] == ERROR


def test_a_cut_off_file_sets_the_unfinished_row_aside(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    found = read(rewrite("people.csv", lambda text: text[: text.rindex("E06000034_000000000003") + 30]))
    finding = only(found, "X-20")
    columns = len(SECTION["people"].names)
    assert (
        finding["message"] == f"people.csv, row 6: the row has 3 cells; the headings say {columns}. It was set aside."
    )
    assert found.sections["people"].height == 4
    balanced(found)


def test_an_unclosed_quotation_mark_sets_the_rest_aside(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    found = read(rewrite("assistance.csv", lambda text: text + 'E06000034_000000000002,drug,"refused,x\na,b,c,d\n'))
    finding = only(found, "X-21")
    assert finding["message"].startswith("assistance.csv, row 3: a quotation mark opens here")
    assert found.set_aside.get_column("row").to_list() == [3, 4]
    assert found.sections["assistance"].height == 1
    balanced(found)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("case_ref,review_no".encode("utf-16-le")[:-1], "it is in UTF-16 and damaged or cut off"),
        ("case_ref,review_no".encode("utf-32"), "it is in UTF-32, not UTF-8"),
        (bytes(range(256)) * 3, "it holds binary data, not text, in row 1"),
        (b"case_ref,review_no\nE1,\0\n", "it holds binary data, not text, in row 2"),
        (
            b"case_ref,review_no\nE1," + b"x" * 2**20,
            "row 2 has more than 1,048,576 characters, which no row of a case export has",
        ),
        (b"case_ref," + b"x" * 200_000, "the heading of column 2 has 200,000 characters, so it is none"),
        (b"a," * 2_000, "it has 2,001 columns, more than the 2,000 that are read"),
        (b"%PDF-1.7 \0", "it is a PDF document, not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, OLD_WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), HAS_PASSWORD),
        (b"\xef\xbb\xbf\n<html><table>", WEB_PAGE),
        (b"PK\x03\x04rest", "it is a workbook or zip file under the name of a text file"),
        (b"case_ref\x81\x8d", "it is in neither UTF-8 nor Windows-1252"),
    ],
)
def test_a_file_that_is_no_text_says_what_it_is(export: Path, read: Read, content: bytes, why: str) -> None:
    (export / "reviews.csv").write_bytes(content)
    assert only(read(export), "X-03")["message"] == f"reviews.csv: the file cannot be read: {why}."


def test_a_file_in_two_encodings_is_an_error_with_its_row(export: Path, read: Read) -> None:
    path = export / "people.csv"
    path.write_bytes(path.read_bytes().replace(b"Ada", "Zo\xeb".encode("cp1252")))
    assert "from row 2 on" in only(read(export), "X-04")["message"]


def test_a_damaged_workbook_or_parquet_file_is_an_error(export: Path, read: Read) -> None:
    (export / "reviews.csv").rename(export / "reviews.parquet")
    assert only(read(export), "X-03")["message"].startswith("reviews.parquet: the file cannot be read")
    (export / "reviews.parquet").rename(export / "reviews.xlsx")
    assert only(read(export), "X-03")["message"].startswith("reviews.xlsx: the file cannot be read")


def test_a_heading_twice_is_an_error(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("reviews.csv", lines(lambda rows: [f"{rows[0]},Appeal", f"{rows[1]},no"])))
    assert only(found, "X-07")["message"].startswith("reviews.csv, column 'appeal': this heading stands over")


@pytest.mark.parametrize(("extra", "cells"), [(",x", 11), (",,x", 12)])
def test_a_row_with_too_many_cells_is_set_aside(
    rewrite: Rewrite, read: Read, balanced: Balanced, extra: str, cells: int
) -> None:
    found = read(rewrite("reviews.csv", lines(lambda rows: [rows[0], rows[1] + extra])))
    assert f"row 2: the row has {cells} cells; the headings say 10" in only(found, "X-20")["message"]
    assert found.set_aside.rows()[0][:3] == ("reviews.csv", 2, f"{cells} cells under 10 headings")
    assert "E06000034_000000000002" in found.set_aside.rows()[0][3]
    balanced(found)


def test_empty_cells_beyond_the_headings_hold_nothing(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("reviews.csv", lines(lambda rows: [rows[0], f"{rows[1]},, ,"])))
    assert found.findings.is_empty()
    assert found.sections["reviews"].height == 1


def test_an_unknown_column_is_a_warning_that_names_the_nearest(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("people.csv", lines(lambda rows: [rows[0].replace("in_education", "in_educaton"), *rows[1:]])))
    finding = only(found, "X-08")
    assert finding["severity"] == WARNING
    assert finding["message"].startswith("people.csv, column 17 (Q): the heading is not in the source profile")
    assert finding["message"].endswith("Did you mean 'in_education'?")
    assert finding["value"] == "in_educaton"


def test_a_file_without_headings_keeps_its_first_row_out_of_the_messages(
    rewrite: Rewrite, read: Read, balanced: Balanced
) -> None:
    found = read(rewrite("people.csv", lines(lambda rows: rows[1:])))
    assert "row 1 holds none of the headings" in only(found, "X-06")["message"]
    assert found.set_aside.height == 4
    balanced(found)


def test_a_missing_column_is_an_error_only_for_the_return(rewrite: Rewrite, read: Read) -> None:
    header = lambda old, new: lines(lambda rows: [rows[0].replace(old, new), *rows[1:]])  # noqa: E731
    statutory = read(rewrite("main.csv", header("reasonloss", "why_homeless")))
    assert statutory.findings.get_column("rule_id").to_list() == ["X-09", "X-08"]
    assert "main.csv, column 'reasonloss': there is no such column" in statutory.findings.get_column("message")[0]
    local = read(rewrite("temporary_accommodation.csv", header(",site", ",block")))
    assert "X-09" not in local.findings.filter(pl.col("section") == "temporary_accommodation").get_column("rule_id")


def test_people_columns_that_a_system_lacks_are_blank_without_a_finding(rewrite: Rewrite, read: Read) -> None:
    def cut(rows: list[str]) -> list[str]:
        return ["case_ref,person_no,relationship,dependent", "E06000034_000000000001,1,Main applicant,no"]

    found = read(rewrite("people.csv", lines(cut)))
    assert found.findings.is_empty()
    assert found.sections["people"].get_column("surname").to_list() == [None]


@pytest.mark.parametrize(
    ("file", "old", "new", "rule_id", "message"),
    [
        (
            "relief.csv",
            "2025-09-03",
            "31/02/2025",
            "X-30",
            "relief.csv, row 2, column 'relief_end': the cell is not a date.",
        ),
        (
            "relief.csv",
            "2025-09-03",
            "03/09/25",
            "X-31",
            "relief.csv, row 2, column 'relief_end': the date's year has two",
        ),
        (
            "people.csv",
            ",30,",
            ",thirty,",
            "X-32",
            "people.csv, row 3, column 'age': the cell is not a whole number, 0 or more.",
        ),
        (
            "people.csv",
            ",30,",
            ",30.5,",
            "X-32",
            "people.csv, row 3, column 'age': the cell is not a whole number, 0 or more.",
        ),
        (
            "reviews.csv",
            ",no,",
            ",maybe,",
            "X-34",
            "reviews.csv, row 2, column 'appeal': the cell is neither yes nor no.",
        ),
        (
            "main.csv",
            "uc;hb",
            "uc;housing",
            "X-35",
            "main.csv, row 2, column 'benefits': the spelling is none of the answers to 'benefits'",
        ),
    ],
)
def test_a_cell_that_is_not_understood_is_null_with_an_error(
    rewrite: Rewrite, read: Read, file: str, old: str, new: str, rule_id: str, message: str
) -> None:
    found = read(rewrite(file, lambda text: text.replace(old, new, 1)))
    finding = only(found, rule_id)
    assert finding["severity"] == ERROR
    assert finding["message"].startswith(message)
    assert finding["value"] == new.strip(",")
    assert finding["case_ref"].startswith("E06000034_")
    assert (
        found.sections[file.removesuffix(".csv")].get_column(finding["fields"])[0 if "row 2" in message else 1] is None
    )


def test_an_unknown_spelling_gets_the_nearest_label(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("people.csv", lambda text: text.replace(",partner,", ",Main aplicant,")))
    assert only(found, "X-35")["message"].endswith("The nearest label is 'Main applicant'.")


def test_trouble_in_a_local_field_is_a_warning(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("temporary_accommodation.csv", lambda text: text.replace("1045.5", "a lot")))
    assert only(found, "X-33")["severity"] == WARNING


def test_the_value_of_a_personal_field_is_masked(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("people.csv", lambda text: text.replace("2020-02-29", "sometime")))
    assert only(found, "X-30")["value"] == MASK


@pytest.mark.parametrize("change", ["", "late"])
def test_a_second_row_with_the_same_key_is_set_aside(
    rewrite: Rewrite, read: Read, balanced: Balanced, change: str
) -> None:
    def double(rows: list[str]) -> list[str]:
        return [*rows, rows[1].replace("suitability", "eligibility" if change else "suitability")]

    found = read(rewrite("reviews.csv", lines(double)))
    finding = only(found, "X-25")
    assert "the same case reference and number of the review as in an earlier row (row 2)" in finding["message"]
    assert found.sections["reviews"].get_column("decision_reviewed").to_list() == ["suitability"]
    assert found.set_aside.select("file", "row").rows() == [("reviews.csv", 3)]
    balanced(found)


def test_a_shifted_row_is_set_aside_whole(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    def shift(rows: list[str]) -> list[str]:
        cells = rows[1].split(",")
        return [rows[0], ",".join([*cells[:2], "Smith", *cells[2:-1]]), *rows[2:]]

    found = read(rewrite("temporary_accommodation.csv", lines(shift)))
    finding = only(found, "X-24")
    assert finding["case_ref"] is None
    assert found.sections["temporary_accommodation"].get_column("placement_no").to_list() == [2]
    assert found.set_aside.row(0)[2] == "the columns look shifted"
    balanced(found)


def test_unknown_spellings_alone_are_no_shift(export: Path, read: Read) -> None:
    head = "case_ref,relief_start,relief_end,relief_outcome,relief_activity,relief_accom,relief_accom_la,referred_la"
    row = "E06000034_000000000001,2025-07-08,,Solved,Talked,A flat,Somewhere,"
    (export / "relief.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    found = read(export)
    assert found.set_aside.is_empty()
    assert found.findings.get_column("rule_id").to_list() == ["X-35"] * 4


def test_a_spelling_that_fails_everywhere_is_no_shift(tmp_path: Path, export: Path, read: Read) -> None:
    head = "case_ref,relief_start,relief_end,relief_outcome,relief_activity,relief_accom,relief_accom_la,referred_la"
    rows = [f"E06000034_{n:012d},2025-07-08,,Pending,Pending,Pending,," for n in range(1, 31)]
    (export / "relief.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    found = read(export)
    assert found.set_aside.is_empty()
    assert found.findings.get_column("rule_id").unique().to_list() == ["X-35"]
    assert found.findings.height == 90


@pytest.mark.parametrize(
    ("ref", "rule_id"), [("", "X-22"), ("-", "X-22"), ("Smith", "X-23"), ("QQ123456C", "X-23"), ("01/02/2025", "X-23")]
)
def test_a_row_whose_case_is_not_known_is_set_aside(
    rewrite: Rewrite, read: Read, balanced: Balanced, ref: str, rule_id: str
) -> None:
    found = read(rewrite("reviews.csv", lambda text: text.replace("E06000034_000000000002", ref)))
    finding = only(found, rule_id)
    assert finding["case_ref"] is None
    assert found.sections["reviews"].is_empty()
    balanced(found)


def test_a_row_without_its_number_is_set_aside(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    found = read(rewrite("reviews.csv", lambda text: text.replace("000002,1,", "000002,,")))
    assert "column 'review_no': the cell is empty" in only(found, "X-29")["message"]
    balanced(found)


def test_a_key_that_is_not_understood_has_one_finding(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    found = read(rewrite("support_needs.csv", lambda text: text.replace(",eet", ",astrology")))
    only(found, "X-35")
    assert found.sections["support_needs"].height == 2
    assert found.set_aside.height == 1
    balanced(found)


@pytest.mark.parametrize("name", ["notes.csv", "reviews.zip"])
def test_a_file_that_is_not_read_is_a_warning(export: Path, read: Read, name: str) -> None:
    (export / name).write_text("a,b\n1,2\n", encoding="utf-8")
    finding = only(read(export), "X-02")
    assert finding["severity"] == WARNING
    assert finding["message"].startswith(f"{name}: no table of the source profile names this file or sheet")


def test_a_wide_row_twice_has_one_finding_and_adds_no_people(
    tmp_path: Path, sections: dict[str, pl.DataFrame], read: Read, balanced: Balanced
) -> None:
    write_layout(sections, "jigsaw-style", tmp_path)
    path = tmp_path / "cases.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.split("\n")[1] + "\n", encoding="utf-8")
    found = read(tmp_path, "jigsaw-style")
    assert only(found, "X-25")["message"].startswith(
        "cases.csv, row 5: the same case reference as in an earlier row (row 2)"
    )
    assert found.sections["people"].height == sections["people"].height
    assert found.set_aside.get_column("row").to_list() == [5]
    balanced(found)


def test_other_files_of_the_folder_are_left_alone(export: Path, read: Read) -> None:
    for name in ("README.md", ".DS_Store", "~$main.xlsx", "._main.csv"):
        (export / name).write_text("x", encoding="utf-8")
    assert read(export).findings.is_empty()


def test_a_time_of_day_is_left_out_with_one_warning(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("relief.csv", lambda text: text.replace("2025-07-08", "2025-07-08T14:05:09")))
    assert only(found, "X-36")["message"].startswith("relief.csv, column 'relief_start': 2 cells hold a time of day")
    assert found.sections["relief"].get_column("relief_start").null_count() == 0


def test_a_row_of_empty_cells_is_no_row(rewrite: Rewrite, read: Read) -> None:
    found = read(
        rewrite("reviews.csv", lambda text: text + ",,,,,,,,\n\n , ,\n" + text.split("\n")[1].replace("2,1,", "2,2,"))
    )
    assert found.findings.is_empty()
    assert found.sections["reviews"].get_column("_row").to_list() == [2, 6]


@pytest.mark.parametrize("name", ["nowhere", "folder", "text.doc", "other.csv"])
def test_an_export_that_cannot_be_read_at_all_is_one_sentence(tmp_path: Path, read: Read, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.doc").write_bytes(b"x")
    (tmp_path / "other.csv").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(InputError, match=r"^[A-Z][^\n]*\.$"):
        read(tmp_path / name)


def test_two_files_for_one_section_are_refused(export: Path, read: Read) -> None:
    (export / "more").mkdir()
    (export / "more" / "MAIN.csv").write_bytes((export / "main.csv").read_bytes())
    with pytest.raises(InputError, match="holds main more than once"):
        read(export)


def test_more_rows_of_a_case_than_it_can_have_are_set_aside_with_one_finding(
    rewrite: Rewrite, read: Read, balanced: Balanced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.extract.assemble.MOST_ROWS_OF_A_CASE", 20)
    monkeypatch.setattr("pipelines.extract.notes.SINGLY", 3)
    rows = "".join(f"E06000034_000000000003,{number},Other adult,no\n" for number in range(2, 22))
    rows = "case_ref,person_no,relationship,dependent\nE06000034_000000000001,1,Main applicant,no\n" + rows
    assert read(rewrite("people.csv", lambda text: rows)).findings.is_empty()
    found = read(rewrite("people.csv", lambda text: text + "E06000034_000000000003,22,Other adult,no\n"))
    finding = only(found, "X-73")
    assert (finding["case_ref"], finding["count"], finding["rows"]) == ("E06000034_000000000003", 21, "3-23")
    assert finding["message"].startswith("people.csv, row 3: 'People' has 21 rows of this case")
    assert found.sections["people"].height == 1
    balanced(found)


def test_many_rows_without_a_reference_are_one_finding_that_names_them(
    rewrite: Rewrite, read: Read, balanced: Balanced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.extract.notes.SINGLY", 3)
    found = read(rewrite("support_needs.csv", lambda text: text.replace("\n", "\n,drug\n,old age\n")))
    refused = found.findings.filter(found.findings["rule_id"] == "X-22")
    assert refused.get_column("count").to_list() == [6]
    assert refused.get_column("rows").to_list() == ["2-3, 5-6, 8-9"]
    assert found.set_aside.height == 8
    balanced(found)


def test_a_code_of_a_thousand_characters_is_compared_with_nothing(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("support_needs.csv", lambda text: text.replace(",eet", "," + "mental health " * 80)))
    assert "nearest" not in only(found, "X-35")["message"]
