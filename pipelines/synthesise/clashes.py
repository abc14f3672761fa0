"""The printed cells that the invented households do not give, and what is known of the reason."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.published.cells import SUPPRESSED
from pipelines.published.identities import wrong_columns
from pipelines.synthesise.cells import Sheet

PROVED = "proved contradiction"
DEFECT = "known defect"
HIDDEN = "hidden in print"
NOT_PROVED = "not reached, not proved"

CLASH_SCHEMA = {
    "quarter": pl.String(),
    "table": pl.String(),
    "column_path": pl.String(),
    "published": pl.Float64(),
    "reached": pl.Float64(),
    "kind": pl.String(),
    "reason": pl.String(),
    "cells": pl.String(),
}

HOLDS = "the printed cells of the quarter hold together, but these households do not give this one"
NO_SOLVER = "the solver is not installed, so nothing is proved"
OUT_OF_TIME = "the solver was given no more time"


def missed(sheet: Sheet) -> set[str]:
    """Tables with a noted cell that is missed and is no known defect of the whole column."""
    wrong = {(w.table, w.column_path) for w in wrong_columns(str(sheet.quarter))}
    last = {(row["table"], row["column_path"]): row for row in sheet.clashes}
    return {key[0] for key, row in last.items() if key not in wrong and row["published"] != row["reached"]}


def as_noted(printed: Sheet, used: Sheet, why: dict[str, str]) -> list[dict[str, Any]]:
    """Clashes of a quarter as the dealing of ``used`` noted them, with the cells proved to give way.

    Nothing is counted again. ``why`` says for a table why a miss of it has no proof.
    """
    found: dict[tuple[str, str], float | None] = {
        (table, path): used.cells[table, path, measure].value
        for (table, path, measure), cell in printed.cells.items()
        if cell.value is not None and used.cells[table, path, measure].value != cell.value
    }
    found |= {(row["table"], row["column_path"]): row["reached"] for row in used.clashes}
    rows = []
    for (table, path), reached in found.items():
        published = printed.count(table, path)
        shown = printed.days(table, path) if published is None else float(published)
        if shown != reached:
            rows.append(_row(used, table, path, shown, reached, why))
    return rows


def as_counted(
    printed: Sheet, used: Sheet, why: dict[str, str], ours: pl.DataFrame, free: set[tuple[str, str, str]]
) -> list[dict[str, Any]]:
    """Every printed count and number of days that the finished rows do not give, and what they show of hidden ones.

    ``ours`` are the tables of the finished rows, unsuppressed; ``free`` names the cells that set no aim.
    """
    from pipelines.disclosure.official import suppress, suppressions

    bases = {
        (rule.table, column.column_path): rule.base.column_path
        for rule in suppressions(str(printed.quarter))
        for column in rule.hidden
    }
    rows = []
    for counted, shown in zip(ours.iter_rows(named=True), suppress(ours).iter_rows(named=True), strict=True):
        key = (counted["table"], counted["column_path"], counted["measure"])
        cell = printed.cells.get(key)
        if cell is None or key[2] not in ("count", "days"):
            continue
        # A7 is also hidden for its quality, which no household tells (published-tables 2).
        if cell.note == SUPPRESSED and shown["note"] != SUPPRESSED and key[0] != "A7":
            base = bases.get(key[:2])
            rows.append(_hidden(printed, key[0], key[1], base, counted["value"]))
        elif cell.value is not None and key not in free and counted["value"] != cell.value:
            rows.append(_row(used, key[0], key[1], cell.value, counted["value"], why))
    return rows


def in_words(clashes: pl.DataFrame) -> str:
    """In a sentence how many published cells are not reached, and how many of each kind; what to install for proofs."""
    if clashes.is_empty():
        return "Every published cell is reached (clashes.csv is empty)."
    number = dict(clashes.group_by("kind").len().rows())
    kinds = [
        (PROVED, "contradict others, which is proved"),
        (DEFECT, "are known defects"),
        (HIDDEN, "are hidden in print and not here"),
        (NOT_PROVED, "are not reached without a proof"),
    ]
    parts = ", ".join(f"{number[kind]} {words}" for kind, words in kinds if number.get(kind))
    more = ""
    if NO_SOLVER in clashes["reason"]:
        more = " Nothing could be proved, because the solver is not installed: pip install 'hclic[exact]'."
    return f"Published cells that are not reached (clashes.csv): {parts}.{more}"


def _hidden(printed: Sheet, table: str, path: str, base: str | None, reached: float) -> dict[str, Any]:
    total = None if base is None else printed.count(table, base)
    if total is not None and total >= OFFICIAL_BASE_BELOW:
        reason = f"MHCLG hides it although it prints {total} as {base}, which is not below {OFFICIAL_BASE_BELOW}"
    else:
        reason = f"MHCLG hides what is counted from fewer than {OFFICIAL_BASE_BELOW}, and these households are more"
    return _listed(printed, table, path, None, reached, HIDDEN, reason)


def _row(
    used: Sheet, table: str, path: str, published: float | None, reached: float | None, why: dict[str, str]
) -> dict[str, Any]:
    wrong = {(w.table, w.column_path): w.reason for w in wrong_columns(str(used.quarter))}
    proof = used.proofs.get((table, path))
    cells = ""
    if (table, path) in wrong:
        kind, reason = DEFECT, wrong[table, path]
    elif proof is not None:
        kind, reason = PROVED, proof.sentence
        cells = "; ".join(f"{cell.table}: {cell.column_path}" for cell in proof.cells)
    else:
        kind, reason = NOT_PROVED, why.get(table, HOLDS)
    return _listed(used, table, path, published, reached, kind, reason, cells)


def _listed(
    sheet: Sheet,
    table: str,
    path: str,
    published: float | None,
    reached: float | None,
    kind: str,
    reason: str,
    cells: str = "",
) -> dict[str, Any]:
    return {
        "quarter": str(sheet.quarter),
        "table": table,
        "column_path": path,
        "published": published,
        "reached": None if reached is None else float(reached),
        "kind": kind,
        "reason": reason,
        "cells": cells,
    }
