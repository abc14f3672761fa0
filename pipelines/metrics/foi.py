"""The standard freedom of information answer: one CSV, month by month, with the definition of each item.

The items are those councils are asked for again and again (field-notes 3.2): approaches, duties accepted, placed, in
temporary accommodation at month end, nightly paid, out of district, families, singles, bed and breakfast and over six
weeks, discharged, children by age, nights, gross and net spend. An answer is published, so it goes
through the one pass of all that may be shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines import whole
from pipelines.errors import OutputError, UsageError
from pipelines.finance.cost import build as cost
from pipelines.metrics.editions import Edition
from pipelines.metrics.emit import prepare_metrics
from pipelines.metrics.stays import build as stays
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.released import remember

NOT_KNOWN = "not known: a rate is missing"
COLUMNS = ("item_no", "item", "month", "value", "unit", "note", "definition")


@dataclass(frozen=True)
class Answer:
    """What was written: rows by item and month, and sentences about what is missing."""

    frame: pl.DataFrame
    authority: str
    missing: list[str]


def parse_month(text: str, option: str) -> date:
    """First day of a month written ``2025-01``.

    Raises:
        UsageError: not a month.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise UsageError(f"{option} is not a month. Write it like 2025-01.") from None


def last_day_of(month: date) -> date:
    """Last day of the month that begins on ``month``."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def foi_month(edition: Edition) -> pl.DataFrame:
    """One row per item and month: item_no, item, first_day, month, value, unit, note, definition.

    In the shareable edition counts of households and children are multiples of 5, let out together with every metric
    that may be shared; nights are rounded too, and spend is left out in a month with fewer than 10 households.
    """
    internal = edition.internal
    basis = "basis" if internal else "basis_for_sharing"
    items = edition.con.execute(
        f"""
        select
            foi_items.item_no,
            foi_items.item,
            foi_items.unit,
            foi_month.first_day,
            foi_month.value is null as is_unknown,
            if(unit = '£', definition || ' Basis: ' || cost_basis.{basis} || '.', definition) as definition,
        from foi_items
        inner join foi_month on foi_items.item_no = foi_month.item_no
        cross join cost_basis
        """
    ).pl()
    frame = (
        edition.table("foi_month").join(items, on=["item_no", "first_day"], how="inner").sort("item_no", "first_day")
    )
    if internal:
        frame = frame.with_columns(note=pl.lit(""))
    text = (
        pl.when(pl.col("unit") != "£")
        .then(pl.col("value").cast(pl.Int64).cast(pl.String))
        .otherwise(pl.col("value").cast(pl.String))
    )
    return frame.select(
        "item_no",
        "item",
        "first_day",
        month=pl.col("first_day").dt.strftime("%Y-%m"),
        value=text,
        unit="unit",
        note=pl.when("is_unknown")
        .then(pl.lit(NOT_KNOWN))
        .when(pl.col("value").is_null() | (pl.col("unit") != "£"))
        .then("note")
        .otherwise(pl.lit("")),
        definition="definition",
    )


def answer(
    warehouse: Place,
    first_month: date,
    last_month: date,
    *,
    authority: str | None = None,
    internal: bool = False,
    made_on: date | None = None,
) -> Answer:
    """The answer for the months from ``first_month`` to ``last_month`` (first days), from the newest fitting run.

    ``made_on`` is the day on which it is made: an answer for publication is remembered, unless no day is given.

    Raises:
        UsageError: the months are the wrong way round or go beyond the last run; or several authorities and none named.
        InputError: the warehouse cannot be read.
    """
    if first_month > last_month:
        raise UsageError("--from is after --to.")
    with open_quarter(warehouse, authority, Quarter.containing(last_month)) as opened:
        con, run = opened.connection, opened.run
        known_to = min(run.quarter.last_day, run.as_at)
        if last_day_of(last_month) > known_to:
            raise UsageError(
                f"The last run of the warehouse knows nothing after {known_to:%d %B %Y}. Choose an earlier --to."
            )
        prepare_metrics(con)
        edition = Edition(con, internal=internal)
        frame = foi_month(edition).filter(pl.col("first_day").is_between(first_month, last_month))
        if made_on is not None and not internal:
            remember(warehouse, run, opened.quarter, made_on, edition.figures)
        said = [] if opened.state.is_shareable else [opened.state.sentence]
        # What is missing is said of the months that are answered.
        stays.prepare(con, first_day=first_month, last_day=last_day_of(last_month))
        cost.prepare(con)
        return Answer(frame, run.la_code, [*said, *cost.missing_sentences(con)])


def write(answered: Answer, out: Path) -> None:
    """Write the answer as CSV.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        whole.write(out, answered.frame.select(COLUMNS).write_csv().encode("utf-8"))
    except OSError:
        raise OutputError(f"{out.name} could not be written.") from None
