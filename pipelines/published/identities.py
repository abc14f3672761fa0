"""What must hold between printed figures, tested on a workbook, and the figures known to contradict others.

``identities_for`` lists what must hold in a quarter: totals and their parts (``sums``), bounds (``bounds``) and the
support needs of A3 (``degrees``). Each was tested on every authority of every workbook at hand; where one does not hold
is kept in ``schemas/tables/published_defects.csv``, which ``hclic published --defects`` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from pipelines.published.bounds import bounded
from pipelines.published.headings import in_force, layout_for, read_data
from pipelines.published.identity import Identity as Identity
from pipelines.published.identity import Kind as Kind
from pipelines.published.identity import Ref as Ref
from pipelines.published.sums import between_tables, within_listed, within_tables

VIOLATION_SCHEMA = {
    "quarter": pl.String,
    "edition": pl.String,
    "table": pl.String,
    "column_path": pl.String,
    "la_code": pl.String,
    "printed": pl.Int64,
    "must_be": pl.String,
    "sum": pl.Int64,
    "identity": pl.String,
}
DEFECT_KEY = list(VIOLATION_SCHEMA)


@lru_cache(maxsize=64)
def identities_for(quarter: str) -> tuple[Identity, ...]:
    """What must hold of an authority's figures in a quarter, within tables first, then between tables, then bounds.

    Every figure named is a column of the quarter's layout with measure ``count``. A quarter after the last known
    one has that one's identities. Name and figure together are those of one identity only. Raises ``UsageError`` as
    ``layout_for`` does.
    """
    layout = layout_for(quarter)
    return (*within_tables(layout), *within_listed(layout), *between_tables(layout), *bounded(layout))


def readable_identities(tidy: pl.DataFrame) -> tuple[tuple[Identity, ...], tuple[Identity, ...]]:
    """The identities of one workbook's quarter whose columns were all read, and those of which a column was not."""
    there = set(tidy.filter(pl.col("measure") == "count").select("table", "column_path").unique().iter_rows())
    of_quarter = identities_for(tidy["quarter"][0]) if tidy.height else ()
    tested = tuple(identity for identity in of_quarter if there.issuperset(identity.refs))
    return tested, tuple(identity for identity in of_quarter if identity not in tested)


def check_identities(tidy: pl.DataFrame, edition: str = "first") -> pl.DataFrame:
    """Printed figures that contradict others (``VIOLATION_SCHEMA``): one row per figure and identity, sorted.

    ``tidy`` is that of one workbook. A cell without a number takes part in no identity, so suppressed rows
    are not tested. ``must_be`` is 'equal', 'at least' or 'at most', ``sum`` what the other figures add up to, or
    the nearest number that they leave room for.
    """
    found = [pl.DataFrame(schema=VIOLATION_SCHEMA)]
    for (quarter,), rows in tidy.group_by("quarter", maintain_order=True):
        counts = rows.filter((pl.col("measure") == "count") & pl.col("la_code").str.contains(r"^E0[6-9]"))
        wide = counts.with_columns(ref=pl.col("table") + "|" + pl.col("column_path")).pivot(
            on="ref", index="la_code", values="value"
        )
        tested, _ = readable_identities(counts)
        linear = wide.select(
            expression
            for at, identity in enumerate(tested)
            if identity.kind is not Kind.DEGREES
            for expression in _linear_limits(identity, at)
        )
        for at, identity in enumerate(tested):
            limits = (
                _limits_by_row(identity, wide)
                if identity.kind is Kind.DEGREES
                else linear.select(low=f"low {at}", high=f"high {at}")
            )
            beside = limits.with_columns(la_code=wide["la_code"], printed=wide[_name(identity.printed)])
            for must_be, broken in _broken(identity.kind):
                missed = beside.filter(broken)
                if missed.is_empty():
                    continue
                found.append(
                    missed.select(
                        quarter=pl.lit(quarter),
                        edition=pl.lit(edition),
                        table=pl.lit(identity.printed[0]),
                        column_path=pl.lit(identity.printed[1]),
                        la_code="la_code",
                        printed=pl.col("printed").cast(pl.Int64),
                        must_be=pl.lit(must_be),
                        sum=pl.col("high" if must_be == Kind.AT_MOST else "low").cast(pl.Int64),
                        identity=pl.lit(identity.name),
                    )
                )
    return pl.concat(found).sort(*DEFECT_KEY)


def _name(ref: Ref) -> str:
    return "|".join(ref)


def _linear_limits(identity: Identity, at: int) -> Iterator[pl.Expr]:
    """The bounds of an identity for every authority; null where a figure that takes part is not printed."""
    low = pl.sum_horizontal([_name(ref) for ref in identity.parts], ignore_nulls=False)
    rest = pl.sum_horizontal([_name(ref) for ref in identity.rest], ignore_nulls=False) if identity.rest else 0.0
    # Nothing is tested by halves: where the upper bound is not known the lower one is not either.
    yield (low + rest - rest).alias(f"low {at}")
    yield (low + rest).alias(f"high {at}")


def _limits_by_row(identity: Identity, wide: pl.DataFrame) -> pl.DataFrame:
    others = [*identity.parts, *identity.rest]
    rows = wide.select(_name(ref) for ref in others).iter_rows()
    limits = [
        (None, None) if None in row else identity.bounds(dict(zip(others, map(int, row), strict=True))) for row in rows
    ]
    return pl.DataFrame(limits, schema={"low": pl.Float64, "high": pl.Float64}, orient="row")


def _broken(kind: Kind) -> Iterator[tuple[str, pl.Expr]]:
    below, above = pl.col("printed") < pl.col("low"), pl.col("printed") > pl.col("high")
    if kind is Kind.EQUAL:
        yield "equal", below | above
        return
    if kind is not Kind.AT_MOST:
        yield "at least", below
    if kind is not Kind.AT_LEAST:
        yield "at most", above


@lru_cache(maxsize=1)
def known_defects() -> pl.DataFrame:
    """One row per printed figure and identity that it is known to break (``VIOLATION_SCHEMA``), with two columns more.

    ``file`` is the workbook it was found in, ``note`` what is known of it beyond its figures, or empty.
    """
    rows = list(read_data("published_defects.csv"))
    notes = list(read_data("published_defect_notes.csv"))
    columns = {"column_path": "column", "la_code": "authority"}
    return pl.DataFrame(
        {
            **{
                name: [int(row[name]) if dtype == pl.Int64 else row[columns.get(name, name)] for row in rows]
                for name, dtype in VIOLATION_SCHEMA.items()
            },
            "file": [row["file"] for row in rows],
            "note": [" ".join(note["note"] for note in notes if _is_of(note, row)) for row in rows],
        },
        schema={**VIOLATION_SCHEMA, "file": pl.String, "note": pl.String},
    )


def _is_of(note: dict[str, str], row: dict[str, str]) -> bool:
    return (
        row["identity"] in note["identities"].split(";")
        and in_force(note, row["quarter"])
        and note["authority"] in ("", row["authority"])
    )


def known_of(violations: pl.DataFrame) -> list[str]:
    """What is known of such contradictions beyond their figures, a sentence each, in the order of the files."""
    rows = violations.rename({"la_code": "authority"}).to_dicts()
    columns = {(row["quarter"], row["table"], row["column_path"]) for row in rows}
    found = [
        f"{wrong.table} {wrong.column_path}: {wrong.reason}."
        for quarter in sorted({row["quarter"] for row in rows})
        for wrong in wrong_columns(quarter)
        if (quarter, wrong.table, wrong.column_path) in columns
    ]
    for note in read_data("published_defect_notes.csv"):
        about = [row for row in rows if _is_of(note, row)]
        who = f", {note['authority']}" if note["authority"] else ""
        found += [f"{' and '.join(sorted({row['table'] for row in about}))}{who}: {note['note']}"] if about else []
    return list(dict.fromkeys(found))


def new_violations(violations: pl.DataFrame) -> pl.DataFrame:
    """Violations that are not among the known defects."""
    return violations.join(known_defects(), on=DEFECT_KEY, how="anti")


@dataclass(frozen=True)
class WrongColumn:
    """A column that is wrong in print for most authorities of a quarter."""

    table: str
    column_path: str
    reason: str


def wrong_columns(quarter: str) -> tuple[WrongColumn, ...]:
    """Columns of a quarter that a match against the published tables has to leave out, with the reason."""
    return tuple(
        WrongColumn(row["table"], row["column_path"], row["reason"])
        for row in read_data("wrong_columns.csv")
        if in_force(row, quarter)
    )
