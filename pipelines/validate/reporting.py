"""How a finding names its record and shows its value."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.findings import MASK
from schemas.sections import Section

BLANK = "(blank)"


def record_key(section: Section, frame: pl.DataFrame) -> pl.Expr:
    """``person_no=2``; null where the case has only one row of the section."""
    parts = [name for name in section.key if name != "case_ref" and name in frame.columns]
    if not parts:
        return pl.lit(None, pl.String)
    return pl.concat_str(
        [pl.format("{}={}", pl.lit(name), pl.col(name).cast(pl.String).fill_null(BLANK)) for name in parts],
        separator=", ",
    )


def shown(section: Section, fields: Sequence[str], frame: pl.DataFrame) -> pl.Expr:
    """The values of the fields: one value bare, several as ``name=value``; masked where personal."""
    own = [name for name in fields if name in frame.columns]
    if not own:
        return pl.lit(None, pl.String)

    def text(name: str) -> pl.Expr:
        if section.column(name).personal:
            return pl.when(pl.col(name).is_null()).then(pl.lit(BLANK)).otherwise(pl.lit(MASK))
        return pl.col(name).cast(pl.String).fill_null(BLANK)

    if len(own) == 1:
        return text(own[0])
    return pl.concat_str([pl.format("{}={}", pl.lit(name), text(name)) for name in own], separator="; ")
