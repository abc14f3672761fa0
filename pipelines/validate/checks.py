"""Cross-section checks: SQL that selects the bad rows, run in one in-memory database over the frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import polars as pl

import sql
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


def _seen(section_name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The section without names, numbers and addresses: no check needs them. Dates of birth stay, for ages."""
    section = SECTION[section_name]
    hidden = [column.name for column in section.columns if column.personal and column.kind != "date"]
    return frame.drop(hidden, strict=False)


def _connect(sections: Mapping[str, pl.DataFrame], known: Known) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    con.execute("set enable_progress_bar = false")
    period = pl.DataFrame(
        {
            "authority": [known.authority],
            "first_day": [known.first_day],
            "last_day": [known.last_day],
            "as_at": [known.as_at],
            "hra_begins": [HRA_BEGINS],
        }
    )
    con.register("period", period)
    con.register("dated_code", _dated_codes())
    con.register("authority", _authorities())
    con.register("taduty", _taduties())
    for section in SECTIONS:
        if section.name in sections:
            con.register(section.name, _seen(section.name, sections[section.name]))
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
