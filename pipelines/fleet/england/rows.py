"""What authorities' official tables add up to, for England and its regions, beside what MHCLG prints for them.

Counts are added. Percentages and rates are worked out again from added counts, by the definitions of the
authorities' own rows (``schemas/tables/cells.csv``), and never added or averaged. Medians and means of days follow
from the households alone and are not added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.disclosure.official import suppress
from pipelines.emit.tables.cells import bases, cell_rules, zero_shares
from pipelines.published.cells import MISSING, NOT_APPLICABLE, NOT_PUBLISHED, SUPPRESSED
from pipelines.published.headings import Column, Layout, layout_for
from pipelines.published.identities import wrong_columns
from pipelines.published.reader import AUTHORITY_CODE

ENGLAND = "E92000001"
NOT_ADDED_UP = "not added up"
"""Note of a figure that does not follow from the figures of authorities."""

SCHEMA = {
    "la_code": pl.String(),
    "quarter": pl.String(),
    "table": pl.String(),
    "column_path": pl.String(),
    "measure": pl.String(),
    "value": pl.Float64(),
    "note": pl.String(),
    "authorities": pl.Int64(),
    "authorities_suppressed": pl.Int64(),
    "authorities_without": pl.Int64(),
    "published": pl.Float64(),
    "published_note": pl.String(),
    "published_sum": pl.Float64(),
    "published_authorities": pl.Int64(),
    "published_suppressed": pl.Int64(),
    "published_missing": pl.Int64(),
    "imputed_gap": pl.Float64(),
    "compared": pl.Int64(),
    "difference": pl.Float64(),
    "remark": pl.String(),
}
"""One row per area (England, regions) and cell, in the published order.

``value`` and ``note``: ours, over ``authorities`` of them; those hidden in the edition for sharing are
``authorities_suppressed``, those whose figures do not count ``authorities_without``. ``published`` and
``published_note``: what MHCLG prints for the area. ``published_sum``: the sum of the authority rows that it prints, and
how many hold a number, are suppressed, are missing. ``imputed_gap``: published less that sum, of counts and thousands.
``difference``: ours less published over the ``compared`` authorities of which both hold a number, of counts.
"""

_CELL = ["table", "column_path", "measure"]
_KEY = ["area", *_CELL]


@dataclass(frozen=True)
class Share:
    """A column that is the quotient of two: paths of the counts above and below, the latter in ``base_table``.

    Without ``above`` no count is printed of it, and what is above follows from each authority's own, exact share.
    """

    column: Column
    above: str | None
    base_table: str
    base: str
    base_measure: str


def shares(layout: Layout) -> Iterator[Share]:
    """What each percentage and rate of a quarter is the quotient of."""
    rules, base_of = cell_rules(layout.quarter), bases(layout.quarter)
    thousands = {column.table: column.column_path for column in layout.columns if column.measure == "thousands"}
    for column in layout.columns:
        if column.measure not in ("percent", "rate"):
            continue
        counts = [one for one in layout.of(column.table) if one.measure == "count"]
        cells = rules[column.table, column.column_path].cells
        above = next((one.column_path for one in counts if one.column_path == column.column_path), None) or next(
            (one.column_path for one in counts if cells and rules[one.table, one.column_path].cells == cells), None
        )
        if column.measure == "percent":
            yield Share(column, above, column.table, base_of[column.table].column_path, "count")
        elif thousands:
            # Households in the area are printed in some tables, and are the same for all.
            table = column.table if column.table in thousands else next(iter(thousands))
            yield Share(column, above, table, thousands[table], "thousands")


def as_tidy(cells: pl.DataFrame, quarter: str, codes: Mapping[str, str]) -> pl.DataFrame:
    """Cells of a warehouse (``held.CELLS``) as published ones are: under the codes that the workbook knows.

    Args:
        cells: unsuppressed.
        quarter: like 2025-Q3.
        codes: code in the workbook by code in the warehouse; the cells of others are left out.
    """
    return (
        cells.filter(pl.col("la_code").is_in(list(codes)))
        .with_columns(pl.col("la_code").replace(dict(codes)), quarter=pl.lit(quarter))
        .rename({"official_table": "table"})
        .select("la_code", "quarter", *_CELL, "value", "note")
    )


def for_sharing(tidy: pl.DataFrame, below: Mapping[str, int]) -> pl.DataFrame:
    """The cells with those hidden that each authority's own tables hide: what is added up has left already.

    Args:
        tidy: as ``as_tidy`` gives them.
        below: by authority, its setting ``suppress_below``.
    """
    parts = [
        suppress(part, limit)
        for limit in sorted(set(below.values()))
        if (part := tidy.filter(pl.col("la_code").is_in([code for code, own in below.items() if own == limit]))).height
    ]
    return pl.concat(parts) if parts else tidy


def add_up(ours: pl.DataFrame, published: pl.DataFrame, region_of: Mapping[str, str]) -> pl.DataFrame:
    """The rows of England and of each region that the workbook prints (``SCHEMA``).

    Args:
        ours: cells of the authorities whose figures count, one row per authority and cell.
        published: the workbook, tidy, with the rows of areas and authorities.
        region_of: region by authority, for every authority of the workbook.
    """
    (quarter,) = published["quarter"].unique()
    layout = layout_for(quarter)
    printed = published.filter(pl.col("la_code").str.contains(f"^{AUTHORITY_CODE.pattern}$"))
    rows = [(code, area) for code, region in region_of.items() for area in (ENGLAND, region)]
    is_of = pl.DataFrame(rows, schema=["la_code", "area"], orient="row")
    is_of = is_of.filter(pl.col("area").is_in(published["la_code"].unique().implode()))
    # Households in the area are ours from nowhere: those of the workbook stand below our rates too.
    of_households = printed.filter(
        pl.col("measure") == "thousands", pl.col("la_code").is_in(ours["la_code"].unique().implode())
    )
    ours = pl.concat(
        [ours.filter(pl.col("measure") != "thousands"), of_households.select(ours.columns)], how="vertical"
    )
    places = [(area, *key) for area in _areas(is_of) for key in _columns(layout)]
    frame = pl.DataFrame(places, schema=["area", *_CELL, "position"], orient="row")
    frame = frame.join(_ours(ours, layout, is_of), on=_KEY, how="left", maintain_order="left")
    frame = frame.join(_printed_sums(printed, is_of), on=_KEY, how="left", maintain_order="left")
    frame = frame.join(_compared(ours, printed, is_of), on=_KEY, how="left", maintain_order="left")
    own = published.select(*_CELL, area="la_code", published="value", published_note="note")
    frame = frame.join(own, on=_KEY, how="left", maintain_order="left")
    used = is_of.filter(pl.col("la_code").is_in(ours["la_code"].unique().implode())).group_by("area").len("used")
    sizes = is_of.group_by("area").len("size").join(used, on="area", how="left")
    frame = frame.join(sizes, on="area", how="left", maintain_order="left")
    return _finished(frame, quarter)


def _areas(is_of: pl.DataFrame) -> list[str]:
    return sorted(is_of["area"].unique(), key=lambda code: (code != ENGLAND, code))


def _columns(layout: Layout) -> list[tuple[str, str, str, int]]:
    return [(one.table, one.column_path, one.measure, one.position) for one in layout.columns]


def _ours(ours: pl.DataFrame, layout: Layout, is_of: pl.DataFrame) -> pl.DataFrame:
    """By area and column: above, below (of quotients), how many authorities are in it, and how many are hidden."""
    plain = ours.filter(pl.col("measure").is_in(["count", "thousands"])).with_columns(
        above=pl.col("value"), below=pl.lit(None, pl.Float64)
    )
    parts = [plain.select("la_code", *_CELL, "above", "below", "note"), *_quotients(ours, layout)]
    addends = pl.concat(parts).join(is_of, on="la_code")
    whole = pl.col("above").is_not_null() & (
        pl.col("below").is_not_null() | ~pl.col("measure").is_in(["percent", "rate"])
    )
    return addends.group_by(_KEY).agg(
        # Thousands have three places: rounded, a sum does not tell in which order it was added up.
        above=pl.col("above").filter(whole).sum().round(6),
        below=pl.col("below").filter(whole).sum().round(6),
        authorities=whole.sum().cast(pl.Int64),
        authorities_suppressed=(pl.col("note") == SUPPRESSED).sum().cast(pl.Int64),
        is_computable=(pl.col("note") != NOT_PUBLISHED).any(),
    )


def _quotients(ours: pl.DataFrame, layout: Layout) -> Iterator[pl.DataFrame]:
    listed = list(shares(layout))
    plan = pl.DataFrame(
        [(*_names(one.column), one.above, one.base_table, one.base, one.base_measure) for one in listed],
        schema=dict.fromkeys([*_CELL, "above_path", "base_table", "base_path", "base_measure"], pl.String()),
        orient="row",
    )
    counts = ours.filter(pl.col("measure") == "count").select(
        "la_code", "table", above_path="column_path", above="value", note="note"
    )
    below = ours.filter(pl.col("measure").is_in(["count", "thousands"])).select(
        "la_code", base_table="table", base_path="column_path", base_measure="measure", below="value"
    )
    base = ["la_code", "base_table", "base_path", "base_measure"]
    counted = plan.filter(pl.col("above_path").is_not_null()).join(counts, on=["table", "above_path"])
    counted = counted.join(below, on=base, how="left")
    exact = plan.filter(pl.col("above_path").is_null()).join(
        ours.select("la_code", *_CELL, share="value", note="note"), on=_CELL
    )
    exact = exact.join(below, on=base, how="left").with_columns(
        # Nobody below: nobody above.
        above=pl.when(pl.col("below") == 0).then(0.0).otherwise((pl.col("share") * pl.col("below")).round())
    )
    for frame in (counted, exact):
        yield frame.select("la_code", *_CELL, "above", "below", "note")


def _names(column: Column) -> tuple[str, str, str]:
    return column.table, column.column_path, column.measure


def _printed_sums(printed: pl.DataFrame, is_of: pl.DataFrame) -> pl.DataFrame:
    has = pl.col("value").is_not_null()
    summed = pl.col("measure").is_in(["count", "thousands"]).first() & has.any()
    return (
        printed.join(is_of, on="la_code")
        .group_by(_KEY)
        .agg(
            published_sum=pl.when(summed).then(pl.col("value").sum().round(6)),
            published_authorities=has.sum().cast(pl.Int64),
            published_suppressed=(pl.col("note") == SUPPRESSED).sum().cast(pl.Int64),
            published_missing=(pl.col("note") == MISSING).sum().cast(pl.Int64),
        )
    )


def _compared(ours: pl.DataFrame, printed: pl.DataFrame, is_of: pl.DataFrame) -> pl.DataFrame:
    both = ours.filter(pl.col("measure") == "count").join(
        printed.select("la_code", *_CELL, printed="value"), on=["la_code", *_CELL]
    )
    both = both.filter(pl.col("value").is_not_null() & pl.col("printed").is_not_null()).join(is_of, on="la_code")
    return both.group_by(_KEY).agg(
        compared=pl.len().cast(pl.Int64), difference=(pl.col("value") - pl.col("printed")).sum()
    )


def _finished(frame: pl.DataFrame, quarter: str) -> pl.DataFrame:
    zero = pl.DataFrame(sorted(zero_shares(quarter)), schema=["table", "column_path"], orient="row")
    frame = frame.join(zero.with_columns(is_zero=pl.lit(True)), on=["table", "column_path"], how="left",
                       maintain_order="left")  # fmt: skip
    wrong = pl.DataFrame(
        [(one.table, one.column_path, f"MHCLG's column {one.reason}") for one in wrong_columns(quarter)],
        schema=dict.fromkeys(("table", "column_path", "wrong"), pl.String()),
        orient="row",
    )
    frame = frame.join(wrong, on=["table", "column_path"], how="left", maintain_order="left")
    is_share = pl.col("measure").is_in(["percent", "rate"])
    none_below = is_share & (pl.col("below") == 0)
    # Authorities are hidden for being few, so that a rate without them would be that of the others.
    is_partial = (pl.col("measure") == "rate") & (pl.col("authorities_suppressed") > 0)
    is_days = pl.col("measure") == "days"
    is_in = (pl.col("authorities").fill_null(0) > 0) & ~is_partial.fill_null(value=False)
    printed_as_zero = none_below & pl.col("is_zero").fill_null(value=False) & (pl.col("position") == 2)
    value = (
        pl.when(is_days | ~is_in)
        .then(None)
        .when(printed_as_zero)
        .then(0.0)
        .when(none_below)
        .then(None)
        .when(is_share)
        .then(pl.col("above") / pl.col("below"))
        .otherwise(pl.col("above"))
    )
    note = (
        pl.when(is_days)
        .then(pl.lit(NOT_ADDED_UP))
        .when(is_in & none_below & ~printed_as_zero)
        .then(pl.lit(NOT_APPLICABLE))
        .when(is_in)
        .then(pl.lit(""))
        .when(pl.col("authorities_suppressed") > 0)
        .then(pl.lit(SUPPRESSED))
        .when(pl.col("is_computable").fill_null(value=True))
        .then(pl.lit(MISSING))
        .otherwise(pl.lit(NOT_PUBLISHED))
    )
    counted = ("authorities", "authorities_suppressed", "published_authorities", "published_suppressed",
               "published_missing", "compared", "used")  # fmt: skip
    frame = frame.with_columns(
        value=value,
        note=note,
        published_note=pl.col("published_note").fill_null(NOT_PUBLISHED),
        remark=pl.col("wrong").fill_null(""),
        **{name: pl.col(name).fill_null(0) for name in counted},
    )
    return frame.with_columns(
        la_code=pl.col("area"),
        quarter=pl.lit(quarter),
        authorities_without=(pl.col("size") - pl.col("used")).cast(pl.Int64),
        imputed_gap=(pl.col("published") - pl.col("published_sum")).round(6),
    ).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
