"""A return is checked by one person, signed off by another and then stays as it is; what is lacking is said first."""

from __future__ import annotations

import itertools
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.errors import HclicError, InputError, UsageError
from pipelines.submission import sign_off
from pipelines.submission.named import named_run
from pipelines.submission.sign_off import Answers, check, restore, sign, submit, withdraw, write_sheet
from pipelines.submission.status import in_form, standings
from pipelines.warehouse import chain, requests, sign_offs
from pipelines.warehouse.sign_offs import STATES
from pipelines.warehouse.store import Warehouse
from tests.submission.returns import EVERY, EVIDENCE, FILES, FIT, LA, QUARTER, WHY, ended, of, says, signed

CASE_FILE = next(iter(FILES))
LAWFUL = {
    ("draft", "checked"),
    ("checked", "checked"),
    ("checked", "draft"),
    ("checked", "signed_off"),
    ("signed_off", "submitted"),
    ("submitted", "submitted"),
    ("signed_off", "superseded"),
    ("submitted", "superseded"),
}


@pytest.fixture(autouse=True)
def explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every changed total is explained: the quality report has tests of its own."""
    monkeypatch.setattr(sign_off, "missing_explanations", lambda *_, **__: [])


def state(tmp_path: Path) -> sign_offs.SignOff | None:
    with Warehouse(tmp_path / "w.duckdb") as store:
        return sign_offs.state_of_quarter(store.connection, LA, QUARTER)


def faults(tmp_path: Path) -> list[str]:
    with Warehouse(tmp_path / "w.duckdb", read_only=True) as store:
        return [fault.words for fault in chain.verify(store.connection)]


@pytest.mark.parametrize("before, after", list(itertools.product(STATES, STATES)))
def test_a_return_comes_only_to_the_states_that_follow_the_one_it_is_in(before: str, after: str) -> None:
    if (before, after) in LAWFUL:
        sign_offs.check_is_lawful(before, after)
    else:
        with pytest.raises(UsageError):
            sign_offs.check_is_lawful(before, after)


def test_a_signed_off_return_says_who_when_why_and_how_thoroughly(tmp_path: Path) -> None:
    folder = signed(tmp_path)
    now = state(tmp_path)
    assert now is not None
    assert (now.state, now.said_by, now.said_at, now.why) == ("signed_off", "Ben", "2025-10-08T10:30:00+00:00", WHY)
    assert now.levels["main"] == "audited" and now.levels["reviews"] == "not_checked"
    assert now.levels["people"] == "sampled" and len(now.levels) == 9
    told = json.loads((folder / "sign_off" / "sign_off.json").read_text())
    assert [(one["state"], one["by"]) for one in told["states"]] == [("checked", "Ann"), ("signed_off", "Ben")]
    assert (told["fit_to_publish"], told["evidence"]) == (True, EVIDENCE)
    assert [file["name"] for file in told["files"]] == sorted(FILES)
    page = (folder / "sign_off" / "sign_off.html").read_text()
    for words in ("Ann", "Ben", "8 October 2025, 10:30 UTC", "Audited", "Not checked", told["files"][0]["sha256"]):
        assert words in page
    assert "Provisional" in page and "does not say that MHCLG or DELTA accepts it" in page
    assert faults(tmp_path) == []


def test_the_files_of_a_signed_off_return_are_kept_and_read_only(tmp_path: Path) -> None:
    folder = signed(tmp_path)
    for path in (folder / "return").iterdir():
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    with Warehouse(tmp_path / "w.duckdb") as store:
        kept = sign_offs.frozen_files(store.connection, "one")
        assert sign_offs.is_frozen(store.connection, LA, QUARTER)
    assert {file.name: file.content for file in kept} == FILES and all(file.is_whole for file in kept)


def test_files_that_are_gone_or_changed_are_said_and_restored(tmp_path: Path) -> None:
    folder = signed(tmp_path)
    for path in (folder / "return").iterdir():
        path.chmod(0o600)
    (folder / "return" / CASE_FILE).write_bytes(b"<cases>1</cases>")
    (folder / "return" / sorted(FILES)[1]).unlink()
    with Warehouse(tmp_path / "w.duckdb", read_only=True) as store:
        text = in_form(standings(store, LA, None, tmp_path), "table")
    assert f"{CASE_FILE} in {folder / 'return'} is not what was written: it was changed." in text
    assert f"{sorted(FILES)[1]} is missing" in text
    assert restore(of(tmp_path))[1] == [f"return/{name}" for name in sorted(FILES)]
    assert {path.name: path.read_bytes() for path in (folder / "return").iterdir()} == FILES
    assert restore(of(tmp_path))[1] == []


def test_the_whole_folder_can_be_restored_into_another_place(tmp_path: Path) -> None:
    signed(tmp_path)
    folder, written = restore(of(tmp_path, out=tmp_path / "elsewhere"))
    assert folder == tmp_path / "elsewhere" / LA / str(QUARTER) and "ledger.json" in written
    with Warehouse(tmp_path / "w.duckdb", read_only=True) as store:
        assert [row.on_disk for row in standings(store, LA, QUARTER, tmp_path / "elsewhere")] == [()]
    assert (folder / "sign_off" / "sign_off.html").is_file()


def test_nothing_is_restored_over_the_outputs_of_another_run(tmp_path: Path) -> None:
    signed(tmp_path)
    other = tmp_path / "other" / LA / str(QUARTER)
    other.mkdir(parents=True)
    (other / "ledger.json").write_text('{"run_id": "other"}')
    with pytest.raises(UsageError, match="of another run"):
        restore(of(tmp_path, out=tmp_path / "other"))


def test_a_draft_is_not_signed_off(tmp_path: Path) -> None:
    ended(tmp_path)
    with pytest.raises(UsageError, match="has to be checked before"):
        sign(of(tmp_path), says("Ben", *EVERY), FIT)


def test_whoever_checked_does_not_sign_but_for_a_reason_that_stands_on_the_sheet(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann Smith", *EVERY))
    with pytest.raises(UsageError, match="another person signs it off"):
        sign(of(tmp_path), says(" ann  SMITH "), FIT)
    with pytest.raises(UsageError, match="needs the reason"):
        sign(of(tmp_path), says("Ann Smith"), replace(FIT, one_person=" "))
    folder = sign(of(tmp_path), says("Ann Smith"), replace(FIT, one_person="I am alone this week."))
    assert "signed it off: I am alone this week." in (folder / "sign_off" / "sign_off.html").read_text()


def test_nobody_who_checked_a_part_of_the_return_is_the_second_person(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", "main=audited"))
    check(of(tmp_path), says("Cay", "all=sampled"))
    for name in ("Ann", "Cay"):
        with pytest.raises(UsageError, match=f"{name} checked the return"):
            sign(of(tmp_path), says(name), FIT)
    # A check that was withdrawn is none.
    withdraw(of(tmp_path), says("Ann"))
    check(of(tmp_path), says("Cay", *EVERY))
    sign(of(tmp_path), says("Ann"), FIT)


def test_the_sheet_speaks_of_one_person_only_where_it_was_one(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    folder = sign(of(tmp_path), says("Ben"), replace(FIT, one_person="Given for nothing."))
    assert json.loads((folder / "sign_off" / "sign_off.json").read_text())["one_person"] is None
    assert "One person" not in (folder / "sign_off" / "sign_off.html").read_text()


def test_what_is_signed_is_what_was_checked_byte_for_byte(tmp_path: Path) -> None:
    """The same run made again without the personal-data file has the same id and other files."""
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    (tmp_path / LA / str(QUARTER) / "return" / sorted(FILES)[1]).unlink()
    ended(tmp_path, files={CASE_FILE: FILES[CASE_FILE]})
    with pytest.raises(UsageError, match="written anew since it was checked"):
        sign(of(tmp_path), says("Ben"), FIT)
    # What was said of the older files does not count for the newer ones.
    check(of(tmp_path), says("Ann", "main=sampled"))
    now = state(tmp_path)
    assert now is not None and now.levels == {"main": "sampled"}


def test_findings_asked_for_alone_take_no_place_of_the_return(tmp_path: Path) -> None:
    """A nightly check goes on after the draft, and after the sign-off."""
    folder = ended(tmp_path)
    ended(tmp_path, "check", files={}, place=f"{QUARTER}-check")
    with Warehouse(tmp_path / "w.duckdb") as store:
        requests.save(store.connection, "check", {"only": "check"})
    check(of(tmp_path), says("Ann", *EVERY))
    assert sign(of(tmp_path), says("Ben"), FIT) == folder
    with Warehouse(tmp_path / "w.duckdb", read_only=True) as store:
        assert [row.run_id for row in standings(store, LA, None, tmp_path)] == ["one"]
        assert named_run(store, LA, "newest").run_id == "one"


def test_a_run_whose_ledger_lists_no_return_is_not_signed_off(tmp_path: Path) -> None:
    ended(tmp_path, files={})
    with pytest.raises(UsageError, match="lists no file of a return"):
        check(of(tmp_path), says("Ann", *EVERY))


def test_every_section_has_a_level_before_the_return_is_signed_off(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", "main=audited,people=sampled"))
    check(of(tmp_path), says("Ann", "relief=checked"))
    with pytest.raises(UsageError, match="support_needs, prevention, final_duties"):
        sign(of(tmp_path), says("Ben"), FIT)
    sign(of(tmp_path), says("Ben", "all=not checked"), FIT)
    now = state(tmp_path)
    assert now is not None
    assert [now.levels[name] for name in ("main", "people", "relief")] == ["audited", "sampled", "checked"]
    assert now.levels["reviews"] == "not_checked"


def test_levels_stand_in_a_csv_or_a_toml_file_too(tmp_path: Path) -> None:
    ended(tmp_path)
    (tmp_path / "levels.csv").write_text("section,level\nmain,Audited\n")
    (tmp_path / "levels.toml").write_text('people = "sampled"\n')
    now = check(of(tmp_path), says("Ann", str(tmp_path / "levels.csv"), str(tmp_path / "levels.toml")))
    assert now.levels == {"main": "audited", "people": "sampled"}


@pytest.mark.parametrize(
    "levels, words",
    [
        ("mian=audited", "There is no section mian"),
        ("main=perfect", "is no level of checking"),
        ("main=audited,main=sampled", "two levels"),
        ("none.csv", "none.csv"),
    ],
)
def test_levels_that_are_not_understood_are_refused(tmp_path: Path, levels: str, words: str) -> None:
    ended(tmp_path)
    with pytest.raises(HclicError, match=words):
        check(of(tmp_path), says("Ann", levels))


def test_whether_the_data_are_fit_to_publish_needs_evidence(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    with pytest.raises(UsageError, match="--evidence"):
        sign(of(tmp_path), says("Ben"), Answers(fit=False, evidence=" "))
    folder = sign(of(tmp_path), says("Ben"), Answers(fit=False, evidence="Stock is not reconciled."))
    assert "</strong> No." in (folder / "sign_off" / "sign_off.html").read_text()


@pytest.mark.parametrize("by, why", [(" ", WHY), ("Ann", "  ")])
def test_nothing_is_said_without_a_name_and_a_reason(by: str, why: str) -> None:
    with pytest.raises(UsageError, match="needs the"):
        says(by, why=why)


def test_signing_is_refused_while_a_total_is_not_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    monkeypatch.setattr(sign_off, "missing_explanations", lambda *_, **__: ["households in TA"])
    with pytest.raises(UsageError, match="not explained: households in TA"):
        sign(of(tmp_path), says("Ben"), FIT)
    now = state(tmp_path)
    assert now is not None and now.state == "checked"


@pytest.mark.parametrize(
    "result, words", [("blocked", "is blocked"), ("failed", "is failed"), ("running", "not ended")]
)
def test_only_a_clean_run_that_ended_can_be_signed_off(tmp_path: Path, result: str, words: str) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    ended(tmp_path, "two", result=result)
    with pytest.raises(UsageError, match=words):
        sign(of(tmp_path), says("Ben"), FIT)


def test_a_newer_run_is_a_new_draft(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    ended(tmp_path, "two")
    with pytest.raises(UsageError, match="is a draft"):
        sign(of(tmp_path), says("Ben"), FIT)


@pytest.mark.parametrize("change", ["changed", "missing", "added"])
def test_the_return_on_disk_has_to_be_the_one_that_the_run_wrote(tmp_path: Path, change: str) -> None:
    folder = ended(tmp_path) / "return"
    check(of(tmp_path), says("Ann", *EVERY))
    if change == "changed":
        (folder / CASE_FILE).write_bytes(b"<cases></cases>")
    elif change == "missing":
        (folder / CASE_FILE).unlink()
    else:
        (folder / "other.xml").write_bytes(b"<cases/>")
    with pytest.raises(UsageError, match="is not the one that the run wrote"):
        sign(of(tmp_path), says("Ben"), FIT)


def test_outputs_that_stand_elsewhere_are_asked_for(tmp_path: Path) -> None:
    ended(tmp_path)
    with pytest.raises(UsageError, match="given as --out"):
        check(of(tmp_path, out=tmp_path / "elsewhere"), says("Ann", *EVERY))


def test_a_quarter_without_a_run_has_nothing_to_sign(tmp_path: Path) -> None:
    ended(tmp_path)
    with pytest.raises(InputError, match="holds no run"):
        check(of(tmp_path, quarter=QUARTER.shift(1)), says("Ann", *EVERY))


def test_a_check_can_be_withdrawn_and_a_sign_off_cannot(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    assert withdraw(of(tmp_path), says("Ann")).state == "draft"
    check(of(tmp_path), says("Ann", *EVERY))
    sign(of(tmp_path), says("Ben"), FIT)
    with pytest.raises(UsageError, match="hclic revise"):
        withdraw(of(tmp_path), says("Ben"))
    with pytest.raises(UsageError, match="signed off already"):
        sign(of(tmp_path), says("Ben"), FIT)


def test_the_receipt_of_a_submission_stands_on_the_sheet_and_a_digest_of_it_in_the_ledger(tmp_path: Path) -> None:
    folder = signed(tmp_path)
    submit(of(tmp_path), says("Ann"), "Received, reference 4711")
    told = json.loads((folder / "sign_off" / "sign_off.json").read_text())
    assert (told["state"], told["receipts"]) == ("submitted", ["Received, reference 4711"])
    with Warehouse(tmp_path / "w.duckdb", read_only=True) as store:
        last = list(chain.lines(store.connection))[-1]
    assert "receipt_sha256" in last.facts and "4711" not in last.facts_text


def test_a_return_is_not_submitted_before_it_is_signed_off_nor_without_receipt(tmp_path: Path) -> None:
    ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))
    with pytest.raises(UsageError, match="signed off before it is submitted"):
        submit(of(tmp_path), says("Ann"), "reference")
    with pytest.raises(UsageError, match="--receipt"):
        submit(of(tmp_path), says("Ann"), " ")


def test_a_revision_that_is_signed_off_supersedes_the_return_before_it(tmp_path: Path) -> None:
    folder = signed(tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "sign_off" not in path.parts}
    ended(tmp_path, "two", files={CASE_FILE: b"<cases>2</cases>"}, place="2025-Q3-revision-1")
    with Warehouse(tmp_path / "w.duckdb") as store:
        assert sign_offs.is_frozen(store.connection, LA, QUARTER)
    check(of(tmp_path), says("Ann", *EVERY))
    assert sign(of(tmp_path), says("Ben"), FIT).name == "2025-Q3-revision-1"
    with Warehouse(tmp_path / "w.duckdb", read_only=True) as store:
        con = store.connection
        states = {one.run_id: one.state for one in sign_offs.states(con, LA, QUARTER)}
        assert sign_offs.signed_runs(con, LA, QUARTER) == ["one", "two"]
    assert states == {"one": "superseded", "two": "signed_off"}
    assert {path: path.read_bytes() for path in before} == before
    # Whoever finds the older sheet first does not take it for the one that holds.
    assert json.loads((folder / "sign_off" / "sign_off.json").read_text())["state"] == "superseded"
    assert "Superseded" in (folder / "sign_off" / "sign_off.html").read_text()
    assert restore(of(tmp_path, out=tmp_path / "new"))[0].name == "2025-Q3-revision-1"
    assert faults(tmp_path) == []


def test_a_sheet_that_was_lost_is_written_again_letter_for_letter(tmp_path: Path) -> None:
    folder = signed(tmp_path)
    before = {path.name: path.read_bytes() for path in (folder / "sign_off").iterdir()}
    for path in (folder / "sign_off").iterdir():
        path.unlink()
    write_sheet(of(tmp_path))
    assert {path.name: path.read_bytes() for path in (folder / "sign_off").iterdir()} == before


def test_a_sign_off_that_was_ended_before_its_sheet_is_finished_when_it_is_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def ends(*_: object) -> None:
        raise Ended

    with monkeypatch.context() as patched, pytest.raises(Ended):
        patched.setattr(sign_off, "protect", ends)
        signed(tmp_path)
    folder = next(path.parent for path in tmp_path.rglob("return"))
    assert not (folder / "sign_off").exists()
    with pytest.raises(UsageError, match="signed off already"):
        sign(of(tmp_path), says("Ben"), FIT)
    assert (folder / "sign_off" / "sign_off.html").is_file()
    assert all(not path.stat().st_mode & stat.S_IWUSR for path in (folder / "return").iterdir())


def test_nothing_is_signed_when_keeping_the_files_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ended(tmp_path)
    check(of(tmp_path), says("Ann", *EVERY))

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sign_offs, "add_state", fails)
    with pytest.raises(KeyboardInterrupt):
        sign(of(tmp_path), says("Ben"), FIT)
    monkeypatch.undo()
    now = state(tmp_path)
    assert now is not None and now.state == "checked"
    with Warehouse(tmp_path / "w.duckdb") as store:
        assert sign_offs.frozen_files(store.connection, "one") == []
    assert not (folder / "sign_off").exists() and faults(tmp_path) == []
