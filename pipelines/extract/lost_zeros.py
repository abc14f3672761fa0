"""Case references that lost their zeros in one file: 747 for what is 00747 in another."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.extract.notes import Notes, Place


def report_lost_zeros(sections: Mapping[str, pl.DataFrame], notes: Notes) -> None:
    """Say of each file how many references would be those of a case in ``main`` but for zeros in front."""
    cases = sections["main"].get_column("case_ref").drop_nulls().unique()
    known = cases.filter(cases.str.contains(r"^\d+$")).str.strip_chars_start("0")
    for name, frame in sections.items():
        lost = frame.filter(
            pl.col("case_ref").str.contains(r"^\d+$")
            & ~pl.col("case_ref").is_in(cases.implode())
            & pl.col("case_ref").str.strip_chars_start("0").is_in(known.implode())
        )
        for file, row, count in lost.group_by("_file").agg(pl.col("_row").min(), pl.len()).sort("_file").iter_rows():
            place = Place(file, row)
            notes.add("X-79", place, section=name, fields="case_ref", count=f"{count:,}")
