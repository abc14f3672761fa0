"""What a council may expect of a forecast."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.errors import InputError, UsageError
from pipelines.metrics.forecast import forecast_series, scores_by_group
from pipelines.metrics.forecast.labels import GLOBAL
from pipelines.metrics.forecast.trained import quarters_seen, seen_before
from pipelines.period import Quarter
from tests.forecast.series import excerpt_history, excerpt_result, series

RISING = [float(40 + 2 * n + (6 if n % 4 == 1 else 0)) for n in range(20)]
ZIGZAG = [30.0, 44.0, 31.0, 52.0, 28.0, 47.0, 36.0, 55.0, 33.0, 41.0, 38.0, 57.0, 30.0, 49.0, 40.0, 58.0]


def status_of(result: object, name: str) -> dict[str, object]:
    return result.evaluation.row(by_predicate=pl.col("unique_id") == name, named=True)  # type: ignore[attr-defined]


def test_the_forecasts_beat_the_last_value_and_seasonal_naive_on_published_series() -> None:
    """Every fold is made by a model that had seen nothing later than its origin."""
    result = excerpt_result()
    overall = scores_by_group(result.folds, result.evaluation).row(-1, named=True)

    assert overall["series"] == 36, "40 less two constant series and two that ended in 2019 with 4 quarters"
    assert overall["mase"] < overall["last_value_mase"] < overall["seasonal_naive_mase"]


def test_no_fold_is_made_by_a_model_that_had_seen_its_target() -> None:
    folds = excerpt_result().folds

    assert folds["origin"].min() == str(quarters_seen()[0])
    for origin in folds["origin"].unique():
        assert seen_before(Quarter.parse(origin)) <= Quarter.parse(origin)


def test_eighty_per_cent_intervals_cover_about_that_on_published_series() -> None:
    """Wider than the 75 to 85 per cent asked of the whole panel: 36 series of 27 quarters are a small sample."""
    result = excerpt_result()
    overall = scores_by_group(result.folds, result.evaluation).row(-1, named=True)

    assert 0.70 <= overall["cover_80"] <= 0.90
    assert overall["cover_95"] > overall["cover_80"]


def test_every_series_is_listed_with_what_became_of_it() -> None:
    result = excerpt_result()

    assert result.evaluation["unique_id"].to_list() == sorted(excerpt_history()["unique_id"].unique())
    silent = result.evaluation.filter(~pl.col("status").is_in(["forecast", "constant"]) & (pl.col("reason") == ""))
    assert silent.is_empty()


def test_four_quarters_after_the_last_are_forecast() -> None:
    forecast = forecast_series(series("arrivals", RISING)).forecast

    assert forecast["quarter"].to_list() == ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]
    assert forecast.columns == [
        "unique_id",
        "group",
        "quarter",
        "model",
        "point",
        "lo_80",
        "hi_80",
        "lo_95",
        "hi_95",
        "last_value",
        "seasonal_naive",
    ]


def test_the_seasonal_naive_forecast_stands_beside_it() -> None:
    """The same quarter a year before: the last four of ZIGZAG."""
    forecast = forecast_series(series("arrivals", ZIGZAG)).forecast

    assert forecast["seasonal_naive"].to_list() == [30.0, 49.0, 40.0, 58.0]


def test_a_gap_never_becomes_zero() -> None:
    gappy = [None if n in (5, 11) else value for n, value in enumerate(RISING)]
    result = forecast_series(series("stock", gappy, first="2021-Q3"))

    low = min(value for value in gappy if value is not None)
    assert result.forecast["point"].min() >= low
    assert result.folds["point"].min() >= low
    assert set(result.folds["quarter"]).isdisjoint({"2022-Q4", "2024-Q2"}), "a missing quarter is no target"
    assert not result.folds.is_empty()
    assert "2 quarters missing" in str(status_of(result, "stock")["reason"])


def test_a_gap_and_a_zero_give_different_forecasts() -> None:
    gap = forecast_series(series("stock", [*RISING[:-2], None, RISING[-1]])).forecast
    zero = forecast_series(series("stock", [*RISING[:-2], 0.0, RISING[-1]])).forecast

    assert zero["lo_80"].min() < gap["lo_80"].min()


def test_a_missing_latest_quarter_is_said_and_the_forecast_starts_before_it() -> None:
    result = forecast_series(series("stock", [*RISING, None]))

    assert result.forecast["quarter"].to_list() == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    assert "forecast from 2023-Q1" in str(status_of(result, "stock")["reason"])


def test_a_forecast_from_before_a_missing_quarter_is_for_the_right_season() -> None:
    """A year before the four quarters after the gap: 49, 40, 58; the fourth is the gap itself, so two years: 30."""
    forecast = forecast_series(series("stock", [*ZIGZAG, None])).forecast

    assert forecast["seasonal_naive"].to_list() == [49.0, 40.0, 58.0, 30.0]


def test_a_series_without_recent_values_is_not_forecast() -> None:
    result = forecast_series(series("stock", [*RISING, None, None, None]))

    assert result.forecast.is_empty()
    assert status_of(result, "stock")["status"] == "not reported"
    assert status_of(result, "stock")["reason"] == "no value since 2023-Q1"


def test_an_ended_authority_is_not_forecast() -> None:
    history = pl.concat([series("going", RISING), series("ended", RISING[:16])])
    result = forecast_series(history)

    assert result.forecast["unique_id"].unique().to_list() == ["going"]
    assert status_of(result, "ended")["status"] == "ended"
    assert status_of(result, "ended")["reason"] == "no row after 2022-Q1"


def test_a_series_of_three_quarters_is_forecast_by_its_last_value_with_a_range() -> None:
    result = forecast_series(series("stock", RISING[:3]))

    assert result.forecast["point"].to_list() == [RISING[2]] * 4
    assert (
        result.forecast.select((pl.col("lo_80") < pl.col("point")) & (pl.col("point") < pl.col("hi_80")))
        .to_series()
        .all()
    )
    assert status_of(result, "stock")["status"] == "last value"
    assert "3 quarters observed, 4 needed" in str(status_of(result, "stock")["reason"])


def test_the_range_around_one_known_quarter_is_a_share_of_it() -> None:
    """One quarter says nothing of how a series moves: a stock of 700 has more room than the noise of a count, 13."""
    forecast = forecast_series(series("stock", [700.0])).forecast

    assert forecast.select((pl.col("hi_80") - pl.col("lo_80")).min()).item() > 70
    assert forecast["hi_80"].max() < 1400


def test_a_series_of_four_quarters_is_forecast_by_the_model() -> None:
    result = forecast_series(series("stock", RISING[:4]))

    assert result.forecast["model"].unique().to_list() == [GLOBAL]
    assert result.forecast["point"].n_unique() > 1


def test_a_series_never_observed_is_not_forecast() -> None:
    result = forecast_series(series("stock", [None] * 12))

    assert result.forecast.is_empty()
    assert status_of(result, "stock")["status"] == "no value"


def test_a_constant_series_is_forecast_flat_and_counted_apart() -> None:
    result = forecast_series(
        pl.concat([series("hostel", [7.0] * 16, first="2021-Q1"), series("stock", ZIGZAG, first="2021-Q1")])
    )
    flat = result.forecast.filter(pl.col("unique_id") == "hostel")

    assert flat["point"].to_list() == [7.0] * 4
    assert status_of(result, "hostel")["status"] == "constant"
    overall = scores_by_group(result.folds, result.evaluation).row(-1, named=True)
    assert (overall["series"], overall["constant"]) == (1, 1)
    assert overall["cells"] == result.folds.filter(pl.col("unique_id") == "stock").height


def test_intervals_widen_with_the_level_and_hold_the_point() -> None:
    for frame in (excerpt_result().forecast, excerpt_result().folds):
        nested = frame.select(
            (pl.col("lo_95") <= pl.col("lo_80")).all(),
            (pl.col("lo_80") <= pl.col("point").round()).all(),
            (pl.col("point").round() <= pl.col("hi_80")).all(),
            (pl.col("hi_80") <= pl.col("hi_95")).all(),
        )
        assert nested.row(0) == (True, True, True, True)


def test_intervals_of_a_flat_forecast_widen_with_the_horizon() -> None:
    forecast = forecast_series(pl.concat([series("hostel", [7.0] * 16), series("stock", ZIGZAG)])).forecast
    width = forecast.filter(pl.col("unique_id") == "hostel").select(pl.col("hi_95") - pl.col("lo_95")).to_series()

    assert width.to_list() == sorted(width)


def test_nothing_that_was_never_negative_is_forecast_negative() -> None:
    falling = [float(max(60 - 6 * n, 0)) for n in range(16)]
    result = forecast_series(pl.concat([series("stock", falling), series("hostel", [0.0, 1.0] * 8)]))

    assert result.forecast.select(pl.min_horizontal("point", "lo_80", "lo_95").min()).item() >= 0


def test_bounds_of_counts_are_whole_and_bounds_of_money_need_not_be() -> None:
    money = [value * 1000.55 for value in ZIGZAG]
    forecast = forecast_series(pl.concat([series("stock", ZIGZAG), series("cost", money)])).forecast
    bounds = forecast.with_columns(whole=pl.col("hi_80") == pl.col("hi_80").round())

    assert bounds.filter(pl.col("unique_id") == "stock")["whole"].all()
    assert not bounds.filter(pl.col("unique_id") == "cost")["whole"].all()


def test_money_is_forecast_alike_in_pounds_and_in_thousands() -> None:
    pounds = forecast_series(series("cost", [value * 1000.5 for value in ZIGZAG])).forecast
    thousands = forecast_series(series("cost", [value * 1.0005 for value in ZIGZAG])).forecast
    numbers = ["point", "lo_80", "hi_80", "lo_95", "hi_95"]

    assert_frame_equal(pounds.select(pl.col(numbers) / 1000), thousands.select(numbers), rel_tol=1e-6)


def test_the_order_of_rows_does_not_matter() -> None:
    history = pl.concat([series("a", ZIGZAG), series("b", RISING[:16])])
    shuffled = history.sample(fraction=1.0, shuffle=True, seed=4)

    first, second = forecast_series(history), forecast_series(shuffled)
    assert_frame_equal(first.forecast, second.forecast, check_exact=True)
    assert_frame_equal(first.evaluation, second.evaluation, check_exact=True)


def test_a_forecast_uses_nothing_later_than_its_origin() -> None:
    """Folds up to an origin are the same whether or not the later quarters are known."""
    parts = [series("a", ZIGZAG, "2021-Q1"), series("b", RISING[:16], "2021-Q1"), series("c", ZIGZAG[::-1], "2021-Q1")]
    history = pl.concat(parts)
    known = history.filter(pl.col("quarter") <= "2024-Q2")
    columns = [
        "unique_id",
        "origin",
        "step",
        "model",
        "point",
        "lo_80",
        "hi_80",
        "last_value",
        "seasonal_naive",
        "scale",
    ]

    before = forecast_series(known).folds.select(columns)
    after = forecast_series(history).folds.select(columns)
    assert not before.is_empty()
    assert_frame_equal(before, before.join(after, on=columns, how="semi", nulls_equal=True), check_exact=True)


def test_the_forecast_from_an_origin_is_the_one_the_backtest_scored() -> None:
    history = pl.concat([series("a", ZIGZAG, "2021-Q1"), series("b", RISING[:16], "2021-Q1")])
    bounds = ["unique_id", "quarter", "point", "lo_80", "hi_80", "lo_95", "hi_95", "last_value", "seasonal_naive"]
    issued = forecast_series(history.filter(pl.col("quarter") <= "2023-Q4")).forecast.select(bounds)
    scored = forecast_series(history).folds.filter(pl.col("origin") == "2023-Q4").select(bounds)

    assert_frame_equal(issued, scored, check_row_order=False, check_exact=True)


def test_an_authority_alone_is_forecast_as_among_others() -> None:
    history = excerpt_history()
    alone = forecast_series(history.filter(pl.col("unique_id") == "ta_households E06000034"))

    for mine, all_of_them in ((alone.forecast, excerpt_result().forecast), (alone.folds, excerpt_result().folds)):
        assert not mine.is_empty()
        among = all_of_them.filter(pl.col("unique_id") == "ta_households E06000034")
        assert_frame_equal(mine, among, check_exact=True)


def test_two_rows_for_one_quarter_are_refused() -> None:
    with pytest.raises(InputError, match="more than one row"):
        forecast_series(pl.concat([series("a", ZIGZAG), series("a", ZIGZAG)]))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="finite"):
        forecast_series(series("a", [*ZIGZAG, value]))


@pytest.mark.parametrize(("horizon", "levels"), [(0, (80,)), (4, ()), (4, (100,))])
def test_an_impossible_request_is_refused(horizon: int, levels: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="horizon"):
        forecast_series(series("a", ZIGZAG), horizon, levels)


def test_other_levels_and_horizons_can_be_asked_for() -> None:
    forecast = forecast_series(series("a", ZIGZAG), 6, (50,)).forecast

    assert forecast.height == 6
    assert {"lo_50", "hi_50"} <= set(forecast.columns)


def test_no_series_at_all_gives_empty_tables() -> None:
    result = forecast_series(series("a", []))

    assert result.forecast.is_empty() and result.evaluation.is_empty() and result.folds.is_empty()


def test_a_forecast_loads_none_of_the_libraries_that_train_the_model() -> None:
    code = (
        "import sys, polars as pl\n"
        "from pipelines.metrics.forecast import forecast_series\n"
        "quarters = [f'{year}-Q{number}' for year in (2023, 2024) for number in (1, 2, 3, 4)]\n"
        "forecast_series(pl.DataFrame({'unique_id': 'a', 'quarter': quarters, 'value': range(8)}))\n"
        "print(sorted({'lightgbm', 'pandas', 'scipy', 'sklearn', 'statsforecast'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_importing_the_package_loads_not_even_numpy() -> None:
    code = (
        "import sys, pipelines.metrics.forecast\n"
        "print(sorted({'lightgbm', 'pandas', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
