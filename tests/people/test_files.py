"""The workbook of candidates: what it holds, who may read it, and answers read back from it; the commands on screen."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import InputError, UsageError
from pipelines.people import extra
from pipelines.people.answers import DIFFERENT, SAME, UNSURE, newest_answers
from pipelines.people.candidates import find_candidates
from pipelines.people.extra import is_installed
from pipelines.people.files import HEADINGS, LIST, SHEET, WORKBOOK, Read, read_answers, write_candidates
from pipelines.warehouse.store import Warehouse
from tests.people.town import others, person, ref, run
from tests.warehouse.stored import LA

NEEDS_SPLINK = pytest.mark.skipif(not is_installed(), reason="the extra 'people' is not installed")
ADA: dict[str, Any] = {
    "forename": "Sentinelle",
    "surname": "Kettlewick",
    "date_of_birth": date(1988, 3, 7),
    "nino": "QQ123987A",
    "last_address": "77 Sentinel Row",
}
MADE = datetime(2025, 10, 6, 9, 30)  # noqa: DTZ001 - as the edge gives it, without a zone here


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse of one run in which the cases 1 and 2 are of one person."""
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as store:
        run(store, "one", [person(1, **ADA), person(2, **{**ADA, "nino": None}), *others(20)])
    return path


def hclic(*words: object) -> str:
    """What the command prints; it has to end well."""
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def list_of(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(("person_a,person_b,match_weight,answer", *rows)) + "\n")
    return path


@NEEDS_SPLINK
def test_the_files_hold_references_and_reasons_but_nothing_of_a_person(warehouse: Path, tmp_path: Path) -> None:
    printed = hclic("people", "candidates", "--warehouse", warehouse, "--out", tmp_path / "people")
    book, listed = tmp_path / "people" / WORKBOOK, tmp_path / "people" / LIST
    texts = [str(cell.value) for sheet in openpyxl.load_workbook(book) for row in sheet for cell in row]
    held = " ".join([*texts, listed.read_text(), printed])
    assert "same forename; same surname; same date of birth; same last address" in held
    assert "HX1" in held
    for secret in ("entinel", "ettlewick", "1988", "07/03", "123987", str(others(1)[0]["nino"])):
        assert secret not in held
    assert [path.stat().st_mode & 0o777 for path in (book, listed)] == [0o600, 0o600]
    assert "pairs to answer                         1" in printed


@NEEDS_SPLINK
def test_the_same_warehouse_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    written = []
    for name in ("once", "again"):
        with Warehouse(warehouse, read_only=True) as store:
            found = find_candidates(store, LA)
        book, listed = write_candidates(found, tmp_path / name, authority="Thurrock", made=MADE)
        written.append((book.read_bytes(), listed.read_bytes()))
    assert written[0] == written[1]


@NEEDS_SPLINK
def test_an_answer_in_the_workbook_is_read_back_and_the_number_shared(warehouse: Path, tmp_path: Path) -> None:
    hclic("people", "candidates", "--warehouse", warehouse, "--out", tmp_path / "people")
    path = tmp_path / "people" / WORKBOOK
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in book[SHEET][1]]
    book[SHEET].cell(2, headings.index(HEADINGS["answer"]) + 1, "Same case")
    book.save(path)
    printed = hclic("people", "answers", path, "--warehouse", warehouse, "--by", "A. Officer")
    assert [line.split() for line in printed.splitlines()][:2] == [["answers", "read", "1"], ["one", "person", "1"]]
    with Warehouse(warehouse, read_only=True) as store:
        kept = newest_answers(store.connection, LA).row(0, named=True)
    assert (kept["decision"], kept["is_one_case"], kept["said_by"], kept["came_from"]) == (
        SAME,
        True,
        "A. Officer",
        "file",
    )
    assert kept["match_weight"] > 4
    listed = tmp_path / "numbers.csv"
    printed = hclic("people", "numbers", "--warehouse", warehouse, "--out", listed)
    assert "with several references                 1" in printed
    numbers = [line.rpartition(",")[2] for line in listed.read_text().splitlines() if line.startswith(LA)]
    assert numbers.count("1") == 2
    assert listed.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("said", "decision", "is_one_case"),
    [
        ("same", SAME, False),
        ("The same", SAME, False),
        (" YES ", SAME, False),
        ("Same  case.", SAME, True),
        ("re-keyed", SAME, True),
        ("not the same", DIFFERENT, False),
        ("No", DIFFERENT, False),
        ("Not sure", UNSURE, False),
        ("don’t know", UNSURE, False),
    ],
)
def test_answers_are_understood_as_officers_write_them(
    tmp_path: Path, said: str, decision: str, is_one_case: bool
) -> None:
    path = list_of(tmp_path / "list.csv", f"{ref(1)}/1,{ref(2)}/1,7.5,{said}", f"{ref(1)}/1,{ref(3)}/1,7.5,")
    assert read_answers(path) == [Read(f"{ref(1)}/1", f"{ref(2)}/1", decision, is_one_case, 7.5)]


def test_an_answer_that_is_none_names_its_row_and_not_its_words(tmp_path: Path) -> None:
    path = list_of(tmp_path / "list.csv", f"{ref(1)}/1,{ref(2)}/1,,no", f"{ref(1)}/1,{ref(3)}/1,,Sentinelle K")
    with pytest.raises(InputError) as refused:
        read_answers(path)
    assert "row 3" in str(refused.value)
    assert "same, same case, not the same, not sure" in str(refused.value)
    assert "Sentinelle" not in str(refused.value)


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(InputError, match="hclic people candidates"):
        read_answers(tmp_path / "other.xlsx")
    (tmp_path / "broken.xlsx").write_text("nothing")
    with pytest.raises(InputError, match="hclic people candidates"):
        read_answers(tmp_path / "broken.xlsx")


def test_confirm_and_reject_say_what_was_kept(warehouse: Path) -> None:
    pair = (f"{ref(1)}/1", f"{ref(2)}/1", "--warehouse", warehouse, "--by", "A. Officer")
    assert hclic("people", "confirm", *pair) == f"{ref(1)}/1 and {ref(2)}/1: one person.\n"
    assert hclic("people", "confirm", *pair) == f"{ref(1)}/1 and {ref(2)}/1: one person. That was kept before.\n"
    assert hclic("people", "reject", *pair) == f"{ref(1)}/1 and {ref(2)}/1: two people.\n"


def test_a_map_is_written_for_the_next_run(warehouse: Path, tmp_path: Path) -> None:
    hclic(
        *("people", "confirm", f"{ref(1)}/1", f"{ref(2)}/1", "--warehouse", warehouse),
        *("--by", "A. Officer", "--one-case"),
    )
    path = tmp_path / "map.csv"
    printed = hclic("people", "rekeyed", "--warehouse", warehouse, "--out", path)
    assert path.read_text() == f"new_reference,old_reference\n{ref(2)},{ref(1)}\n"
    assert f"--migration-map {path}" in printed


def test_without_the_extra_the_command_says_what_to_install(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'hclic\[people\]'"):
        hclic("people", "candidates", "--warehouse", warehouse, "--out", tmp_path / "people")
    assert not (tmp_path / "people").exists()


def test_a_warehouse_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no warehouse"):
        hclic("people", "numbers", "--warehouse", tmp_path / "none.duckdb")
    assert list(tmp_path.iterdir()) == []
