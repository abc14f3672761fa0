"""Children in temporary accommodation, and their ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.emit.pages.parts import Figure, Section, Table, drawn, plan
from pipelines.emit.pages.sections.reading import (
    Figures,
    Shares,
    end_of,
    figures,
    history,
    is_known,
    quarters_before,
    total,
)
from pipelines.emit.pages.words import Value, day, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

BANDS = ("0 to 4", "5 to 11", "12 to 15", "16 to 17", "18 and over", "age not known")
LENGTHS = {"any": "All", "over six weeks": "Over six weeks", "over six months": "Over six months"}


def section(edition: Edition) -> Section | None:
    """Children at eight quarters' ends by age, and households with young children by the length of their stay."""
    say = Shares(edition.internal)
    if not edition.has("stock_children_month"):
        return None
    found = figures(edition, "stock_children_month", "first_day", "age_band", absent=0)
    quarters = quarters_before(edition, "ta", _on_record(found))
    ends = [(quarter, [found.value("count_children", end_of(quarter), band) for band in BANDS]) for quarter in quarters]
    if not any(value != 0 for _, values in ends for value in values):
        return None
    made = [_ages(say, ends[-1][0], ends[-1][1])]
    if len(quarters) > 1:
        made.append(_trend(ends))
    if edition.has("stay_young_children"):
        made.append(_young(say, edition))
    text = (
        "Dependent children of the households in temporary accommodation, by their age on that day. A child of 18 is a"
        " dependant in full-time education.",
        *history(edition, "ta")[1],
    )
    return Section("children", "Children in temporary accommodation", text, tuple(made))


def _on_record(found: Figures) -> list[Quarter]:
    return [Quarter.containing(key[0]) for key, row in found.rows.items() if row["count_children"]]


def _ages(say: Shares, quarter: Quarter, values: list[Value]) -> Figure:
    whole, end = total(values), day(quarter.last_day)
    rows = [(band, value) for band, value in zip(BANDS, values, strict=True) if value != 0]
    table = Table(
        f"Children in temporary accommodation on {end}, by age",
        ("Age", "Children", "Share"),
        (
            *((_years(band), number(value), say.percent(value, whole)) for band, value in rows),
            ("All", number(whole), say.percent(whole, whole)),
        ),
    )
    bars = [(_years(band), drawn(value), say.of(value, whole), "") for band, value in rows if is_known(value)]
    if not bars:
        said = f"There is no chart: no child was in temporary accommodation on {end}, or too few at each age."
        return Figure("children-ages", f"Children by age on {end}", said, None, table)
    title = f"{number(whole)} children were in temporary accommodation on {end}"
    youngest = values[0]
    if not is_known(whole):
        title = f"Children in temporary accommodation on {end}, by age"
    elif is_known(youngest) and youngest:
        title += f", {number(youngest)} of them under 5"
    said = f"Bar chart of children by age, one bar for each age group. {title}. The table holds every figure."
    return Figure("children-ages", title, said, plan("ranked", bars), table)


def _years(band: str) -> str:
    return f"{band} years" if band[-1].isdigit() else band.capitalize()


def _trend(ends: list[tuple[Quarter, list[Value]]]) -> Figure:
    points = [(quarter.first_day, drawn(total(values)), number(total(values))) for quarter, values in ends]
    table = Table(
        "Children in temporary accommodation at each quarter’s end, by age",
        ("On", *(_years(band) for band in BANDS), "All"),
        tuple(
            (day(quarter.last_day), *(number(value) for value in values), number(total(values)))
            for quarter, values in ends
        ),
    )
    known = [(quarter, total(values)) for quarter, values in ends if is_known(total(values))]
    title = "Children in temporary accommodation at each quarter’s end"
    if len(known) < 2:
        said = "There is no chart: the number of children is known and may be shown for less than two quarters."
        return Figure("children-trend", title, said, None, table)
    (first, then), (last, now) = known[0], known[-1]
    title = f"{number(now)} children on {day(last.last_day)}, {number(then)} on {day(first.last_day)}"
    said = f"Line chart of children in temporary accommodation at each quarter’s end. {title}."
    return Figure("children-trend", title, said, plan("counts", points), table)


def _young(say: Shares, edition: Edition) -> Figure:
    found = figures(edition, "stay_young_children", "accommodation", "child_age", "least_length", absent=0)
    kinds = (("all", "All temporary accommodation"), ("bb", "Bed and breakfast"))
    rows = [
        (f"{label}, child {age}", [found.value("count_households", kind, age, length) for length in LENGTHS])
        for kind, label in kinds
        for age in ("under 5", "under 12")
    ]
    end = day(edition.quarter.last_day)
    table = Table(
        f"Households with a young child in temporary accommodation on {end}, by the length of their stay",
        ("Households with a young child", *LENGTHS.values()),
        tuple((label, *(number(value) for value in values)) for label, values in rows),
    )
    long, every = rows[0][1][2], rows[0][1][0]
    said = f"Households with a child under 5 on {end} that had been in temporary accommodation for over six months:"
    said = (
        f"{said} {say.of(long, every)}." if is_known(long) and is_known(every) else "Each figure stands in the table."
    )
    return Figure("children-young", "Households with a young child, by the length of their stay", said, None, table)
