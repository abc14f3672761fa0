"""Nothing that an officer wrote of a finding is lost, or overwritten without a word."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.run.notes import Said, said
from pipelines.run.request import Request
from pipelines.warehouse import notes
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA

ONE, OTHER = "00000000000000aa", "00000000000000bb"
MONDAY = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
STARTED = datetime(2025, 11, 26, 8, 0, tzinfo=UTC)


class Office:
    """An output folder with its warehouse, as it stands between two runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings = folder / "out" / LA / "2025-Q4" / "findings"
        self.findings.mkdir(parents=True)
        self.store = folder / "out" / "warehouse.duckdb"
        self.written: list[str] = []
        Warehouse(self.store).close()

    def say(self, finding_id: str, text: str) -> None:
        with Warehouse(self.store) as store:
            notes.say(store.connection, LA, finding_id, text, by=None, on=date(2025, 11, 24), where="command")

    def workbook(self, path: Path, *told: tuple[str, str], saved: datetime = MONDAY, by: str = "") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with xlsxwriter.Workbook(path) as book:
            book.set_properties({"created": saved, "author": by})
            sheet = book.add_worksheet("To fix")
            for row, cells in enumerate([("Finding id", "Note"), *told]):
                sheet.write_row(row, 0, cells)
        return path

    def wrote(self, name: str, *told: tuple[str, str], saved: datetime = MONDAY) -> Path:
        """A workbook of the last run, as it stands now."""
        path = self.workbook(self.findings / name, *told, saved=saved)
        self.written.append(f"findings/{name}")
        with Warehouse(self.store, read_only=True) as store:
            through = notes.newest_number(store.connection, LA)
        book = {
            "outputs": [{"path": one, "sha256": "as it was"} for one in self.written],
            "notes": {"through": through},
        }
        (self.findings.parent / "ledger.json").write_text(json.dumps(book), encoding="utf-8")
        return path

    def said(self, given: Path | None = None) -> Said:
        out = self.folder / "out"
        return said(Request(out, LA, Quarter(2025, 4), out, STARTED, source="native", notes=given))

    def read(self, given: Path | None = None) -> list[tuple[str, str]]:
        return self.said(given).read.select("finding_id", "note").rows()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_note_in_last_time_s_workbook_is_read_and_one_that_it_showed_is_not_read_again(office: Office) -> None:
    office.say(ONE, "asked")
    office.wrote("findings.xlsx", (ONE, "asked"), (OTHER, "seen on paper"))
    assert office.read() == [(OTHER, "seen on paper")]


def test_a_workbook_that_shows_an_older_note_does_not_push_away_a_newer_one(office: Office) -> None:
    office.say(ONE, "asked")
    office.wrote("findings.xlsx", (ONE, "asked"))
    office.say(ONE, "answered")
    assert office.read() == []


def test_a_cell_that_goes_back_to_an_older_note_is_a_new_one(office: Office) -> None:
    office.say(ONE, "asked")
    office.say(ONE, "answered")
    office.wrote("findings.xlsx", (ONE, "answered"))
    office.workbook(office.findings / "findings.xlsx", (ONE, "asked"))
    assert office.read() == [(ONE, "asked")]


def test_two_officers_who_write_different_things_are_both_kept_and_the_one_saved_last_counts(office: Office) -> None:
    office.wrote("b.xlsx", (ONE, "from B, saved first"), saved=MONDAY)
    office.wrote("a.xlsx", (ONE, "from A, saved last"), saved=MONDAY.replace(hour=15))
    told = office.said()
    assert told.read["note"].to_list() == ["from B, saved first", "from A, saved last"]
    assert told.differing == 1 and any("different things" in line for line in told.sentences())
    with Warehouse(office.store) as store:
        notes.save_notes(store.connection, LA, told.read)
        assert notes.notes(store.connection, LA)["note"].to_list() == ["from A, saved last"]
        assert notes.every_note(store.connection, LA)["note"].to_list() == told.read["note"].to_list()


def test_the_same_note_on_several_sheets_or_in_several_files_is_one(office: Office) -> None:
    office.wrote("findings.xlsx", (ONE, "asked"), (ONE, "asked"))
    office.wrote("officer.xlsx", (ONE, "asked"))
    told = office.said()
    assert told.read.height == 1 and told.differing == 0


def test_workbooks_sent_back_are_read_from_a_file_or_a_folder_and_old_texts_are_counted(office: Office) -> None:
    office.say(ONE, "asked")
    office.say(ONE, "answered")
    sent = office.workbook(office.folder / "sent" / "anna.xlsx", (ONE, "asked"), (OTHER, "new"))
    for given in (sent, sent.parent):
        told = office.said(given)
        assert told.read.select("finding_id", "note").rows() == [(OTHER, "new")]
        assert told.old == 1 and any("before a newer note" in line for line in told.sentences())


def test_the_lock_file_of_an_open_workbook_is_passed_over(office: Office) -> None:
    office.wrote("findings.xlsx", (ONE, "asked"))
    (office.findings / "~$findings.xlsx").write_bytes(b"\x05Anna")
    assert office.read() == [(ONE, "asked")]


def test_a_workbook_that_cannot_be_read_stops_the_run_before_it_is_replaced(office: Office) -> None:
    office.wrote("findings.xlsx", (ONE, "asked")).write_bytes(b"half a workbook")
    with pytest.raises(InputError, match=r"findings\.xlsx cannot be read"):
        office.said()


def test_a_folder_of_notes_that_is_not_there_is_a_sentence(office: Office) -> None:
    with pytest.raises(UsageError, match="--notes"):
        office.said(office.folder / "none")


def test_new_notes_are_new_input_and_read_ones_are_not(office: Office) -> None:
    nothing = office.said()
    assert nothing.digest == ""
    office.wrote("findings.xlsx", (ONE, "asked"))
    before = office.said()
    assert before.digest not in ("", nothing.digest)
    with Warehouse(office.store) as store:
        notes.save_notes(store.connection, LA, before.read)
    office.wrote("findings.xlsx", (ONE, "asked"))
    assert office.said().digest == before.digest


def test_a_note_stays_with_a_finding_whose_record_has_another_key_now(office: Office) -> None:
    with Warehouse(office.store) as store:
        notes.say(store.connection, LA, ONE, "asked", by="Ann", on=date(2025, 11, 24), where="command")
        store.connection.execute("insert into finding_continued values (?, ?, ?, 'run')", [LA, OTHER, ONE])
        assert dict(notes.notes(store.connection, LA).select("finding_id", "note").iter_rows()) == {
            ONE: "asked",
            OTHER: "asked",
        }
        notes.say(store.connection, LA, OTHER, "answered", by=None, on=date(2025, 11, 25), where="command")
        assert set(notes.notes(store.connection, LA)["note"]) == {"answered"}
