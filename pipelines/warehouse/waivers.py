"""Waivers that the warehouse keeps: who answers for which findings, until which day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.errors import UsageError
from pipelines.warehouse import chain

GIVEN = ("rule_id", "case_ref", "record_key", "owner", "reason", "expires")
"""What a waiver says. Without a case it covers every case, without a record every record."""


def give(con: duckdb.DuckDBPyConnection, la_code: str, waiver: Mapping[str, Any], *, by: str | None, on: date) -> int:
    """Keep a waiver and write its line; returns its number. One that covers the same is renewed by it.

    ``on`` is the moment, or the day where no more is known.
    """
    values = {
        "la_code": la_code,
        **{name: waiver.get(name) for name in GIVEN},
        "given_by": by,
        "given_on": chain.day_of(on),
    }
    row = con.execute("select coalesce(max(waiver_no), 0) + 1 from waiver where la_code = ?", [la_code]).fetchone()
    assert row is not None
    number = int(row[0])
    con.execute(
        f"insert into waiver (waiver_no, {', '.join(values)}) values (?, {', '.join('?' * len(values))})",
        [number, *values.values()],
    )
    chain.record(con, "waiver", [(la_code, number)], at=on, facts={"event": "given", "rule_id": waiver["rule_id"]})
    return number


def withdraw(con: duckdb.DuckDBPyConnection, la_code: str, waiver_no: int, *, on: date, by: str | None = None) -> None:
    """Take a waiver back, with those that it renewed: runs from now on do not apply it.

    Raises:
        UsageError: there is no such waiver, or it was withdrawn.
    """
    rows = con.execute(
        """
        select old.waiver_no
        from waiver as old
        cross join waiver as named
        where
            named.la_code = $la_code and named.waiver_no = $waiver_no and named.withdrawn_on is null
            and old.la_code = named.la_code and old.waiver_no <= named.waiver_no and old.withdrawn_on is null
            and lower(old.rule_id) = lower(named.rule_id)
            and old.case_ref is not distinct from named.case_ref
            and old.record_key is not distinct from named.record_key
        order by old.waiver_no
        """,
        {"la_code": la_code, "waiver_no": waiver_no},
    ).fetchall()
    if not rows:
        raise UsageError(f"There is no waiver {waiver_no} that could be withdrawn: hclic findings waivers lists them.")
    numbers = [number for (number,) in rows]
    con.execute(
        "update waiver set withdrawn_on = ? where la_code = ? and list_contains(?, waiver_no)",
        [chain.day_of(on), la_code, numbers],
    )
    chain.record(con, "waiver", [(la_code, one) for one in numbers], at=on, said_by=by, facts={"event": "withdrawn"})


def standing(con: duckdb.DuckDBPyConnection, la_code: str) -> pl.DataFrame:
    """The waivers that were not withdrawn, expired ones too; of those that cover the same, the newest.

    Columns: waiver_no, those of ``GIVEN``, given_by, given_on.
    """
    return con.execute(
        f"""
        select waiver_no, {", ".join(GIVEN)}, given_by, given_on
        from waiver
        where la_code = ? and withdrawn_on is null
        qualify row_number() over (partition by lower(rule_id), case_ref, record_key order by waiver_no desc) = 1
        order by waiver_no
        """,
        [la_code],
    ).pl()


def in_force(con: duckdb.DuckDBPyConnection, la_code: str, on: date) -> pl.DataFrame:
    """Those of ``standing`` that hold on a day."""
    return standing(con, la_code).filter(pl.col("expires") >= on)
