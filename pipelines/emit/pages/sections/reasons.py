"""Main reasons for the loss of the last settled home, with their ranks a year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.emit.pages.parts import Figure, Section, Table, drawn, plan, sentence
from pipelines.emit.pages.sections.reading import Shares, figures, history, is_complete, is_known, ordinal
from pipelines.emit.pages.words import UNKNOWN_MARK, Missing, Value, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

REASONS_DRAWN = 8
_NUMBERS = {3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


@dataclass(frozen=True)
class _Reason:
    label: str
    count: Value
    before: Value
    rank: Value
    rank_before: Value


def section(edition: Edition) -> Section | None:
    """The reasons of the quarter by number of households, each with its place then and a year before."""
    say = Shares(edition.internal)
    quarter, year_before = edition.quarter, edition.quarter.shift(-4)
    found = figures(edition, "reason_quarter", "first_day", "reasonloss", absent=0)
    was_complete = is_complete(edition, "applications", year_before)
    has_before = was_complete and any(day == year_before.first_day for day, _ in found.rows)
    reasons = []
    for (day, code), row in found.rows.items():
        if day == quarter.first_day:
            value = {name: found.value(name, day, code) for name in ("count_cases", "rank_no", "rank_no_year_before")}
            before = found.value("count_cases", year_before.first_day, code) if has_before else Missing.UNKNOWN
            rank_before = value["rank_no_year_before"] if has_before else Missing.UNKNOWN
            reasons.append(_Reason(row["label"], value["count_cases"], before, value["rank_no"], rank_before))
    if not reasons:
        return None
    reasons.sort(key=lambda reason: (-(drawn(reason.count) or 0), reason.label))
    owed = figures(edition, "case_plans", "first_day", "team").value("owed_a_duty", quarter.first_day, "all")
    text: tuple[str, ...] = (
        "Households owed a prevention or relief duty, by the main reason for the loss of their last settled home, as in"
        " table A2. Equal numbers share the better rank.",
    )
    if not say.internal:
        text += ("Ranks are of rounded counts: rounding alone can put one reason before another.",)
    if not was_complete:
        text += history(edition, "applications")[1]
    elif not has_before:
        text += (f"There are no ranks of a year before: no household of {year_before.words} is on record.",)
    table = _table(say, quarter, reasons, owed)
    return Section("main-reasons", "Main reasons", text, (_figure(say, quarter, reasons, owed, table, has_before),))


def _table(say: Shares, quarter: Quarter, reasons: Sequence[_Reason], owed: Value) -> Table:
    before = quarter.shift(-4).words
    return Table(
        f"Main reasons for loss of the last settled home, households owed a duty in {quarter.words}",
        ("Reason", "Households", "Share", "Rank", "Rank a year before", f"Households in {before}"),
        tuple(
            (
                reason.label,
                number(reason.count),
                say.percent(reason.count, owed),
                number(reason.rank),
                "None" if reason.before == 0 else number(reason.rank_before),
                number(reason.before),
            )
            for reason in reasons
        ),
    )


def _figure(
    say: Shares, quarter: Quarter, reasons: Sequence[_Reason], owed: Value, table: Table, has_before: bool
) -> Figure:
    known = [reason for reason in reasons if is_known(reason.count)]
    if not known:
        said = f"There is no chart: each reason of {quarter.words} is that of too few households."
        return Figure("main-reasons-ranked", "Main reasons of the quarter", said, None, table)
    first = known[0]
    title = f"{first.label} is the main reason{_place(first)}: {say.of(first.count, owed)}"
    alike = sum(reason.count == first.count for reason in known)
    if alike > 2:
        title = f"{sentence(_NUMBERS.get(alike, str(alike)))} main reasons are as frequent as each other: "
        title += f"{say.of(first.count, owed)} each"
    elif alike == 2:
        title = f"{first.label} and {_lowered(known[1].label)} are the main reasons: {say.of(first.count, owed)} each"
    bars = [
        (reason.label, drawn(reason.count), say.of(reason.count, owed), _moved(reason) if has_before else "")
        for reason in known[:REASONS_DRAWN]
    ]
    said = (
        f"Bar chart of the {len(bars)} most frequent reasons in {quarter.words}, one bar for each, with its rank a year"
        f" before. {title}. The table holds every reason."
    )
    return Figure("main-reasons-ranked", title, said, plan("ranked", bars), table)


def _place(reason: _Reason) -> str:
    rank = reason.rank_before
    if isinstance(rank, Missing):
        return ", with no household a year before" if reason.before == 0 else ""
    if rank == reason.rank:
        return ", as a year before"
    return f", {ordinal(int(rank))} a year before"


def _moved(reason: _Reason) -> str:
    """What stands beside a bar: the place a year before, and which way the reason has moved since."""
    if reason.before == 0:
        return "no household a year before"
    rank, before = reason.rank, reason.rank_before
    if isinstance(rank, Missing) or isinstance(before, Missing):
        return f"rank a year before: {UNKNOWN_MARK}"
    if rank == before:
        return f"rank {number(rank)}, as a year before"
    return f"{'▲' if rank < before else '▼'} rank {number(rank)}, from {number(before)}"


def _lowered(label: str) -> str:
    return label[0].lower() + label[1:]
