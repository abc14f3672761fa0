"""Households in temporary accommodation by type and by hostel or site, and how many have been there over six months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.disclosure.local_words import WITHHELD
from pipelines.emit.pages.parts import Figure, Section, Table, drawn, plan
from pipelines.emit.pages.sections.reading import Shares, is_complete, is_known
from pipelines.emit.pages.view import type_labels
from pipelines.emit.pages.words import Missing, Value, clean, day, number

if TYPE_CHECKING:
    from datetime import date

    from pipelines.metrics.editions import Edition

SITES_DRAWN = 12
NOT_RECORDED = "not recorded"
NO_NAMES = {NOT_RECORDED: "Not recorded", WITHHELD: "Withheld: not confirmed for sharing"}
"""What stands for a site without a name."""


@dataclass(frozen=True)
class _Place:
    name: str
    households: Value
    long: Value
    before: Value


def section(edition: Edition) -> Section | None:
    """By type and by site: households on the last day, those over six months, and households a year before."""
    say = Shares(edition.internal)
    if not edition.has("stay_six_months"):
        return None
    rows = list(edition.table("stay_six_months").iter_rows(named=True))
    last = edition.quarter.last_day
    if not is_complete(edition, "ta", edition.quarter.shift(-4)):
        rows = [row for row in rows if row["day"] == last]
    everyone = _places(rows, "", last)
    if not everyone:
        return None
    labels = type_labels(edition.quarter)
    types = sorted(_places(rows, "ta_type", last), key=lambda place: list(labels).index(place.name))
    types = [_Place(labels[place.name], place.households, place.long, place.before) for place in types]
    sites = sorted(
        _places(rows, "site", last),
        key=lambda place: (place.name in NO_NAMES, -(drawn(place.households) or 0), place.name),
    )
    made = [_figure(say, "type", "type of accommodation", types, everyone[0], last)]
    named = [place for place in sites if place.name not in NO_NAMES]
    if named:
        made.append(_figure(say, "site", "hostel or site", sites, everyone[0], last))
    text = [
        "Households on the last day of the quarter, under the place they are in that day; a household in several counts"
        " once, under the one it entered last. Over six months is six calendar months or more since its stay in"
        " temporary accommodation began, as in table TA4.",
    ]
    if not named and any(place.name == WITHHELD for place in sites):
        text.append(
            "Names of hostels and sites are the council’s own words: one stands on a page for sharing once it has been"
            " confirmed."
        )
    elif not named:
        text.append("The export names no building or scheme, so nothing can be said by hostel or site.")
    return Section("stays-by-place", "Stays by type and by hostel or site", tuple(text), tuple(made))


def _places(rows: list[dict[str, Any]], by: str, last: date) -> list[_Place]:
    """The rows of the last day by type or site, or the one of everyone."""

    def value(row: dict[str, Any], column: str) -> Value:
        found: Value | None = row[column]
        if found is not None:
            return found
        return Missing.HIDDEN if row.get("note") else Missing.UNKNOWN

    here = [row for row in rows if all((row[name] != "all") == (name == by) for name in ("ta_type", "site"))]
    name = by or "site"
    days = {row["day"] for row in rows}
    # Where the records do not go back a year there is no figure; where they do, a place without a row had nobody.
    nobody: Value = 0 if any(day < last for day in days) else Missing.UNKNOWN
    before = {row[name]: value(row, "count_households") for row in here if row["day"] < last}
    return [
        _Place(
            row[name],
            value(row, "count_households"),
            value(row, "count_over_six_months"),
            before.get(row[name], nobody),
        )
        for row in here
        if row["day"] == last
    ]


def _figure(say: Shares, ident: str, kind: str, places: list[_Place], everyone: _Place, last: date) -> Figure:
    end = day(last)
    table = Table(
        f"Households in temporary accommodation on {end}, by {kind}",
        (kind.capitalize(), "Households", "Over six months", "Share over six months", "Households a year before"),
        tuple(
            (
                NO_NAMES.get(place.name, clean(place.name)),
                number(place.households),
                number(place.long),
                say.percent(place.long, place.households),
                number(place.before),
            )
            for place in (*places, _Place("All", everyone.households, everyone.long, everyone.before))
        ),
    )
    known = [place for place in places if is_known(place.households) and place.name not in NO_NAMES]
    bars = [
        (
            clean(place.name),
            drawn(place.households),
            drawn(place.long),
            f"{say.of(place.long, place.households)} over six months",
        )
        for place in known[:SITES_DRAWN]
        if place.households
    ]
    title = _title(say, ident, kind, known, everyone)
    if not bars:
        said = f"There is no chart: each {kind} holds too few households."
        return Figure(f"stays-by-{ident}", title, said, None, table)
    more = f" The chart shows the {len(bars)} with most households." if len(known) > len(bars) else ""
    said = f"Bar chart on {end}, one bar for each {kind}; the dark part is households over six months.{more} {title}."
    kinds = ["Over six months", "Less than six months"]
    return Figure(f"stays-by-{ident}", title, said, plan("parts", bars, kinds), table)


def _title(say: Shares, ident: str, kind: str, known: list[_Place], everyone: _Place) -> str:
    if ident == "type" and is_known(everyone.long) and is_known(everyone.households):
        said = say.of(everyone.long, everyone.households)
        return f"{said} households have been in temporary accommodation over six months"
    longest = [place for place in known if is_known(place.long) and place.long]
    if not longest:
        return f"Households by {kind}"
    most = max(longest, key=lambda place: drawn(place.long) or 0)
    return f"{clean(most.name)} has most households over six months: {say.of(most.long, most.households)}"
