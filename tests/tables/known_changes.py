"""An invented authority whose tables are its published row, and one known change at a time made to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.emit.tables.reconcile import Reconciled, reconcile
from pipelines.findings import SCHEMA as FINDINGS
from pipelines.period import Quarter
from pipelines.published.headings import layout_for
from pipelines.published.reader import TIDY_SCHEMA
from pipelines.synthesise import synthesise
from pipelines.synthesise.cells import of_interest
from pipelines.transform import RECORDED, build_facts, build_quarter_end, build_sent, load_sections, prepare
from pipelines.transform.selection import FORCED_SCHEMA
from tests.published.workbooks import KEPT, read

AUTHORITY = "E06000017"  # Rutland, the smallest
QUARTER = Quarter(2025, 3)
FIRST, LAST = QUARTER.first_day, QUARTER.last_day
AS_AT = LAST + timedelta(days=30)
CUT_OFF = LAST + timedelta(days=42)
NEW = f"{AUTHORITY}_000000009999"

Sections = dict[str, pl.DataFrame]


NEWHAM = "E09000025"
"""An authority whose printed TA4 is not the sum of its TA4c and TA4s: no reason for anything in another row."""


@cache
def printed(authority: str = AUTHORITY) -> pl.DataFrame:
    """The authority's rows of the workbook, England's, and Newham's."""
    tidy = read(KEPT).tidy
    return pl.concat([of_interest(tidy, authority), tidy.filter(pl.col("la_code") == NEWHAM)])


@cache
def invented(authority: str = AUTHORITY) -> Sections:
    """Its cases: what is computed from them is what is printed."""
    return synthesise([printed(authority)], authority, 7).sections


@dataclass
class Change:
    """What was changed: cases, what the run was told, or what is printed; ``true`` are the kinds that may be said."""

    sections: Sections
    true: frozenset[str]
    printed: pl.DataFrame
    forced: list[tuple[str, str, str]] = field(default_factory=list)
    edition: str = "first"
    earlier: Sections | None = None
    named: str = ""
    """The case that the internal file has to name."""


def change(*true: str, authority: str = AUTHORITY, **given: Any) -> Change:
    """Nothing changed as yet."""
    return Change(dict(invented(authority)), frozenset(true), printed(authority), **given)


@contextmanager
def quarter_of(made: Change, authority: str = AUTHORITY) -> Iterator[duckdb.DuckDBPyConnection]:
    """The editions of the quarter, with what a run keeps beside them."""
    with duckdb.connect(":memory:") as con:
        con.execute("set threads = 1")
        load_sections(con, made.sections)
        prepare(con, run_id="r", la_code=authority, quarter=QUARTER, as_at=AS_AT)
        build_facts(con, RECORDED)
        build_quarter_end(con)
        chosen = build_sent(con, pl.DataFrame(made.forced, schema=FORCED_SCHEMA, orient="row"))
        for name, rows in (
            ("findings", pl.DataFrame(schema={"run_id": pl.String, **FINDINGS})),
            ("case_selection", chosen.with_columns(run_id=pl.lit("r"))),
        ):
            arrow.load(con, f"create table main.{name} as select * from incoming", rows)
        yield con


def compared(made: Change, authority: str = AUTHORITY) -> Reconciled:
    """The two rows beside each other, with reasons."""
    layout = layout_for(str(QUARTER))
    book = SimpleNamespace(tidy=made.printed, quarter=str(QUARTER), edition=made.edition, layout=layout, unread=[])
    with quarter_of(made, authority) as con:
        return reconcile(con, book, authority=authority, cut_off=CUT_OFF, earlier=lambda: made.earlier)


# How a change is made


def rows(made: Change, section: str) -> pl.DataFrame:
    return made.sections[section]


def put(made: Change, section: str, column: str, value: Any, ref: str, **key: Any) -> None:
    """Set one cell of one record."""
    frame = rows(made, section)
    is_it = pl.col("case_ref") == ref
    for name, given in key.items():
        is_it &= pl.col(name) == given
    assert frame.filter(is_it).height == 1, (section, ref, key)
    typed = pl.lit(value, dtype=frame.schema[column])
    made.sections[section] = frame.with_columns(pl.when(is_it).then(typed).otherwise(column).alias(column))


def drop(made: Change, ref: str) -> None:
    """Take a case out of every section."""
    made.sections = {name: frame.filter(pl.col("case_ref") != ref) for name, frame in made.sections.items()}


def copy(made: Change, ref: str, born_on: date | None = None, **main: Any) -> None:
    """Add a case like this one under a new reference, of other people where a birth is given."""
    for name, frame in made.sections.items():
        more = frame.filter(pl.col("case_ref") == ref).with_columns(pl.lit(NEW).alias("case_ref"))
        if name == "main":
            more = more.with_columns(pl.lit(value, frame.schema[key]).alias(key) for key, value in main.items())
        if name == "people" and born_on:
            more = more.with_columns(
                pl.when(pl.col("person_no") == 1)
                .then(pl.lit(born_on))
                .otherwise(pl.col("date_of_birth").dt.offset_by("-1d"))
                .alias("date_of_birth")
            )
        made.sections[name] = pl.concat([frame, more])


def assessed(made: Change, **having: Any) -> str:
    """A case assessed in the quarter as owed the relief duty that is in no accommodation."""
    main, placed = rows(made, "main"), rows(made, "temporary_accommodation")["case_ref"].implode()
    owed = main.filter(pl.col("assess_date").is_between(FIRST, LAST), assess1="relief", **having)
    found = owed.filter(~pl.col("case_ref").is_in(placed))
    return str(found["case_ref"].sort()[0])


def housed(made: Change, **having: Any) -> str:
    """A case with one placement, open on the last day."""
    found = rows(made, "temporary_accommodation")
    found = found.filter(pl.len().over("case_ref") == 1).filter(pl.col("exit_date").is_null(), **having)
    return str(found["case_ref"].sort()[0])


def ended(made: Change, section: str, column: str) -> str:
    """A case in which this duty ended in the quarter."""
    found = rows(made, section).filter(pl.col(column).is_between(FIRST, LAST))
    return str(found["case_ref"].sort()[0])


def of(made: Change, section: str, column: str, ref: str, **key: Any) -> Any:
    """One cell of one record."""
    return rows(made, section).filter(pl.col("case_ref") == ref, **key)[column].item()


def alter(made: Change, table: str, path: str, by: float, measure: str = "count") -> None:
    """Print another figure in one cell."""
    is_it = (
        (pl.col("la_code") == AUTHORITY)
        & (pl.col("table") == table)
        & (pl.col("column_path") == path)
        & (pl.col("measure") == measure)
    )
    assert made.printed.filter(is_it)["value"].is_not_null().sum() == 1
    made.printed = made.printed.with_columns(
        pl.when(is_it).then(pl.col("value") + by).otherwise("value").alias("value")
    ).cast({"value": TIDY_SCHEMA["value"]})
