"""One signed-off run of a few cases, made once; a test that writes to it takes a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.submission.revisions.made import made, run_id_of, sign_off


@pytest.fixture(scope="session")
def signed_off_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``OUT`` of a run of a few cases that was signed off; only read."""
    out = tmp_path_factory.mktemp("signed") / "out"
    ended = made(out)
    assert ended.result == "clean"
    sign_off(out / "warehouse.duckdb", run_id_of(ended.folder), ended.folder)
    return out


@pytest.fixture
def out(signed_off_out: Path, tmp_path: Path) -> Path:
    """A copy of it to write to."""
    return Path(shutil.copytree(signed_off_out, tmp_path / "out"))
