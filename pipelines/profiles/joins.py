"""Sheets without a reference of the case, tied to the others by another key, as people are by their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.extract.parsing import fold
from pipelines.profiles import toml
from pipelines.profiles.evidence import Evidence
from pipelines.profiles.headrows import HeadRows
from pipelines.profiles.keys import KeyGroup
from pipelines.profiles.sheets import Sheet


@dataclass(frozen=True)
class _Tie:
    """A column of one sheet and a column of another with the same references."""

    orphan: int
    other: int
    mine: int
    theirs: int
    is_unique: bool
    """Whether no two rows of the sheet without a case have the same."""


def joined(
    sheets: Sequence[Sheet], evidence: Sequence[Sequence[Evidence]], case: dict[int, int], groups: Sequence[KeyGroup]
) -> tuple[dict[int, Sheet], dict[int, int], set[int]]:
    """Sheets with the columns of another one beside them.

    Returns:
        The changed sheets by number, the column with the case's reference of those that had none, and the numbers of
        the sheets that another one has taken in.
    """
    changed: dict[int, Sheet] = {}
    cases: dict[int, int] = {}
    gone: set[int] = set()
    for orphan in range(len(sheets)):
        if orphan in case:
            continue
        tie = _tie(orphan, evidence, case, groups)
        if tie is None:
            continue
        mine, other = changed.get(orphan, sheets[orphan]), changed.get(tie.other, sheets[tie.other])
        if tie.is_unique:
            changed[tie.other] = _beside(other, sheets[orphan], tie.theirs, tie.mine, ())
            gone.add(orphan)
        elif evidence[tie.other][tie.theirs].is_unique:
            only = (case[tie.other],)
            changed[orphan] = _beside(mine, sheets[tie.other], tie.mine, tie.theirs, only)
            cases[orphan] = len(changed[orphan].headings) - 1
    return changed, cases, gone


def _tie(
    orphan: int, evidence: Sequence[Sequence[Evidence]], case: dict[int, int], groups: Iterable[KeyGroup]
) -> _Tie | None:
    found = []
    for group in groups:
        for mine in (index for number, index in group.columns if number == orphan):
            for other, theirs in group.columns:
                if other == orphan or other not in case or case[other] == theirs:
                    continue
                unique = evidence[orphan][mine].is_unique
                if not unique and not evidence[other][theirs].is_unique:
                    continue
                found.append(_Tie(orphan, other, mine, theirs, unique))

    def worth(tie: _Tie) -> tuple[float, ...]:
        # Most people stand in the list of a household's members, not beside the case whose first one they are.
        return (evidence[tie.other][tie.theirs].distinct, evidence[tie.orphan][tie.mine].filled, -tie.other, -tie.mine)

    return max(found, key=worth, default=None)


def _beside(sheet: Sheet, other: Sheet, on: int, there: int, only: Sequence[int]) -> Sheet:
    """The sheet with the columns of the other one (or ``only`` some) to the right of its own."""
    have = set(map(fold, sheet.headings))
    chosen = [index for index in (only or range(len(other.headings))) if index != there]
    clash = any(fold(other.headings[index]) in have for index in chosen)
    prefix = f"{other.label} " if clash else ""
    place = {"sheet": other.sheet} if other.sheet is not None else {"file": other.file.stem}
    told = {name: toml.text(value) for name, value in place.items() if value is not None}
    told["on"] = toml.table({sheet.headings[on]: toml.text(other.headings[there])})
    if prefix:
        told["prefix"] = toml.text(prefix)
    width = len(sheet.headings)
    right = other.frame.select(
        pl.col(f"c{there}").alias("_key"),
        *[pl.col(f"c{index}").alias(f"c{width + number}") for number, index in enumerate(chosen)],
    ).unique("_key", keep="first", maintain_order=True)
    met = sheet.frame.get_column(f"c{on}").is_in(right.get_column("_key").implode())
    if met.mean() != 1.0:
        told["optional"] = "true"
    frame = sheet.frame.join(right, left_on=f"c{on}", right_on="_key", how="left", maintain_order="left")
    told_by = other.codes_from
    codes = {width + number: told_by[index] for number, index in enumerate(chosen) if index in told_by}
    return replace(
        sheet,
        head=HeadRows(sheet.head.rows, (*sheet.headings, *[prefix + other.headings[index] for index in chosen])),
        frame=frame,
        keys=(*sheet.keys, f"[[table.join]] {toml.table(told)}"),
        codes_from={**sheet.codes_from, **codes},
        parts=(*sheet.parts, other.name),
    )
