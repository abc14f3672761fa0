"""Files that hold case data are opened in one place, and nothing is made in the system's folder for temporary files."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "pipelines"

OPENS = {
    "at_rest.py": "the one place",
    "extract/steps/parsed.py": "parses statements, and holds no row",
    "extract/databases/duck.py": "reads an authority's own file",
    "finance/mart/child.py": "rows without personal data, in memory, which may not spill",
    "finance/mart/query.py": "parses statements, and holds no row",
    "synthesise/recount.py": "invented households, in memory",
}
MAKES = {
    "private.py": "the private folders themselves",
    "surroundings.py": "asks how much room there is",
    "setup/doctor/places.py": "asks whether folders can be written",
}


def those_with(pattern: str) -> set[str]:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py")}
    return {name for name, text in texts.items() if re.search(pattern, text)}


def test_files_are_opened_in_one_place() -> None:
    assert those_with(r"duckdb\.connect\(") == set(OPENS)


def test_nothing_is_made_in_the_folder_for_temporary_files() -> None:
    assert those_with(r"\btempfile\b") == set(MAKES)
