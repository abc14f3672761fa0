"""From which quarter on an export holds everything that happened: series begin there.

Case-management systems are often exported by what is live. Such an export holds the cases of a year ago that are still
open and none of those that closed meanwhile, so that every series seems to grow. What is missing shows in the flows: of
all who came in a quarter few went, quarter after quarter.

The rule, for each subject:

1. A quarter is *thin* where fewer went than a third of those who came (``WENT_OF_CAME``). Where fewer than 20 came, it
   is thin where chance would leave so few once in twenty times at most; else it is judged together with the quarters
   that follow (up to a year).
2. History begins after the last thin quarter.
3. Quarters at its very beginning in which fewer than half came or went, as in the four that follow, are left out: the
   records set in during them.
4. Duties and stays belong to cases: their history does not begin before that of the cases.

Who was there on a day (open cases, households in temporary accommodation) is complete from the day before: whoever went
later is in the export. Where even the newest quarter is thin, the series are that quarter alone, and who was there is
complete on the last day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.period import Quarter
from pipelines.transform import create_each

RELATIONS: tuple[str, ...] = ("history_quarter",)

SUBJECTS: dict[str, tuple[str, str, str]] = {
    "applications": ("applications", "came", "were closed"),
    "duties_ended": ("prevention and relief duties", "began", "ended"),
    "ta": ("stays in temporary accommodation", "began", "ended"),
}
"""Each subject of ``history_quarter``: what it counts, and the words for coming and going."""

WENT_OF_CAME = 1 / 3
"""Share of those who came in a quarter below which as many as went are too few. Ours: a caseload would grow by two
thirds of all who come. Of 1,153 authorities' quarters in published tables P1, R1 and A1 with 20 or more owed a duty
(July 2020, July 2023, October 2024, July 2025 and the two months after each), one is below it and the next has 0.44."""

ENOUGH = 20
"""Those who came, from which a quarter is judged alone. Ours: a share of fewer says little."""

RARE = 1 / 20
"""Likelihood under which few who went are not put down to chance."""

SET_IN = 1 / 2
"""Share of the four following quarters below which a first quarter is one in which the records set in. Ours."""

YEAR = 4


@dataclass(frozen=True)
class Came:
    """One quarter of a subject: its first day, how many came and how many went."""

    first_day: date
    came: int
    went: int


@dataclass(frozen=True)
class Start:
    """Where the series of a subject begin, and a sentence that says why there."""

    first_quarter: date
    stock_from: date
    """First day on which all who were there are in the export."""
    reason: str


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``history_quarter`` and ``history_start``, one row per subject; the metric window has been made before."""
    create_each(con, "metrics", RELATIONS, RELATIONS)
    rows = con.execute("select subject, first_day, came, went from history_quarter order by subject, first_day")
    by_subject: dict[str, list[Came]] = {subject: [] for subject in SUBJECTS}
    for subject, first_day, came, went in rows.fetchall():
        by_subject[subject].append(Came(first_day, came, went))
    row = con.execute("select last_day from metric_window").fetchone()
    assert row is not None
    found = starts_of(by_subject, row[0])
    frame = pl.DataFrame(
        [(subject, start.first_quarter, start.stock_from, start.reason) for subject, start in found.items()],
        schema={"subject": pl.String, "first_quarter": pl.Date, "stock_from": pl.Date, "reason": pl.String},
        orient="row",
    )
    arrow.load(con, "create or replace temp table history_start as select * from incoming", frame)


def history_start(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per subject: subject, first_quarter, stock_from, reason (see ``Start``)."""
    return con.execute("select * from history_start order by subject").pl()


def starts(con: duckdb.DuckDBPyConnection) -> dict[str, Start]:
    """Where the series of each subject begin; ``prepare`` has been called."""
    return {subject: Start(*values) for subject, *values in history_start(con).rows()}


def starts_of(by_subject: dict[str, list[Came]], last_day: date) -> dict[str, Start]:
    """Where each subject begins, from its quarters without a gap, the newest last; ``last_day`` is the last known."""
    found: dict[str, Start] = {}
    for subject in SUBJECTS:
        start = _start(subject, by_subject[subject], last_day)
        cases = found.get("applications", start)
        stock_from = max(start.stock_from, cases.stock_from)
        later = cases if cases.first_quarter > start.first_quarter else start
        found[subject] = Start(later.first_quarter, stock_from, later.reason)
    return found


def _start(subject: str, quarters: Sequence[Came], last_day: date) -> Start:
    what, came, went = SUBJECTS[subject]
    begun = next((place for place, one in enumerate(quarters) if one.came), len(quarters) - 1)
    thin = [place for place in range(begun, len(quarters)) if _is_thin(quarters, place)]
    newest = len(quarters) - 1
    if thin and thin[-1] == newest:
        return Start(
            quarters[newest].first_day,
            last_day,
            f"The export holds few {what} that {went}, even in the newest quarter: earlier quarters lack those that are"
            " no longer in it, so that they cannot be compared with.",
        )
    first = thin[-1] + 1 if thin else begun
    while first < newest and _sets_in(quarters, first):
        first += 1
    begin = quarters[first].first_day
    words = Quarter.containing(begin).words
    stock_from = begin
    if first == 0:
        reason = f"The figures go back to {words}, and the export is complete from there on."
    elif thin and first == thin[-1] + 1:
        stock_from = begin - timedelta(days=1)
        reason = (
            f"The export is complete from {words} on. Of the quarter before it holds fewer than a third as many {what}"
            f" that {went} as {came}: those that {went} earlier are no longer in it."
        )
    elif first == begun:
        reason = f"The export begins with {words}: it holds no {what} from before."
    else:
        reason = f"The export is complete from {words} on: in the quarters before it holds only the first {what}."
    return Start(begin, stock_from, reason)


def _is_thin(quarters: Sequence[Came], place: int) -> bool:
    here = quarters[place]
    if here.came < ENOUGH and _chance(here.went, here.came * WENT_OF_CAME) <= RARE:
        return True
    came = went = 0
    for one in quarters[place : place + YEAR]:
        came += one.came
        went += one.went
        if came >= ENOUGH:
            break
    return went < came * WENT_OF_CAME


def _chance(at_most: int, mean: float) -> float:
    """How likely a Poisson number of that mean is no more than ``at_most``."""
    return sum(math.exp(-mean) * mean**number / math.factorial(number) for number in range(at_most + 1))


def _sets_in(quarters: Sequence[Came], place: int) -> bool:
    after = quarters[place + 1 : place + 1 + YEAR]
    if len(after) < YEAR or sum(one.came for one in after) < ENOUGH:
        return False
    here = quarters[place]
    return (
        here.came * YEAR < sum(one.came for one in after) * SET_IN
        or here.went * YEAR < sum(one.went for one in after) * SET_IN
    )
