"""Rates of accommodation that cannot be nightly ones."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.extract.notes import Notes, Place
from pipelines.extract.tables import Loaded
from schemas.codelists import codelist
from schemas.sources import Source
from schemas.sources.values import PERIODS

LEAST = 3
"""Rates that are judged together; types of fewer placements are judged as one."""
A_HANDFUL = 5
"""Rates below which one of them may well be unusual."""
LEEWAY_OF_A_HANDFUL = 1.5
"""By how much the median of so few may go beyond the bounds."""


def report_rates(placements: pl.DataFrame, loaded: Sequence[Loaded], notes: Notes) -> None:
    """A warning for each type of accommodation whose median rate cannot be one per night.

    The bounds are ``nightly_from`` and ``nightly_to`` of the code list ``ta_type``. They lie less than a factor of
    seven apart, so no median can stand within them both as a nightly and as a weekly amount.
    """
    priced = placements.filter(pl.col("rate") > 0).select("_t", "ta_type", "rate").join(_bounds(), on="ta_type")
    for source, place, rows in _by_source(priced, loaded):
        is_alone = pl.len().over("ta_type") >= LEAST
        types = rows.with_columns(pl.when(is_alone).then("ta_type").otherwise(None).alias("type"))
        for _, part in types.sort("order").group_by("type", maintain_order=True):
            if part.height >= LEAST:
                _judge(part, source, place, notes)


def _bounds() -> pl.DataFrame:
    codes = [code for code in codelist("ta_type").codes.values() if code.extra["nightly_from"]]
    return pl.DataFrame(
        {
            "ta_type": [code.code for code in codes],
            "label": [code.label for code in codes],
            "low": [float(code.extra["nightly_from"]) for code in codes],
            "high": [float(code.extra["nightly_to"]) for code in codes],
            "order": range(len(codes)),
        }
    )


def _place_of_median(rows: pl.DataFrame, factor: float) -> float:
    """Where the median of the rates times the factor lies: 0 at the lower bound of its type, 1 at the upper one."""
    low, high = pl.col("low").log(), pl.col("high").log()
    place = ((pl.col("rate") * factor).log() - low) / (high - low)
    return float(rows.select(place.median()).item())


def _judge(rows: pl.DataFrame, source: Source, place: Place, notes: Notes) -> None:
    leeway = LEEWAY_OF_A_HANDFUL if rows.height < A_HANDFUL else 1.0
    is_above = _place_of_median(rows, 1 / leeway) > 1
    if not is_above and _place_of_median(rows, leeway) >= 0:
        return
    as_given = PERIODS[source.per]
    meant = [name for name, nights in PERIODS.items() if 0 <= _place_of_median(rows, float(as_given / nights)) <= 1]
    types = rows.select("ta_type", "label").unique(maintain_order=True)
    notes.add(
        "X-76",
        place,
        section="temporary_accommodation",
        record_key=f"{place}, {', '.join(types.get_column('ta_type'))}",
        fields="rate",
        value=f"{float(rows.select(pl.col('rate').median()).item()):.2f}",
        side="above" if is_above else "below",
        label=", ".join(types.get_column("label")),
        count=f"{rows.height:,} placements",
        low=f"{float(rows.select(pl.col('low').min()).item()):.0f}",
        high=f"{float(rows.select(pl.col('high').max()).item()):.0f}",
        near=f" As amounts per {meant[0]} they would fit." if meant else "",
    )


def _by_source(priced: pl.DataFrame, loaded: Sequence[Loaded]) -> list[tuple[Source, Place, pl.DataFrame]]:
    """The placements by the column of the profile that gives their rate."""
    giving: dict[int, tuple[Source, list[int]]] = {}
    for index, one in enumerate(loaded):
        for fed in one.feeds:
            if fed.feed.section == "temporary_accommodation" and "rate" in fed.feed.columns:
                giving.setdefault(id(fed.feed), (fed.feed.columns["rate"], []))[1].append(index)
    found = []
    for source, tables in giving.values():
        # A table that completes the rows of another gives the rates of all of them.
        rows = priced.filter(pl.col("_t").is_in(tables)) if len(giving) > 1 else priced
        first = loaded[tables[0]]
        name = first.name if len(tables) == 1 else first.located.table.label
        found.append((source, Place(name, column=" + ".join(source.columns) or None), rows))
    return found
