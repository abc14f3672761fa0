"""What is taken for a case reference, and which test one that is not has failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.extract import Extracted
from pipelines.extract.case_refs import PATTERN_FAILED, why_refused
from tests.extract.mapped import CASES

Read = Callable[..., Extracted]


def why(ref: str | None, pattern: str | None = None) -> str | None:
    answer: str | None = why_refused(pl.Series([ref], dtype=pl.String()), pattern)[0]
    return answer


@pytest.mark.parametrize(
    "ref", ["HX000001", "hx000001", "E06000034_000000030363", "12", "2025/0001", "A-1.b", "QQ1234567", "x" * 39 + "1"]
)
def test_a_reference_is_taken_that_only_has_something_of_other_numbers(ref: str) -> None:
    assert why(ref) is None


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("QQ123456C", "it looks like a National Insurance number"),
        ("ig117aa", "it looks like a postcode"),
        ("E14QS", "it looks like a postcode"),
        ("01/02/2025", "it looks like a date"),
        ("2025-02-01", "it looks like a date"),
        ("Smith", "it holds no digit"),
        ("_1", "it does not begin with a letter or digit"),
        ("1 2", "it holds something else than letters, digits, / _ - and full stops"),
        ("x" * 40 + "1", "it has more than 40 characters"),
    ],
)
def test_the_test_that_failed_is_named(ref: str, says: str) -> None:
    assert why(ref) == says


@pytest.mark.parametrize("ref", ["QQ123456C", "IG117AA", "2025-02-01", "Smith", "Case 1 (old)", "x" * 60])
def test_a_pattern_of_the_profile_decides_alone(ref: str) -> None:
    assert why(ref, ".") is None
    assert why(ref, "^[0-9]+$") == PATTERN_FAILED


def test_a_pattern_is_searched_for_as_it_stands() -> None:
    assert why("HX000001", r"HX\d{6}") is None
    assert why("HX000001 and more", r"^HX\d{6}$") == PATTERN_FAILED
    # A look-ahead: the regular expressions of Python, not those of the reader of columns.
    assert why("HX000001", r"(?!HY)[A-Z]{2}\d{6}") is None
    assert why(None, r"HX\d{6}") is None


def test_the_finding_names_file_row_column_and_test(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "cases.csv").write_text("Case,Applied\nQQ123456C,2025-07-01\nHX000001,2025-07-01\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(CASES, encoding="utf-8")
    found = read(folder, str(tmp_path / "mine.toml"))
    assert found.findings.get_column("message").to_list() == [
        "cases.csv, row 2, column 'Case': the cell does not look like a case reference: it looks like a National"
        " Insurance number. The row was set aside."
    ]
    assert found.sections["main"].get_column("case_ref").to_list() == ["HX000001"]
    (tmp_path / "mine.toml").write_text(f'[options]\ncase_ref_pattern = "[A-Z0-9]+"\n{CASES}', encoding="utf-8")
    found = read(folder, str(tmp_path / "mine.toml"))
    assert found.findings.is_empty()
    assert found.sections["main"].get_column("case_ref").to_list() == ["HX000001", "QQ123456C"]
