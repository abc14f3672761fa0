"""Columns that were told by their words, held against the sums that hold in print.

Two columns read one for the other break the total that they are part of, for nearly every authority; what MHCLG
prints breaks it for a few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.published.assumed import Matched
from pipelines.published.flat import BY_PLACE, BY_WORDS, Candidate
from pipelines.published.identities import identities_for
from pipelines.published.identity import Identity, Kind, Ref

TOLERATED = 0.1
"""Share of authorities for which a sum may not hold; in print it is below 0.05 in every quarter at hand."""
FEWEST = 5
"""Authorities that a sum must be tested on before it says anything."""
_SAME_WORDS = 0.97
_GUESSED = (BY_WORDS, BY_PLACE)


@dataclass(frozen=True)
class Doubt:
    """A column that was read by its words, and the sum that does not hold with it."""

    matched: Matched
    identity: str


def doubtful(tidy: pl.DataFrame, matched: Sequence[Matched], quarter: str) -> list[Doubt]:
    """Guessed columns with which a sum of the quarter's tables does not hold, in the order of ``matched``.

    ``tidy`` is that of the whole workbook. Where a table has a column that is not known, or lacks one that is,
    its parts need only stay below their total.
    """
    counts = tidy.filter((pl.col("measure") == "count") & pl.col("la_code").str.contains(r"^E0[6-9]"))
    values: dict[Ref, dict[str, int]] = defaultdict(dict)
    for code, table, path, value in counts.select("la_code", "table", "column_path", "value").iter_rows():
        if value is None:
            values[table, path]  # a column that is read, with no figure for that authority
        else:
            values[table, path][code] = round(value)
    guessed: dict[Ref, Matched] = {}
    open_tables = set()
    for one in matched:
        if not one.column_path:
            open_tables.add(one.table)
        elif one.measure == "count" and one.confidence in _GUESSED:
            guessed[one.table, one.column_path] = one
    doubts: dict[Ref, Doubt] = {}
    for identity in identities_for(quarter):
        involved = [ref for ref in dict.fromkeys(identity.refs) if ref in guessed]
        if not involved or not _is_broken(identity, values, open_tables):
            continue
        suspects = [ref for ref in involved if guessed[ref].score < _SAME_WORDS] or involved
        for ref in suspects:
            doubts.setdefault(ref, Doubt(guessed[ref], identity.name))
    return [doubts[ref] for ref in guessed if ref in doubts]


def _is_broken(identity: Identity, values: dict[Ref, dict[str, int]], open_tables: set[str]) -> bool:
    printed = values.get(identity.printed)
    if printed is None:
        return False
    is_whole = all(ref in values for ref in identity.refs)
    if not is_whole or {table for table, _ in identity.refs} & open_tables:
        # What is known of the parts may not be all of them.
        if identity.kind not in (Kind.EQUAL, Kind.AT_LEAST, Kind.BETWEEN):
            return False
        parts = tuple(part for part in identity.parts if part in values)
        identity = replace(identity, kind=Kind.AT_LEAST, parts=parts, rest=())
    told = broken = 0
    for code, figure in printed.items():
        figures = {ref: values[ref][code] for ref in identity.refs if code in values[ref]}
        if len(figures) < len(set(identity.refs)) or not any(figures.values()):
            continue
        low, high = identity.bounds(figures)
        told += 1
        broken += (low is not None and figure < low) or (high is not None and figure > high)
    return told >= FEWEST and broken > TOLERATED * told


def taken_back(one: Matched) -> Matched:
    """The entry of a column that is not read after all; what it was taken for is its first candidate."""
    candidate = Candidate(one.column_path, one.measure, one.score)
    others = tuple(c for c in one.candidates if c.key != candidate.key)
    return replace(one, column_path="", measure="", confidence="", candidates=(candidate, *others)[:2])
