"""Age in whole years, as the SQL macro ``age_on`` counts it; a test holds the two together."""

from __future__ import annotations

from datetime import date

import polars as pl


def age_on(born: pl.Expr, day: date) -> pl.Expr:
    """Whole years reached on the day: a person attains an age at the start of the birthday.

    Who is born on 29 February does so on 1 March in a common year.
    """
    had_birthday = born.dt.month().cast(pl.Int32) * 100 + born.dt.day() <= day.month * 100 + day.day
    return (day.year - born.dt.year() - pl.when(had_birthday).then(0).otherwise(1)).cast(pl.Int64)
