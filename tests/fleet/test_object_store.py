"""A DuckLake whose data are in an object store that speaks S3: written, read, tended, backed up and put back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import PassingError, UsageError
from pipelines.fleet.data_files import opened
from pipelines.fleet.lake_backup import back_up
from pipelines.fleet.lake_restore import restore
from pipelines.fleet.tending import tend
from pipelines.warehouse.lakes import S3_SECRET, schema_of
from pipelines.warehouse.store import Warehouse
from tests.fleet.lakes import Catalogues
from tests.fleet.object_store import BUCKET, KEY_ID, SECRET, object_store
from tests.warehouse.stored import LA, as_it_was, freeze, sections_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def asked() -> Iterator[dict[str, str]]:
    with object_store() as environment:
        yield environment


def _run(store: Warehouse, number: int) -> None:
    rows = [{"case_ref": f"{LA}_{case}", "officer": f"Ann Other {number}"} for case in range(60)]
    freeze(store, f"r{number}", sections_of(main=rows))


def test_a_warehouse_in_an_object_store_is_kept_as_one_in_a_folder(
    asked: dict[str, str], catalogues: Catalogues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    lake = catalogues.lake("in_s3", BUCKET)
    with Warehouse(lake.of(LA)) as store:
        _run(store, 1)
        _run(store, 2)
        _run(store, 3)
    with Warehouse(lake.of(LA), read_only=True) as store:
        rows = [as_it_was(store, f"r{number}") for number in (1, 2, 3)]
    assert [len(one) for one in rows] == [60, 60, 60]
    with opened(f"{BUCKET}/") as kept:
        files = kept.names(schema_of(LA))
        assert kept.sha256_of(files[0])
        kept.fetch(files[0], tmp_path / "one")
    assert (tmp_path / "one").read_bytes()[:4] == b"PARE", "the mark of an encrypted Parquet file"

    made = back_up(lake, tmp_path / "backups", NOON)
    assert made.files == made.new_files > 0
    (tended,) = tend(lake, datetime.now(UTC) + timedelta(days=2), keep_days=1, grace_hours=0)
    assert tended.fault is None
    assert tended.removed > 0
    (done,) = restore(made.path, lake, NOON, is_replacing=True)
    assert done.fault is None
    assert done.copied > 0, "what was tended away is there again"
    with Warehouse(lake.of(LA), read_only=True) as store:
        assert [as_it_was(store, f"r{number}") for number in (1, 2, 3)] == rows

    monkeypatch.setenv(S3_SECRET, "another")
    shown = CliRunner().invoke(app, ["query", "select count(*) from households", "--warehouse", str(lake)])
    said = f"{shown.output}{shown.exception}"
    assert "did not let you in" in said
    for part in (KEY_ID, SECRET, "another", BUCKET, asked["HCLIC_S3_ENDPOINT"]):
        assert part not in said
    with pytest.raises(PassingError, match="object store"):
        back_up(lake, tmp_path / "more", NOON)
    monkeypatch.delenv(S3_SECRET)
    with pytest.raises(UsageError, match=S3_SECRET):
        Warehouse(lake.of(LA), read_only=True)
