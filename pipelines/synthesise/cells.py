"""The published cells of one authority and quarter, found by table and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import polars as pl

from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.published.headings import SEPARATOR, Column, layout_for
from pipelines.synthesise.exact.model import Proof
from schemas.codelists import codelist

ENGLAND = "E92000001"
_READ = ("la_code", "table", "column_path", "measure", "value", "note")
# Counts that only other authorities' cases could give (spec part 4 of the tables: P4 and R4, last column).
OTHERS_CASES = "Total accommodated from other local authorities"


class Cell(NamedTuple):
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
    proofs: dict[tuple[str, str], Proof] = field(default_factory=dict)
    """Table and column of each printed cell that is proved to give way; ``cells`` has what it is settled at."""

    def count(self, table: str, path: str) -> int | None:
        """A printed count, or None when it is not printed."""
        cell = self.cells.get((table, path, "count"))
        return None if cell is None or cell.value is None else round(cell.value)

    def days(self, table: str, path: str) -> float | None:
        """A printed number of days."""
        cell = self.cells.get((table, path, "days"))
        return None if cell is None else cell.value

    def paths(self, table: str, measure: str = "count") -> list[str]:
        """Columns of a table, by default its counts, in the published order."""
        return list(_paths(self.quarter, table, measure))

    def find(self, table: str, *words: str) -> str | None:
        """The count column whose labels begin with these words, the first label and the last ones."""
        return _find(self.quarter, table, words)

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
def _paths(quarter: Quarter, table: str, measure: str) -> tuple[str, ...]:
    return tuple(c.column_path for c in layout_for(str(quarter)).of(table) if c.measure == measure)


@cache
def _find(quarter: Quarter, table: str, words: tuple[str, ...]) -> str | None:
    for path in _paths(quarter, table, "count"):
        labels = path.split(SEPARATOR)
        if len(labels) >= len(words) and all(
            label.startswith(word) for label, word in zip([*labels[: len(words) - 1], labels[-1]], words, strict=True)
        ):
            return path
    return None


def sets_an_aim(column: Column) -> bool:
    """Whether the households are made to give a column's figures: its cells must be read, or they would be 0."""
    return column.measure in ("count", "days") and column.column_path != OTHERS_CASES


@cache
def successor(code: str) -> str:
    """The code that stands for an authority today."""
    known = codelist("authority").codes.get(code)
    return code if known is None else (known.extra.get("active_code") or code)


def of_interest(tidy: pl.DataFrame, authority: str) -> pl.DataFrame:
    """The rows of one authority, under any code that has the same successor, and of England."""
    same = [code for code in tidy["la_code"].unique().to_list() if successor(str(code)) == successor(authority)]
    return tidy.filter(pl.col("la_code").is_in([*same, ENGLAND]))


class Book:
    """One quarter's workbook, laid out by authority once: one after the other can be read from it.

    Args:
        tidy: rows as ``pipelines.published.reader`` gives them.

    Raises:
        InputError: the frame holds more than one quarter, or none.
    """

    def __init__(self, tidy: pl.DataFrame) -> None:
        quarters = tidy["quarter"].unique().to_list()
        if len(quarters) != 1:
            raise InputError("A published workbook must hold exactly one quarter.")
        self.quarter = Quarter.parse(str(quarters[0]))
        parts = tidy.select(_READ).partition_by("la_code", as_dict=True, maintain_order=True)
        self._rows = {str(code): rows for (code,), rows in parts.items()}
        self._england = {
            (table, path, measure): float(value)
            for _, table, path, measure, value, _ in self._of([ENGLAND])
            if value is not None and value != ""
        }

    @property
    def authorities(self) -> list[str]:
        """The codes for which anything is printed, regions and England left out, sorted."""
        known = codelist("authority").codes
        return sorted(code for code in self._rows if code in known and code != ENGLAND)

    def sheet(self, authority: str) -> Sheet:
        """The cells of one authority, England's beside them where present.

        The authority is found under its own code or, sheet by sheet, under one with the same successor.

        Raises:
            InputError: the workbook holds no row of the authority.
        """
        same = [code for code in self._rows if successor(code) == successor(authority)]
        if not same:
            raise InputError("The published workbook has no row for that authority.")
        cells: dict[tuple[str, str, str], Cell] = {}
        for code, table, path, measure, value, note in self._of(same):
            key = (table, path, measure)
            if key in cells and code != authority:
                continue
            number = None if value is None or value == "" else float(value)
            cells[key] = Cell(table, path, measure, number, note or "")
        return Sheet(authority, self.quarter, cells, self._england)

    def _of(self, codes: list[str]) -> Iterator[tuple[Any, ...]]:
        return chain.from_iterable(self._rows[code].iter_rows() for code in codes if code in self._rows)


def read_sheet(tidy: pl.DataFrame, authority: str) -> Sheet:
    """The cells of one authority from a tidy frame of one quarter: ``Book.sheet``, for one authority alone.

    Raises:
        InputError: the frame holds no row of the authority, or more than one quarter.
    """
    return Book(of_interest(tidy, authority)).sheet(authority)
