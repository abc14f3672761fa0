"""The freedom of information answer: how its items add up, and the answer without small counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipelines.disclosure.policies import Cell, Links, blank, protect, rests_on_few

PLACED, LEFT, ALL, FAMILIES, SINGLES, CHILDREN = 5, 6, 8, 9, 10, 17
"""Numbers of items (``foi_items``) that are tied to each other by more than being a part."""

UNITS = ("households", "children")
"""What is counted; nights and money are not counts of anyone."""


def share(frame: pl.DataFrame) -> pl.DataFrame:
    """The answer with small counts empty, and further ones that would give one away; ``note`` says so.

    Args:
        frame: one row per item and month: item_no, total_no (the item that it is a part of), first_day, unit, value.
    """
    counts = frame.filter(pl.col("unit").is_in(UNITS), pl.col("value").is_not_null())
    totals = {no: total for no, total in counts.select("item_no", "total_no").rows() if total is not None}
    values = {(no, month): int(number) for no, month, number in counts.select("item_no", "first_day", "value").rows()}
    hidden = hidden_items(values, totals)
    flags = pl.Series([key in hidden for key in frame.select("item_no", "first_day").rows()], dtype=pl.Boolean)
    return blank(frame, {"value": flags}, note=flags)


def hidden_items(values: Mapping[tuple[int, date], int], totals: Mapping[int, int]) -> set[Cell]:
    """Items of a month (item number, first day of the month) that are left out.

    - What is left of a total beside a part is a count too.
    - Families and single adults are parts of one total that leave others over.
    - Children by age add up to all children.
    - The stock of two months and one of placed and left give the other.
    """
    counts: dict[Cell, int] = {**values}
    links = Links()
    months = sorted({month for _, month in values})
    for month in months:
        for part, total in totals.items():
            links.rest(counts, (total, month), (part, month))
        everyone, families, singles = ((no, month) for no in (ALL, FAMILIES, SINGLES))
        others = values.get(everyone, 0) - values.get(families, 0) - values.get(singles, 0)
        # Nobody prints the others: only where they are few must the three not be shown together.
        if others > 0 and rests_on_few(others):
            links.rest(counts, everyone, families, singles)
        links.sums.append(((CHILDREN, month), [(no, month) for no, total in totals.items() if total == CHILDREN]))
    for before, month in zip((None, *months[:-1]), months, strict=True):
        links.balances.append(((ALL, before), (ALL, month), (PLACED, month), (LEFT, month)))
    return protect(counts, links) & set(values)
