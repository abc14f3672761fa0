"""The warehouse file: who may read it, what it refuses, and whose references it keeps."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.link.references import empty_map, resolve
from pipelines.run.outputs import OutputFolder
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS

THURROCK, SOUTHEND = "E06000034", "E06000033"


def test_only_its_owner_may_read_a_new_warehouse(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "warehouse.duckdb"):
        pass
    assert (tmp_path / "warehouse.duckdb").stat().st_mode & 0o777 == 0o600


def test_the_mode_that_an_owner_gave_later_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path):
        pass
    path.chmod(0o640)
    with Warehouse(path):
        pass
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("opened", [Warehouse, lambda path: OutputFolder(path, THURROCK, "2025-Q4").begin()])
def test_an_address_with_a_password_is_refused_and_not_repeated(
    opened: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as refused:
        opened(Path("postgresql://me:secret@host/db"))  # type: ignore[operator]
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_warehouse_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.duckdb").write_text("text")
    with pytest.raises(InputError, match="not an hclic warehouse"):
        Warehouse(tmp_path / "notes.duckdb")


def test_a_warehouse_of_an_older_layout_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table reference_map (local_ref varchar primary key, case_ref varchar, origin varchar)")
    with pytest.raises(InputError, match="--reference-map"):
        Warehouse(path)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(UsageError, match="cannot be written"):
        Warehouse(tmp_path / "file" / "warehouse.duckdb")


def test_two_authorities_in_one_warehouse_keep_their_references_apart(tmp_path: Path) -> None:
    sections = {section.name: section.empty() for section in SECTIONS}
    sections["main"] = sections["main"].clear(1).with_columns(case_ref=pl.lit("30363"))
    with Warehouse(tmp_path / "warehouse.duckdb") as warehouse:
        for authority in (THURROCK, SOUTHEND):
            known = warehouse.reference_map(authority)
            found = resolve(sections, authority=authority, known=known)
            warehouse.save_references(found.map, authority)
            assert found.sections["main"]["case_ref"].to_list() == [f"{authority}_000000030363"]
        assert warehouse.reference_map(THURROCK)["case_ref"].to_list() == [f"{THURROCK}_000000030363"]


def test_an_authority_that_was_given_a_new_code_keeps_the_references_sent_under_the_old_one(tmp_path: Path) -> None:
    # Barnsley: E08000016 became E08000038 (../shared/reference/la_all_codes.csv).
    sections = {section.name: section.empty() for section in SECTIONS}
    sections["main"] = sections["main"].clear(1).with_columns(case_ref=pl.lit("30363"))
    with Warehouse(tmp_path / "warehouse.duckdb") as warehouse:
        before = resolve(sections, authority="E08000016", known=empty_map())
        warehouse.save_references(before.map, "E08000016")
        after = resolve(sections, authority="E08000038", known=warehouse.reference_map("E08000038"))
    assert after.sections["main"]["case_ref"].to_list() == ["E08000016_000000030363"]
