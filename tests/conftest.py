"""Shared by all tests."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Tests read workbooks themselves, and leave the cache folder of whoever runs them alone.
os.environ["HCLIC_CACHE"] = "off"
# What a command needs for the meantime stands in no home folder either, and the machine's key is not the tests'.
os.environ["HCLIC_WORK"] = str(Path(tempfile.gettempdir()) / f"hclic-tests-{os.getpid()}")
os.environ.pop("HCLIC_WAREHOUSE_KEY", None)

# Timing is bench's business, and a test that is red once in a hundred runs teaches nothing.
settings.register_profile("hclic", deadline=None, derandomize=True)
settings.load_profile("hclic")


# Whole workbooks, too large for the repository: a fresh user has none of them.
WHOLE_WORKBOOKS = ROOT.parent / "shared" / "published"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write the expected files of tests/golden again")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what could not be tested on this machine, and what would be needed for it."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    workbooks = [reason.split()[1] for reason in reasons if reason.endswith("../shared/published is not here")]
    browser = [reason for reason in reasons if "Chromium" in reason or "'browser'" in reason]
    others = Counter(r for r in reasons if not r.endswith("../shared/published is not here") and r not in browser)
    said = []
    if workbooks:
        said.append(f"{len(workbooks)} checks of {len(set(workbooks))} workbooks of ../shared/published (not here)")
    if browser:
        said.append(f"{len(browser)} browser tests (no Chromium)")
    said.extend(f"{count} × {reason.removeprefix('Skipped: ')}" for reason, count in sorted(others.items()))
    if said:
        terminalreporter.write_line(f"left out: {'; '.join(said)}")
