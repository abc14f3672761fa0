"""Rows of a query on the screen and in files."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from pipelines.emit.workbooks.relations import write_relations
from pipelines.errors import UsageError
from pipelines.finance.mart.child import Answer
from pipelines.finance.mart.relations import COSTS, RELATIONS, documentation
from pipelines.whole import into, written

SUFFIXES = (".csv", ".xlsx")
ABOUT = "about"
_WIDEST = 120


def check_path(path: Path) -> None:
    """Refuse a file that is neither CSV nor XLSX.

    Raises:
        UsageError: another suffix.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError("--out is a file that ends in .csv or .xlsx.")


def _csv(answer: Answer) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(["" if value is None else _word(value) for value in row] for row in answer.rows)
    return text.getvalue()


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _safe(text: str) -> str:
    """Without characters that a terminal would obey."""
    return "".join("�" if unicodedata.category(mark) in {"Cc", "Cf"} else mark for mark in text)


def shown(answer: Answer, form: str) -> str:
    """The rows as a table of text, or as CSV (``form``: ``table`` or ``csv``)."""
    if form == "csv":
        return "\n".join(_safe(line) for line in _csv(answer).splitlines())
    rows = [["" if value is None else _safe(_word(value))[:_WIDEST] for value in row] for row in answer.rows]
    heads = [_safe(name) for name in answer.columns]
    widths = [max([len(head), *(len(row[n]) for row in rows)]) for n, head in enumerate(heads)]
    is_number = [
        all(value is None or (not isinstance(value, bool | str) and hasattr(value, "__add__")) for value in column)
        for column in (list(zip(*answer.rows, strict=True)) or [()] * len(heads))
    ]

    def line(cells: list[str]) -> str:
        placed = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, is_number, strict=True)
        )
        return "  ".join(placed).rstrip()

    count = f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}"
    return "\n".join([line(heads), line(["-" * width for width in widths]), *map(line, rows), count])


def _unique(names: list[str]) -> list[str]:
    """Headings told apart without regard to case, as a table in a workbook needs them."""
    made: list[str] = []
    seen: set[str] = set()
    for given in names:
        name = _safe(" ".join(given.split()))[:200]
        candidate, number = name or "column", 1
        while candidate.lower() in seen:
            number += 1
            candidate = f"{name or 'column'}_{number}"
        seen.add(candidate.lower())
        made.append(candidate)
    return made


def _series(name: str, values: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, [None if value is None else _word(value) for value in values], dtype=pl.String)


def about(tables: Mapping[str, pa.Table], statement: str) -> Answer:
    """What an answer is and rests on: the question, the facts about the mart, and every column of what it read.

    Args:
        tables: the relations that the statement reads, and the relation ``about``.
        statement: the question.
    """
    rows: list[tuple[Any, ...]] = [("question", " ".join(statement.split()))]
    rows += [tuple(row.values()) for row in tables[ABOUT].to_pylist()]
    if COSTS in tables:
        rows += [("basis of the costs", basis) for basis in tables[COSTS]["basis"].unique().to_pylist()]
    for name in tables:
        if name != ABOUT:
            known = documentation(name)
            rows.append((name, known.grain))
            rows += [
                (f"{name}.{column}", f"{known.headings[column]}: {text}") for column, text in known.columns.items()
            ]
    return Answer(["item", "value"], rows, is_cut=False)


def _frame(answer: Answer) -> pl.DataFrame:
    names = _unique(answer.columns)
    return pl.DataFrame([_series(name, [row[n] for row in answer.rows]) for n, name in enumerate(names)])


def write_rows(answer: Answer, path: Path, beside: Answer) -> list[Path]:
    """Write the rows to a CSV or a workbook with one named table; returns the paths.

    ``beside`` says what they are (``about``): a second sheet of the workbook, or a second CSV, ``<name>.about.csv``.

    Raises:
        UsageError: the file cannot be written.
    """
    check_path(path)
    try:
        if path.suffix.lower() == ".csv":
            said = path.with_suffix(".about.csv")
            with into(path.parent) as new:
                (new / path.name).write_text(_csv(answer), encoding="utf-8", newline="")
                (new / said.name).write_text(_csv(beside), encoding="utf-8", newline="")
            return [path, said]
        rows, meaning = _frame(answer), _frame(beside)
        pounds = {column for name in RELATIONS for column in documentation(name).money}
        known = {column: words for name in RELATIONS for column, words in documentation(name).headings.items()}
        headings = {column: known[column] for column in rows.columns if column in known}
        with written(path) as new:
            write_relations(new, {"query": rows, ABOUT: meaning}, headings={"query": headings}, money={"query": pounds})
        return [path]
    except OSError:
        raise UsageError("The file of --out could not be written.") from None
