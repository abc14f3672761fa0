"""Age is counted in SQL and in the rules over one row: both say the same on every day."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

import sql
from schemas.ages import age_on

BORN = [date(2000, 2, 28), date(2000, 2, 29), date(2000, 3, 1), date(2001, 12, 31), date(2004, 1, 1), date(1999, 7, 15)]


@pytest.mark.parametrize("year", [2024, 2025])
def test_rules_and_sql_count_the_same_age_on_every_day_of_a_year(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    con = duckdb.connect()
    con.execute(sql.text("macros/age_on.sql"))
    for day in days:
        frame = pl.DataFrame({"born": BORN})
        ours = frame.select(age_on(pl.col("born"), day)).to_series().to_list()
        theirs = [
            row[0]
            for row in con.execute(
                "select age_on(born, ?::date) from (select unnest(?::date[]) as born)", [day, BORN]
            ).fetchall()
        ]
        assert ours == theirs, day


@pytest.mark.parametrize(
    ("day", "age"), [(date(2025, 2, 28), 24), (date(2025, 3, 1), 25), (date(2024, 2, 28), 23), (date(2024, 2, 29), 24)]
)
def test_who_is_born_on_29_february_is_a_year_older_on_1_march_of_a_common_year(day: date, age: int) -> None:
    frame = pl.DataFrame({"born": [date(2000, 2, 29)]})
    assert frame.select(age_on(pl.col("born"), day)).item() == age
