"""The pages of runs: all of them, those of one quarter, and one run with its ledger in words."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines.emit.pages.findings.history import history
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.run.life import sentences
from pipelines.serve.answering import answer, nothing, path_of, store_of
from pipelines.serve.reading import RunRow, ledger_of, run_of, runs
from pipelines.serve.told import blocks_of, by_rule, signed, state_of
from pipelines.state import RunState
from pipelines.warehouse import sign_offs
from pipelines.warehouse.life import counts_by_run
from pipelines.warehouse.store import Warehouse

router = APIRouter()


@dataclass(frozen=True)
class OfQuarter:
    """The runs of one authority for one quarter, and what the newest of them has come to."""

    newest: RunRow
    state: RunState
    runs: tuple[RunRow, ...]

    @property
    def quarter(self) -> Quarter:
        """The quarter."""
        return self.newest.quarter


def quarters_of(store: Warehouse, found: list[RunRow]) -> list[OfQuarter]:
    """One entry per quarter, the newest first; ``found`` are runs of one authority, the newest first."""
    parts: dict[Quarter, list[RunRow]] = {}
    for run in found:
        parts.setdefault(run.quarter, []).append(run)
    return [
        OfQuarter(part[0], state_of(store, part[0]), tuple(part)) for _, part in sorted(parts.items(), reverse=True)
    ]


@router.get("/")
def home(request: Request) -> Response:
    """Every authority with its quarters: can each be submitted, and if not what blocks it."""
    with store_of(request).reading() as store:
        by_authority: dict[str, list[RunRow]] = {}
        for run in runs(store):
            by_authority.setdefault(run.authority, []).append(run)
        listed = [(name, quarters_of(store, found)) for name, found in sorted(by_authority.items())]
    return answer(request, "home.html", authorities=listed, path_of=path_of)


@router.get("/quarters/{la_code}/{quarter}")
def quarter_page(request: Request, la_code: str, quarter: str) -> Response:
    """One quarter: its runs, the newest first."""
    try:
        asked = Quarter.parse(quarter)
    except UsageError:
        raise nothing("quarter") from None
    with store_of(request).reading() as store:
        found = [run for run in runs(store, la_code) if run.quarter == asked]
        if not found:
            raise nothing("quarter")
        told = [(run, state_of(store, run)) for run in found]
    return answer(request, "quarter.html", newest=found[0], told=told, path_of=path_of)


@router.get("/runs/{run_id}")
def run_page(request: Request, run_id: str) -> Response:
    """One run: what it has come to, what it found, and its ledger in words."""
    with store_of(request).reading() as store:
        run = run_of(store, run_id)
        if run is None:
            raise nothing("run")
        ledger = ledger_of(store, run_id)
        counts = counts_by_run(store.connection, run.la_code).filter(pl.col("as_at") <= run.as_at)
        said = [one for one in sign_offs.states(store.connection, run.la_code, run.quarter) if one.run_id == run_id]
        state = state_of(store, run)
    lived = ledger.get("findings", {}).get("life")
    return answer(
        request,
        "run.html",
        history=history(counts),
        lived=[sentence.strip() for sentence in sentences(lived, run.as_at)] if lived else [],
        run=run,
        state=state,
        rules=by_rule(ledger),
        blocks=[*signed(said), *blocks_of(ledger)],
        path_of=path_of,
    )
