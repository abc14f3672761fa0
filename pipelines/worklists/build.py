"""Create the relations of the worklists from the facts as recorded, for the day of the export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines import at_rest
from pipelines.metrics.options import MetricOptions, create_options
from pipelines.metrics.outcomes.build import create_groups
from pipelines.metrics.outcomes.persons import create_persons
from pipelines.transform import RECORDED, create_each, create_window, use

MARTS = ("stays", "households")
METRICS: tuple[str, ...] = (
    "stay_segments",
    "stay_households",
    "stay_in_progress",
    "stay_bb_families",
    "case_states",
    "case_spells",
    "case_open_list",
    "case_relief_past_56",
    "case_ta_no_decision",
    "case_quiet",
    "case_sample",
    "outcome_ended",
    "outcome_accommodated",
    "review_open_list",
)
"""What is known of duties, stays and outcomes is defined by the metrics; the worklists only read it."""

RELATIONS: tuple[str, ...] = (
    "listed_cases",
    "last_signs",
    "stays_to_confirm",
    "duties_past_time",
    "residents_without_decision",
    "cases_quiet",
    "call_window",
    "calls_to_draw_from",
    "sustainment_calls",
    "files_to_review",
)
STORED = frozenset(
    {
        *("stay_segments", "stay_households", "stay_in_progress", "case_states", "case_spells", "case_open_list"),
        *("outcome_accommodated", "calls_to_draw_from", "case_sample"),
    }
)
"""Read by several others, so kept as tables."""


@contextmanager
def prepared(con: duckdb.DuckDBPyConnection, seed: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with every relation of ``RELATIONS``, apart from ``con``, in which nothing is made or changed.

    Officers are asked about what is so today: the cases as recorded, on the day of the export, and not as known at the
    quarter's end.

    Args:
        con: a database of a run, or of a quarter opened for reading, with the facts as recorded.
        seed: of the random samples; by default that of the settings.
    """
    own = at_rest.cursor(con)
    try:
        use(own, RECORDED)
        row = own.execute("select as_at from reporting_period").fetchone()
        assert row is not None
        create_window(own, last_day=row[0], edition=RECORDED)
        create_each(own, "marts", MARTS, MARTS)
        own.execute("create or replace temp table metric_days as select last_day as day from metric_window")
        create_options(own, MetricOptions(sample_seed=seed))
        create_groups(own)
        create_persons(own)
        create_each(own, "metrics", METRICS, STORED)
        create_each(own, "worklists", RELATIONS, STORED)
        yield own
    finally:
        own.close()
