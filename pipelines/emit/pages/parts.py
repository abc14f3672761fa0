"""What sections are made of: tables, figures, headline figures, and how series of the figures become them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.emit.pages.charts import Plan
from pipelines.emit.pages.figures import Edition
from pipelines.emit.pages.plots import Points
from pipelines.emit.pages.words import Missing, Value, month, number
from pipelines.period import Quarter


@dataclass(frozen=True)
class Table:
    """A data table; the first column heads its row. ``rows`` are words ready to be read, not yet escaped."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart with its table; without a chart, the sentence that stands in its place."""

    ident: str
    title: str
    description: str
    plan: Plan | None
    table: Table | None


@dataclass(frozen=True)
class Section:
    """A heading with its charts."""

    ident: str
    title: str
    text: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Headline:
    """One headline figure with what it changed from."""

    label: str
    value: str
    detail: str
    changes: tuple[str, ...]


def drawn(value: Value) -> float | None:
    return None if isinstance(value, Missing) else float(value)


def plan(kind: str, rows: Iterable[Any], *args: Any) -> Plan:
    return Plan(kind, (tuple(rows), *(tuple(item) if isinstance(item, list) else item for item in args)))


def series(view: Edition, months: Iterable[date], *series: tuple[str, tuple[Any, ...]]) -> Points:
    """Points of monthly counts: each series has a name and a cell into whose second place the month goes."""
    return tuple(
        (first, name, drawn(view.count(cell[0], first, *cell[1:]))) for name, cell in series for first in months
    )


def from_to(title: str, first: Value, last: Value, start: str, end: str) -> str:
    if isinstance(first, Missing) or isinstance(last, Missing):
        return title
    return f"{title}: {number(first)} {start}, {number(last)} {end}"


def monthly(view: Edition, caption: str, columns: Sequence[tuple[str, tuple[Any, ...]]]) -> Table:
    rows = tuple(
        (month(first), *(number(view.count(cell[0], first, *cell[1:])) for _, cell in columns))
        for first in view.figures.months
    )
    return Table(caption, ("Month", *(name for name, _ in columns)), rows)


def has(points: Points) -> bool:
    return any(value is not None for _, _, value in points)


def figure(
    ident: str,
    title: str,
    said: str,
    plan: Plan,
    table: Table | None,
    *,
    is_drawn: bool,
) -> Figure:
    """A figure; where nothing can be drawn, the reason in place of the chart."""
    if not is_drawn:
        return Figure(ident, title, "There is no chart: no figure is on record or may be shown.", None, table)
    return Figure(ident, title, f"{said} The table holds every figure of the chart.", plan, table)


def latest(view: Edition, name: str, words: str) -> str:
    value = view.count(name, view.figures.last_month)
    return "" if isinstance(value, Missing) else f"In {month(view.figures.last_month)}: {number(value)} {words}."


def short(quarter: Quarter) -> str:
    return f"{quarter.first_day:%b} to {quarter.last_day:%b %Y}"
