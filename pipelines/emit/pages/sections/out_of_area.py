"""Where households are placed outside the authority's district: a map of receiving authorities, and a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.authority import authority_name, current_code
from pipelines.emit.pages.parts import Figure, Section, Table, drawn, plan
from pipelines.emit.pages.sections.reading import Figures, Shares, end_of, figures, is_complete, is_known
from pipelines.emit.pages.words import UNKNOWN_MARK, Missing, Value, day, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

TILES = Path(__file__).with_name("tiles.csv")
"""One row per local authority of England: code, column (west to east), row (south to north); source in tiles.txt."""

STEPS, STEPS_OF_FEW = (5, 10, 20, 50), (2, 3, 4)
"""Where a darker tile begins; the second where no authority received as many as the first step. In the edition for
sharing a figure of 5 may be a household or two, so that its shades begin at 10."""

NAMED = 5
NOT_KNOWN = "nk"


@dataclass(frozen=True)
class _Area:
    code: str
    name: str
    region: str
    households: Value
    own: Value
    before: Value


def section(edition: Edition) -> Section | None:
    """Households placed outside the district on the quarter's last day, by receiving region and authority."""
    say = Shares(edition.internal)
    if not edition.has("stay_out_of_district"):
        return None
    quarter = edition.quarter
    found = figures(edition, "stay_out_of_district", "first_day", "receiving_code", absent=0)
    stock = figures(edition, "stock_month", "dimension", "value", "first_day")
    areas = _areas(found, stock, quarter, is_complete(edition, "ta", quarter.shift(-4)))
    out = stock.value("stock", "out_of_district", "out of district", end_of(quarter))
    whole = stock.value("stock", "all", "all", end_of(quarter))
    if not areas and not (is_known(out) and out):
        return None
    made = [_map(say, edition, areas, out, whole)]
    if edition.has("stay_receiving_regions"):
        made.append(_regions(say, edition, whole))
    text = (
        "Households with a placement in another authority’s district on the last day of the quarter. The number of all"
        " of them is that of the council’s own placements; by receiving authority and region, households that made"
        " their own arrangements there are counted too, as in table TA9, and shown apart.",
    )
    return Section("out-of-area", "Out of area", text, tuple(made))


def _areas(found: Figures, stock: Figures, quarter: Quarter, was_complete: bool) -> list[_Area]:
    now, then = end_of(quarter), end_of(quarter.shift(-4))
    has_before = was_complete and stock.value("stock", "all", "all", then) not in (0, Missing.UNKNOWN)
    areas = [
        _Area(
            code,
            row["receiving_name"] or "Not known",
            row["region"] or "",
            found.value("count_households", now, code),
            found.value("count_own_arrangements", now, code),
            found.value("count_households", then, code) if has_before else Missing.UNKNOWN,
        )
        for (first_day, code), row in found.rows.items()
        if first_day == now and code != "all"
    ]
    return sorted(areas, key=lambda area: (-(drawn(area.households) or 0), area.name))


def _map(say: Shares, edition: Edition, areas: list[_Area], out: Value, whole: Value) -> Figure:
    end = day(edition.quarter.last_day)
    before = day(edition.quarter.shift(-4).last_day)
    table = Table(
        f"Households placed outside the district on {end}, by receiving authority",
        ("Receiving authority", "Region", "Households", "Of them own arrangements", f"Households on {before}"),
        tuple(
            (area.name, area.region or UNKNOWN_MARK, number(area.households), number(area.own), number(area.before))
            for area in areas
        ),
    )
    title = f"{say.of(out, whole)} households in temporary accommodation are in another district"
    if not is_known(out) or not is_known(whole):
        title = f"Households placed outside the district on {end}"
    least = STEPS[0] if edition.internal else STEPS[1]
    large = [area for area in areas if (drawn(area.households) or 0) >= least]
    steps = STEPS[STEPS.index(least) :] if large or not edition.internal else STEPS_OF_FEW
    placed = {
        area.code: sum((drawn(area.households) or 0) >= step for step in steps)
        for area in areas
        if area.code in tiles() and area.households != 0
    }
    if large:
        title += f"; {large[0].name} received most, {number(large[0].households)}"
        if large[0].own != 0 or not edition.internal:
            # They are not in the number before; in the edition for sharing a 0 is 0 to 4.
            title += f" including {'' if edition.internal else 'any '}own arrangements"
    elif not edition.internal or not placed:
        said = f"There is no map: no authority received {least} households or more."
        return Figure("out-of-area-map", title, said, None, table)
    else:
        title += f", in {len(placed)} authorities with no more than {number(areas[0].households)} each"
    ranks = {area.code: str(place) for place, area in enumerate(large[:NAMED], start=1) if area.code in tiles()}
    own = current_code(edition.la_code)
    drawn_tiles = [(x, y, placed.get(code, -1), ranks.get(code, ""), code == own) for code, (x, y) in tiles().items()]
    named = [f"{place} {area.name}: {number(area.households)}" for place, area in enumerate(large[:NAMED], start=1)]
    labels = [label if step in placed.values() else "" for step, label in enumerate(_labels(steps))]
    outside = sum(area.code not in tiles() for area in areas)
    said = (
        f"Map of England’s authorities as tiles of one size, darker where more households were placed on {end};"
        f" {authority_name(own)} has a ring. {title}."
    )
    if outside:
        said += f" {outside} of the areas lie outside England or are not known: they are in the table only."
    return Figure("out-of-area-map", title, said, plan("tiles", drawn_tiles, labels, named, authority_name(own)), table)


@cache
def tiles() -> dict[str, tuple[int, int]]:
    """Column and row of each authority's tile, by its GSS code."""
    with TILES.open(encoding="utf-8", newline="") as handle:
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(handle)}


def _labels(steps: Sequence[int]) -> list[str]:
    """``Fewer than 5``, ``5 to 9`` …: what each shade stands for."""
    spans = [(low, high - 1) for low, high in pairwise(steps)]
    between = [str(low) if low == high else f"{low} to {high}" for low, high in spans]
    first = "1" if steps[0] == 2 else f"Fewer than {steps[0]}"
    return [first, *between, f"{steps[-1]}" if steps == STEPS_OF_FEW else f"{steps[-1]} or more"]


def _regions(say: Shares, edition: Edition, whole: Value) -> Figure:
    end = day(edition.quarter.last_day)
    now, then = end_of(edition.quarter), end_of(edition.quarter.shift(-4))
    found = figures(edition, "stay_receiving_regions", "first_day", "region", absent=0)
    has_before = is_complete(edition, "ta", edition.quarter.shift(-4))
    has_before = has_before and any(first_day == then for first_day, _ in found.rows)
    regions = [
        (region, found.value("count_households", now, region))
        for first_day, region in found.rows
        if first_day == now and region != "all"
    ]
    regions.sort(key=lambda item: (-(drawn(item[1]) or 0), item[0]))
    every = found.value("count_households", now, "all")
    table = Table(
        f"Households placed outside the district on {end}, by receiving region",
        ("Region", "Households", "Share", f"Households on {day(edition.quarter.shift(-4).last_day)}"),
        tuple(
            (
                "All" if region == "all" else region,
                number(value),
                say.percent(value, every),
                number(found.value("count_households", then, region) if has_before else Missing.UNKNOWN),
            )
            for region, value in (*regions, ("all", every))
        ),
    )
    known = [(region, drawn(value), say.of(value, every), "") for region, value in regions if is_known(value) and value]
    if not known:
        said = "There is no chart: each region received too few households."
        return Figure("out-of-area-regions", "Receiving regions", said, None, table)
    title = f"{known[0][0]} received most: {known[0][2]}"
    said = f"Bar chart of households placed outside the district on {end}, one bar for each receiving region. {title}."
    return Figure("out-of-area-regions", title, said, plan("ranked", known), table)
