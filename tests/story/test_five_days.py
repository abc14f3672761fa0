"""Five daily runs over a small authority: corrections, a new error, one that comes back, a waiver that ends, a note."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from pipelines.emit.findings.notes import read_notes
from pipelines.period import Quarter
from pipelines.run.check import check_export
from pipelines.run.kept_findings import give_waiver
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.run.summary import summarise
from pipelines.warehouse import life, notes
from pipelines.warehouse.store import Warehouse

AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
TINY = Path(__file__).resolve().parents[1] / "golden" / "one-bad-case-blocks" / "input"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2025, 10, day) for day in range(6, 11))
NOTE = "Asked the household on Tuesday"


def ref(number: int) -> str:
    return f"{AUTHORITY}_{number:012d}"


GOOD: dict[str, str] = {"assess_date": "2025-07-03", "php_date": "2025-07-05", "reasonloss": "family_friends"}
ASSESSED_BEFORE_APPLYING = {"assess_date": "2025-06-30"}
WITHOUT_PLAN = {"php_date": ""}
WITHOUT_REASON = {"reasonloss": ""}
RELIEF_ENDED = {"relief_end": "2025-10-09", "relief_outcome": "secured_6", "relief_accom": "prs_self"}

DAYS: dict[date, dict[int, dict[str, str]]] = {
    MONDAY: {2: ASSESSED_BEFORE_APPLYING, 3: WITHOUT_PLAN},
    TUESDAY: {3: WITHOUT_PLAN, 4: WITHOUT_REASON},
    WEDNESDAY: {3: WITHOUT_PLAN, 4: WITHOUT_REASON},
    THURSDAY: {2: ASSESSED_BEFORE_APPLYING, 3: WITHOUT_PLAN},
    FRIDAY: {2: ASSESSED_BEFORE_APPLYING, 3: WITHOUT_PLAN, 4: WITHOUT_REASON},
}
"""What is wrong on each day, by case; all else is in order, but that four relief duties are open for long."""


def write_export(folder: Path, day: date) -> Path:
    """The export of that day: four cases, which differ from the first of the tiny export by their number only."""
    folder.mkdir()
    for path in TINY.glob("*.csv"):
        heading, *rows = path.read_text(encoding="utf-8").splitlines()
        lines = [heading]
        for number in range(1, 5):
            for row in rows[:1]:
                told = dict(zip(heading.split(","), row.replace(ref(1), ref(number)).split(","), strict=True))
                changed = {**GOOD, **DAYS[day].get(number, {})}
                lines.append(",".join({**told, **{k: v for k, v in changed.items() if k in told}}.values()))
        (folder / path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Day:
    """What stands there when a day's run has ended, and what a check said before it."""

    result: str
    screen: str
    checked: tuple[str, ...]
    book: dict[str, Any]
    findings: list[dict[str, str]]
    noted: list[tuple[str, str]]
    """Finding and note of each line of the workbook that has one."""
    return_stands: bool
    page: Counter[str]
    """Lines of the page of findings by their state; what is put right is among them."""

    def states(self) -> dict[tuple[str, int], str]:
        """State by rule and number of the case, casework left out."""
        told = [row for row in self.findings if row["kind"] != "casework"]
        return {(row["rule_id"], int(row["case_ref"][-1:] or 0)): row["state"] for row in told}

    def line(self) -> list[str]:
        """The lines of the screen about findings."""
        lines = self.screen.splitlines()
        first = next(place for place, line in enumerate(lines) if line.startswith("Findings"))
        last = next(place for place, line in enumerate(lines) if place > first and not line.startswith("          "))
        return [line[10:].strip() for line in lines[first:last]]


@dataclass(frozen=True)
class Story:
    """The days, and the warehouse as it stands after them."""

    days: dict[date, Day]
    store: Path


def the(findings: list[dict[str, str]], rule: str, number: int) -> dict[str, str]:
    return next(row for row in findings if row["rule_id"] == rule and row["case_ref"] == ref(number))


def states_of_page(path: Path) -> Counter[str]:
    blocks = re.findall(r"<script[^>]*application/json[^>]*>(.*?)</script>", path.read_text(encoding="utf-8"), re.S)
    state = json.loads(blocks[0])["columns"]["state"]
    return Counter(state["t"][place] for place in state["i"])


def write_note(path: Path, finding_id: str, text: str) -> None:
    """The workbook as an officer saves it who wrote a note beside the finding; cells only."""
    with CalamineWorkbook.from_path(path) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    with xlsxwriter.Workbook(path) as written:
        written.set_properties({"created": datetime(2025, 10, 7, 15, 0, tzinfo=UTC)})
        for name, rows in sheets.items():
            sheet = written.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write(row, column, cell)
                if finding_id in cells and "Your note" in rows[0]:
                    sheet.write(row, rows[0].index("Your note"), text)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    out, store = folder / "out", folder / "out" / "warehouse.duckdb"
    told: dict[date, Day] = {}
    for day in DAYS:
        export = write_export(folder / str(day), day)
        checked: tuple[str, ...] = ()
        if told:
            before = store.read_bytes()
            seen = check_export(
                export, authority=AUTHORITY, quarter=QUARTER, source="native", as_at=day, warehouse=store
            )
            checked = seen.lived
            assert store.read_bytes() == before, "a check writes nothing"
        typed = {"export": str(export), "authority": AUTHORITY, "quarter": str(QUARTER), "out": str(out)}
        started = datetime(2025, 10, day.day, 18, 0, tzinfo=UTC)
        request = Request.read({**typed, "source": "native", "as_at": str(day), "pages": False}, started=started)
        ended = make(request)
        with (ended.folder / "findings" / "findings.csv").open(encoding="utf-8", newline="") as handle:
            findings = list(csv.DictReader(handle))
        told[day] = Day(
            ended.result,
            summarise(ended.folder),
            checked,
            json.loads((ended.folder / "ledger.json").read_text(encoding="utf-8")),
            findings,
            read_notes(ended.folder / "findings" / "findings.xlsx").rows(),
            (ended.folder / "return").is_dir(),
            states_of_page(ended.folder / "findings" / "findings.html"),
        )
        if day == MONDAY:
            with Warehouse(store) as kept:
                what = {"finding_id": the(findings, "H-11", 3)["finding_id"], "rule_id": None}
                given = {"owner": "Team lead", "reason": "The plan is on paper", "expires": str(WEDNESDAY)}
                assert give_waiver(
                    kept, AUTHORITY, {**what, "case_ref": None, "record_key": None}, given, by=None, on=day
                )
        if day == TUESDAY:
            finding = the(findings, "H-07", 4)["finding_id"]
            write_note(ended.folder / "findings" / "findings.xlsx", finding, NOTE)
    return Story(told, store)


@pytest.fixture
def days(story: Story) -> dict[date, Day]:
    return story.days


def test_on_monday_all_is_told_for_the_first_time(days: dict[date, Day]) -> None:
    monday = days[MONDAY]
    assert (monday.result, monday.return_stands) == ("blocked", False)
    assert monday.states() == {("V-01", 2): "new", ("H-11", 3): "new"}
    assert monday.line() == [
        "6 findings, all told for the first time: there is no run of an earlier export",
        "2 to fix for this return",
        "4 casework",
    ]


def test_on_tuesday_a_correction_is_resolved_an_error_is_new_and_a_waiver_holds(days: dict[date, Day]) -> None:
    tuesday = days[TUESDAY]
    assert (tuesday.result, tuesday.return_stands) == ("blocked", False)
    assert tuesday.states() == {("H-07", 4): "new", ("H-11", 3): "waived"}
    assert tuesday.line() == [
        "1 new, 4 still open, 1 waived, 1 resolved since Monday 6 October",
        "to fix for this return: 1 new, 0 still open, 1 waived, 1 resolved",
        "casework: 0 new, 4 still open, 0 resolved",
    ]
    assert "Team lead until 8 October 2025" in the(tuesday.findings, "H-11", 3)["action"]


def test_on_wednesday_the_note_of_the_workbook_is_with_the_finding(days: dict[date, Day]) -> None:
    wednesday = days[WEDNESDAY]
    assert wednesday.states() == {("H-07", 4): "open", ("H-11", 3): "waived"}
    row = the(wednesday.findings, "H-07", 4)
    assert (row["note"], row["since"]) == (NOTE, "2025-10-07")
    assert (row["finding_id"], NOTE) in wednesday.noted
    assert "1 note in workbooks of findings was kept" in wednesday.screen
    assert wednesday.book["notes"] == {"through": 1, "read": 1, "findings": 1, "carried": []}


def test_on_thursday_one_comes_back_one_is_resolved_and_the_waiver_has_ended(days: dict[date, Day]) -> None:
    thursday = days[THURSDAY]
    assert thursday.states() == {("V-01", 2): "come back", ("H-11", 3): "open", ("W-expired", 3): "new"}
    assert the(thursday.findings, "V-01", 2)["since"] == "2025-10-06"
    assert the(thursday.findings, "H-11", 3)["since"] == "2025-10-06"
    assert thursday.line() == [
        "1 new, 1 come back, 5 still open, 1 resolved since Wednesday 8 October",
        "to fix for this return: 0 new, 1 come back, 1 still open, 1 resolved",
        "to tidy in the record: 1 new, 0 still open, 0 resolved",
        "casework: 0 new, 4 still open, 0 resolved",
        "1 of them is open again because its waiver has ended",
    ]


def test_on_friday_the_error_of_tuesday_comes_back_with_its_note(days: dict[date, Day]) -> None:
    friday = days[FRIDAY]
    assert friday.states() == {
        ("V-01", 2): "open",
        ("H-11", 3): "open",
        ("H-07", 4): "come back",
        ("W-expired", 3): "open",
    }
    row = the(friday.findings, "H-07", 4)
    assert (row["note"], row["since"]) == (NOTE, "2025-10-07")
    assert (row["finding_id"], NOTE) in friday.noted


def test_a_check_says_before_each_run_what_the_run_then_says(days: dict[date, Day]) -> None:
    for day, told in days.items():
        if day != MONDAY:
            assert [line.strip() for line in told.checked] == told.line()


def test_the_page_of_each_day_shows_the_states_that_its_screen_counts(days: dict[date, Day]) -> None:
    assert [dict(told.page) for told in days.values()] == [
        {"new": 6},
        {"new": 1, "open": 4, "waived": 1, "resolved": 1},
        {"open": 5, "waived": 1},
        {"new": 1, "come back": 1, "open": 5, "resolved": 1},
        {"open": 7, "come back": 1},
    ]


def test_ledger_and_history_count_what_the_screens_said(story: Story) -> None:
    with Warehouse(story.store, read_only=True) as store:
        rows = life.counts_by_run(store.connection, AUTHORITY).rows(named=True)
        counted = {day: Counter() for day in DAYS}  # type: ignore[var-annotated]
        for row in rows:
            counted[row["as_at"]][row["state"]] += row["findings"]
        assert [dict(counted[day]) for day in DAYS] == [
            {"new": 6},
            {"new": 1, "open": 4, "waived": 1, "resolved": 1},
            {"open": 5, "waived": 1},
            {"new": 1, "come back": 1, "open": 5, "resolved": 1},
            {"open": 7, "come back": 1},
        ]
        assert notes.every_note(store.connection, AUTHORITY).select("note", "came_from", "said_on").rows() == [
            (NOTE, "workbook", TUESDAY)
        ]
        for day, told in story.days.items():
            if day != MONDAY:
                states = life.states(store.connection, told.book["run_id"])
                assert dict(states["state"].value_counts().iter_rows()) == {
                    state: count for state, count in counted[day].items() if state != "resolved"
                }
