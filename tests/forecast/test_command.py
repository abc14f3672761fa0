"""``hclic forecast``, as an officer of a council calls it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import typer
from typer.testing import CliRunner

from pipelines.commands.forecast import forecast
from pipelines.metrics.forecast.local import Forecasts, lines
from pipelines.metrics.forecast.local import local_forecasts as made
from tests.forecast.test_local import WHOLE, shown


def test_each_measure_is_said_with_its_range_and_the_record_of_such_forecasts() -> None:
    found = made(shown(WHOLE))
    said = lines(found)
    first = found.rows.row(0, named=True)

    assert said[0] == "Applications: 101 in the last quarter known"
    assert said[1].endswith(f": {first['point']:,}, 80% range {first['lo_80']:,} to {first['hi_80']:,}")
    assert said[5].strip().startswith("The forecast was")
    assert "last value" in said[5]


def test_why_there_is_none_is_all_that_is_said() -> None:
    none = Forecasts(pl.DataFrame(), pl.DataFrame(), "There is no forecast: no whole quarter is on record yet.")

    assert lines(none) == ["There is no forecast: no whole quarter is on record yet."]


def test_the_command_says_that_a_warehouse_without_a_past_has_no_forecast(tmp_path: Path) -> None:
    from pipelines.link.references import empty_map
    from pipelines.warehouse.store import Warehouse
    from schemas.sections import SECTION
    from tests.transform.warehouse import section_frame

    with Warehouse(tmp_path / "w.duckdb") as store:
        run = {"run_id": "run-1", "la_code": "E06000034", "quarter": "2025-Q3", "as_at": date(2025, 9, 30)}
        store.freeze(run, {name: section_frame(name, []) for name in SECTION}, empty_map())
    app = typer.Typer()
    app.command()(forecast)
    options = ["--warehouse", str(tmp_path / "w.duckdb"), "--authority", "E06000034", "--quarter", "2025-Q3"]
    result = CliRunner().invoke(app, [*options, "--out", str(tmp_path / "f.csv")])

    assert result.exit_code == 0, result.output
    assert "There is no forecast: no whole quarter is on record yet." in result.output
    assert not (tmp_path / "f.csv").exists()
