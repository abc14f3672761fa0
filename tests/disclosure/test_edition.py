"""The one pass: what of the metrics may be shared, over all tables together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.audit import bounds, exposed
from pipelines.disclosure.edition import Release, release
from pipelines.disclosure.shareable import SHAREABLE, Shareable
from pipelines.metrics.catalogue import metrics

KEY = b"not known to readers"
END = date(2025, 12, 31)
DAY = date(2025, 10, 1)


def let_out(frames: Mapping[str, pl.DataFrame], before: Mapping[tuple[str, str, str], int] | None = None) -> Release:
    return release(frames, END, KEY, before)


def plans(*rows: tuple[str, int, int], day: date = DAY) -> pl.DataFrame:
    """Team, households owed a duty, those of them with a plan."""
    return pl.DataFrame(
        [
            {
                "first_day": day,
                "team": team,
                "owed_a_duty": owed,
                "with_plan": planned,
                "share_with_plan": planned / owed,
                "median_days_to_plan": 5.5,
            }
            for team, owed, planned in rows
        ]
    )


PLANS = plans(("North", 20, 18), ("South", 30, 20), ("West", 41, 31), ("all", 91, 69))


def test_every_count_leaves_as_a_multiple_of_five_that_is_less_than_five_away() -> None:
    found = let_out({"case_plans": PLANS}).frames["case_plans"]
    for column in ("owed_a_duty", "with_plan"):
        pairs = list(zip(found[column], PLANS[column], strict=True))
        assert all(figure % 5 == 0 and abs(figure - count) < 5 for figure, count in pairs), pairs
    assert set(found["note"]) == {"rounded to a multiple of 5"}


def test_shares_are_worked_out_from_the_printed_counts_and_days_leave_whole() -> None:
    found = let_out({"case_plans": PLANS}).frames["case_plans"]
    expected = (found["with_plan"] / found["owed_a_duty"]).round(4)
    assert found["share_with_plan"].to_list() == expected.to_list()
    # A median that ends in a half would say that the count is even.
    assert found["median_days_to_plan"].to_list() == [6.0] * 4


def test_what_rests_on_fewer_than_ten_is_left_out_with_a_note() -> None:
    found = let_out({"case_plans": plans(("North", 5, 4), ("South", 86, 65), ("all", 91, 69))}).frames["case_plans"]
    (north,) = found.filter(pl.col("team") == "North").to_dicts()
    assert (north["share_with_plan"], north["median_days_to_plan"], north["note"]) == (None, None, "suppressed")


def test_a_part_is_never_printed_larger_than_its_whole() -> None:
    for number in range(40):
        frame = plans((f"Team {number}", 21, 21), ("all", 21, 21))
        # With what A1 prints, some of these are left out (test_official_counts).
        found = release({"case_plans": frame}, END, KEY, official=False).frames["case_plans"]
        assert (found["with_plan"] <= found["owed_a_duty"]).all(), found
        assert found["owed_a_duty"][1] >= found["owed_a_duty"][0]


def test_rows_whose_presence_would_say_that_there_is_somebody_are_not_shared() -> None:
    """Reasons have no row for nobody: one that is printed as 0 would stand for 1 to 4."""
    counts = {f"reason {number}": 1 for number in range(12)} | {"many": 60}
    frame = pl.DataFrame(
        {
            "first_day": [DAY] * 13,
            "reasonloss": list(counts),
            "label": list(counts),
            "count_cases": list(counts.values()),
            "share": [0.1] * 13,
            "rank_no": [1] * 13,
            "rank_no_year_before": pl.Series([None] * 13, dtype=pl.Int64),
            "places_gained": pl.Series([None] * 13, dtype=pl.Int64),
        }
    )
    found = let_out({"reason_quarter": frame}).frames["reason_quarter"]
    assert 1 < found.height < 13 and found["count_cases"].min() == 5


def ended(*counts: tuple[str, int], day: date = DAY, duty: str = "prevention") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"duty": duty, "first_day": day, "outcome_group": name, "count_cases": count, "share": 0.5}
            for name, count in counts
        ]
    )


def stages(prevention_ended: int, prevented: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "first_day": [DAY],
            "owed_prevention": [30],
            "owed_relief": [61],
            "share_first_seen_at_relief": [0.67],
            "prevention_ended": [prevention_ended],
            "prevented": [prevented],
            "share_prevented": [0.15],
        }
    )


def test_a_count_that_stands_in_two_tables_is_printed_alike_in_both() -> None:
    frames = {
        "outcome_quarter": ended(("accommodated", 6), ("all", 39), ("homeless", 33)),
        "case_first_stage_quarter": stages(39, 6),
    }
    found = let_out(frames).frames
    groups = dict(found["outcome_quarter"].select("outcome_group", "count_cases").rows())
    (row,) = found["case_first_stage_quarter"].to_dicts()
    assert (row["prevention_ended"], row["prevented"]) == (groups["all"], groups["accommodated"])


def test_sums_over_tables_are_among_what_a_reader_knows() -> None:
    """Households owed a duty by plan are those owed prevention and those owed relief: 91 = 30 + 61."""
    found = let_out({"case_plans": PLANS, "case_first_stage_quarter": stages(39, 6)}).system
    cells = {
        frozenset(found.cells[number][0] for _, number in equation if found.cells[number][0] != "slack")
        for equation in found.equations
    }
    assert frozenset({"case_plans", "case_first_stage_quarter"}) in cells


def year_of_outcomes(ended_well: int) -> dict[str, pl.DataFrame]:
    """Five quarters of outcomes, of which the last four make the year, and the year by two characteristics."""
    quarters = [date(2024, 10, 1), date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), DAY]
    parts = [ended(("accommodated", 11 * n), ("all", 31 * n), day=day) for n, day in enumerate(quarters, 1)]
    rows = [
        {"duty": "prevention", "characteristic": name, "value": value, "ended": count, "accommodated": well}
        for name, values in (("age", ("18-24", "25-34")), ("sex", ("female", "male")))
        for value, count, well in ((values[0], 200, 80), (values[1], 234, ended_well - 80), ("all", 434, ended_well))
    ]
    floats = ("share", "share_others", "difference", "difference_low", "difference_high")
    columns = {column: pl.lit(None, pl.Float64) for column in floats}
    return {"outcome_quarter": pl.concat(parts), "outcome_characteristic": pl.DataFrame(rows).with_columns(**columns)}


@pytest.mark.parametrize(("ended_well", "columns"), [(154, {"ended", "accommodated"}), (153, {"ended"})])
def test_a_year_of_outcomes_is_the_sum_of_its_four_quarters_where_that_is_true(
    ended_well: int, columns: set[str]
) -> None:
    found = let_out(year_of_outcomes(ended_well)).system
    lines = [[found.cells[number] for _, number in equation] for equation in found.equations]
    across = [line for line in lines if {cell[0] for cell in line} == {"outcome_quarter", "outcome_characteristic"}]
    assert {line[0][2] for line in across} == columns
    assert len(across) == len(columns)
    for line in across:
        # October to December 2024 is before the year.
        assert [key[1] for _, key, _ in line[1:]] == [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), DAY]


def test_the_total_of_the_outcomes_is_one_figure_under_every_characteristic() -> None:
    for number in range(20):
        frames = year_of_outcomes(154)
        found = release(frames, END, str(number).encode()).frames["outcome_characteristic"].filter(value="all")
        assert found.select("ended", "accommodated").n_unique() == 1, found


def test_the_order_in_which_tables_come_makes_no_difference() -> None:
    frames = {"case_plans": PLANS, "case_first_stage_quarter": stages(39, 6)}
    one, other = let_out(frames).frames, let_out(dict(reversed(frames.items()))).frames
    assert all(one[name].equals(other[name]) for name in frames)


def test_what_is_not_shared_is_refused() -> None:
    with pytest.raises(KeyError, match="case_open_list"):
        let_out({"case_open_list": pl.DataFrame()})


def test_a_late_case_does_not_show_itself() -> None:
    first = let_out({"case_plans": PLANS})
    late = plans(("North", 21, 18), ("South", 30, 20), ("West", 41, 31), ("all", 92, 69))
    second = let_out({"case_plans": late}, first.figures)
    assert second.frames["case_plans"].equals(first.frames["case_plans"])


def test_the_quarter_before_is_printed_again_as_it_left() -> None:
    july = date(2025, 7, 1)
    first = let_out({"case_plans": plans(("North", 20, 18), ("all", 20, 18), day=july)})
    figures = dict.fromkeys(first.figures, 15)
    both = pl.concat([plans(("North", 19, 18), ("all", 19, 18), day=july), PLANS])
    found = let_out({"case_plans": both}, figures).frames["case_plans"].filter(pl.col("first_day") == july)
    assert found.select("owed_a_duty", "with_plan").rows() == [(15, 15), (15, 15)]


def test_a_share_may_not_leave_as_it_was_worked_out_from_the_true_counts() -> None:
    with pytest.raises(ValueError, match="share_with_plan must be worked out again"):
        Shareable(("first_day",), ("with_plan",), ("share_with_plan",))


def children_in_homes() -> dict[str, pl.DataFrame]:
    """A month in which many small parts are tied to known totals from several sides."""
    parts = {
        ("all", "all"): 24,
        **{("type", name): count for name, count in (("bb", 1), ("psl", 19), ("hostel", 4))},
        **{("household", name): count for name, count in (("families", 23), ("singles", 1))},
        **{("children", name): count for name, count in (("children", 23), ("adults only", 1))},
    }
    zeros: dict[str, Any] = dict.fromkeys(("entries", "exits", "transfers_in", "transfers_out", "nights"), 0)
    rows = [
        {"first_day": DAY, "dimension": dimension, "value": value, "opening_stock": count, **zeros, "stock": count}
        for (dimension, value), count in parts.items()
    ]
    return {"stock_month": pl.DataFrame(rows)}


def test_no_count_that_leaves_can_be_fewer_than_three_values() -> None:
    found = let_out(children_in_homes())
    system = found.system
    widths = [bounds(system, number) for number, cell in enumerate(system.cells) if cell[0] != "slack"]
    assert exposed(system) == []
    assert all(high - low >= 2 for low, high in widths), widths


def test_every_metric_that_is_shared_says_of_what_quarter_its_rows_are() -> None:
    for name, how in SHAREABLE.items():
        assert how.dated is None or how.dated in how.dimensions, name


def test_the_rows_of_a_metric_that_is_shared_are_named_by_its_key() -> None:
    keys = {one.name: set(one.key) for one in metrics()}
    named = {name: {*how.dimensions, *how.only} for name, how in SHAREABLE.items() if SHAREABLE[name].counts}
    assert {name: key for name, key in named.items() if keys.get(name, key) != key} == {}
