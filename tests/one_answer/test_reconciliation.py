"""Where two figures look alike and differ, a file of the run leads from one to the other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from pipelines.emit.pages.words import STAGES
from pipelines.emit.tables.build import compute_tables
from pipelines.link.references import empty_map
from pipelines.metrics.emit import prepare_metrics
from pipelines.period import Quarter
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS
from tests.one_answer.conftest import Ran
from tests.transform.warehouse import LA, section_frame

ELSEWHERE = "E07000008"
STAGE = 'Stage "Relief ended, decision to come"'


def steps_lead_from_first_to_last(lines: pl.DataFrame) -> bool:
    for (_, _), part in lines.group_by("subject", "first_day"):
        values = part.sort("line_no")["households"].to_list()
        if sum(values[:-1]) != values[-1]:
            return False
    return not lines.is_empty()


def test_every_run_says_how_its_figures_hang_together(ran: Ran) -> None:
    lines = ran.metric("reconciliation_figures").with_columns(pl.col("line_no", "households").cast(int))
    assert steps_lead_from_first_to_last(lines)
    assert set(lines["subject"]) == {
        "applications",
        "in temporary accommodation",
        "in temporary accommodation out of district",
        "waiting for a main duty decision",
    }
    official = ran.table("official_internal").filter(table="TA1", measure="count")
    cells = dict(official.select("column_path", pl.col("value").cast(int)).iter_rows())
    for line in ("Total number of households in TA", "In TA in another local authority district"):
        assert lines.filter(line=f"Table TA1: {line}")["households"].item() == cells[line]


def test_the_stage_and_the_cases_past_day_56_have_two_names_and_a_line_between_them(ran: Ran) -> None:
    assert f'Stage "{STAGES["decision"]}"' == STAGE
    page = (ran.folder / "metrics" / "dashboard.html").read_text(encoding="utf-8")
    assert "Awaiting decision" not in page
    assert "until relief is ended, and only then at" in page


def person(case: int) -> dict[str, object]:
    return {"case_ref": case, "person_no": 1, "relationship": "main_applicant", "age": 40, "sex": "female"}


def test_own_arrangements_and_advice_only_are_steps_by_hand(tmp_path: Path) -> None:
    """Six cases: housed; housed outside; housed, own arrangements since; own outside; advice only; past day 56."""
    july = date(2025, 7, 1)
    sections = {
        "main": [
            {"la_code": LA, "case_ref": case, "application_date": july, "assess_date": july, "assess1": "relief"}
            for case in (1, 2, 3, 4, 6)
        ]
        + [{"la_code": LA, "case_ref": 5, "application_date": july, "assess_date": july, "assess1": "not_threatened"}],
        "people": [person(case) for case in range(1, 7)],
        "relief": [{"case_ref": 6, "relief_start": july}],
        "temporary_accommodation": [
            {"case_ref": case, "placement_no": no, "ta_type": kind, "ta_la": where, "entry_date": date(2025, 8, no)}
            for case, no, kind, where in (
                (1, 1, "bb", LA),
                (2, 1, "bb", ELSEWHERE),
                (3, 1, "bb", LA),
                (3, 2, "own", LA),
                (4, 1, "own", ELSEWHERE),
            )
        ],
    }
    store = tmp_path / "warehouse.duckdb"
    with Warehouse(store) as kept:
        run = {"run_id": f"{LA}-2025-Q3", "la_code": LA, "quarter": "2025-Q3", "as_at": date(2025, 9, 30)}
        frames = {one.name: section_frame(one.name, sections.get(one.name, [])) for one in SECTIONS}
        kept.freeze(run, frames, empty_map())
    with open_quarter(store, LA, Quarter(2025, 3)) as opened:
        prepare_metrics(opened.connection)
        lines = opened.connection.execute("select * from reconciliation_figures").pl()
        official = compute_tables(opened.connection)
    now = lines.filter(first_day=july)
    of = {subject: part.sort("line_no")["households"].to_list() for (subject,), part in now.group_by("subject")}
    assert steps_lead_from_first_to_last(lines)
    assert of["in temporary accommodation"][:2] == [3, -1]
    assert of["in temporary accommodation out of district"][:2] == [1, 1]
    assert of["waiting for a main duty decision"] == [1, -1, 0, 0]
    cells = dict(official.filter(table="TA1", measure="count").select("column_path", "value").iter_rows())
    assert of["in temporary accommodation"][-1] == cells["Total number of households in TA"]
    assert of["in temporary accommodation out of district"][-1] == cells["In TA in another local authority district"]
