"""What MHCLG hides of each table, by quarter (published-tables §2, checked on the twelve workbooks)."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.disclosure.official import suppress, suppressions
from pipelines.published.headings import layout_for

# Quarter, table, position of the base, positions that are hidden; positions count the columns as printed.
HIDDEN = [
    ("2020-Q1", "A5P", 1, range(3, 25)),
    ("2020-Q2", "A5P", 1, range(2, 25)),
    ("2019-Q4", "A11", 1, range(2, 16)),
    ("2023-Q4", "A3", 3, range(7, 32)),
    ("2024-Q1", "A3", 3, range(4, 32)),
    ("2025-Q4", "A13", 1, range(2, 5)),
    ("2025-Q4", "TA5", 1, range(3, 21)),
    ("2025-Q4", "TA4", 2, range(3, 8)),
    ("2025-Q4", "TA9", 4, range(2, 14)),
    ("2025-Q2", "TA9_TATYPE", 1, range(2, 10)),
    ("2025-Q3", "TA9_TATYPE", 1, range(2, 10)),
    ("2025-Q4", "TA9_TATYPE", 1, range(1, 10)),
    ("2024-Q4", "TA1", 6, range(7, 11)),
]


@pytest.mark.parametrize(
    ("quarter", "table", "base", "hidden"), HIDDEN, ids=[f"{quarter}-{table}" for quarter, table, *_ in HIDDEN]
)
def test_a_table_hides_its_breakdowns_by_position(quarter: str, table: str, base: int, hidden: range) -> None:
    found = [rule for rule in suppressions(quarter) if rule.table == table]
    assert [(rule.base.position, rule.base.measure) for rule in found] == [(base, "count")]
    assert [column.position for column in found[0].hidden] == list(hidden)


def test_from_january_2025_the_count_outside_the_district_is_a_base_of_its_own() -> None:
    by_quarter = {
        quarter: [rule.base.position for rule in suppressions(quarter) if rule.table == "TA1"]
        for quarter in ("2024-Q4", "2025-Q1")
    }
    assert by_quarter == {"2024-Q4": [6], "2025-Q1": [6, 21]}


def tidy(quarter: str, total: float) -> pl.DataFrame:
    """Table A13 as printed, with one household in each column beside the total."""
    columns = [column for column in layout_for(quarter).of("A13") if column.measure == "count"]
    return pl.DataFrame(
        {
            "quarter": [quarter] * len(columns),
            "la_code": ["E06000034"] * len(columns),
            "table": ["A13"] * len(columns),
            "column_path": [column.column_path for column in columns],
            "measure": ["count"] * len(columns),
            "value": [total, *([1.0] * (len(columns) - 1))],
            "note": [""] * len(columns),
        }
    )


def test_each_quarter_is_judged_by_its_own_rows_and_the_order_stays() -> None:
    both = pl.concat([tidy("2025-Q4", 3.0), tidy("2025-Q3", 5.0)])
    found = suppress(both)
    assert found["quarter"].to_list() == both["quarter"].to_list()
    assert found["column_path"].to_list() == both["column_path"].to_list()
    assert found["value"].to_list() == [3.0, None, None, None, 5.0, 1.0, 1.0, 1.0]


def test_the_limit_may_be_another_and_no_rows_stay_no_rows() -> None:
    assert suppress(tidy("2025-Q4", 3.0), below=3)["value"].null_count() == 0
    assert suppress(tidy("2025-Q4", 3.0).clear()).is_empty()
