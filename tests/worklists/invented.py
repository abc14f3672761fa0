"""Worklists of invented cases, with hostile names of teams and officers, for tests of what is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.state import BLOCKED, RunState
from pipelines.transform import RECORDED, build_facts, load_sections, prepare
from pipelines.worklists import Worklist, worklists
from pipelines.worklists.about import About
from pipelines.worklists.write import write_worklists
from tests.dashboard.pages import QUARTER, cases
from tests.transform.warehouse import LA, RUN, in_memory

MADE = datetime(2025, 10, 14, 9, 30, tzinfo=UTC)


def invented() -> tuple[Worklist, ...]:
    """The lists of 300 invented cases, as at the quarter's last day."""
    with in_memory() as con:
        load_sections(con, cases(300))
        prepare(con, run_id=RUN, la_code=LA, quarter=QUARTER, as_at=QUARTER.last_day)
        build_facts(con, RECORDED)
        return worklists(con, seed=41)


def about(made: datetime = MADE) -> About:
    """Of a blocked run."""
    return About(
        authority=LA,
        quarter=QUARTER,
        day=QUARTER.last_day,
        state=RunState(BLOCKED, blocking=3),
        software_version="0.0",
        made=made,
        notes=("The households are invented.",),
    )


def write(folder: Path, *, most: int = 15) -> list[Path]:
    """Both files of the invented lists, with so many rows of each."""
    return write_worklists([replace(one, rows=one.rows.head(most)) for one in invented()], folder, about())
