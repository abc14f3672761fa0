"""The gallery: questions that finance and managers ask of the mart, with their SQL and the sample's answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

QUESTIONS = Path(__file__).resolve().parents[3] / "docs" / "gallery.toml"

_HEAD = """\
# Twelve questions, answered

Made of `docs/gallery.toml` by `pytest tests/mart/test_gallery.py --rewrite-golden`, which also checks that the page is
current. Each question is one statement over [the mart](mart.md):

<!-- not run: each statement stands for SQL; tests/mart/test_gallery.py runs them all -->
```
hclic query "SQL" --warehouse out/warehouse.duckdb --out answer.xlsx
```

DuckDB's own page (`duckdb -ui mart.duckdb`) and every client that reads DuckDB or Parquet take the same SQL. The
answers here are those of the sample, whose households are invented.
"""


@dataclass(frozen=True)
class Question:
    """What is asked, how the answer is to be read, and the SQL."""

    asked: str
    read: str
    sql: str


def questions() -> tuple[Question, ...]:
    """The questions of ``docs/gallery.toml``, in its order."""
    entries = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]
    return tuple(Question(entry["asked"], entry["read"], entry["sql"].strip("\n")) for entry in entries)


def render_markdown(answers: Mapping[str, str]) -> str:
    """Text of ``docs/gallery.md``; ``answers``: by question, its rows as a table of text."""
    lines = [_HEAD]
    for number, one in enumerate(questions(), 1):
        lines += [f"## {number}. {one.asked}", "", one.read, "", "```sql", one.sql, "```", ""]
        lines += ["```", answers[one.asked], "```", ""]
    return "\n".join(lines).rstrip("\n") + "\n"
