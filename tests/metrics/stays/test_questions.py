"""What can be asked of stays: breakdowns, periods, days and windows, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest

from pipelines.errors import UsageError
from pipelines.metrics.stays.build import (
    RELATIONS,
    daily_series,
    prepare,
    prepare_daily,
    relation,
    stock_by,
    stock_on,
)
from pipelines.metrics.stays.survival import estimates, kaplan_meier, survival_curve, survival_summary
from tests.transform.warehouse import LA, built

DAILY = {"all", "type", "household", "children", "type_children"}
OTHERS = {"child_under_5", "child_under_12", "duty", "out_of_district", "district", "landlord", "site"}
FIRST, LAST = date(2025, 6, 1), date(2025, 12, 31)


def caseload() -> duckdb.DuckDBPyConnection:
    """One household in bed and breakfast from 10 July to 20 August, one leased from 15 November on."""
    con = built(
        main=[{"la_code": LA, "case_ref": n, "application_date": date(2025, 7, 1)} for n in (1, 2)],
        people=[{"case_ref": 1, "person_no": 1, "relationship": "main_applicant", "sex": "male", "age": 40}],
        temporary_accommodation=[
            {"case_ref": 1, "placement_no": 1, "ta_type": "bb"}
            | {"entry_date": date(2025, 7, 10), "exit_date": date(2025, 8, 20)},
            {"case_ref": 2, "placement_no": 2, "ta_type": "psl", "entry_date": date(2025, 11, 15)},
        ],
    )
    return con


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with caseload() as opened:
        prepare(opened, first_day=FIRST, days=[date(2025, 8, 15)])
        yield opened


def temporary(con: duckdb.DuckDBPyConnection, kind: str) -> set[str]:
    rows = con.execute(f"select {kind}_name from duckdb_{kind}s() where temporary and not internal").fetchall()
    return {name for (name,) in rows}


def test_relations_that_others_read_are_tables_and_the_rest_are_views(con: duckdb.DuckDBPyConnection) -> None:
    stored = {"stay_segments", "stay_households", "stay_spells", "stock_events", "stock_month", "stay_in_progress"}
    assert stored == temporary(con, "table") & set(RELATIONS)
    assert temporary(con, "view") & set(RELATIONS) == set(RELATIONS) - stored
    assert all(relation(con, name).width for name in RELATIONS)


def test_stock_is_broken_down_by_these_and_day_by_day_by_the_first_five(con: duckdb.DuckDBPyConnection) -> None:
    for name, known in (("stock_events", DAILY | OTHERS), ("stock_day", DAILY)):
        rows = con.execute(f"select distinct dimension from {name}").fetchall()
        assert {dimension for (dimension,) in rows} == known
    for by in DAILY | OTHERS:
        assert stock_by(con, by)["entries"].sum() == 2, by
    for by in DAILY:
        assert daily_series(con, by).filter(pl.col("day") == LAST)["stock"].sum() == 1, by


@pytest.mark.parametrize(
    ("period", "first_days", "stock"),
    [
        ("month", [date(2025, month, 1) for month in range(6, 13)], [0, 1, 0, 0, 0, 1, 1]),
        ("quarter", [date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)], [0, 0, 1]),
        ("financial year", [date(2025, 4, 1)], [1]),
    ],
)
def test_stock_of_a_period(
    period: str, first_days: list[date], stock: list[int], con: duckdb.DuckDBPyConnection
) -> None:
    found = stock_by(con, period=period)
    assert (found["first_day"].to_list(), found["stock"].to_list()) == (first_days, stock)
    assert "dimension" not in found.columns


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 7, 9), []),
        (date(2025, 7, 10), [("bb", 1)]),
        (date(2025, 8, 19), [("bb", 1)]),
        (date(2025, 8, 20), []),
        (LAST, [("psl", 1)]),
    ],
)
def test_households_by_type_on_a_day(
    day: date, expected: list[tuple[str, int]], con: duckdb.DuckDBPyConnection
) -> None:
    assert stock_on(con, day, "type").rows() == expected


def test_stays_are_measured_at_the_end_of_each_quarter_and_on_the_days_given(con: duckdb.DuckDBPyConnection) -> None:
    days = con.execute("select day from metric_days order by day").fetchall()
    asked = [date(2025, 6, 30), date(2025, 8, 15), date(2025, 9, 30), LAST]
    assert [day for (day,) in days] == asked


def test_the_last_day_of_the_window_is_measured_and_no_quarter_after_it() -> None:
    with caseload() as opened:
        prepare(opened, first_day=FIRST, last_day=date(2025, 11, 20), days=[FIRST, date(2025, 11, 20)])
        days = opened.execute("select day from metric_days order by day").fetchall()
    assert [day for (day,) in days] == [FIRST, date(2025, 6, 30), date(2025, 9, 30), date(2025, 11, 20)]


@pytest.mark.parametrize("day", [date(2025, 5, 31), date(2026, 1, 1)])
def test_a_day_outside_the_window_is_refused(day: date) -> None:
    with caseload() as opened, pytest.raises(UsageError, match="outside the months"):
        prepare(opened, first_day=FIRST, days=[day])


def test_the_daily_series_needs_no_more_than_its_own_relations() -> None:
    with caseload() as opened:
        prepare_daily(opened, first_day=FIRST, last_day=date(2025, 8, 15))
        made = (temporary(opened, "table") | temporary(opened, "view")) & set(RELATIONS)
        assert made == {"stay_segments", "stay_households", "stay_spells", "stock_events", "stock_day"}
        assert daily_series(opened)["day"].max() == date(2025, 8, 15)
        assert {name for (name,) in opened.execute("from metric_dimension").fetchall()} == DAILY


def test_what_cannot_be_asked_is_refused_in_a_sentence(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="Daily series are by: all, type"):
        daily_series(con, "district")
    with pytest.raises(UsageError, match="periods are month, quarter, financial year"):
        stock_by(con, "all", "week")
    with pytest.raises(UsageError, match="periods are"):
        stock_by(con, "colour", "month")
    for day, by in ((LAST, "colour"), (date(2026, 1, 1), "all")):
        with pytest.raises(UsageError, match="up to the last day"):
            stock_on(con, day, by)
    with pytest.raises(UsageError, match="no metric main"):
        relation(con, "main")
    with pytest.raises(UsageError, match="Survival estimates are by: all, type"):
        survival_curve(con, "district")


# ---- how long stays last --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", sorted(DAILY))
def test_a_curve_of_the_year_to_the_last_day_or_of_the_days_given(by: str, con: duckdb.DuckDBPyConnection) -> None:
    found = survival_summary(con, by)
    assert set(found.select("first_day", "last_day").rows()) == {(date(2025, 1, 1), LAST)}
    assert found["ended"].sum() == 1
    first, last = date(2025, 8, 1), date(2025, 8, 19)
    cut = survival_summary(con, by, first, last)
    assert set(cut.select("first_day", "last_day", "ended").rows()) == {(first, last, 0)}
    # Seen from its day 22, and still there on its day 40.
    curve = survival_curve(con, by, first, last)
    assert curve.select("day", "at_risk").rows() == [(0, 0), (40, 1)]


def of_days(*days: int, value: str = "all", going_on: tuple[int, ...] = ()) -> pl.DataFrame:
    rows = [(value, 0, day, True) for day in days] + [(value, 0, day, False) for day in going_on]
    schema = {"value": pl.String, "seen_from": pl.Int64, "duration": pl.Int64, "ended": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_estimates_need_ten_completed_stays_and_say_how_many_there_are() -> None:
    nine, ten = range(1, 10), range(1, 11)
    both = pl.concat([of_days(*ten, value="psl"), of_days(*nine, value="bb")])
    found = estimates(kaplan_meier(both)).select("value", "ended", "is_too_few", "is_exhausted", "median")
    assert found.rows() == [("bb", 9, True, False, None), ("psl", 10, False, False, 5)]


def test_limits_of_quartiles_are_where_the_limits_of_the_curve_pass_them() -> None:
    curve = kaplan_meier(of_days(*range(1, 41)))
    row = estimates(curve).row(0, named=True)
    for name, share in (("lower_quartile", 0.75), ("median", 0.5), ("upper_quartile", 0.25)):
        for end, column in (("", "survival"), ("_low", "lower"), ("_high", "upper")):
            days = [day for day, value in curve.select("day", column).rows() if value is not None and value <= share]
            assert row[name + end] == (days[0] if days else None), name + end
    assert row["median_low"] < row["median"] < row["median_high"]


def test_a_wider_confidence_gives_wider_limits_and_the_usual_one_is_95_per_cent() -> None:
    stays = of_days(*range(1, 41))
    usual, narrow, asked = (kaplan_meier(stays, *given) for given in ((), (0.8,), (0.95,)))
    assert usual.equals(asked)
    inside = narrow["day"] == 20
    assert usual.filter(inside)["lower"].item() < narrow.filter(inside)["lower"].item()


@pytest.mark.parametrize(
    ("going_on", "limit", "mean"),
    [
        # Ten stays of 1 to 10 days: 1 + 0.9 + … + 0.1 days; after the tenth nobody is left.
        ((), 10, 5.5),
        ((), 100, 5.5),
        ((), 1, 1.0),
        # With one that goes on at its day 20 the curve stays at 1/11 from day 10 to day 20 and is not known after it.
        ((20,), 20, sum(11 - day for day in range(10)) / 11 + 10 / 11),
        ((20,), 21, None),
    ],
)
def test_the_mean_up_to_a_limit(going_on: tuple[int, ...], limit: int, mean: float | None) -> None:
    found = estimates(kaplan_meier(of_days(*range(1, 11), going_on=going_on)), limit)["restricted_mean"].item()
    assert found == (None if mean is None else pytest.approx(mean))


def test_the_usual_limit_of_the_mean_is_two_years() -> None:
    curve = kaplan_meier(of_days(*range(1, 11), going_on=(730,)))
    assert estimates(curve)["restricted_mean"].item() == estimates(curve, 730)["restricted_mean"].item()
    assert estimates(curve, 731)["restricted_mean"].item() is None


def test_there_are_no_limits_where_the_curve_is_one_or_zero() -> None:
    curve = kaplan_meier(of_days(2, 3, going_on=(1,)))
    assert curve.select("survival", "lower", "upper").rows()[:2] == [(1.0, None, None)] * 2
    assert curve.filter(day=2).select(pl.col("lower", "upper").is_between(0, 1)).row(0) == (True, True)
    assert curve.filter(day=3).select("survival", "lower", "upper").row(0) == (0.0, None, None)


def test_nothing_is_estimated_from_where_every_stay_at_risk_has_ended() -> None:
    late = of_days(*range(9, 19)).with_columns(seen_from=pl.lit(5, pl.Int64))
    row = estimates(kaplan_meier(pl.concat([of_days(1), late]))).row(0, named=True)
    # The one seen from its start ended on its day 1; the ten others were not under observation yet.
    assert (row["ended"], row["is_exhausted"], row["is_too_few"]) == (11, True, False)
    assert (row["lower_quartile"], row["median"], row["restricted_mean"]) == (None, None, None)


def test_a_curve_is_one_before_the_first_stay_is_seen() -> None:
    late = of_days(9, 11).with_columns(seen_from=pl.lit(5, pl.Int64))
    curve = kaplan_meier(late).select("day", "at_risk", "survival")
    assert curve.rows() == [(0, 0, 1.0), (9, 2, 0.5), (11, 1, 0.0)]


@pytest.mark.parametrize(("first", "last"), [(date(2025, 8, 21), date(2025, 11, 14)), (FIRST, date(2025, 7, 9))])
def test_stays_before_and_after_the_window_are_not_observed(
    first: date, last: date, con: duckdb.DuckDBPyConnection
) -> None:
    assert survival_curve(con, "all", first, last).is_empty()
    assert survival_curve(con, "all", date(2025, 8, 20), date(2025, 11, 15))["at_risk"].to_list() == [1, 1]
