"""Relations are made from their files in one place, and frames go into DuckDB in one place."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in (ROOT / "pipelines").rglob("*.py")}


def _files_with(pattern: str) -> set[str]:
    return {name for name, text in SOURCES.items() if re.search(pattern, text)}


def test_only_create_makes_a_relation_from_its_file() -> None:
    made_from_a_file = r"(?is)create\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?(?:table|view|\{\w+\})[^;\n]{0,80}sql\.text\("
    assert _files_with(made_from_a_file) == {"pipelines/transform/relations.py"}


def test_only_the_loader_hands_frames_to_duckdb() -> None:
    # Splink is told the name of a table, no frame.
    assert _files_with(r"(?<!atexit)(?<!\bapi)\.register\(") == {"pipelines/arrow.py"}
    assert _files_with(r"(?<!\bpl)\.from_arrow\(|\.from_df\(") == set()
