"""Rows made by the keys of one table, over a plain database: what the keys give, and what they say of the data."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.extract.problems import PROBLEMS
from pipelines.extract.steps.declared import INPUT, compile
from pipelines.extract.steps.step import Said, literal, quoted
from schemas.sources import parse

OTHERS = """
[[table]]
file = "main rows"
[table.main]
case_ref = "Ref"
[[table]]
file = "people rows"
[table.people]
case_ref = "Ref"
"""


@dataclass
class Made:
    """Rows after the keys, and findings."""

    rows: list[dict[str, Any]]
    """By heading; hidden columns too."""
    said: list[Said]
    steps: list[str]

    @property
    def kinds(self) -> list[str]:
        """Ids of the findings, in order."""
        return [one.problem for one in self.said]

    def column(self, *headings: str) -> list[Any]:
        """The cells under the heading, or under each of them as a tuple, by row."""
        found = [tuple(row[one] for one in headings) for row in self.rows]
        return [one[0] for one in found] if len(headings) == 1 else found

    def message(self, problem: str) -> str:
        """The only finding of that kind, in words."""
        (said,) = [one for one in self.said if one.problem == problem]
        return PROBLEMS[problem].message.format(place=f"the table, column '{said.column}'", near="", **said.words)


def made(table: str, *, dates: str = '["uk", "iso", "serial"]', **files: str) -> Made:
    """What the keys of the table make of the files; the table's own is the first, and each is CSV with headings.

    Numbers of the files, from 1, and of their rows (the headings are row 1) are the places.
    """
    profile = parse(f"[options]\ndates = {dates}\n[[table]]\n{table}\n{OTHERS}", "test")
    shape = profile.tables[0].shape
    assert shape is not None
    con = duckdb.connect()
    con.execute("set threads = 1")
    for number, (name, text) in enumerate(files.items(), 1):
        load(con, name, number, text)
    steps = compile(shape, lambda name: columns(con, next(iter(files)) if name == INPUT else name), "the table")
    con.execute(f"create view {quoted(INPUT)} as select * from {quoted(next(iter(files)))}")
    said: list[Said] = []
    for number, step in enumerate(steps):
        for name, sql in step.helpers:
            con.execute(f"create table {quoted(name)} as {sql}")
        con.execute(f'create table "step {number}" as {step.sql}')
        said += step.said
        for check in step.checks:
            for row in dicts(con, check.sql):
                said += check.judge(row)
        for name, _ in step.helpers:
            con.execute(f"drop table {quoted(name)}")
        con.execute(f'create or replace view {quoted(INPUT)} as select * from "step {number}"')
    return Made(dicts(con, f"select * from {quoted(INPUT)} order by _at"), said, [step.name for step in steps])


def load(con: duckdb.DuckDBPyConnection, name: str, number: int, text: str) -> None:
    """A file of the export as a relation of text, as the workspace holds it."""
    headings, *rows = [one for one in csv.reader(io.StringIO(text.strip())) if one]
    cells = ", ".join(f"{quoted(one)} varchar" for one in headings)
    con.execute(f"create table {quoted(name)} ({cells}, _file varchar, _row bigint, _at struct(t integer, r bigint)[])")
    for row, content in enumerate(rows, 2):
        values = ", ".join(literal(one.strip()) if one.strip() else "null" for one in content)
        con.execute(
            f"insert into {quoted(name)} values ({values}, {literal(f'{name}.csv')}, {row},"
            f" [{{'t': {number}, 'r': {row}}}])"
        )


def columns(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The relation's columns."""
    return [row[0] for row in con.execute(f"describe {quoted(name)}").fetchall()]


def dicts(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Rows of a query by column."""
    result = con.execute(sql)
    names = [one[0] for one in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def places(*pairs: tuple[int, int]) -> list[dict[str, int]]:
    """A list of places: file and row."""
    return [{"t": file, "r": row} for file, row in pairs]
