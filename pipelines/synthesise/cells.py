"""The published cells of one authority and quarter, found by table and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.published.headings import SEPARATOR, layout_for
from schemas.codelists import codelist

ENGLAND = "E92000001"
# Counts that only other authorities' cases could give (spec part 4 of the tables: P4 and R4, last column).
OTHERS_CASES = "Total accommodated from other local authorities"


@dataclass(frozen=True)
class Cell:
    """One printed cell."""

    table: str
    path: str
    measure: str
    value: float | None
    note: str


@dataclass
class Sheet:
    """All printed cells of one authority in one quarter, and what was found about them on the way."""

    authority: str
    quarter: Quarter
    cells: dict[tuple[str, str, str], Cell]
    england: dict[tuple[str, str, str], float]
    clashes: list[dict[str, Any]] = field(default_factory=list)

    def count(self, table: str, path: str) -> int | None:
        """A printed count, or None when it is not printed."""
        cell = self.cells.get((table, path, "count"))
        return None if cell is None or cell.value is None else round(cell.value)

    def days(self, table: str, path: str) -> float | None:
        """A printed number of days."""
        cell = self.cells.get((table, path, "days"))
        return None if cell is None else cell.value

    def paths(self, table: str) -> list[str]:
        """Count columns of a table in the published order."""
        return [c.column_path for c in layout_for(str(self.quarter)).of(table) if c.measure == "count"]

    def find(self, table: str, *words: str) -> str | None:
        """The count column whose labels begin with these words, the first label and the last ones."""
        for path in self.paths(table):
            labels = path.split(SEPARATOR)
            if len(labels) >= len(words) and all(
                label.startswith(word)
                for label, word in zip([*labels[: len(words) - 1], labels[-1]], words, strict=True)
            ):
                return path
        return None

    def get(self, table: str, *words: str) -> int | None:
        """The printed count of the column found by ``find``."""
        path = self.find(table, *words)
        return None if path is None else self.count(table, path)

    def shape(self, table: str, path: str) -> float:
        """England's count in that column: how likely the column is where nothing is printed."""
        return self.england.get((table, path, "count"), 0.0)

    def clash(self, table: str, path: str, published: float, reached: float, reason: str, cells: list[str]) -> None:
        """Note a printed cell that the rows do not reach."""
        self.clashes.append(
            {
                "quarter": str(self.quarter),
                "table": table,
                "column_path": path,
                "published": float(published),
                "reached": float(reached),
                "reason": reason,
                "cells": "; ".join(cells),
            }
        )


@cache
def successor(code: str) -> str:
    """The code that stands for an authority today."""
    known = codelist("authority").codes.get(code)
    return code if known is None else (known.extra.get("active_code") or code)


def of_interest(tidy: pl.DataFrame, authority: str) -> pl.DataFrame:
    """The rows of one authority, under any code that has the same successor, and of England."""
    same = [code for code in tidy["la_code"].unique().to_list() if successor(str(code)) == successor(authority)]
    return tidy.filter(pl.col("la_code").is_in([*same, ENGLAND]))


def read_sheet(tidy: pl.DataFrame, authority: str) -> Sheet:
    """The cells of one authority from a tidy frame of one quarter, England's beside them where present.

    The authority is found under its own code or, sheet by sheet, under one with the same successor.

    Raises:
        InputError: the frame holds no row of the authority, or more than one quarter.
    """
    quarters = tidy["quarter"].unique().to_list()
    if len(quarters) != 1:
        raise InputError("A published workbook must hold exactly one quarter.")
    same = [code for code in tidy["la_code"].unique().to_list() if successor(str(code)) == successor(authority)]
    rows = tidy.filter(pl.col("la_code").is_in(same))
    if rows.is_empty():
        raise InputError("The published workbook has no row for that authority.")
    cells: dict[tuple[str, str, str], Cell] = {}
    names = ["la_code", "table", "column_path", "measure", "value", "note"]
    for code, table, path, measure, value, note in rows.select(names).iter_rows():
        key = (table, path, measure)
        if key in cells and code != authority:
            continue
        number = None if value is None or value == "" else float(value)
        cells[key] = Cell(table, path, measure, number, note or "")
    england: dict[tuple[str, str, str], float] = {}
    for _, table, path, measure, value, _ in tidy.filter(pl.col("la_code") == ENGLAND).select(names).iter_rows():
        if value is not None and value != "":
            england[(table, path, measure)] = float(value)
    return Sheet(authority, Quarter.parse(str(quarters[0])), cells, england)
