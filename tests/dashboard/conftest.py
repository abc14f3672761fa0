"""Pages that several tests read, written once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.dashboard import pages


@pytest.fixture(scope="session")
def sections() -> dict[str, pl.DataFrame]:
    return pages.cases()


@pytest.fixture(scope="session")
def con(sections: dict[str, pl.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    with pages.marts(sections) as opened:
        yield opened


@pytest.fixture(scope="session")
def folder(con: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dashboard")
    pages.write(con, folder)
    return folder
