"""Pages made from invented cases, for the tests of the dashboard with and without a browser."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.emit.pages import Dashboard, prepare
from pipelines.period import Quarter
from pipelines.state import CLEAN, RunState
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build
from tests.transform.warehouse import LA, RUN, in_memory, load

QUARTER = Quarter(2025, 3)
MADE = datetime(2025, 10, 14, 9, 30, tzinfo=UTC)
CLEAN_RUN = RunState(CLEAN)
HOSTILE_TEAM = "<script>alert(1)</script>"
HOSTILE_OFFICER = "\"><img src=x onerror=alert(2)>&amp;'\x00$body"
HOSTILE_SITE = "<svg onload=alert(3)>"


def cases(count: int = 500, seed: int = 7) -> dict[str, pl.DataFrame]:
    """Sections of invented cases from January 2022, some with hostile names of teams, officers and sites."""
    made = make_cases(
        count,
        authority=LA,
        neighbour="E09000002",
        first_day=date(2022, 1, 10),
        last_day=QUARTER.last_day,
        seed=seed,
    )
    main = made["main"].with_columns(
        team=pl.when(pl.col("team") == "Relief").then(pl.lit(HOSTILE_TEAM)).otherwise("team"),
        officer=pl.when(pl.col("officer") == "HO01").then(pl.lit(HOSTILE_OFFICER)).otherwise("officer"),
    )
    placed = made["temporary_accommodation"].with_columns(site=pl.lit(HOSTILE_SITE), rate=pl.lit(61.5))
    return {**made, "main": main, "temporary_accommodation": placed}


def marts(sections: dict[str, pl.DataFrame], quarter: Quarter = QUARTER) -> duckdb.DuckDBPyConnection:
    """A connection with the marts and what the dashboard reads."""
    con = in_memory()
    load(con, sections)
    build(con, run_id=RUN, la_code=LA, quarter=quarter, as_at=quarter.last_day)
    prepare(con)
    return con


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    internal: bool = True,
    made: datetime = MADE,
    state: RunState = CLEAN_RUN,
) -> list[Path]:
    """The dashboard's files, without the forecast, which takes seconds to load."""
    made_of = Dashboard(
        con,
        internal=internal,
        software_version="0.0",
        made=made,
        state=state,
        notes=["The households are invented."],
        forecast=False,
    )
    return made_of.write(folder)
