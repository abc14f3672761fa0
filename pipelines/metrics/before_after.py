"""Prevention before and after something was introduced: the rate of one main cause, and what chance alone would do.

Of the prevention duties that ended in a period, the share that ended with accommodation (the group ``accommodated``),
by cause: a column of the code list of main reasons. Twelve months before the day of introduction are compared with
months 1 to 6, 1 to 12 and 1 to 18 after it; the day itself is the first of the months after. What became of duties six
months after each began is another question (``outcome_duty_reason``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines import arrow, shown, whole
from pipelines.disclosure import before_after as disclosure
from pipelines.errors import OutputError, UsageError
from pipelines.metrics import history
from pipelines.metrics.outcomes.build import create_groups
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.proportions import newcombe_interval
from pipelines.transform import create, create_window
from pipelines.warehouse.quarter import open_quarter

CAUSES: dict[str, str] = {
    "family": "family or friends no longer willing or able to accommodate",
    "private_tenancy": "end of a private rented tenancy",
}
"""Each cause of ``codelist_reasonloss``, in words."""

COMPLETE = "complete"
NOT_REACHED = "not yet reached"
NOT_ON_RECORD = "records not complete"
_CHOICE = {"introduced_on": pl.Date}
_BEFORE = 1
"""Number of the period before."""


@dataclass(frozen=True)
class Choice:
    """What was asked for. ``causes``: of ``CAUSES``."""

    warehouse: Place
    introduced_on: date
    causes: tuple[str, ...] = tuple(CAUSES)
    authority: str | None = None
    quarter: Quarter | None = None
    internal: bool = True


@dataclass(frozen=True)
class Compared:
    """One row per cause and period, and sentences about them."""

    frame: pl.DataFrame
    sentences: tuple[str, ...]


def prepare(con: duckdb.DuckDBPyConnection, introduced_on: date | None = None) -> None:
    """Create ``before_after``, without a row where nothing was introduced.

    The metric window, ``history_start`` and ``outcome_ended`` have been made before.
    """
    choice = pl.DataFrame({"introduced_on": [] if introduced_on is None else [introduced_on]}, schema=_CHOICE)
    arrow.load(con, "create or replace temp table before_after_choice as select * from incoming", choice)
    create(con, "metrics", "before_after", kind="view")


def before_after(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per cause and period of ``before_after``, with rates and the interval of the difference.

    Columns besides its own: state (complete; not yet reached; records not complete), rate, and in the rows after
    difference, difference_low and difference_high: this rate less that of the 12 months before, as fractions, with the
    95 % limits by Newcombe's method 10. A period that is not reached has no figures; one from before the records are
    complete has its counts and is compared with nothing.
    """
    counted = con.execute("select * from before_after order by cause, period_no").pl()
    is_reached, is_complete = pl.col("is_reached"), pl.col("is_complete")
    stated = counted.with_columns(
        pl.when(~is_reached)
        .then(pl.lit(NOT_REACHED))
        .when(~is_complete)
        .then(pl.lit(NOT_ON_RECORD))
        .otherwise(pl.lit(COMPLETE))
        .alias("state"),
        *(pl.when(is_reached).then(pl.col(name)).alias(name) for name in ("ended", "prevented")),
    ).drop("is_reached", "is_complete")
    return compared(stated)


def compared(stated: pl.DataFrame) -> pl.DataFrame:
    """The same with rate and difference worked out from its counts; null where they rest on nothing, or on a part."""
    rows = stated.to_dicts()
    before = {row["cause"]: row for row in rows if row["period_no"] == _BEFORE}
    figures = []
    for row in rows:
        found: dict[str, float | None] = dict.fromkeys(("rate", "difference", "difference_low", "difference_high"))
        if row["ended"] and row["prevented"] is not None:
            found["rate"] = float(shown.rounded(row["prevented"] / row["ended"], 4))
        old = before[row["cause"]]
        if row is not old and all(one["state"] == COMPLETE and one["ended"] for one in (row, old)):
            counts = row["prevented"], row["ended"], old["prevented"], old["ended"]
            if None not in counts:
                low, high = newcombe_interval(*counts)
                difference = row["prevented"] / row["ended"] - old["prevented"] / old["ended"]
                values = (difference, low, high)
                names = ("difference", "difference_low", "difference_high")
                found |= {name: float(shown.rounded(value, 4)) for name, value in zip(names, values, strict=True)}
        figures.append(found)
    schema = dict.fromkeys(("rate", "difference", "difference_low", "difference_high"), pl.Float64)
    return pl.concat([stated, pl.DataFrame(figures, schema=schema)], how="horizontal")


def compare(choice: Choice) -> Compared:
    """Before and after for what was chosen, from the last run of the quarter.

    Raises:
        UsageError: there is no such cause; for sharing, the day is not the first of a quarter or the run is blocked.
        InputError: the warehouse cannot be read, or holds no run of the authority.
    """
    for cause in choice.causes:
        if cause not in CAUSES:
            raise UsageError(f"There is no such cause. Give one of: {', '.join(CAUSES)}.")
    if not choice.internal and choice.introduced_on != Quarter.containing(choice.introduced_on).first_day:
        raise UsageError(
            "For sharing, give the first day of a quarter with --from: two answers a day apart would tell of the cases"
            " of that day."
        )
    with open_quarter(choice.warehouse, choice.authority, choice.quarter) as opened:
        if not choice.internal:
            opened.state.check_is_shareable()
        con = opened.connection
        # What is compared may lie before the window that metrics have by default.
        create_window(con)
        create_groups(con)
        create(con, "metrics", "outcome_ended")
        history.prepare(con)
        prepare(con, choice.introduced_on)
        frame = before_after(con).filter(pl.col("cause").is_in(choice.causes))
        start = history.starts(con)["duties_ended"]
        words = [opened.words, opened.state.sentence]
    if not choice.internal:
        frame = compared(disclosure.share(frame.select(_COUNTED)))
    if (frame["state"] == NOT_ON_RECORD).any():
        words.append(f"{start.reason} A period that began before is compared with nothing.")
    return Compared(frame, (*words, *sentences(frame)))


_COUNTED = (
    "cause",
    "period_no",
    "period",
    "introduced_on",
    "first_day",
    "last_day",
    "ended",
    "prevented",
    "state",
)


def sentences(frame: pl.DataFrame) -> list[str]:
    """One sentence per cause and period: numbers, rate, and what the interval says."""
    said = []
    for row in frame.iter_rows(named=True):
        head = f"{CAUSES[row['cause']].capitalize()}, {row['period']} ({row['first_day']} to {row['last_day']})"
        if row["state"] == NOT_REACHED:
            said.append(f"{head}: not yet reached.")
        elif row["ended"] is None:
            said.append(f"{head}: too few for sharing.")
        elif not row["ended"]:
            said.append(f"{head}: no prevention duty ended.")
        else:
            rate = shown.percent(row["prevented"], row["ended"])
            few = ", of few" if rate.is_of_few else ""
            said.append(
                f"{head}: {row['prevented']:,} of {row['ended']:,} prevention duties that ended did so with"
                f" accommodation ({rate}{few}){_compared(row)}."
            )
    return said


def _compared(row: dict[str, float | None]) -> str:
    difference, low, high = (row[name] for name in ("difference", "difference_low", "difference_high"))
    if difference is None or low is None or high is None:
        return "; records are not complete that far back" if row["state"] == NOT_ON_RECORD else ""
    points, least, most = (float(shown.rounded(value * 100, 1)) for value in (difference, low, high))
    may = "it may be chance" if least <= 0 <= most else "more than chance would do"
    return f", {points:+g} percentage points against the 12 months before (95% interval {least:+g} to {most:+g}): {may}"


def write(frame: pl.DataFrame, out: Path) -> None:
    """Write the rows as CSV.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        whole.write(out, frame.drop("period_no").write_csv().encode("utf-8"))
    except OSError:
        raise OutputError(f"{out.name} could not be written.") from None
