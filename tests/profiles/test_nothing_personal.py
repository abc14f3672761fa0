"""Exports with people in the wrong places: a draft tells none of their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.profiles.draft import draft

Rows = pl.DataFrame


def _under_wrong_headings(people: Rows) -> Rows:
    return people.rename({"relationship": "was", "sex": "old"}).rename(
        {"surname": "relationship", "last_address": "sex"}
    )


def _as_events(people: Rows) -> Rows:
    return people.select("case_ref", pl.col("surname").alias("Event"), pl.col("date_of_birth").alias("Event date"))


def _as_answers(people: Rows) -> Rows:
    asked = people.select("case_ref", pl.col("surname").alias("Question"), pl.lit("yes").alias("Answer"))
    known = [
        people.select("case_ref", pl.lit(text).alias("Question"), pl.col("surname").alias("Answer"))
        for text in ("Date of application", "Nationality", "Local connection")
    ]
    return pl.concat([asked, *known])


@pytest.mark.parametrize("wrong", [_under_wrong_headings, _as_events, _as_answers])
def test_names_in_the_wrong_column_are_not_told(
    wrong: Callable[[Rows], Rows], cases: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    # A few names, each of many cases, are as frequent as codes are.
    names = pl.Series("surname", ["Elderfield", "Birchwater", "Yarrowby"])
    which = pl.int_range(0, cases["people"].height, eager=True) % names.len()
    people = cases["people"].with_columns(names[which].alias("surname"))
    cases["main"].write_csv(tmp_path / "main.csv")
    wrong(people).write_csv(tmp_path / "people.csv")
    made = draft(tmp_path, "x")
    told = made.text + made.summary()
    assert [name for name in names if re.search(rf"\b{name}\b", told)] == []
