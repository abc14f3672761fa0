"""PostgreSQL is started anew while a run is at work: nothing of it is kept half, and said again it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import PassingError
from pipelines.place import Lake
from pipelines.run.run import make
from pipelines.warehouse.store import Warehouse
from tests.fleet.lakes import Catalogues
from tests.fleet.test_lakes import request_of
from tests.warehouse.stored import LA


def test_a_run_goes_on_when_the_catalogue_was_away(
    lake: Lake, tmp_path: Path, catalogues: Catalogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = Warehouse.save_findings

    def away(self: Warehouse, *given: Any) -> None:
        # What a restart does to who is connected.
        catalogues.do(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{lake.options['dbname']}'"
        )
        saved(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "save_findings", away)
        with pytest.raises(PassingError, match="is not kept"):
            make(request_of(tmp_path / "out", lake))
    assert not (tmp_path / "out" / LA / "2025-Q3").exists()

    assert (make(request_of(tmp_path / "out", lake)).folder / "ledger.json").is_file()
    with Warehouse(lake.of(LA), read_only=True) as reader:
        assert reader.connection.execute("select result from runs").fetchall() in ([("clean",)], [("blocked",)])
