"""Published rates side by side, from the workbook kept in the repository."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.metrics.benchmarks import ENGLAND, Measure, _figure, benchmarks, measures, read_neighbours
from pipelines.published.headings import layout_for
from tests.conftest import ROOT

WORKBOOK = ROOT / "data" / "published" / "Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"
FILE = Path(__file__).with_name("neighbours.toml")
AUTHORITY = "E06000034"


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return benchmarks([WORKBOOK], AUTHORITY, read_neighbours(FILE, AUTHORITY))


def test_authority_neighbours_region_and_england_stand_side_by_side(table: pl.DataFrame) -> None:
    rates = table.filter(measure="ta_rate")
    assert rates["area_kind"].to_list() == ["authority", "neighbour", "neighbour", "neighbour", "region", "England"]
    assert rates["la_code"].to_list()[0] == AUTHORITY
    assert rates["la_code"].to_list()[-1] == ENGLAND
    assert set(table["quarter"]) == {"2025-Q3"}
    assert table.height == len(measures()) * 6


def test_a_share_is_one_published_cell_over_another(table: pl.DataFrame) -> None:
    from pipelines.published.reader import read_workbook

    tidy = read_workbook(WORKBOOK, AUTHORITY).tidy.filter(table="TA1", measure="count")
    cells = dict(tidy.select("column_path", "value").rows())
    expected = cells["Total number of households in TA with children"] / cells["Total number of households in TA"]
    found = table.filter(measure="share_ta_with_children", la_code=AUTHORITY)
    assert found["value"].item() == pytest.approx(expected)
    assert 0 < expected < 1


def test_no_value_has_no_note_and_no_note_has_no_value(table: pl.DataFrame) -> None:
    assert table.filter(pl.col("value").is_null() == (pl.col("note") == "")).is_empty()


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        ((3.0, ""), (4.0, ""), (0.75, "")),
        ((0.0, ""), (4.0, ""), (0.0, "")),
        ((None, "suppressed"), (4.0, ""), (None, "suppressed")),
        ((None, "suppressed"), (None, "missing"), (None, "missing")),
        ((3.0, ""), (None, "missing"), (None, "missing")),
        ((0.0, ""), (0.0, ""), (None, "not applicable")),
        (None, (4.0, ""), (None, "not published")),
    ],
)
def test_missing_and_suppressed_are_shown_as_such(
    numerator: tuple[float | None, str] | None,
    denominator: tuple[float | None, str],
    expected: tuple[float | None, str],
) -> None:
    measure = Measure("m", "", "", "A1", "above", "below", "count")
    cells = {("E1", "A1", "below", "count"): denominator}
    if numerator is not None:
        cells["E1", "A1", "above", "count"] = numerator
    assert _figure(cells, measure, "E1") == expected


def test_the_authority_is_ranked_among_neighbours_with_a_value(table: pl.DataFrame) -> None:
    ranked = set()
    for (_, _), rows in table.group_by("quarter", "measure"):
        own = rows.filter(area_kind="authority").row(0, named=True)
        peers = rows.filter(pl.col("area_kind").is_in(["authority", "neighbour"]))["value"].drop_nulls()
        if own["value"] is None or peers.len() < 2:
            assert own["rank_no"] is None
        else:
            assert own["rank_no"] == 1 + (peers > own["value"]).sum()
            assert own["ranked_areas"] == peers.len()
        ranked.add(own["rank_no"] is not None)
    assert ranked == {True, False}, "some measures are ranked, and some have too few areas with a value"


def test_every_measure_names_columns_of_the_published_layout() -> None:
    known = {(column.table, column.column_path, column.measure) for column in layout_for("2025-Q4").columns}
    for measure in measures():
        assert (measure.table, measure.numerator, measure.numerator_measure) in known, measure.name
        assert not measure.denominator or (measure.table, measure.denominator, "count") in known, measure.name


@pytest.mark.parametrize("authority", ["E06000001", "E06000002", "E06000003"])
def test_a_wrong_list_of_neighbours_is_refused(authority: str) -> None:
    with pytest.raises(InputError):
        read_neighbours(FILE, authority)


def test_a_file_that_is_no_list_of_neighbours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.toml"
    for text in ("not toml", "source = 'x'", "[neighbours]\nE06000034 = ['E06000035']"):
        path.write_text(text)
        with pytest.raises(InputError):
            read_neighbours(path, AUTHORITY)


def test_two_workbooks_of_one_quarter_are_refused() -> None:
    with pytest.raises(UsageError, match="same quarter"):
        benchmarks([WORKBOOK, WORKBOOK], AUTHORITY)
