"""Age in whole years, as the SQL macros ``age_on`` and ``age_carried`` count it; a test holds them together."""

from __future__ import annotations

from datetime import date

import polars as pl


def age_on(born: pl.Expr, day: date) -> pl.Expr:
    """Whole years reached on the day: a person attains an age at the start of the birthday.

    Who is born on 29 February does so on 1 March in a common year.
    """
    had_birthday = born.dt.month().cast(pl.Int32) * 100 + born.dt.day() <= day.month * 100 + day.day
    return (day.year - born.dt.year() - pl.when(had_birthday).then(0).otherwise(1)).cast(pl.Int64)


def age_carried(age: pl.Expr, taken_on: pl.Expr, day: date) -> pl.Expr:
    """Whole years on the day, carried from the day on which an age was taken; the birthday is not known.

    The years between are rounded to the nearest whole one. Without the day it was taken the age stands as it is.
    """
    years = ((pl.lit(day) - taken_on).dt.total_days() / 365.25).round(mode="half_away_from_zero").cast(pl.Int64)
    return pl.when(taken_on.is_null()).then(age).otherwise((age + years).clip(lower_bound=0))
