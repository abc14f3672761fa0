"""From a published answer no small count can be read or found by subtraction."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import sql
from pipelines.disclosure.foi import ALL, CHILDREN, FAMILIES, LEFT, PLACED, SINGLES, hidden_items, share

MONTHS = (date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1))
ITEMS = duckdb.sql(sql.text("metrics/foi_items.sql")).pl()
PARTS = {no: total for no, total in ITEMS.select("item_no", "total_no").rows() if total is not None}
BANDS = [no for no, total in PARTS.items() if total == CHILDREN]


def a_month(data: st.DataObject) -> dict[int, int]:
    numbers = st.integers(0, 12)
    item = {no: data.draw(numbers) for no in range(1, ALL)}
    item[ALL] = data.draw(st.integers(0, 25))
    item[FAMILIES] = data.draw(st.integers(0, item[ALL]))
    item[SINGLES] = data.draw(st.integers(0, item[ALL] - item[FAMILIES]))
    for no in range(SINGLES + 1, CHILDREN):
        item[no] = data.draw(st.integers(0, item[PARTS[no]]))
    for no in BANDS:
        item[no] = data.draw(numbers)
    item[CHILDREN] = sum(item[no] for no in BANDS)
    return item


def test_the_items_that_are_tied_are_those_of_the_answer() -> None:
    words = dict(ITEMS.select("item_no", "item").rows())
    assert [words[no].split()[0] for no in (PLACED, LEFT, ALL, FAMILIES, SINGLES, CHILDREN)] == [
        "Placed", "Left", "In", "Families", "Single", "Children",
    ]  # fmt: skip
    assert set(PARTS.values()) >= {ALL, CHILDREN}


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_small_count_can_be_found_by_subtraction(data: st.DataObject) -> None:
    month = MONTHS[0]
    item = a_month(data)
    gone = {no for no, _ in hidden_items({(no, month): number for no, number in item.items()}, PARTS)}
    shown = {no: number for no, number in item.items() if no not in gone}
    assert not [no for no, number in shown.items() if 0 < number < 5]
    left_of = {part: shown[total] - shown[part] for part, total in PARTS.items() if part in shown and total in shown}
    assert not {part: left for part, left in left_of.items() if 0 < left < 5}
    others = item[ALL] - item[FAMILIES] - item[SINGLES]
    assert not ({ALL, FAMILIES, SINGLES} <= set(shown) and 0 < others < 5), "neither families nor single adults"
    bands = [no for no in BANDS if no in gone]
    assert CHILDREN in gone or (len(bands) != 1 and not 0 < sum(item[no] for no in bands) < 5)
    assert len({PLACED, LEFT} & gone) != 1


def test_a_small_stock_is_not_the_next_months_less_who_came() -> None:
    stock = {MONTHS[0]: 20, MONTHS[1]: 4, MONTHS[2]: 9}
    flows = {MONTHS[0]: (0, 0), MONTHS[1]: (0, 16), MONTHS[2]: (5, 0)}
    values = {(ALL, month): number for month, number in stock.items()}
    for month, (came, left) in flows.items():
        values |= {(PLACED, month): came, (LEFT, month): left}
    gone = hidden_items(values, {})
    # 9 - 5 + 0 is 4, and so is 20 + 0 - 16.
    assert gone == {(ALL, MONTHS[1])} | {(no, month) for no in (PLACED, LEFT) for month in MONTHS[1:]}


def test_what_is_left_out_is_empty_and_says_so_and_nights_and_money_are_no_counts() -> None:
    frame = pl.DataFrame(
        {
            "item_no": [1, 2, 24, 25],
            "total_no": pl.Series([None] * 4, dtype=pl.Int64),
            "first_day": [MONTHS[0]] * 4,
            "unit": ["households", "households", "nights", "£"],
            "value": [3.0, 5.0, 3.0, None],
        }
    )
    assert share(frame).select("value", "note").rows() == [(None, "suppressed"), (5.0, ""), (3.0, ""), (None, "")]


def test_children_are_counts_too() -> None:
    frame = pl.DataFrame(
        {
            "item_no": [CHILDREN, *BANDS],
            "total_no": pl.Series([None, *([CHILDREN] * len(BANDS))], dtype=pl.Int64),
            "first_day": [MONTHS[0]] * (len(BANDS) + 1),
            "unit": ["children"] * (len(BANDS) + 1),
            "value": [63.0, 3.0, 7.0, 8.0, 15.0, 14.0, 16.0][: len(BANDS) + 1],
        }
    )
    # Three of one age, and with them the next smallest, since the ages add up to all children.
    assert share(frame)["value"].to_list() == [63.0, None, None, 8.0, 15.0, 14.0, 16.0][: len(BANDS) + 1]
