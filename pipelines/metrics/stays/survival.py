"""How long stays last, from completed stays and those still in progress together (Kaplan and Meier).

A stay that began before the window is seen only because it was still going on when the window opened: it counts as at
risk from then on (delayed entry, left truncation). A stay still going on at the end is known to last longer than it has
(censored). Durations are whole days, exit - entry. Times are discrete: a stay is at risk of ending on its day t if it
was under observation that day and had not ended before.

lifelines (``KaplanMeierFitter.fit(…, entry=…)``) takes a subject as at risk where ``entry < t``, except at the first
time of the table, where every entrant counts. A stay first seen on its day k has ``entry = k - 1`` there. So that one
first seen on its day 1 (``entry = 0``) is not taken for one seen from its start, which matters only beside stays of no
nights, durations and entries are both moved up by one day before the comparison in the tests. lifelines also refuses
(StatError) when the risk set empties early; here ``is_exhausted`` says so and nothing is estimated from there on.
"""

from __future__ import annotations

from datetime import date, timedelta
from statistics import NormalDist

import duckdb
import polars as pl

from pipelines.disclosure.thresholds import SUPPRESS_BELOW
from pipelines.errors import UsageError

SURVIVAL_DIMENSIONS = ("all", "type", "household", "children", "type_children")
CONFIDENCE = 0.95
RESTRICTED_TO_DAYS = 730
WINDOW_DAYS = 365
MONTHS_FOLLOWED = 60
DAYS_IN_MONTH = 365.25 / 12
MIN_ENDED = 10
"""Fewer completed stays than this and no estimate is printed: ours, for want of a published figure."""


def observed(con: duckdb.DuckDBPyConnection, by: str, first_day: date, last_day: date) -> pl.DataFrame:
    """One row per stay observed in [first_day, last_day]: value, seen_from, duration (days), ended.

    ``seen_from`` is the stay's day from which it was under observation: 0, or its age when the window opened.
    """
    stays = con.execute("select value, entry_date, exit_date from stay_exposure where dimension = ?", [by]).pl()
    return (
        stays.with_columns(ended=(pl.col("exit_date") <= last_day).fill_null(False))
        .select(
            "value",
            seen_from=(pl.lit(first_day) - pl.col("entry_date")).dt.total_days().clip(lower_bound=0),
            duration=(
                pl.when("ended").then(pl.col("exit_date")).otherwise(pl.lit(last_day)) - pl.col("entry_date")
            ).dt.total_days(),
            ended="ended",
        )
        # One that ended before the window or began after it has no day under observation.
        .filter(pl.col("seen_from") <= pl.col("duration"))
    )


def kaplan_meier(stays: pl.DataFrame, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """One row per value and day on which a stay ended or left observation, and day 0.

    Takes value, seen_from, duration, ended (as ``observed`` gives them). Gives value, day, at_risk, ended, survival =
    P(stay > day), lower, upper (Greenwood's variance on the log-log scale; null where survival is 1 or 0),
    is_exhausted (every stay at risk ended although others come under observation later: not usable from there on).
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    zero = pl.lit(0, pl.Int64)
    entered = stays.group_by("value", day="seen_from").agg(entered=pl.len().cast(pl.Int64))
    left = stays.group_by("value", day="duration").agg(
        left=pl.len().cast(pl.Int64), ended=pl.col("ended").sum().cast(pl.Int64)
    )
    start = stays.select("value").unique().with_columns(day=zero)
    steps = (
        pl.concat([start, entered, left], how="diagonal")
        .group_by("value", "day")
        .agg(pl.col("entered", "left", "ended").sum())
        .sort("value", "day")
        .with_columns(
            at_risk=pl.col("entered").cum_sum().over("value")
            - pl.col("left").cum_sum().shift(1, fill_value=0).over("value"),
            to_come=pl.col("entered").sum().over("value") - pl.col("entered").cum_sum().over("value"),
        )
    )
    n, d = pl.col("at_risk"), pl.col("ended")
    curve = steps.with_columns(
        survival=pl.when(d > 0).then(1 - d / n).otherwise(1.0).cum_prod().over("value"),
        greenwood=pl.when(n > d).then(d / (n * (n - d))).otherwise(0.0).cum_sum().over("value"),
        is_exhausted=((d > 0) & (d == n) & (pl.col("to_come") > 0)).cast(pl.Int8).cum_max().over("value") == 1,
    )
    inside = (pl.col("survival") < 1) & (pl.col("survival") > 0)
    spread = z * pl.col("greenwood").sqrt() / pl.col("survival").log()
    hazard = (-pl.col("survival").log()).log()
    return curve.filter((pl.col("left") > 0) | (pl.col("day") == 0)).select(
        "value",
        "day",
        "at_risk",
        "ended",
        "survival",
        lower=pl.when(inside).then((-(hazard - spread).exp()).exp()),
        upper=pl.when(inside).then((-(hazard + spread).exp()).exp()),
        is_exhausted="is_exhausted",
    )


def _first_day_at_or_below(curve: pl.DataFrame, column: str, share: float) -> int | None:
    days = curve["day"].filter(curve[column] <= share)
    return None if days.is_empty() else int(days[0])


def _restricted_mean(curve: pl.DataFrame, limit: int) -> float | None:
    """Area under the curve up to ``limit`` days; null where the curve is not known that far."""
    last_day, last_survival = curve["day"][-1], curve["survival"][-1]
    if last_day < limit and last_survival > 0:
        return None
    steps = curve.filter(pl.col("day") < limit).select(
        width=pl.col("day").shift(-1).fill_null(limit) - pl.col("day"), height="survival"
    )
    return float(steps.select((pl.col("width") * pl.col("height")).sum()).item())


def estimates(curve: pl.DataFrame, limit: int = RESTRICTED_TO_DAYS) -> pl.DataFrame:
    """One row per value: stays seen and ended, quartiles and median with confidence limits, restricted mean (days).

    A quartile that the curve does not reach is null; so are all of them with fewer than ``MIN_ENDED`` completed stays.
    """
    schema = {"value": pl.String, "ended": pl.Int64, "is_exhausted": pl.Boolean, "is_too_few": pl.Boolean}
    names = [f"{name}{end}" for name in ("lower_quartile", "median", "upper_quartile") for end in ("", "_low", "_high")]
    rows = []
    for (value,), part in sorted(curve.partition_by("value", as_dict=True).items()):
        part = part.sort("day")
        exhausted = bool(part["is_exhausted"].any())
        ended = int(part["ended"].sum())
        too_few = ended < MIN_ENDED
        usable = part.filter(~pl.col("is_exhausted"))
        row: dict[str, object] = {
            "value": value,
            "ended": ended,
            "is_exhausted": exhausted,
            "is_too_few": too_few,
            "restricted_mean": None if too_few or usable.is_empty() else _restricted_mean(usable, limit),
        }
        for name, share in (("lower_quartile", 0.75), ("median", 0.5), ("upper_quartile", 0.25)):
            for end, column in (("", "survival"), ("_low", "lower"), ("_high", "upper")):
                row[name + end] = None if too_few else _first_day_at_or_below(usable, column, share)
        rows.append(row)
    types = {**schema, **dict.fromkeys(names, pl.Int64), "restricted_mean": pl.Float64}
    return pl.DataFrame(rows, schema=types)


def _window(
    con: duckdb.DuckDBPyConnection, by: str, first_day: date | None, last_day: date | None
) -> tuple[date, date]:
    if by not in SURVIVAL_DIMENSIONS:
        raise UsageError(f"Survival estimates are by: {', '.join(SURVIVAL_DIMENSIONS)}.")
    row = con.execute("select last_day from metric_window").fetchone()
    assert row is not None
    last = last_day or row[0]
    return first_day or last - timedelta(days=WINDOW_DAYS - 1), last


def survival_curve(
    con: duckdb.DuckDBPyConnection, by: str = "all", first_day: date | None = None, last_day: date | None = None
) -> pl.DataFrame:
    """One row per value of ``by`` and day of the stay: see ``kaplan_meier``.

    The window defaults to the 365 days up to the metrics' last day, so the curve is of present conditions. By type
    a stay in the type ends when the household leaves the type.

    Raises:
        UsageError: ``by`` is not one of ``SURVIVAL_DIMENSIONS``.
    """
    first, last = _window(con, by, first_day, last_day)
    return kaplan_meier(observed(con, by, first, last))


def survival_summary(
    con: duckdb.DuckDBPyConnection, by: str = "all", first_day: date | None = None, last_day: date | None = None
) -> pl.DataFrame:
    """One row per value of ``by``: ``estimates`` of ``survival_curve`` with the window's first_day and last_day.

    Raises:
        UsageError: ``by`` is not one of ``SURVIVAL_DIMENSIONS``.
    """
    first, last = _window(con, by, first_day, last_day)
    curve = kaplan_meier(observed(con, by, first, last))
    return estimates(curve).with_columns(first_day=pl.lit(first), last_day=pl.lit(last))


def survival_by_month(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per whole month since a stay began, for five years at most: by, value, month_no, share, lower, upper.

    ``share`` of stays that last longer, with its limits, as far as so many stays are followed that the share is not one
    of few; no row where no estimate is printed at all (``MIN_ENDED``).
    """
    found = survival_summary(con).filter(~pl.col("is_too_few"))["value"].to_list()
    curve = survival_curve(con).filter(
        pl.col("value").is_in(found), ~pl.col("is_exhausted"), pl.col("at_risk") >= SUPPRESS_BELOW
    )
    months = pl.DataFrame({"month_no": range(MONTHS_FOLLOWED + 1)}, schema={"month_no": pl.Int64}).with_columns(
        day=(pl.col("month_no") * DAYS_IN_MONTH).round().cast(pl.Int64)
    )
    last = curve.group_by("value").agg(last_day=pl.col("day").max())
    return (
        last.join(months, how="cross")
        .filter(pl.col("day") <= pl.col("last_day"))
        .sort("day")
        .join_asof(
            curve.select("value", "day", share="survival", lower="lower", upper="upper").sort("day"),
            on="day",
            by="value",
            strategy="backward",
            check_sortedness=False,
        )
        .select("value", "month_no", "share", "lower", "upper", by=pl.lit("all"))
        .select("by", "value", "month_no", "share", "lower", "upper")
        .sort("value", "month_no")
    )
