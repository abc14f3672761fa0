"""A return is made again, byte for byte, from the history; or what keeps it from being so is named."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import InputError
from pipelines.run import ledger
from pipelines.submission.named import named_run
from pipelines.submission.reproduce import BUT_COMMENT, DIFFERS, Reproduced, reproduce
from pipelines.warehouse.store import Warehouse
from tests.submission.revisions.made import AUTHORITY


def reproduced(out: Path, work: Path, run: str = "signed-off") -> Reproduced:
    work.mkdir()
    with Warehouse(out / "warehouse.duckdb", read_only=True) as store:
        return reproduce(store, named_run(store, AUTHORITY, run), work)


def change(out: Path, statement: str) -> None:
    with Warehouse(out / "warehouse.duckdb") as store:
        store.connection.execute(statement)


def test_the_submitted_bytes_are_made_again_from_the_history(signed_off_out: Path, tmp_path: Path) -> None:
    command = ["reproduce", "signed-off", "--warehouse", str(signed_off_out / "warehouse.duckdb")]
    ended = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "again")])
    assert ended.exit_code == 0, ended.output
    assert ended.output.count("the same, byte for byte") == 2
    sent = signed_off_out / AUTHORITY / "2025-Q3" / "return"
    for path in sent.iterdir():
        again = tmp_path / "again" / path.name
        assert again.read_bytes() == path.read_bytes()
        assert stat.S_IMODE(again.stat().st_mode) == 0o600


def test_another_version_of_hclic_alone_does_not_make_it_fail(
    signed_off_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "software_version", lambda: "99.0")
    found = reproduced(signed_off_out, tmp_path / "work")
    assert found.is_same
    assert (found.version_then, found.version_now) != ("99.0", "0")
    assert found.version_now == "99.0"


def test_a_comment_that_alone_differs_is_called_so(
    signed_off_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.emit.returns.official.PROVISIONAL", "Provisional, in other words.")
    found = reproduced(signed_off_out, tmp_path / "work")
    assert {one.verdict for one in found.files} == {BUT_COMMENT}
    assert found.is_same


def test_a_changed_history_differs_and_the_field_is_named_without_its_value(out: Path, tmp_path: Path) -> None:
    change(
        out, "update history.main set reasonloss = 'other' where case_ref in (select case_ref from history.prevention)"
    )
    ended = CliRunner().invoke(app, ["reproduce", "newest", "--warehouse", str(out / "warehouse.duckdb")])
    assert ended.exit_code == 1
    assert "Main: reasonloss" in ended.output or "reasonloss" in ended.output
    assert "the history itself was changed" in ended.output
    assert "'other'" not in ended.output


def test_rows_that_are_gone_are_named_by_section_and_number(out: Path, tmp_path: Path) -> None:
    change(out, "delete from history.people where row_no in (select row_no from history.people limit 3)")
    found = reproduced(out, tmp_path / "work")
    assert {one.verdict for one in found.files} == {DIFFERS}
    assert any("rows of" in line and "The history holds" in line for line in found.why), found.why


def test_names_that_were_purged_keep_the_personal_file_alone_from_being_the_same(out: Path, tmp_path: Path) -> None:
    change(out, "update history.people set forename = null, surname = null")
    found = reproduced(out, tmp_path / "work")
    assert {one.name.split("_")[1]: one.verdict for one in found.files} == {"case": "same", "personal": DIFFERS}


def test_other_code_lists_and_libraries_are_named(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(out, "update history.main set reasonloss = null")
    software = {**ledger.software(), "polars": "9.9.9"}
    monkeypatch.setattr(ledger, "codes_version", lambda: "0123456789abcdef")
    monkeypatch.setattr(ledger, "software", lambda: software)
    why = " ".join(reproduced(out, tmp_path / "work").why)
    assert "The set of code lists is another" in why
    assert "polars" in why
    assert "9.9.9 now" in why


def test_without_the_kept_bytes_it_says_that_it_cannot_say_where(out: Path, tmp_path: Path) -> None:
    change(out, "update history.main set reasonloss = null")
    change(out, "delete from frozen_file")
    change(out, "delete from run_request")
    found = reproduced(out, tmp_path / "work")
    assert found.where == ("What was sent is not kept, so that it cannot be said in which fields they differ.",)


def test_a_return_profile_that_is_gone_stops_it_with_a_sentence(out: Path, tmp_path: Path) -> None:
    change(out, "update run_request set request = replace(request, '\"provisional\"', '\"/gone/pack\"')")
    ended = CliRunner().invoke(app, ["reproduce", "newest", "--warehouse", str(out / "warehouse.duckdb")])
    assert isinstance(ended.exception, InputError)
    assert "Give its folder with --return-profile" in str(ended.exception)


@pytest.mark.parametrize("name", ["nothing", "2024-Q1", "2024-Q1/signed-off"])
def test_a_run_that_is_not_there_stops_it_with_a_sentence(signed_off_out: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        reproduced(signed_off_out, tmp_path / "work", name)


def test_a_run_is_named_by_quarter_state_or_end_of_its_id(signed_off_out: Path) -> None:
    with Warehouse(signed_off_out / "warehouse.duckdb", read_only=True) as store:
        named = {
            named_run(store, AUTHORITY, text).run_id
            for text in ("newest", "signed-off", "2025-Q3", "2025-q3/signed-off", "2025-Q3/newest")
        }
        (run_id,) = named
        assert named_run(store, AUTHORITY, run_id[-6:]).run_id == run_id


def test_digests_are_those_of_the_bytes(signed_off_out: Path, tmp_path: Path) -> None:
    found = reproduced(signed_off_out, tmp_path / "work")
    for one in found.files:
        path = tmp_path / "work" / "made" / one.name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == one.now == one.then
