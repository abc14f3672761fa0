"""Of rows that are the same, one: the order by which the first or last is told, and whether it can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.extract.steps.moments import moment, month_in_name, number
from pipelines.extract.steps.step import (
    BEFORE,
    Check,
    Headings,
    Said,
    Step,
    counted,
    first_place,
    is_filled,
    is_one_of,
    listed,
    place,
    quoted,
)
from schemas.sources.shape import Keep, Shape, Spelling, Taken


@dataclass(frozen=True)
class Kept:
    """How rows of a relation are told apart and put in order."""

    source: str
    """A relation, or a query in brackets, with ``_at``."""
    same: tuple[str, ...]
    """Expressions in which rows that are the same are equal."""
    concerned: str
    """Condition of the rows that are compared at all."""
    order: tuple[str, ...]
    """Columns."""
    last: bool
    content: tuple[str, ...]
    """Columns in which two rows may differ."""
    spelling: Spelling
    together: str = "false"
    """Condition of the rows that are kept with all others of the same order: the answers to a question with several."""

    @property
    def counted(self) -> str:
        """Every row, with ``_many``: how many are the same; 1 for rows that are not compared."""
        same = ", ".join(f"_same{number}" for number in range(len(self.same)))
        keys = ", ".join(f"{one} as _same{number}" for number, one in enumerate(self.same))
        told = f"case when {self.concerned} then true end"
        inner = f"select *, {told} as _told, {keys} from {self.source}"
        many = f"case when _told then count(*) over (partition by _told, {same}) else 1 end"
        return f"select *, {many} as _many from ({inner})"

    @property
    def single(self) -> str:
        """The rows that have none of their like."""
        return f"select * exclude (_told, _many{self._keys}) from ({self.counted}) where _many = 1"

    @property
    def _keys(self) -> str:
        return "".join(f", _same{number}" for number in range(len(self.same)))

    @property
    def ranked(self) -> str:
        """The rows that have, with ``_nth``: 1 is the one to keep.

        Adds ``_hash`` of the content, ``_place``, and for each column of the order ``_text0``, ``_number0``,
        ``_moment0``.
        """
        cells = ", ".join(quoted(one) for one in self.content) or "1"
        typed = []
        for index, one in enumerate(self.order):
            text = quoted(one)
            when = month_in_name(text) if one == "_file" else moment(text, self.spelling)
            typed += [f"{text} as _text{index}", f"{number(text)} as _number{index}", f"{when} as _moment{index}"]
        more = "".join(f", {one}" for one in typed)
        rows = (
            f"select *, hash({cells}) as _hash, {first_place()} as _place{more} from ({self.counted}) where _many > 1"
        )
        # Numbers only where all are: a moment and a number do not compare.
        whole = [
            f"bool_and(_text{index} is null or _number{index} is not null) over () as _plain{index}"
            for index in range(len(self.order))
        ]
        rows = f"select *{''.join(f', {one}' for one in whole)} from ({rows})"
        way = "desc" if self.last else "asc"
        by = [f"{value(index)} {way} nulls last" for index in range(len(self.order))]
        by += [f"_place {way}", f"_hash {way}"]
        same = self._keys.removeprefix(", ")
        equal = f" order by {', '.join(by[:-2])}" if by[:-2] else ""
        return (
            f"select *, row_number() over (partition by {same} order by {', '.join(by)}) as _nth,"
            f" {self.together} and rank() over (partition by {same}{equal}) = 1 as _with from ({rows})"
        )

    def kept(self, helper: str) -> str:
        """All rows but those that are not kept; ``helper``: the relation of ``ranked``."""
        made = "".join(
            f", _text{index}, _number{index}, _moment{index}, _plain{index}" for index in range(len(self.order))
        )
        chosen = f"select * exclude (_told, _many{self._keys}, _hash, _place, _nth, _with{made}) from {quoted(helper)}"
        return f"{self.single} union all by name {chosen} where _nth = 1 or _with"

    def checks(self, helper: str, words: Mapping[str, Any]) -> tuple[Check, ...]:
        """Whether the row to keep can be told: there is an order, it is filled, understood, and no two rows tie."""
        same = self._keys.removeprefix(", ")
        winner = f"partition by {same} order by _nth"
        if not self.order:
            query = (
                f"select count(*) as count, min(_place) as place from (select *, first_value(_hash) over ({winner}) as"
                f" _best from {quoted(helper)}) where _hash <> _best and not _with"
            )
            return (Check(query, _judge("X-90", words)),)
        found = []
        for index, column in enumerate(self.order):
            told = {**words, "column": column}
            rows = f"select count(*) as count, min(_place) as place from {quoted(helper)} where"
            found.append(Check(f"{rows} _text{index} is null", _judge("X-92", told, column)))
            unread = f"_text{index} is not null and {value(index)} is null"
            found.append(Check(f"{rows} {unread}", _judge("X-93", told, column)))
        values = ", ".join(value(index) for index in range(len(self.order)))
        equal = " and ".join(f"{value(index)} = _best[{index + 1}]" for index in range(len(self.order)))
        query = (
            f"select count(*) as count, min(_place) as place from (select *, first_value([{values}]) over ({winner}) as"
            f" _best, first_value(_hash) over ({winner}) as _first from {quoted(helper)})"
            f" where {equal} and _hash <> _first and not _with"
        )
        by = " and ".join(f"'{one}'" for one in self.order)
        return (*found, Check(query, _judge("X-91", {**words, "column": by})))


def value(index: int) -> str:
    """The value of a column of the order: a number where all are, else a moment."""
    return f"case when _plain{index} then _number{index} else _moment{index} end"


def _judge(problem: str, words: Mapping[str, Any], column: str | None = None) -> Any:
    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        if row["count"]:
            yield Said(problem, {**words, "count": counted(row["count"], "row")}, column, at=place(row["place"]))

    return judge


def keep_step(keep: Keep, shape: Shape, have: Headings, label: str) -> Step:
    """One row for each of the columns ``per``, among the rows that the same sections take.

    Rows with a blank in ``per``, and rows that no section takes, are left as they are.
    """
    where = f"{shape.place}, keep"
    per = [quoted(have.need(one, where, label)) for one in keep.per]
    takes = [_takes(one, have, shape.spelling) for one in shape.taken]
    concerned = " and ".join(is_filled(one, shape.spelling) for one in per)
    if takes:
        concerned += f" and ({' or '.join(takes)})"
    kept = Kept(
        source=BEFORE,
        same=(*per, *takes),
        concerned=concerned,
        order=tuple(have.need(one, where, label) for one in keep.order_by),
        last=keep.last,
        content=tuple(have),
        spelling=shape.spelling,
        together=_together(shape, have, where, label),
    )
    helper = "_rows to keep"
    words = {"which": "last" if keep.last else "first", "per": listed(keep.per)}
    return Step(
        name=f"keep {keep.words}",
        helpers=((helper, kept.ranked),),
        sql=kept.kept(helper),
        checks=kept.checks(helper, words),
    )


def _together(shape: Shape, have: Headings, where: str, label: str) -> str:
    """Whether the row is one of several answers that a pivot collects."""
    if not shape.pivot or not shape.pivot.several:
        return "false"
    return is_one_of(quoted(have.need(shape.pivot.name, where, label)), shape.pivot.several)


def _takes(taken: Taken, have: Headings, spelling: Spelling) -> str:
    """Whether the section takes the row."""
    tests = []
    for heading, wanted in taken.values.items():
        name = have.find(heading)
        tests.append(is_one_of(quoted(name), wanted) if name else "false")
    if taken.filled:
        filled = [is_filled(quoted(name), spelling) for one in taken.filled if (name := have.find(one))]
        tests.append(f"({' or '.join(filled) or 'false'})")
    return f"({' and '.join(tests)})"
