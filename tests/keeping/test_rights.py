"""What is held about a person is gathered from every place; a case is forgotten only where the law allows it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import InputError, UsageError
from pipelines.keeping.forget import forget
from pipelines.keeping.purge import Asked, Purged
from pipelines.keeping.subject import OTHER_CASES, Subject, gather
from pipelines.keeping.subject_files import write
from pipelines.settings import Settings, values
from pipelines.warehouse import chain
from pipelines.warehouse.gone import FORGOTTEN
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import (
    AT,
    AUTHORITY,
    EDGE,
    GONE,
    LATER,
    NOTE,
    OLD,
    OPEN,
    PLACED,
    asked,
    holds,
    left_in,
    mode,
    place,
    run,
    texts_in,
)


@pytest.fixture(scope="session")
def found(before: Path) -> Subject:
    """What is held about the main applicant of a case."""
    out = before / "out"
    return gather(out / "warehouse.duckdb", AUTHORITY, OLD, AT, outs=(out,))


def told(found: Subject) -> dict[tuple[str, str], str]:
    return {(item.what, item.record): item.value for item in found.items}


def test_every_field_of_the_case_is_told_in_plain_words(found: Subject) -> None:
    words = told(found)
    assert words["forename", "person_no 1"] == "Zebedee"
    assert words["National Insurance number", "person_no 1"] == "QQ987654A"
    assert words["date of birth", "person_no 1"] == "1971-03-17"
    (outcome,) = [item for item in found.items if (item.field or "").startswith("prevention.prevention_outcome ")]
    assert outcome.value.endswith("(secured_alternative)") and outcome.value != "(secured_alternative)"
    assert str(outcome.held_from) == "2025-09-30" and outcome.held_until is None


def test_notes_waivers_findings_and_ledger_lines_are_among_it(found: Subject) -> None:
    assert {
        "Findings: what a rule said of the records",
        "Notes of officers on findings",
        "References of the case",
        "Whether the case stood in a return",
    } <= set(found.places)
    assert NOTE in {item.value for item in found.items}
    assert OLD in {item.value for item in found.items}


def test_output_files_that_hold_the_case_are_named(found: Subject) -> None:
    names = {Path(path).name for path in found.files}
    assert {"reference_map.csv", "findings.csv"} <= names
    assert "official.csv" not in names


def test_what_is_about_other_people_is_marked_for_review(found: Subject, before: Path) -> None:
    others = {item.record for item in found.items if item.about == "another person"}
    assert others == {"person_no 2"}
    out = before / "out"
    partner = gather(out / "warehouse.duckdb", AUTHORITY, OLD, AT, person=2, outs=())
    assert {item.record for item in partner.items if item.about == "another person"} == {"person_no 1"}
    with pytest.raises(UsageError, match="Nobody"):
        gather(out / "warehouse.duckdb", AUTHORITY, OLD, AT, person=3, outs=())


def test_other_cases_in_which_the_person_may_stand_are_named(found: Subject, before: Path) -> None:
    (other,) = [item for item in found.items if item.place == OTHER_CASES]
    assert other.what == "a case in which the same National Insurance number stands"
    with Warehouse(before / "out" / "warehouse.duckdb", read_only=True) as store:
        known = dict(store.reference_map(AUTHORITY).select("local_ref", "case_ref").iter_rows())
    assert other.value == known[EDGE]
    partner = gather(before / "out" / "warehouse.duckdb", AUTHORITY, OLD, AT, person=2, outs=())
    assert (found.other_cases, partner.other_cases) == (1, 0)


def test_nothing_of_another_household_is_among_it(found: Subject) -> None:
    assert "Sam" not in {item.value for item in found.items}


def test_the_files_are_private_and_say_the_same(found: Subject, tmp_path: Path) -> None:
    paths = write(found, tmp_path / "request")
    assert left_in(tmp_path / "request") == ["held.html", "held.json", "held.xlsx"]
    assert mode(tmp_path / "request") == 0o700 and {mode(path) for path in paths} == {0o600}
    for path in paths:
        assert "qq987654a" in texts_in(path) and NOTE.lower() in texts_in(path)
    held = json.loads((tmp_path / "request" / "held.json").read_text())
    assert len(held["items"]) == len(found.items)
    assert sum(item["to_review"] for item in held["items"]) == found.of_others > 0


def test_the_screen_shows_counts_and_no_value(before: Path, tmp_path: Path) -> None:
    warehouse = str(before / "out" / "warehouse.duckdb")
    done = CliRunner().invoke(app, ["subject", OLD, "--warehouse", warehouse, "--out", str(tmp_path / "request")])
    assert done.exit_code == 0, done.output
    assert not [words for words in (*GONE, NOTE) if words in done.output]
    assert "items from" in done.output


def test_a_reference_that_is_not_held_is_not_repeated(before: Path) -> None:
    with pytest.raises(InputError) as told:
        gather(before / "out" / "warehouse.duckdb", AUTHORITY, "HL/NOBODY", AT, outs=())
    assert "NOBODY" not in str(told.value)


def to_forget(folder: Path, **given: object) -> Asked:
    return replace(asked(folder), why=FORGOTTEN, reason="entered by mistake", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("ref", [OPEN, PLACED])
def test_a_case_that_is_open_is_not_forgotten(before: Path, tmp_path: Path, ref: str) -> None:
    folder = place(before, tmp_path / "here")
    with pytest.raises(UsageError, match=r"not over.*Article 17\(3\)\(b\)"):
        forget(to_forget(folder), ref)
    assert ref in (folder / "out" / AUTHORITY / "2025-Q3" / "reference_map.csv").read_text()


def in_a_return(folder: Path, retention_years: int) -> None:
    """Say of a case that is over that it stood in a return, and how long the authority keeps cases."""
    with Warehouse(folder / "out" / "warehouse.duckdb") as store:
        con = store.connection
        con.execute(
            "update history.case_selection set is_selected = true where case_ref ="
            " (select case_ref from reference_map where local_ref = ?)",
            [LATER],
        )
        run_id = store.newest_run(AUTHORITY)
        assert run_id is not None
        book = store.ledger_of(run_id) or {}
        book["settings"] = json.loads(
            json.dumps(values(replace(Settings(), retention_years=retention_years)), default=str)
        )
        store.save_ledger(run_id, book, "clean")


@pytest.mark.parametrize(("years", "words"), [(0, "set no time"), (7, "within the 7 years")])
def test_a_case_of_a_return_is_not_forgotten_while_it_is_kept(
    before: Path, tmp_path: Path, years: int, words: str
) -> None:
    folder = place(before, tmp_path / "here")
    in_a_return(folder, years)
    with pytest.raises(UsageError, match=words):
        forget(to_forget(folder), LATER)
    done = forget(to_forget(folder, is_dry=True), LATER, is_decided=True)
    assert done.cases == 1


@pytest.mark.parametrize(("years", "goes"), [(6, True), (7, False)])
def test_the_retention_ends_so_many_years_before_the_export(
    before: Path, tmp_path: Path, years: int, goes: bool
) -> None:
    """The case's last day is 1 September 2019, the export's 30 September 2025."""
    folder = place(before, tmp_path / "here")
    in_a_return(folder, years)
    if goes:
        assert forget(to_forget(folder, is_dry=True), LATER).cases == 1
    else:
        with pytest.raises(UsageError):
            forget(to_forget(folder, is_dry=True), LATER)


@pytest.fixture(scope="session")
def forgotten(before: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Purged]:
    folder = place(before, tmp_path_factory.mktemp("forgotten") / "here")
    return folder, forget(to_forget(folder), OLD)


def test_a_forgotten_case_is_in_no_file_and_the_others_are(forgotten: tuple[Path, Purged]) -> None:
    folder, done = forgotten
    assert done.cases == 1 and done.is_proven
    assert holds(folder / "out", OLD) == []
    assert "warehouse.duckdb" in holds(folder / "out", "HL/EDGE02")
    with Warehouse(folder / "out" / "warehouse.duckdb", read_only=True) as store:
        assert chain.verify(store.connection) == []
        line = list(chain.lines(store.connection))[-1]
    assert line.kind == "forget" and "mistake" not in json.dumps(line.facts)


def test_a_forgotten_case_that_comes_again_is_said(forgotten: tuple[Path, Purged], tmp_path: Path) -> None:
    folder = place(forgotten[0], tmp_path / "here")
    run(folder / "out", folder / "export", is_whole=True)
    rows = pl.read_csv(folder / "out" / AUTHORITY / "2025-Q3" / "findings" / "findings.csv", infer_schema=False)
    told = dict(rows.select("rule_id", "message").iter_rows())
    assert told["REF-09"] == "1 case that was forgotten is in the export again. Left out."
    assert holds(folder / "out", OLD) == []


def test_a_reason_is_needed(before: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--why"):
        forget(replace(asked(before), why=FORGOTTEN, reason=" "), OLD)
