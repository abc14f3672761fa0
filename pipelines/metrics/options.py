"""The choices that metrics take."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb

from pipelines.errors import UsageError


@dataclass(frozen=True)
class MetricOptions:
    """Choices of the metrics, by name; ``metric_option`` in the SQL is their one-row table. None: as the settings say.

    The fields' own docstrings stand in ``pipelines.settings``.
    """

    quiet_days: int | None = None
    sample_seed: int | None = None
    file_review_sample: int | None = None

    months_sustained: int = 6
    """Months after an ending with accommodation at which a household is looked up again (seed-needs D6)."""


def create_options(con: duckdb.DuckDBPyConnection, options: MetricOptions | None = None) -> None:
    """Create the one-row table ``metric_option``; ``setting`` has been made before.

    Raises:
        UsageError: an option is not a positive number.
    """
    chosen = asdict(options or MetricOptions())
    if any(value is not None and value < 1 for name, value in chosen.items() if name != "sample_seed"):
        raise UsageError("Days without activity, the size of the sample and months sustained are 1 or more.")
    fixed = chosen.pop("months_sustained")
    columns = ", ".join(f"coalesce(?, setting.{name})::bigint as {name}" for name in chosen)
    con.execute(
        f"create or replace temp table metric_option as select {columns}, ?::bigint as months_sustained from setting",
        [*chosen.values(), fixed],
    )
