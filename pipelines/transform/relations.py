"""Create staging and marts in the connection's temp schema, in a fixed order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.period import Quarter
from pipelines.settings import Settings, values
from schemas.codelists import codelist, codelist_names

STAGING: tuple[str, ...] = (
    "stg_main",
    "stg_people",
    "stg_support_needs",
    "stg_prevention",
    "stg_relief",
    "stg_final_duties",
    "stg_assistance",
    "stg_temporary_accommodation",
    "stg_reviews",
)
MARTS: tuple[str, ...] = (
    "ages",
    "decisions",
    "duties",
    "placements",
    "stays",
    "reviews",
    "households",
    "events",
)
"""Each relation reads only those before it."""


@cache
def _codes() -> tuple[pl.DataFrame, dict[str, list[str]]]:
    """One row per code of every list; and the columns that each list has."""
    rows, extras = [], {}
    for name in codelist_names():
        codes = codelist(name).codes.values()
        extras[name] = sorted({column for code in codes for column in code.extra})
        rows += [
            {
                "list": name,
                "code": code.code,
                "label": code.label,
                "valid_from": code.valid_from,
                "valid_to": code.valid_to,
                **{column: code.extra.get(column) or None for column in extras[name]},
            }
            for code in codes
        ]
    known = {"list", "code", "label", "valid_from", "valid_to"}
    schema = {
        **dict.fromkeys(("list", "code", "label"), pl.String()),
        **dict.fromkeys(("valid_from", "valid_to"), pl.Date()),
        **dict.fromkeys(sorted({key for row in rows for key in row} - known), pl.String()),
    }
    return pl.DataFrame(rows, schema=schema), extras


def _create_codelists(con: duckdb.DuckDBPyConnection) -> None:
    codes, extras = _codes()
    arrow.load(con, "create or replace temp table _codes as select * from incoming", codes)
    for name, columns in extras.items():
        chosen = ", ".join(f'"{column}"' for column in ("code", "label", "valid_from", "valid_to", *columns))
        con.execute(
            f"create or replace temp table codelist_{name} as select {chosen} from _codes where list = '{name}'"
        )
    con.execute("drop table _codes")


def create(con: duckdb.DuckDBPyConnection, folder: str, name: str) -> None:
    """Create the temp table that ``sql/<folder>/<name>.sql`` selects, replacing an earlier one."""
    con.execute(f"create or replace temp table {name} as {sql.text(f'{folder}/{name}.sql')}")


def build(
    con: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    la_code: str,
    quarter: Quarter,
    as_at: date,
    settings: Settings | None = None,
    skip: Collection[str] = (),
) -> None:
    """Create ``reporting_period``, ``setting``, code lists, staging and marts for one run as seen in ``quarter``.

    The quarter need not be the run's own: a run freezes the whole export. All relations are temp tables of the
    connection and replace those of an earlier call; those to ``skip`` are left out, for a caller that does not read
    them. Grain and key of each are in the first lines of its file and in ``sql/README.md``.
    """
    chosen = settings or Settings()
    mask_after = quarter.last_day if chosen.mask_after_quarter_end else as_at
    con.execute(
        "create or replace temp table reporting_period as select ?::varchar as run_id, ?::varchar as la_code, "
        "?::varchar as quarter, ?::date as first_day, ?::date as last_day, ?::date as as_at, ?::date as mask_after",
        [run_id, la_code, str(quarter), quarter.first_day, quarter.last_day, as_at, mask_after],
    )
    named = {name: list(value) if isinstance(value, tuple) else value for name, value in values(chosen).items()}
    columns = ", ".join(f"? as {name}" for name in named)
    con.execute(f"create or replace temp table setting as select {columns}", list(named.values()))
    _create_codelists(con)
    for folder, relations in (("staging", STAGING), ("marts", MARTS)):
        for name in relations:
            if name not in skip:
                create(con, folder, name)
