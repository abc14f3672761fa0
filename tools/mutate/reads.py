"""Which files under mutation a test module reads: the SQL it asks for and the lines of Python it runs.

Runs inside the process that tests one module (see ``run.py``); nothing here imports the project before the tests do.
"""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import coverage
import pytest

Read = dict[str, list[int]]
"""Lines by file; no lines for a SQL file, which is read as a whole."""


class Reader:
    """A pytest plugin that watches one run."""

    def __init__(self, root: Path, python: list[str]) -> None:
        self.root, self.python = root, python
        self.sql: set[str] = set()
        self.failed: set[str] = set()
        self.cover = coverage.Coverage(data_file=None, config_file=False, include=[str(root / file) for file in python])

    def start(self) -> None:
        """Watch every SQL text that is asked for, and every line that is run."""
        package = importlib.import_module("sql")
        given, entries = package.text, package._entries

        def text(path: str) -> str:
            folder, _, name = path.rpartition("/")
            entry = entries(folder).get(name.removesuffix(".sql"))
            if entry is not None:
                self.sql.add(Path(str(entry)).resolve().relative_to(self.root.resolve()).as_posix())
            content: str = given(path)
            return content

        text.cache_clear = given.cache_clear  # type: ignore[attr-defined]
        package.text = text
        threading.settrace(None)  # type: ignore[arg-type]
        self.cover.start()

    def result(self) -> Read:
        """What was read; ends the watch."""
        self.cover.stop()
        data = self.cover.get_data()
        read: Read = {file: [] for file in sorted(self.sql)}
        for path in sorted(data.measured_files()):
            if lines := data.lines(path):
                read[Path(path).resolve().relative_to(self.root.resolve()).as_posix()] = sorted(lines)
        return read

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


class Killer:
    """A pytest plugin: the tests that caught the last mutants first; keeps the name of the one that caught this."""

    def __init__(self, first: list[str]) -> None:
        self.first = {name: place for place, name in enumerate(first)}
        self.caught_by: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.first.get(item.nodeid, len(self.first)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.caught_by is None:
            self.caught_by = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and self.caught_by is None:
            self.caught_by = report.nodeid
