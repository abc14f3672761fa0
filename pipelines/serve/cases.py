"""One case: its findings, its history over the runs, what happened when, and its household without names."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines.authority import authority_name
from pipelines.emit.pages.findings import tell
from pipelines.findings import RESOLVED
from pipelines.serve.answering import answer, nothing, site_of, store_of
from pipelines.serve.findings import words_of_lines
from pipelines.serve.reading import RunRow, runs
from pipelines.serve.told import state_of
from pipelines.transform import RECORDED, edition
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse

router = APIRouter()


@dataclass(frozen=True)
class InRun:
    """The case in one run."""

    run: RunRow
    errors: int
    warnings: int
    in_return: bool | None
    """Whether the quarter's return holds it; None where that is not known."""


def history_of(store: Warehouse, la_code: str, case_ref: str) -> list[InRun]:
    """The runs whose export held the case, the newest first."""
    rows = store.connection.execute(
        """
        select
            main.run_id,
            (
                select count(*) from findings
                where findings.run_id = main.run_id and findings.case_ref = main.case_ref and severity = 'error'
            ),
            (
                select count(*) from findings
                where findings.run_id = main.run_id and findings.case_ref = main.case_ref and severity = 'warning'
            ),
            (
                select bool_or(is_selected) from case_selection
                where case_selection.run_id = main.run_id and case_selection.case_ref = main.case_ref
            )
        from snapshot_main as main
        where main.case_ref = ?
        """,
        [case_ref],
    ).fetchall()
    held = {row[0]: row[1:] for row in rows}
    return [InRun(run, *held[run.run_id]) for run in runs(store, la_code) if run.run_id in held]


@router.get("/cases/{la_code}/{case_ref}")
def one_case(request: Request, la_code: str, case_ref: str) -> Response:
    """The case as the newest run that knows it recorded it."""
    site, store_file = site_of(request), store_of(request)
    with store_file.reading() as store:
        history = history_of(store, la_code, case_ref)
        if not history:
            raise nothing("case")
        run = history[0].run
        found = site.findings.of(store, run)
        state = state_of(store, run)
        known = store.connection.execute(
            "select local_ref, officer, team from snapshot_main where run_id = ? and case_ref = ?",
            [run.run_id, case_ref],
        ).fetchone()
    with (
        store_file.alone(),
        open_quarter(store_file.path, la_code, run.quarter, cases=[case_ref]) as opened,
        edition(opened.connection, RECORDED),
    ):
        story = tell(opened.connection, [case_ref])
    local_ref, officer, team = known or (None, None, None)
    lines = list(found.rows.filter(pl.col("case_ref") == case_ref).iter_rows(named=True))
    return answer(
        request,
        "case.html",
        la_code=la_code,
        authority=authority_name(la_code),
        case_ref=case_ref,
        local_ref=local_ref,
        officer=officer,
        team=team,
        run=run,
        state=state,
        history=history,
        lines=[line for line in lines if line["state"] != RESOLVED],
        resolved=[line for line in lines if line["state"] == RESOLVED],
        stage=next(iter(story.stages["words"]), None),
        events=story.events.select("event_date", "words", "detail").rows(),
        members=story.members.select("words", "age").rows(),
        last_day=run.quarter.last_day,
        **words_of_lines(),
    )
