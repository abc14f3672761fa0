"""Cross-section checks: SQL that selects the bad rows, run over the facts of one edition of the cases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import polars as pl

import sql
from pipelines import at_rest
from pipelines.transform import RECORDED, build_facts, load_sections, prepare
from pipelines.validate.context import Context
from pipelines.validate.frames import NotRun, finding_frame, reason_for
from schemas.rules import Rule
from schemas.sections import SECTION, SECTIONS

_BAD = {"case_ref": pl.String(), "record_key": pl.String(), "value": pl.String()}


@cache
def _words() -> frozenset[str]:
    """Every word of every check and of the facts that they read."""
    return frozenset(
        word
        for folder in ("checks", "facts")
        for name in sql.names(folder)
        for word in re.findall(r"\w+", sql.text(f"{folder}/{name}.sql"))
    )


def _seen(section_name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Only the columns that some check names: names, numbers and addresses of people are never copied."""
    names = [name for name in SECTION[section_name].names if name in frame.columns and name in _words()]
    return frame.select(names)


def _connect(sections: Mapping[str, pl.DataFrame], context: Context) -> duckdb.DuckDBPyConnection:
    con = at_rest.connect(":memory:")
    # Tens of thousands of rows: the threads of a query cost more than they bring.
    con.execute("set threads = 1")
    load_sections(con, {name: _seen(name, frame) for name, frame in sections.items() if name in SECTION})
    prepare(
        con,
        run_id="",
        la_code=context.authority,
        quarter=context.quarter,
        as_at=context.as_at,
        settings=context.settings,
    )
    return con


def sql_findings(
    rules: Sequence[Rule], sections: Mapping[str, pl.DataFrame], context: Context
) -> tuple[dict[str, pl.DataFrame], NotRun]:
    """Bad rows by rule, and the rules that could not run."""
    if not rules:
        return {}, {}
    if missing := _missing(sections):
        return {}, {rule.rule_id: missing for rule in rules}
    con = _connect(sections, context)
    try:
        try:
            build_facts(con, RECORDED)
        except duckdb.Error as error:
            reason = f"the facts that it reads could not be made ({type(error).__name__})"
            return {}, {rule.rule_id: reason for rule in rules}
        return check_edition(con, rules)
    finally:
        con.close()


def check_edition(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> tuple[dict[str, pl.DataFrame], NotRun]:
    """Bad rows by rule in the edition that is in use, whose facts have been made; and the rules that could not run."""
    out: dict[str, pl.DataFrame] = {}
    not_run: NotRun = {}
    for rule in rules:
        try:
            rows = con.execute(_query(rule)).fetchall()
            if rows:
                out[rule.rule_id] = finding_frame(rule, pl.DataFrame(rows, schema=_BAD, orient="row"))
        except Exception as error:
            out.pop(rule.rule_id, None)
            not_run[rule.rule_id] = reason_for(error)
    return out, not_run


def _query(rule: Rule) -> str:
    if rule.relation is None:
        return sql.text(f"checks/{rule.rule_id}.sql")
    text = sql.text(f"checks/{rule.relation}.sql")
    return f"select case_ref, record_key, shown from ({text}) where rule_id = '{rule.rule_id}'"


def _missing(sections: Mapping[str, pl.DataFrame]) -> str:
    """Why the facts cannot be made: a section or a column that they or the checks read was not given."""
    for section in SECTIONS:
        frame = sections.get(section.name)
        if frame is None:
            return f"the section {section.name} is missing"
        for name in section.names:
            if name in _words() and name not in frame.columns:
                return f"the column {section.name}.{name} is missing"
    return ""
