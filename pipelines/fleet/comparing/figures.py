"""The figures of a comparison: each authority's, with intervals, and what is said of all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from pipelines import arrow, at_rest
from pipelines.disclosure import across
from pipelines.disclosure.edition import Figure
from pipelines.disclosure.official import suppress
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.gather import Gathered, ledger_counts
from pipelines.fleet.held import CELLS
from pipelines.period import Quarter
from pipelines.proportions import Z_95, Z_998, count_interval, wilson_interval
from pipelines.published.cells import NOT_APPLICABLE, NOT_PUBLISHED, SUPPRESSED
from pipelines.transform import create

RELATIONS: tuple[str, ...] = ("compared_figures", "compared_measures")
"""Made of the counts of one edition; each reads only those before it."""


_PLACES = 6


@dataclass(frozen=True)
class Outside:
    """What stands beside the runs: nothing of it is of any case.

    ``households``: in the area, in thousands, by authority. ``suppressed``: one row per authority and cell that MHCLG
    has published as suppressed (la_code, official_table, column_path). ``england``: published for England, by measure.
    """

    households: Mapping[str, float]
    suppressed: pl.DataFrame
    england: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """One edition of a comparison.

    ``figures``: one row per authority and measure: numerator, denominator, value, lower, upper (95 %), in_funnel, note.
    ``measures``: one row per measure: all authorities together, and the quartiles of their values.
    ``released``: what is printed for each count, by authority; empty of the internal edition.
    """

    figures: pl.DataFrame
    measures: pl.DataFrame
    released: dict[str, dict[Figure, int]]
    left_out: int
    internal: bool


def compare(gathered: Sequence[Gathered], quarter: Quarter, outside: Outside, *, internal: bool) -> Compared:
    """The comparison of these authorities in one quarter.

    Raises:
        UsageError: it is for sharing, and the authorities are too few.
    """
    with at_rest.in_memory() as con:
        _load(con, gathered, quarter, outside, internal=internal)
        create(con, "fleet", "compared_counts")
        counts = con.execute("select * from compared_counts order by la_code, count_name").pl()
        released: dict[str, dict[Figure, int]] = {}
        left_out = 0
        if not internal:
            shared = _shared(counts, gathered, quarter)
            counts, released, left_out = shared.counts, shared.figures, shared.left_out
        arrow.load(
            con,
            "create or replace temp table compared_counts as select la_code, count_name, value, note from incoming",
            counts.select("la_code", "count_name", "value", "note"),
        )
        for name in RELATIONS:
            create(con, "fleet", name)
        figures = _rounded(con.execute("select * from compared_figures order by la_code, position").pl())
        measures = _rounded(con.execute("select * from compared_measures order by position").pl())
    england = [outside.england.get(name) for name in measures["measure"]]
    measures = measures.with_columns(pl.Series("published_england", england, dtype=pl.Float64()))
    return Compared(_with_intervals(figures, measures, internal), measures, released, left_out, internal)


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).round(_PLACES) for name, kind in frame.schema.items() if kind.is_float())


def _load(
    con: duckdb.DuckDBPyConnection,
    gathered: Sequence[Gathered],
    quarter: Quarter,
    outside: Outside,
    *,
    internal: bool,
) -> None:
    """What the relations of ``sql/fleet`` read."""
    cells = pl.concat([one.cells.select(*CELLS) for one in gathered]) if gathered else pl.DataFrame(schema=CELLS)
    codes = sorted(one.run.la_code for one in gathered)
    columns = ("count_name", "official_table", "column_path")
    households = [
        (code, definitions.HOUSEHOLDS, outside.households[code] * 1000, "", False)
        for code in codes
        if code in outside.households
    ]
    ledger = ledger_counts(gathered)
    frames = {
        "official_cells": _hidden(cells, quarter, outside, {one.run.la_code: one.hides_below for one in gathered}),
        "ledger_counts": pl.concat([ledger, pl.DataFrame(households, schema=ledger.schema, orient="row")]),
        "count_columns": pl.DataFrame(
            definitions.columns_of(quarter), schema=dict.fromkeys(columns, pl.String()), orient="row"
        ),
        "authorities": pl.DataFrame({"la_code": codes}, schema={"la_code": pl.String()}),
        "measures": pl.DataFrame(
            [
                (number, one.name, one.subject, one.unit, one.numerator, one.denominator, one.per)
                for number, one in enumerate(definitions.measures())
            ],
            schema=["position", "measure", "subject", "unit", "numerator", "denominator", "per"],
            orient="row",
        ),
        "comparison": pl.DataFrame(
            {
                "least_base": [0 if internal else across.LEAST_BASE],
                "left_out": [SUPPRESSED],
                "not_published": [NOT_PUBLISHED],
                "not_applicable": [NOT_APPLICABLE],
            }
        ),
    }
    for name, frame in frames.items():
        arrow.load(con, f"create table {name} as select * from incoming", frame)


def _hidden(cells: pl.DataFrame, quarter: Quarter, outside: Outside, limits: Mapping[str, int]) -> pl.DataFrame:
    """The cells with ``is_hidden``: MHCLG has hidden it, or hides it below the base that the run was set to."""
    tidy = cells.rename({"official_table": "table"}).with_columns(quarter=pl.lit(str(quarter)))
    place = ("la_code", "official_table", "column_path", "measure")
    by_rule = [
        suppress(tidy.filter(pl.col("la_code").is_in([code for code, own in limits.items() if own == limit])), limit)
        for limit in sorted(set(limits.values()))
    ]
    ruled = pl.concat(by_rule).rename({"table": "official_table"}).filter(pl.col("note") == SUPPRESSED)
    printed = outside.suppressed.with_columns(was_hidden=pl.lit(value=True))
    joined = cells.join(
        ruled.select(*place, by_rule=pl.lit(value=True)), on=place, how="left", maintain_order="left"
    ).join(printed, on=place[:3], how="left", maintain_order="left")
    is_hidden = pl.col("by_rule").fill_null(value=False) | pl.col("was_hidden").fill_null(value=False)
    return joined.with_columns(is_hidden=is_hidden).drop("by_rule", "was_hidden")


def _shared(counts: pl.DataFrame, gathered: Sequence[Gathered], quarter: Quarter) -> across.Shared:
    known = {one.name: one for one in definitions.counts()}
    return across.share(
        counts,
        [across.Relation(one.name, one.sum_of, one.part_of, one.hidden_part_of) for one in known.values()],
        {one.run.la_code: one.key for one in gathered},
        {one.run.la_code: one.released for one in gathered},
        lambda name: known[name].figure(quarter),
        str(quarter.last_day.replace(day=1)),
    )


def _with_intervals(figures: pl.DataFrame, measures: pl.DataFrame, internal: bool) -> pl.DataFrame:
    """The figures with the limits of their 95 % interval, and where they lie in the funnel of all authorities."""
    centre = dict(measures.select("measure", "value").iter_rows())
    known = {one.name: one for one in definitions.measures()}
    columns = ("measure", "numerator", "denominator", "value")
    rows: list[tuple[float | None, float | None, str]] = []
    for name, numerator, denominator, value in figures.select(columns).iter_rows():
        measure, middle = known[name], centre[name]
        if value is None or measure.unit == definitions.DAYS:
            rows.append((None, None, ""))
            continue
        away = 0 if internal else across.MOST_AWAY
        # The households of an area are printed as they are.
        base_away = 0 if measure.denominator == definitions.HOUSEHOLDS else away
        limits = {
            z: interval(
                measure, (numerator - away, numerator + away), (denominator - base_away, denominator + base_away), z
            )
            for z in (Z_95, Z_998)
        }
        rows.append((*limits[Z_95], position(middle, limits)))
    beside = pl.DataFrame(
        rows, schema={"lower": pl.Float64(), "upper": pl.Float64(), "in_funnel": pl.String()}, orient="row"
    )
    return pl.concat([figures, beside], how="horizontal")


def interval(
    measure: definitions.Measure, numerator: tuple[float, float], denominator: tuple[float, float], z: float = Z_95
) -> tuple[float, float]:
    """The limits of a figure: Wilson's of a share, the score limits of a Poisson count of a rate.

    Args:
        measure: which.
        numerator: the least and the most that it can be, where it is rounded.
        denominator: the same, above 0.
        z: the normal quantile.
    """
    (least, most), (short, long) = numerator, denominator
    least, short = max(least, 0.0), max(short, 1.0)
    if measure.unit == definitions.FRACTION:
        low, _ = wilson_interval(min(least, long), long, z)
        _, high = wilson_interval(min(most, short), short, z)
    else:
        low = count_interval(least, z)[0] / long * measure.per
        high = count_interval(most, z)[1] / short * measure.per
    # What is left of 0 after a subtraction is 0.
    return round(low, _PLACES), round(high, _PLACES)


def position(middle: float | None, limits: Mapping[float, tuple[float, float]]) -> str:
    """Where a figure lies beside all authorities: empty within the 95 % limits of chance, else how far outside."""
    words = ""
    for z, name in ((Z_95, "95%"), (Z_998, "99.8%")):
        low, high = limits[z]
        if middle is not None and not low <= middle <= high:
            words = f"{'above' if middle < low else 'below'} {name}"
    return words
