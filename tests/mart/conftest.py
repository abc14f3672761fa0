"""A warehouse of invented cases whose every personal value carries a mark."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.warehouse.store import Warehouse

LA = "E06000034"
QUARTER = Quarter(2025, 3)
MARK = "Zqxmark"
BIRTH = date(1987, 2, 13)
MARKED = {
    "people": ("forename", "surname", "nino", "last_address"),
    "main": ("local_ref", "officer", "previous_officer"),
    "temporary_accommodation": ("placement_ref", "site", "landlord", "invoice_number"),
}


def marked_sections(count: int = 200) -> dict[str, pl.DataFrame]:
    """Sections in which every value that may not leave carries ``MARK``, a tenth of them shifted into free text."""
    sections = make_cases(
        count,
        authority=LA,
        neighbour="E09000002",
        first_day=date(2021, 1, 1),
        last_day=date(2025, 9, 30),
        seed=7,
    )
    for name, columns in MARKED.items():
        for column in columns:
            sections[name] = sections[name].with_columns(
                (pl.lit(f"{MARK}{column}") + pl.int_range(pl.len()).floordiv(3).cast(pl.String)).alias(column)
            )
    sections["people"] = sections["people"].with_columns(date_of_birth=pl.lit(BIRTH))
    shifted = pl.int_range(pl.len()) % 10 == 0
    # A name that six cases share passes the rule of five; that it stands in the people section gives it away.
    for name, column in (("temporary_accommodation", "cost_centre"), ("temporary_accommodation", "lha_area")):
        sections[name] = sections[name].with_columns(
            pl.when(shifted).then(pl.lit(f"{MARK}surname1")).otherwise(pl.col(column)).alias(column)
        )
    sections["main"] = sections["main"].with_columns(
        team=pl.when(shifted)
        .then(pl.lit(f"{MARK}shifted") + pl.int_range(pl.len()).cast(pl.String))
        .otherwise(pl.lit("team"))
    )
    return sections


def store(path: Path, sections: dict[str, pl.DataFrame], authority: str = LA) -> Path:
    """A warehouse file with one run of these sections."""
    with Warehouse(path) as warehouse:
        run = {"run_id": f"run-{authority}", "la_code": authority, "quarter": str(QUARTER), "as_at": QUARTER.last_day}
        warehouse.freeze(run, sections, empty_map())
    return path


@pytest.fixture(scope="session")
def warehouse_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("mart") / "warehouse.duckdb", marked_sections())
