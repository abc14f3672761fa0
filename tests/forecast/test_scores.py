"""MASE and the seasonal naive forecast against figures worked by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.metrics.forecast import forecast_series, scores_by_group
from pipelines.metrics.forecast.candidates import CANDIDATES, candidate_forecasts, seasonal_naive
from pipelines.metrics.forecast.choice import choose, seasonal_naive_scale, targets
from pipelines.metrics.forecast.report import scores_by_series
from tests.forecast.series import series

counts = st.lists(st.integers(0, 500), min_size=8, max_size=24)


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
    """Errors 1 and 3 over a scale of 4: (0.25 + 0.75) / 2; seasonal naive 2 and 6: (0.5 + 1.5) / 2."""
    scores = scores_by_series(
        folds(actual=[11.0, 13.0], point=[10.0, 10.0], seasonal_naive=[9.0, 7.0], scale=[4.0, 4.0])
    ).row(0, named=True)

    assert scores["mase"] == pytest.approx((1 / 4 + 3 / 4) / 2)
    assert scores["seasonal_naive_mase"] == pytest.approx((2 / 4 + 6 / 4) / 2)
    assert (scores["cover_80"], scores["cover_95"]) == (0.5, 1.0)


def test_a_fold_without_a_scale_counts_in_coverage_only() -> None:
    scores = scores_by_series(
        folds(actual=[11.0, 13.0], point=[10.0, 10.0], seasonal_naive=[9.0, 7.0], scale=[None, 4.0])
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
            [series("long", [5.0, 9.0, 4.0, 8.0, 6.0] * 3), series("short", [5.0, 9.0, 4.0] * 3, first="2020-Q1")]
        )
    )

    assert scores_by_group(result.folds, result.evaluation).row(-1, named=True)["series"] == 1


def backtested(errors: dict[str, float], quarters: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts of one series of zeros, each candidate off by the same amount throughout (1 unless named)."""
    table = np.ones((1, quarters, len(CANDIDATES), 4))
    for name, error in errors.items():
        table[:, :, CANDIDATES.index(name)] = error
    return table, np.zeros((1, quarters, 4))


def test_the_candidate_with_the_smallest_errors_is_chosen() -> None:
    table, actual = backtested({"half_drift": 0.4, "naive": 3.0})
    chosen = choose(table, actual, np.array(["stock"]), None)

    assert CANDIDATES[chosen[0, -1]] == "half_drift"


def test_few_errors_of_its_own_do_not_outweigh_those_of_its_group() -> None:
    """Ten series do best with half_drift; the eleventh has one error so far, in which theta_mix was best."""
    group, actual = backtested({"half_drift": 0.4})
    newcomer, _ = backtested({"theta_mix": 0.4})
    newcomer[:, :-2] = np.nan
    table = np.concatenate([group] * 10 + [newcomer])
    chosen = choose(table, np.tile(actual, (11, 1, 1)), np.array(["stock"] * 11), None)

    assert CANDIDATES[chosen[10, -1]] == "half_drift"


@settings(deadline=None)  # the first example loads statsforecast
@given(counts)
def test_candidates_of_counts_are_never_negative(values: list[int]) -> None:
    table = candidate_forecasts(np.array(values, dtype=float), 4)

    assert table.shape == (len(CANDIDATES), 4)
    assert (table >= 0).all()


@settings(deadline=None)  # the first example loads statsforecast
@given(counts, st.integers(2, 50))
def test_candidates_scale_with_the_unit(values: list[int], factor: int) -> None:
    """Pence for pounds. Not for the two candidates with theta, whose fit is a numerical search."""
    past = np.array(values, dtype=float)
    for name in ("naive", "level_mix", "half_drift", "naive_and_seasonal", "seasonal_naive"):
        row = CANDIDATES.index(name)
        scaled = candidate_forecasts(past * factor, 4)[row] / factor
        assert scaled == pytest.approx(candidate_forecasts(past, 4)[row], rel=1e-4, abs=1e-4)


@settings(deadline=None)  # the first example loads statsforecast
@given(counts, st.sets(st.integers(1, 6), max_size=4))
def test_a_level_forecast_stays_within_what_was_observed_despite_gaps(values: list[int], gaps: set[int]) -> None:
    past = np.array(values, dtype=float)
    past[list(gaps)] = np.nan
    table = candidate_forecasts(past, 4)
    for name in ("naive", "exponential_smoothing", "level_mix", "seasonal_naive", "naive_and_seasonal"):
        forecast = table[CANDIDATES.index(name)]
        assert np.nanmin(past) - 1e-6 <= forecast.min()
        assert forecast.max() <= np.nanmax(past) + 1e-6
