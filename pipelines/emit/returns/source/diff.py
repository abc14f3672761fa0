"""Two returns laid beside each other: the cases, rows and fields in which they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.emit.returns.official import ReturnProfile
from pipelines.emit.returns.source.tables import PERSONAL, ReadReturn, Table, read_return
from pipelines.findings import MASK
from schemas.codelists import codelist
from schemas.sections import SECTION, SECTIONS, Column

CASE_A, CASE_B, ROW_A, ROW_B, CHANGED = "case only in A", "case only in B", "row only in A", "row only in B", "changed"

SCHEMA = pl.Schema(
    {
        name: pl.Int64() if name.startswith("line") else pl.String()
        for name in (
            "case_ref",
            "change",
            "section",
            "record_key",
            "field",
            "element",
            "before",
            "before_label",
            "after",
            "after_label",
            "file_a",
            "line_a",
            "file_b",
            "line_b",
        )
    }
)
"""One row per case that one return alone holds, per row of a section that one alone holds in a case of both (with what
it holds under ``before`` or ``after``), and per field that differs. Personal values are masked."""
VALUES = ("before", "before_label", "after", "after_label")
"""The columns with values of cases."""


@dataclass(frozen=True)
class Side:
    """One of the two returns, as the screen shows it."""

    files: tuple[str, ...]
    authority: str | None
    quarter: str | None
    cases: int
    not_compared: int
    """Elements and attributes that the return profile has no place for, or no group takes."""
    has_personal: bool


@dataclass(frozen=True)
class Difference:
    """What differs."""

    a: Side
    b: Side
    rows: pl.DataFrame
    """In the columns of ``SCHEMA``, sorted by case."""


def diff_returns(a: Path, b: Path, profile_a: ReturnProfile, profile_b: ReturnProfile) -> Difference:
    """Compare two returns by case, row and field, in our codes.

    Raises:
        InputError: one of them cannot be read, or is no return of its profile.
    """
    one, other = read_return(a, profile_a), read_return(b, profile_b)
    refs_a, refs_b = _refs(one), _refs(other)
    parts = [_cases(one, refs_a - refs_b, CASE_A, "a"), _cases(other, refs_b - refs_a, CASE_B, "b")]
    for name in (*(section.name for section in SECTIONS), PERSONAL):
        if name in one.tables and name in other.tables:
            parts += _of_table(name, one, other, refs_a & refs_b)
    order = ["case_ref", "_place", "record_key", "change", "field"]
    places = {name: place for place, name in enumerate((*SECTION, PERSONAL))}
    rows = pl.concat(parts).with_columns(
        pl.col("section").replace_strict(places, default=-1, return_dtype=pl.Int64()).alias("_place")
    )
    return Difference(_side(one), _side(other), rows.sort(order, nulls_last=True).select(list(SCHEMA)))


def _refs(read: ReadReturn) -> set[str]:
    return set(read.tables["main"].frame.get_column("case_ref").drop_nulls())


def _side(read: ReadReturn) -> Side:
    header = next(one.header for one in read.documents if one.kind == "case")
    return Side(
        files=tuple(one.file.name for one in read.documents),
        authority=header.get("authority"),
        quarter=header.get("quarter"),
        cases=len(_refs(read)),
        not_compared=sum(often for often, _ in read.unknown.values()) + len(read.strays),
        has_personal=PERSONAL in read.tables,
    )


def _cases(read: ReadReturn, refs: set[str], change: str, side: str) -> pl.DataFrame:
    main = read.tables["main"].frame.filter(pl.col("case_ref").is_in(sorted(refs)))
    main = main.unique("case_ref", keep="first", maintain_order=True)
    return _laid(_with_places(main, read, side), change=change)


def _with_places(frame: pl.DataFrame, read: ReadReturn, side: str) -> pl.DataFrame:
    names = dict(enumerate(one.file.name for one in read.documents))
    file = pl.col("_document").replace_strict(names, return_dtype=pl.String())
    return frame.with_columns(file.alias(f"file_{side}"), pl.col("_line").alias(f"line_{side}"))


def _laid(frame: pl.DataFrame, **constants: str) -> pl.DataFrame:
    """The frame in the columns of the result; what it lacks is null."""
    have = frame.with_columns(pl.lit(text).alias(name) for name, text in constants.items())
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items() if name not in have.columns]
    return have.with_columns(lacking).select(list(SCHEMA)).cast(SCHEMA)


def _of_table(name: str, one: ReadReturn, other: ReadReturn, both: set[str]) -> list[pl.DataFrame]:
    a, b = one.tables[name], other.tables[name]
    section = SECTION[a.section]
    columns = [column for column in section.columns if column.name in a.columns and column.name in b.columns]
    is_numbered = (a.is_numbered and b.is_numbered) or not section.key[-1].endswith("_no")
    key = [column for column in section.key if is_numbered or column != section.key[-1]]
    values = [column for column in columns if column.name not in section.key]
    shown = [column.name for column in columns if is_numbered or column.name != section.key[-1]]
    left, right = _raw_beside(one, a, both, "a"), _raw_beside(other, b, both, "b")
    left, right = _without_equal(left, right, shown)
    # Without numbers, the rows that are left of a case are compared in their order.
    left, right = (side.with_columns(pl.int_range(pl.len()).over(key).alias("_nth")) for side in (left, right))
    on = [*key, "_nth"]
    found = []
    for mine, theirs, change, side, into in (
        (left, right, ROW_A, "a", "before"),
        (right, left, ROW_B, "b", "after"),
    ):
        alone = mine.join(theirs, on=on, how="anti", nulls_equal=True)
        content = _content(values).alias(into)
        alone = alone.with_columns(content, _record_key(section.key).alias("record_key"))
        found.append(_laid(alone.select("case_ref", "record_key", into, f"file_{side}", f"line_{side}"), change=change))
    pairs = left.join(right, on=on, how="inner", suffix=" of B", nulls_equal=True)
    pairs = pairs.with_columns(_record_key(section.key).alias("record_key"))
    for column in values:
        before, after = pl.col(column.name), pl.col(f"{column.name} of B")
        differ = pairs.filter(before.ne_missing(after))
        elements = dict(enumerate(_element(b, place, column.name) for place in range(len(b.names))))
        found.append(
            _laid(
                differ.select(
                    "case_ref",
                    "record_key",
                    pl.lit(column.name).alias("field"),
                    pl.col("_group of B").replace_strict(elements, return_dtype=pl.String()).alias("element"),
                    _shown(before, column).alias("before"),
                    _label(before, column).alias("before_label"),
                    _shown(after, column).alias("after"),
                    _label(after, column).alias("after_label"),
                    *("file_a", "line_a", "file_b", "line_b"),
                ),
                change=CHANGED,
            )
        )
    return [part.with_columns(pl.lit(name).alias("section")) for part in found]


def _raw_beside(read: ReadReturn, table: Table, both: set[str], side: str) -> pl.DataFrame:
    """The rows of cases of both returns; what is not understood stands as it is written."""
    frame = table.frame
    for (name,), cells in table.raw.group_by("column", maintain_order=True):
        raw = cells.select("_row", pl.col("raw").alias("_raw"))
        frame = frame.join(raw, on="_row", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce(str(name), "_raw").alias(str(name))).drop("_raw")
    several = [one.name for one in SECTION[table.section].columns if one.kind == "codes" and one.name in table.columns]
    # The order in which codes of one field are written says nothing.
    frame = frame.with_columns(pl.col(name).str.split(";").list.sort().list.join(";") for name in several)
    return _with_places(frame.filter(pl.col("case_ref").is_in(sorted(both))), read, side)


def _without_equal(left: pl.DataFrame, right: pl.DataFrame, columns: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that have no equal one on the other side; of rows that are there several times, as many as differ."""
    left, right = (side.with_columns(pl.int_range(pl.len()).over(columns).alias("_same")) for side in (left, right))
    on = [*columns, "_same"]
    return tuple(
        mine.join(theirs, on=on, how="anti", nulls_equal=True, maintain_order="left").drop("_same")
        for mine, theirs in ((left, right), (right, left))
    )  # type: ignore[return-value]


def _record_key(key: tuple[str, ...]) -> pl.Expr:
    parts = [pl.format("{}={}", pl.lit(name), pl.col(name).fill_null("?")) for name in key if name != "case_ref"]
    return pl.concat_str(parts, separator=", ") if parts else pl.lit(None, dtype=pl.String())


def _element(table: Table, group: int, column: str) -> str:
    return "/".join(part for part in (table.elements[group], table.names[group].get(column, "")) if part)


def _shown(value: pl.Expr, column: Column) -> pl.Expr:
    return pl.when(value.is_not_null()).then(pl.lit(MASK)) if column.personal else value


def _label(value: pl.Expr, column: Column) -> pl.Expr:
    """Labels of codes; null where the column has none."""
    if column.codelist is None or column.personal:
        return pl.lit(None, dtype=pl.String())
    labels: Mapping[str, str] = {code: one.label for code, one in codelist(column.codelist).codes.items()}
    each = pl.element().replace_strict(labels, default=pl.element(), return_dtype=pl.String())
    return value.str.split(";").list.eval(each).list.join("; ")


def _content(values: list[Column]) -> pl.Expr:
    """What a row holds, in words: field and label."""
    parts = []
    for column in values:
        value = pl.col(column.name)
        text = pl.coalesce(_label(value, column), _shown(value, column))
        parts.append(pl.when(value.is_not_null()).then(pl.format("{}: {}", pl.lit(column.name), text)))
    return pl.concat_str(parts, separator="; ", ignore_nulls=True) if parts else pl.lit("")
