"""Editions made by hand: metrics as frames, so that a section can be read against figures counted on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from pipelines.metrics.editions import Edition
from tests.transform.warehouse import LA

NOW, QUARTER_BEFORE, YEAR_BEFORE = date(2025, 7, 1), date(2025, 4, 1), date(2024, 7, 1)


class Given(Edition):
    """An edition that holds the metrics given, whether or not they may be shared."""

    def has(self, name: str) -> bool:
        return name in self._frames


def edition(frames: Mapping[str, pl.DataFrame], *, internal: bool = True) -> Edition:
    """July to September 2025 of the authority of the tests, with these metrics and no others."""
    con = duckdb.connect()
    con.execute(
        "create table reporting_period as select ? as la_code, '2025-Q3' as quarter, date '2025-09-30' as as_at", [LA]
    )
    made = Given(con, internal)
    made._frames.update(frames)
    return made
