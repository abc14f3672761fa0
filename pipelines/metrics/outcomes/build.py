"""Create the relations about outcomes and cohorts from the marts, and read them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.metrics.options import MetricOptions, create_options
from pipelines.metrics.outcomes.cohorts import create_members
from pipelines.metrics.outcomes.persons import create_persons
from pipelines.transform import create_each, read_relation

RELATIONS: tuple[str, ...] = (
    "outcome_ended",
    "outcome_quarter",
    "outcome_duty_reason",
    "outcome_accommodated",
    "outcome_sustained",
    "outcome_look_up_list",
    "outcome_characteristic_cases",
    "reason_quarter",
    "reason_tenancy_quarter",
    "review_quarter",
    "review_open_list",
    "referral_quarter",
    "cohort_year",
)
"""Each relation reads only the marts, ``metric_window``, the tables that ``prepare`` makes and those before it."""

STORED = frozenset({"outcome_ended", "outcome_accommodated"})
GROUPS = Path(__file__).with_name("outcome_groups.csv")
"""Which group an outcome belongs to; ours, so that a figure of every duty can be read beside the others."""


def prepare(
    con: duckdb.DuckDBPyConnection, options: MetricOptions | None = None, *, pseudonym_key: bytes | None = None
) -> None:
    """Create every relation of ``RELATIONS``; ``metric_window`` has been made before (``transform.create_window``).

    Raises:
        UsageError: an option is not a positive number.
    """
    create_options(con, options)
    create_groups(con)
    create_persons(con, pseudonym_key)
    create_members(con)
    create_each(con, "metrics", RELATIONS, STORED)


def create_groups(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``outcome_group(duty, outcome, outcome_group)``: one row per duty and outcome."""
    arrow.load(con, "create or replace temp table outcome_group as select * from incoming", pl.read_csv(GROUPS))


def relation(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """All rows of one relation of ``RELATIONS``, in the order of its key.

    Raises:
        UsageError: there is no such relation.
    """
    return read_relation(con, name, RELATIONS)
