"""Figures by group: reasons, ways of ending, types of accommodation, children's ages, length of stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.emit.pages.sections.outcomes import GROUPS
from pipelines.emit.pages.view import type_labels
from pipelines.emit.pages.words import HIDDEN_MARK, UNKNOWN_MARK, day
from pipelines.period import Quarter
from pipelines.report.blocks import Block, Heading, Paragraph, Table
from pipelines.report.changes import View, part_of
from pipelines.report.quantities import Gap, Quantity, RowKey
from pipelines.report.sentences import Name, Said, Sentence, When, about, said, sentence

RANK_BEFORE = "rank_no_year_before"

Counted = tuple[str, Quantity | Gap]
"""A group by its label, and its figure."""


@dataclass(frozen=True)
class _Groups:
    """A metric's rows by one column: its value is the group, the other key columns are fixed."""

    metric: str
    column: str
    by: str
    fixed: Callable[[Quarter], RowKey]

    def value(self, view: View, quarter: Quarter, group: str, column: str = "") -> Quantity | Gap:
        """The figure of one group; a group without a row had none."""
        row = (*self.fixed(quarter), (self.by, group))
        return view.reader.cell(self.metric, column or self.column, row, absent_is_none=not column, is_count=not column)

    def found(self, view: View, quarter: Quarter) -> list[dict[str, Any]]:
        """The metric's rows of that quarter."""
        return view.reader.rows(self.metric, self.fixed(quarter)) if view.reader.has(self.metric, self.column) else []


def reasons(view: View) -> Iterator[Block]:
    """Main reasons for loss of the last settled home: the first three with their ranks, and all in a table."""
    groups = _Groups("reason_quarter", "count_cases", "reasonloss", _first_day)
    rows = groups.found(view, view.quarter)
    counted = [(row, groups.value(view, view.quarter, row["reasonloss"])) for row in rows]
    shown = _by_size([(row["label"], value) for row, value in counted])
    if not shown:
        return
    codes = {row["label"]: row["reasonloss"] for row in rows}
    owed = view.reader.cell("case_plans", "owed_a_duty", (*_first_day(view.quarter), ("team", "all")))
    yield Heading(2, "Main reasons")
    yield Paragraph(tuple(_reason(view, groups, owed, label, codes[label], count) for label, count in shown[:3]))
    head = ("Main reason for loss of the last settled home", "Households", "Rank", "Rank a year before")
    yield Table(
        f"Main reasons, households owed a duty in {view.quarter.words}",
        head,
        tuple(
            (
                label,
                printed(count),
                *(printed(_rank(view, groups, codes[label], column)) for column in ("rank_no", RANK_BEFORE)),
            )
            for label, count in shown
        ),
    ).without_empty_columns()


def _rank(view: View, groups: _Groups, code: str, column: str) -> Quantity | Gap:
    if column == RANK_BEFORE and view.is_early("applications", view.before[1]):
        return Gap.EARLY
    return groups.value(view, view.quarter, code, column)


def _reason(view: View, groups: _Groups, owed: Quantity | Gap, label: str, code: str, count: Quantity) -> Sentence:
    rank, before = (_rank(view, groups, code, name) for name in ("rank_no", RANK_BEFORE))
    counts = (about(count),) if isinstance(owed, Gap) else part_of((count, owed))
    opening = sentence(Name(label), " was the main reason for ", *counts, " households owed a duty.")
    if isinstance(rank, Gap) or isinstance(before, Gap):
        return opening
    if rank.value == before.value:
        return opening + sentence("It ranks ", said(rank), ", as a year before.")
    return opening + sentence("It ranks ", said(rank), "; a year before it ranked ", said(before), ".")


def endings(*duties: str) -> Callable[[View], Iterator[Block]]:
    """How the duties of these names ended, beside the quarter before and a year before."""
    return lambda view: (block for duty in duties for block in _endings(view, duty))


def _endings(view: View, duty: str) -> Iterator[Block]:
    groups = _Groups("outcome_quarter", "count_cases", "outcome_group", _of_duty(duty))
    names = [row["outcome_group"] for row in groups.found(view, view.quarter) if row["outcome_group"] != "all"]
    counted = [(name, groups.value(view, view.quarter, name)) for name in names]
    shown = _by_size(counted)
    if not shown:
        return
    whole = groups.value(view, view.quarter, "all")
    name, most = shown[0]
    counts = (about(most),) if isinstance(whole, Gap) else part_of((most, whole))
    title = f"How {duty} duties ended"
    yield Heading(2, title)
    ending = Name(GROUPS.get(name, name))
    yield Paragraph((sentence(f"The most frequent ending of a {duty} duty was “", ending, "”: ", *counts, "."),))
    yield _beside(view, title, "Ending", groups, [(name, GROUPS.get(name, name)) for name, _ in shown])
    yield from _left_out([GROUPS.get(name, name) for name, value in counted if value is Gap.HIDDEN])


def types(view: View) -> Iterator[Block]:
    """Households in temporary accommodation by type of the last placement."""
    groups = _Groups("stock_month", "stock", "value", lambda quarter: (_month(quarter), ("dimension", "type")))
    whole = view.reader.cell("stock_month", "stock", (_month(view.quarter), ("dimension", "all"), ("value", "all")))
    names = type_labels(view.quarter)
    counted = [(code, groups.value(view, view.quarter, code)) for code in names]
    shown = [(code, count) for code, count in _by_size(counted) if count.value]
    if not shown:
        return
    code, most = shown[0]
    counts = (about(most),) if isinstance(whole, Gap) else part_of((most, whole))
    title = "Types of temporary accommodation"
    yield Heading(2, title)
    yield Paragraph(
        (sentence("The largest number of households was in ", Name(f"“{names[code]}”"), ": ", *counts, "."),)
    )
    labels = [(code, names[code]) for code, _ in shown]
    yield _beside(view, f"{title}, households", "Type", groups, labels, is_day=True)
    yield from _left_out([names[code] for code, value in counted if value is Gap.HIDDEN])


def children(view: View) -> Iterator[Block]:
    """Children in temporary accommodation by age."""
    groups = _Groups("stock_children_month", "count_children", "age_band", lambda quarter: (_month(quarter),))
    bands = [row["age_band"] for row in groups.found(view, view.quarter)]
    counted = [(band, groups.value(view, view.quarter, band)) for band in sorted(bands, key=_first_age)]
    shown = [(band, count) for band, count in counted if isinstance(count, Quantity) and count.value]
    if not shown:
        return
    title = "Children in temporary accommodation"
    yield Heading(2, title)
    hidden = [band for band, value in counted if value is Gap.HIDDEN]
    if not hidden:
        (_, total), *others = shown
        for _, count in others:
            total += count
        at = When(f"On {day(view.quarter.last_day)}")
        words = " dependent children were living in temporary accommodation."
        yield Paragraph((sentence(at, ", ", about(total), words),))
    yield _beside(view, f"{title}, by age", "Age", groups, [(band, band) for band, _ in shown], is_day=True)
    yield from _left_out(hidden)


def _first_age(band: str) -> int:
    # "age not known" comes last.
    return next((int(part) for part in band.split() if part.isdigit()), 99)


def _left_out(names: Sequence[str]) -> Iterator[Block]:
    if names:
        yield Paragraph((sentence("Left out because of small numbers: ", Name("; ".join(names)), "."),), is_aside=True)


def _beside(
    view: View,
    caption: str,
    first: str,
    groups: _Groups,
    labels: Sequence[tuple[str, str]],
    *,
    is_day: bool = False,
) -> Table:
    quarters = (view.quarter, *view.before)
    subject = "ta" if is_day else "duties_ended"
    rows = []
    for group, label in labels:
        values = (
            Gap.EARLY if view.is_early(subject, quarter, is_stock=is_day) else groups.value(view, quarter, group)
            for quarter in quarters
        )
        rows.append((label[0].upper() + label[1:], *(printed(value) for value in values)))
    head = (day(quarter.last_day) if is_day else quarter.words for quarter in quarters)
    return Table(caption, (first, *head), tuple(rows)).without_empty_columns()


def printed(value: Quantity | Gap, unit: str = "") -> str | Said:
    """A figure of a table, or the mark that stands in its place."""
    if isinstance(value, Quantity):
        return said(value, unit)
    return HIDDEN_MARK if value is Gap.HIDDEN else UNKNOWN_MARK


def _by_size(counted: Sequence[Counted]) -> list[tuple[str, Quantity]]:
    known = [(label, value) for label, value in counted if isinstance(value, Quantity)]
    return sorted(known, key=lambda item: (-float(item[1].value), item[0]))


def _first_day(quarter: Quarter) -> RowKey:
    return (("first_day", quarter.first_day.isoformat()),)


def _of_duty(duty: str) -> Callable[[Quarter], RowKey]:
    return lambda quarter: (("duty", duty), ("first_day", quarter.first_day.isoformat()))


def _month(quarter: Quarter) -> tuple[str, str]:
    return "first_day", quarter.last_day.replace(day=1).isoformat()
