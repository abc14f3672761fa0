"""Shared by all tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Timing is bench's business, and a test that is red once in a hundred runs teaches nothing.
settings.register_profile("hclic", deadline=None, derandomize=True)
settings.load_profile("hclic")


def shared_published() -> list[Path]:
    """Workbooks of ``../shared/published`` where present, else none: a fresh user has none of them."""
    folder = ROOT.parent / "shared" / "published"
    return sorted(p for p in folder.glob("*Detailed*") if p.suffix in {".ods", ".xlsx"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write the expected files of tests/golden again")
