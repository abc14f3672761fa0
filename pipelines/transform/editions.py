"""The editions of a run's cases, each a schema of the run's database.

``recorded`` is the export as at its day; officers' checks read it. ``quarter_end`` holds the same cases as they were
known on the quarter's last day: what happened later is masked, with everything that depends on it; local metrics of
the quarter read it, so that they do not change with the day the export was taken. ``sent`` is that, of the cases of
the return only: the return, its recount and the official tables read it. The same SQL text makes facts and marts in
each: it names no schema, and ``use`` says which one it reads and writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.period import Quarter
from pipelines.settings import Settings, values
from pipelines.transform.codes import create_codelists
from pipelines.transform.relations import create
from pipelines.transform.selection import select_cases
from schemas.sections import SECTIONS

RECORDED, QUARTER_END, SENT = "recorded", "quarter_end", "sent"
MAIN = "main"

STAGING: tuple[str, ...] = (
    "main",
    "people",
    "support_needs",
    "prevention",
    "relief",
    "final_duties",
    "assistance",
    "temporary_accommodation",
    "reviews",
)
"""The sections, as ``sql/staging`` masks them; each reads those before it."""

FACTS: tuple[str, ...] = (
    "ages",
    "members",
    "needs",
    "decisions",
    "duties",
    "placements",
    "bb_spans",
    "bb_nights",
    "bb_limits",
    "review_dates",
    "cases",
    "placement_duties",
)
"""What a case is, said once: each reads only the sections, ``one_<section>`` and those before it."""

MARTS: tuple[str, ...] = ("stays", "households", "events")
"""Each relation reads only the sections, the facts and those before it."""

RUN_DATABASE = "run_database"
"""Name under which a run database is attached to a connection to another file."""


def use(con: duckdb.DuckDBPyConnection, edition: str) -> None:
    """Let names without a schema mean the relations of one edition, and those that all editions share."""
    databases = [
        name for (name,) in con.execute("select database_name from duckdb_databases() where not internal").fetchall()
    ]
    if RUN_DATABASE in databases:
        others = [f'"{name}".main' for name in databases if name != RUN_DATABASE]
        path = [f"{RUN_DATABASE}.{edition}", f"{RUN_DATABASE}.{MAIN}", *others]
    else:
        path = [edition, MAIN]
    con.execute(f"set search_path = '{','.join(dict.fromkeys(path))}'")


@contextmanager
def edition(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[None]:
    """Use one edition in a block, and what was in use before after it."""
    row = con.execute("select current_setting('search_path')").fetchone()
    assert row is not None
    use(con, name)
    try:
        yield
    finally:
        con.execute("set search_path = '" + row[0].replace("'", "''") + "'")


def create_schema(con: duckdb.DuckDBPyConnection, edition: str) -> None:
    """Create an edition's schema, empty; an earlier one goes with all that it held."""
    use(con, MAIN)
    con.execute(f"drop schema if exists {edition} cascade")
    con.execute(f"create schema {edition}")


def load_sections(
    con: duckdb.DuckDBPyConnection, sections: Mapping[str, pl.DataFrame], edition_name: str = RECORDED
) -> None:
    """Create ``recorded.<section>`` from the nine frames, with every column of the section; a frame's other columns go.

    A section without a frame has no rows, a column that a frame lacks is null.
    """
    create_schema(con, edition_name)
    for section in SECTIONS:
        schema = {column.name: column.dtype for column in section.columns}
        given = sections.get(section.name, pl.DataFrame(schema=schema))
        missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in given.columns]
        frame = given.with_columns(missing).select(section.names)
        arrow.load(con, f"create table {edition_name}.{section.name} as select * from incoming", frame)


def prepare(
    con: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    la_code: str,
    quarter: Quarter,
    as_at: date,
    settings: Settings | None = None,
) -> None:
    """Create what all editions share: ``reporting_period``, ``setting``, the code lists and the macros.

    The quarter need not be the run's own: a run holds the whole export.
    """
    chosen = settings or Settings()
    report_on(con, run_id=run_id, la_code=la_code, quarter=quarter, as_at=as_at, settings=chosen)
    named = {name: list(value) if isinstance(value, tuple) else value for name, value in values(chosen).items()}
    columns = ", ".join(f"? as {name}" for name in named)
    con.execute(f"create or replace table setting as select {columns}", list(named.values()))
    create_codelists(con)
    for name in sql.names("macros"):
        con.execute(sql.text(f"macros/{name}.sql"))


def report_on(
    con: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    la_code: str,
    quarter: Quarter,
    as_at: date,
    settings: Settings | None = None,
) -> None:
    """Create ``reporting_period`` anew: the part of ``prepare`` that changes from quarter to quarter.

    ``settings`` are those of ``prepare``. What was built for another quarter is to be built again.
    """
    chosen = settings or Settings()
    mask_after = quarter.last_day if chosen.mask_after_quarter_end else as_at
    use(con, MAIN)
    con.execute(
        "create or replace table reporting_period as select ?::varchar as run_id, ?::varchar as la_code, "
        "?::varchar as quarter, ?::date as first_day, ?::date as last_day, ?::date as as_at, ?::date as mask_after",
        [run_id, la_code, str(quarter), quarter.first_day, quarter.last_day, as_at, mask_after],
    )


def build_facts(con: duckdb.DuckDBPyConnection, edition_name: str) -> None:
    """Create the facts of an edition and leave it in use: all that the checks read.

    Its sections are there (``load_sections`` makes those as recorded), and ``prepare`` has been called.
    """
    use(con, edition_name)
    create_one_row_views(con, edition_name)
    for name in FACTS:
        create(con, "facts", name, schema=edition_name)


def create_one_row_views(con: duckdb.DuckDBPyConnection, edition_name: str) -> None:
    """``one_<section>``: one row per case. A case twice is a finding of the model; here its first row speaks for it."""
    for section in SECTIONS:
        if section.many:
            continue
        name = f"{edition_name}.{section.name}"
        row = con.execute(f"select count(case_ref) > count(distinct case_ref) from {name}").fetchone()
        assert row is not None
        columns = {line[0] for line in con.execute(f"describe {name}").fetchall()}
        order = ", ".join(f"{column} nulls first" for column in section.names if column in columns)
        first = f"qualify row_number() over (partition by case_ref order by {order}) = 1" if row[0] else ""
        con.execute(f"create or replace view {edition_name}.one_{section.name} as select * from {name} {first}")


def build_quarter_end(con: duckdb.DuckDBPyConnection) -> None:
    """Create the cases as known at the quarter's end, with facts and marts; in use afterwards.

    Those as recorded are there, with their facts: what is masked depends on the duties.
    """
    create_schema(con, QUARTER_END)
    use(con, RECORDED)
    for name in STAGING:
        create(con, "staging", name, schema=QUARTER_END)
    build_facts(con, QUARTER_END)
    for name in MARTS:
        create(con, "marts", name, schema=QUARTER_END)


def build_as_sent(con: duckdb.DuckDBPyConnection, sections: Mapping[str, pl.DataFrame]) -> None:
    """Create the cases as sent from the rows of a return itself, and leave them in use: all of it, as it stands there.

    ``prepare`` has been called. What happened after the quarter was masked when the return was written.
    """
    load_sections(con, sections, SENT)
    con.execute(f"create table {SENT}.selected_cases as select distinct case_ref from {SENT}.main order by case_ref")
    build_facts(con, SENT)
    for name in MARTS:
        create(con, "marts", name, schema=SENT)


def build_sent(con: duckdb.DuckDBPyConnection, forced: pl.DataFrame) -> pl.DataFrame:
    """Choose the cases of the return among those of ``build_quarter_end``, and create them as sent.

    Args:
        con: a connection to a run database; the cases as known at the quarter's end are in use afterwards.
        forced: one row per case that is in or out whatever happened: case_ref, action, reason.

    Returns:
        one row per case known at the quarter's end: case_ref, is_selected, triggers, forced, reason.
    """
    use(con, QUARTER_END)
    selection = select_cases(con, forced)
    create_schema(con, SENT)
    chosen = selection.filter(pl.col("is_selected")).select("case_ref")
    arrow.load(con, f"create table {SENT}.selected_cases as select case_ref from incoming order by case_ref", chosen)
    for name in (*STAGING, *FACTS, *MARTS):
        con.execute(
            f"create table {SENT}.{name} as select * from {QUARTER_END}.{name}"
            f" semi join {SENT}.selected_cases using (case_ref)"
        )
    create_one_row_views(con, SENT)
    use(con, QUARTER_END)
    return selection
