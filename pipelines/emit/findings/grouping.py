"""Findings of one cause as one row: a spelling that the profile lacks is one thing to mend, not 21,835.

Grouped are the findings of the reading on records, and those of the rules on what was not understood or not there
because of them. All others stand as they are: an officer works through them case by case. Nothing that decides looks at
groups: blocking, waivers and the cases that are left out go by single records.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines import findings as found
from pipelines.findings_id import digest_of

RUNS_SHOWN = 12
"""Rows of a group that are named, a run of rows counting as one."""

VALUES_SHOWN = 5
"""Values that are named of a column with more than ``findings.DISTINCT_SHOWN``: the most frequent ones."""

_COLUMN = ["rule_id", "severity", "scope", "section", "fields", "file"]
"""What one cause has in common, beside value and words."""
_KEY = [*_COLUMN, "in_return", "action", "kind"]
_SAME = ("case_ref", "record_key", "local_ref", "officer", "team", "value", "state", "note")
_READING = "^X-"
_NO_COLUMN = ("X-09", "X-44")
"""What the reading says of a column that is not there at all."""


def group(findings: pl.DataFrame, *, by_value: bool = True) -> pl.DataFrame:
    """The findings, those of one cause as one row with ``count``, first ``row`` and ``rows``.

    Args:
        findings: one row per finding and record, with its place and ``in_return``.
        by_value: keep values apart (not where values are not shown).
    """
    if findings.is_empty():
        return findings
    numbered, grouped = _grouped(findings, by_value)
    if grouped.is_empty():
        return findings
    parts = [_aggregated(rows, [*_KEY, *told]) for rows, told in _parts(grouped, by_value)]
    alone = numbered.join(grouped.select("_n"), on="_n", how="anti")
    return found.combine([alone.drop("_n", "_words"), *parts])


def group_ids(findings: pl.DataFrame) -> pl.Series:
    """The id of the group that each finding is told in, or would be if another of its cause came; none for the others.

    What is noted on a group stays with its findings when only one of them is left.
    """
    nothing = pl.Series("group_id", [None] * findings.height, pl.String)
    if findings.is_empty():
        return nothing
    numbered, grouped = _grouped(findings, by_value=True)
    if grouped.is_empty():
        return nothing
    parts = [rows.select("_n", _group_id(rows, told)) for rows, told in _parts(grouped, by_value=True) if rows.height]
    ids = pl.concat(parts).rename({"finding_id": "group_id"})
    return numbered.select("_n").join(ids, on="_n", how="left", maintain_order="left")["group_id"]


def _grouped(findings: pl.DataFrame, by_value: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The findings with number and words, and those of them that are told by their cause."""
    numbered = findings.with_row_index("_n").with_columns(_words().alias("_words"))
    causes = _causes(numbered)
    read = numbered.filter(
        pl.col("rule_id").str.contains(_READING)
        & (pl.col("scope") == found.RECORD)
        & pl.col("file").is_not_null()
        & pl.col("row").is_not_null()
    ).with_columns(pl.lit(None, pl.String).alias("_cause"))
    grouped = pl.concat([read, causes.select(read.columns)])
    kinds = (pl.struct("value", "_words") if by_value else pl.col("_words")).n_unique()
    return numbered, grouped.with_columns(
        (kinds.over(_COLUMN) > found.DISTINCT_SHOWN).alias("_many"), kinds.over(_KEY).alias("_kinds")
    )


def _parts(grouped: pl.DataFrame, by_value: bool) -> Iterator[tuple[pl.DataFrame, list[str]]]:
    """The findings by whether their column has many values, each with what tells groups apart besides ``_KEY``."""
    # Of a column with many values neither value nor words tell one group from another.
    apart = ["_words", "value"] if by_value else ["_words"]
    yield grouped.filter("_many"), ["_cause"]
    yield grouped.filter(~pl.col("_many")), ["_cause", *apart]


def _group_id(rows: pl.DataFrame, told: list[str]) -> pl.Series:
    """What a group is known by: what its findings have in common, but for the numbers in the name of a file.

    It is the same whichever of its findings are put right.
    """
    unnumbered = [
        pl.col(name).str.replace_all(r"\d+", "") if name == "file" else pl.col(name)
        for name in (*_COLUMN, "in_return", *told)
    ]
    return digest_of(rows.select(unnumbered))


def _words() -> pl.Expr:
    """The message without its row."""
    place = pl.format("{}, row {}", "file", "row")
    rest = pl.col("message").str.strip_prefix(place)
    words = (
        pl.when(pl.col("message").str.starts_with(place)).then(rest).otherwise("message").fill_null(pl.col("message"))
    )
    # What the reading has grouped by case already names its rows at the end.
    return pl.when(pl.col("rows").is_null()).then(words).otherwise(words.str.replace(r" So in \d+ rows: [^:]*\.$", ""))


def _causes(numbered: pl.DataFrame) -> pl.DataFrame:
    """Findings of the rules on cells that the reading did not understand or find, with ``_cause``: what it said."""
    is_read = pl.col("rule_id").str.contains(_READING)
    cells = numbered.filter(is_read & pl.col("fields").is_not_null() & pl.col("section").is_not_null())
    cause = pl.col("rule_id").alias("_cause")
    name = pl.col("fields").alias("name")
    of_cells = cells.filter(pl.col("scope") == found.RECORD).select("section", name, "file", "row", "case_ref", cause)
    of_columns = found.named_columns(cells.filter(pl.col("rule_id").is_in(_NO_COLUMN))).select("section", "name", cause)
    own = pl.col("section").alias("_own")
    rules = numbered.filter(~is_read & (pl.col("scope") == found.RECORD) & pl.col("row").is_not_null())
    named = found.named_columns(rules.with_columns(own))
    elsewhere = named.filter(pl.col("section") != pl.col("_own"))
    told = pl.concat(
        named_part.join(of.unique(key, keep="first", maintain_order=True), on=key, how="inner").select("_n", "_cause")
        for named_part, of, key in (
            (named.filter(pl.col("section") == pl.col("_own")), of_cells, ["section", "name", "file", "row"]),
            (elsewhere, of_cells, ["section", "name", "case_ref"]),
            (named, of_columns, ["section", "name"]),
        )
    )
    first = told.group_by("_n").agg(pl.col("_cause").min())
    return rules.join(first, on="_n", how="inner")


def _aggregated(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """One row per key; a group of one is that finding, unchanged."""
    if rows.is_empty():
        return rows.select(list(found.SCHEMA))
    numbered = rows.sort("file", "row", "_n", nulls_last=True).with_columns(
        pl.struct(key).rank("dense").alias("_g"), pl.len().over(key, order_by=None).alias("_size")
    )
    alone = numbered.filter(pl.col("_size") == 1).select(list(found.SCHEMA))
    many = numbered.filter(pl.col("_size") > 1)
    if many.is_empty():
        return alone
    same = [name for name in _SAME if name not in key]
    out = many.group_by("_g", maintain_order=True).agg(
        *(pl.col(name).first() for name in key),
        *(pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in same),
        *(pl.col(name).first() for name in ("_words", "row", "_kinds", "_many") if name not in key),
        pl.col("count").sum(),
        pl.col("since").min(),
        pl.col("state").is_not_null().any().alias("_known"),
    )
    out = out.with_columns(
        _group_id(out, [name for name in ("_cause", "_words", "value") if name in key]),
        # One that stood there before is not new because more came to it.
        pl.coalesce("state", pl.when(pl.col("_known")).then(pl.lit(found.OPEN))).alias("state"),
    )
    out = out.join(_frequent(many), on="_g", how="left", maintain_order="left")
    out = out.join(_rows(many), on="_g", how="left", maintain_order="left")
    return pl.concat([alone, found.complete(_said(out))])


def _said(groups: pl.DataFrame) -> pl.DataFrame:
    """The groups with their message; there are few of them."""
    messages, values = [], []
    for one in groups.iter_rows(named=True):
        # What begins with the place has lost its row.
        words = f"{one['file']}{one['_words']}" if one["_words"].startswith((",", ":")) else one["_words"]
        follows = f" This follows from {one['_cause']} on the same cells." if one["_cause"] else ""
        like = f" There are {one['_kinds']:,} different such values or rows." if one["_many"] else ""
        messages.append(f"{words}{follows}{like} This concerns {one['count']:,} records, in rows {one['rows']}.")
        value = one["value"]
        if value is None and one["_many"]:
            named = one["_values"]
            value = "; ".join([*named, "…"]) if named else None
        values.append(value)
    return groups.with_columns(pl.Series("message", messages, pl.String()), pl.Series("value", values, pl.String()))


def _frequent(many: pl.DataFrame) -> pl.DataFrame:
    """The most frequent values of each group (``_g``)."""
    counted = many.drop_nulls("value").group_by("_g", "value").len()
    counted = counted.sort("_g", "len", "value", descending=[False, True, False])
    return counted.group_by("_g").agg(pl.col("value").head(VALUES_SHOWN).alias("_values"))


def _rows(many: pl.DataFrame) -> pl.DataFrame:
    """The rows of each group (``_g``) in words: ``12, 15-18, 40 and 20 more``."""
    single = many.select("_g", "row").unique().sort("_g", "row")
    starts = (pl.col("row").diff().over("_g") != 1).fill_null(value=True)
    runs = (
        single.with_columns(starts.cum_sum().over("_g").alias("_run"))
        .group_by("_g", "_run")
        .agg(pl.col("row").min().alias("_from"), pl.col("row").max().alias("_to"), pl.len().alias("_rows"))
        .sort("_g", "_run")
    )
    text = (
        pl.when(pl.col("_from") == pl.col("_to"))
        .then(pl.col("_from").cast(pl.String))
        .otherwise(pl.format("{}-{}", "_from", "_to"))
    )
    listed = runs.group_by("_g").agg(
        text.head(RUNS_SHOWN).str.join(", ").alias("rows"),
        pl.col("_rows").head(RUNS_SHOWN).sum().cast(pl.Int64).alias("_listed"),
    )
    # One that speaks of several rows already is known by its first.
    spoken = pl.when(pl.col("rows").is_null().all()).then(pl.col("row").n_unique()).otherwise(pl.col("count").sum())
    total = many.group_by("_g").agg(spoken.cast(pl.Int64).alias("_total"))
    listed = listed.join(total, on="_g").with_columns((pl.col("_total") - pl.col("_listed")).alias("_more"))
    more = pl.when(pl.col("_more") > 0).then(pl.format(" and {} more", "_more")).otherwise(pl.lit(""))
    return listed.select("_g", pl.concat_str("rows", more).alias("rows"))
