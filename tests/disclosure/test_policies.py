"""The rule under which figures of the official tables stay behind, on frames a reader can check by eye."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.disclosure.policies import Breakdown, blank, hide_as_mhclg
from pipelines.published.cells import NOT_PUBLISHED


def official(base: float | None, *, note: str = "") -> list[tuple[float | None, str]]:
    """Value and note of the total and of one breakdown of a table, suppressed as MHCLG does."""
    tidy = pl.DataFrame(
        {
            "la_code": ["E06000034"] * 2,
            "table": ["A8"] * 2,
            "column_path": ["Total", "Part"],
            "measure": ["count"] * 2,
            "value": [base, 1.0 if note == "" else None],
            "note": ["", note],
        },
        schema_overrides={"value": pl.Float64},
    )
    shown = hide_as_mhclg(tidy, [Breakdown("A8", "Total", (("Part", "count"),))])
    return shown.select("value", "note").rows()


@pytest.mark.parametrize(("base", "part"), [(0, None), (4, None), (5, 1.0)])
def test_mhclg_hides_the_breakdowns_of_a_row_below_five_zero_included(base: int, part: float | None) -> None:
    assert official(base) == [(base, ""), (part, "" if part else "suppressed")]


def test_mhclg_shows_small_cells_in_a_larger_row() -> None:
    assert official(20)[1] == (1.0, "")


def test_what_is_not_published_is_not_called_suppressed() -> None:
    assert official(3, note=NOT_PUBLISHED)[1] == (None, NOT_PUBLISHED)


def test_blank_keeps_types_and_the_notes_of_other_rows() -> None:
    frame = pl.DataFrame({"n": [1, 2], "note": ["", "missing"]})
    shown = blank(frame, {"n": pl.Series([True, False])}, note=pl.Series([True, False]))
    assert shown.rows() == [(None, "suppressed"), (2, "missing")]
    assert shown.schema["n"] == pl.Int64
