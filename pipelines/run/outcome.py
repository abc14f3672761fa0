"""How a run can end, and how this one did."""

from __future__ import annotations

from pipelines.run.database import RunDatabase
from pipelines.run.request import Request
from pipelines.state import BLOCKED, CLEAN, DRAFT, FAILED, NO_RETURN, RunState

EXIT = {CLEAN: 0, BLOCKED: 1, FAILED: 4}
"""Exit status by result (design §7)."""

_BLOCKING = "select count(*) from main.findings where severity = 'error' and in_return is distinct from 'no'"
_NOT_RUN = "select count(*) from main.rule_states where status = 'not run'"


def count_blocking(database: RunDatabase) -> int:
    """Error findings that block the return: all but those on cases that are not in it."""
    return database.count(_BLOCKING)


def is_blocked(database: RunDatabase) -> bool:
    """Whether findings keep the return from being written; validation and selection are done."""
    return bool(count_blocking(database) or database.count(_NOT_RUN))


def result_of(database: RunDatabase) -> str:
    """``clean``, ``blocked`` or ``failed``; the return is written."""
    if is_blocked(database):
        return BLOCKED
    return FAILED if database.get("return_problems") else CLEAN


def state_of(database: RunDatabase, request: Request) -> RunState:
    """How the run stands; the return is written, where one was asked for, and nobody has said anything of it yet."""
    sign_off = NO_RETURN if request.only else DRAFT
    return RunState(result_of(database), count_blocking(database), database.count(_NOT_RUN), sign_off)
