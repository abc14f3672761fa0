"""The former P1E form: its cells beside the tables that they equal, and the two eras in one file."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.emit.tables.build import compute_tables
from pipelines.emit.tables.p1e import SECTIONS, compute_p1e, write_p1e
from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.state import CLEAN, RunState
from schemas.codelists import codelist
from tests.tables.caseload import caseload
from tests.transform.warehouse import built


def marts(quarter: str, cases: int = 300) -> duckdb.DuckDBPyConnection:
    when = Quarter.parse(quarter)
    return built(quarter=when, **caseload(21, when, cases))


def published(tidy: pl.DataFrame, equals: str) -> float | None:
    """The figure of ``table|column path``, or of ``table|@position``; None where the quarter lacks the column."""
    table, _, path = equals.partition("|")
    rows = tidy.filter((pl.col("table") == table) & (pl.col("measure") == "count"))
    rows = rows.slice(int(path[1:]) - 1, 1) if path.startswith("@") else rows.filter(pl.col("column_path") == path)
    return rows["value"][0] if rows.height else None


@pytest.mark.parametrize("quarter", ["2019-Q1", "2020-Q3", "2025-Q4"])
def test_cells_equal_the_published_columns_that_they_name(quarter: str) -> None:
    with marts(quarter) as con:
        tidy = compute_tables(con)
        form = compute_p1e(con).filter(pl.col("equals") != "")
    compared = {row["cell"]: (float(row["value"]), published(tidy, row["equals"])) for row in form.to_dicts()}
    absent = [cell for cell, (_, figure) in compared.items() if figure is None]
    # TA3 is published from April to June 2020.
    assert [cell for cell in absent if not cell.startswith("e6_duty_")] == []
    assert {cell: pair for cell, pair in compared.items() if pair[1] is not None and pair[0] != pair[1]} == {}


@pytest.mark.parametrize(("table", "section"), [("TA1", "E6"), ("TA2", "E6"), ("TA3", "E6"), ("MD2", "E7")])
def test_every_count_of_the_equivalent_tables_has_its_cell(table: str, section: str) -> None:
    with marts("2025-Q4", 5) as con:
        tidy = compute_tables(con).filter((pl.col("table") == table) & (pl.col("measure") == "count"))
        form = compute_p1e(con).filter(pl.col("section") == section)
    named = {equals.partition("|")[2] for equals in form["equals"] if equals.startswith(f"{table}|")}
    paths = tidy["column_path"].to_list()
    covered = {path for path in paths if path in named} | {
        paths[int(name[1:]) - 1] for name in named if name.startswith("@")
    }
    # The totals of TA2 and TA3 are that of TA1.
    assert [
        path for path in paths if path not in covered and not path.startswith("Total number of households in TA")
    ] == []


def test_every_section_of_the_form_adds_up_where_it_has_a_total() -> None:
    with marts("2025-Q4") as con:
        form = compute_p1e(con)
    assert form["section"].unique(maintain_order=True).to_list() == list(SECTIONS)
    value = dict(form.filter(pl.col("value") != "").select("cell", pl.col("value").cast(pl.Int64)).iter_rows())
    parts = form.filter((pl.col("section") == "E3") & (pl.col("cell") != "e3_total"))["cell"]
    assert sum(value[cell] for cell in parts) == value["e3_total"] > 0
    for stage in ("prevented", "relieved"):
        kinds = [f"e10_b{number}_{stage}" for number in range(1, 11)]
        assert sum(value.get(cell, 0) for cell in kinds) == value[f"e10_b_{stage}"] > 0
    assert value["e2_children"] == sum(value[f"e2_children_{many}"] for many in ("1", "2", "3", "nk"))


def test_recalled_sections_say_so() -> None:
    with marts("2025-Q4", 1) as con:
        form = compute_p1e(con)
    for section in ("E3", "E4", "E5", "E8", "E9", "E10"):
        assert set(form.filter(pl.col("section") == section)["confidence"]) == {"recalled"}


def test_ineligible_households_count_whether_found_so_at_the_assessment_or_later() -> None:
    """Part 4 E1 of the notes: ineligible, kept apart from the decisions. Quarter: October to December 2025."""
    at_assessment = {"assess1": "not_eligible", "eligibility": "ineligible"}
    assessed = (date(2025, 9, 30), date(2025, 10, 1), date(2025, 12, 31), date(2026, 1, 1))
    with built(
        main=[
            *(
                {"case_ref": number, "application_date": day, "assess_date": day, **at_assessment}
                for number, day in enumerate(assessed, start=1)
            ),
            *({"case_ref": number, "application_date": date(2025, 7, 1), "assess1": "relief"} for number in (5, 6)),
            # Found so in the quarter before; in the return for its placement.
            {"case_ref": 7, "application_date": assessed[0], "assess_date": assessed[0], **at_assessment},
        ],
        final_duties=[
            {"case_ref": number, "main_decision": decision, "main_decision_date": date(2025, 11, 3)}
            # The second is found not eligible twice and counts once.
            for number, decision in ((2, "not_eligible"), (5, "not_eligible"), (6, "not_homeless"))
        ],
        people=[{"case_ref": number, "person_no": 1, "relationship": "main_applicant"} for number in range(1, 8)],
        temporary_accommodation=[
            {"case_ref": 7, "placement_no": 1, "entry_date": date(2025, 10, 20), "ta_type": "bb", "taduty": "s188_1"}
        ],
    ) as con:
        value = dict(compute_p1e(con).select("cell", "value").iter_rows())
    assert (value["e1_ineligible"], value["e1_ineligible_nk"], value["e1_decisions"]) == ("3", "3", "1")


def test_repeat_homelessness_says_what_it_rests_on() -> None:
    with built() as con:
        form = compute_p1e(con).filter(pl.col("section") == "E8")
    need = codelist("support_need").codes["repeat_homeless"].label
    repeat, others = form["label"]
    assert need in repeat and "no field says that a household was accepted before" in repeat
    assert "without that support need" in others and "not recorded" in others


def test_both_eras_stand_in_one_file_with_the_break_between(tmp_path: Path) -> None:
    series = tmp_path / "old.csv"
    # Markers of the P1E era are kept as they were printed.
    series.write_text("quarter,section,cell,value\n2014-Q3,E2,e2_old_age,.\n2008-Q1,E2,e2_total,41\n", "utf-8")
    with marts("2025-Q4", 3) as con:
        path, _ = write_p1e(con, tmp_path / "tables" / "p1e.csv", series, state=RunState(CLEAN))
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    eras = [row["era"] for row in rows]
    assert eras == ["p1e", "p1e", "break", *["hclic"] * (len(rows) - 3)]
    assert [(row["quarter"], row["value"]) for row in rows[:2]] == [("2008-Q1", "41"), ("2014-Q3", ".")]
    assert {row["edition"] for row in rows} == {"internal"}


@pytest.mark.parametrize(
    "text", ["quarter,section,value\n2014-Q3,E2,1\n", "quarter,section,cell,value\nQ3 2014,E2,x,1\n"]
)
def test_a_series_in_another_form_is_refused(tmp_path: Path, text: str) -> None:
    series = tmp_path / "old.csv"
    series.write_text(text, "utf-8")
    with marts("2025-Q4", 0) as con, pytest.raises(InputError):
        write_p1e(con, tmp_path / "p1e.csv", series, state=RunState(CLEAN))
