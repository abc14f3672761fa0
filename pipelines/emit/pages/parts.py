"""What sections are made of: tables, figures, headline figures, and how series of figures become them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines import shown
from pipelines.emit.pages.charts import Plan
from pipelines.emit.pages.plots import Points
from pipelines.emit.pages.view import View, drawn, is_known
from pipelines.emit.pages.words import Missing, Value, month, number
from pipelines.period import Quarter

__all__ = ["Figure", "Headline", "Section", "Table", "drawn", "figure", "plan"]


@dataclass(frozen=True)
class Table:
    """A data table; the first column heads its row. ``rows`` are words ready to be read, not yet escaped.

    A percentage of few stands in brackets, and is greyed.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart with its table; without a chart, the sentence that stands in its place.

    ``title`` is its message, ``what`` says of what, where and when it is; ``description`` is its text alternative.
    """

    ident: str
    title: str
    description: str
    plan: Plan | None
    table: Table | None
    what: str = ""

    @property
    def said_below(self) -> str:
        """What stands below the title: of what, where and when."""
        return self.what or (self.table.caption if self.table else "")


@dataclass(frozen=True)
class Section:
    """A heading with its charts."""

    ident: str
    title: str
    text: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Headline:
    """One headline figure with what it changed from.

    ``detail`` says of what and when it is, ``basis`` how it was reckoned where that can differ. ``is_of_few``: it is a
    percentage of so few that one more or less moves it by more than five points.
    """

    label: str
    value: str
    detail: str
    changes: tuple[str, ...]
    basis: str = ""
    is_of_few: bool = False
    is_missing: bool = False


def plan(kind: str, rows: Iterable[Any], *args: Any) -> Plan:
    return Plan(kind, (tuple(rows), *(tuple(item) if isinstance(item, list) else item for item in args)))


def series(days: Iterable[date], *series: tuple[str, Callable[[date], Value]]) -> Points:
    """Points of counts by month or quarter: each series has a name and what gives its figure of a first day."""
    known = list(days)
    return tuple((day, name, drawn(value(day))) for name, value in series for day in known)


def monthly(
    caption: str, months: Sequence[date], columns: Sequence[tuple[str, Callable[[date], Value]]], unit: str = ""
) -> Table:
    rows = tuple((month(first), *(number(value(first), unit) for _, value in columns)) for first in months)
    return Table(caption, ("Month", *(name for name, _ in columns)), rows)


def is_worth_drawing(points: Points) -> bool:
    """Whether a line would show a course: some series has figures for half of its days, more than one, not all 0."""
    of_series: dict[str, list[bool]] = {}
    for _, name, value in points:
        of_series.setdefault(name, []).append(value is not None)
    is_known_enough = any(sum(known) > 1 and 2 * sum(known) >= len(known) for known in of_series.values())
    return is_known_enough and any(value for _, _, value in points)


def are_worth_drawing(values: Iterable[Value]) -> bool:
    """Whether bars would say something: half of the figures are known, and not all are 0."""
    found = list(values)
    known = [value for value in found if is_known(value)]
    return 2 * len(known) >= len(found) and any(known)


def held(view: View, *wanted: tuple[str, Callable[[View], Figure]]) -> tuple[Figure, ...]:
    """The figures of those metrics that the edition holds, made in their order."""
    return tuple(made(view) for metric, made in wanted if view.edition.has(metric))


def figure(
    ident: str, title: str, said: str, plan: Plan, table: Table | None, *, is_drawn: bool, what: str, why_not: str = ""
) -> Figure:
    """A figure; where nothing can be drawn, the reason in place of the chart."""
    if not is_drawn:
        reason = why_not or "There is no chart: fewer than two of its figures are on record and may be shown."
        return Figure(ident, title, reason, None, table if table and table.rows else None, what)
    return Figure(ident, title, f"{said} The table holds every figure of the chart.", plan, table, what)


def moved(view: View, now: Value, before: Value, when: str) -> str:
    """``, 108 more than in June``; of rounded counts about so many. Empty where either is not known."""
    if isinstance(now, Missing) or isinstance(before, Missing):
        return ""
    difference = int(shown.rounded(now) - shown.rounded(before))
    about = "about " if view.slack else ""
    if abs(difference) <= 2 * view.slack:
        return f", {about}as many as {when}"
    return f", {about}{number(abs(difference))} {'more' if difference > 0 else 'fewer'} than {when}"


def about(view: View, value: Value) -> str:
    """``531``; of a rounded count ``about 530``, and ``fewer than 5`` where it is rounded to 0."""
    if not view.slack or isinstance(value, Missing):
        return number(value)
    return f"about {number(value)}" if value else f"fewer than {view.slack + 1}"


def on_bar(view: View, value: Value) -> str:
    """``5``; of a count that is rounded to 0 ``0 to 4``."""
    return f"0 to {view.slack}" if view.slack and value == 0 else number(value)


def households(view: View, value: Value) -> str:
    """``1 household``, ``531 households``, ``about 530 households``."""
    return counted(view, value, "household", "households")


def counted(view: View, value: Value, one: str, many: str) -> str:
    """``1 family``, ``3 families``, ``no family``; of rounded counts ``about 5 families``."""
    if value == 0 and not view.slack:
        return f"no {one}"
    return f"{about(view, value)} {one if value == 1 else many}"


def year_before_words(view: View, subject: str) -> str:
    """`` and a year before`` where that is on record."""
    return " and a year before" if view.is_on_record(subject, view.quarter.shift(-4).first_day) else ""


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def short(quarter: Quarter) -> str:
    """``July to September``."""
    return f"{quarter.first_day:%B} to {quarter.last_day:%B}"
