"""A warehouse of one run, and somebody who asks its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serve import asking


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that no test writes to."""
    return asking.warehouse(tmp_path_factory.mktemp("served") / "warehouse.duckdb")


@pytest.fixture
def clock() -> asking.Clock:
    return asking.Clock()


@pytest.fixture
def stranger(path: Path, clock: asking.Clock) -> asking.Asker:
    """Somebody who knows the port and nothing else."""
    return asking.Asker(asking.site(path, clock))


@pytest.fixture
def user(stranger: asking.Asker) -> asking.Asker:
    """Somebody who opened the printed address."""
    stranger.come_in()
    return stranger
