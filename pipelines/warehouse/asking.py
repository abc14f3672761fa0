"""Asking a run what it says of findings that it does not have: whether they are put right, or why nothing is known."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.findings_id import KNOWN_AS
from pipelines.period import Quarter
from pipelines.transform.relations import create
from pipelines.warehouse.asked import Asked, known_rule
from schemas.rules import rules_in_force
from schemas.sections import SECTIONS, Section

BLANK = "(blank)"
"""What a natural key says of a part of it that is not there."""

_FOLDER = "findings"
_READING = "^X-"


def make(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make one relation of ``sql/findings`` of those that it reads, as a table of this connection."""
    create(con, _FOLDER, name)


def say_of_rules(con: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """``known_rule``: one row per rule of a finding in ``gone``; ``out_of_force``: per rule and quarter without it."""
    ids = [rule_id for (rule_id,) in con.execute("select distinct rule_id from gone order by 1").fetchall()]
    rows = [known_rule(rule_id) for rule_id in ids]
    kinds = {
        "rule_id": pl.String(),
        **dict.fromkeys(("is_of_quarter", "is_of_comparison", "is_of_waivers", "is_of_pack"), pl.Boolean()),
    }
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    arrow.load(con, "create or replace temp table known_rule as select * from incoming", frame)
    quarters = {asked.quarter} | {
        Quarter.parse(text) for (text,) in con.execute("select distinct quarter from compared_run").fetchall()
    }
    out = [
        (rule.rule_id, str(quarter)) for quarter in sorted(quarters) for rule, _ in rules_in_force(quarter.last_day)[1]
    ]
    frame = pl.DataFrame(out, schema={"rule_id": pl.String(), "quarter": pl.String()}, orient="row")
    arrow.load(con, "create or replace temp table out_of_force as select * from incoming", frame)


def add_rules(con: duckdb.DuckDBPyConnection) -> None:
    """The same for the rules of findings that wait to be asked after."""
    ids = con.execute("select distinct rule_id from waiting anti join known_rule using (rule_id)").fetchall()
    for (rule_id,) in ids:
        con.execute("insert into known_rule values (?, ?, ?, ?, ?)", list(known_rule(rule_id)))


def ask(con: duckdb.DuckDBPyConnection, asked: Asked | None, records: str | None, place: int | None = None) -> None:
    """``asked_again``: what a run says of the findings of ``asked_after``: this one, or the one at ``place``."""
    if asked is not None:
        run_id = asked.run_id
        con.execute("create or replace temp table asking_run as from this_run")
    else:
        con.execute(
            "create or replace temp table asking_run as select compared_run.*, true as is_whole, this_run.own_profile"
            " from compared_run cross join this_run where compared_run.place = ?",
            [place],
        )
        ((run_id,),) = con.execute("select run_id from asking_run").fetchall()
    con.execute("create or replace temp table case_wanted as select distinct case_ref from asked_after")
    lay_out_records(con, "there", run_id, records)
    misread = "found_here" if asked is not None else f"(select * from findings where run_id = '{run_id}')"
    con.execute(
        "create or replace temp table misread_there as"
        " select misread.case_ref, misread.section, misread.fields, seen_before.first_place"
        f" from {misread} as misread left join seen_before on misread.finding_id = seen_before.finding_id"
        " where regexp_matches(misread.rule_id, ?) and misread.section is not null",
        [_READING],
    )
    make(con, "asked_again")


def lay_out_records(con: duckdb.DuckDBPyConnection, name: str, run_id: str, records: str | None) -> None:
    """One row per record of the run that is of a case in ``case_wanted``: section, case_ref, record_key, identity."""
    if records is not None:
        source = f"select * from {records} semi join case_wanted using (case_ref)"
    else:
        con.execute("create or replace temp table run_wanted as select ? as run_id", [run_id])
        source = " union all ".join(
            f"select '{section.name}' as section, case_ref, {_key(section)} as record_key,"
            f" {_identity(section)} as identity from snapshot_{section.name}"
            " semi join run_wanted using (run_id) semi join case_wanted using (case_ref)"
            for section in SECTIONS
        )
    con.execute(f"create or replace temp table {name} as {source}")


def _key(section: Section) -> str:
    """The natural key of a record as findings name it (``pipelines.validate.reporting.record_key``)."""
    parts = [f"'{name}=' || coalesce({name}::varchar, '{BLANK}')" for name in section.key if name != "case_ref"]
    return " || ', ' || ".join(parts) or "null::varchar"


def _identity(section: Section) -> str:
    names = ", ".join(f"{name}::varchar" for name in KNOWN_AS.get(section.name, ()))
    return f"coalesce({', '.join(part for part in (names, _key(section)) if part)})"


def holds_rows(con: duckdb.DuckDBPyConnection, rows: str) -> bool:
    """Whether there is any such row."""
    return con.execute(f"select exists (from {rows})").fetchone() == (True,)
