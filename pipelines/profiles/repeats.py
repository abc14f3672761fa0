"""Rows that come more than once: each month's sheet repeats placements that go on, a report the case of each person."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.profiles import toml
from pipelines.profiles.evidence import Evidence
from pipelines.profiles.plan import FeedPlan, TablePlan
from pipelines.profiles.unions import FROM
from pipelines.profiles.words import forms, word_set
from schemas.sections import SECTION

REPEATED_FROM = 0.005
"""Share of rows from which repeats are no slips of the pen."""
CONSTANT = 0.98
"""Share of cases in which a column must be the same in all rows to be one of the case."""
_ORDER = word_set("update date time timestamp snapshot version extract record create enter month as end taken run")
# What tells rows of a section apart that have no number: the first of these that is all there.
_APART = {
    "temporary_accommodation": (("placement_ref",), ("entry_date", "site"), ("entry_date",)),
    "reviews": (("review_requested_date", "decision_reviewed"), ("review_requested_date",)),
}


def keep_last(table: TablePlan) -> None:
    """Say which of several rows of the same record is to be kept, where some are."""
    if len(table.feeds) != 1 or table.sheet.is_turned or table.keys:
        return
    feed = table.feeds[0]
    if feed.repeat or feed.split_rows or feed.when or feed.section in ("people", "support_needs", "assistance"):
        return
    per = _per(feed, table)
    if per is None:
        return
    frame = table.sheet.frame
    names = [f"c{index}" for index in per]
    filled = frame.drop_nulls(names)
    again = filled.height - filled.select(names).n_unique()
    if again == 0 or again < REPEATED_FROM * filled.height:
        return
    order = _order(table, feed, filled, names)
    headings = [table.sheet.headings[index] for index in per]
    if order is None:
        table.notes.append(
            f"{again:,} rows repeat an earlier row by {' and '.join(headings)}: say which one counts, as keep ="
            ' "last" with order_by = "Heading of a day".'
        )
        return
    table.keys += ['keep = "last"', f"order_by = {toml.text(order)}", f"per = {toml.listing(headings)}"]
    table.notes.append(f"{again:,} rows repeat an earlier one; the last of each is kept.")


def _per(feed: FeedPlan, table: TablePlan) -> tuple[int, ...] | None:
    """The columns that make rows the same record."""
    by_field = {match.field: match.columns[0] for match in feed.matches}
    case = table.sheet.headings.index(feed.case_ref) if feed.case_ref in table.sheet.headings else None
    if case is None:
        return None
    number = [name for name in SECTION[feed.section].key if name != "case_ref"]
    if all(name in by_field for name in number):
        return (case, *(by_field[name] for name in number))
    for names in _APART.get(feed.section, ()):
        if all(name in by_field and _is_filled(table.columns[by_field[name]]) for name in names):
            return (case, *(by_field[name] for name in names))
    return None


def _is_filled(one: Evidence) -> bool:
    return one.filled >= 0.99 * one.rows


def _order(table: TablePlan, feed: FeedPlan, filled: pl.DataFrame, names: Sequence[str]) -> str | None:
    taken = {index for match in feed.matches for index in match.columns}
    again = filled.filter(pl.struct(names).is_duplicated())
    for one in table.columns:
        is_later = bool({word for form in forms(one.short) for word in form} & _ORDER)
        if one.index in taken or not one.is_day or not _is_filled(one) or not is_later:
            continue
        groups = again.group_by(names).agg(pl.col(f"c{one.index}").n_unique().alias("n"), pl.len().alias("rows"))
        if groups.filter(pl.col("n") == pl.col("rows")).height >= 0.9 * groups.height:
            return one.heading
    return "_file" if FROM in table.sheet.frame.columns else None


def same_within_case(frame: pl.DataFrame, case: int, columns: Sequence[Evidence]) -> set[int]:
    """Columns whose cells are the same in all rows of a case, or nearly."""
    asked = [one.index for one in columns if one.filled]
    if not asked:
        return set()
    counts = frame.group_by(f"c{case}").agg(pl.len().alias("rows"), *[pl.col(f"c{at}").n_unique() for at in asked])
    several = counts.filter(pl.col("rows") > 1)
    if several.is_empty():
        return set()
    same = several.select((pl.col(f"c{at}") == 1).mean().alias(f"c{at}") for at in asked)
    return {at for at in asked if same.get_column(f"c{at}")[0] >= CONSTANT}
