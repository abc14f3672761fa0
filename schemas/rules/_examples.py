"""From an example beside a rule to the frames that the rules see."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from schemas.rules._rule import Example, Known
from schemas.sections import SECTION, SECTIONS, Column

EXAMPLE_CASE = "E06000034_000000000001"
EXAMPLE_KNOWN = Known(
    authority="E06000034",
    last_day=date(2025, 12, 31),
    as_at=date(2026, 1, 15),
)
"""Where an example does not depend on the dates of the quarter it is read in this one."""


def _cell(column: Column, value: Any) -> Any:
    return date.fromisoformat(value) if column.kind == "date" and isinstance(value, str) else value


def sections_of(example: Example) -> dict[str, pl.DataFrame]:
    """The nine sections of an example. Every row belongs to one case unless it says otherwise; columns left out are null."""
    frames = {}
    for section in SECTIONS:
        rows = []
        for number, given in enumerate(example.get(section.name, ()), start=1):
            row: dict[str, Any] = dict.fromkeys(section.names)
            row["case_ref"] = EXAMPLE_CASE
            row.update({name: number for name in ("person_no", "placement_no", "review_no") if name in row})
            row.update({name: _cell(SECTION[section.name].column(name), value) for name, value in given.items()})
            rows.append(row)
        frames[section.name] = pl.DataFrame(
            rows, schema={column.name: column.dtype for column in section.columns}, orient="row"
        )
    return frames
