"""Create the relations about outcomes and cohorts from the marts, and read them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from pipelines.metrics.outcomes.cohorts import create_members
from pipelines.metrics.outcomes.persons import create_persons
from pipelines.metrics.relations import create_relations, read_relation
from pipelines.metrics.window import MetricOptions, create_options

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
    """Create every relation of ``RELATIONS``; ``metric_window`` has been made before (``window.create_window``).

    Raises:
        UsageError: an option is not a positive number.
    """
    create_options(con, options)
    con.register("_incoming", pl.read_csv(GROUPS).to_arrow())
    con.execute("create or replace temp table outcome_group as select * from _incoming")
    con.unregister("_incoming")
    create_persons(con, pseudonym_key)
    create_members(con)
    create_relations(con, RELATIONS, STORED)


def relation(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """All rows of one relation of ``RELATIONS``, in the order of its key.

    Raises:
        UsageError: there is no such relation.
    """
    return read_relation(con, name, RELATIONS)
