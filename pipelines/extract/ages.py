"""Ages of people whose date of birth is not known: the day on which each was taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.extract.notes import Notes
from pipelines.extract.tables import Loaded
from schemas.sources.values import EXPORT


def date_ages(
    people: pl.DataFrame, main: pl.DataFrame, as_at: date, loaded: Sequence[Loaded], notes: Notes
) -> pl.DataFrame:
    """Fill ``age_date`` by what the profile says under ``on``; one warning a table where ages are carried on."""
    said = _said(loaded)
    if said:
        days = main.select("case_ref", *sorted(set(said.values()) - {EXPORT})).unique("case_ref", keep="first")
        people = people.join(days, on="case_ref", how="left", maintain_order="left")
        alone = set(said.values()) if len(set(said.values())) == 1 else None
        day = pl.lit(None, dtype=pl.Date())
        for index, on in said.items():
            here = pl.lit(value=True) if alone else pl.col("_t") == index
            day = pl.when(here).then(pl.lit(as_at) if on == EXPORT else pl.col(on)).otherwise(day)
        people = people.with_columns(
            pl.when(pl.col("age").is_not_null()).then(pl.coalesce("age_date", day)).alias("age_date")
        ).drop(days.columns[1:])
    carried = people.filter(
        pl.col("date_of_birth").is_null() & pl.col("age").is_not_null() & pl.col("age_date").is_not_null()
    )
    for table, count in carried.group_by("_t").len().sort("_t").iter_rows():
        notes.add("X-77", loaded[table].name, section="people", fields="age", count=f"{count:,}")
    return people


def _said(loaded: Sequence[Loaded]) -> dict[int, str]:
    """Table → on which day its ages were taken, where the profile says so."""
    return {
        index: source.on
        for index, one in enumerate(loaded)
        for fed in one.feeds
        if fed.feed.section == "people" and (source := fed.feed.columns.get("age")) is not None and source.on
    }
