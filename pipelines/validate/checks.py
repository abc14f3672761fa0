"""Cross-section checks: SQL that selects the bad rows, run in one in-memory database over the frames."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.validate.frames import NotRun, finding_frame, reason_for
from schemas.codelists import codelist, codelist_names
from schemas.rules import HRA_BEGINS, Known, Rule
from schemas.sections import SECTION, SECTIONS

# Read before the checks, in this order; each is a table that the checks share.
SHARED = ("household_people", "case_facts")

_BAD = {"case_ref": pl.String(), "record_key": pl.String(), "value": pl.String()}


@cache
def _dated_codes() -> pl.DataFrame:
    """One row per code that has a first or last day."""
    rows = [
        (name, code.code, code.valid_from, code.valid_to)
        for name in codelist_names()
        for code in codelist(name).codes.values()
        if code.valid_from or code.valid_to
    ]
    schema = {"list": pl.String(), "code": pl.String(), "valid_from": pl.Date(), "valid_to": pl.Date()}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def _authorities() -> pl.DataFrame:
    """One row per authority code with the code that it is now part of."""
    rows = [
        (code.code, code.extra["active_code"] or None, code.extra["country"] or None)
        for code in codelist("authority").codes.values()
    ]
    return pl.DataFrame(
        rows, schema={"code": pl.String(), "active_code": pl.String(), "country": pl.String()}, orient="row"
    )


@cache
def _taduties() -> pl.DataFrame:
    """One row per duty or power under which temporary accommodation is provided, with its group."""
    rows = [(code.code, code.extra["group"] or None) for code in codelist("taduty").codes.values()]
    return pl.DataFrame(rows, schema={"code": pl.String(), "duty_group": pl.String()}, orient="row")


@cache
def _words() -> frozenset[str]:
    """Every word of every check."""
    names = sql.names("checks")
    return frozenset(word for name in names for word in re.findall(r"\w+", sql.text(f"checks/{name}.sql")))


def _seen(section_name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Only the columns that some check names: names, numbers and addresses of people are never copied."""
    names = [name for name in SECTION[section_name].names if name in frame.columns and name in _words()]
    return frame.select(names)


def _load(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """A table of its own: reading the frame anew in every check takes twice as long as the checks themselves."""
    arrow.load(con, f'create temp table "{name}" as select * from incoming', frame)


def _load_once(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """``one_<section>``: one row per case. A case twice is a finding of the model; here its first row speaks for it."""
    if "case_ref" in frame.columns and frame["case_ref"].is_duplicated().any():
        _load(con, f"one_{name}", frame.sort(frame.columns).unique("case_ref", keep="first", maintain_order=True))
    else:
        con.execute(f'create temp view "one_{name}" as select * from "{name}"')


def _connect(sections: Mapping[str, pl.DataFrame], known: Known) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    # Tens of thousands of rows: the threads of a query cost more than they bring.
    con.execute("set threads = 1")
    period = pl.DataFrame(
        {
            "authority": [known.authority],
            "first_day": [known.first_day],
            "last_day": [known.last_day],
            "as_at": [known.as_at],
            "hra_begins": [HRA_BEGINS],
        }
    )
    _load(con, "period", period)
    _load(con, "dated_code", _dated_codes())
    _load(con, "authority", _authorities())
    _load(con, "taduty", _taduties())
    for section in SECTIONS:
        if section.name in sections:
            frame = _seen(section.name, sections[section.name])
            _load(con, section.name, frame)
            if not section.many:
                _load_once(con, section.name, frame)
    return con


def sql_findings(
    rules: Sequence[Rule], sections: Mapping[str, pl.DataFrame], known: Known
) -> tuple[dict[str, pl.DataFrame], NotRun]:
    """Bad rows by rule, and the rules that could not run."""
    out: dict[str, pl.DataFrame] = {}
    not_run: NotRun = {}
    if not rules:
        return out, not_run
    con = _connect(sections, known)
    try:
        for name in SHARED:
            try:
                con.execute(f"create temp table {name} as {sql.text(f'checks/{name}.sql')}")
            except duckdb.Error as error:
                reason = f"{name}, which it reads, could not be made ({type(error).__name__})"
                return {}, {rule.rule_id: reason for rule in rules}
        for rule in rules:
            try:
                rows = con.execute(sql.text(f"checks/{rule.rule_id}.sql")).fetchall()
                if rows:
                    out[rule.rule_id] = finding_frame(rule, pl.DataFrame(rows, schema=_BAD, orient="row"))
            except Exception as error:
                out.pop(rule.rule_id, None)
                not_run[rule.rule_id] = reason_for(error)
    finally:
        con.close()
    return out, not_run
