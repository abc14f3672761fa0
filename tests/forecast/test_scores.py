"""MASE and the seasonal naive forecast against figures worked by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipelines.metrics.forecast import forecast_series, scores_by_group
from pipelines.metrics.forecast.features import seasonal_naive_scale
from pipelines.metrics.forecast.plain import seasonal_naive, targets
from pipelines.metrics.forecast.report import scores_by_series
from tests.forecast.series import series


def folds(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "unique_id": ["a", "a"],
            "group": ["stock", "stock"],
            "origin": ["2020-Q1", "2020-Q1"],
            "lo_80": [8.0, 8.0],
            "hi_80": [12.0, 12.0],
            "lo_95": [0.0, 0.0],
            "hi_95": [20.0, 20.0],
            **columns,
        }
    )


def test_mase_is_the_mean_error_over_the_seasonal_naive_error_in_sample() -> None:
    """Errors 1 and 3 over a scale of 4: (0.25 + 0.75) / 2; last value 0 and 2; seasonal naive 2 and 6."""
    scores = scores_by_series(
        folds(
            actual=[11.0, 13.0],
            point=[10.0, 10.0],
            last_value=[11.0, 11.0],
            seasonal_naive=[9.0, 7.0],
            scale=[4.0, 4.0],
        )
    ).row(0, named=True)

    assert scores["mase"] == pytest.approx((1 / 4 + 3 / 4) / 2)
    assert scores["last_value_mase"] == pytest.approx((0 / 4 + 2 / 4) / 2)
    assert scores["seasonal_naive_mase"] == pytest.approx((2 / 4 + 6 / 4) / 2)
    assert (scores["cover_80"], scores["cover_95"]) == (0.5, 1.0)


def test_a_fold_without_a_scale_counts_in_coverage_only() -> None:
    scores = scores_by_series(
        folds(
            actual=[11.0, 13.0],
            point=[10.0, 10.0],
            last_value=[10.0, 10.0],
            seasonal_naive=[9.0, 7.0],
            scale=[None, 4.0],
        )
    ).row(0, named=True)

    assert scores["mase"] == pytest.approx(3 / 4)
    assert (scores["cells"], scores["scored"]) == (2, 1)


def test_the_scale_is_the_mean_change_from_a_year_before() -> None:
    """Changes from a year before: 4, then a gap, then 2; so 4, 4 and (4 + 2) / 2 at the last three origins."""
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, np.nan, 5.0]])

    assert seasonal_naive_scale(values)[0, 4:].tolist() == [4.0, 4.0, (4 + 2) / 2]
    assert np.isnan(seasonal_naive_scale(values)[0, :4]).all()


def test_seasonal_naive_goes_back_a_further_year_over_a_gap() -> None:
    past = np.array([10.0, 20.0, 30.0, 40.0, 11.0, np.nan, 31.0, 41.0])

    assert seasonal_naive(past, 6).tolist() == [11.0, 20.0, 31.0, 41.0, 11.0, 20.0]


def test_targets_are_the_values_after_the_origin() -> None:
    actual = targets(np.array([[1.0, 2.0, 3.0]]), 2)

    assert actual[0, 0].tolist() == [2.0, 3.0]
    assert actual[0, 1, 0] == 3.0 and np.isnan(actual[0, 1, 1]) and np.isnan(actual[0, 2]).all()


def test_series_with_fewer_than_twelve_quarters_stay_out_of_the_overall_mean() -> None:
    result = forecast_series(
        pl.concat(
            [
                series("long", [5.0, 9.0, 4.0, 8.0, 6.0] * 3, first="2020-Q3"),
                series("short", [5.0, 9.0, 4.0] * 3, first="2022-Q1"),
            ]
        )
    )

    assert scores_by_group(result.folds, result.evaluation).row(-1, named=True)["series"] == 1
