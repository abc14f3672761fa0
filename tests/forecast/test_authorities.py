"""Merged and abolished authorities are brought together only where nothing is missing."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import InputError, UsageError
from pipelines.metrics.forecast import combine_successors, forecast_series
from tests.forecast.series import excerpt

# Suffolk Coastal and Waveney became East Suffolk on 1 April 2019 (ONS register of codes).
EAST_SUFFOLK = pl.DataFrame(
    {
        "code": ["E07000205", "E07000206", "E07000244"],
        "active_code": ["E07000244"] * 3,
    }
)


def panel(rows: list[tuple[str, str, float | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(code, "ta_households", quarter, value) for code, quarter, value in rows],
        schema={"la_code": pl.String, "measure": pl.String, "quarter": pl.String, "value": pl.Float64},
        orient="row",
    )


def sums(rows: list[tuple[str, str, float | None]]) -> dict[str, float | None]:
    combined, _ = combine_successors(panel(rows), EAST_SUFFOLK)
    assert combined["la_code"].unique().to_list() == ["E07000244"]
    return dict(combined.select("quarter", "value").iter_rows())


def test_predecessors_are_summed_where_all_are_observed() -> None:
    assert sums([("E07000205", "2019-Q1", 12.0), ("E07000206", "2019-Q1", 30.0), ("E07000244", "2019-Q2", 45.0)]) == {
        "2019-Q1": 12.0 + 30.0,
        "2019-Q2": 45.0,
    }


def test_a_sum_with_a_part_missing_is_missing() -> None:
    assert sums([("E07000205", "2019-Q1", None), ("E07000206", "2019-Q1", 30.0)]) == {"2019-Q1": None}


def test_a_part_without_a_row_between_its_first_and_last_quarter_makes_the_sum_missing() -> None:
    rows = [("E07000206", quarter, 30.0) for quarter in ("2018-Q3", "2018-Q4", "2019-Q1")]
    rows += [("E07000205", "2018-Q3", 12.0), ("E07000205", "2019-Q1", 13.0)]

    assert sums(rows) == {"2018-Q3": 12.0 + 30.0, "2018-Q4": None, "2019-Q1": 13.0 + 30.0}


def test_a_quarter_with_both_an_authority_and_its_predecessor_is_left_empty() -> None:
    assert sums([("E07000205", "2019-Q2", 12.0), ("E07000244", "2019-Q2", 45.0)]) == {"2019-Q2": None}


def test_each_code_that_went_into_another_is_listed() -> None:
    _, merged = combine_successors(
        panel([("E07000205", "2019-Q1", None), ("E07000206", "2019-Q1", 30.0), ("E07000244", "2019-Q2", 45.0)]),
        EAST_SUFFOLK,
    )

    assert merged.select("la_code", "active_code", "last_quarter", "incomplete").rows() == [
        ("E07000205", "E07000244", "2019-Q1", 1),
        ("E07000206", "E07000244", "2019-Q1", 1),
    ]


def test_a_code_that_the_list_lacks_stays_as_it_is() -> None:
    combined, merged = combine_successors(panel([("E99999999", "2019-Q1", 3.0)]), EAST_SUFFOLK)

    assert combined.select("la_code", "value").rows() == [("E99999999", 3.0)]
    assert merged.is_empty()


def test_a_published_merger_is_forecast_under_its_new_code_from_the_sum() -> None:
    published = excerpt().filter(pl.col("la_code").is_in(EAST_SUFFOLK["code"].to_list()))
    combined, _ = combine_successors(published, EAST_SUFFOLK)
    result = forecast_series(combined.select("quarter", "value", unique_id="la_code"))

    assert result.forecast["unique_id"].unique().to_list() == ["E07000244"]
    before = published.filter(pl.col("quarter") == "2019-Q1")["value"].sum()
    assert combined.filter(pl.col("quarter") == "2019-Q1")["value"].to_list() == [before]


def test_two_rows_for_one_cell_are_refused() -> None:
    with pytest.raises(InputError, match="more than one row"):
        combine_successors(panel([("E07000205", "2019-Q1", 1.0)] * 2), EAST_SUFFOLK)


def test_a_panel_without_its_columns_is_refused() -> None:
    with pytest.raises(UsageError, match="la_code"):
        combine_successors(pl.DataFrame({"measure": []}), EAST_SUFFOLK)


@given(st.lists(st.tuples(st.integers(0, 900) | st.none(), st.integers(0, 900) | st.none()), min_size=1, max_size=8))
def test_a_sum_is_complete_or_missing(pairs: list[tuple[int | None, int | None]]) -> None:
    quarters = [f"{2016 + n // 4}-Q{n % 4 + 1}" for n in range(len(pairs))]
    rows = [("E07000205", q, a) for q, (a, _) in zip(quarters, pairs, strict=True)]
    rows += [("E07000206", q, b) for q, (_, b) in zip(quarters, pairs, strict=True)]

    expected = {q: None if a is None or b is None else float(a + b) for q, (a, b) in zip(quarters, pairs, strict=True)}
    assert sums(rows) == expected
