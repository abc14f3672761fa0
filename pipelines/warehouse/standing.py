"""How a run of the warehouse stands: how it ended, and what people have said of its return since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipelines.state import CLEAN, DRAFT, NO_RETURN, RunState, state_in
from pipelines.warehouse import sign_offs
from pipelines.warehouse.store import StoredRun, Warehouse


def state_of_run(store: Warehouse, run: StoredRun) -> RunState:
    """How the run stands today, for the head of every page that is made of it.

    One of which only the result is known says no more than that; one that was made for another quarter than the page is
    about says nothing of sign-off.
    """
    con, ledger = store.connection, store.ledger_of(run.run_id)
    if not ledger:
        found = con.execute("select result from runs where run_id = ?", [run.run_id]).fetchone()
        return RunState(found[0] if found else None)
    state = state_in(ledger)
    if state.result != CLEAN or not run.exact:
        return state
    standing = sign_offs.standing_run(con, run.la_code, run.quarter)
    state = replace(state, is_beside_another=standing is not None and standing != run.run_id)
    if state.sign_off == NO_RETURN:
        return state
    said = sign_offs.state_of_run(con, run.la_code, run.quarter, run.run_id)
    if said is None:
        return replace(state, sign_off=DRAFT)
    return replace(state, sign_off=said.state, signed_on=date.fromisoformat(said.said_at[:10]))
