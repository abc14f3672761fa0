"""Create the relations about the caseload from the marts, and read them."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from pipelines.errors import OutputError
from pipelines.metrics.options import MetricOptions, create_options
from pipelines.transform import create_each, read_relation

RELATIONS: tuple[str, ...] = (
    "case_states",
    "case_spells",
    "case_changes",
    "case_open_month",
    "case_open_day",
    "case_flow",
    "case_flow_month",
    "case_stage_moves_month",
    "case_stage_changes",
    "case_arrivals_quarter",
    "case_open_list",
    "case_age",
    "case_intervals",
    "case_durations",
    "case_decision_day",
    "case_relief_past_56",
    "case_ta_no_decision",
    "case_watch_month",
    "case_quiet",
    "case_quiet_summary",
    "case_officer_changes",
    "case_officer_changes_runs",
    "case_first_stage_quarter",
    "case_plans",
    "case_staffing_month",
    "case_sample",
)
"""Each relation reads only the marts, ``metric_window``, ``metric_option``, ``metric_run`` and those before it."""

STORED = frozenset(
    {
        "case_states",
        "case_spells",
        "case_changes",
        "case_open_month",
        "case_flow_month",
        "case_flow",
        "case_open_list",
        "case_intervals",
    }
)
"""Read by several others, so kept as tables; the rest are views and cost nothing until they are read."""


def _create_runs(con: duckdb.DuckDBPyConnection) -> None:
    """``metric_run``: one row per quarter's last run, up to the one in hand, numbered by the day it is as at."""
    row = con.execute("select count(*) from duckdb_tables() where table_name = 'earlier_run'").fetchone()
    assert row is not None
    if not row[0]:
        # Without a warehouse there are no earlier runs (``Warehouse.earlier_runs``).
        con.execute("create temp table earlier_run (run_id varchar, run_order integer, as_at date)")
        con.execute(
            "create temp table earlier_holder"
            " (case_ref varchar, officer varchar, team varchar, from_run integer, until_run integer)"
        )
    con.execute(
        """
        create or replace temp table metric_run as
        with known as (
            select run_id, as_at, run_order from earlier_run
            union all
            select run_id, as_at, null from reporting_period
        )
        select row_number() over (order by as_at, run_order nulls last) as run_no, run_id, as_at, run_order
        from known
        """
    )


def prepare(con: duckdb.DuckDBPyConnection, options: MetricOptions | None = None) -> None:
    """Create every relation of ``RELATIONS``; ``metric_window`` has been made before (``transform.create_window``).

    Raises:
        UsageError: an option is not a positive number.
        OutputError: open cases, arrivals and closures do not add up.
    """
    create_options(con, options)
    _create_runs(con)
    create_each(con, "metrics", RELATIONS, STORED)
    assert_caseload_identity(con)


def relation(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """All rows of one relation of ``RELATIONS``, in the order of its key.

    Raises:
        UsageError: there is no such relation.
    """
    return read_relation(con, name, RELATIONS)


def open_cases(con: duckdb.DuckDBPyConnection, day: date) -> pl.DataFrame:
    """One row per team, officer and stage with cases open at the end of ``day``: open_cases."""
    return con.execute(
        """
        select team, officer, stage, count(*) as open_cases
        from case_spells
        where from_date <= $day and coalesce(to_date > $day, true)
        group by all
        order by team, officer, stage
        """,
        {"day": day},
    ).pl()


def assert_caseload_identity(con: duckdb.DuckDBPyConnection) -> None:
    """Check open(t) = open(t-1) + arrivals + reopened - closures in every month, in all and by team.

    Open cases come from the cases' spells and the flows from their steps, so that the two can disagree.

    Raises:
        OutputError: it fails in at least one month.
    """
    row = con.execute(
        """
        with followed as (
            select opening_cases, lag(open_cases) over (partition by team order by first_day) as before
            from case_flow_month
        )
        select count(*) from followed where opening_cases <> before
        """
    ).fetchone()
    assert row is not None
    if row[0]:
        raise OutputError(
            f"The caseload does not add up: in {row[0]} months the open cases are not those of the month before plus"
            " those that came less those that closed. The dates of the warehouse disagree."
        )
