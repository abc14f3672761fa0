"""``hclic forget``: one case goes, where the law allows it."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from pipelines.errors import UsageError
from pipelines.keeping.due import Known, known_cases
from pipelines.keeping.named import case_named
from pipelines.keeping.purge import Asked, Purged, held, take_out
from pipelines.warehouse.store import Warehouse

LAW = (
    "The right to erasure does not hold where processing is necessary to comply with a legal obligation, or for a task"
    " in the public interest or in the exercise of official authority (UK GDPR, Article 17(3)(b))."
)


def forget(asked: Asked, reference: str, *, is_decided: bool = False) -> Purged:
    """Take one case out of the warehouse and the output folders, as a purge does.

    Args:
        asked: where it is held; ``asked.reason`` says why it goes.
        reference: of the case, of either kind.
        is_decided: the data protection officer has decided that it goes although the case is open, or stands in a
            return within the time for which the authority keeps cases.

    Raises:
        UsageError: the law does not ask for it, as far as can be told here; or no reason is given.
        InputError: there is no such case.
        OutputError: a value was still found in the new warehouse: nothing was changed there.
        HeldError: a run, or another program, still held the warehouse.
    """
    if not (asked.reason or "").strip():
        raise UsageError("--why is needed: on what grounds the case is to be forgotten.")
    with held(asked):
        with Warehouse(asked.warehouse) as store:
            case_ref = case_named(store, asked.la_code, reference)
            known = known_cases(store, asked.la_code)
            is_returned = _is_in_a_return(store.connection, case_ref)
        rows = known.cases.filter(known.cases["case_ref"] == case_ref)
        is_over, last_day = (rows["is_over"][0], rows["last_day"][0]) if rows.height else (False, None)
        if not is_decided:
            _check_may_go(known, is_over=bool(is_over), last_day=last_day, is_returned=is_returned)
        marked_before = max(last_day or known.as_at, known.as_at if not is_over else date.min) + timedelta(days=1)
        # The quarter in hand goes on without the case: its return is made again, and says that it was left out.
        return take_out(asked, known, [case_ref], min(marked_before, known.quarter.first_day), marked_before)


def _is_in_a_return(con: duckdb.DuckDBPyConnection, case_ref: str) -> bool:
    row = con.execute(
        "select exists (from history.case_selection where case_ref = ? and is_selected)", [case_ref]
    ).fetchone()
    return bool(row and row[0])


def _check_may_go(known: Known, *, is_over: bool, last_day: date | None, is_returned: bool) -> None:
    decided = "If your data protection officer has decided otherwise, add --decided and say so in --why."
    if not is_over:
        raise UsageError(
            f"The case is not over: a duty, placement or review is open, or its end is unknown. {LAW} {decided}"
        )
    years = known.settings.retention_years
    if is_returned and (not years or last_day is None or last_day >= known.keeps_from(years)):
        kept = (
            f"within the {years} years for which your authority keeps cases (retention_years)"
            if years
            else "and your authority has set no time after which cases are not kept (retention_years)"
        )
        raise UsageError(f"The case stands in a return, {kept}. {LAW} {decided}")
