"""Whether an export is of the quarter, and of the day that it is said to be of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from pipelines.findings import Finding
from pipelines.period import in_words
from pipelines.validate.context import Context
from pipelines.validate.kinds import found
from schemas.sections import SECTIONS


def state_of_export(sections: Mapping[str, pl.DataFrame], context: Context) -> list[Finding]:
    """E-01 where nothing is dated in the quarter, else E-02 where the newest date lies too long before the export.

    Every day on which something happened counts, in all nine sections. A later day than that of the export does not: it
    is a mistake, and must not hide that the rest is old.
    """
    newest: date | None = None
    is_of_quarter = False
    for days in _days(sections):
        known = days.filter(days <= context.as_at)
        if known.len():
            newest = max(filter(None, (newest, known.max())))  # type: ignore[type-var,assignment]
            is_of_quarter |= bool(known.is_between(context.quarter.first_day, context.quarter.last_day).any())
    if newest is None or not is_of_quarter:
        told = "It holds no date up to its own day." if newest is None else f"Its newest date is {in_words(newest)}."
        return [found("E-01", quarter=context.quarter.words, newest=told, as_at=in_words(context.as_at))]
    old, limit = (context.as_at - newest).days, context.settings.stale_after_days
    if old <= limit:
        return []
    return [found("E-02", newest=in_words(newest), days=old, as_at=in_words(context.as_at), limit=limit)]


def _days(sections: Mapping[str, pl.DataFrame]) -> Iterator[pl.Series]:
    for section in SECTIONS:
        for column in section.columns:
            if column.is_event:
                yield sections[section.name][column.name]
