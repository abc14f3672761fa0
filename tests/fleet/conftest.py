"""One PostgreSQL server a session; a test that changes a warehouse makes one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.place import Lake
from tests.fleet import lakes


@pytest.fixture(scope="module")
def catalogues() -> Iterator[lakes.Catalogues]:
    with lakes.catalogues() as server:
        yield server


@pytest.fixture
def lake(catalogues: lakes.Catalogues, tmp_path: Path, request: pytest.FixtureRequest) -> Lake:
    """An empty warehouse for many authorities."""
    made = int(str(catalogues.do("select count(*) from pg_database")[0][0]))
    return catalogues.lake(f"fleet_{made}", tmp_path / "data")
