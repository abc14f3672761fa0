"""One server of each kind a session; a test that changes one makes tables of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import servers


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.Source]:
    with servers.postgresql() as source:
        yield source


@pytest.fixture(scope="session")
def mariadb() -> Iterator[servers.Source]:
    with servers.mariadb() as source:
        yield source


@pytest.fixture(scope="session")
def sqlite_source(tmp_path_factory: pytest.TempPathFactory) -> servers.Source:
    return servers.sqlite_file(tmp_path_factory.mktemp("sqlite") / "cases.sqlite")


@pytest.fixture(scope="session")
def duckdb_source(tmp_path_factory: pytest.TempPathFactory) -> servers.Source:
    return servers.duckdb_file(tmp_path_factory.mktemp("duckdb") / "cases.duckdb")
