"""Rows read are rows loaded, set aside and left out by the profile: for every file, and said wherever a run speaks."""

from __future__ import annotations

import json
import random
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.extract import Extracted, FileCount, extract
from pipelines.extract.accounting import account
from pipelines.period import Quarter
from pipelines.run.check import check_export
from pipelines.run.summary import counts_without_personal_data, summarise
from tests.extract.mapped import CASES, write

Read = Callable[..., Extracted]
Balanced = Callable[[Extracted], None]

PROFILE = f"""{CASES}
[[table]]
file = "events"
allow_unused_rows = true
[table.prevention]
when = {{ "Event" = ["Prevention"] }}
case_ref = "Case"
prevention_start = "Date"
[table.relief]
when = {{ "Event" = ["Relief"] }}
case_ref = "Case"
relief_start = "Date"
"""
ROWS = "Case,Applied\n1,2025-07-01\n2,2025-07-02\n3,2025-07-03\n"


def counted(found: Extracted) -> dict[str, tuple[int, int, int, int]]:
    return {one.name: (one.rows_read, one.rows_loaded, one.rows_set_aside, one.rows_left_out) for one in found.files}


def test_rows_that_the_profile_lets_go_are_left_out_and_not_loaded(tmp_path: Path, read: Read) -> None:
    events = "Case,Event,Date\n1,Prevention,2025-07-01\n1,Letter,2025-07-02\n2,Call,2025-07-02\n,Relief,2025-07-03\n"
    found = read(write(tmp_path, PROFILE, cases=ROWS, events=events), str(tmp_path / "mine.toml"))
    assert counted(found) == {"cases.csv": (3, 3, 0, 0), "events.csv": (4, 1, 1, 2)}


def test_a_count_that_does_not_come_out_is_refused() -> None:
    with pytest.raises(ValueError, match=r"main\.csv: 3 rows read are not 1 loaded, 1 set aside and 0 left out"):
        FileCount("main.csv", "", 0, 3, 1, 1, 0, "", "")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lets_go=st.booleans(),
    rows=st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "", "Smith"]),
            st.sampled_from(["Prevention", "Relief", "relief ", "Letter", ""]),
            st.sampled_from(["2025-07-01", "soon", ""]),
            st.sampled_from(["", ",more"]),
        ),
        max_size=12,
    ),
)
def test_every_row_is_loaded_set_aside_or_left_out(
    lets_go: bool, rows: list[tuple[str, str, str, str]], balanced: Balanced
) -> None:
    profile = PROFILE if lets_go else PROFILE.replace("allow_unused_rows = true", "")
    lines = [f"{case},{event},{day}{more}" for case, event, day, more in rows]
    with tempfile.TemporaryDirectory() as folder:
        export = write(Path(folder), profile, cases=ROWS, events="\n".join(["Case,Event,Date", *lines]) + "\n")
        found = extract(export, f"{folder}/mine.toml", authority="E06000034", as_at=date(2025, 12, 31))
    balanced(found)
    events = found.files[1]
    # Counted from the text: a row without any cell is none, one of too many cells is set aside unseen.
    whole = [(case, event, day) for case, event, day, more in rows if not more and (case or event or day)]
    unused = [row for row in whole if row[1].strip().casefold() not in ("prevention", "relief")]
    assert events.rows_read == len(whole) + sum(1 for row in rows if row[3])
    assert events.rows_left_out == (len(unused) if lets_go else 0)


def test_a_file_that_no_table_names_is_named_as_not_read(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, PROFILE, cases=ROWS, events="Case,Event,Date\n", reviews="Case\n1\n")
    (export / "letter.docx").write_bytes(b"x")
    (export / "reviews.zip").write_bytes(b"x")
    (export / ".DS_Store").write_bytes(b"x")
    found = read(export, str(tmp_path / "mine.toml"))
    assert [(one.name, one.why) for one in found.not_read] == [
        ("letter.docx", "a file of this kind holds no rows"),
        ("reviews.csv", "no table of the source profile names it"),
        ("reviews.zip", "no table of the source profile names it"),
    ]
    assert found.findings.filter(rule_id="X-02").get_column("message").to_list() == [
        f"{name}: no table of the source profile names this file or sheet, so none of its rows was read."
        for name in ("reviews.csv", "reviews.zip")
    ]


def test_other_files_in_a_zip_are_named_too(tmp_path: Path, read: Read) -> None:
    write(tmp_path, PROFILE, cases=ROWS, events="Case,Event,Date\n")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        for path in sorted((tmp_path / "in").iterdir()):
            packed.write(path, path.name)
        packed.writestr("notes/readme.md", "x")
        packed.writestr("__MACOSX/._cases.csv", "x")
    found = read(tmp_path / "in.zip", str(tmp_path / "mine.toml"))
    assert [one.name for one in found.not_read] == ["notes/readme.md"]


def test_a_file_that_cannot_be_read_counts_no_rows_and_says_why(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, PROFILE, cases=ROWS, events="Case,Event,Date\n")
    (export / "events.csv").write_bytes(b"\0" * 90)
    found = read(export, str(tmp_path / "mine.toml"))
    assert list(counted(found)) == ["cases.csv"]
    assert [one.name for one in found.not_read] == ["events.csv"]


def test_check_shows_the_account_of_each_file(tmp_path: Path) -> None:
    events = "Case,Event,Date\n1,Prevention,2025-07-01\n1,Letter,2025-07-02\n"
    export = write(tmp_path, PROFILE, cases=ROWS, events=events, notes="a,b\n1,2\n")
    checked = check_export(
        export, authority="E06000034", quarter=Quarter.parse("2025-Q3"), source=str(tmp_path / "mine.toml")
    )
    shown = checked.table().split("\n")
    assert shown[:6] == [
        "Read",
        "              rows  loaded  set aside  left out by the profile",
        "  cases.csv      3       3          0                        0",
        "  events.csv     2       1          0                        1",
        "  all            5       4          0                        1",
        "  notes.csv: not read, no table of the source profile names it",
    ]


def test_many_files_that_are_not_read_do_not_fill_the_screen() -> None:
    lines = account([], [{"name": f"{number}.csv", "why": "x"} for number in range(25)])
    assert len(lines) == 12
    assert lines[-1] == "  … and 15 more files that were not read"


def test_summary_ledger_and_artifact_hold_the_account(tmp_path: Path) -> None:
    inputs = [
        {"name": "events.csv", "rows_read": 4634, "rows_loaded": 3430, "rows_set_aside": 1, "rows_left_out": 1203}
    ]
    book = {
        "title": "Thurrock",
        "quarter": {"delta_round": "h-clic-2025-2026-jul-sep"},
        "as_at": "2025-09-30",
        "source_profile": {"name": "mine"},
        "run_id": "r",
        "inputs": inputs,
        "inputs_not_read": [{"name": "notes.csv", "why": "no table of the source profile names it"}],
        "source_profile_steps": [],
        "findings": {
            "errors": 0,
            "blocking": 0,
            "not_in_return": 0,
            "warnings": 0,
            "by_rule": [],
            "life": {"by_kind_and_state": [], "compared_with": None},
        },
        "rules": {"run": 1, "not_run": []},
        "cases": {"in_return": 1, "in_export": 1, "excluded_for_errors": {"reason": None, "cases": []}},
        "result": "clean",
        "notices": [],
        "beside_published": {},
        "outputs": [],
        "return_profile": {"provisional": False},
    }
    (tmp_path / "ledger.json").write_text(json.dumps(book), encoding="utf-8")
    shown = summarise(tmp_path)
    assert "  events.csv  4,634   3,430          1                    1,203\n  notes.csv: not read, no table" in shown
    assert {row["what"]: row["count"] for row in counts_without_personal_data(tmp_path)}.items() >= {
        "events.csv: rows read": 4634,
        "events.csv: rows loaded": 3430,
        "events.csv: rows set aside": 1,
        "events.csv: rows left out": 1203,
        "notes.csv: not read": "no table of the source profile names it",
    }.items()


EVERY_FORM = """
[[table]]
file = "wide*"
allow_unused_rows = {lets_go}
[table.main]
case_ref = "Case"
application_date = "Applied"
[table.people]
repeat = 2
case_ref = "Case"
relationship = "P{n} is"
age = "P{n} age"
[table.support_needs]
case_ref = "Case"
support_need = "Needs"
split_rows = { column = "support_need", by = ";" }
[[table]]
file = "more"
[table.people]
adds_columns = true
case_ref = "Case"
person_no = "No"
sex = "Sex"
[[table]]
file = "events"
allow_unused_rows = {lets_go}
leave_out = { "Event" = ["Letter"] }
[table.relief]
when = { "Event" = ["Relief"], "State" = ["on"] }
case_ref = "Case"
relief_start = "Date"
[table.final_duties]
when = { "Event" = ["Main"] }
case_ref = "Case"
main_decision_date = "Date"
[table.temporary_accommodation]
when = { "Event" = ["Stay", "Relief"] }
case_ref = "Case"
placement_no = "No"
entry_date = "Date"
"""


def test_a_row_that_every_section_loses_is_set_aside_whole(tmp_path: Path, read: Read, balanced: Balanced) -> None:
    profile = EVERY_FORM.replace("{lets_go}", "false")
    export = write(
        tmp_path,
        profile,
        wide="Case,Applied,P1 is,P1 age,P2 is,P2 age,Needs\n1,2025-07-01,Main applicant,40,,,\n",
        more="Case,No,Sex\n",
        # The relief of the second row is there already, and its placement has no number.
        events="Case,Event,State,No,Date\n1,Relief,on,1,2025-07-01\n1,Relief,on,,2025-07-02\n",
    )
    found = read(export, str(tmp_path / "mine.toml"))
    assert counted(found)["events.csv"] == (2, 1, 1, 0)
    balanced(found)


@pytest.mark.parametrize("seed", range(12))
def test_rows_balance_whatever_form_the_profile_gives_them(
    seed: int, tmp_path: Path, read: Read, balanced: Balanced
) -> None:
    pick = random.Random(seed)

    def rows(heading: str, *choices: str) -> str:
        lines = [heading]
        for _ in range(pick.randrange(9)):
            cells = [pick.choice(choice.split("|")) for choice in ("1|2|3||Smith", *choices)]
            lines += [",".join(cells[: -1 if pick.random() < 0.05 else None])] * pick.choice([1, 1, 1, 2])
        return "\n".join(lines) + "\n"

    days = "2025-07-01|2025-07-02||soon"
    person = ("Main applicant|Partner|zz|", "40|x|")
    export = write(
        tmp_path,
        EVERY_FORM.replace("{lets_go}", pick.choice(["true", "false"])),
        wide=rows(
            "Case,Applied,P1 is,P1 age,P2 is,P2 age,Needs", days, *person, *person, "|drug|drug;Drug|x;old age|;"
        ),
        more=rows("Case,No,Sex", "1|2||x", "F|M||q"),
        events=rows("Case,Event,State,No,Date", "Relief|Main|Stay|Letter|Other|", "on||off", "1|2||x", days),
    )
    found = read(export, str(tmp_path / "mine.toml"))
    # Rows that only complete others stand in no section under a place of their own.
    balanced(replace(found, files=tuple(one for one in found.files if one.name != "more.csv")))
