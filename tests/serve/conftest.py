"""A warehouse of one run, and somebody who asks its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.serve import asking


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that no test writes to."""
    return asking.warehouse(tmp_path_factory.mktemp("served") / "warehouse.duckdb")


@pytest.fixture
def come_in() -> Iterator[Callable[[Path], asking.Asker]]:
    """Opens the printed address of a warehouse's pages."""
    came: list[asking.Asker] = []

    def somebody(path: Path) -> asking.Asker:
        came.append(asking.Asker(asking.site(path)))
        came[-1].come_in()
        return came[-1]

    yield somebody
    for asker in came:
        asker.site.quarters.close()


@pytest.fixture
def impatient() -> Callable[[Path], asking.Asker]:
    """The same, of a server that waits for no run."""

    def somebody(path: Path) -> asking.Asker:
        asker = asking.Asker(asking.site(path, patience=0.0))
        asker.come_in()
        return asker

    return somebody


@pytest.fixture
def clock() -> asking.Clock:
    return asking.Clock()


@pytest.fixture
def stranger(path: Path, clock: asking.Clock) -> Iterator[asking.Asker]:
    """Somebody who knows the port and nothing else."""
    asker = asking.Asker(asking.site(path, clock))
    yield asker
    asker.site.quarters.close()


@pytest.fixture
def user(stranger: asking.Asker) -> asking.Asker:
    """Somebody who opened the printed address."""
    stranger.come_in()
    return stranger
