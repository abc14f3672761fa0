"""A workbook is read in a process of its own: what ends that process ends in a sentence, and costs no other."""

from __future__ import annotations

import datetime
import io
import os
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from pipelines import sheet_child, sheet_reader
from pipelines.extract.decoding import UnreadableError
from pipelines.extract.workbooks import ENDS_THE_READER, Workbook
from pipelines.sheet_reader import MOST_WAITING, BrokenWorkbookError, SheetReader

PUBLISHED = Path("data/published")
ROWS = [
    ["Case", "Day", "At", "Rent", "Whole", "Open", "Gone"],
    [
        "É/1",
        datetime.date(2025, 9, 23),
        datetime.datetime.fromisoformat("2025-09-23T14:05"),
        12.345678901234567,
        3,
        True,
        None,
    ],
]


def xlsx(*sheets: str, rows: list[list[object]] | None = None, at: int = 0) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name in sheets:
        sheet = book.create_sheet(name)
        for row in [[None] * 3] * at + [[None] * at + row for row in rows or ROWS]:
            sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def child_that(tmp_path: Path, does: str) -> str:
    program = tmp_path / "child.py"
    program.write_text(f"import json, os, sys, time\nasked = json.loads(sys.stdin.buffer.readline())\n{does}\n")
    return str(program)


@pytest.mark.parametrize("at", [0, 2])
def test_cells_arrive_as_the_reader_gives_them(at: int) -> None:
    data = xlsx("Cases", at=at)
    direct = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Cases")
    assert list(SheetReader(data).rows("Cases")) == direct.to_python(skip_empty_area=False)


def test_a_published_workbook_arrives_as_the_reader_gives_it() -> None:
    path = sorted(PUBLISHED.glob("*.ods"))[0]
    direct, apart = CalamineWorkbook.from_path(path), SheetReader(path.read_bytes())
    assert list(apart.names) == direct.sheet_names
    for name in apart.names[:6]:
        assert list(apart.rows(name)) == direct.get_sheet_by_name(name).to_python(skip_empty_area=False), name


def test_spans_of_time_and_times_of_day_are_told() -> None:
    for value in (datetime.timedelta(days=1, seconds=5), datetime.time(9, 30)):
        assert sheet_child.taken(sheet_child.given(value)) == value


def test_a_workbook_that_ends_the_reader_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_child, "__file__", child_that(tmp_path, "os.abort()"))
    with pytest.raises(UnreadableError, match="ends the reader"):
        Workbook(xlsx("Cases"))


def test_a_sheet_that_ends_the_reader_is_refused_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = Path(sheet_child.__file__).read_text(encoding="utf-8")
    program = tmp_path / "child.py"
    program.write_text(
        true.replace(
            "def _tell(",
            "def _tell(answers, sheet):\n    import os\n    if sheet.name == 'Bad':"
            "\n        os.abort()\n    _told(answers, sheet)\n\n\ndef _told(",
        )
    )
    monkeypatch.setattr(sheet_child, "__file__", str(program))
    book = Workbook(xlsx("Bad", "Good"))
    with pytest.raises(UnreadableError) as refused:
        book.read("Bad", "Bad", 1)
    assert str(refused.value) == ENDS_THE_READER
    assert book.read("Good", "Good", 1).headings[0] == "Case"


@pytest.mark.skipif(os.name == "nt", reason="the system has no such limit")
def test_a_workbook_that_needs_more_memory_than_it_is_given_is_refused() -> None:
    data = xlsx("Cases", rows=[[f"{row}-{column}" * 20 for column in range(40)] for row in range(4_000)])
    with pytest.raises(BrokenWorkbookError):
        list(SheetReader(data, memory=24 << 20).rows("Cases"))
    assert len(list(SheetReader(data).rows("Cases"))) == 4_000


def test_a_workbook_on_which_the_reader_works_for_ever_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_child, "__file__", child_that(tmp_path, "time.sleep(600)"))
    with pytest.raises(BrokenWorkbookError) as given_up:
        SheetReader(xlsx("Cases"), seconds=0.2)
    assert given_up.value.is_reader_ended


def test_many_workbooks_keep_few_processes_and_each_can_still_be_read() -> None:
    readers = [SheetReader(xlsx(f"Sheet {number}")) for number in range(MOST_WAITING + 3)]
    assert sum(reader._process is not None for reader in readers) <= MOST_WAITING
    for number, reader in enumerate(readers):
        assert next(iter(list(reader.rows(f"Sheet {number}"))))[0] == "Case"


def test_a_sheet_left_half_way_does_not_spoil_the_next() -> None:
    reader = SheetReader(xlsx("One", "Two"))
    rows = reader.rows("One")
    next(rows)
    rows.close()
    assert list(reader.rows("Two"))[1][0] == "É/1"


def test_the_reading_process_knows_no_secret_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCLIC_WAREHOUSE_KEY", "not for workbooks")
    told = child_that(tmp_path, "print(json.dumps(sorted(os.environ)), flush=True)")
    monkeypatch.setattr(sheet_reader.sheet_child, "__file__", told)
    assert "HCLIC_WAREHOUSE_KEY" not in SheetReader(xlsx("Cases")).names
