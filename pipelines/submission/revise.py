"""The corrected return of a quarter: asked for as the last run of the quarter was, with what changed alone named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter, in_words
from pipelines.place import Place, of_authority
from pipelines.private import private_folder
from pipelines.run import storing
from pipelines.run.given import files_given
from pipelines.run.request import Request
from pipelines.run.summary import ledger_in
from pipelines.settings import Settings, read_settings
from pipelines.submission.compare import compare, write
from pipelines.submission.compare.words import compared_words
from pipelines.warehouse import chain, requests
from pipelines.warehouse.places import beside
from pipelines.warehouse.quarter import run_of
from pipelines.warehouse.sign_offs import signed_runs
from pipelines.warehouse.store import Warehouse

_NOT_AGAIN = ("as_at", "notes", "alerts", "wait", "revision", "note", "until_signed_off")
"""Options that hold for one run only."""


CHANGES = "changes"
"""Folder in the outputs of a revision that says what changed against the return which was signed off."""


@dataclass(frozen=True)
class Planned:
    """The run that corrects a quarter."""

    request: Request
    remembered: str
    """Id of the run whose options are taken."""
    corrects: str | None
    """Id of the run whose return was signed off; None while none was: then the run is an ordinary one."""
    settings: Settings

    def sentences(self) -> list[str]:
        """What the user is to know before it runs."""
        said = [f"Options are those of run {self.remembered}, but for what you gave."]
        if self.corrects is None:
            said.append(
                f"The return of {self.request.quarter.words} has not been signed off: this is an ordinary run, in the"
                " folder of the quarter."
            )
        if isinstance(self.request.export, Path):
            said.append(f"Export {self.request.export.name}, as at {in_words(self.request.day)}.")
        return said


def plan(
    warehouse: Place, quarter: Quarter, given: Mapping[str, Any], *, authority: str | None, why: str, started: datetime
) -> Planned:
    """What ``hclic revise`` runs.

    The settings are those of the last run too, unless a file of settings is given. The day of the export is the day of
    ``started``, unless it is given; that of the last run where the export is still the same bytes.

    Args:
        warehouse: a file, or a DuckLake.
        quarter: the quarter to correct.
        given: value by option, as typed; without a value, what the last run was given holds.
        authority: by default the only one of the warehouse.
        why: the reason.
        started: when, from the edge.

    Raises:
        UsageError: there is no reason, or an option is not understood.
        InputError: the warehouse holds no run of the quarter with its options.
    """
    if not why.strip():
        raise UsageError("--why is needed: what the revision corrects stands in the ledger.")
    with storing.open_store(of_authority(warehouse, authority), to_look=True) as store:
        code = authority or store.only_authority()
        run_id, typed = _last(store, code, quarter)
        signed = signed_runs(store.connection, code, quarter)
        ledger = store.ledger_of(run_id) or {}
        settings = store.settings_of(run_id)
    options = {name: value for name, value in typed.items() if name not in _NOT_AGAIN}
    options |= {name: value for name, value in given.items() if value is not None}
    options |= {"quarter": str(quarter), "authority": code, "warehouse": str(warehouse)}
    if signed:
        options["revision"] = why
    if file := given.get("settings_file"):
        settings = read_settings(Path(file))
    request = Request.read(options, started=started, settings=settings)
    if request.as_at is None:
        request = replace(request, as_at=_day(request, ledger))
    return Planned(request, run_id, signed[-1] if signed else None, settings)


def _last(store: Warehouse, authority: str, quarter: Quarter) -> tuple[str, dict[str, Any]]:
    """The quarter's newest run of which the options were kept, and its options."""
    rows = store.connection.execute(
        f"select run_id from runs where la_code = ? and quarter = ? and {requests.IS_WHOLE} order by run_order desc",
        [authority, str(quarter)],
    ).fetchall()
    for (run_id,) in rows:
        if typed := requests.read(store.connection, run_id):
            return run_id, typed
    if rows:
        raise InputError(
            f"The runs of {quarter.words} were made before their options were kept. Make the revision with: hclic run"
            " EXPORT … --revision REASON."
        )
    raise InputError(f"The warehouse holds no run of {authority} for {quarter.words}: make one with hclic run.")


def _day(request: Request, ledger: Mapping[str, Any]) -> Any:
    """The day of the export, where none is given."""
    today = request.started.date()
    if not isinstance(request.export, Path):
        return today
    then = sorted({item["sha256"] for item in ledger.get("inputs", ())})
    now = sorted({file.digest.sha256 for file in files_given(request.export, request.source)})
    # The same bytes were not taken again: with another day they would look old.
    return type(today).fromisoformat(str(ledger["as_at"])) if now == then else today


def record(planned: Planned, why: str, by: str) -> None:
    """Write into the ledger that a revision was begun, by whom and why."""
    request = planned.request
    if planned.corrects is None:
        return
    with storing.open_store(request.store, request.patience) as store, store.transaction():
        chain.append(
            store.connection,
            "revised",
            la_code=request.authority,
            at=request.started,
            facts={
                "quarter": str(request.quarter),
                "revision": len(signed_runs(store.connection, request.authority, request.quarter)),
                "corrects": planned.corrects,
            },
            run_id=planned.corrects,
            said_by=by,
            said={"why": why},
        )


def what_changed(planned: Planned, folder: Path) -> str:
    """Lay the return in ``folder`` beside the one that was signed off, and write what changed into ``changes`` there.

    Returns:
        what changed, for the screen.

    Raises:
        InputError: one of the two cannot be made again.
        UsageError: the folder cannot be written.
    """
    assert planned.corrects is not None
    store_file, newest = planned.request.store, str(ledger_in(folder)["run_id"])
    with (
        storing.open_store(store_file, planned.request.patience, to_look=True) as store,
        private_folder(beside(store_file)) as work,
    ):
        found = compare(store, run_of(store, planned.corrects), run_of(store, newest), work)
    write(found, folder / CHANGES)
    return f"{compared_words(found)}\n\nWritten   {folder / CHANGES}"
