"""The choices that metrics take."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb

from pipelines.errors import UsageError


@dataclass(frozen=True)
class MetricOptions:
    """Choices of the metrics, by name; ``metric_option`` in the SQL is their one-row table."""

    quiet_days: int = 28
    """An open case without recorded activity for this many days is quiet."""

    sample_seed: int = 1
    """Seed of the random sample for file review."""

    sample_size: int = 50
    """Cases in the sample for file review (the external review of Thurrock's service read 50: seed-needs T13)."""

    months_sustained: int = 6
    """Months after an ending with accommodation at which a household is looked up again (seed-needs D6)."""


def create_options(con: duckdb.DuckDBPyConnection, options: MetricOptions | None = None) -> None:
    """Create the one-row table ``metric_option``.

    Raises:
        UsageError: an option is not a positive number.
    """
    chosen = options or MetricOptions()
    if chosen.quiet_days < 1 or chosen.sample_size < 1 or chosen.months_sustained < 1:
        raise UsageError("Days without activity, the size of the sample and months sustained are 1 or more.")
    values = asdict(chosen)
    columns = ", ".join(f"?::bigint as {name}" for name in values)
    con.execute(f"create or replace temp table metric_option as select {columns}", list(values.values()))
