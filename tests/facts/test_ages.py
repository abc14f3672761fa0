"""Age is counted in SQL and in the rules over one row: both say the same on every day."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

import sql
from schemas.ages import age_carried, age_on

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


TAKEN = date(2025, 1, 1)


@pytest.mark.parametrize(
    ("age", "day", "carried"),
    [
        (30, TAKEN, 30),
        (30, TAKEN + timedelta(days=182), 30),
        (30, TAKEN + timedelta(days=183), 31),
        (30, TAKEN - timedelta(days=182), 30),
        (30, TAKEN - timedelta(days=183), 29),
        (30, date(2030, 1, 1), 35),
        (0, date(2024, 1, 1), 0),  # an age is never below nothing
    ],
)
def test_an_age_without_a_birth_is_carried_to_the_nearest_year(age: int, day: date, carried: int) -> None:
    frame = pl.DataFrame({"age": [age, age, None], "taken": [TAKEN, None, TAKEN]})
    assert frame.select(age_carried(pl.col("age"), pl.col("taken"), day)).to_series().to_list() == [carried, age, None]
    con = duckdb.connect()
    con.execute(sql.text("macros/age_carried.sql"))
    asked = "select age_carried(?::bigint, ?::date, ?::date)"
    assert con.execute(asked, [age, TAKEN, day]).fetchone() == (carried,)
    assert con.execute(asked, [age, None, day]).fetchone() == (age,)
    assert con.execute(asked, [None, TAKEN, day]).fetchone() == (None,)
    assert con.execute(asked, [age, TAKEN, None]).fetchone() == (age,)


def test_rules_and_sql_carry_an_age_alike_on_every_day_of_three_years() -> None:
    days = [TAKEN + timedelta(days=number) for number in range(-366, 731)]
    con = duckdb.connect()
    con.execute(sql.text("macros/age_carried.sql"))
    theirs = con.execute("select age_carried(17, ?::date, unnest(?::date[]))", [TAKEN, days]).fetchall()
    frame = pl.DataFrame({"age": [17], "taken": [TAKEN]})
    ours = [frame.select(age_carried(pl.col("age"), pl.col("taken"), day)).item() for day in days]
    assert ours == [row[0] for row in theirs]
