"""Kaplan–Meier with delayed entry, by hand and against lifelines."""

from __future__ import annotations

import math
import random
import warnings
from datetime import date

import polars as pl
import pytest

from pipelines.metrics.stays.build import prepare
from pipelines.metrics.stays.survival import (
    estimates,
    kaplan_meier,
    observed,
    survival_curve,
    survival_summary,
)
from tests.transform.warehouse import LA, built

SCHEMA = {"value": pl.String, "seen_from": pl.Int64, "duration": pl.Int64, "ended": pl.Boolean}


def stays(*rows: tuple[int, int, bool]) -> pl.DataFrame:
    return pl.DataFrame([("all", *row) for row in rows], schema=SCHEMA, orient="row")


def random_stays(seed: int, count: int = 400, *, delayed: bool = True) -> pl.DataFrame:
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        seen_from = rng.choice([0, 0, 0, rng.randrange(1, 200)]) if delayed else 0
        length = int(rng.expovariate(1 / 90))
        if length < seen_from:
            continue
        limit = seen_from + rng.randrange(1, 365)
        rows.append((seen_from, min(length, limit), length <= limit))
    return stays(*rows)


def test_curve_of_five_stays_worked_by_hand() -> None:
    # Days 2, 3 (still going on), 5, 5, and one seen from its day 4 that ended on day 6.
    curve = kaplan_meier(stays((0, 2, True), (0, 3, False), (0, 5, True), (0, 5, True), (4, 6, True)))
    assert curve.select("day", "at_risk", "ended").rows() == [(0, 4, 0), (2, 4, 1), (3, 3, 0), (5, 3, 2), (6, 1, 1)]
    assert curve["survival"].to_list() == pytest.approx(
        [1, 3 / 4, 3 / 4, 3 / 4 * 1 / 3, 0]  # 4 at risk on day 2; on day 5 two of the first four and the late one
    )


def test_a_stay_is_not_at_risk_before_it_came_under_observation() -> None:
    curve = kaplan_meier(stays((0, 10, True), (0, 20, True), (15, 30, True)))
    assert curve.filter(day=10)["at_risk"].item() == 2


def test_a_stay_that_ends_on_the_day_it_comes_under_observation_is_at_risk_that_day() -> None:
    curve = kaplan_meier(stays((0, 20, True), (10, 10, True)))
    assert curve.filter(day=10).select("at_risk", "ended").row(0) == (2, 1)


def test_a_curve_that_falls_to_zero_while_others_are_to_come_is_marked_and_not_used() -> None:
    curve = kaplan_meier(stays((0, 1, True), (5, 9, True), (5, 12, True)))
    assert curve["is_exhausted"].to_list() == [False, True, True, True]
    assert estimates(curve)["is_exhausted"].item() is True
    assert estimates(curve)["median"].item() is None


def test_too_few_completed_stays_give_no_estimate() -> None:
    curve = kaplan_meier(stays(*[(0, day, True) for day in range(1, 10)]))
    row = estimates(curve).row(0, named=True)
    assert (row["is_too_few"], row["median"], row["restricted_mean"]) == (True, None, None)


def test_quartiles_and_restricted_mean_of_ten_stays_by_hand() -> None:
    # Ten stays of 1 to 10 days: survival after day k is (10 - k) / 10.
    row = estimates(kaplan_meier(stays(*[(0, day, True) for day in range(1, 11)])), limit=4).row(0, named=True)
    assert (row["lower_quartile"], row["median"], row["upper_quartile"]) == (3, 5, 8)
    assert row["restricted_mean"] == pytest.approx(1 + 0.9 + 0.8 + 0.7)


def test_restricted_mean_is_not_given_beyond_what_was_seen() -> None:
    curve = kaplan_meier(stays(*[(0, 5, True)] * 10, (0, 8, False)))
    assert estimates(curve, limit=100)["restricted_mean"].item() is None


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("delayed", [True, False])
def test_curve_limits_and_median_agree_with_lifelines(seed: int, delayed: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas and autograd, on import
        from lifelines import KaplanMeierFitter
        from lifelines.utils import median_survival_times, qth_survival_time, restricted_mean_survival_time

        data = random_stays(seed, delayed=delayed)
        # One day up, and entry one day before the first day under observation: see the module's docstring.
        entry = data["seen_from"].to_list() if delayed else None
        fitter = KaplanMeierFitter().fit(
            [day + 1 for day in data["duration"]], data["ended"].to_list(), entry=entry, timeline=None
        )
    curve = kaplan_meier(data)
    theirs = fitter.survival_function_["KM_estimate"]
    limits = fitter.confidence_interval_
    assert curve["lower"].drop_nulls().len() > 10
    for row in curve.filter(pl.col("day") > 0).iter_rows(named=True):
        assert row["survival"] == pytest.approx(theirs.loc[row["day"] + 1], abs=1e-9)
        if row["lower"] is not None:
            lower, upper = limits.loc[row["day"] + 1]
            assert (row["lower"], row["upper"]) == (pytest.approx(lower, abs=1e-9), pytest.approx(upper, abs=1e-9))
    ours = estimates(curve, limit=200).row(0, named=True)
    assert ours["median"] == fitter.median_survival_time_ - 1
    assert ours["lower_quartile"] == qth_survival_time(0.75, theirs) - 1
    assert ours["upper_quartile"] == qth_survival_time(0.25, theirs) - 1
    low, high = median_survival_times(limits).iloc[0]
    assert ours["median_low"] == low - 1
    assert ours["median_high"] == (None if math.isinf(high) else high - 1)
    # Theirs runs over the extra day at the start, on which nobody leaves.
    assert ours["restricted_mean"] == pytest.approx(restricted_mean_survival_time(fitter, t=201) - 1, abs=1e-6)


def test_stays_that_began_before_the_window_enter_late_and_ended_ones_are_not_seen() -> None:
    con = built(
        main=[{"la_code": LA, "case_ref": n, "application_date": date(2024, 1, 1)} for n in range(1, 6)],
        temporary_accommodation=[
            {"case_ref": n, "placement_no": 1, "entry_date": entry, "exit_date": left, "ta_type": "bb"}
            for n, entry, left in [
                (1, date(2024, 12, 1), date(2024, 12, 31)),  # ended before the window
                (2, date(2024, 12, 1), date(2025, 1, 1)),  # 31 days, seen only on its last
                (3, date(2024, 12, 31), date(2025, 1, 11)),  # seen from its day 1, 11 days
                (4, date(2025, 1, 1), date(2025, 1, 1)),  # no nights, seen from the start
                (5, date(2025, 1, 15), None),  # still there on 31 January: more than 16 days
            ]
        ],
    )
    prepare(con)
    seen = observed(con, "all", date(2025, 1, 1), date(2025, 1, 31)).select("seen_from", "duration", "ended")
    assert sorted(seen.rows()) == [(0, 0, True), (0, 16, False), (1, 11, True), (31, 31, True)]
    con.close()


def test_by_type_a_move_to_another_type_ends_the_time_in_the_type() -> None:
    con = built(
        main=[{"la_code": LA, "case_ref": 1, "application_date": date(2025, 1, 1)}],
        temporary_accommodation=[
            {
                "case_ref": 1,
                "placement_no": 1,
                "entry_date": date(2025, 2, 1),
                "exit_date": date(2025, 2, 11),
                "ta_type": "bb",
            },
            {"case_ref": 1, "placement_no": 2, "entry_date": date(2025, 2, 11), "exit_date": None, "ta_type": "psl"},
        ],
    )
    prepare(con)
    curve = survival_curve(con, "type")
    assert curve.filter(value="bb", day=10).select("at_risk", "ended").row(0) == (1, 1)
    assert curve.filter(value="psl")["ended"].sum() == 0
    assert survival_curve(con)["ended"].sum() == 0
    assert survival_summary(con).select("first_day", "last_day").row(0) == (date(2025, 1, 1), date(2025, 12, 31))
    con.close()
