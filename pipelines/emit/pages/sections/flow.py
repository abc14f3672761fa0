"""Flow in and out of temporary accommodation: who came, who left, and what that did to the number there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.emit.pages.parts import Figure, Section, Table, drawn, plan, sentence
from pipelines.emit.pages.sections.reading import NO_EARLIER, Shares, figures, history, is_known, quarters_before
from pipelines.emit.pages.words import Missing, Value, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition


def section(edition: Edition) -> Section | None:
    """Entries and exits of eight quarters with the stock at both ends."""
    if not edition.has("stock_quarter"):
        return None
    found = figures(edition, "stock_quarter", "dimension", "value", "first_day")
    on_record = [
        Quarter.containing(day)
        for (dimension, _, day), row in found.rows.items()
        if dimension == "all" and (row["entries"] or row["stock"])
    ]
    if not on_record:
        return None
    quarters = quarters_before(edition, "ta", on_record)

    def value(column: str, quarter: Quarter) -> Value:
        return found.value(column, "all", "all", quarter.first_day)

    rows = [(q, value("entries", q), value("exits", q)) for q in quarters]
    table = Table(
        "Households in temporary accommodation: those there when the quarter began, came, left, and at its end",
        ("Quarter", "When it began", "Came", "Left", "At its end", "Came less left"),
        tuple(
            (
                q.words,
                number(value("opening_stock", q)),
                number(came),
                number(left),
                number(value("stock", q)),
                _signed(_difference(came, left)),
            )
            for q, came, left in rows
        ),
    )
    text = (
        "A household comes when its stay begins and leaves when it ends; a move from one placement to the next is"
        " neither. Households that made their own arrangements are left out.",
        *history(edition, "ta")[1],
    )
    return Section(
        "flow", "Flow in and out of temporary accommodation", text, (_figure(Shares(edition.internal), rows, table),)
    )


def _difference(came: Value, left: Value) -> Value:
    if isinstance(came, Missing):
        return came
    return left if isinstance(left, Missing) else int(came) - int(left)


def _signed(value: Value) -> str:
    if isinstance(value, Missing) or value == 0:
        return number(value)
    return f"{'+' if value > 0 else '−'}{number(abs(int(value)))}"


def _figure(say: Shares, rows: list[tuple[Quarter, Value, Value]], table: Table) -> Figure:
    last, came, left = rows[-1]
    title = f"Households that came and left in {last.words}"
    if not isinstance(came, Missing) and not isinstance(left, Missing):
        title = sentence(f"{say.about(came)} households came in {last.words} and {say.about(left)} left: ")
        more = int(came) - int(left)
        if say.is_moved(more):
            title += f"{say.about(abs(more))} {'more' if more > 0 else 'fewer'} in temporary accommodation"
        else:
            title += "as many as before" if say.internal else "about as many as before"
    points = [(q.first_day, drawn(came), drawn(left)) for q, came, left in rows if is_known(came) or is_known(left)]
    if len(points) < 2:
        said = NO_EARLIER if points else "There is no chart: no number of households that came or left may be shown."
        return Figure("flow-quarters", title, said, None, table)
    said = (
        "Pairs of bars by quarter: households that came stand above the line, those that left hang below it."
        f" {title}. The table holds every figure of the chart."
    )
    return Figure("flow-quarters", title, said, plan("above_below", points, ["Came", "Left"]), table)
