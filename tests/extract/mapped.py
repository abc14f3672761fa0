"""A profile of one table of cases, for exports of a few lines in other shapes than ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.extract import Extracted

CASES = """
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
[table.people]
case_ref = "Case"
person_no = { constant = "1" }
relationship = { constant = "main_applicant" }
dependent = { constant = "no" }
"""
"""Each row a case of one person; tables of further sections follow it."""


def write(folder: Path, profile: str, **files: str) -> Path:
    """An export of these CSV files in ``folder``/in, beside its profile ``mine.toml``; returns the export."""
    export = folder / "in"
    export.mkdir(parents=True)
    (folder / "mine.toml").write_text(profile, encoding="utf-8")
    for name, text in files.items():
        (export / f"{name}.csv").write_text(text.strip() + "\n", encoding="utf-8")
    return export


def run(tmp_path: Path, read: Callable[..., Extracted], profile: str, **files: str) -> Extracted:
    """Read an export of these CSV files through a profile of this text."""
    export = write(tmp_path, profile, **files)
    return read(export, str(tmp_path / "mine.toml"))
